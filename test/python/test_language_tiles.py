#===- test_language_tiles.py - shapes, reductions, scans, sorting and products of tiles ------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Semantics of operations on tiles: extents and broadcasting, reductions and scans, order, products, random numbers."""

import numpy as np
import pytest

from bounded import Bounded
from rounding import converted
from tilec_testing import EXECUTORS, NUMPY, Case, array, elementwise

NAN, INF = float("nan"), float("inf")
RNG = np.random.default_rng(3)


def rows(name, body, ins, expect, params="X: {t}[M, N]", config=None, **more):
    """A Case whose grid is over the rows `i` of X: [M, N]; `body` holds the statements of an iteration."""
    ins = {key: np.asarray(value) for key, value in ins.items()}
    results = ", ".join(f"{key}: {declared}" for key, (declared, _) in expect.items())
    source = (f"kernel k({params.format(t=typed(ins['X']))}) -> ({results}) {{\n  for i in tiles(M) {{\n"
              + "\n".join("    " + line for line in body) + "\n  }\n}\n")
    return Case(name, source, {key: value for key, (_, value) in expect.items()}, ins=ins, config=config or {"i": 3}, **more)


def typed(values):
    return next(name for name, dtype in NUMPY.items() if dtype == values.dtype)


def reduction_cases():
    for name, total in (("i8", "i32"), ("i16", "i32"), ("i32", "i32"), ("i64", "i64"), ("u8", "u32"), ("u16", "u32"),
                        ("u32", "u32"), ("u64", "u64")):
        info = np.iinfo(NUMPY[name])
        x = RNG.integers(info.min, info.max, (7, 11), dtype=NUMPY[name], endpoint=True)
        wide = x.astype(NUMPY[total])
        yield rows(f"reduce_{name}", ["let x = X[i, :]", "S[i] = sum(x, axis=1)", "P[i] = prod(x, axis=1)",
                                      "L[i] = min(x, axis=1)", "H[i] = max(x, axis=1)", "C[i, :] = cumsum(x, axis=1)"],
                   {"X": x},
                   {"S": (f"{total}[M]", wide.sum(1, dtype=NUMPY[total])), "P": (f"{total}[M]", wide.prod(1, dtype=NUMPY[total])),
                    "L": (f"{name}[M]", x.min(1)), "H": (f"{name}[M]", x.max(1)),
                    "C": (f"{total}[M, N]", wide.cumsum(1, dtype=NUMPY[total]))})
    flags = RNG.random((6, 9)) < 0.7
    flags[2] = True
    flags[4] = False
    yield rows("reduce_bool", ["let x = X[i, :]", "S[i] = sum(x, axis=1)", "A[i] = any(x, axis=1)", "L[i] = all(x, axis=1)"],
               {"X": flags}, {"S": ("i32[M]", flags.sum(1).astype(np.int32)), "A": ("bool[M]", flags.any(1)),
                              "L": ("bool[M]", flags.all(1))})
    for name in ("f16", "bf16", "f32", "f64"):
        # Small integers: every order of summation is exact in f32.
        x = RNG.integers(-4, 5, (5, 37)).astype(NUMPY[name])
        y = x.astype(np.float64)
        yield rows(f"reduce_{name}", ["let x = X[i, :]", "S[i] = sum(x, axis=1)", "L[i] = min(x, axis=1)",
                                      "H[i] = max(x, axis=1)", "C[i, :] = cumsum(x, axis=1)", "D[i, :] = cummax(x, axis=1)"],
                   {"X": x},
                   {"S": (f"{name}[M]", y.sum(1).astype(NUMPY[name])), "L": (f"{name}[M]", y.min(1).astype(NUMPY[name])),
                    "H": (f"{name}[M]", y.max(1).astype(NUMPY[name])), "C": (f"{name}[M, N]", y.cumsum(1).astype(NUMPY[name])),
                    "D": (f"{name}[M, N]", np.maximum.accumulate(y, 1).astype(NUMPY[name]))})
    # 4099 ones: a sum that rounded to f16 after each step would stop at 2048.
    ones = np.ones((2, 4099), np.float16)
    yield rows("reduce_f16_rounds_once", ["S[i] = sum(X[i, :], axis=1)", "A[i] = mean(X[i, :], axis=1)"], {"X": ones},
               {"S": ("f16[M]", converted(np.array([4099.0, 4099.0]), "f16")), "A": ("f16[M]", np.ones(2, np.float16))})
    x = array("f32", [[1, NAN, 3], [2, -INF, 5], [NAN, NAN, 0], [INF, 1, -1]])
    yield rows("reduce_special_values", ["let x = X[i, :]", "L[i] = min(x, axis=1)", "H[i] = max(x, axis=1)", "S[i] = sum(x, axis=1)"],
               {"X": x}, {"L": ("f32[M]", array("f32", [NAN, -INF, NAN, -1])), "H": ("f32[M]", array("f32", [NAN, 5, NAN, INF])),
                          "S": ("f32[M]", array("f32", [NAN, -INF, NAN, INF]))})
    empty = np.zeros((4, 0), np.float32)
    yield rows("reduce_nothing_float", ["let x = X[i, :]", "S[i] = sum(x, axis=1)", "P[i] = prod(x, axis=1)",
                                        "L[i] = min(x, axis=1)", "H[i] = max(x, axis=1)"], {"X": empty},
               {"S": ("f32[M]", np.zeros(4, np.float32)), "P": ("f32[M]", np.ones(4, np.float32)),
                "L": ("f32[M]", np.full(4, INF, np.float32)), "H": ("f32[M]", np.full(4, -INF, np.float32))})
    yield rows("reduce_nothing_integer", ["let x = X[i, :]", "S[i] = sum(x, axis=1)", "P[i] = prod(x, axis=1)",
                                          "L[i] = min(x, axis=1)", "H[i] = max(x, axis=1)", "A[i] = all(x > 0, axis=1)",
                                          "B[i] = any(x > 0, axis=1)"], {"X": empty.astype(np.int32)},
               {"S": ("i32[M]", np.zeros(4, np.int32)), "P": ("i32[M]", np.ones(4, np.int32)),
                "L": ("i32[M]", np.full(4, 2**31 - 1, np.int32)), "H": ("i32[M]", np.full(4, -2**31, np.int32)),
                "A": ("bool[M]", np.ones(4, bool)), "B": ("bool[M]", np.zeros(4, bool))})
    x = RNG.integers(-9, 9, (7, 5)).astype(np.int32)
    yield Case("reduce_other_axis_and_all", """
kernel k(X: i32[M, N]) -> (C: i32[N], K: i32[1, N], A: i32[1], B: i32[N]) {
  for j in tiles(N) {
    let x = X[:, j]
    C[j] = sum(x, axis=0)
    K[:, j] = max(x, axis=0, keep=true)
    B[j] = argmin(x, axis=0)
  }
  for r in range(1) {
    var s = 0
    for i, j in tiles(M, N) { s += sum(X[i, j]) }
    A[r] = s
  }
}
""", {"C": x.sum(0, dtype=np.int32), "K": x.max(0, keepdims=True), "A": np.array([x.sum()], np.int32),
      "B": x.argmin(0).astype(np.int32)}, ins={"X": x}, config={"i": 3, "j": 4})
    x = array("f32", [[3, 1, 3, 1], [NAN, 5, 2, NAN], [-0.0, 0.0, 0.0, -0.0], [-INF, -INF, INF, INF]])
    yield rows("argmax_ties_and_nan", ["A[i] = argmax(X[i, :], axis=1)", "B[i] = argmin(X[i, :], axis=1)"], {"X": x[[0, 3]]},
               {"A": ("i32[M]", array("i32", [0, 2])), "B": ("i32[M]", array("i32", [1, 0]))})
    yield rows("argmax_of_nan_is_the_first", ["A[i] = argmax(X[i, :], axis=1)"], {"X": x[:2]},
               {"A": ("i32[M]", array("i32", [0, 0]))})
    x = RNG.integers(0, 3, (1, 100)).astype(np.int32)
    yield Case("argmax_counts_from_the_tile", """
kernel k(X: i32[N]) -> (A: i32[P], B: i32[P]) {
  for j in tiles(N) {
    A[j.id] = argmax(X[j])
    B[j.id] = j.begin
  }
}
""", {"A": np.array([c.argmax() for c in np.split(x[0], range(7, 100, 7))], np.int32),
      "B": np.arange(0, 100, 7, dtype=np.int32)}, ins={"X": x[0]}, config={"j": 7}, dims={"P": 15})


