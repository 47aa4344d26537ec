# ===- test_gathered_rows.py - products of rows that integer tiles choose ---------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products whose left operand's rows are chosen by integer tiles, stores of rows that are chosen so, and convolutions
written with them, on every instruction set that this machine has. All numbers are whole and small: products and sums are
exact, and results are compared bit for bit."""

import numpy as np
import pytest

import amx
from numerics import FULL
from test_dot_groups import ARCHS, WITH_AMX
from tilec_testing import NUMPY, assert_equal, run

GATHER = """
kernel gather<T: number, R: number>(strided A: T[P, N, K], B: T[K, J], page: i32[M], row: i32[M], to: i32[M], shift: i32)
    -> (C: R[M2, J], D: R[M, J]) {
  for i, j in tiles(M, J) {
    let chosen = row[i]
    var plain = full(R, 0, i, j)
    var masked = full(R, 0, i, j)
    for r in range(2) {
      for k in tiles(K) {
        plain += A[page[i], chosen + r * shift, k] @ B[k, j]
        masked += load(A[page[i], chosen, k], mask=(chosen % 2 == 0)[:, None]) @ B[k, j]
      }
    }
    C[to[i], j] = plain
    D[i, j] = masked
  }
}
"""

CONVOLUTION = """
kernel strided_conv(X: f32[B, H, L, C], W: f32[R, S, C, F], bias: f32[F], step: i32, Y0: f32[B, P, Q, F])
    -> Y: f32[B, P, Q, F] {
  for p, f in tiles(B * P * Q, F) {
    let b = p.index // (P * Q)
    let y = p.index // Q % P * step
    let x = p.index % Q * step
    var acc = zeros(f32, p, f)
    for r in range(R) {
      for s in range(S) {
        for c in tiles(C) {
          acc += X[b, y + r, x + s, c] @ W[r, s, c, f]
        }
      }
    }
    Y[b, p.index // Q % P, p.index % Q, f] = max(acc + bias[f], 0.0)
  }
}
"""

TYPES = [("f32", "f32"), ("f64", "f64"), ("bf16", "f32"), ("f16", "f32"), ("i8", "i32")]

# M, K, J and tile sizes: rows that are few and many, blocks of rows and columns that end anywhere, nothing to sum.
SHAPES = [((1, 1, 1), {}), ((3, 40, 50), {}), ((8, 16, 16), {}), ((9, 7, 33), {}), ((53, 130, 31), {}), ((300, 20, 270), {}),
          ((61, 35, 47), {"i": 13, "j": 20, "k": 6}), ((20, 0, 17), {}), ((70, 33, 5), {"i": 1, "j": 3, "k": 8})]


def whole(rng, shape, name):
    return rng.integers(-3, 4, shape).astype(np.float64).astype(NUMPY[name])


def cases():
    """Every type for every arch; those that AMX multiplies for AMX."""
    return [(*types, arch) for arch in WITH_AMX for types in TYPES if arch != amx.ARCH or types[0] in ("i8", "bf16")]


@pytest.mark.parametrize("element, result, arch", cases())
def test_gathered_rows(element, result, arch, rng, tmp_path):
    source = tmp_path / "gather.tile"
    source.write_text(GATHER)
    shapes = SHAPES if FULL else [SHAPES[index] for index in rng.choice(len(SHAPES), 3, replace=False)]
    for (m, k, j), config in shapes:
        a, b = whole(rng, (3, 11, k), element), whole(rng, (k, j), element)
        # Rows whose elements lie far from each other too.
        a = np.asfortranarray(a) if rng.integers(2) else a
        page, row = (rng.integers(0, count, m).astype(np.int32) for count in (3, 10))
        to = rng.permutation(m).astype(np.int32)
        given = run(source, "gather", "cpu", ins={"A": a, "B": b, "page": page, "row": row, "to": to}, scalars={"shift": 1},
                    outs={"C": result, "D": result}, types={"R": result}, dims={"M2": m}, config=config, options=(f"--arch={arch}",),
                    environment=amx.environment_for(arch), directory=tmp_path).arrays
        wide, right = a.astype(np.float64), b.astype(np.float64)
        plain, masked = np.empty((m, j)), 2 * (wide[page, row] * (row % 2 == 0)[:, None]) @ right
        plain[to] = (wide[page, row] + wide[page, row + 1]) @ right
        name = f"{m}x{k}x{j} {config}"
        assert_equal(f"C of {name}", given["C"], plain.astype(NUMPY[result]))
        assert_equal(f"D of {name}", given["D"], masked.astype(NUMPY[result]))


# Images, filters' rows and columns, channels, filters, step, the result's rows and columns.
CONVOLUTIONS = [((1, 1, 1, 1, 1, 1, 1, 1), {}), ((2, 3, 3, 3, 5, 2, 9, 8), {}), ((5, 1, 1, 33, 40, 3, 1, 1), {}),
                ((1, 3, 2, 130, 70, 1, 7, 7), {}), ((3, 2, 3, 17, 300, 2, 5, 11), {}), ((0, 3, 3, 4, 4, 1, 5, 5), {}),
                ((2, 3, 3, 10, 20, 1, 6, 5), {"p": 7, "f": 16, "c": 3})]


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("shape, config", CONVOLUTIONS)
def test_convolution(shape, config, arch, rng, tmp_path):
    images, rows, columns, channels, filters, step, height, width = shape
    source = tmp_path / "conv.tile"
    source.write_text(CONVOLUTION)
    x = whole(rng, (images, step * (height - 1) + rows, step * (width - 1) + columns, channels), "f32")
    w, bias = whole(rng, (rows, columns, channels, filters), "f32"), whole(rng, (filters,), "f32")
    expected = np.zeros((images, height, width, filters), np.float32)
    given = run(source, "strided_conv", "cpu", ins={"X": x, "W": w, "bias": bias, "Y0": expected}, scalars={"step": step},
                outs={"Y": "f32"}, config=config, options=(f"--arch={arch}",), environment=amx.environment_for(arch),
                directory=tmp_path).arrays
    for r in range(rows):
        for s in range(columns):
            expected += x[:, r:r + step * (height - 1) + 1:step, s:s + step * (width - 1) + 1:step] @ w[r, s]
    assert_equal(f"Y of {shape} {config}", given["Y"], np.maximum(expected + bias, 0))
