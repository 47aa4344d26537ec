// RUN: tile-opt %s -split-input-file -verify-diagnostics
// RUN: not tile-opt %s -split-input-file 2>&1 | FileCheck %s

// The library's sentences. FileCheck compares the columns: an error in the text is found inside of the quotes.

// CHECK: :[[@LINE+2]]:65: error: expected a number at column 1 of '', found the end
// expected-error @below {{expected a number at column 1 of '', found the end}}
func.func private @empty() attributes {test.a = #layout.layout<"">}

// -----

// CHECK: :[[@LINE+2]]:78: error: expected a number at column 10 of '(4,8):(1,x)', found 'x)'
// expected-error @below {{expected a number at column 10 of '(4,8):(1,x)', found 'x)'}}
func.func private @no_number() attributes {test.a = #layout.layout<"(4,8):(1,x)">}

// -----

// CHECK: :[[@LINE+2]]:73: error: shape and stride differ in their nesting: (4,8) and (1)
// expected-error @below {{shape and stride differ in their nesting: (4,8) and (1)}}
func.func private @not_congruent() attributes {test.a = #layout.layout<"(4,8):(1)">}

// -----

// CHECK: :[[@LINE+2]]:70: error: Sw<3,3,2> is no swizzle: the bits overlap with those that they are combined with
// expected-error @below {{Sw<3,3,2> is no swizzle: the bits overlap with those that they are combined with}}
func.func private @no_swizzle() attributes {test.a = #layout.layout<"Sw<3,3,2> o 0 o 8:1">}

// -----

// CHECK: :[[@LINE+2]]:67: error: the stride 1@0 of (8,8):(1@0,1@1) is a coordinate, which is no index for the outer function
// expected-error @below {{the stride 1@0 of (8,8):(1@0,1@1) is a coordinate, which is no index for the outer function}}
func.func private @layout_c1() attributes {test.a = #layout.layout<"Sw<3,3,3> o 0 o (8,8):(1@0,1@1)">}

// -----

// CHECK: :[[@LINE+2]]:68: error: expected string
// expected-error @below {{expected string}}
func.func private @no_string() attributes {test.a = #layout.layout<(4,8):(1,4)>}

// -----

// CHECK: :[[@LINE+2]]:95: error: expected a number at column 10 of '(4,8):(1,x)', found 'x)'
// expected-error @below {{expected a number at column 10 of '(4,8):(1,x)', found 'x)'}}
func.func private @distributed_no_number() attributes {test.a = #layout.distributed<"(4,8):(1,x)">}

// -----

// CHECK: :[[@LINE+2]]:86: error: a distributed layout has the modes (register, lane, warp, block), of which the last two may be left out; 8:1 has 1
// expected-error @below {{a distributed layout has the modes (register, lane, warp, block), of which the last two may be left out; 8:1 has 1}}
func.func private @distributed_c1_one_mode() attributes {test.a = #layout.distributed<"8:1">}

// -----

// CHECK: :[[@LINE+2]]:88: error: a distributed layout has the modes (register, lane, warp, block), of which the last two may be left out; (2,2,2,2,2):(1,2,4,8,16) has 5
// expected-error @below {{a distributed layout has the modes (register, lane, warp, block), of which the last two may be left out; (2,2,2,2,2):(1,2,4,8,16) has 5}}
func.func private @distributed_c1_five_modes() attributes {test.a = #layout.distributed<"(2,2,2,2,2):(1,2,4,8,16)">}

// -----

// CHECK: :[[@LINE+2]]:83: error: the value ^1 of (4,8):(^1,^4) is no coordinate of a tile
// expected-error @below {{the value ^1 of (4,8):(^1,^4) is no coordinate of a tile}}
func.func private @distributed_c1_masks() attributes {test.a = #layout.distributed<"(4,8):(^1,^4)">}

// -----

// CHECK: :[[@LINE+2]]:84: error: the value 1@0@0 of (4,8):(1@0@0,1@1) is nested, and a tile's coordinates are not
// expected-error @below {{the value 1@0@0 of (4,8):(1@0@0,1@1) is nested, and a tile's coordinates are not}}
func.func private @distributed_c1_nested() attributes {test.a = #layout.distributed<"(4,8):(1@0@0,1@1)">}

// -----

// CHECK: :[[@LINE+2]]:86: error: the value -1@0 of (4,8):(-1@0,1@1) lies outside of the tile
// expected-error @below {{the value -1@0 of (4,8):(-1@0,1@1) lies outside of the tile}}
func.func private @distributed_c1_negative() attributes {test.a = #layout.distributed<"(4,8):(-1@0,1@1)">}

// -----

// CHECK: :[[@LINE+2]]:83: error: (4,8):(1,1@1) maps to integers and to coordinates of several dims
// expected-error @below {{(4,8):(1,1@1) maps to integers and to coordinates of several dims}}
func.func private @distributed_c1_mixed() attributes {test.a = #layout.distributed<"(4,8):(1,1@1)">}

// -----

// CHECK: :[[@LINE+2]]:77: error: (4,8):(2@0,1@1) spans a tile of shape (7,8), of which no register holds the element (1,0)
// expected-error @below {{(4,8):(2@0,1@1) spans a tile of shape (7,8), of which no register holds the element (1,0)}}
func.func private @distributed_c2() attributes {test.a = #layout.distributed<"(4,8):(2@0,1@1)">}

// -----

// CHECK: :[[@LINE+2]]:84: error: (8192,8192):(1@0,1@1) has more than 2^24 values
// expected-error @below {{(8192,8192):(1@0,1@1) has more than 2^24 values}}
func.func private @distributed_too_large() attributes {test.a = #layout.distributed<"(8192,8192):(1@0,1@1)">}

// -----

// CHECK: :[[@LINE+2]]:89: error: the layout distributes a tile of shape (4,8), the tensor has shape (8,4)
// expected-error @below {{the layout distributes a tile of shape (4,8), the tensor has shape (8,4)}}
func.func private @distributed_c3(tensor<8x4xf32, #layout.distributed<"(4,8):(1@0,1@1)">>)

// -----

// CHECK: :[[@LINE+2]]:97: error: the layout distributes a tile of shape (4,8), the tensor has shape (?,8)
// expected-error @below {{the layout distributes a tile of shape (4,8), the tensor has shape (?,8)}}
func.func private @distributed_c3_dynamic(tensor<?x8xf32, #layout.distributed<"(4,8):(1@0,1@1)">>)

// -----

// CHECK: :[[@LINE+2]]:93: error: the layout distributes a tile of shape (4,8), the tensor has shape (32)
// expected-error @below {{the layout distributes a tile of shape (4,8), the tensor has shape (32)}}
func.func private @distributed_c3_rank(tensor<32xf32, #layout.distributed<"(4,8):(1@0,1@1)">>)
