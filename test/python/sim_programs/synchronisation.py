#===- synchronisation.py - programs whose threads wait for each other ----------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Locks, queues and flags between threads of any blocks, and barriers within one."""

import numpy as np

from sim_programs import InOut, Out, equal, integers, program


@program
def spin_lock(run, rng):
    (pair,) = run("lockedUpdates", 3, 40, InOut(np.array([5, 0], np.int32)), 3)
    equal(pair, [5 + 360, (5 + 359)**2])


@program
def ticket_lock(run, rng):
    blocks, rounds = 6, 4
    order, total = run("serve", blocks, 32, Out(np.uint32, blocks * rounds), Out(np.uint32, 1), rounds)
    equal(np.bincount(order), np.full(blocks, rounds, np.int64))
    expected = 0
    for block in order.tolist():
        expected = (expected * 31 + block) % 2**32
    equal(total, [expected])


@program
def stack(run, rng):
    blocks, threads = 4, 40
    n = blocks * threads
    values = integers(rng, np.int32, n)
    _, popped, misses = run("pushAndPop", blocks, threads, Out(np.uint32, n + 1), values, Out(np.int32, n), Out(np.int32, 1))
    equal(np.sort(popped), np.sort(values))
    # A thread pushed before it pops, so that there is something.
    equal(misses, [0])


@program
def queue(run, rng):
    blocks, threads, each = 6, 20, 4
    n = blocks // 2 * threads * each
    x = integers(rng, np.int32, n)
    (y,) = run("exchange", blocks, threads, x, Out(np.int32, n), each)
    equal(np.sort(y), np.sort(x))


@program
def hash_table(run, rng):
    bits, n = 9, 600
    keys, values = rng.integers(0, 400, n).astype(np.uint32) * 37, integers(rng, np.uint32, n)
    table = np.full(1 << bits, 2**32 - 1, np.uint32)
    table, sums = run("insert", 5, 128, keys, values, n, InOut(table), InOut(np.zeros(1 << bits, np.uint32)), bits)
    expected = np.zeros(400 * 37, np.uint64)
    np.add.at(expected, keys, values)
    queries = np.arange(0, 400 * 37, 37, dtype=np.uint32)
    (found,) = run("find", 4, 100, queries, queries.size, table, sums, bits, Out(np.uint32, queries.size))
    equal(found, np.where(np.isin(queries, keys), expected[queries], 2**32 - 1))


@program
def flags(run, rng):
    blocks, tiles, threads = 5, 4, 48
    x = integers(rng, np.int32, (tiles, threads))
    stages, done = run("relay", blocks, threads, x, Out(np.int32, (blocks, tiles, threads)), Out(np.int32, blocks), tiles)
    v = x.astype(np.int64) * 3
    for b in range(blocks):
        v = v if b == 0 else np.roll(v, -1, 1) * 3 + b
        equal(stages[b], v)
    equal(done, np.full(blocks, tiles))


@program
def grid_barrier(run, rng):
    n, steps = 300, 4
    x = rng.integers(-1000, 1000, n).astype(np.int32)
    a, _ = run("smooth", 4, 50, InOut(x), Out(np.int32, n), n, steps)
    for _ in range(steps):
        x = np.roll(x, 1) + 2 * x + np.roll(x, -1)
    equal(a, x)


@program
def named_barriers(run, rng):
    tiles = 7
    x = rng.integers(-1000, 1000, (tiles, 64)).astype(np.int32)
    (y,) = run("specialised", 1, 128, x, Out(np.int32, x.shape), tiles)
    equal(y, 2 * (x[:, ::-1] + np.arange(tiles)[:, None]))


@program
def barrier_reductions(run, rng):
    blocks, threads = 4, 77
    x = rng.integers(-5, 10, (blocks, threads)).astype(np.int32)
    x[1] = np.abs(x[1])
    x[2][x[2] == 9] = 0
    counts, everyone, someone = run("count", blocks, threads, x, *[Out(np.int32, x.shape)] * 3)
    spread = lambda v: np.broadcast_to(v[:, None], x.shape)
    equal(counts, spread((x > 0).sum(1)))
    equal(everyone, spread((x > -5).all(1)))
    equal(someone, spread((x == 9).any(1)))


@program
def messages(run, rng):
    blocks, rounds = 5, 6
    x = integers(rng, np.uint32, blocks)
    log, _ = run("ring", blocks, 32, x, Out(np.uint32, blocks * rounds), Out(np.uint32, 3), rounds)
    data, expected = [0, 0, 0], []
    for r in range(rounds):
        for b in range(blocks):
            data[r % 3] = (data[(r + 2) % 3] * 5 + int(x[b]) + data[r % 3]) % 2**32
            expected.append(data[r % 3])
    equal(log, expected)


@program
def sequence_lock(run, rng):
    writes = 5
    bad, seen = run("readAndWrite", 3, 32, Out(np.int32, 1), Out(np.int32, 96), writes)
    equal(bad, [0])
    equal(seen, [0] * 32 + [writes] * 64)


@program
def work_list(run, rng):
    n = 150
    x = integers(rng, np.int32, n)
    _, ready, total, leaves = run("adapt", 5, 32, x, n, Out(np.uint32, (64, 2)), Out(np.uint32, 64), Out(np.uint64, 1), Out(np.uint32, 1))

    def count(size):
        return (0, 1) if size <= 10 else tuple(map(sum, zip((1, 0), count(size // 2), count(size - size // 2))))
    inner, outer = count(n)
    equal(total, [sum(int(v)**2 for v in x) % 2**64])
    equal(leaves, [outer])
    equal(ready, np.arange(64) < inner + outer)


@program
def compare_and_swap(run, rng):
    n = 200
    x = rng.standard_normal(n).astype(np.float32)
    product, most, counts, halves = run("loops", 3, 70, x, n, InOut(np.ones(1, np.uint32)), InOut(np.full(1, -10, np.float32)),
                                        Out(np.uint32, 2), Out(np.uint16, 3))
    expected = 1
    for i in range(n):
        expected = expected * (2 * i + 3) % 2**32
    equal(product, [expected])
    equal(most, x.max().reshape(1))
    equal(counts.view(np.uint8), np.bincount(np.arange(n) % 8) % 256)
    equal(halves, [sum(range(i, n, 3)) % 65536 for i in range(3)])


@program
def queue_lock(run, rng):
    blocks, rounds = 6, 5
    total, order = run("count", blocks, 1, Out(np.int32, 1), Out(np.int32, blocks * rounds), rounds)
    equal(total, [blocks * rounds])
    equal(np.bincount(order, minlength=blocks + 1)[1:], np.full(blocks, rounds))


@program
def linked_queue(run, rng):
    x = integers(rng, np.int32, 4 * 24)
    (y,) = run("exchange", 4, 24, x, Out(np.int32, x.size))
    equal(np.sort(y), np.sort(x))
