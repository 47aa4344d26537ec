#===- test_language_masks.py - masks of indices, halves, and rows reduced together ------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a compiler may compute otherwise than it is written: masks that compare indices hold for whole tiles or for none of
them, halves are stored without being joined, rows are reduced several at a time, and products start from zero."""

import numpy as np
import pytest

from tilec_testing import EXECUTORS, NUMPY, Case

NAN, INF = float("nan"), float("inf")
RNG = np.random.default_rng(11)

PREDICATES = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less, "==": np.equal}


def mask_cases():
    """Small integers: any order of summation is exact. Tiles lie on the diagonal, on one side of it, and at the edges."""
    for number, (sign, compare) in enumerate(PREDICATES.items()):
        for m, n, i, j in ((70, 53, 16, 16), (33, 67, 32, 8), (5, 40, 3, 16)):
            x = RNG.integers(-9, 10, (m, n)).astype(np.float32)
            rows, columns = np.arange(m)[:, None], np.arange(n)[None, :]
            for flipped in (False, True):
                keep = compare(columns, rows) if flipped else compare(rows, columns)
                text = f"j.index[None, :] {sign} i.index[:, None]" if flipped else f"i.index[:, None] {sign} j.index[None, :]"
                yield Case(f"mask_{number}_{m}_{'columns' if flipped else 'rows'}", f"""
kernel k(X: f32[M, N]) -> (S: f32[M], H: f32[M], C: f32[N]) {{
  for i in tiles(M) {{
    var s = zeros(f32, i)
    var h = full(f32, -inf, i)
    for j in tiles(N) {{
      let x = where({text}, X[i, j] * 2.0, -1.0)
      s += sum(x, axis=1)
      h = max(h, max(x, axis=1))
    }}
    S[i] = s
    H[i] = h
  }}
  for j in tiles(N) {{
    var s = zeros(f32, j)
    for i in tiles(M) {{
      s += sum(where({text}, X[i, j], 3.0), axis=0)
    }}
    C[j] = s
  }}
}}
""", {"S": np.where(keep, 2 * x, np.float32(-1)).sum(1), "H": np.where(keep, 2 * x, np.float32(-1)).max(1),
                    "C": np.where(keep, x, np.float32(3)).sum(0)}, ins={"X": x}, config={"i": i, "j": j})
    # Two masks in one expression, and one that is used after the reduction.
    x = RNG.integers(-9, 10, (40, 48)).astype(np.float32)
    rows, columns = np.arange(40)[:, None], np.arange(48)[None, :]
    band = np.where((rows >= columns) & True, np.where(rows < columns + 9, x, np.float32(1)), np.float32(0))
    yield Case("mask_band", """
kernel k(X: f32[M, N]) -> (S: f32[M], Y: f32[M, N]) {
  for i in tiles(M) {
    var s = zeros(f32, i)
    for j in tiles(N) {
      let near = where(i.index[:, None] < j.index[None, :] + 9, X[i, j], 1.0)
      let band = where(i.index[:, None] >= j.index[None, :], near, 0.0)
      s += sum(band, axis=1)
      Y[i, j] = band
    }
    S[i] = s
  }
}
""", {"S": band.sum(1), "Y": band}, ins={"X": x}, config={"i": 16, "j": 16})


def half_cases():
    """Rotations of pairs: of rows whose halves are ragged vectors, along each dim, rounded to other types, in place."""
    for name in ("f32", "bf16", "f16"):
        for half in (1, 5, 16, 37):
            x = RNG.integers(-9, 10, (11, 2 * half)).astype(NUMPY[name])
            c = RNG.integers(-3, 4, (11, half)).astype(np.float32)
            wide = x.astype(np.float32)
            a, b = wide[:, :half], wide[:, half:]
            last = np.concatenate([a * c - b, b * c + a], 1)
            yield Case(f"halves_{name}_{half}", f"""
kernel k(X: {name}[M, {2 * half}], C: f32[M, {half}]) -> (Y: {name}[M, {2 * half}], Z: {name}[{2 * half}, M],
                                                      U: {name}[M, {2 * half}]) {{
  for i in tiles(M) {{
    let (a, b) = split(X[i, :] as f32, 2, axis=1)
    let c = C[i, :]
    Y[i, :] = cat(a * c - b, b * c + a, axis=1) as {name}
    Z[:, i] = cat((a * c - b).T, (b * c + a).T, axis=0) as {name}
    let both = cat(b, a, axis=1)
    U[i, :] = (both + both) as {name}
  }}
}}
""", {"Y": last.astype(NUMPY[name]), "Z": last.T.astype(NUMPY[name]), "U": (2 * np.concatenate([b, a], 1)).astype(NUMPY[name])},
                       ins={"X": x, "C": c}, config={"i": 4})
    x = RNG.integers(-9, 10, (9, 20)).astype(np.float32)
    yield Case("halves_in_place", """