def custom_cases():
    a, b = RNG.integers(-3, 4, (5, 13)).astype(np.int32), RNG.integers(-3, 4, (5, 13)).astype(np.int32)
    # Composition of affine maps x -> a*x + b, left to right: associative, not commutative.
    p, q = np.ones(5, np.int32), np.zeros(5, np.int32)
    ps, qs = np.empty_like(a), np.empty_like(a)
    with np.errstate(over="ignore"):
        for n in range(13):
            p, q = p * a[:, n], q * a[:, n] + b[:, n]
            ps[:, n], qs[:, n] = p, q
    affine = "(l, r) => (l.0 * r.0, l.1 * r.0 + r.1)"
    yield rows("reduce_tuple_not_commutative",
               [f"let (p, q) = reduce((X[i, :], B[i, :]), axis=1, init=(1, 0), {affine})", "P[i] = p", "Q[i] = q"],
               {"X": a, "B": b}, {"P": ("i32[M]", p), "Q": ("i32[M]", q)}, params="X: {t}[M, N], B: i32[M, N]")
    yield rows("scan_tuple_not_commutative",
               [f"let (p, q) = scan((X[i, :], B[i, :]), axis=1, {affine})", "P[i, :] = p", "Q[i, :] = q"],
               {"X": a, "B": b}, {"P": ("i32[M, N]", ps), "Q": ("i32[M, N]", qs)}, params="X: {t}[M, N], B: i32[M, N]")
    x = RNG.integers(0, 1 << 16, (4, 21)).astype(np.int32)
    yield rows("reduce_lambda", ["let x = X[i, :]", "A[i] = reduce(x, axis=1, init=0, (a, b) => a ^ b)",
                                 "B[i] = reduce(x, axis=1, init=-1, (a, b) => a & b)",
                                 "C[i, :] = scan(x, axis=1, (a, b) => max(a, b))"], {"X": x},
               {"A": ("i32[M]", np.bitwise_xor.reduce(x, axis=1)), "B": ("i32[M]", np.bitwise_and.reduce(x, axis=1)),
                "C": ("i32[M, N]", np.maximum.accumulate(x, axis=1))})
    x = RNG.standard_normal((3, 10)).astype(np.float32)
    yield Case("reduce_clipped_tile", """
kernel k(X: f32[M, N]) -> (S: f32[M, P], C: f32[M, N]) {
  for i, j in tiles(M, N) {
    S[i, j.id] = reduce(X[i, j], axis=1, init=inf, (a, b) => min(a, b))
    C[i, j] = cumprod(round(X[i, j]), axis=1)
  }
}
""", {"S": np.stack([x[:, :4].min(1), x[:, 4:8].min(1), x[:, 8:].min(1)], 1),
      "C": np.concatenate([np.cumprod(np.rint(part), 1, dtype=np.float32) for part in np.split(x, [4, 8], 1)], 1)},
        ins={"X": x}, config={"i": 2, "j": 4}, dims={"P": 3})


