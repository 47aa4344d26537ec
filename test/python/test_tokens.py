#===- test_tokens.py - programs that order their accesses with tokens ------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Accesses with `after=`: what they give, and tokens in variables, loops, branches, tuples and helpers.

Every program orders all of its conflicting accesses, so that it has one result. What edges the front end makes of it is
in test/Frontend/explicit_tokens.tile."""

import numpy as np
import pytest

from tilec_testing import EXECUTORS, Case, array, program

X = array("f32", range(1, 12))


def token_cases():
    yield program("value_and_token", """
  for i in tiles(N) {
    let t0 = token()
    let (x, t1) = load(X[i], after=t0)
    let t2 = store(Y[i], x * 2.0, after=[t0, t1])
    let (y, t3) = load(Y[i], after=t2)
    store(Y[i], y + 1.0, after=join(t2, t3))
    Y[i] += 0.5
  }
""", {"X": X}, {"Y": ("f32[N]", X * 2 + np.float32(1.5))}, config={"i": 4})
    yield program("variable_in_a_loop", """
  for i in tiles(N) {
    var t = store(Y[i], 0.0, after=token())
    for k in range(5) {
      let (y, u) = load(Y[i], after=t)
      t = store(Y[i], y + X[i], after=u)
    }
    let (y, _) = load(Y[i], after=t)
    Y[i] = -y
  }
""", {"X": X}, {"Y": ("f32[N]", X * -5)}, config={"i": 4})
    yield program("variable_in_branches", """
  for i in tiles(N) {
    let a = store(Y[i], 1.0, after=token())
    let b = store(Y[i], 2.0, after=a)
    var t = token()
    if i.id % 2 == 0 { t = b } else { t = join(a, b) }
    if i.id > 0 { t = store(Y[i], 3.0, after=[t]) }
    let (y, u) = load(Y[i], after=t)
    store(Y[i], y + X[i], after=u)
  }
""", {"X": X}, {"Y": ("f32[N]", X + np.where(np.arange(11) < 4, 2, 3).astype(np.float32))}, config={"i": 4})
    yield program("choice_of_tokens", """
  for i in tiles(N) {
    let a = store(Y[i], 1.0, after=token())
    let b = store(Z[i], 2.0, after=token())
    var t = a
    if i.id % 2 == 0 { t = b }
    let c = store(W[i], X[i], after=t)
    let (w, _) = load(W[i], after=c)
    Y[i] += w
    Z[i] += w
  }
""", {"X": X}, {"Y": ("f32[N]", X + 1), "Z": ("f32[N]", X + 2), "W": ("f32[N]", X)}, config={"i": 4})
    yield program("variable_in_while_with_break", """
  for r in range(N) {
    var t = store(Y[r], 1, after=token())
    var n = 0
    while n < 100 {
      n += 1
      if n % 2 == 0 { continue }
      let (y, u) = load(Y[r], after=t)
      t = store(Y[r], y * 2, after=u)
      if y > 20 { break }
    }
    let (y, _) = load(Y[r], after=t)
    Z[r] = y + n
  }
""", {"X": X}, {"Y": ("i32[N]", array("i32", [64] * 11)), "Z": ("i32[N]", array("i32", [64 + 11] * 11))})
    yield Case("helpers_and_tuples", """
fn put(A, i, v, t) {
  let (old, u) = load(A[i], after=t)
  return (old, store(A[i], old + v, after=u))
}
fn both(pair) {
  return join(pair.0, pair.1)
}
kernel k(X: f32[N], inout Y: f32[N]) -> (Z: f32[N]) {
  for i in tiles(N) {
    let (a, t) = put(Y, i, X[i], token())
    let pair = (t, token())
    let second = put(Y, i, 1.0, both(pair))
    let (c, _) = load(Y[i], after=second.1)
    Z[i] = a + second.0 + c
  }
}
""", {"Y": X * 2 + 1, "Z": X + 2 * X + (X * 2 + 1)}, ins={"X": X}, inouts={"Y": X.copy()}, config={"i": 4})
    yield program("masks_pads_and_reads_only", """
  for i in tiles(N) {
    let m = X[i] > 3.0
    let (x, t) = load(X[i], mask=m, pad=-1.0, after=token())
    let u = store(Y[i], 0.0, after=t)
    store(Y[i], x, mask=m, after=u)
  }
""", {"X": X}, {"Y": ("f32[N]", np.where(X > 3, X, 0).astype(np.float32))}, config={"i": 4})
    yield program("atomics", """
  for r in range(N) {
    let (a, t) = atomic_add(C[r], 5, after=token())
    let (b, u) = atomic_xchg(C[r], 7, order=acq_rel, after=t)
    let (c, v) = atomic_cas(C[r], 7, 9, after=[u])
    let (d, _) = load(C[r], after=v)
    Y[r] = 1000 * a + 100 * b + 10 * c + d
  }
""", {"X": X}, {"C": ("i32[N]", array("i32", [9] * 11)), "Y": ("i32[N]", array("i32", [1000 + 600 + 70 + 9] * 11))},
                  params="X: f32[N], inout C: i32[N]", inouts={"C": array("i32", [1] * 11)})
    yield program("message_through_a_flag", """
  for r in range(1) {
    let data = store(D[0], 41, after=token())
    let (_, sent) = atomic_xchg(F[0], 1, order=release, after=data)
    let (f, seen) = atomic_or(F[0], 0, order=acquire, after=sent)
    let (d, _) = load(D[0], after=seen)
    Y[0] = d + f
  }
""", {}, {"D": ("i32[1]", array("i32", [41])), "F": ("i32[1]", array("i32", [1])), "Y": ("i32[1]", array("i32", [42]))},
                  params="inout D: i32[1], inout F: i32[1]", inouts={"D": array("i32", [0]), "F": array("i32", [0])})


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", list(token_cases()), ids=lambda case: case.name)
def test_program(case, executor, tmp_path):
    case.check(executor, tmp_path)
