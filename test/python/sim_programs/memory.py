#===- memory.py - programs about where data lies -------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Heap, parameters, constants, vectors, generic pointers, dynamic shared memory, special registers."""

import numpy as np

from sim_programs import ByValue, InOut, Out, equal, integers, program, small


@program
def dynamic_objects(run, rng):
    n, threads = 12, 70
    x = integers(rng, np.int32, n)
    y, failures = run("lists", 2, 35, x, n, Out(np.int64, threads), Out(np.int32, 1))
    expected = []
    for t in range(threads):
        # The last one put in is the first.
        values = (x[:t % n + 1].astype(np.int64) + t).astype(np.int32)[::-1].astype(np.int64)
        expected.append((values * np.arange(1, values.size + 1)).sum() + t // 2)
    equal(y, expected)
    equal(failures, [0])


@program
def large_parameter(run, rng):
    layout = np.dtype([("bytes", "i1", 5), ("shorts", "i2", 3), ("doubles", "f8", 100), ("ints", "i4", 300),
                       ("records", np.dtype([("kind", "u1"), ("value", "i8")], align=True), 40)], align=True)
    table = np.zeros((), layout)
    table["bytes"], table["shorts"], table["doubles"] = rng.integers(-99, 99, 5), rng.integers(-99, 99, 3), small(rng, np.float64, 100)
    table["ints"] = rng.integers(-10**6, 10**6, 300)
    table["records"]["kind"], table["records"]["value"] = rng.integers(0, 255, 40), rng.integers(-2**60, 2**60, 40)
    n = 100
    k = rng.integers(0, 1000, n).astype(np.int32)
    y, z = run("look", 2, 64, np.int8(-3), ByValue(np.frombuffer(table.tobytes(), np.uint8)), np.int16(1234), k, Out(np.float64, n),
               Out(np.int64, n), n)
    equal(y, table["doubles"][k % 100] * table["shorts"][k % 3] + table["bytes"][k % 5] - 3)
    kinds = table["records"]["kind"][(k + 1) % 40].astype(np.int64)
    equal(z, table["records"]["value"][k % 40] + kinds * table["ints"][k % 300] + 1234)


@program
def constants(run, rng):
    y, z, w = run("read", 1, 48, Out(np.int32, 48), Out(np.float32, 48), Out(np.int64, 48))
    factors, shares = [3, -7, 1 << 20], [0.5, 0.25, 8.0]
    table = [[1, 2, 3, 4], [250, 251, 252, 253], [0, 0, 9, 0]]
    grid = [[1, 2, 3], [-4, -5, -6], [700, 800, 900], [10, 11, 12]]
    expected = []
    for t in range(48):
        row = grid[t % 4]
        expected.append(factors[t % 3] * t + table[t % 3][t % 4] + row[0] * t + row[1] - row[2] + b"constants"[t % 9])
    equal(y, expected)
    equal(z, np.array([shares[t % 3] * t + (-2.5 if t & 1 else 1.5) for t in range(48)], np.float32))
    equal(w, [-0x123456789ABCDEF * (t + 1) + 2**63 & 2**64 - 1 for t in range(48)] - np.array(2**63, object))


@program
def vectors(run, rng):
    a, b, c, d = integers(rng, np.int32, (32, 4)), rng.standard_normal((32, 2)), integers(rng, np.int16, (32, 4)), integers(rng, np.uint8, (32, 2))
    wa, wb, wc, wd = run("vectors", 1, 32, a, b, c, d, *[Out(v.dtype, v.shape) for v in (a, b, c, d)])
    equal(wa, a[:, ::-1] + np.array([0, 0, 1, 0], np.int32))
    equal(wb, np.stack([b[:, 1], -b[:, 0]], 1))
    equal(wc, np.stack([c[:, 1], c[:, 0], c[:, 3], c[:, 2] - np.int16(1)], 1))
    equal(wd, d[:, ::-1] ^ np.array([0, 0x80], np.uint8))
    n = 41
    x = np.zeros(n, [("id", "u2"), ("flags", "u1", 2), ("weight", "f4"), ("value", "f8")])
    x["id"], x["flags"], x["weight"], x["value"] = rng.integers(0, 65536, n), rng.integers(0, 256, (n, 2)), small(rng, np.float32, n), small(rng, np.float64, n)
    (y,) = run("records", 1, 64, x.view(np.uint8), Out(np.uint8, 16 * n), n)
    expected = x[::-1].copy()
    expected["id"] += 1
    expected["flags"][:, 1] = expected["flags"][:, 0]
    expected["value"] *= expected["weight"]
    equal(y, expected.view(np.uint8))


@program
def generic_pointers(run, rng):
    x = rng.integers(-1000, 1000, 32).astype(np.int32)
    after, y, spaces = run("everywhere", 1, 32, InOut(x), Out(np.int32, (2, 32)), Out(np.uint8, 32))
    t = np.arange(32)
    place = t // 2 % 4
    before = np.choose(place, [x, 100 + t, t + t % 4, 1000 * t])
    equal(y[0], before)
    changed = before * 2 + t
    equal(after, np.where(place == 0, changed, x))
    own = t[:, None] + np.arange(4)
    own[place == 2, t[place == 2] % 4] = changed[place == 2]
    equal(y[1], changed + np.where(t % 2, 14, own.sum(1)))
    equal(spaces, np.choose(place, [1, 2, 4, 1]))


@program
def partitions(run, rng):
    for n in (1, 37, 64):
        x = small(rng, np.float32, n, 100)
        (y,) = run("partition", 1, 64, x, Out(np.float64, n), n, smem=13 * n)
        t = np.arange(n)
        order = t * 7 % n
        doubles = x[order] * (order[n - 1 - t] * 5 % 256).astype(np.float64)
        equal(y, doubles[n - 1 - t] + doubles[order])


@program
def local_arrays(run, rng):
    x = np.stack([rng.permutation(16) for _ in range(40)]).astype(np.uint8)
    y, cycles = run("permute", 1, 40, x, Out(np.uint8, (40, 16)), Out(np.int32, 40))
    inverse = np.argsort(x, 1)
    equal(y, np.take_along_axis(inverse, inverse, 1))
    counts = []
    for p in x.tolist():
        seen, count = set(), 0
        for i in range(16):
            count += i not in seen
            while i not in seen:
                seen.add(i)
                i = p[i]
        counts.append(count)
    equal(cycles, counts)


@program
def special_registers(run, rng):
    y, clocks, wrong = run("registers", 1, (20, 3), Out(np.uint32, (60, 4)), Out(np.int64, 60), Out(np.int32, 1), smem=512)
    lane = np.arange(60) % 32
    equal(y, np.stack([lane, (1 << lane) - 1, np.full(60, 103), np.full(60, 512)], 1))
    assert (clocks > 0).all()
    equal(wrong, [0])


@program
def search_trees(run, rng):
    x = rng.integers(-20, 20, (2 * 24, 30)).astype(np.int32)
    y, heights = run("sortByTree", 2, 24, x, Out(np.int32, x.shape), Out(np.int32, len(x)), x.shape[1])
    equal(y, np.sort(x, axis=1))
    for row, height in zip(x, heights):
        depths = {}
        for value in row.tolist():
            # A new node is below the neighbours that were there before it, in the order of values.
            if value not in depths:
                below = [depths[v] for v in (max((v for v in depths if v < value), default=None),
                                             min((v for v in depths if v > value), default=None)) if v is not None]
                depths[value] = 1 + max(below, default=0)
        assert height == max(depths.values())


@program
def cache_operators(run, rng):
    x = integers(rng, np.uint32, (2 * 40, 4))
    y, sums = run("copies", 2, 40, x, Out(np.uint32, x.shape), Out(np.uint32, len(x)))
    equal(y, x)
    equal(sums, 4 * x.astype(np.uint64).sum(1))
