#===- test_language_scans.py - scans of rows of all lengths on every instruction set ---------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Scans along rows, whose code takes vectors and then what is left: the oracle goes through a row element by element."""

from pathlib import Path

import numpy as np
import pytest

from tilec_testing import NUMPY, Case

ARCHS = ["x86-64-v3"] + (["x86-64-v4"] if "avx512bw" in Path("/proc/cpuinfo").read_text() else [])
LENGTHS = [1, 3, 8, 16, 17, 31, 100]

SCANS = """
kernel k(X: {t}[M, N], B: {t}[M, N]) -> (S: {total}[M, N], H: {t}[M, N], A: {t}[M, N], C: {t}[M, N]) {{
  for i in tiles(M) {{
    let x = X[i, :]
    S[i, :] = cumsum(x, axis=1)
    H[i, :] = cummax(x, axis=1)
    // The maps y => x * y + b, one after another: no commutative function.
    let (a, c) = scan((x, B[i, :]), axis=1, (l, r) => (l.0 * r.0, l.1 * r.0 + r.1))
    A[i, :] = a
    C[i, :] = c
  }}
}}
"""


def one_by_one(x, function):
    """The inclusive scan of each row, the earlier element on the left."""
    result = x.copy()
    for at in range(1, x.shape[1]):
        result[:, at] = function(result[:, at - 1], x[:, at])
    return result


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name, total", [("f32", "f32"), ("f16", "f16"), ("f64", "f64"), ("i8", "i32"), ("u16", "u32"),
                                         ("i64", "i64")])
def test_scans(name, total, length, arch, rng, tmp_path):
    # Small integers, so that every order of summation is exact; factors of 0, 1 and -1 keep the composed maps small.
    x = rng.integers(0 if name[0] == "u" else -1, 2, (5, length)).astype(NUMPY[name])
    b = rng.integers(0, 2, x.shape).astype(NUMPY[name])
    composed = b.copy()
    for at in range(1, length):
        composed[:, at] = composed[:, at - 1] * x[:, at] + b[:, at]
    Case("scans", SCANS.format(t=name, total=total), {
        "S": one_by_one(x.astype(NUMPY[total]), np.add), "H": one_by_one(x, np.maximum), "A": one_by_one(x, np.multiply),
        "C": composed}, ins={"X": x, "B": b}, options=(f"--arch={arch}",)).check("cpu", tmp_path)


@pytest.mark.parametrize("arch", ARCHS)
def test_special_values(arch, tmp_path):
    """A NaN at every place reaches all elements behind it and none before, in sums and in maxima; infinities likewise."""
    length = 37
    x = np.zeros((3 * length, length), np.float32)
    for at in range(length):
        x[at, at], x[length + at, at], x[2 * length + at, at] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        sums, highest = one_by_one(x, np.add), one_by_one(x, np.maximum)
    source = """kernel k(X: f32[M, N]) -> (S: f32[M, N], H: f32[M, N]) {
      for i in tiles(M) {
        let x = X[i, :]
        S[i, :] = cumsum(x, axis=1)
        H[i, :] = cummax(x, axis=1)
      }
    }"""
    Case("scans", source, {"S": sums, "H": highest}, ins={"X": x}, options=(f"--arch={arch}",)).check("cpu", tmp_path)
