# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrix products C = A @ B: f32, bf16 accumulated in f32, i8 accumulated in i32. B of `linear` is given transposed, as the
weights of a layer often are. A batch of products has a B for each (`batched`) or one for all (`shared`). Products of few rows
and columns and a long contraction are `thin`."""

import dataclasses

import numpy as np

from harness.case import Case, gamma, largest_excess, numpy_type, random_array, sampled_rows

SHAPES = [(256, 256, 256), (384, 384, 384), (512, 512, 512), (768, 768, 768), (1024, 1024, 1024), (1536, 1536, 1536),
          (2048, 2048, 2048), (128, 4096, 4096), (4096, 4096, 64), (1000, 1000, 1000), (37, 4096, 999)]

#: Matrix times one vector, and small batches of them: bound by reading the matrix.
BATCHES = [(batch, 4096, 4096) for batch in (1, 2, 4, 8)]

#: Few elements, each of many terms.
THIN = [(64, 64, 16384), (32, 48, 8192), (8, 8, 65536), (16, 16, 4096)]

#: Batches of products: how many, then the extents of each.
BATCHED = {"batched": [(16, size, size, size) for size in (64, 128, 256)], "shared": [(8, 512, 1024, 1024)]}

#: The type of the result, and the ceiling of the product.
RESULT = {"f32": ("f32", "fma"), "bf16": ("f32", "bf16"), "i8": ("i32", "int8")}


def make_case(op, type_name, shape):
    *batch, m, n, k = shape
    count = batch[0] if batch else 1
    result, ceiling = RESULT[type_name]
    size, result_size = numpy_type(type_name).itemsize, numpy_type(result).itemsize
    moved = size * (count * m * k + (1 if op == "shared" else count) * k * n) + result_size * count * m * n
    return Case("gemm", op, type_name, shape, 2.0 * count * m * n * k, float(moved),
                "read" if op in ("gemv", "linear") else ceiling)


CASES = [make_case("matmul", type_name, shape) for type_name in RESULT for shape in SHAPES]
CASES += [make_case(op, type_name, shape) for op in ("gemv", "linear") for type_name in RESULT for shape in BATCHES]
CASES += [make_case("thin", type_name, shape) for type_name in RESULT for shape in THIN]
CASES += [make_case(op, "f32", shape) for op, shapes in BATCHED.items() for shape in shapes]


def arrays(case):
    *batch, m, n, k = case.shape
    rng = np.random.default_rng(1)
    shape = (n, k) if case.op == "linear" else (k, n)
    return {"A": random_array(rng, (*batch, m, k), case.type),
            "B": random_array(rng, shape if case.op == "shared" else (*batch, *shape), case.type)}


def check(case, given, result):
    """Compares some rows with the product in float64. Each term meets at most k + 1 roundings to f32, in any order of the
    sum; products of bf16 are exact in f32, and integers altogether."""
    *batch, m, n, k = case.shape
    if result.shape != (*batch, m, n):
        return f"the result has the shape {result.shape}"
    if batch:
        last = given["B"] if case.op == "shared" else given["B"][-1]
        return check(dataclasses.replace(case, op="matmul", shape=(m, n, k)), {"A": given["A"][-1], "B": last}, result[-1])
    rows = sampled_rows(m)
    a, b = given["A"][rows].astype(np.float64), given["B"].astype(np.float64)
    b = b.T if case.op == "linear" else b
    bound = 0.0 if case.type == "i8" else gamma(k + 1, 2.0**-24) * (np.abs(a) @ np.abs(b))
    excess = largest_excess(result[rows], a @ b, bound)
    return f"an error is {excess:.3g} times the bound" if excess else None
