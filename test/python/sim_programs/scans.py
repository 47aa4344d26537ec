#===- scans.py - programs that sum all prefixes ----------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Scans of blocks, of whole arrays, and what is built on them."""

import numpy as np

from sim_programs import InOut, Out, equal, integers, program


@program
def hillis_steele(run, rng):
    for n, threads in ((1, 32), (33, 33), (500, 512)):
        x = integers(rng, np.int32, n)
        (y,) = run("inclusiveScan", 1, threads, x, Out(np.int32, n), n, smem=8 * threads)
        equal(y, np.cumsum(x.astype(np.int64)))


@program
def blelloch(run, rng):
    x = integers(rng, np.uint32, (3, 512))
    y, totals = run("exclusiveScan", 3, 256, x, Out(np.uint32, (3, 512)), Out(np.uint32, 3))
    sums = np.cumsum(x.astype(np.uint64), 1)
    equal(y, sums - x)
    equal(totals, sums[:, -1])


@program
def lookback(run, rng):
    n = 11 * 256 - 100
    x = integers(rng, np.uint32, n)
    y, states = run("scanOnce", 11, 256, x, Out(np.uint32, n), n, InOut(np.zeros(11, np.uint64)))
    sums = np.cumsum(x.astype(np.uint64))
    equal(y, sums)
    equal(states, [2 << 32 | int(sums[min(n, (b + 1) * 256) - 1]) & 0xFFFFFFFF for b in range(11)])


@program
def compaction(run, rng):
    n = 900
    x = rng.integers(-1000, 1000, n).astype(np.int32)
    (counts,) = run("countKept", 4, 256, x, n, Out(np.int32, 4))
    y, total = run("keep", 4, 256, x, n, counts, Out(np.int32, n), Out(np.int32, 1))
    kept = x[x % 3 == 0]
    equal(total, [kept.size])
    equal(y, np.concatenate([kept, np.zeros(n - kept.size, np.int32)]))


@program
def matrix_prefix(run, rng):
    rows, columns = 21, 77
    x = rng.integers(0, 256, (rows, columns)).astype(np.uint8)
    (y,) = run("scanRows", 6, 128, x, Out(np.int32, (rows, columns)), rows, columns)
    (y,) = run("scanColumns", 2, 64, InOut(y), rows, columns)
    equal(y, x.astype(np.int64).cumsum(0).cumsum(1))
