// RUN: tile-opt --tile-interpret %s -o /dev/null | FileCheck %s

// CHECK: roundeven [ 0.  2.  2. -2.]
// CHECK: floor [ 0.  1.  2. -3.]
// CHECK: ceil [ 1.  2.  3. -2.]
// CHECK: trunc [ 0.  1.  2. -2.]
tile.kernel @rounding() {
  %x = arith.constant dense<[0.5, 1.5, 2.5, -2.5]> : tensor<4xf32>
  %a = math.roundeven %x : tensor<4xf32>
  %b = math.floor %x : tensor<4xf32>
  %c = math.ceil %x : tensor<4xf32>
  %d = math.trunc %x : tensor<4xf32>
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %l = tile.range %c0 to %c4 size %c4 : !tile.range<4>
  tile.print "roundeven {}" (%a : tensor<4xf32>) over (%l : !tile.range<4>) types ["f32"]
  tile.print "floor {}" (%b : tensor<4xf32>) over (%l : !tile.range<4>) types ["f32"]
  tile.print "ceil {}" (%c : tensor<4xf32>) over (%l : !tile.range<4>) types ["f32"]
  tile.print "trunc {}" (%d : tensor<4xf32>) over (%l : !tile.range<4>) types ["f32"]
  tile.return
}

// Each is the f32 nearest to the true value, whose first digits are well known.
// CHECK: exp 2.7182817
// CHECK: exp2 1.4142135
// CHECK: expm1 1.0000005e-06
// CHECK: log 0.6931472
// CHECK: log2 3.0
// CHECK: log1p 9.999995e-07
// CHECK: sqrt 1.4142135
// CHECK: rsqrt 0.70710677
// CHECK: sin 0.84147096
// CHECK: cos 0.5403023
// CHECK: tan 1.5574077
// CHECK: tanh 0.7615942
// CHECK: erf 0.8427008
// CHECK: pow 8.0
// CHECK: fma -1e-10
tile.kernel @functions() {
  %1 = arith.constant 1.0 : f32
  %2 = arith.constant 2.0 : f32
  %3 = arith.constant 3.0 : f32
  %8 = arith.constant 8.0 : f32
  %half = arith.constant 0.5 : f32
  %tiny = arith.constant 1.0e-6 : f32
  %a = math.exp %1 : f32
  %b = math.exp2 %half : f32
  %c = math.expm1 %tiny : f32
  %d = math.log %2 : f32
  %e = math.log2 %8 : f32
  %f = math.log1p %tiny : f32
  %g = math.sqrt %2 : f32
  %h = math.rsqrt %2 : f32
  %i = math.sin %1 : f32
  %j = math.cos %1 : f32
  %k = math.tan %1 : f32
  %l = math.tanh %1 : f32
  %m = math.erf %1 : f32
  %n = math.powf %2, %3 : f32
  tile.print "exp {}" (%a : f32) types ["f32"]
  tile.print "exp2 {}" (%b : f32) types ["f32"]
  tile.print "expm1 {}" (%c : f32) types ["f32"]
  tile.print "log {}" (%d : f32) types ["f32"]
  tile.print "log2 {}" (%e : f32) types ["f32"]
  tile.print "log1p {}" (%f : f32) types ["f32"]
  tile.print "sqrt {}" (%g : f32) types ["f32"]
  tile.print "rsqrt {}" (%h : f32) types ["f32"]
  tile.print "sin {}" (%i : f32) types ["f32"]
  tile.print "cos {}" (%j : f32) types ["f32"]
  tile.print "tan {}" (%k : f32) types ["f32"]
  tile.print "tanh {}" (%l : f32) types ["f32"]
  tile.print "erf {}" (%m : f32) types ["f32"]
  tile.print "pow {}" (%n : f32) types ["f32"]
  // (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24, which a product rounded by itself would lose.
  %x = arith.constant 0x3F800800 : f32
  %y = arith.constant 0xBF801000 : f32
  %o = math.fma %x, %x, %y : f32
  %p = arith.constant 0x33800000 : f32
  %q = arith.constant -1.0e-10 : f32
  %r = arith.subf %o, %p : f32
  %s = arith.addf %r, %q : f32
  tile.print "fma {}" (%s : f32) types ["f32"]
  tile.return
}

// CHECK: True False False True
// CHECK: 5 3.5 243 -1 0
tile.kernel @others() {
  %nan = arith.constant 0x7FC00000 : f32
  %inf = arith.constant 0xFF800000 : f32
  %a = math.isnan %nan : f32
  %b = math.isnan %inf : f32
  %c = math.isinf %nan : f32
  %d = math.isinf %inf : f32
  tile.print "{} {} {} {}" (%a, %b, %c, %d : i1, i1, i1, i1) types ["bool", "bool", "bool", "bool"]
  %m5 = arith.constant -5 : i32
  %5 = arith.constant 5 : i32
  %3 = arith.constant 3 : i32
  %2 = arith.constant 2 : i32
  %m1 = arith.constant -1 : i32
  %x = arith.constant -3.5 : f32
  %e = math.absi %m5 : i32
  %f = math.absf %x : f32
  %g = math.ipowi %3, %5 : i32
  %h = math.ipowi %m1, %m5 : i32
  %i = math.ipowi %2, %m1 : i32
  tile.print "{} {} {} {} {}" (%e, %f, %g, %h, %i : i32, f32, i32, i32, i32) types ["i32", "f32", "i32", "i32", "i32"]
  tile.return
}
