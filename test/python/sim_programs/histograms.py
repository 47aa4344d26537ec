#===- histograms.py - programs that count --------------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""In shared memory, in counters of each lane's own, and with lanes that count for others."""

import numpy as np

from sim_programs import Out, equal, program


@program
def shared(run, rng):
    x = np.minimum(rng.exponential(20, 3003), 255).astype(np.uint8)
    (counts,) = run("histogram", 3, 96, x, x.size, Out(np.uint32, 256))
    equal(counts, np.bincount(x, minlength=256))


@program
def privatised(run, rng):
    x = rng.standard_normal(2000)
    x[:9] = [-2, -1, -0.5, -0.125, 0, 0.125, 0.5, 1, 2]
    (counts,) = run("bins", 2, 128, x, x.size, Out(np.int32, 10))
    equal(counts, np.bincount(np.digitize(x, [-2, -1, -0.5, -0.125, 0, 0.125, 0.5, 1, 2]), minlength=10))


@program
def warp_aggregated(run, rng):
    n = 901
    x = rng.integers(0, 9, n).astype(np.int32)
    counts, leaders = run("aggregated", 4, 256, x, n, Out(np.int32, 9), Out(np.int32, 1))
    equal(counts, np.bincount(x, minlength=9))
    # As many as there are pairs of a warp and a bin, if the lanes of a warp vote together; never fewer, never more than x.
    distinct = len({(i // 32, v) for i, v in enumerate(x)})
    assert distinct <= leaders[0] <= n
