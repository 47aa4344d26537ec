#===- copies.py - programs of asynchronous copies and mbarriers ----------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Copies in groups, and barriers in shared memory."""

import numpy as np

from sim_programs import Out, equal, integers, program, small


@program
def double_buffer(run, rng):
    for rows in (1, 8, 43):
        x = small(rng, np.float32, (rows, 128), 1000)
        (y,) = run("columnSums", 2, 64, x, Out(np.float32, 128), rows, 128)
        equal(y, x.sum(0))


@program
def groups(run, rng):
    x = integers(rng, np.int32, 224)
    (y,) = run("ordered", 1, 32, x, Out(np.int32, 96))
    wide = x.astype(np.int64)
    pairs = wide[32:96].reshape(32, 2).sum(1)[np.arange(32) ^ 1]
    equal(y, np.concatenate([wide[:32], pairs, wide[96:].reshape(4, 32).sum(0)]))


@program
def phases(run, rng):
    rounds = 6
    x = rng.integers(-1000, 1000, (rounds, 64)).astype(np.int32)
    (y,) = run("phases", 1, 64, x, Out(np.int32, 64), rounds)
    values = x.astype(np.int64)
    values[rounds // 2 + 1:, 32] = values[rounds // 2, 32]
    sums = (values[:, ::-1] * np.arange(1, rounds + 1)[:, None]).cumsum(0)
    expected = sums[-1]
    expected[32] = sums[rounds // 2 - 1, 32]
    equal(y, expected)
