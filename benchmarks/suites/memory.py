# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operations on rows of f32 that should run as fast as memory gives and takes them."""

import numpy as np

from harness.case import Case, aligned_empty, exact_gelu, gamma, largest_excess, random_array, sampled_rows

SHAPES = [(4096, 1024), (256, 50257), (100, 100000)]
EPSILON = 1e-5
UNIT = 2.0**-24

#: Arrays as large as X that an operation reads and writes, and its ceiling.
TRAFFIC = {"softmax": (2, "copy"), "layernorm": (2, "copy"), "rmsnorm": (2, "copy"), "add_layernorm": (4, "copy"),
           "gelu": (2, "copy"), "transpose": (2, "copy"), "cross_entropy": (1, "read")}

#: Functions that take longer than an addition, by one shape.
FUNCTIONS = {"sin": 2, "softplus": 2, "pow": 3}

CASES = [Case("memory", op, "f32", shape, 0.0, 4.0 * count * shape[0] * shape[1], ceiling)
         for op, (count, ceiling) in TRAFFIC.items() for shape in SHAPES]
CASES += [Case("memory", op, "f32", SHAPES[0], 0.0, 4.0 * count * SHAPES[0][0] * SHAPES[0][1], "copy")
          for op, count in FUNCTIONS.items()]


def arrays(case):
    rng = np.random.default_rng(1)
    given = {"X": random_array(rng, case.shape, "f32")}
    if case.op == "add_layernorm":
        given["R"] = random_array(rng, case.shape, "f32")
    if case.op in ("layernorm", "add_layernorm", "rmsnorm"):
        given["gamma"] = random_array(rng, case.shape[1:], "f32")
        given["beta"] = random_array(rng, case.shape[1:], "f32")
    if case.op == "cross_entropy":
        given["labels"] = aligned_empty(case.shape[:1], np.int32)
        given["labels"][...] = rng.integers(0, case.shape[1], case.shape[0])
    if case.op == "sin":
        given["X"] *= 10
    if case.op == "pow":
        given["X"] += 2
        given["Y"] = random_array(rng, case.shape, "f32")
        given["Y"] *= 10
    return given


def expected(case, given, rows):
    """The sampled rows in float64, and what any right computation in f32 may be off: a relative error of gamma(2n + 16)
    covers two sums of n terms and the handful of roundings around them, of the terms' magnitudes."""
    n = case.shape[1]
    off = gamma(2 * n + 16, UNIT)
    x = given["X"].astype(np.float64) if case.op == "transpose" else given["X"][rows].astype(np.float64)
    if case.op == "transpose":
        return x.T[rows], 0.0
    if case.op == "gelu":
        # erf of x / sqrt 2 by math.erf: the distance covers 12 ulp of erfc times its condition, at most 3 for |x| <= 1.
        return exact_gelu(x), 64 * UNIT * np.abs(x)
    if case.op == "sin":
        # 4 ulp, which every peer is within.
        return np.sin(x), 8 * UNIT * np.abs(np.sin(x))
    if case.op == "softplus":
        # A sum of two terms that are not negative, an exponential and a logarithm with a condition of at most 1.
        return np.logaddexp(x, 0), 16 * UNIT * np.logaddexp(x, 0)
    if case.op == "pow":
        power = x ** given["Y"][rows].astype(np.float64)
        return power, 8 * UNIT * power
    if case.op in ("softmax", "cross_entropy"):
        shifted = np.exp(x - x.max(axis=1, keepdims=True))
        total = shifted.sum(axis=1, keepdims=True)
        if case.op == "softmax":
            return shifted / total, off * shifted / total
        loss = np.log(total[:, 0]) + x.max(axis=1) - x[np.arange(len(rows)), given["labels"][rows]]
        return loss, off * (np.abs(np.log(total[:, 0])) + 3)
    if case.op == "add_layernorm":
        x = x + given["R"][rows]
    scale = given["gamma"].astype(np.float64)
    if case.op == "rmsnorm":
        y = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + EPSILON) * scale
        return y, off * np.abs(y)
    centred = x - x.mean(axis=1, keepdims=True)
    factor = scale / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + EPSILON)
    y = centred * factor + given["beta"]
    return y, off * (2 * np.abs(factor) * (np.abs(x) + np.abs(x).mean(axis=1, keepdims=True)) + np.abs(given["beta"]))


def check(case, given, result):
    rows = sampled_rows(result.shape[0])
    values, bound = expected(case, given, rows)
    if result[rows].shape != values.shape:
        return f"the result has the shape {result.shape}"
    excess = largest_excess(result[rows], values, bound)
    return f"an error is {excess:.3g} times the bound" if excess else None
