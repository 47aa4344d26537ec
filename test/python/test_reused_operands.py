# ===- test_reused_operands.py - packed tiles that workers use again ----------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Grids whose iterations multiply the same tiles of an operand, which a worker packs once and keeps.

Every tile has other elements, so a tile that is taken for another one changes a result. Elements are integers of so few bits
that all sums are exact: results are NumPy's in int64, bit for bit.
"""

import ctypes

import numpy as np
import pytest

from test_calls import tensor
from test_dot_groups import ARCHS, chain, scaled
from tilec_testing import NUMPY, assert_equal, call, run, tool

TYPES = {"bf16": "f32", "f16": "f32", "f32": "f32", "i8": "i32", "u8": "i32"}

# Six to eight tiles along each dim, the last ones smaller; more than eight rows, for few rows are not packed.
M, K, N = 118, 37, 230
CONFIG = {"i": 16, "j": 32, "k": 8}


def integers(rng, element, *shape):
    return rng.integers(-3 if element[0] != "u" else 0, 4, shape).astype(NUMPY[element])


def exact(*arrays):
    return [array.astype(np.float64) for array in arrays]


def same(name, actual, expected):
    assert_equal(name, actual, expected.astype(actual.dtype))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("element", TYPES)
def test_products(element, arch, threads, rng, tmp_path):
    """Left operands are reused by the iterations along j, right ones by those along i; both by those of a batch; a transposed
    right one; one that is computed from two arrays."""
    source = tmp_path / "products.tile"
    source.write_text("""
kernel products<T: number, R: number>(A: T[M, K], B: T[K, N], BT: T[N, K], S: T[N], AB: T[H, M, K], BB: T[H, K, N])
    -> (C: R[M, N], D: R[M, N], E: R[M, N], F: R[H, M, N], G: R[H, M, N]) {
  for i, j in tiles(M, N) {
    var plain = zeros(R, i, j)
    var transposed = zeros(R, i, j)
    var computed = zeros(R, i, j)
    for k in tiles(K) {
      plain = dot(A[i, k], B[k, j], plain)
      transposed = dot(A[i, k], BT[j, k].T, transposed)
      computed = dot(A[i, k], B[k, j] * S[j], computed)
    }
    C[i, j] = plain
    D[i, j] = transposed
    E[i, j] = computed
  }
  for h, i, j in tiles(H, M, N) {
    var both = zeros(R, h, i, j)
    for k in tiles(K) { both = dot(AB[h, i, k], BB[h, k, j], both) }
    F[h, i, j] = both
  }
  for i, h, j in tiles(M, H, N) {
    var shared = zeros(R, h, i, j)
    for k in tiles(K) { shared = dot(AB[h, i, k], BB[h, k, j], shared) }
    G[h, i, j] = shared
  }
}
""")
    a, b, s = integers(rng, element, M, K), integers(rng, element, K, N), integers(rng, element, N)
    ab, bb = integers(rng, element, 3, M, K), integers(rng, element, 3, K, N)
    got = run(source, "products", "cpu", ins={"A": a, "B": b, "BT": np.ascontiguousarray(b.T), "S": s, "AB": ab, "BB": bb},
              outs=dict.fromkeys("CDEFG", TYPES[element]), types={"R": TYPES[element]}, config=CONFIG, options=(f"--arch={arch}", f"--threads={threads}"),
              directory=tmp_path).arrays
    x, y, z, xb, yb = exact(a, b, s, ab, bb)
    for name in "CD":
        same(name, got[name], x @ y)
    same("E", got["E"], x @ (y * z))
    for name in "FG":
        same(name, got[name], xb @ yb)


def test_arrays_that_change(rng, tmp_path):
    """A temporary array that the grid before wrote, another time with other elements; and an array that the grid itself
    writes, each row behind its use: it is not reused."""
    source = tmp_path / "changing.tile"
    source.write_text("""
