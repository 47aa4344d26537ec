// RUN: tile-opt %s | FileCheck %s
// RUN: tile-opt %s | tile-opt | FileCheck %s
// RUN: tile-opt %s -mlir-print-op-generic | tile-opt | FileCheck %s

// The attributes print the library's text: what was written otherwise comes back in its form.

// CHECK-LABEL: @layouts
// CHECK-SAME: column_major = #layout.layout<"(4,8):(1,4)">
// CHECK-SAME: composed = #layout.layout<"4:2 o 3 o 8:1">
// CHECK-SAME: coordinates = #layout.layout<"(4,8):(1@0,1@1)">
// CHECK-SAME: masks = #layout.layout<"(8,8):(^1,^9)">
// CHECK-SAME: offset = #layout.layout<"5 o 8:1">
// CHECK-SAME: same = #layout.layout<"(4,8):(1,4)">
// CHECK-SAME: swizzled = #layout.layout<"Sw<3,3,3> o 0 o (128,64):(64,1)">
module @layouts attributes {test.column_major = #layout.layout<"(4,8)">,
    test.same = #layout.layout<" (4, 8) : (1, 4)">,
    test.masks = #layout.layout<"(8,8):(^0x1,^0x9)">,
    test.coordinates = #layout.layout<"(4,8):(E<0>,E<1>)">,
    test.swizzled = #layout.layout<"S<3,3,3> o (128,64):(64,1)">,
    test.composed = #layout.layout<"4:2 o 3 o 8:1">,
    test.offset = #layout.layout<"5 o 8:1">} {

  // CHECK-LABEL: @encodings
  // CHECK-SAME: tensor<16x8xf32, #layout.distributed<"((2,2),(4,8)):((1@1,8@0),(2@1,1@0))">>
  // CHECK-SAME: tensor<64xf16, #layout.distributed<"(2,32):(1,2)">>
  // CHECK-SAME: tensor<8x4xi8, #layout.distributed<"(2,(4,8),2):(2@1,(0,1@0),1@1)">>
  func.func private @encodings(tensor<16x8xf32, #layout.distributed<"((2,2),(4,8)):((1@1,8@0),(2@1,1@0))">>,
                               tensor<64xf16, #layout.distributed<"(2,32):(1,2)">>,
                               tensor<8x4xi8, #layout.distributed<"(2,(4,8),2):(2@1,(0,1@0),1@1)">>)
}
