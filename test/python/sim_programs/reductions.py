#===- reductions.py - programs that make few numbers of many ---------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trees, shuffles, atomics, blocks that wait for each other."""

import numpy as np

from bounded import Bounded
from sim_programs import InOut, Out, equal, integers, program, small


@program
def tree(run, rng):
    for threads in (1, 96, 250, 1024):
        n = 3 * threads - threads // 2
        x = integers(rng, np.int32, n)
        (sums,) = run("treeSums", 3, threads, x, Out(np.int32, 3), n, smem=4 * threads)
        equal(sums, np.add.reduceat(x.astype(np.int64), [0, threads, 2 * threads] if n > 2 * threads else [0, threads, n - 1]))


@program
def shuffle(run, rng):
    for threads, columns in ((32, 77), (100, 1001), (256, 64)):
        x = small(rng, np.float32, (5, columns), 1000)
        (result,) = run("rowSummaries", 5, threads, x, Out(np.float32, (5, 3)), columns)
        equal(result, np.stack([x.sum(1), x.min(1), x.max(1)], 1))


@program
def atomics(run, rng):
    x = integers(rng, np.int32, 2000)
    wide, words = x.astype(np.int64), x.view(np.uint32)
    unsigned = wide.view(np.uint64)
    mixed = np.bitwise_xor.reduce(np.uint64(0x9E3779B97F4A7C15) * words.astype(np.uint64))
    ints, ors, longs, signed, singles, doubles = run(
        "atomicResults", 6, 96, x, x.size, InOut(np.zeros(4, np.int32)), InOut(np.array([2**32 - 1, 0, 0, 0, 0, 2**32 - 1, 0], np.uint32)),
        Out(np.uint64, 3), Out(np.int64, 2), Out(np.float32, 1), Out(np.float64, 1))
    equal(ints, [np.int64(v) for v in (wide.sum(), -wide.sum(), min(x.min(), 0), max(x.max(), 0))])
    # inc counts 0 to 99; dec counts 76 down to 0, from 0 on.
    equal(ors, np.array([np.bitwise_and.reduce(words), np.bitwise_or.reduce(words), np.bitwise_xor.reduce(words), x.size % 100,
                         -x.size % 77, words.min(), words.max()], np.uint32))
    equal(longs, np.array([unsigned.sum(), unsigned.max(), mixed], np.uint64))
    equal(signed, [min(0, wide.min() << 20), max(0, wide.max() << 20)])
    equal(singles, np.array([(x & 63).sum()], np.float32))
    equal(doubles, np.array([wide.sum()], np.float64))


@program
def last_block(run, rng):
    x = integers(rng, np.int64, 3000)
    _, total = run("totalSum", 7, 256, x, x.size, Out(np.int64, 7), Out(np.int64, 1))
    equal(total, [x.sum()])


@program
def two_pass(run, rng):
    n = 2003
    x = rng.standard_normal(n)
    (parts,) = run("partialSums", 5, 128, x, n, Out(np.float64, 5))
    (mean,) = run("mean", 1, 32, parts, 5, n, Out(np.float64, 1))
    (parts,) = run("partialSquares", 5, 128, x, n, mean, Out(np.float64, 5))
    (variance,) = run("mean", 1, 32, parts, 5, n, Out(np.float64, 1))
    values = Bounded(x, type="f64")
    expected = values.sum() / n
    deviations = values - expected
    equal(mean, expected.reshape(1))
    equal(variance, ((deviations * deviations).sum() / n).reshape(1))


@program
def argmax(run, rng):
    x = rng.standard_normal(3001).astype(np.float32)
    x[rng.integers(0, x.size, 5)] = x.max() + 1
    (best,) = run("argmax", 12, 256, x, x.size, Out(np.uint64, 1))
    assert 0xFFFFFFFF - int(best[0] & np.uint64(0xFFFFFFFF)) == int(np.argmax(x))


@program
def segments(run, rng):
    keys = np.sort(rng.integers(0, 60, 700)).astype(np.int32)
    values = integers(rng, np.int32, keys.size)
    (sums,) = run("segmentSums", 6, 128, keys, values, keys.size, Out(np.int32, 60))
    expected = np.zeros(60, np.int64)
    np.add.at(expected, keys, values)
    equal(sums, expected)