kernel changing(A: bf16[M, K], B: bf16[K, N], inout X: bf16[M, K], W: bf16[K, K]) -> (C: f32[M, N], D: f32[M, N], E: f32[M, K]) {
  let t = array(bf16, K, N)
  for k, j in tiles(K, N) { t[k, j] = B[k, j] }
  for i, j in tiles(M, N) {
    var sums = zeros(f32, i, j)
    for k in tiles(K) { sums += A[i, k] @ t[k, j] }
    C[i, j] = sums
  }
  for k, j in tiles(K, N) { t[k, j] = B[k, j] + B[k, j] }
  for i, j in tiles(M, N) {
    var sums = zeros(f32, i, j)
    for k in tiles(K) { sums += A[i, k] @ t[k, j] }
    D[i, j] = sums
  }
  for i in tiles(M) {
    for n in range(2) {
      var sums = zeros(f32, i, K)
      for k in tiles(K) { sums += X[i, k] @ W[k, :] }
      E[i, :] = sums
      X[i, :] = X[i, :] + X[i, :]
    }
  }
}
""")
    a, b, x, w = (integers(rng, "bf16", *shape) for shape in ((M, K), (K, N), (M, K), (K, K)))
    got = run(source, "changing", "cpu", ins={"A": a, "B": b, "W": w}, inouts={"X": x}, outs=dict.fromkeys("CDE", "f32"),
              dims={"K": K}, config=CONFIG, directory=tmp_path).arrays
    a, b, x, w = exact(a, b, x, w)
    same("C", got["C"], a @ b)
    same("D", got["D"], a @ (b + b))
    same("E", got["E"], 2 * x @ w)
    same("X", got["X"], 4 * x)


def test_loops(rng, tmp_path):
    """Loops that begin elsewhere, each time at another place, or end where the grid's index says."""
    source = tmp_path / "loops.tile"
    source.write_text("""
kernel loops(A: bf16[M, K], B: bf16[K, N], from: i64) -> (C: f32[M, N], D: f32[M, N], E: f32[M, N]) {
  for i, j in tiles(M, N) {
    var later = zeros(f32, i, j)
    for k in tiles(from..K) { later += A[i, k] @ B[k, j] }
    C[i, j] = later
    var nested = zeros(f32, i, j)
    for n in range(3) { for k in tiles(n..K) { nested += A[i, k] @ B[k, j] } }
    D[i, j] = nested
    var lower = zeros(f32, i, j)
    for k in tiles(0..min(K, i.end)) { lower += A[i, k] @ B[k, j] }
    E[i, j] = lower
  }
}
""")
    a, b = integers(rng, "bf16", M, M), integers(rng, "bf16", M, N)
    got = run(source, "loops", "cpu", ins={"A": a, "B": b}, scalars={"from": 5}, outs=dict.fromkeys("CDE", "f32"),
              config=CONFIG, directory=tmp_path).arrays
    a, b = exact(a, b)
    same("C", got["C"], a[:, 5:] @ b[5:])
    same("D", got["D"], sum(a[:, n:] @ b[n:] for n in range(3)))
    ends = np.minimum((np.arange(M) // CONFIG["i"] + 1) * CONFIG["i"], M)
    same("E", got["E"], np.stack([a[row, :end] @ b[:end] for row, end in enumerate(ends)]))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("element", ["bf16", "f32", "i8"])
def test_ends_that_vary(element, threads, rng, tmp_path):
    """Loops that end where the grid's index says, within tiles and at their ends, or at a bound that no iteration changes: each
    tile of the contraction is whole in some iterations, and a part in others, before and behind them."""
    source = tmp_path / "ends.tile"
    source.write_text("""
kernel ends<T: number, R: number>(A: T[M, K], B: T[K, N]) -> (C: R[M, N], D: R[M, N], E: R[M, N], F: R[M, N]) {
  for i, j in tiles(M, N) {
    var within = zeros(R, i, j)
    for k in tiles(0..min(i.end - 3, K)) { within += A[i, k] @ B[k, j] }
    C[i, j] = within
    var back = zeros(R, i, j)
    for k in tiles(0..min(K, min(M, K + 40) - i.begin)) { back += A[i, k] @ B[k, j] }
    D[i, j] = back
    var apart = zeros(R, i, j)
    for k in tiles(0..max(0, min(K, i.end - 20))) { apart += A[i, k] @ B[k, j] }
    E[i, j] = apart
    var columns = zeros(R, i, j)
    for k in tiles(0..min(K, j.end)) { columns += A[i, k] @ B[k, j] }
    F[i, j] = columns
  }
}
""")
    inner = 101
    a, b = integers(rng, element, M, inner), integers(rng, element, inner, N)
    got = run(source, "ends", "cpu", ins={"A": a, "B": b}, types={"R": TYPES[element]},
              outs=dict.fromkeys("CDEF", TYPES[element]), config=CONFIG, options=(f"--threads={threads}",),
              directory=tmp_path).arrays
    a, b = exact(a, b)
    begins = np.arange(M) // CONFIG["i"] * CONFIG["i"]
    ends = np.minimum(begins + CONFIG["i"], M)
    to = lambda stops: np.stack([a[row, :max(stop, 0)] @ b[:max(stop, 0)] for row, stop in enumerate(stops)])
    same("C", got["C"], to(np.minimum(ends - 3, inner)))
    same("D", got["D"], to(np.minimum(inner, min(M, inner + 40) - begins)))
    same("E", got["E"], to(np.minimum(inner, ends - 20)))
    stops = np.minimum(inner, np.minimum((np.arange(N) // CONFIG["j"] + 1) * CONFIG["j"], N))
    same("F", got["F"], np.stack([a[:, :stop] @ b[:stop, column] for column, stop in enumerate(stops)], axis=1))


@pytest.mark.parametrize("threads", [1, 3])
def test_ranges_of_tiles(threads, rng, tmp_path):
    """bf16: some tiles, and none beside them, have elements that the instruction would take for zero."""
    source = tmp_path / "ranges.tile"
    source.write_text("""
kernel ranges(A: bf16[M, K], B: bf16[K, N]) -> C: f32[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(f32, i, j)
    for k in tiles(K) { sums = dot(A[i, k], B[k, j], sums) }
    C[i, j] = sums
  }
}
""")
    a, b = scaled(rng, (M, K), -3), scaled(rng, (K, N), -3)
    a[20:30, 9:14], b[17:22, 70:75], a[100, 30], b[3, 200] = (scaled(rng, shape, exponent) for shape, exponent in
                                                             (((10, 5), -80), ((5, 5), -75), ((), -133), ((), -133)))
    got = run(source, "ranges", "cpu", ins={"A": a, "B": b}, outs={"C": "f32"}, config=CONFIG, options=(f"--threads={threads}",),
              directory=tmp_path).arrays
    assert_equal("C", got["C"], chain(a, b, np.zeros((M, N), np.float32)))


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("element, inner", [("bf16", 1024), ("f16", 2048), ("f32", 1024), ("i8", 1024), ("bf16", 1008)])
def test_rows_of_whole_pages(element, inner, arch, rng, tmp_path):
    """Packed rows that would be whole pages apart are longer than what is in them, and so is the place of a tile that is
    kept."""
    source = tmp_path / "pages.tile"
    source.write_text("""
kernel pages<T: number, R: number>(A: T[M, K], B: T[N, K]) -> (C: R[M, N], D: R[M, N]) {
  for j in tiles(N) {
    for i in tiles(M) {
      let rows = A[i, :]
      C[i, j] = rows @ B[j, :].T
      D[i, j] = max(A[i, :], A[i, :]) @ B[j, :].T
    }
  }
}
""")
    a, b = integers(rng, element, 60, inner), integers(rng, element, 100, inner)
    got = run(source, "pages", "cpu", ins={"A": a, "B": b}, types={"R": TYPES[element]}, dims={"K": inner},
              outs=dict.fromkeys("CD", TYPES[element]), config={"i": 33, "j": 16}, options=(f"--arch={arch}",),
              directory=tmp_path).arrays
    x, y = exact(a, b)
    for name in "CD":
        same(name, got[name], x @ y.T)


def test_two_calls_in_one_workspace(rng, tmp_path):
    """What the call before kept there is not this one's."""
    source = tmp_path / "twice.tile"
    source.write_text("""
kernel twice(A: i8[M, K], B: i8[K, N]) -> C: i32[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(i32, i, j)
    for k in tiles(K) { sums += A[i, k] @ B[k, j] }
    C[i, j] = sums
  }
}
""")
    path = tmp_path / "libtwice.so"
    call([tool("tile-cc"), source, "--emit=shared", "--set", ",".join(f"{name}={size}" for name, size in CONFIG.items()), "-o", path])
    library = ctypes.CDLL(str(path))
    library.twice_workspace_size.restype = ctypes.c_int64
    workspace = None
    for _ in range(3):
        a, b, c = integers(rng, "i8", M, K), integers(rng, "i8", K, N), np.zeros((M, N), np.int32)
        tensors = [ctypes.byref(tensor(array)) for array in (a, b, c)]
        size = library.twice_workspace_size(*tensors)
        # Each worker's places for one row of left tiles and for all right ones.
        assert size > K * N
        if workspace is None:
            buffer = np.full(size + 64, 0xff, np.uint8)
            workspace = buffer.ctypes.data + -buffer.ctypes.data % 64
        assert library.twice_with_workspace(*tensors, ctypes.c_void_p(workspace), ctypes.c_int64(size)) == 0
        same("C", c, a.astype(np.int64) @ b.astype(np.int64))
