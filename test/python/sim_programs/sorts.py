#===- sorts.py - programs that sort --------------------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks, merges, digits, ranks."""

import numpy as np

from sim_programs import InOut, Out, equal, integers, program


@program
def bitonic(run, rng):
    for n, threads in ((1, 2), (100, 128), (512, 512)):
        x = integers(rng, np.uint32, n)
        (y,) = run("bitonicSort", 1, threads, InOut(x), n, smem=4 * threads)
        equal(y, np.sort(x))


@program
def odd_even(run, rng):
    x = rng.standard_normal(75)
    x[:10] = np.float64(2.5)
    y, passes = run("oddEvenSort", 1, 32, InOut(x), x.size, Out(np.int32, 1))
    equal(y, np.sort(x))
    assert 1 < passes[0] <= (x.size + 1) // 2 + 1


@program
def radix(run, rng):
    n = 500
    keys, values = integers(rng, np.int32, n), np.arange(n, dtype=np.int16)
    keys[100:200] = keys[:100]
    # An even number of passes ends where it began.
    keys_after, values_after, _, _ = run("radixSort", 1, 64, InOut(keys), InOut(values), Out(np.int32, n), Out(np.int16, n), n)
    order = np.argsort(keys, kind="stable")
    equal(keys_after, keys[order])
    equal(values_after, values[order])


@program
def merge(run, rng):
    n, width = 333, 1
    x = rng.standard_normal(n).astype(np.float32)
    expected = np.sort(x)
    while width < n:
        (x,) = run("mergePass", 2, 32, x, Out(np.float32, n), n, width)
        width *= 2
    equal(x, expected)


@program
def counting(run, rng):
    n = 150
    words = rng.integers(97, 101, (n, 8)).astype(np.uint8)
    (y,) = run("rankSort", 3, 64, words.view(np.uint32), Out(np.uint32, (n, 2)), n)
    assert [bytes(word) for word in y.view(np.uint8)] == sorted(bytes(word) for word in words)
