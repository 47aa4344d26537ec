#===- tensor_cores.py - programs of matrix instructions ------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""mma.sync and wmma in all types up to sm_89, and matrix products and attention that are built on them. Elements are small
whole numbers, of which all sums are exact, unless a bound is derived."""

import ml_dtypes
import numpy as np

from bounded import Bounded
from sim_programs import InOut, Out, equal, integers, program, small

UNIT, EXP2 = 2.0**-24, 2.0**-22


def packed(array, bits):
    """Rows of numbers of a few bits, the first one lowest, as words."""
    per_word = 32 // bits
    fields = (array.astype(np.int64) & (1 << bits) - 1).reshape(*array.shape[:-1], -1, per_word)
    return (fields << bits * np.arange(per_word)).sum(-1).astype(np.uint32)


def words(array):
    return np.ascontiguousarray(array).view(np.uint32)


def product(run, kernel, a, b, expected, dtype):
    """Two steps of k, 2 x 3 pieces of 16 x 8; b is given by columns."""
    m, n = len(a), len(b)
    (c,) = run(kernel, (n // 8, m // 16), 32, a, b, Out(dtype, (m, n)), n, a.shape[1])
    equal(c, expected)


@program
def mma_floats(run, rng):
    for kernel, dtype, k in (("mmaF16", np.float16, 32), ("mmaBF16", ml_dtypes.bfloat16, 32), ("mmaTF32", np.float32, 16)):
        a, b = small(rng, np.float32, (32, k)), small(rng, np.float32, (24, k))
        product(run, kernel, words(a.astype(dtype)), words(b.astype(dtype)), a @ b.T, np.float32)


@program
def mma_bytes(run, rng):
    for kernel, left, right in (("mmaS8S8", np.int8, np.int8), ("mmaU8S8", np.uint8, np.int8), ("mmaU8U8", np.uint8, np.uint8)):
        a, b = integers(rng, left, (32, 64)), integers(rng, right, (24, 64))
        product(run, kernel, words(a), words(b), a.astype(np.int32) @ b.astype(np.int32).T, np.int32)


@program
def mma_nibbles(run, rng):
    for kernel, low, high in (("mmaS4S4", -8, 8), ("mmaU4S4", 0, 16)):
        a, b = rng.integers(low, high, (32, 128)), rng.integers(-8, 8, (24, 128))
        product(run, kernel, packed(a, 4), packed(b, 4), a @ b.T, np.int32)


@program
def mma_bits(run, rng):
    a, b = rng.integers(0, 2, (32, 512)), rng.integers(0, 2, (24, 512))
    product(run, "mmaXor", packed(a, 1), packed(b, 1), a @ (1 - b).T + (1 - a) @ b.T, np.int32)
    product(run, "mmaAnd", packed(a, 1), packed(b, 1), a @ b.T, np.int32)


@program
def mma_f8(run, rng):
    e4, e5 = ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2
    for kernel, dtype, most in (("mmaE4E4", e4, 8), ("mmaE5E4", e5, 4)):
        a, b = small(rng, np.float32, (32, 64), most), small(rng, np.float32, (24, 64))
        product(run, kernel, words(a.astype(dtype)), words(b.astype(e4)), a @ b.T, np.float32)


@program
def mma_sparse(run, rng):
    for kernel, k in (("firstPair", 32), ("secondPair", 32), ("thirdThread", 16)):
        a, b = small(rng, np.float32, (16, k // 2)), small(rng, np.float32, (8, k))
        # Of every four, two different places in order.
        places = np.sort(np.array([rng.permutation(4)[:2] for _ in range(16 * k // 4)]), 1).reshape(16, k // 2)
        dense = np.zeros((16, k), np.float32)
        np.put_along_axis(dense, np.arange(k // 2) // 2 * 4 + places, a, 1)
        # 16 bits for eight places of a row; those of the row eight below are the upper half.
        halves = (places.reshape(16, -1, 8) << 2 * np.arange(8)).sum(2)
        positions = (halves[:8] | halves[8:] << 16).astype(np.uint32)
        (c,) = run(kernel, 1, 32, a.astype(np.float16), b.astype(np.float16), positions, Out(np.float32, (16, 8)))
        start = np.where(np.arange(16)[:, None] < 8, [1, 2] * 4, [3, 4] * 4)
        equal(c, (dense @ b.T + start).astype(np.float32))


@program
def mma_turing(run, rng):
    a, b, c = small(rng, np.float32, (16, 8)), small(rng, np.float32, (8, 8)), small(rng, np.float32, (16, 8))
    for kernel, dtype in (("mmaF16Sums", np.float16), ("mmaF32Sums", np.float32)):
        (d,) = run(kernel, 1, 32, a.astype(np.float16), b.astype(np.float16), InOut(c.astype(dtype)))
        equal(d, (a @ b.T + c).astype(dtype))
    a, b, c = integers(rng, np.int8, (8, 16)), integers(rng, np.int8, (8, 16)), integers(rng, np.int16, (8, 8)).astype(np.int32)
    (d,) = run("mmaS8", 1, 32, a, b, InOut(c))
    equal(d, a.astype(np.int32) @ b.astype(np.int32).T + c)
    a, b = rng.integers(0, 16, (8, 32)), rng.integers(0, 16, (8, 32))
    (d,) = run("mmaU4", 1, 32, packed(a, 4), packed(b, 4), InOut(c))
    equal(d, a @ b.T + c)


@program
def gemm_f64(run, rng):
    m, n, k = 32, 48, 24
    a, b = rng.standard_normal((m, k)), rng.standard_normal((k, n))
    (c,) = run("gemm", (n // 16, m // 16), 128, a, b, Out(np.float64, (m, n)), n, k)
    equal(c, Bounded(a, type="f64") @ Bounded(b, type="f64"))


@program
def gemm_multistage(run, rng):
    for m, n, k in ((100, 64, 160), (64, 128, 32)):
        a, b = rng.standard_normal((m, k)).astype(np.float16), rng.standard_normal((k, n)).astype(np.float16)
        (c,) = run("gemm", (n // 64, (m + 63) // 64), 128, a, b, Out(np.float32, (m, n)), m, n, k, smem=3 * 8192)
        equal(c, Bounded(a) @ Bounded(b))


@program
def gemm_mbarrier(run, rng):
    m, n, k = 32, 64, 144
    a, b = small(rng, np.float16, (m, k)), small(rng, np.float16, (k, n))
    (c,) = run("gemm", (n // 32, m // 32), 160, a, b, Out(np.float32, (m, n)), n, k)
    equal(c, a.astype(np.float32) @ b.astype(np.float32))


@program
def attention(run, rng):
    queries, keys = 32, 48
    q, k, v = ((rng.standard_normal((n, 16)) / scale).astype(np.float16) for n, scale in ((queries, 4), (keys, 1), (keys, 1)))
    (out,) = run("attention", queries // 16, 32, q, k, v, Out(np.float32, (queries, 16)), keys)
    scores = Bounded(q) @ Bounded(k).T
    powers = np.exp(scores.value - scores.value.max(1, keepdims=True))
    # As in networks/attention; a power is rounded to f16, and a small one loses half of the smallest number of f16. The sum
    # is of the rounded powers, so that their errors weigh on both sides.
    argument = 2 * scores.error.max(1, keepdims=True) + 8 * UNIT * np.abs(scores.value).max(1, keepdims=True)
    steps = keys // 16
    relative = argument + 2.0**-11 + (keys + steps) * 2 * UNIT + (steps + 1) * EXP2
    wide, total = v.astype(np.longdouble), powers.sum(1, keepdims=True)
    small_ones = keys * 2.0**-25 * np.abs(wide).max()
    error = ((powers @ np.abs(wide)) * (2 * relative + UNIT) + 2 * small_ones) / total * 1.001
    equal(out, Bounded(powers @ wide / total, error))


@program
def wmma_f16(run, rng):
    m, n, k = 32, 48, 64
    a, b, c = small(rng, np.float32, (m, k)), small(rng, np.float32, (k, n)), small(rng, np.float32, (m, n))
    (d,) = run("wmmaSquare", (n // 16, m // 16), 32, a.astype(np.float16), b.astype(np.float16), InOut(c), k, n)
    equal(d, a @ b + c)
    # By columns: what is stored is the transpose.
    a, b, c = small(rng, np.float32, (16, 32)), small(rng, np.float32, (8, 16)), small(rng, np.float32, (32, 8))
    (d,) = run("wmmaTall", 1, 32, a.astype(np.float16), b.astype(np.float16), InOut(c.astype(np.float16)))
    equal(d, (a.T @ b.T + c).astype(np.float16))
    a, b, c = small(rng, np.float32, (8, 16)), small(rng, np.float32, (32, 16)), small(rng, np.float32, (32, 8))
    (d,) = run("wmmaWide", 1, 32, a.astype(np.float16), b.astype(np.float16), InOut(c))
    equal(d, (a @ b.T).T + c)


@program
def wmma_integers(run, rng):
    a, b, c = integers(rng, np.int8, (16, 16)), integers(rng, np.int8, (16, 16)), integers(rng, np.int16, (16, 16)).astype(np.int32)
    (d,) = run("wmmaS8", 1, 32, a, b, InOut(c))
    equal(d, a.astype(np.int32) @ b.astype(np.int32).T + c)
    a, b, c = rng.integers(-8, 8, (8, 32)), rng.integers(-8, 8, (8, 32)), integers(rng, np.int16, (8, 8)).astype(np.int32)
    (d,) = run("wmmaS4", 1, 32, packed(a, 4), packed(b, 4), InOut(c))
    equal(d, a @ b.T + c)
    a, b = rng.integers(0, 2, (8, 128)), rng.integers(0, 2, (8, 128))
    (d,) = run("wmmaB1", 1, 32, packed(a, 1), packed(b, 1), InOut(c))
    equal(d, a @ (1 - b).T + (1 - a) @ b.T + c)


@program
def wmma_ampere(run, rng):
    a, b, c = (small(rng, np.float32, (16, 16)) for _ in range(3))
    (d,) = run("wmmaBF16", 1, 32, a.astype(ml_dtypes.bfloat16), b.astype(ml_dtypes.bfloat16), InOut(c))
    equal(d, a @ b + c)
    (d,) = run("wmmaTF32", 1, 32, np.ascontiguousarray(a[:, :8]), np.ascontiguousarray(b[:, :8]), InOut(c))
    equal(d, a[:, :8] @ b[:, :8].T + c)
    a, b, c = rng.standard_normal((8, 4)), rng.standard_normal((4, 8)), rng.standard_normal((8, 8))
    (d,) = run("wmmaF64", 1, 32, a, b, InOut(c))
    exact = lambda x: Bounded(x, type="f64")
    equal(d, exact(a) @ exact(b) + exact(c))