def order_cases():
    for name in ("i32", "f32", "u8", "f16"):
        x = RNG.integers(0, 6, (5, 23)).astype(NUMPY[name])
        index = np.argsort(x, axis=1, kind="stable").astype(np.int32)
        yield rows(f"sort_is_stable_{name}", ["let (v, n) = sort(X[i, :], axis=1)", "V[i, :] = v", "I[i, :] = n"], {"X": x},
                   {"V": (f"{name}[M, N]", np.take_along_axis(x, index, 1)), "I": ("i32[M, N]", index)})
        down = np.argsort(-x.astype(np.float64), axis=1, kind="stable").astype(np.int32)[:, :4]
        yield rows(f"topk_takes_lowest_of_ties_{name}", ["let (v, n) = topk(X[i, :], 4, axis=1)", "V[i, :] = v", "I[i, :] = n"],
                   {"X": x}, {"V": (f"{name}[M, 4]", np.take_along_axis(x, down, 1)), "I": ("i32[M, 4]", down)})
    x = array("f32", [[3, NAN, -INF, INF, 1, NAN]])
    yield rows("sort_puts_nan_last", ["let (v, n) = sort(X[i, :], axis=1)", "V[i, :] = v", "I[i, :] = n"], {"X": x},
               {"V": ("f32[M, N]", array("f32", [[-INF, 1, 3, INF, NAN, NAN]])), "I": ("i32[M, N]", array("i32", [[2, 4, 0, 3, 1, 5]]))})
    yield rows("topk_puts_nan_first", ["let (v, n) = topk(X[i, :], 3, axis=1)", "V[i, :] = v", "I[i, :] = n"], {"X": x},
               {"V": ("f32[M, 3]", array("f32", [[NAN, NAN, INF]])), "I": ("i32[M, 3]", array("i32", [[1, 5, 3]]))})
    x = RNG.integers(0, 50, 100).astype(np.int32)
    parts = np.split(x, range(32, 100, 32))
    yield Case("sort_of_a_clipped_tile", """
kernel k(X: i32[N]) -> (V: i32[N], I: i32[N]) {
  for i in tiles(N) {
    let (v, n) = sort(X[i], axis=0)
    V[i] = v
    I[i] = n
  }
}
""", {"V": np.concatenate([np.sort(p) for p in parts]),
      "I": np.concatenate([np.argsort(p, kind="stable") for p in parts]).astype(np.int32)}, ins={"X": x}, config={"i": 32})


