# ===- test_shared_code.py - equal code of several products that is one function ---------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels of several products whose code is shared: products that differ in their arrays, strides, bounds and where their sums
begin, in one loop and in several, in several grids, under conditions, of batches, and of one another.

All numbers are whole and small: products and sums are exact, results compared bit for bit."""

import numpy as np
import pytest

import amx
from tilec_testing import NUMPY, assert_equal, call, run, tool

PRODUCTS = """
kernel loops<T: number, R: number>(A: T[M, K], B: T[K, N], strided G: T[K, N], W: T[L, N], X: T[M, L], S: R[M, N], inout D: R[M, N],
                                   lo: i32, hi: i32, flag: i32) -> (P: R[M, N], Q: R[N, M], Y: R[2, M, N]) {
  for i, j in tiles(M, N) {
    var p = zeros(R, i, j)
    var q = full(R, 3, i, j)
    for k in tiles(K) {
      let a = A[i, k]
      p = dot(a, B[k, j], p)
      q = dot(a, G[k, j], q)
    }
    var x = S[i, j]
    for l in tiles(lo..hi) { x = dot(X[i, l], W[l, j], x) }
    var y = zeros(R, i, j)
    if flag > 0 { for k in tiles(K) { y = dot(A[i, k], G[k, j], y) } }
    Y[1, i, j] = y
    P[i, j] = p
    atomic_add(D[i, j], x)
    Q[j, i] = q.T
    Y[0, i, j] = x
  }
}

kernel grids<T: number, R: number>(A: T[M, K], B: T[K, N], G: T[N, K], H: T[N, K]) -> (P: R[M, N], Q: R[M, N], Y: R[M, N]) {
  for i, j in tiles(M, N) {
    var p = zeros(R, i, j)
    var q = zeros(R, i, j)
    for k in tiles(K) { p += A[i, k] @ G[j, k].T }
    for k in tiles(K) { q += A[i, k] @ H[j, k].T }
    Q[i, j] = q
    P[i, j] = p
  }
  for i in tiles(M) {
    for j in tiles(N) {
      var y = full(R, 1, i, j)
      for k in tiles(K) { y += A[i, k] @ B[k, j] }
      for k in tiles(K) { y += A[i, k] @ H[j, k].T }
      Y[i, j] = y
    }
  }
}

kernel batches<T: number, R: number>(A: T[H, M, K], B: T[H, K, N], G: T[H, K, N]) -> (P: R[H, M, N], Q: R[H, M, N]) {
  for h, i, j in tiles(H, M, N, size=[2, auto, auto]) {
    var p = zeros(R, h, i, j)
    var q = full(R, -2, h, i, j)
    for k in tiles(K) {
      p = dot(A[h, i, k], B[h, k, j], p)
      q = dot(A[h, i, k], G[h, k, j], q)
    }
    P[h, i, j] = p
    Q[h, i, j] = q
  }
}

