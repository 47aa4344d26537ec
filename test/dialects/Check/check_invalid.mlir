// RUN: tile-opt %s -split-input-file -verify-diagnostics

tile.kernel @expect_true_c1() {
  %x = arith.constant dense<true> : tensor<4xi1>
  // expected-error @below {{'check.expect_true' op has 0 ranges for 1 dims of the condition}}
  check.expect_true %x : tensor<4xi1>
  tile.return
}

// -----

tile.kernel @expect_true_of_integers() {
  %x = arith.constant 1 : i32
  // expected-error @below {{'check.expect_true' op operand #0 must be 1-bit signless integer or tensor of 1-bit signless integer}}
  check.expect_true %x : i32
  tile.return
}

// -----

tile.kernel @expect_eq_c1() {
  %x = arith.constant 1 : i32
  %y = arith.constant 1 : i64
  // expected-error @below {{'check.expect_eq' op failed to verify that all of {actual, expected} have same type}}
  "check.expect_eq"(%x, %y) : (i32, i64) -> ()
  tile.return
}

// -----

tile.kernel @expect_eq_c2() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<1> : tensor<4xi32>
  // expected-error @below {{'check.expect_eq' op has a range '!tile.range<2>' for dim 0 of the values, which has size 4}}
  check.expect_eq %x, %x over (%i : !tile.range<2>) : tensor<4xi32>
  tile.return
}

// -----

tile.kernel @expect_eq_const_c1() {
  %x = arith.constant 1 : i32
  // expected-error @below {{'check.expect_eq_const' op has a value of type 'i32' but expects a constant of type 'i64'}}
  check.expect_eq_const %x, 1 : i64 : i32
  tile.return
}

// -----

tile.kernel @expect_eq_const_c1_rank() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<1> : tensor<2xi32>
  // expected-error @below {{'check.expect_eq_const' op has a value of type 'tensor<2xi32>' but expects a constant of type 'tensor<2x1xi32>'}}
  check.expect_eq_const %x, dense<1> : tensor<2x1xi32> over (%i : !tile.range<2>) : tensor<2xi32>
  tile.return
}

// -----

tile.kernel @expect_eq_const_c1_vector() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<1> : tensor<2xi32>
  // expected-error @below {{'check.expect_eq_const' op expects a constant of type 'vector<2xi32>', which is no tensor}}
  check.expect_eq_const %x, dense<1> : vector<2xi32> over (%i : !tile.range<2>) : tensor<2xi32>
  tile.return
}

// -----

tile.kernel @expect_eq_const_c1_sparse() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<1> : tensor<2xi32>
  // expected-error @below {{which is no number and no dense constant}}
  check.expect_eq_const %x, sparse<0, 1> : tensor<2xi32> over (%i : !tile.range<2>) : tensor<2xi32>
  tile.return
}

// -----

tile.kernel @expect_eq_const_c2() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<1> : tensor<2xi32>
  // expected-error @below {{'check.expect_eq_const' op expects 3 elements in a dim of 2}}
  check.expect_eq_const %x, dense<1> : tensor<3xi32> over (%i : !tile.range<2>) : tensor<2xi32>
  tile.return
}

// -----

tile.kernel @expect_eq_const_c3() {
  %x = arith.constant dense<1> : tensor<2xi32>
  // expected-error @below {{'check.expect_eq_const' op has 0 ranges for 1 dims of the value}}
  check.expect_eq_const %x, dense<1> : tensor<2xi32> : tensor<2xi32>
  tile.return
}

// -----

tile.kernel @expect_almost_eq_c1() {
  %x = arith.constant 1.0 : f32
  %y = arith.constant 1.0 : f64
  // expected-error @below {{'check.expect_almost_eq' op failed to verify that all of {actual, expected} have same type}}
  "check.expect_almost_eq"(%x, %y) {ulp = 1 : i64} : (f32, f64) -> ()
  tile.return
}

// -----

tile.kernel @expect_almost_eq_c2() {
  %x = arith.constant dense<1.0> : tensor<2xf32>
  // expected-error @below {{'check.expect_almost_eq' op has 0 ranges for 1 dims of the values}}
  check.expect_almost_eq %x, %x ulp 1 : tensor<2xf32>
  tile.return
}

// -----

tile.kernel @expect_almost_eq_c3() {
  %x = arith.constant 1.0 : f32
  // expected-error @below {{'check.expect_almost_eq' op needs one of 'ulp', 'abs' and 'rel'}}
  check.expect_almost_eq %x, %x : f32
  tile.return
}

// -----

tile.kernel @expect_almost_eq_c3_negative() {
  %x = arith.constant 1.0 : f32
  // expected-error @below {{'check.expect_almost_eq' op has a distance of -1 ulp}}
  check.expect_almost_eq %x, %x ulp -1 : f32
  tile.return
}

// -----

tile.kernel @expect_almost_eq_c3_nan() {
  %x = arith.constant 1.0 : f32
  // expected-error @below {{'check.expect_almost_eq' op has a distance of}}
  check.expect_almost_eq %x, %x abs 0x7FF8000000000000 : f32
  tile.return
}

// -----

tile.kernel @expect_almost_eq_of_integers() {
  %x = arith.constant 1 : i32
  // expected-error @below {{'check.expect_almost_eq' op operand #0 must be float or tile of floats}}
  check.expect_almost_eq %x, %x ulp 1 : i32
  tile.return
}

// -----

tile.kernel @expect_almost_eq_const_c1() {
  %x = arith.constant 1.0 : f32
  // expected-error @below {{'check.expect_almost_eq_const' op has a value of type 'f32' but expects a constant of type 'i32'}}
  check.expect_almost_eq_const %x, 1 : i32 ulp 1 : f32
  tile.return
}

// -----

tile.kernel @expect_almost_eq_const_c2() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<1.0> : tensor<2xf32>
  // expected-error @below {{'check.expect_almost_eq_const' op expects 3 elements in a dim of 2}}
  check.expect_almost_eq_const %x, dense<1.0> : tensor<3xf32> ulp 1 over (%i : !tile.range<2>) : tensor<2xf32>
  tile.return
}

// -----

tile.kernel @expect_almost_eq_const_c3() {
  %x = arith.constant dense<1.0> : tensor<2xf32>
  // expected-error @below {{'check.expect_almost_eq_const' op has 0 ranges for 1 dims of the value}}
  check.expect_almost_eq_const %x, dense<1.0> : tensor<2xf32> ulp 1 : tensor<2xf32>
  tile.return
}

// -----

tile.kernel @expect_almost_eq_const_c4() {
  %x = arith.constant 1.0 : f32
  // expected-error @below {{'check.expect_almost_eq_const' op needs one of 'ulp', 'abs' and 'rel'}}
  check.expect_almost_eq_const %x, 1.0 : f32 : f32
  tile.return
}
