# ===- test_left_blocks.py - left operands that are packed in blocks of rows -------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products whose left operand some machines pack in blocks of rows, by this machine's code and by that of such a machine: rows,
columns and contractions that end anywhere in a block, contiguous rows and contiguous columns, batches, arrays that lie in
larger ones, grids in which a tile is used again, by one thread and several.

All numbers are whole and small, and every tile has others: products and sums are exact, results compared bit for bit."""

import numpy as np
import pytest

import amx
from tilec_testing import assert_equal, run

PRODUCTS = """
kernel plain(strided A: f32[M, K], strided B: f32[K, N]) -> C: f32[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(f32, i, j)
    for k in tiles(K) { sums = dot(A[i, k], B[k, j], sums) }
    C[i, j] = sums
  }
}

kernel transposed(A: f32[K, M], B: f32[K, N]) -> C: f32[M, N] {
  for j, i in tiles(N, M) {
    var sums = full(f32, 1, i, j)
    for k in tiles(K) { sums = dot(A[k, i].T, B[k, j], sums) }
    C[i, j] = sums
  }
}

kernel batched(A: f32[H, M, K], B: f32[H, K, N]) -> C: f32[H, M, N] {
  for h, i, j in tiles(H, M, N) {
    var sums = zeros(f32, h, i, j)
    for k in tiles(K) { sums = dot(A[h, i, k], B[h, k, j], sums) }
    C[h, i, j] = sums
  }
}

kernel shared(A: f32[H, M, K], B: f32[K, N]) -> C: f32[H, M, N] {
  for h in range(H) {
    for i, j in tiles(M, N) {
      var sums = zeros(f32, i, j)
      for k in tiles(K) { sums = dot(A[h, i, k], B[k, j], sums) }
      C[h, i, j] = sums
    }
  }
}

kernel bias(A: f32[M, K], B: f32[K, N], D: f32[N], inout C: f32[M, N]) {
  for i, j in tiles(M, N) {
    C[i, j] = C[i, j] + dot(A[i, :], B[:, j]) * D[j]
  }
}
"""

# M, K, N and tile sizes.
SHAPES = [((9, 1, 129), {}), ((16, 3, 160), {"j": 128}), ((31, 17, 300), {"i": 16, "j": 128, "k": 16}),
          ((100, 131, 270), {}), ((70, 40, 513), {"i": 12, "j": 256, "k": 7}), ((77, 65, 200), {"i": 33, "j": 200, "k": 64}),
          ((64, 129, 384), {"i": 8, "j": 128, "k": 32}), ((45, 33, 256), {"i": 4, "j": 128, "k": 5}),
          ((300, 300, 520), {"i": 128, "j": 256, "k": 128}), ((25, 0, 140), {}), ((0, 5, 140), {})]


def whole(rng, *shape):
    return rng.integers(-3, 4, shape).astype(np.float32)


def within(rng, array):
    """The same elements inside of a larger array."""
    before, behind = rng.integers(0, 5, (2, array.ndim))
    larger = np.full(np.add(array.shape, before + behind), 77, array.dtype)
    part = larger[tuple(slice(start, start + size) for start, size in zip(before, array.shape))]
    part[...] = array
    return part


@pytest.mark.parametrize("shape, config", SHAPES, ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else "")
@pytest.mark.parametrize("arch", ["native"] + ([amx.ARCH] if amx.runs_here() else []))
def test_left_blocks(arch, shape, config, rng, tmp_path):
    source = tmp_path / "products.tile"
    source.write_text(PRODUCTS)
    m, k, n = shape
    a, b, start, scale = (whole(rng, *dims) for dims in ((3, m, k), (3, k, n), (m, n), (n,)))
    threads = rng.integers(1, 4)

    def compare(kernel, expected, *, result="C", **arguments):
        options = (f"--arch={arch}", f"--threads={threads}")
        arguments = {"outs": {result: "f32"}, "config": config, **arguments}
        got = run(source, kernel, "cpu", options=options, directory=tmp_path, **arguments).arrays[result]
        assert_equal(kernel, got, expected.astype(got.dtype))

    x, y = a.astype(np.float64), b.astype(np.float64)
    for left, right in ((a[0], b[0]), (within(rng, a[0]), within(rng, b[0])), (np.asfortranarray(a[0]), np.asfortranarray(b[0]))):
        compare("plain", x[0] @ y[0], ins={"A": left, "B": right})
    compare("transposed", x[1] @ y[1] + 1, ins={"A": np.ascontiguousarray(a[1].T), "B": b[1]})
    compare("batched", x @ y, ins={"A": a, "B": b})
    compare("shared", x @ y[2], ins={"A": a, "B": b[2]})
    sizes = {name: size for name, size in config.items() if name != "k"}
    compare("bias", start + x[2] @ y[0] * scale, ins={"A": a[2], "B": b[0], "D": scale}, inouts={"C": start}, outs={},
            config=sizes, dims={"K": k})
