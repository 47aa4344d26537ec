#===- test_language_mixed.py - features of the language together ------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small programs in which several features meet: helpers with loops and stores, temporaries between grids, tunables in
sizes, control flow in two levels, windows and gathers in two dims, atomics between iterations.

The data are small integers, also in floats, so that every result is exact in whatever order it is computed.
"""

import numpy as np
import pytest

from tilec_testing import EXECUTORS, Case, ToolError

RNG = np.random.default_rng(20240607)


def whole(*shape, low=-9, high=10):
    """Small integers as f32."""
    return RNG.integers(low, high, shape).astype(np.float32)


def ints(*values):
    return np.array(values, np.int32)


X, M = whole(13), whole(9, 14)


def helper_cases():
    yield Case("helper_with_a_loop", """
fn power(x, n) {
  var r = x
  for q in range(n - 1) { r = r * x }
  return r
}
kernel k(A: i32[N]) -> P: i32[N] { for i in tiles(N) { P[i] = power(A[i], 3) } }
""", {"P": np.arange(13, dtype=np.int32) ** 3}, ins={"A": np.arange(13, dtype=np.int32)}, config={"i": 4})
    yield Case("helper_that_stores", """
fn put(A, i, v) { A[i] = v }
fn take(A, i, T) { return A[i] as T }
kernel k(X: f32[N]) -> P: f64[N] { for i in tiles(N) { put(P, i, take(X, i, f64)) } }
""", {"P": X.astype(np.float64)}, ins={"X": X}, config={"i": 4})
    yield Case("helper_that_creates", """
fn none(T, i) { return zeros(T, i) }
kernel k(X: f32[N]) -> P: f32[N] { for i in tiles(N) { P[i] = none(f32, i) - X[i] } }
""", {"P": 0 - X}, ins={"X": X}, config={"i": 4})
    yield Case("helper_hides_a_builtin", """
fn exp(a) { return a + 1.0 }
kernel k(X: f32[N]) -> Y: f32[N] { for i in tiles(N) { Y[i] = exp(X[i]) } }
""", {"Y": X + 1}, ins={"X": X}, config={"i": 4})
    yield Case("words_of_options_are_names", """
kernel k(auto: f32[N], relaxed: f32[N]) -> Y: f32[N] {
  for i in tiles(N) { let size = auto[i]; let axis = relaxed[i]; Y[i] = size + axis }
}
""", {"Y": X + 2 * X}, ins={"auto": X, "relaxed": 2 * X}, config={"i": 4})


def loop_cases():
    def collatz(n):
        steps = 0
        while n != 1:
            n, steps = (n // 2 if n % 2 == 0 else 3 * n + 1), steps + 1
        return steps

    yield Case("while_per_iteration", """
