#===- test_language_transpose.py - tiles whose dims are permuted, on every instruction set ---------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Stores of permuted tiles go by square blocks of 4, 8 or 16 elements: every size of elements, extents of less than a block, of
whole blocks, and others, alone and within tiles of a loop."""

from pathlib import Path

import numpy as np
import pytest

from numerics import random_bits
from tilec_testing import KERNELS, NUMPY, Case, assert_equal, run

ARCHS = ["x86-64-v3"] + (["x86-64-v4"] if "avx512bw" in Path("/proc/cpuinfo").read_text() else [])
ARCH = pytest.mark.parametrize("arch", ARCHS)
SHAPES = [(1, 40), (15, 17), (16, 32), (33, 70), (67, 300)]


@ARCH
@pytest.mark.parametrize("name", ["i8", "f16", "bf16", "f32", "i64", "f8e5m2"])
@pytest.mark.parametrize("shape", SHAPES)
def test_moves(shape, name, arch, rng, tmp_path):
    x = random_bits(rng, name, shape[0] * shape[1]).reshape(shape)
    result = run(KERNELS / "transpose.tile", "transpose", "cpu", ins={"A": x}, outs={"B": name}, types={"T": name},
                 options=(f"--arch={arch}",), directory=tmp_path)
    assert_equal("B", result.arrays["B"], x.T)


# Computed before and after, of two tiles, beside one that stays as it is.
MIXED = """
kernel k(A: f32[M, N], B: f32[M, N], D: bf16[N, M]) -> C: f32[N, M] {
  for i, j in tiles(M, N) {
    C[j, i] = (A[i, j] * 2.0).T - (B[i, j].T + 1.0) * (D[j, i] as f32)
  }
}
"""
# More dims, of which the last one moves; a tile that is kept; the array that is stored.
CUBE = """
kernel k(A: f64[L, M, N]) -> (B: f64[N, L, M], C: f64[M, N, L]) {
  for a, b, c in tiles(L, M, N) {
    B[c, a, b] = permute(A[a, b, c], 2, 0, 1)
    C[b, c, a] = permute(A[a, b, c], 1, 2, 0)
  }
}
"""
KEPT = """
kernel k(A: i32[M, N]) -> (B: i32[N, M], S: i32[N]) {
  for j in tiles(N) {
    let s = cumsum(A[:, j], axis=0)
    B[j, :] = s.T
    S[j] = max(s, axis=0)
  }
}
"""
# What no index determines, wherever it is computed.
ONE = """
kernel k(A: f32[M, N], D: f32[1, 1]) -> C: f32[N, M] {
  for i, j in tiles(M, N) {
    C[j, i] = A[i, j].T - D[:, :] * 2.0
  }
}
"""
IN_PLACE = """
kernel k(A: i16[M, N], inout B: i16[N, M]) {
  for i, j in tiles(M, N) {
    B[j, i] = B[j, i] * 2 + A[i, j].T
  }
}
"""


@ARCH
@pytest.mark.parametrize("shape", SHAPES)
def test_computed(shape, arch, rng, tmp_path):
    options = (f"--arch={arch}",)
    m, n = shape
    a, b = (rng.integers(-9, 9, shape) for _ in range(2))
    d = rng.integers(-9, 9, (n, m))
    Case("mixed", MIXED, {"C": (2 * a.T - (b.T + 1) * d).astype(np.float32)},
         ins={"A": a.astype(np.float32), "B": b.astype(np.float32), "D": d.astype(NUMPY["bf16"])},
         config={"i": 32, "j": 48}, options=options).check("cpu", tmp_path)
    Case("one", ONE, {"C": (a.T - 6).astype(np.float32)},
         ins={"A": a.astype(np.float32), "D": np.full((1, 1), 3, np.float32)}, options=options).check("cpu", tmp_path)
    sums = a.cumsum(0).astype(np.int32)
    Case("kept", KEPT, {"B": sums.T.copy(), "S": sums.max(0)}, ins={"A": a.astype(np.int32)}, config={"j": 40},
         options=options).check("cpu", tmp_path)
    Case("in_place", IN_PLACE, {"B": (2 * d + a.T).astype(np.int16)}, ins={"A": a.astype(np.int16)},
         inouts={"B": d.astype(np.int16)}, config={"i": 32, "j": 48}, options=options).check("cpu", tmp_path)


@ARCH
@pytest.mark.parametrize("shape", [(3, 5, 7), (9, 17, 20), (20, 8, 33)])
def test_more_dims(shape, arch, rng, tmp_path):
    a = rng.random(shape)
    Case("cube", CUBE, {"B": a.transpose(2, 0, 1).copy(), "C": a.transpose(1, 2, 0).copy()}, ins={"A": a},
         config={"a": 4, "b": 16, "c": 16}, options=(f"--arch={arch}",)).check("cpu", tmp_path)
