# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention: softmax(Q @ K^T / sqrt(D)) @ V for each head, with a causal mask or without, and for one query."""

import numpy as np

from harness.case import Case, gamma, largest_excess, numpy_type, random_array, sampled_rows

HEADS = 16
#: H, T, S, D.
SHAPES = [(HEADS, length, length, depth) for length in (1024, 4096) for depth in (64, 128)]
DECODE = [(HEADS, 1, 8192, depth) for depth in (64, 128)]

#: Half of the distance from one to the next number.
UNIT = {"f32": 2.0**-24, "bf16": 2.0**-8}
CEILING = {"f32": "fma", "bf16": "bf16"}


def make_case(op, type_name, shape):
    heads, queries, keys, depth = shape
    pairs = queries * (queries + 1) / 2 if op == "causal_attention" else float(queries * keys)
    size = numpy_type(type_name).itemsize
    return Case("attention", op, type_name, shape, 4.0 * heads * pairs * depth,
                2.0 * size * heads * depth * (queries + keys), CEILING[type_name] if queries > 1 else "read")


CASES = [make_case(op, type_name, shape) for op in ("attention", "causal_attention") for type_name in UNIT
         for shape in SHAPES]
CASES += [make_case("attention", type_name, shape) for type_name in UNIT for shape in DECODE]


def scale(case):
    return float(1 / np.sqrt(case.shape[3]))


def arrays(case):
    heads, queries, keys, depth = case.shape
    rng = np.random.default_rng(1)
    return {name: random_array(rng, (heads, extent, depth), case.type)
            for name, extent in (("Q", queries), ("K", keys), ("V", keys))}


def check(case, given, result):
    """Compares some rows with float64. The bound: a score is off by gamma(D + 2) of its terms' magnitudes, or by one
    rounding to the type where a peer stores scores; a weight's relative error is at most that of its score twice over (in
    the weight and in the sum), and gamma(2S + 16) for exponentials and sums; weights and result are rounded to the type."""
    heads, queries, keys, depth = case.shape
    if result.shape != (heads, queries, depth):
        return f"the result has the shape {result.shape}"
    unit, worst = UNIT[case.type], 0.0
    for head in sampled_rows(heads, 3):
        rows = sampled_rows(queries)
        q, k, v = (given[name][head].astype(np.float64) for name in "QKV")
        scores = q[rows] @ k.T * scale(case)
        off = gamma(depth + 2, 2.0**-24) * (np.abs(q[rows]) @ np.abs(k).T) * scale(case)
        off += (unit if case.type != "f32" else 0.0) * np.abs(scores)
        if case.op == "causal_attention":
            scores = np.where(np.arange(keys)[None, :] <= rows[:, None], scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        relative = np.expm1(2 * np.max(off, axis=1, keepdims=True)) + gamma(2 * keys + 16, 2.0**-24) + 3 * unit
        bound = relative * (weights @ np.abs(v))
        worst = max(worst, largest_excess(np.asarray(result[head])[rows], weights @ v, bound))
    return f"an error is {worst:.3g} times the bound" if worst else None
