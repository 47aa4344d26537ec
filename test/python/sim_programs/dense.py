#===- dense.py - programs of linear algebra without matrix instructions --------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Transposes, products, a factor."""

import numpy as np

import bounded
from bounded import Bounded
from sim_programs import ByValue, InOut, Out, equal, integers, program, small


@program
def transpose(run, rng):
    for kernel, dtype in (("transposeF32", np.uint32), ("transposeU8", np.uint8), ("transposeF64", np.uint64)):
        x = integers(rng, dtype, (45, 70))
        (y,) = run(kernel, (3, 2), (32, 8), x, Out(dtype, (70, 45)), 45, 70)
        equal(y, x.T)


@program
def matmul(run, rng):
    for m, n, k in ((1, 1, 1), (40, 65, 21)):
        a, b = rng.standard_normal((m, k)).astype(np.float32), rng.standard_normal((k, n)).astype(np.float32)
        (c,) = run("matmul", ((n + 31) // 32, (m + 31) // 32), 64, a, b, Out(np.float32, (m, n)), m, n, k)
        equal(c, Bounded(a) @ Bounded(b))


@program
def matmul_f64(run, rng):
    m, n, k = 13, 21, 10
    a, b, c = (rng.standard_normal(shape) for shape in ((m, k + 3), (k, n + 1), (m, n + 5)))
    matrix = lambda rows, columns, stride: ByValue(np.array([rows, columns, stride], np.int32))
    (d,) = run("gemm", (3, 2), (8, 8), np.float64(1.5), a, matrix(m, k, k + 3), b, matrix(k, n, n + 1), np.float64(-0.75),
               InOut(c), matrix(m, n, n + 5))
    exact = lambda x: Bounded(x, type="f64")
    equal(d[:, :n], (exact(a[:, :k]) @ exact(b[:, :n])) * 1.5 + exact(c[:, :n]) * -0.75)
    equal(d[:, n:], c[:, n:])


@program
def matmul_int(run, rng):
    prime = 1000000007
    x = rng.integers(0, prime, (8, 8)).astype(np.uint64)
    exponent = int(rng.integers(1, 2**20))
    (y,) = run("matrixPower", 1, (8, 8), x, np.uint64(exponent), Out(np.uint64, (8, 8)))
    base, result = x.astype(object), np.identity(8, object)
    while exponent:
        if exponent & 1:
            result = result @ base % prime
        base = base @ base % prime
        exponent >>= 1
    equal(y, result.astype(np.uint64))


@program
def gemv(run, rng):
    for rows, columns in ((5, 300), (9, 101), (1, 1)):
        a, x = rng.standard_normal((rows, columns)).astype(np.float32), rng.standard_normal(columns).astype(np.float32)
        (y,) = run("gemv", (rows + 3) // 4, (32, 4), a, x, Out(np.float32, rows), rows, columns)
        equal(y, Bounded(a) @ Bounded(x))


@program
def cholesky(run, rng):
    n = 12
    x = rng.standard_normal((3, n, n))
    a = x @ x.transpose(0, 2, 1) + n * np.identity(n)
    (factors,) = run("cholesky", 3, 64, InOut(a), n, smem=8 * n * n)
    # Higham, theorem 10.3: L @ L.T is a within gamma(n + 1) * |L| @ |L.T|; the product here adds as much at most.
    error = 2 * bounded.gamma(n + 1, 2.0**-53) * (np.abs(factors) @ np.abs(factors).transpose(0, 2, 1))
    equal(factors @ factors.transpose(0, 2, 1), Bounded(a, error, "f64"))
    equal(np.triu(factors, 1), np.zeros_like(factors))
