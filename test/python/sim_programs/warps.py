#===- warps.py - programs of the instructions in which a warp takes part -------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Shuffles, votes, matches, reductions, and lanes that part and meet."""

import numpy as np

from sim_programs import Out, equal, integers, program

LANES = np.arange(32)


@program
def shuffles(run, rng):
    x, d = integers(rng, np.int32, 32), rng.standard_normal(32)
    y, e = run("shuffles", 1, 32, x, d, Out(np.int32, (24, 32)), Out(np.float64, (2, 32)))
    rows = []
    for width in (1, 2, 4, 8, 16, 32):
        first = LANES // width * width
        last = first + width - 1
        rows.append(x[first + (LANES * 7 + 3) % width])
        rows.append(x[np.where(LANES - 3 >= first, LANES - 3, LANES)])
        rows.append(x[np.where(LANES + 5 <= last, LANES + 5, LANES) % 32])
        # Lanes below the part may be read, those above it not.
        rows.append(x[np.where((LANES ^ 9) <= last, LANES ^ 9, LANES)])
    equal(y, np.stack(rows))
    equal(e, np.stack([d[::-1], d[np.where(LANES % 8, LANES - 1, LANES)]]))


@program
def transpose(run, rng):
    x = integers(rng, np.uint32, (3, 32))
    (y,) = run("transposeBits", 3, 32, x, Out(np.uint32, (3, 32)))
    bits = lambda a: np.unpackbits(a.view(np.uint8).reshape(-1, 32, 4), axis=2, bitorder="little")
    equal(bits(y), bits(x).transpose(0, 2, 1))
    x = integers(rng, np.int16, (32, 32))
    (y,) = run("transposeNumbers", 1, 32, x, Out(np.int16, (32, 32)))
    equal(y, x.T)


def ballot(bits):
    return int(sum(int(bool(bit)) << i for i, bit in enumerate(bits)))


@program
def votes(run, rng):
    # Warps of which all, some and none hold.
    x = np.concatenate([rng.integers(low, 4, (2, 32)) for low in (-1, 0, 1, 2)] + [np.full((1, 32), 1)]).astype(np.int32)
    (y,) = run("votes", len(x), 32, x, Out(np.uint32, (len(x), 6, 32)))
    left = ballot(LANES % 5 == 0)
    for v, out in zip(x, y):
        odd = v & 1 != 0
        equal(out[0], np.full(32, (v > 0).all()))
        equal(out[1], np.full(32, (v > 2).any()))
        equal(out[2], np.full(32, ballot(odd)))
        upper = int((v[odd] == 1).all()) << 31
        equal(out[3], np.where(odd, ballot(odd & (v > 1)) | upper, ballot(~odd & (v > 1))))
        equal(out[4], np.full(32, (v > 1).all() or not (v > 1).any()))
        for lane, mask in enumerate(out[5].tolist()):
            # Who else is active is open, but nobody who left.
            assert mask == 0xDEAD if lane % 5 == 0 else mask >> lane & 1 and not mask & left


@program
def matches(run, rng):
    blocks = 4
    x, w = rng.integers(0, 4, (blocks, 32)).astype(np.uint32), rng.integers(0, 3, (blocks, 32)).astype(np.uint64) << np.uint64(31)
    x[1] = 7
    y, everyone = run("matches", blocks, 32, x, w, Out(np.uint32, (3, blocks, 32)), Out(np.int32, (blocks, 32)))
    same = lambda v: [[ballot(row == value) for value in row] for row in v]
    equal(y[0], same(x))
    equal(y[1], same(w))
    part = np.where(LANES < 20, 0xFFFFF, 0xFFF00000)
    equal(y[2], np.array(same(x)) & part)
    equal(everyone, [[int(len(set(row.tolist())) == 1)] * 32 for row in x])


@program
def reductions(run, rng):
    x = integers(rng, np.int32, (3, 32))
    outs = run("reductions", 3, 32, x, *[Out(dtype, (3, 32)) for dtype in [np.int32] * 3 + [np.uint32] * 3])
    row = lambda f, v=x: np.stack([np.full(32, f(part)) for part in v])
    words = x.view(np.uint32)
    for out, expected in zip(outs, [row(lambda v: v.sum(dtype=np.int64)), row(np.min), row(np.max), row(np.min, words), row(np.max, words)]):
        equal(out, expected)
    for v, out in zip(words, outs[5]):
        odd, even = v[v & 1 == 1], v[v & 1 == 0]
        ones = np.bitwise_xor.reduce(odd) ^ np.bitwise_or.reduce(odd)
        zeros = np.bitwise_and.reduce(even, initial=np.uint32(2**32 - 1)).astype(np.int64) + np.bitwise_or.reduce(even)
        equal(out, np.where(v & 1, ones, zeros))


@program
def divergence(run, rng):
    n = 150
    x = rng.integers(1, 1000, n).astype(np.int32)
    y, together = run("wander", 2, 96, x, Out(np.int32, n), Out(np.uint32, n), n)

    def steps_of(v):
        steps = 0
        while v != 1:
            if v & 1:
                v = v // 3 if v % 3 == 0 and v > 100 else 3 * v + 1
            else:
                v >>= 1
                if v & 7 == 5:
                    continue
            steps += 1
            if steps > 300:
                break
        return steps
    steps = np.array([steps_of(int(v)) for v in x])
    for first in range(0, n, 32):
        equal(together[first:first + 32], np.full(min(32, n - first), ballot(steps[first:first + 32] & 1)))
    for i in range(n):
        steps[i] += sum(j * k for k in range(i & 7) for j in range(k, 8) if not (j ^ k ^ i) & 1)
    equal(y, steps)


@program
def leaders(run, rng):
    n = 300
    x = integers(rng, np.int32, n)
    y, count = run("appendOdd", 2, 160, x, n, Out(np.int32, n), Out(np.int32, 1))
    odd = x[x & 1 == 1]
    equal(count, [odd.size])
    equal(np.sort(y[:odd.size]), np.sort(odd))
