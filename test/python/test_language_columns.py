#===- test_language_columns.py - reductions over rows on every instruction set ---------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions over other dims than the last, whose code reads a few rows at a time where there are many, and whose columns are
cut anew for each call."""

from pathlib import Path

import numpy as np
import pytest

from tilec_testing import NUMPY, Case

ARCHS = ["x86-64-v3"] + (["x86-64-v4"] if "avx512bw" in Path("/proc/cpuinfo").read_text() else [])

REDUCTIONS = """
kernel k(X: {t}[M, N]) -> (S: {total}[N], L: {t}[N], H: {t}[N], A: i32[N], F: {t}[N]) {{
  for j in tiles(N) {{
    let x = X[:, j]
    S[j] = sum(x, axis=0)
    L[j] = min(x, axis=0)
    H[j] = max(x, axis=0)
    A[j] = argmax(x, axis=0)
    // The first element that is not 0: no commutative function.
    F[j] = reduce(x, axis=0, init=0, (a, b) => where(a != 0, a, b))
  }}
}}
"""

# Both sides of the number of rows from which they are read in turn, whole and broken groups of four.
SHAPES = [(1, 33), (7, 5), (8, 300), (9, 16), (10, 47), (67, 1), (50, 1500)]


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape[0]}x{shape[1]}")
@pytest.mark.parametrize("name, total", [("f32", "f32"), ("f16", "f16"), ("f64", "f64"), ("i8", "i32"), ("u16", "u32")])
def test_reductions(name, total, shape, arch, rng, tmp_path):
    # Small integers, so that every order of summation is exact.
    x = rng.integers(0 if name[0] == "u" else -2, 3, shape).astype(NUMPY[name])
    wide = x.astype(np.float64)
    first = x[np.argmax(x != 0, axis=0), np.arange(shape[1])]
    zero = "0" if name[0] in "iu" else "0.0"
    source = REDUCTIONS.format(t=name, total=total).replace("init=0,", f"init={zero},").replace("!= 0,", f"!= {zero},")
    Case("columns", source, {
        "S": wide.sum(0).astype(NUMPY[total]), "L": wide.min(0).astype(NUMPY[name]), "H": wide.max(0).astype(NUMPY[name]),
        "A": wide.argmax(0).astype(np.int32), "F": first}, ins={"X": x},
         options=(f"--arch={arch}", f"--dim=M={shape[0]}")).check("cpu", tmp_path)


@pytest.mark.parametrize("arch", ARCHS)
def test_special_values(arch, tmp_path):
    """A NaN in any row reaches its column's sum and extremes, and no other's; opposite infinities meet in a NaN."""
    rows = 23
    x = np.zeros((rows, 2 * rows + 3), np.float32)
    for at in range(rows):
        x[at, at], x[at, rows + at] = np.nan, np.inf
    x[0, -1], x[rows - 1, -1], x[5, -2] = np.inf, -np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        sums = x.sum(0)
    source = """kernel k(X: f32[M, N]) -> (S: f32[N], L: f32[N], H: f32[N]) {
      for j in tiles(N) {
        let x = X[:, j]
        S[j] = sum(x, axis=0)
        L[j] = min(x, axis=0)
        H[j] = max(x, axis=0)
      }
    }"""
    Case("columns", source, {"S": sums, "L": x.min(0), "H": x.max(0)}, ins={"X": x},
         options=(f"--arch={arch}", f"--dim=M={rows}")).check("cpu", tmp_path)


@pytest.mark.parametrize("arch", ARCHS)
def test_several_dims(arch, rng, tmp_path):
    """Two dims before the last at once, the first alone, and the middle one alone."""
    x = rng.integers(-3, 4, (11, 13, 37)).astype(np.float32)
    source = """kernel k(X: f32[A, B, N]) -> (U: f32[N], V: f32[B, N], W: f32[A, N]) {
      for j in tiles(N) {
        let x = X[:, :, j]
        U[j] = sum(sum(x, axis=0), axis=0)
        V[:, j] = sum(x, axis=0)
        W[:, j] = sum(x, axis=1)
      }
    }"""
    Case("columns", source, {"U": x.sum((0, 1)), "V": x.sum(0), "W": x.sum(1)}, ins={"X": x},
         options=(f"--arch={arch}", "--dim=A=11", "--dim=B=13")).check("cpu", tmp_path)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_parts_of_columns(threads, rng, tmp_path):
    """However many workers share the columns, each column is summed in the order of its rows."""
    x = rng.standard_normal((40, 1000)).astype(np.float32)
    expected = np.zeros(1000, np.float32)
    for row in x:
        expected += row
    source = """kernel k(X: f32[M, N]) -> S: f32[N] {
      for j in tiles(N) { S[j] = sum(X[:, j], axis=0) }
    }"""
    Case("columns", source, {"S": expected}, ins={"X": x}, options=(f"--threads={threads}", "--dim=M=40")).check("cpu", tmp_path)