kernel k(A: i32[N]) -> S: i32[N] {
  for p in range(N) {
    var n = A[p]
    var s = 0
    while n != 1 {
      if n % 2 == 0 { n = n // 2 } else { n = 3 * n + 1 }
      s += 1
    }
    S[p] = s
  }
}
""", {"S": ints(*[collatz(n) for n in range(1, 30)])}, ins={"A": np.arange(1, 30, dtype=np.int32)})

    def jumps(x):
        s = 0
        for a in range(10):
            if a == 3:
                continue
            for b in range(a):
                if b == x:
                    break
                s += 1
            if s > 20:
                break
        return s

    yield Case("jumps_in_two_levels", """
kernel k(A: i32[N]) -> S: i32[N] {
  for p in range(N) {
    var s = 0
    for a in range(10) {
      if a == 3 { continue }
      for b in range(a) {
        if b == A[p] { break }
        s += 1
      }
      if s > 20 { break }
    }
    S[p] = s
  }
}
""", {"S": ints(*[jumps(x) for x in range(12)])}, ins={"A": np.arange(12, dtype=np.int32)})
    yield Case("jumps_over_tiles", """
kernel k(X: f32[M, N]) -> S: f32[M] {
  for i in tiles(M) {
    var acc = zeros(f32, i)
    for j in tiles(N) {
      if j.begin >= 8 { break }
      if j.id == 1 { continue }
      acc += sum(X[i, j], axis=1)
    }
    S[i] = acc
  }
}
""", {"S": M[:, 0:3].sum(1) + M[:, 6:9].sum(1)}, ins={"X": M}, config={"i": 4, "j": 3})
    yield Case("while_over_tiles", """
kernel k(X: f32[N]) -> (Y: f32[N], C: i32[N]) {
  for i in tiles(N) {
    var y = X[i]
    var n = 0
    while any(y > 1.0) {
      y = where(y > 1.0, y * 0.5, y)
      n += 1
      if n > 50 { break }
    }
    Y[i] = y
    C[i] = full(i32, n, i)
  }
}
""", {"Y": np.float32([1, 1, 1, 1, 1, 0.5, 0.75]), "C": ints(2, 2, 2, 4, 4, 4, 2)},
               ins={"X": np.float32([1, 2, 4, 8, 16, 0.5, 3])}, config={"i": 3})
    order = 0
    for i in range(3):
        for j in range(3):
            order = order * 3 + i * 7 + j
    yield Case("order_of_sequential_tiles", """
kernel k(X: f32[M, N]) -> Y: i32[1] {
  for r in range(1) {
    var s = 0
    for i, j in tiles(M, N) { s = s * 3 + i.id * 7 + j.id }
    Y[0] = s
  }
}
""", {"Y": ints(order)}, ins={"X": M}, config={"i": 4, "j": 5})
    yield Case("variables_of_both_branches", """
kernel k(X: f32[N]) -> Y: f32[N] {
  for i in tiles(N) {
    var y = X[i]
    if i.id % 2 == 0 { y = y * 2.0 } else { for q in range(3) { y += 1.0 } }
    Y[i] = y
  }
}
""", {"Y": np.where(np.arange(13) // 4 % 2 == 0, X * 2, X + 3)}, ins={"X": X}, config={"i": 4})
    yield Case("and_stops_early", """
kernel k(I: i32[N], X: f32[M]) -> Y: f32[N] {
  for p in range(N) {
    let q = I[p]
    Y[p] = 0.0
    if q >= 0 and q < M and X[q] > 0.0 { Y[p] = X[q] }
  }
}
""", {"Y": np.float32([0, 3, 0, 1])}, ins={"I": ints(-5, 2, 100, 0), "X": np.float32([1, 2, 3])})


def size_cases():
    yield Case("tunables_in_sizes", """
kernel k(X: f32[N]) -> Y: f32[N] {
  tune step in [2, 4, 8]
  tune p in pow2(1, 16)
  for i in tiles(N, size=step * 2) { Y[i] = X[i] + ((step + i.size + p) as f32) }
}
""", {"Y": X + 28}, ins={"X": X}, config={"step": 4, "p": 16})
    yield Case("tunable_in_a_tile", """
kernel k(X: f32[N]) -> Y: f32[N] {
  tune step in [4, 8]
  for p in range((N + step - 1) // step) { let i = tile(p * step..N, size=step); Y[i] = X[i] }
}
""", {"Y": X}, ins={"X": X}, config={"step": 8})
    yield Case("sizes_by_loop", """
kernel k(X: f32[N]) -> (Y: f32[N], Z: f32[N]) {
  for i in tiles(N) { Y[i] = X[i] + (i.size as f32) }
  for i in tiles(N) { Z[i] = X[i] + (i.size as f32) }
}
""", {"Y": X + 4, "Z": X + 8}, ins={"X": X}, config={"i": 4, "grid#1.i": 8})
    yield Case("symbols_of_expressions", """
kernel k(X: f32[2*N, K/2], W: f32[K]) -> (Y: f32[N], Z: f32[K + N - 1]) {
  for i in tiles(N) { Y[i] = X[i + N, 0] }
  for z in tiles(K + N - 1) { Z[z] = (z.index as f32) + W[0] }
}
""", {"Y": np.float32([12, 16, 20]), "Z": np.arange(1, 11, dtype=np.float32)},
               ins={"X": np.arange(24, dtype=np.float32).reshape(6, 4), "W": np.ones(8, np.float32)}, config={"i": 2, "z": 4})
    yield Case("temporaries_and_a_condition", """
kernel k(X: f32[M, N]) -> Y: f32[N, M] {
  let t = array(f32, N, M)
  let u = array(i32, 2*M)
  for i, j in tiles(M, N) { t[j, i] = X[i, j].T }
  for a in tiles(2*M) { u[a] = a.index }
  if M > 3 {
    for j, i in tiles(N, M) { Y[j, i] = t[j, i] + (u[i] as f32) }
  } else {
    for j, i in tiles(N, M) { Y[j, i] = t[j, i] }
  }
}
""", {"Y": M.T + np.arange(9, dtype=np.float32)}, ins={"X": M}, config={"i": 4, "j": 5, "a": 7})


def access_cases():
    rows, columns = RNG.integers(0, 9, 20).astype(np.int32), RNG.integers(0, 14, 11).astype(np.int32)
    yield Case("gathers_that_broadcast", """
kernel k(X: f32[M, N], I: i32[P], J: i32[Q]) -> (Y: f32[P, Q], Z: f32[P, N], W: f32[M, Q]) {
  for p, q in tiles(P, Q) { Y[p, q] = X[I[p][:, None], J[q][None, :]] }
  for p in tiles(P) { Z[p, :] = X[I[p], :] }
  for q in tiles(Q) { W[:, q] = X[:, J[q]] }
}
""", {"Y": M[np.ix_(rows, columns)], "Z": M[rows], "W": M[:, columns]}, ins={"X": M, "I": rows, "J": columns},
               config={"p": 7, "q": 4})
    yield Case("windows_in_two_dims", """
kernel k(X: f32[M, N]) -> Y: f32[M, N] {
  for i, j in tiles(M, N) { Y[i, j] = X[i - 1, j + 1] + load(X[i + 1, j], pad=-1.0) }
}
""", {"Y": np.pad(M, ((1, 0), (0, 1)))[:-1, 1:] + np.pad(M, ((0, 1), (0, 0)), constant_values=-1)[1:]}, ins={"X": M},
               config={"i": 4, "j": 5})
    yield Case("masked_gather_of_wild_indices", """
kernel k(X: f32[N], I: i32[P]) -> Y: f32[P] {
  for p in tiles(P) {
    let at = I[p]
    Y[p] = load(X[at], mask=at < N and at >= 0, pad=-7.0)
  }
}
""", {"Y": np.float32([X[0], X[5], -7, -7, X[12], -7, -7])}, ins={"X": X, "I": ints(0, 5, -3, 100, 12, 13, 2**30)}, config={"p": 4})
    yield Case("program_order_within_an_iteration", """
kernel k(inout X: f32[N]) {
  for r in range(1) {
    let a = X[:]
    X[0] = 5.0
    X[:] = a + 1.0
    X[1] = X[0]
  }
}
""", {"X": np.concatenate([X[:1], X[:1], X[2:]]) + 1}, inouts={"X": X})
    yield Case("decoupled_prefix_sums", """
kernel k(X: i32[N], inout F: i32[P], inout A: i32[P]) -> Y: i32[N] {
  for i in tiles(N) {
    let s = cumsum(X[i], axis=0)
    var carry = 0
    if i.id > 0 {
      while atomic_add(F[i.id - 1], 0, order=acquire) == 0 { }
      carry = A[i.id - 1]
    }
    A[i.id] = carry + sum(X[i])
    atomic_xchg(F[i.id], 1, order=release)
    Y[i] = s + carry
  }
}
""", {"Y": np.cumsum(np.arange(40)).astype(np.int32), "F": np.ones(10, np.int32)}, ins={"X": np.arange(40, dtype=np.int32)},
               inouts={"F": np.zeros(10, np.int32), "A": np.zeros(10, np.int32)}, config={"i": 4})
    yield Case("lock", """
kernel k(inout L: i32[1], inout C: i32[1]) {
  for p in range(20) {
    while atomic_cas(L[0], 0, 1, order=acquire) != 0 { }
    C[0] = C[0] + 1
    atomic_xchg(L[0], 0, order=release)
  }
}
""", {"C": ints(20), "L": ints(0)}, inouts={"L": ints(0), "C": ints(0)})


CASES = [case for cases in (helper_cases, loop_cases, size_cases, access_cases) for case in cases()]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_mixed(case, executor, tmp_path):
    case.check(executor, tmp_path)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_tunable_that_is_no_size(executor, tmp_path):
    """A size that a tunable gives is known only with the config: it must be refused there."""
    source = """
kernel k(X: f32[N]) -> Y: f32[N] {
  tune step in [0, 4]
  for i in tiles(N, size=step) { Y[i] = X[i] }
}
"""
    Case("no_size", source, {"Y": X}, ins={"X": X}, config={"step": 4}).check(executor, tmp_path)
    with pytest.raises(ToolError) as caught:
        Case("no_size", source, {"Y": X}, ins={"X": X}, config={"step": 0}).run(executor, tmp_path)
    assert caught.value.status == 1
    assert "size" in caught.value.text and "0" in caught.value.text