def shape_cases():
    x = np.arange(24, dtype=np.int32).reshape(4, 6)

    def shapes(name, results, expect, ins=None, params="X: i32[4, 6]"):
        declared = ", ".join(f"{key}: {typed(value)}[{', '.join(map(str, value.shape))}]" for key, value in expect.items())
        body = "\n".join(f"    {key}[{', '.join([':'] * expect[key].ndim)}] = {text}" for key, text in results.items())
        return Case(name, f"kernel k({params}) -> ({declared}) {{\n  for n in range(1) {{\n    let x = X[:, :]\n{body}\n  }}\n}}\n",
                    expect, ins=ins or {"X": x})

    yield shapes("reshape", {"A": "reshape(x, 24)", "B": "reshape(x, 2, 12)", "C": "reshape(x, 2, 2, 6)"},
                 {"A": x.reshape(24), "B": x.reshape(2, 12), "C": x.reshape(2, 2, 6)})
    yield shapes("permute", {"A": "x.T", "B": "permute(x, 1, 0)", "C": "permute(reshape(x, 2, 3, 4), 1, 2, 0)",
                             "D": "permute(reshape(x, 2, 3, 4), 1, 0, 2)"},
                 {"A": x.T.copy(), "B": x.T.copy(), "C": x.reshape(2, 3, 4).transpose(1, 2, 0).copy(),
                  "D": x.reshape(2, 3, 4).transpose(1, 0, 2).copy()})
    yield shapes("transpose_of_rank_3", {"A": "reshape(x, 2, 3, 4).T"}, {"A": x.reshape(2, 3, 4).swapaxes(1, 2).copy()})
    yield shapes("cat_and_split", {"A": "cat(x, x + 100, axis=0)", "B": "cat(x, x * 2, axis=1)"},
                 {"A": np.concatenate([x, x + 100], 0), "B": np.concatenate([x, x * 2], 1)})
    yield Case("split_takes_parts", """
kernel k(X: i32[4, 6]) -> (A: i32[4, 2], B: i32[4, 2], C: i32[4, 2], D: i32[2, 6]) {
  for n in range(1) {
    let (a, b, c) = split(X[:, :], 3, axis=1)
    A[:, :] = a
    B[:, :] = b
    C[:, :] = c
    let (_, low) = split(X[:, :], 2, axis=0)
    D[:, :] = low
  }
}
""", {"A": x[:, :2], "B": x[:, 2:4], "C": x[:, 4:], "D": x[2:]}, ins={"X": x})
    yield shapes("tile_subscripts", {"A": "x[1, :]", "B": "x[:, 2]", "C": "x[:, None, :]", "D": "x[3, None, :]", "E": "x[2, :][:, None]"},
                 {"A": x[1], "B": x[:, 2].copy(), "C": x[:, None, :], "D": x[3, None, :], "E": x[2, :, None]})
    yield shapes("broadcasting", {"A": "x + x[0, :]", "B": "x * x[:, 1][:, None]", "C": "broadcast(x[0, :], 4, 6)",
                                  "D": "x[:, 0][:, None] + x[0, :][None, :]", "E": "x + 1"},
                 {"A": x + x[0], "B": x * x[:, 1:2], "C": np.broadcast_to(x[0], (4, 6)).copy(), "D": x[:, :1] + x[:1], "E": x + 1})
    yield shapes("creation", {"A": "zeros(f32, 2, 3)", "B": "ones(i8, 4)", "C": "full(f16, -inf, 3)", "D": "arange(2, 7)",
                              "E": "full(u8, 255, 2, 2)", "F": "zeros(bool, 3)"},
                 {"A": np.zeros((2, 3), np.float32), "B": np.ones(4, np.int8), "C": np.full(3, -INF, np.float16),
                  "D": np.arange(2, 7, dtype=np.int32), "E": np.full((2, 2), 255, np.uint8), "F": np.zeros(3, bool)})
    yield Case("index_members", """
kernel k(X: i32[N]) -> (B: i32[5], E: i32[5], S: i32[5], D: i32[5], C: i32[5], I: i32[N]) {
  for i in tiles(N) {
    B[i.id] = i.begin
    E[i.id] = i.end
    S[i.id] = i.size
    D[i.id] = i.id
    C[i.id] = i.count
    I[i] = i.index
  }
}
""", {"B": array("i32", [0, 7, 14, 21, 28]), "E": array("i32", [7, 14, 21, 28, 30]), "S": array("i32", [7] * 5),
      "D": array("i32", range(5)), "C": array("i32", [5] * 5), "I": array("i32", range(30))},
        ins={"X": np.zeros(30, np.int32)}, config={"i": 7})
    yield Case("two_dims_of_one_index_meet", """
kernel k(X: f32[N]) -> Y: f32[N, N] {
  for i in tiles(N) {
    let d = X[i][:, None] - X[i][None, :]
    Y[i, i] = where(i.index[:, None] == i.index[None, :], X[i][None, :], d)
  }
  for i, j in tiles(N, N) {
    if i.id != j.id { Y[i, j] = 0.0 }
  }
}
""", {"Y": blocks_of_differences(np.arange(10, dtype=np.float32) ** 2, 4)}, ins={"X": np.arange(10, dtype=np.float32) ** 2},
               config={"i": 4, "j": 4})


