# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Chains that a library computes one by one: a product with bias and gelu behind it, and the rotation of positions, by
halves of a row (rope) or by neighbours (rope_pairs)."""

import numpy as np

from harness.case import Case, exact_gelu, gamma, largest_excess, random_array, sampled_rows

PRODUCTS = [(512, 512, 512), (1024, 1024, 1024), (128, 4096, 4096), (1000, 1000, 1000)]
#: Positions, heads, depth.
ROTATIONS = [(1024, 16, 64), (4096, 16, 128)]
UNIT = 2.0**-24


def product_case(shape):
    m, n, k = shape
    return Case("fused", "matmul_bias_gelu", "f32", shape, 2.0 * m * n * k, 4.0 * (m * k + k * n + n + m * n), "fma")


def rotation_case(shape, op="rope"):
    positions, heads, depth = shape
    return Case("fused", op, "f32", shape, 0.0, 4.0 * (2 * positions * heads * depth + positions * depth), "copy")


CASES = [product_case(shape) for shape in PRODUCTS] + [rotation_case(shape) for shape in ROTATIONS]
CASES += [rotation_case(shape, "rope_pairs") for shape in ROTATIONS]


def arrays(case):
    rng = np.random.default_rng(1)
    if case.op in ("rope", "rope_pairs"):
        positions, heads, depth = case.shape
        return {"X": random_array(rng, case.shape, "f32"), "Cos": random_array(rng, (positions, depth // 2), "f32"),
                "Sin": random_array(rng, (positions, depth // 2), "f32")}
    m, n, k = case.shape
    return {"A": random_array(rng, (m, k), "f32"), "B": random_array(rng, (k, n), "f32"), "bias": random_array(rng, (n,), "f32")}


def check(case, given, result):
    """Compares some rows with float64. Gelu's slope is at most 1.13, so what a sum is off counts that often; 12 ulp of the
    error function times the condition of 1 + erf, which is below 3 where |x| <= 1, are below 64 units of the sum."""
    rows = sampled_rows(result.shape[0])
    if case.op in ("rope", "rope_pairs"):
        x = given["X"][rows].astype(np.float64)
        half = x.shape[2] // 2
        cosine, sine = (given[name][rows].astype(np.float64)[:, None, :] for name in ("Cos", "Sin"))
        by_halves = case.op == "rope"
        low, high = (x[..., :half], x[..., half:]) if by_halves else (x[..., ::2], x[..., 1::2])

        def joined(first, second):
            return np.concatenate([first, second], axis=2) if by_halves else np.stack([first, second], axis=3).reshape(x.shape)
        values = joined(low * cosine - high * sine, high * cosine + low * sine)
        bound = gamma(2, UNIT) * joined(np.abs(low * cosine) + np.abs(high * sine), np.abs(high * cosine) + np.abs(low * sine))
    else:
        a, b = given["A"][rows].astype(np.float64), given["B"].astype(np.float64)
        total = a @ b + given["bias"]
        values = exact_gelu(total)
        magnitude = np.abs(a) @ np.abs(b) + np.abs(given["bias"])
        bound = 1.13 * gamma(case.shape[2] + 2, UNIT) * magnitude + 64 * UNIT * np.abs(total)
    excess = largest_excess(result[rows], values, bound)
    return f"an error is {excess:.3g} times the bound" if excess else None
