#===- networks.py - programs of neural networks without matrix instructions ----------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Normalisations, attention, quantised weights, tables."""

import numpy as np

import bounded
from bounded import Bounded
from sim_programs import Out, InOut, equal, program, small

UNIT = 2.0**-24
# What ex2.approx may be off by, relatively (PTX manual).
EXP2 = 2.0**-22


@program
def softmax(run, rng):
    for columns, threads in ((1, 32), (77, 64), (1000, 128)):
        x = (rng.standard_normal((3, columns)) * 5).astype(np.float32)
        (y,) = run("softmax", 3, threads, x, Out(np.float32, x.shape), columns)
        wide = x.astype(np.longdouble)
        most = wide.max(1, keepdims=True)
        powers = np.exp(wide - most)
        expected = powers / powers.sum(1, keepdims=True)
        # Terms are positive, so that relative errors of powers and of roundings add up. A power's argument has three
        # roundings (the difference, log2(e), the product), which matter in proportion to it. On its way into the sum, a
        # term passes at most so many joins, each with a power, a product and a sum; the differences between their maxima
        # add up to at most that of the last and the term.
        joins = -(-columns // threads) + 5 + threads // 32
        reach = (most - wide.min(1, keepdims=True)) * 3 * UNIT
        relative = (joins + 2) * (EXP2 + 2 * UNIT) + 2 * reach + UNIT
        assert relative.max() < 2.0**-10
        # Products of such errors are below a thousandth of their sum.
        equal(y, Bounded(expected, expected * relative * 1.001))


@program
def layer_norm(run, rng):
    for columns, threads in ((2, 32), (150, 64), (256, 128)):
        x = rng.standard_normal((4, columns)).astype(np.float16)
        weight, bias = rng.standard_normal((2, columns)).astype(np.float32)
        epsilon = np.float32(1e-2)
        (y,) = run("layerNorm", 4, threads, x.view(np.uint16), weight, bias, Out(np.uint32, (4, columns // 2)), columns, epsilon)
        exact = Bounded(x)
        d = exact - exact.mean(1, keepdims=True)
        scale = 1 / bounded.sqrt((d * d).mean(1, keepdims=True) + float(epsilon))
        equal(y.view(np.float16), (d * scale * Bounded(weight) + Bounded(bias)).to("f16"))


@program
def attention(run, rng):
    queries, keys, depth = 11, 70, 16
    q, k, v = (rng.standard_normal((n, depth)).astype(np.float32) for n in (queries, keys, keys))
    for is_causal in (0, 1):
        (out,) = run("attention", 3, 128, q, k, v, Out(np.float32, (queries, depth)), queries, keys, is_causal)
        # A quarter of a query is exact.
        scores = Bounded(q * np.float32(0.25)) @ Bounded(k).T
        counts = np.arange(keys) <= np.arange(queries)[:, None] if is_causal else np.ones((queries, keys), bool)
        value = np.where(counts, scores.value, -np.inf)
        most = value.max(1, keepdims=True)
        powers = np.exp(value - most)
        # A power is off by its argument's error: that of the score and of the maximum, and the roundings of log2(e), of the
        # product and of differences, the tiles' maxima between. Three tiles: as many powers, products and sums more.
        size = np.abs(np.where(counts, scores.value, 0)).max(1, keepdims=True)
        argument = 2 * scores.error.max(1, keepdims=True) + 8 * UNIT * size
        relative = argument + (keys + 3) * 2 * UNIT + 4 * EXP2
        wide = v.astype(np.longdouble)
        total = powers.sum(1, keepdims=True)
        error = (powers @ np.abs(wide)) / total * (2 * relative + UNIT) * 1.001
        assert relative.max() < 2.0**-10
        equal(out, Bounded(powers @ wide / total, error))


@program
def quantised_gemv(run, rng):
    rows, columns = 9, 320
    q, zeros = rng.integers(0, 16, (rows, columns)), rng.integers(0, 16, (rows, columns // 32)).astype(np.uint8)
    # Powers of two and whole numbers: no sum rounds.
    scales = (2.0 ** rng.integers(-3, 3, zeros.shape)).astype(np.float32)
    x = small(rng, np.float32, columns)
    words = (q.reshape(rows, -1, 8) << 4 * np.arange(8)).sum(2).astype(np.uint32)
    (y,) = run("gemv", rows, 32, words, scales, zeros, x, Out(np.float32, rows), columns)
    wide = lambda v: np.repeat(v.astype(np.float64), 32, 1)
    equal(y, (q - wide(zeros)) * wide(scales) @ x)


@program
def quantise(run, rng):
    x = (rng.standard_normal((5, 200)) * 3).astype(np.float32)
    y, scales = run("quantise", 5, 64, x, Out(np.uint32, (5, 50)), Out(np.float32, 5), 200)
    expected = np.abs(x).max(1) / np.float32(127)
    equal(scales, expected)
    equal(y.view(np.int8), np.clip(np.rint(x / expected[:, None]), -128, 127))


@program
def gather_scatter(run, rng):
    rows, width, n = 10, 5, 40
    table, index = small(rng, np.float32, (rows, 4 * width), 1000), rng.integers(-1, rows + 1, n)
    index[:2] = [2**40, -2**40]
    is_in = (index >= 0) & (index < rows)
    (y,) = run("gather", n, 32, table, index, Out(np.float32, (n, 4 * width)), rows, width)
    equal(y, np.where(is_in[:, None], table[np.clip(index, 0, rows - 1)], np.float32(0)))
    gradient = small(rng, np.float32, (n, 4 * width), 1000)
    (after,) = run("scatterAdd", n, 32, gradient, index, InOut(table), rows, width)
    expected = table.copy()
    np.add.at(expected, index[is_in], gradient[is_in])
    equal(after, expected)