kernel later<T: number, R: number>(A: T[M, D], B: T[N, D], G: T[N, D], V: T[N, D], W: T[N, D]) -> (P: R[M, D], Q: R[M, D]) {
  for i in tiles(M) {
    let a = A[i, :]
    var p = zeros(R, i, D)
    var q = zeros(R, i, D)
    for j in tiles(N) {
      p += (clamp(a @ B[j, :].T, 0, 3) as T) @ V[j, :]
      q += (clamp(a @ G[j, :].T, 0, 3) as T) @ W[j, :]
    }
    P[i, :] = p
    Q[i, :] = q
  }
}
"""

TYPES = [("f32", "f32"), ("bf16", "f32"), ("f16", "f32"), ("i8", "i32")]

# M, N, K, L and tile sizes.
SHAPES = [((3, 40, 70, 33), {}), ((37, 53, 100, 40), {"i": 16, "j": 32, "k": 33, "l": 8}), ((20, 17, 0, 3), {"i": 8, "k": 16})]

ARCHS = ["native"] + ([amx.ARCH] if amx.runs_here() else [])


@pytest.mark.parametrize("shape, config", SHAPES, ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else "")
@pytest.mark.parametrize("element, sums", TYPES, ids=lambda value: value)
@pytest.mark.parametrize("arch", ARCHS)
def test_shared_code(arch, element, sums, shape, config, rng, tmp_path):
    source = tmp_path / "products.tile"
    source.write_text(PRODUCTS)
    m, n, k, l = shape
    whole = lambda *dims, of=element: rng.integers(-3, 4, dims).astype(NUMPY[of])  # noqa: E731
    exact = lambda array: array.astype(np.int64)  # noqa: E731
    threads = rng.integers(1, 4)

    def compare(kernel, expected, **arguments):
        got = run(source, kernel, "cpu", options=(f"--arch={arch}", f"--threads={threads}"), directory=tmp_path,
                  types={"T": element, "R": sums},
                  outs={name: sums for name in expected if name not in arguments.get("inouts", {})}, **arguments).arrays
        for name, value in expected.items():
            assert_equal(f"{kernel}: {name}", got[name], value.astype(NUMPY[sums]))

    def sizes(*names):
        return {name: size for name, size in config.items() if name in names}

    a, b, h = whole(m, k), whole(k, n), whole(n, k)
    g, w, x, s, d = np.asfortranarray(whole(k, n)), whole(l, n), whole(m, l), whole(m, n, of=sums), whole(m, n, of=sums)
    lo, hi, flag = int(rng.integers(0, l)), l, int(rng.integers(0, 2))
    part = exact(s) + exact(x)[:, lo:hi] @ exact(w)[lo:hi]
    compare("loops", {"P": exact(a) @ exact(b), "Q": (exact(a) @ exact(g) + 3).T, "D": exact(d) + part,
                      "Y": np.stack([part, flag * (exact(a) @ exact(g))])},
            ins={"A": a, "B": b, "G": g, "W": w, "X": x, "S": s}, inouts={"D": d}, scalars={"lo": lo, "hi": hi, "flag": flag},
            config=config)
    gt = np.ascontiguousarray(g.T)
    compare("grids", {"P": exact(a) @ exact(g), "Q": exact(a) @ exact(h).T, "Y": exact(a) @ (exact(b) + exact(h).T) + 1},
            ins={"A": a, "B": b, "G": gt, "H": h}, config=sizes("i", "j", "k"))
    aa, bb, gg = whole(3, m, k), whole(3, k, n), whole(3, k, n)
    compare("batches", {"P": exact(aa) @ exact(bb), "Q": exact(aa) @ exact(gg) - 2}, ins={"A": aa, "B": bb, "G": gg},
            config=sizes("i", "j", "k"))
    a, b, g, v, w = whole(m, 24), whole(n, 24), whole(n, 24), whole(n, 24), whole(n, 24)
    probabilities = lambda right: np.clip(exact(a) @ exact(right).T, 0, 3)  # noqa: E731
    compare("later", {"P": probabilities(b) @ exact(v), "Q": probabilities(g) @ exact(w)},
            ins={"A": a, "B": b, "G": g, "V": v, "W": w}, config=sizes("i", "j"))


@pytest.mark.parametrize("element, sums", TYPES, ids=lambda value: value)
def test_code_is_shared(element, sums, tmp_path):
    """What the test above is about: the products of each of these kernels call a function."""
    source = tmp_path / "products.tile"
    source.write_text(PRODUCTS)
    code = call([tool("tile-cc"), source, "--emit=llvm", "-o", "-", "--arch=x86-64-v4", "--dim=D=24", "--type", f"T={element}",
                 "--type", f"R={sums}"]).stdout
    for kernel in ("loops", "grids", "batches", "later"):
        assert code.count(f"@{kernel}.shared0(") > 2
