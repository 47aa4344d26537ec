#===- libraries.py - programs that are made of libraries -----------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""CUB, cooperative groups, libcu++, Thrust, the matrix functions of mma.h, the headers of narrow floats, and the device library
of mathematical functions. Their PTX is not committed: it is the libraries'."""

import math

import ml_dtypes
import numpy as np

from bounded import Bounded
from rounding import converted
from sim_programs import InOut, Out, equal, integers, program, small


@program
def cub_reduce(run, rng):
    n = 250
    x = integers(rng, np.int32, n)
    (y,) = run("blockSums", 3, 96, x, Out(np.int32, (3, 3)), n)
    equal(y, np.repeat(np.add.reduceat(x.astype(np.int64), [0, 96, 192])[:, None], 3, 1))
    x = rng.integers(-100, 100, 128).astype(np.int32)
    (y,) = run("furthest", 1, 128, x, Out(np.int32, 16))
    # The first of those that are furthest from 0.
    parts = x.reshape(16, 8)
    equal(y, parts[np.arange(16), np.abs(parts).argmax(1)])


@program
def cub_scan(run, rng):
    n = 700
    x = integers(rng, np.int64, n)
    (y,) = run("scanTiles", 1, 64, x, Out(np.int64, n), n)
    equal(y, np.concatenate([[0], np.cumsum(x)[:-1]]))
    x = rng.standard_normal(128).astype(np.float32)
    (y,) = run("largestSoFar", 1, 128, x, Out(np.float32, 128))
    equal(y, np.maximum.accumulate(x))


@program
def cub_lookback(run, rng):
    tiles = 6
    n = 192 * tiles - 50
    x = integers(rng, np.int32, n)
    # A state a tile, and 32 before the first.
    (room,) = run("initialise", 1, 64, Out(np.uint64, tiles + 32), np.uint64(8 * (tiles + 32)), tiles)
    y, _ = run("scan", tiles, 64, x, Out(np.int32, n), n, InOut(room), np.uint64(8 * (tiles + 32)))
    equal(y, np.cumsum(x.astype(np.int64)))


@program
def cub_radix_sort(run, rng):
    keys, values = integers(rng, np.int32, 256), np.arange(256, dtype=np.int16)
    keys[:50] = keys[50:100]
    after, order = run("sortPairs", 1, 64, keys, values, Out(np.int32, 256), Out(np.int16, 256))
    equal(order, np.argsort(keys, kind="stable"))
    equal(after, np.sort(keys))
    x = rng.standard_normal(192).astype(np.float32)
    (y,) = run("sortFloatsDown", 1, 64, InOut(x))
    equal(y, np.sort(x)[::-1])
    x = integers(rng, np.uint32, 64)
    (y,) = run("sortSomeBits", 1, 32, InOut(x))
    equal(y, x[np.argsort(x >> 4 & 255, kind="stable")])


@program
def cub_histogram(run, rng):
    x = np.minimum(rng.exponential(6, 256), 31).astype(np.uint8)
    (counts,) = run("histograms", 1, 64, x, Out(np.uint32, (2, 32)))
    equal(counts, np.stack([np.bincount(x, minlength=32)] * 2))


@program
def cub_select(run, rng):
    n = 300
    x = np.sort(rng.integers(0, 90, n)).astype(np.int32)
    y, count = run("unique", 1, 64, x, n, Out(np.int32, n), Out(np.int32, 1))
    expected = np.unique(x)
    equal(count, [expected.size])
    equal(y[:expected.size], expected)


@program
def cub_segmented(run, rng):
    x, heads = integers(rng, np.int32, 64), (rng.random(64) < 0.2).astype(np.uint8)
    y, z = run("segmentSums", 1, 64, x, heads, Out(np.int32, 64), Out(np.int32, 64))
    starts = np.flatnonzero(heads.astype(bool) | (np.arange(64) % 32 == 0))
    expected = np.zeros(64, np.int64)
    expected[starts] = np.add.reduceat(x.astype(np.int64), starts)
    equal(y, expected)
    equal(z, expected)
    values, lengths = rng.integers(-128, 128, 64).astype(np.int8), rng.integers(1, 9, 64).astype(np.int32)
    y, total = run("decode", 1, 32, values, lengths, Out(np.int8, 512), Out(np.int32, 1))
    equal(total, [lengths.sum()])
    equal(y[:lengths.sum()], np.repeat(values, lengths))


