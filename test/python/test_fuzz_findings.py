#===- test_fuzz_findings.py - what random programs have found --------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The small programs that were left of the findings of scripts/fuzz_programs.py, with what they mean."""

import numpy as np
import pytest

from tilec_testing import EXECUTORS, NUMPY, Case, array

X = array("f32", range(1, 6))
ROWS = array("f32", range(-9, 10))


def cases():
    # A copy of an infinity is an infinity, and so are its bits; only conversions saturate.
    bits = np.array([0x7C, 0xFC, 0x7B, 0x00, 0x80, 0x7F], np.uint8).view(NUMPY["f8e5m2"])
    yield Case("copies_of_f8_infinities", """
kernel k(A: f8e5m2[N], U: u8[N]) -> (C: f8e5m2[N], B: u8[N], F: f8e5m2[N], P: f8e5m2[N], S: f8e5m2[N]) {
  for i in tiles(N) {
    let a = A[i]
    C[i] = a
    B[i] = bitcast(where(isnan(a), 0.0, a), u8)
    F[i] = bitcast(U[i], f8e5m2)
    P[i] = load(A[i + 3], pad=-inf)
    S[i] = (a as f32) as f8e5m2
  }
}
""", {"C": bits, "F": bits, "B": np.array([0x7C, 0xFC, 0x7B, 0x00, 0x80, 0x00], np.uint8),
      "P": np.array([0x00, 0x80, 0x7F, 0xFC, 0xFC, 0xFC], np.uint8).view(NUMPY["f8e5m2"]),
      "S": np.array([0x7B, 0xFB, 0x7B, 0x00, 0x80, 0x7F], np.uint8).view(NUMPY["f8e5m2"])}, ins={"A": bits, "U": bits.view(np.uint8)}, config={"i": 4})
    # The config may name what a condition over dims at hand leaves out, and so may a const parameter.
    yield Case("config_of_what_is_left_out", """
kernel k(X: f32[N], const deep: bool) -> Y: f32[N] {
  for i in tiles(N) {
    var x = X[i] + sum(X[:], axis=0)
    if deep {
      for k in tiles(N) { x += sum(X[k], axis=0) }
    }
    Y[i] = x
  }
  if N > 100 {
    for j in tiles(N) { Y[j] = 0.0 }
  }
}
""", {"Y": X + 15}, ins={"X": X}, consts={"deep": False}, config={"i": 2, "j": 3, "k": 4})
    # Rows whose elements are all one value are sorted and transposed as others are.
    yield Case("rows_of_one_value", """
kernel k(X: f32[R], x: f32) -> (S: f32[R, N], P: i32[R, N], T: f32[R, 2], Q: i32[R, 2], D: f32[N, R], E: f16[N, R]) {
  for i in tiles(R) {
    let (s, p) = sort(broadcast(X[i][:, None], i, N), axis=1)
    S[i, :] = s
    P[i, :] = p
    let (t, q) = topk(full(f32, x, i, N), 2, axis=1)
    T[i, :] = t
    Q[i, :] = q
  }
  for i, j in tiles(R, N) {
    D[j, i] = full(f32, x, i, j).T
    E[j, i] = (broadcast(X[i][:, None], i, j) * 2.0).T as f16
  }
}
""", {"S": np.repeat(ROWS[:, None], 21, axis=1), "P": np.tile(np.arange(21, dtype=np.int32), (19, 1)),
      "T": np.full((19, 2), 0.5, np.float32), "Q": np.tile(np.arange(2, dtype=np.int32), (19, 1)),
      "D": np.full((21, 19), 0.5, np.float32), "E": array("f16", np.tile(2 * ROWS, (21, 1)))},
               ins={"X": ROWS}, scalars={"x": 0.5}, dims={"N": 21})


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_findings(case, executor, tmp_path):
    case.check(executor, tmp_path)


# What NumPy 2 prints for the same elements.
PRINTED = {
    "a tie of f16 is the even number": ("f16", [4848], "[4.85e+03]"),
    "digits that align are the element's own": ("f32", [1e-45, 12345678], "[1.4012985e-45 1.2345678e+07]"),
    "exponents are aligned": ("f64", [4.6e-285, 1], "[4.6e-285 1.0e+000]"),
    "digits that are rounded away take no room": ("f64", [1 + 2**-52, 0.5], "[1.  0.5]"),
    "nor do exponents": ("f64", [9.9999999999999999e99, 1 + 2**-52], "[1.e+100 1.e+000]"),
}


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("name", PRINTED)
def test_printed(name, executor, tmp_path):
    element, values, text = PRINTED[name]
    values = array(element, values)
    assert str(values) == text
    source = f"kernel k(X: {element}[N]) {{\n  for r in range(1) {{ print(\"{{}}\", X[:]) }}\n}}\n"
    result = Case("printed", source, {}, ins={"X": values}).run(executor, tmp_path)
    assert result.stdout == text + "\n"
