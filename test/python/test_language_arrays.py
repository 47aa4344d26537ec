#===- test_language_arrays.py - accesses to arrays -------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Semantics of subscripts, windows, masks, gathers and scatters, temporaries, dims, and the order of accesses."""

import numpy as np
import pytest

from tilec_testing import EXECUTORS, array, program, shifted

INF = float("inf")
RNG = np.random.default_rng(5)


def access_cases():
    x = RNG.standard_normal(23).astype(np.float32)
    yield program("windows", """
  for i in tiles(N) {
    L[i] = X[i - 2]
    R[i] = X[i + s]
    P[i] = load(X[i + 3], pad=-inf)
    F[i] = X[i - 100]
  }
""", {"X": x}, {"L": ("f32[N]", shifted(x, -2)), "R": ("f32[N]", shifted(x, 5)), "P": ("f32[N]", shifted(x, 3, -INF)),
                "F": ("f32[N]", np.zeros_like(x))}, params="X: f32[N], s: i32", scalars={"s": 5}, config={"i": 4})
    yield program("window_stores_are_dropped_outside", """
  for i in tiles(N) { Y[i] = 0.0 }
  for i in tiles(N) { Y[i + 3] = X[i] }
""", {"X": x}, {"Y": ("f32[N]", shifted(x, -3))}, config={"i": 4})
    m = RNG.standard_normal((9, 11)).astype(np.float32)
    # Multiples of 1/4: their sums are exact.
    quarters = (np.rint(m * 4) / 4).astype(np.float32)
    around = np.pad(quarters.astype(np.float64), 1)
    total = sum(around[a:a + 9, b:b + 11] for a in range(3) for b in range(3))
    yield program("windows_in_two_dims", """
  for i, j in tiles(M, N) {
    var s = zeros(f64, i, j)
    for a in range(-1, 2) {
      for b in range(-1, 2) { s += X[i + a, j + b] as f64 }
    }
    Y[i, j] = s
  }
""", {"X": quarters}, {"Y": ("f64[M, N]", total)}, params="X: f32[M, N]", config={"i": 4, "j": 3})
    keep = RNG.random(23) < 0.5
    yield program("masks", """
  for i in tiles(N) {
    A[i] = load(X[i], mask=K[i])
    B[i] = load(X[i], mask=K[i], pad=9.0)
    Y[i] = 1.0
    store(Y[i], X[i], mask=K[i])
  }
""", {"X": x, "K": keep}, {"A": ("f32[N]", np.where(keep, x, np.float32(0))), "B": ("f32[N]", np.where(keep, x, np.float32(9))),
                           "Y": ("f32[N]", np.where(keep, x, np.float32(1)))}, params="X: f32[N], K: bool[N]", config={"i": 5})
    ids = RNG.integers(0, 23, 40).astype(np.int32)
    yield program("gather", "  for i in tiles(P) { Y[i] = X[I[i]] }", {"X": x, "I": ids}, {"Y": ("f32[P]", x[ids])},
                    params="X: f32[N], I: i32[P]", config={"i": 7})
    wild = ids.copy()
    wild[::3] = 10**6
    wild[1::3] = -5
    good = (wild >= 0) & (wild < 23)
    yield program("masked_subscripts_are_not_checked", """
  for i in tiles(P) {
    let n = I[i]
    let ok = n >= 0 and n < N
    Y[i] = load(X[n], mask=ok, pad=-1.0)
    store(Z[i], 0.0)
    store(Z[n % P], 1.0, mask=ok and n == 100000)
  }
""", {"X": x, "I": wild}, {"Y": ("f32[P]", np.where(good, x[np.where(good, wild, 0)], np.float32(-1))),
                           "Z": ("f32[P]", np.zeros(40, np.float32))}, params="X: f32[N], I: i32[P]", config={"i": 7})
    r, c = RNG.integers(0, 9, 17).astype(np.int32), RNG.integers(0, 11, 17).astype(np.int32)
    yield program("gather_two_dims_together", """
  for i in tiles(P) {
    A[i] = X[R[i], C[i]]
    B[i, :] = X[R[i], :]
    D[:, i] = X[:, C[i]]
  }
""", {"X": m, "R": r, "C": c}, {"A": ("f32[P]", m[r, c]), "B": ("f32[P, N]", m[r]), "D": ("f32[M, P]", m[:, c])},
                    params="X: f32[M, N], R: i32[P], C: i32[P]", config={"i": 5})
    yield program("gather_with_broadcast_subscripts", """
  for i, j in tiles(P, Q) { Y[i, j] = X[R[i][:, None], C[j][None, :]] }
""", {"X": m, "R": r, "C": c[:6].copy()}, {"Y": ("f32[P, Q]", m[r[:, None], c[None, :6]])},
                    params="X: f32[M, N], R: i32[P], C: i32[Q]", config={"i": 5, "j": 4})
    order = RNG.permutation(23).astype(np.int32)
    yield program("scatter_of_distinct_elements", "  for i in tiles(N) { Y[I[i]] = X[i] }", {"X": x, "I": order},
                    {"Y": ("f32[N]", x[np.argsort(order)])}, params="X: f32[N], I: i32[N]", config={"i": 6})
    yield program("scalar_subscripts", """
  for n in range(M) {
    let row = X[n, :]
    Y[n, :] = row * X[n, 0]
    D[n] = X[n, n]
  }
""", {"X": m}, {"Y": ("f32[M, N]", m * m[:, :1]), "D": ("f32[M]", np.diag(m)[:9].copy())}, params="X: f32[M, N]")
    yield program("update_in_place", """
  for i in tiles(N) {
    Y[i] += 1.0
    Y[i] *= X[i]
    Y[i] -= X[i]
  }
""", {"X": array("f32", range(9))}, {"Y": ("", (array("f32", range(9)) + 1) * array("f32", range(9)) - array("f32", range(9)))},
                    params="X: f32[N], inout Y: f32[N]", inouts={"Y": array("f32", range(9))}, config={"i": 4})
    yield program("store_then_load_keeps_program_order", """
  for i in tiles(N) {
    Y[i] = X[i]
    let a = Y[i]
    Y[i] = a * 2.0
    Z[i] = Y[i] + a
  }
""", {"X": x}, {"Y": ("f32[N]", x * 2), "Z": ("f32[N]", x * 2 + x)}, config={"i": 8})
    yield program("later_grids_see_earlier_ones", """
  let t = array(f32, N)
  for i in tiles(N) { t[i] = X[i] * 2.0 }
  for i in tiles(N) { Y[i] = t[N - 1 - i.index] }
  for i in tiles(N) { Z[i] = t[i] + Y[i] }
""", {"X": x}, {"Y": ("f32[N]", x[::-1] * 2), "Z": ("f32[N]", x * 2 + x[::-1] * 2)}, config={"i": 5})
    f = np.asfortranarray(m)
    yield program("strided_input", "  for i, j in tiles(M, N) { Y[i, j] = X[i, j] }", {"X": f}, {"Y": ("f32[M, N]", m)},
                    params="strided X: f32[M, N]", config={"i": 4, "j": 4})
    yield program("bool_arrays", """
  for i in tiles(N) {
    Y[i] = not K[i]
    C[i] = X[i] > 0.0
    S[i] = where(K[i], 1, 0) + (K[i] as i32)
  }
""", {"X": x, "K": keep}, {"Y": ("bool[N]", ~keep), "C": ("bool[N]", x > 0), "S": ("i32[N]", keep.astype(np.int32) * 2)},
                    params="X: f32[N], K: bool[N]")
    for shape in ((0,), (1,)):
        yield program(f"array_of_{shape[0]}", "  for i in tiles(N) { Y[i] = X[i] + 1.0 }", {"X": np.zeros(shape, np.float32)},
                        {"Y": ("f32[N]", np.ones(shape, np.float32))})
    yield program("dims_of_extent_0", """
  for i, j in tiles(M, N) { Y[i, j] = X[i, j] }
  for i in tiles(M) {
    var s = zeros(f32, i)
    for j in tiles(N) { s += sum(X[i, j], axis=1) }
    S[i] = s
  }
""", {"X": np.zeros((5, 0), np.float32)}, {"Y": ("f32[M, N]", np.zeros((5, 0), np.float32)), "S": ("f32[M]", np.zeros(5, np.float32))},
                    params="X: f32[M, N]")
    yield program("dim_expressions", """
  for i in tiles(N) {
    Y[2 * i.index] = X[i]
    Y[2 * i.index + 1] = -X[i]
    H[i] = W[i + 1] - W[i]
  }
""", {"X": x[:8].copy(), "W": x[:9].copy()}, {"Y": ("f32[2*N]", np.stack([x[:8], -x[:8]], 1).reshape(16)),
                                            "H": ("f32[N]", x[1:9] - x[:8])}, params="X: f32[N], W: f32[N + 1]", config={"i": 3})
    yield program("dim_bound_through_an_expression", "  for i in tiles(R) { Y[i] = X[i] }", {"X": x[:9].copy()},
                    {"Y": ("f32[R]", x[:8].copy())}, params="X: f32[R + 1]", config={"i": 3})
    yield program("tiles_with_bounds", """
  for i in tiles(N) { Y[i] = 0.0 }
  for i in tiles(3..N - 2) { Y[i] = X[i] }
""", {"X": x}, {"Y": ("f32[N]", np.where((np.arange(23) >= 3) & (np.arange(23) < 21), x, np.float32(0)))}, config={"i": 4})
    yield program("exact_tiles_are_numbers", """
  for i in tiles(N, size=8, exact=true) { Y[i] = X[i] + (arange(0, 8) as f32) }
""", {"X": x[:16].copy()}, {"Y": ("f32[N]", x[:16] + np.tile(np.arange(8, dtype=np.float32), 2))})
    yield program("one_tile_by_its_start", """
  for p in range((N + 7) // 8) {
    let i = tile(p * 8..N, size=8)
    Y[i] = X[i] * 2.0
    E[p] = i.end
  }
""", {"X": x}, {"Y": ("f32[N]", x * 2), "E": ("i32[P]", array("i32", [8, 16, 23]))}, dims={"P": 3})
    yield program("persistent_tiles", """
  for w in range(2) {
    for p in range(w, (N + 3) // 4, 2) {
      let i = tile(p * 4..N, size=4)
      Y[i] = X[i] + (w as f32)
    }
  }
""", {"X": x}, {"Y": ("f32[N]", x + (np.arange(23) // 4 % 2).astype(np.float32))})
    flat = RNG.standard_normal((7, 10)).astype(np.float32)
    yield program("a_whole_dim_of_the_arrays_at_hand_is_a_number", """
  for i in tiles(M) {
    let x = X[i, :]
    Y[i, :] = x + W[:]
    V[i, :, :] = reshape(x, i, 2, 5)
    U[i, :, :] = cat(x[:, None], x[:, None], axis=1)
  }
  for r in range(1) { Z[:] = reshape(X[:, :], M * N) }
""", {"X": flat, "W": flat[3].copy()}, {"Y": ("f32[M, N]", flat + flat[3]), "V": ("f32[M, 2, 5]", flat.reshape(7, 2, 5)),
                                        "U": ("f32[M, 2, 10]", np.stack([flat, flat], 1)), "Z": ("f32[M*N]", flat.ravel())},
                  params="X: f32[M, N], W: f32[10]", config={"i": 3})
    yield program("whole_dims_of_two_names_and_one_value_meet", "  for r in range(1) { Y[:] = X[:] + W[:] }",
                  {"X": flat[0].copy(), "W": flat[1].copy()}, {"Y": ("f32[N]", flat[0] + flat[1])}, params="X: f32[N], W: f32[M]")
    rows = RNG.integers(0, 7, 17).astype(np.int32)
    rows[::4] = 99
    inside = rows < 7
    moved = np.stack([shifted(row, -3, 7.0) for row in flat])
    yield program("gather_window_mask_and_pad_in_one_access", """
  for p, j in tiles(P, N) {
    let n = I[p]
    Y[p, j] = load(X[n, j - 3], pad=7.0, mask=(n < M)[:, None])
  }
""", {"X": flat, "I": rows}, {"Y": ("f32[P, N]", np.where(inside[:, None], moved[np.where(inside, rows, 0)], np.float32(7)))},
                  params="X: f32[M, N], I: i32[P]", config={"p": 4, "j": 3})
    x = RNG.standard_normal((3, 4, 2, 5)).astype(np.float32)
    yield program("rank_4", """
  for a, b, c, d in tiles(A, B, C, D) { Y[d, c, b, a] = permute(X[a, b, c, d], 3, 2, 1, 0) }
""", {"X": x}, {"Y": ("f32[D, C, B, A]", x.transpose(3, 2, 1, 0).copy())}, params="X: f32[A, B, C, D]",
                     config={"a": 2, "b": 3, "c": 2, "d": 4})


with np.errstate(all="ignore"):
    CASES = list(access_cases())


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_access(case, executor, tmp_path):
    case.check(executor, tmp_path)
