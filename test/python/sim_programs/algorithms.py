#===- algorithms.py - programs of known algorithms -----------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Graphs, texts, hashes, random numbers, dynamic programming, compared with Python's own."""

import base64 as base64_module
import hashlib
import heapq
import zlib

import numpy as np

from sim_programs import InOut, Out, equal, integers, program, small


def random_graph(rng, vertices, edges):
    """Edges in both directions, as lists by vertex: starts, and what is at their other ends."""
    ends = rng.integers(0, vertices, (edges, 2))
    both = np.concatenate([ends, ends[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    return np.searchsorted(both[:, 0], np.arange(vertices + 1)).astype(np.int32), both[:, 1].astype(np.int32), ends


@program
def breadth_first(run, rng):
    vertices = 120
    starts, edges, _ = random_graph(rng, vertices, 160)
    distance = np.full(vertices, -1, np.int32)
    distance[0] = 0
    frontier, level = np.zeros(1, np.int32), 1
    while frontier.size:
        distance, found, size = run("expand", (frontier.size + 31) // 32, 32, starts, edges, frontier, frontier.size, level,
                                    InOut(distance), Out(np.int32, vertices), Out(np.int32, 1))
        frontier, level = found[:size[0]], level + 1
    expected, queue = {0: 0}, [0]
    for v in queue:
        for w in edges[starts[v]:starts[v + 1]].tolist():
            if w not in expected:
                expected[w] = expected[v] + 1
                queue.append(w)
    equal(distance, [expected.get(v, -1) for v in range(vertices)])


@program
def union_find(run, rng):
    vertices = 200
    _, _, ends = random_graph(rng, vertices, 140)
    (parent,) = run("unite", 5, 32, ends.astype(np.int32), len(ends), InOut(np.arange(vertices, dtype=np.int32)))
    _, roots = run("flatten", 2, 128, InOut(parent), vertices, Out(np.int32, vertices))
    expected = np.arange(vertices)
    for _ in range(vertices):
        for a, b in ends:
            expected[a] = expected[b] = min(expected[a], expected[b])
    equal(roots, expected)


@program
def shortest_paths(run, rng):
    n, tiles = 24, 3
    d = np.where(rng.random((n, n)) < 0.15, rng.integers(1, 100, (n, n)), 10**6).astype(np.int32)
    np.fill_diagonal(d, 0)
    result = d
    for k in range(tiles):
        for which, grid in enumerate([1, (tiles, 2), (tiles, tiles)]):
            (result,) = run("phase", grid, (8, 8), InOut(result), n, k, which)
    expected = []
    for source in range(n):
        best, queue = [10**6] * n, [(0, source)]
        while queue:
            way, v = heapq.heappop(queue)
            if way < best[v]:
                best[v] = way
                for w in np.flatnonzero(d[v] < 10**6).tolist():
                    heapq.heappush(queue, (way + int(d[v, w]), w))
        expected.append(best)
    equal(np.minimum(result, 10**6), expected)


@program
def edit_distance(run, rng):
    texts = [bytes(rng.integers(97, 100, length).tolist()) for length in (20, 25, 1, 30, 0, 7, 12, 12)]
    texts[7] = texts[6]
    starts = np.cumsum([0] + [len(text) for text in texts]).astype(np.int32)
    (result,) = run("distance", 4, 32, np.frombuffer(b"".join(texts), np.int8), starts, Out(np.int32, 4), smem=3 * 4 * 32)

    def distance(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            above, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y)))
        return row[-1]
    equal(result, [distance(texts[2 * i], texts[2 * i + 1]) for i in range(4)])


@program
def sparse_product(run, rng):
    rows, columns = 37, 90
    lengths = rng.integers(0, 40, rows)
    lengths[3] = 0
    starts = np.cumsum([0, *lengths]).astype(np.int32)
    index = rng.integers(0, columns, starts[-1]).astype(np.int32)
    values, x = small(rng, np.float32, index.size, 100), small(rng, np.float32, columns, 100)
    expected = np.zeros(rows, np.float32)
    np.add.at(expected, np.repeat(np.arange(rows), lengths), values * x[index])
    for kernel, lanes in (("productByLanes", 1), ("productByHalves", 16), ("productByWarps", 32)):
        (y,) = run(kernel, (rows * lanes + 95) // 96, 96, starts, index, values, x, Out(np.float32, rows), rows)
        equal(y, expected)


@program
def sieve(run, rng):
    blocks = 4
    n = 1024 * blocks
    is_prime = np.ones(n, bool)
    is_prime[:2] = False
    for p in range(2, 65):
        if is_prime[p]:
            is_prime[p * p::p] = False
    primes = np.flatnonzero(is_prime[:65]).astype(np.uint32)
    found, total = run("sieve", blocks, 96, primes, primes.size, Out(np.uint32, n // 32), Out(np.uint32, 1))
    equal(np.unpackbits(found.view(np.uint8), bitorder="little"), is_prime)
    equal(total, [is_prime.sum()])


def sha256_constants():
    """The first 32 bits of the fractions of the cube roots of the first 64 primes."""
    primes = [p for p in range(2, 312) if all(p % q for q in range(2, p))]
    roots = []
    for p in primes[:64]:
        low, high = 0, 8 << 32
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if middle**3 <= p << 96 else (low, middle)
        roots.append(low & 2**32 - 1)
    return np.array(roots, np.uint32)


@program
def sha256(run, rng):
    messages = [bytes(rng.integers(0, 256, length).tolist()) for length in (0, 1, 55, 56, 63, 64, 65, 130)]
    starts = np.cumsum([0] + [len(message) for message in messages]).astype(np.int32)
    (digests,) = run("hash", 1, 32, np.frombuffer(b"".join(messages), np.uint8), starts, sha256_constants(), Out(np.uint32, (8, 8)), 8)
    assert [row.astype(">u4").tobytes() for row in digests] == [hashlib.sha256(message).digest() for message in messages]


@program
def checksums(run, rng):
    length = 50
    x = integers(rng, np.uint8, (80, length))
    crcs, adlers = run("checksums", 2, 40, x, length, Out(np.uint32, 80), Out(np.uint32, 80))
    equal(crcs, [zlib.crc32(row.tobytes()) for row in x])
    equal(adlers, [zlib.adler32(row.tobytes()) for row in x])


@program
def random_numbers(run, rng):
    seed, threads, each = int(rng.integers(2**62)), 60, 20
    shifted, counters, inside = run("generate", 2, 30, np.uint64(seed), Out(np.uint64, threads), Out(np.uint32, (threads, 4)), Out(np.int32, 1), each)
    m32, m64 = 2**32 - 1, 2**64 - 1
    count, states, philox = 0, [], []
    for t in range(threads):
        state = seed + (t + 1) * 0x9E3779B97F4A7C15 & m64
        for _ in range(each):
            state ^= state >> 12
            state ^= state << 25 & m64
            state ^= state >> 27
            v = state * 0x2545F4914F6CDD1D & m64
            count += (v >> 40)**2 + (v >> 16 & 0xFFFFFF)**2 < 2**48
        states.append(state)
        c, key = [t, 0, seed & m32, 7], [seed >> 32, 0xABCD]
        for _ in range(10):
            first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [second >> 32 ^ c[1] ^ key[0], second & m32, first >> 32 ^ c[3] ^ key[1], first & m32]
            key = [key[0] + 0x9E3779B9 & m32, key[1] + 0xBB67AE85 & m32]
        philox.append(c)
    equal(shifted, np.array(states, np.uint64))
    equal(counters, philox)
    equal(inside, [count])


@program
def text_search(run, rng):
    text = bytes(rng.integers(97, 99, 600).tolist())
    pattern = text[205:211]
    places, count = run("search", 2, 32, np.frombuffer(text, np.int8), 600, np.frombuffer(pattern, np.int8), 6, 10, Out(np.int32, 600), Out(np.int32, 1))
    assert sorted(places[:count[0]].tolist()) == [i for i in range(595) if text[i:i + 6] == pattern]


@program
def base64(run, rng):
    for n in (1, 50, 99):
        x = integers(rng, np.uint8, n)
        (y,) = run("encode", 1, 64, x, n, Out(np.uint8, (n + 2) // 3 * 4))
        assert y.tobytes() == base64_module.b64encode(x.tobytes())


@program
def knapsack(run, rng):
    things, capacity, words = 9, 99, 4
    weights, values = rng.integers(5, 40, things).astype(np.int32), rng.integers(1, 100, things).astype(np.int32)
    best, taken = run("knapsack", 1, 64, weights, values, things, capacity, Out(np.int32, 1), Out(np.uint32, (things, words)), smem=8 * (capacity + 1))
    choices = (np.arange(2**things)[:, None] >> np.arange(things) & 1)
    fits = choices[choices @ weights <= capacity]
    equal(best, [(fits @ values).max()])
    left, value = capacity, 0
    for i in reversed(range(things)):
        if int(taken[i, left // 32]) >> left % 32 & 1:
            left, value = left - int(weights[i]), value + int(values[i])
    assert left >= 0 and value == best[0]


@program
def k_means(run, rng):
    n, k = 300, 7
    points, centres = rng.integers(-1000, 1000, (n, 2)).astype(np.int16), rng.integers(-1000, 1000, (k, 2)).astype(np.int16)
    nearest, sums = run("assign", 3, 128, points, n, centres, k, Out(np.uint8, n), Out(np.int32, (k, 3)), smem=12 * k)
    squares = ((points[:, None].astype(np.int64) - centres)**2).sum(2)
    expected = squares.argmin(1)
    equal(nearest, expected)
    total = np.zeros((k, 3), np.int64)
    np.add.at(total, expected, np.concatenate([points, np.ones((n, 1), np.int16)], 1))
    equal(sums, total)