kernel k(inout X: f32[M, 20]) {
  for i in tiles(M) {
    let (a, b) = split(X[i, :], 2, axis=1)
    X[i, :] = cat(b, a - b, axis=1)
  }
}
""", {"X": np.concatenate([x[:, 10:], x[:, :10] - x[:, 10:]], 1)}, inouts={"X": x}, config={"i": 4})
    yield Case("unequal_parts", """
kernel k(X: f32[M, 20]) -> Y: f32[M, 21] {
  for i in tiles(M) {
    let x = X[i, :]
    Y[i, :] = cat(x, sum(x, axis=1, keep=true), axis=1)
  }
}
""", {"Y": np.concatenate([x, x.sum(1, keepdims=True)], 1)}, ins={"X": x}, config={"i": 4})


def row_cases():
    """As many rows as a vector has lanes, and more and fewer; NaN and signs of zero in some of them."""
    for name, width in (("f32", 37), ("f64", 19), ("f16", 64), ("i32", 33), ("i8", 130)):
        for m, i in ((64, 64), (61, 32), (100, 47)):
            if name.startswith("i"):
                x = RNG.integers(-100, 101, (m, width)).astype(NUMPY[name])
            else:
                x = RNG.integers(-4, 5, (m, width)).astype(NUMPY[name])
                x[3] = 0
                x[3, ::2] = -0.0
                x[5, 7] = INF
                x[20, width - 1] = NAN
                x[21, 0] = -NAN
                x[22] = -INF
            total = {"i8": "i32"}.get(name, name)
            with np.errstate(all="ignore"):
                sums = x.astype(NUMPY[total] if name.startswith("i") else np.float64).sum(1).astype(NUMPY[total])
            high, low = x.max(1), x.min(1)
            if not name.startswith("i"):
                high[3], low[3] = 0.0, -0.0
            yield Case(f"rows_{name}_{m}_{i}", f"""
kernel k(X: {name}[M, {width}]) -> (S: {total}[M], H: {name}[M], L: {name}[M], A: i32[M], P: bool[M]) {{
  for i in tiles(M) {{
    let x = X[i, :]
    S[i] = sum(x, axis=1)
    H[i] = max(x, axis=1)
    L[i] = min(x, axis=1)
    A[i] = argmax(x, axis=1)
    P[i] = any(x > 1, axis=1)
  }}
}}
""", {"S": sums, "H": high, "L": low, "A": x.argmax(1).astype(np.int32), "P": (x > 1).any(1)},
                       ins={"X": x}, config={"i": i})
    x = RNG.integers(-9, 10, (3, 35, 18)).astype(np.float32)
    yield Case("rows_of_two_dims", """
kernel k(X: f32[B, M, 18]) -> (S: f32[B, M], H: f32[B, M]) {
  for b, i in tiles(B, M) {
    S[b, i] = sum(X[b, i, :], axis=2)
    H[b, i] = max(X[b, i, :], axis=2)
  }
}
""", {"S": x.sum(2), "H": x.max(2)}, ins={"X": x}, config={"b": 2, "i": 16})


def sum_of_steps(a, b, step):
    """What doubles before each step of the contraction is added to it."""
    total = np.zeros((len(a), len(b)), np.int64)
    for k in range(0, a.shape[1], step):
        total = 2 * total + a[:, k:k + step].astype(np.int64) @ b[:, k:k + step].astype(np.int64).T
    return total


def product_cases():
    """By transposed operands of ragged sizes, from zero and from something else, and without elements to contract."""
    for name in ("f32", "bf16", "i8", "f64"):
        total = {"bf16": "f32", "i8": "i32"}.get(name, name)
        for m, n, k in ((37, 29, 21), (16, 33, 64), (3, 17, 5), (9, 130, 70)):
            a = RNG.integers(-4, 5, (m, k)).astype(NUMPY[name])
            b = RNG.integers(-4, 5, (n, k)).astype(NUMPY[name])
            exact = a.astype(np.int64) @ b.astype(np.int64).T
            yield Case(f"transposed_{name}_{m}_{n}_{k}", f"""
kernel k(A: {name}[M, K], B: {name}[N, K]) -> (C: {total}[M, N], D: {total}[M, N]) {{
  for i, j in tiles(M, N) {{
    var c = zeros({total}, i, j)
    var d = ones({total}, i, j)
    for k in tiles(K) {{
      c = c * 2 + A[i, k] @ B[j, k].T
      d += A[i, k] @ B[j, k].T
    }}
    C[i, j] = c
    D[i, j] = d
  }}
}}
""", {"C": sum_of_steps(a, b, 32).astype(NUMPY[total]), "D": (1 + exact).astype(NUMPY[total])},
                       ins={"A": a, "B": b}, config={"i": 32, "j": 32, "k": 32})


with np.errstate(all="ignore"):
    CASES = [case for cases in (mask_cases, half_cases, row_cases, product_cases) for case in cases()]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_masks(case, executor, tmp_path):
    case.check(executor, tmp_path)