def blocks_of_differences(x, size):
    y = np.zeros((len(x), len(x)), np.float32)
    for at in range(0, len(x), size):
        part = x[at:at + size]
        y[at:at + size, at:at + size] = np.where(np.eye(len(part), dtype=bool), part[None, :], part[:, None] - part[None, :])
    return y


def product_cases():
    def product(name, ta, tb, tr, m=5, k=19, n=6, integers=False):
        info = np.iinfo(NUMPY[ta]) if integers else None
        a = RNG.integers(info.min, info.max, (m, k), endpoint=True).astype(NUMPY[ta]) if integers else RNG.integers(-4, 5, (m, k)).astype(NUMPY[ta])
        b = RNG.integers(-128 if tb == "i8" else 0, 127, (k, n)).astype(NUMPY[tb]) if integers else RNG.integers(-4, 5, (k, n)).astype(NUMPY[tb])
        # Small integers: exact in every type and order.
        wide = a.astype(np.float64) @ b.astype(np.float64)
        return Case(name, f"""
kernel k(A: {ta}[M, K], B: {tb}[K, N], C: {tr}[M, N]) -> (P: {tr}[M, N], D: {tr}[M, N], E: {tr}[M, N]) {{
  for i, j in tiles(M, N) {{
    P[i, j] = A[i, :] @ B[:, j]
    D[i, j] = dot(A[i, :], B[:, j], C[i, j])
    var acc = zeros({tr}, i, j)
    for k in tiles(K) {{ acc += dot(A[i, k], B[k, j]) }}
    E[i, j] = acc
  }}
}}
""", {"P": wide.astype(NUMPY[tr]), "D": (wide + 3).astype(NUMPY[tr]), "E": wide.astype(NUMPY[tr])},
                    ins={"A": a, "B": b, "C": np.full((m, n), 3, NUMPY[tr])}, config={"i": 4, "j": 3, "k": 8})

    for name, result in (("f16", "f32"), ("bf16", "f32"), ("f8e4m3", "f32"), ("f8e5m2", "f32"), ("f32", "f32"), ("f64", "f64")):
        yield product(f"dot_{name}", name, name, result)
    for a, b in (("i8", "i8"), ("u8", "u8"), ("u8", "i8"), ("i8", "u8")):
        yield product(f"dot_{a}_{b}", a, b, "i32", integers=True)
    a, b = RNG.integers(-4, 5, (3, 4, 5)).astype(np.float32), RNG.integers(-4, 5, (5, 6)).astype(np.float32)
    yield Case("dot_broadcasts_batches", """
kernel k(A: f32[L, M, K], B: f32[K, N], C: f32[1, K, N]) -> (P: f32[L, M, N], Q: f32[L, M, N]) {
  for b, i, j in tiles(L, M, N) {
    P[b, i, j] = A[b, i, :] @ B[:, j]
    Q[b, i, j] = A[b, i, :] @ C[:, :, j]
  }
}
""", {"P": a @ b, "Q": a @ b}, ins={"A": a, "B": b, "C": b[None]}, config={"b": 2, "i": 3, "j": 4})
    x, y = RNG.standard_normal((5, 33)).astype(np.float32), RNG.standard_normal((33, 6)).astype(np.float32)
    # tf32 rounds the operands to 11 bits.
    exact = Bounded(x) @ Bounded(y)
    slack = (2 * 2.0**-11 + 2.0**-22) * (np.abs(x).astype(np.float64) @ np.abs(y).astype(np.float64))
    yield Case("dot_precision", """
kernel k(A: f32[M, K], B: f32[K, N]) -> (P: f32[M, N], Q: f32[M, N]) {
  for i, j in tiles(M, N) {
    P[i, j] = dot(A[i, :], B[:, j], precision="tf32")
    Q[i, j] = dot(A[i, :], B[:, j])
  }
}
""", {"P": Bounded(exact.value, exact.error + slack * 1.01), "Q": exact}, ins={"A": x, "B": y})
    a = array("f32", [[1, INF, 2], [0, 1, NAN], [1, 2, 3]])
    b = array("f32", [[1, 0], [1, 0], [1, 1]])
    with np.errstate(invalid="ignore"):
        expect = np.array([[INF, NAN], [NAN, NAN], [6, 3]], np.float32)
    yield Case("dot_special_values", """
kernel k(A: f32[M, K], B: f32[K, N]) -> P: f32[M, N] {
  for i, j in tiles(M, N) {
    var acc = zeros(f32, i, j)
    for k in tiles(K) { acc += A[i, k] @ B[k, j] }
    P[i, j] = acc
  }
}
""", {"P": expect}, ins={"A": a, "B": b}, config={"i": 2, "j": 2, "k": 2})
    yield Case("dot_over_nothing", """
kernel k(A: f16[M, K], B: f16[K, N]) -> P: f32[M, N] {
  for i, j in tiles(M, N) {
    var acc = full(f32, 1.5, i, j)
    for k in tiles(K) { acc += A[i, k] @ B[k, j] }
    P[i, j] = acc
  }
}
""", {"P": np.full((3, 4), 1.5, np.float32)}, ins={"A": np.zeros((3, 0), np.float16), "B": np.zeros((0, 4), np.float16)})
    a, b = RNG.integers(-3, 4, (4, 64)).astype(NUMPY["f8e4m3"]), RNG.integers(-3, 4, (64, 5)).astype(NUMPY["f8e4m3"])
    sa, sb = RNG.integers(125, 130, (4, 2)).astype(np.uint8), RNG.integers(125, 130, (2, 5)).astype(np.uint8)
    wide = (a.astype(np.float64) * np.repeat(2.0 ** (sa.astype(int) - 127), 32, 1)) @ \
        (b.astype(np.float64) * np.repeat(2.0 ** (sb.astype(int) - 127), 32, 0))
    yield Case("dot_scaled", """
kernel k(A: f8e4m3[M, 64], SA: u8[M, 2], B: f8e4m3[64, N], SB: u8[2, N]) -> P: f32[M, N] {
  for i, j in tiles(M, N) {
    P[i, j] = dot_scaled(A[i, :], SA[i, :], B[:, j], SB[:, j], zeros(f32, i, j))
  }
}
""", {"P": wide.astype(np.float32)}, ins={"A": a, "SA": sa, "B": b, "SB": sb}, config={"i": 3, "j": 2})


with np.errstate(all="ignore"):
    CASES = [case for cases in (reduction_cases, custom_cases, order_cases, shape_cases, product_cases) for case in cases()]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_tiles(case, executor, tmp_path):
    case.check(executor, tmp_path)


def philox(counter, seed):
    """The first word of Philox4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3)."""
    c, key = [counter & 0xFFFFFFFF, counter >> 32, 0, 0], [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ key[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ key[1], p0 & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c[0]


def test_philox_reference():
    # The known answer of the paper's library for zero and for all-ones inputs in the words that this function sets.
    assert philox(0, 0) == 0x6627E8D5


@pytest.mark.parametrize("executor", EXECUTORS)
def test_rand(executor, tmp_path):
    """The first word at the counter, of which the upper 24 bits are the number: all of [0, 1) that f32 spaces evenly."""
    counters = np.concatenate([np.arange(200), [2**31 - 1, 12345678]]).astype(np.int32)
    words = np.array([philox(int(x), 7) for x in counters], np.uint64)
    elementwise("rand", {"Y": "rand(7, x)"}, {"X": counters}, {"Y": ((words >> np.uint64(8)) * 2.0**-24).astype(np.float32)}
                ).check(executor, tmp_path)