@program
def cub_merge_sort(run, rng):
    n = 250
    x = rng.integers(0, 1000, n).astype(np.int32)
    (y,) = run("sortBlock", 1, 64, InOut(x), n)
    equal(y, x[np.argsort(x % 10, kind="stable")])
    x = rng.integers(0, 1000, (2, 96)).astype(np.int32)
    (y,) = run("sortWarps", 1, 64, InOut(x))
    equal(y, np.take_along_axis(x, np.argsort(x % 10, axis=1, kind="stable"), 1))


@program
def cub_exchange(run, rng):
    n = 500
    x = integers(rng, np.int32, n)
    (y,) = run("rotate", 3, 64, x, Out(np.int32, n), n)
    before = np.arange(n) - 1
    before[::192] += 1
    equal(y, x[before])


@program
def groups_tiles(run, rng):
    blocks, threads = 2, 64
    x = rng.integers(0, 100, (blocks, threads)).astype(np.int32)
    (y,) = run("tiles", blocks, threads, x, Out(np.int32, (blocks, 6, threads)), threads)
    t = np.arange(threads)
    for v, out in zip(x, y):
        tiles = v.reshape(-1, 8)
        spread = lambda values: np.repeat(values, 8)
        equal(out[0], spread(tiles.sum(1)))
        equal(out[1], tiles.cumsum(1).reshape(-1))
        equal(out[2], v[t ^ 3] + t // 8 * 1000 + t % 8)
        equal(out[3], spread((tiles > 90).any(1) + 2 * (tiles > 10).all(1) + 4 * ((tiles & 1) @ (1 << np.arange(8)))))
        equal(out[4], v)
        alike = (v[:, None] % 4 == v % 4) & (t[:, None] // 32 == t // 32)
        equal(out[5], np.where(alike, v, -1).max(1) * 100 + alike.sum(1))


@program
def groups_block(run, rng):
    x = integers(rng, np.int32, (4, 128))
    (y,) = run("reverseTiles", 1, 128, x, Out(np.int32, x.shape), 4)
    equal(y, x[:, ::-1])


@program
def cuda_atomics(run, rng):
    blocks, threads = 5, 48
    n = blocks * threads
    counter, total, most, flags, data, seen = run("atomics", blocks, threads, Out(np.int32, 1), Out(np.uint64, 1), Out(np.float32, 1),
                                                  Out(np.uint32, blocks), Out(np.int32, blocks), Out(np.int32, blocks))
    equal(counter, [n])
    equal(total, [n * (n - 1) // 2])
    equal(most, np.array([max(i * 37 % 101 for i in range(n))], np.float32))
    chain = [1]
    for b in range(1, blocks):
        chain.append(chain[-1] * 3 + b + 1)
    equal(flags, np.ones(blocks))
    equal(data, chain)
    equal(seen, [0] + chain[:-1])
    inside, worst, sums = run("semaphores", 1, 40, Out(np.int32, 1), Out(np.int32, 1), Out(np.int32, 40))
    equal(inside, [0])
    assert 1 <= worst[0] <= 3
    equal(sums, np.full(40, 780))


@program
def cuda_barrier(run, rng):
    rounds = 5
    x = rng.integers(-1000, 1000, (rounds, 64)).astype(np.int32)
    (y,) = run("stages", 1, 64, x, Out(np.int32, 64), rounds)
    equal(y, (x[:, ::-1] * np.arange(1, rounds + 1)[:, None]).sum(0) + 10)


@program
def cuda_pipeline(run, rng):
    tiles = 7
    x = rng.integers(-1000, 1000, (tiles, 32, 4)).astype(np.int32)
    (y,) = run("own", 1, 32, x, Out(np.int32, x.shape), tiles)
    expected = x[..., ::-1].copy()
    expected[..., 3] += np.arange(tiles)[:, None]
    equal(y, expected)
    x = integers(rng, np.int32, (tiles, 64))
    (y,) = run("shared", 1, 64, x, Out(np.int32, x.shape), tiles)
    equal(y, x[:, np.arange(64) ^ 21])


@program
def wmma_templates(run, rng):
    a, b, c = small(rng, np.float32, (16, 48)), small(rng, np.float32, (16, 48)), small(rng, np.float32, (16, 16))
    (d,) = run("scaledSum", 1, 32, a.astype(np.float16), b.astype(np.float16), c, Out(np.float32, (16, 16)), np.float32(0.5), np.float32(-2))
    equal(d, 0.5 * (a @ b.T) - 2 * c.T)
    a, b = integers(rng, np.uint32, (8, 4)), integers(rng, np.uint32, (8, 4))
    (d,) = run("singleBits", 1, 32, a, b, Out(np.int32, (8, 8)))
    equal(d, np.bitwise_count(a[:, None] & b).sum(2) + 5)
    a, b = rng.standard_normal((16, 8)).astype(np.float32), rng.standard_normal((8, 16)).astype(np.float32)
    (d,) = run("roundedToTF32", 1, 32, a, b, Out(np.float32, (16, 16)))
    # To nearest, ties away from zero.
    rounded = lambda v: (v.view(np.uint32) + 0x1000 & 0xFFFFE000).view(np.float32)
    equal(d, Bounded(rounded(a)) @ Bounded(rounded(b)))


def functions(run, x, dtype, cases):
    """The kernel `functions`: references in extended precision, and the error of each in ulp, as the CUDA C++ Programming Guide
    has them in its appendix of mathematical functions. They are distances from the correctly rounded result, which is half an ulp
    from the exact one; a thousandth is the reference's own."""
    n = x.size
    (y,) = run("functions", (n + 63) // 64, 64, x, Out(dtype, (len(cases), n)), n)
    for row, (value, ulps) in zip(y, cases):
        equal(row, Bounded(value, (ulps + 0.501) * np.spacing(np.abs(value.astype(dtype)))))


@program
def math_f32(run, rng):
    x = rng.uniform(-4, 4, 300).astype(np.float32)
    p = (np.abs(x) + np.float32(0.001)).astype(np.longdouble)
    v = x.astype(np.longdouble)
    erf = np.array([math.erf(w) for w in x.tolist()], np.longdouble)
    functions(run, x, np.float32, [
        (np.exp(v), 2), (np.exp2(v), 2), (np.expm1(v), 1), (np.log(p), 1), (np.log2(p), 1), (np.log1p(p), 1), (np.sin(v), 2), (np.cos(v), 2),
        (np.tan(v), 4), (np.tanh(v), 2), (erf, 2), (np.arctan(v), 2), (np.arcsinh(v), 3), (np.cbrt(v), 1), (p**v, 4),
        (np.fmod(v, np.longdouble(np.float32(0.7))), 0), (np.hypot(v, p), 3), (np.sin((x * np.float32(1e6)).astype(np.longdouble)), 2)])


@program
def math_f64(run, rng):
    x = rng.uniform(-4, 4, 200)
    v, p = x.astype(np.longdouble), (np.abs(x) + 0.001).astype(np.longdouble)
    functions(run, x, np.float64, [
        (np.exp(v), 1), (np.exp2(v), 1), (np.expm1(v), 1), (np.log(p), 1), (np.log2(p), 1), (np.log1p(p), 1), (np.sin(v), 2), (np.cos(v), 2),
        (np.tan(v), 2), (np.tanh(v), 2), (np.arctan(v), 2), (np.arcsinh(v), 3), (np.cbrt(v), 1), (p**v, 2),
        (np.fmod(v, np.longdouble(0.7)), 0), (np.hypot(v, p), 2), (np.sin((x * 1e12).astype(np.longdouble)), 2), (np.sqrt(p), 0), (1 / p, 0)])


@program
def half_headers(run, rng):
    n, f16, bf16 = 150, np.float16, ml_dtypes.bfloat16
    # Multiples of 2^-6 below 8, of which products and sums are exact in f32.
    a, b = ((rng.integers(-511, 512, (n, 2)) * 2.0**-6).astype(f16) for _ in range(2))
    a[a == 0] = b[b == 0] = f16(0.5)
    y, z = run("halves", 3, 64, a, b, Out(f16, (5, n, 2)), Out(f16, (3, n)), n)
    wide = a.astype(np.float32), b.astype(np.float32)
    equal(y[0], (wide[0] * wide[1] + wide[0]).astype(f16))
    equal(y[1], (wide[0] + 2 * wide[1]).astype(f16))
    equal(y[2], np.maximum(a, -b))
    equal(y[3], np.abs(a)[:, ::-1])
    # Approximations in f32, which are off by 2^-22 at most, rounded to f16.
    exact = np.stack([np.sqrt(np.abs(wide[0][:, 0]).astype(np.longdouble)), 1 / wide[1][:, 1].astype(np.longdouble)], 1)
    equal(y[4], Bounded(exact, np.abs(exact) * (2.0**-11 + 2.0**-22)))
    equal(z[0], (wide[0][:, 0] + wide[1][:, 1]).astype(f16))
    equal(z[1], np.trunc(a[:, 0]) + f16(0))
    equal(z[2], np.where(a[:, 0] < b[:, 0], f16(1.5), f16(0.25)))
    a, b = ((rng.integers(-127, 128, (n, 2)) * 2.0**-3).astype(bf16) for _ in range(2))
    y, z = run("brains", 3, 64, a, b, Out(bf16, (3, n, 2)), Out(np.float32, (n, 2)), n)
    wide = a.astype(np.float32), b.astype(np.float32)
    equal(y[0], (wide[0] * wide[1] + wide[0]).astype(bf16))
    equal(y[1], np.minimum(wide[0], wide[1]).astype(bf16))
    equal(y[2], np.stack([wide[0][:, 0] * 3, wide[1][:, 1] + 1], 1).astype(bf16))
    equal(z, (wide[0] + wide[1]).astype(bf16).astype(np.float32))


@program
def f8_headers(run, rng):
    n = 200
    x = (rng.standard_normal(n) * 2.0 ** rng.integers(-20, 20, n)).astype(np.float32)
    x[:5] = [np.inf, -np.inf, np.nan, 448, -0.0]
    y, back = run("convert", 4, 64, x, Out(np.uint8, (2, n)), Out(np.float32, (2, n)), n)
    for row, values, name in zip(y, back, ("f8e4m3", "f8e5m2")):
        expected = converted(x, name)
        equal(row.view(expected.dtype), expected)
        equal(values, expected.astype(np.float32))


@program
def standard(run, rng):
    threads, each = 20, 9
    x = rng.integers(-99, 99, (threads, each)).astype(np.int32)
    wanted = rng.integers(-99, 99, threads).astype(np.int32)
    after, places, sums = run("sortAndSearch", 1, threads, InOut(x), wanted, Out(np.int32, threads), Out(np.int32, x.shape), each)
    expected = np.sort(x, 1)
    equal(after, expected)
    equal(places, (x < wanted[:, None]).sum(1))
    equal(sums, expected.cumsum(1))
    x, bits = small(rng, np.float64, (threads, 4), 100), rng.choice([1, 2, 3, 2**31, 48, 64, 0], threads).astype(np.uint32)
    y, exponents = run("numbers", 1, threads, x, Out(np.float64, (threads, 2)), bits, Out(np.int32, threads))
    a, b = x[:, 0] + 1j * x[:, 1], x[:, 2] + 1j * x[:, 3]
    c = a * b + a.conj() - 2 * b
    # Whole numbers, whose zeros may have either sign.
    equal(y + 0.0, np.stack([c.real, c.imag], 1) + 0.0)
    equal(exponents, [v.bit_length() - 1 if v.bit_count() == 1 else 99 for v in bits.tolist()])


@program
def groups_grid(run, rng):
    x, rounds = rng.integers(-100, 100, 6 * 40).astype(np.int32), 4
    out = run("smooth", 6, 40, InOut(x), Out(np.int32, x.size), rounds)
    for _ in range(rounds):
        x = np.roll(x, 1) + x + np.roll(x, -1)
    equal(out[0], x)
    x = integers(rng, np.int32, 256)
    sums, alike = run("largeTiles", 1, 256, x, Out(np.int32, 256), Out(np.int32, 256), rounds)
    equal(sums, np.repeat(rounds * x.astype(np.int64).reshape(4, 64).sum(1) + 64 * sum(range(rounds)), 64))
    even = (x % 2 == 0).reshape(8, 32)
    equal(alike, np.where(even, even.sum(1, keepdims=True), (~even).sum(1, keepdims=True)).ravel())


@program
def cuda_phases(run, rng):
    rounds = 5
    (totals,) = run("completions", 1, 64, Out(np.int32, rounds), rounds)
    # A thread may be in the next round before the function of this one runs no more: it runs before anybody goes on.
    equal(totals, 2016 * np.arange(1, rounds + 1))
    (left,) = run("dropOut", 1, 70, Out(np.int32, 70))
    equal(left, [i % 11 if 1 <= i % 11 <= 8 else 9 for i in range(70)])
    (y,) = run("relay", 4, 32, Out(np.int32, 4))
    equal(y, 18 * np.arange(1, 5))
