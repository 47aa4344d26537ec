#===- numerics.py - programs of arithmetic -------------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Integers of all widths, bits, every rounding, narrow floats, approximations, and programs whose results roundings decide."""

import math
from fractions import Fraction

import ml_dtypes
import numpy as np

import bounded
from bounded import Bounded
from rounding import converted, floor_log2
from sim_programs import Out, equal, integers, program


def words(value, count):
    return [value >> 64 * i & 2**64 - 1 for i in range(count)]


def signed(value, bits):
    return (value + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)


@program
def wide_integers(run, rng):
    n = 70
    x = integers(rng, np.uint64, (n, 4))
    x[::3, 3] = 0
    x[::5, 1] = x[::5, 3]
    x[0] = [1, 2, 1, 2]
    y, less = run("wide", 3, 32, x, Out(np.uint64, (n, 16)), Out(np.int32, n), n)
    for row, out, flags in zip(x.tolist(), y.tolist(), less.tolist()):
        a, b = row[0] | row[1] << 64, row[2] | row[3] << 64
        shift = b & 127
        products = signed(row[0], 64) * signed(row[2], 64)
        expected = [a + b, a - b, a * b, a << shift, signed(a, 128) >> shift, a // (b or 1), a % (b or 1), products]
        assert out == sum((words(v % 2**128, 2) for v in expected), [])
        assert flags == (a < b) + 2 * (signed(a, 128) < signed(b, 128)) + 4 * (a == b)


@program
def division(run, rng):
    n = 100
    for kernel, dtype in (("I64", np.int64), ("U64", np.uint64), ("I32", np.int32), ("U32", np.uint32), ("I16", np.int16), ("U8", np.uint8)):
        a, b = integers(rng, dtype, n), integers(rng, dtype, n)
        # Divisors of all sizes, but none that is 0, and no quotient that is too large.
        b[: n // 2] >>= rng.integers(0, np.iinfo(dtype).bits - 1, n // 2).astype(dtype)
        b[(b == 0) | (b == dtype(-1 if np.iinfo(dtype).min else 0))] = 3
        (y,) = run(f"divide{kernel}", 1, n, a, b, Out(dtype, (4, n)), n)
        p, q = a.astype(object), b.astype(object)
        quotient = lambda u, v: abs(u) // abs(v) * np.where((u < 0) == (v < 0), 1, -1)
        seven, hundred = np.full(n, 7, object), np.full(n, 100, object)
        equal(y, np.stack([quotient(p, q), p - quotient(p, q) * q, quotient(p, seven), p - quotient(p, hundred) * hundred]).astype(dtype))


def bit_results(a, b):
    """What the kernel `bits` computes of two words."""
    m32, m64 = 2**32 - 1, 2**64 - 1
    ab, s, c = a << 32 | b, b & 31, b & 63
    first = lambda v: (v & -v).bit_length()
    reverse = lambda v, bits: int(f"{v:0{bits}b}"[::-1], 2)
    both = (b << 32 | a).to_bytes(8, "little")
    yield from (a.bit_count(), ab.bit_count(), 32 - a.bit_length(), 64 - (ab >> c).bit_length(), first(a), first(ab << (a & 63) & m64))
    yield from (reverse(a, 32), reverse(ab, 64) >> 16 & m32)
    yield int.from_bytes(bytes(both[b >> 4 * i & 7] for i in range(4)), "little")
    # Of two words the first is the lower.
    pair = b << 32 | a
    yield from (pair << s >> 32 & m32, pair >> s & m32, pair << min(c, 32) >> 32 & m32, pair >> min(c, 32) & m32)
    yield a >> c & (1 << (b >> 8 & 63)) - 1
    length = b >> 8 & 31
    yield signed(signed(a, 32) >> s & (1 << length) - 1, length) & m32 if length else 0
    mask = ((1 << length) - 1) << s & m32
    yield b & ~mask | a << s & mask
    yield a & b | ~a & (a * 5 + b) & m32
    yield (~a & m32 if a >> 31 else a).bit_length() - 1 & m32
    yield 32 - a.bit_length() if a else m32
    yield mask
    yield (a >> 8 * (a & 3) & 255) * 0x01010101
    yield 17 + abs(signed(a, 32) - signed(b, 32)) & m32


@program
def bits(run, rng):
    n = 200
    x, w = integers(rng, np.uint32, n), integers(rng, np.uint32, n)
    x[:20] >>= np.arange(20, dtype=np.uint32)
    (y,) = run("bits", 4, 64, x, w, Out(np.uint32, (22, n)), n)
    equal(y.T, [list(bit_results(a, b)) for a, b in zip(x.tolist(), w.tolist())])


@program
def nth_bit(run, rng):
    n = 200
    masks, bases, offsets = integers(rng, np.uint32, n), rng.integers(0, 32, n).astype(np.uint32), rng.integers(-20, 20, n).astype(np.int32)
    (y,) = run("nthBit", 2, 128, masks, bases, offsets, Out(np.uint32, n), n)

    def nth(mask, base, offset):
        if offset == 0:
            return base if mask >> base & 1 else 2**32 - 1
        places = range(base, 32) if offset > 0 else range(base, -1, -1)
        ones = [place for place in places if mask >> place & 1]
        return ones[abs(offset) - 1] if len(ones) >= abs(offset) else 2**32 - 1
    equal(y, [nth(*values) for values in zip(masks.tolist(), bases.tolist(), offsets.tolist())])


@program
def byte_products(run, rng):
    n = 100
    x, w, c = integers(rng, np.uint32, n), integers(rng, np.uint32, n), integers(rng, np.int32, n)
    (y,) = run("products", 1, 128, x, w, c, Out(np.int32, (5, n)), n)
    parts = lambda v, dtype: v.view(dtype).reshape(n, -1).astype(np.int64)
    dot = lambda a, b: (a * b).sum(1) + c
    s8, u8, s16, u16 = np.int8, np.uint8, np.int16, np.uint16
    equal(y, np.stack([dot(parts(x, s8), parts(w, s8)), dot(parts(x, u8), parts(w, u8)), dot(parts(x, s8), parts(w, u8)),
                       dot(parts(x, s16), parts(w, s8)[:, :2]), dot(parts(x, u16), parts(w, s8)[:, 2:])]))


def directed(value, mode, precision=24, smallest=-126):
    """A fraction in a float type, to nearest even (rn), towards zero (rz), up (ru) or down (rd). Nothing overflows here."""
    if value == 0:
        return 0.0
    step = Fraction(2) ** (max(floor_log2(abs(value)), smallest) - precision + 1)
    scaled = value / step
    whole = {"rn": round, "rz": int, "ru": math.ceil, "rd": math.floor}[mode](scaled)
    return float(whole * step)


def root(value):
    """The square root of a fraction, with 200 bits, and one more to show that there are others."""
    scaled = value * 4**200
    whole = math.isqrt(int(scaled))
    return Fraction(whole, 2**200) if whole * whole == scaled else Fraction(2 * whole + 1, 2**201)


@program
def rounding(run, rng):
    n = 60
    x, w = ((rng.standard_normal(n) * 10.0 ** rng.integers(-3, 4, n)).astype(np.float32) for _ in range(2))
    a, b = rng.standard_normal((2, n))
    y, c, k, l = run("roundings", 1, 64, x, w, Out(np.float32, (9, n)), a, b, Out(np.float64, (6, n)), Out(np.int32, (4, n)), Out(np.int64, (2, n)), n)
    singles, doubles = [], []
    for u, v, p, q in zip(*(map(lambda z: Fraction(float(z)), array) for array in (x, w, a, b))):
        singles.append([directed(value, mode) for value, mode in (
            (u + v, "rn"), (u + v, "rz"), (u * v, "ru"), (u * v, "rd"), (u / v, "rn"), (u / v, "ru"), (root(abs(u)), "rd"),
            (u * v + u, "rz"), (1 / v, "rn"))])
        doubles.append([directed(value, mode, 53, -1022) for value, mode in (
            (p + q, "rd"), (p * q, "rz"), (p / q, "rn"), (root(abs(p)), "ru"), (p * q + p, "rn"))] + [directed(p, "ru")])
    equal(y.T, np.array(singles, np.float32))
    equal(c.T, np.array(doubles, np.float64))
    hundreds = x * np.float32(100)
    up = np.ceil((x * np.float32(1e12)).astype(np.float64))
    equal(k, np.stack([np.rint(hundreds), np.trunc(hundreds), np.floor(a * 100), np.clip(up, -2**31, 2**31 - 1)]).astype(np.int64))
    far = np.trunc((x * np.float32(1e15)).astype(np.float64))
    equal(l, np.stack([np.rint(a * 1e12).astype(np.int64), np.maximum(far, 0).astype(np.int64)]))


@program
def approximations(run, rng):
    n = 500
    x = rng.uniform(-3, 3, n).astype(np.float32)
    (y,) = run("approximations", 4, 128, x, Out(np.float32, (10, n)), n)
    v, p = x.astype(np.longdouble), (np.abs(x) + np.float32(0.01)).astype(np.longdouble)
    relative = lambda value, error: Bounded(value, np.abs(value) * 2.0**error)
    absolute = lambda value, error: Bounded(value, 2.0**error)
    # The bounds of the PTX manual, each in the section of its instruction; an ulp is at most 2^-23 of the value.
    logarithm = np.log2((p.astype(np.float32) + np.float32(2)).astype(np.longdouble))
    for row, expected in zip(y, (
            relative(1 / p, -23), relative(np.sqrt(p), -23), relative(1 / np.sqrt(p), -22.9), relative(np.exp2(v), -22),
            relative(logarithm, -22), absolute(np.sin(v), -20.5), absolute(np.cos(v), -20.5), relative(np.tanh(v), -11),
            relative(v / p, -22), relative(v / p, -22))):
        equal(row, expected)


def halves(rng, n, dtype, step, most):
    """Pairs of narrow floats, multiples of `step`: the low one first."""
    return (rng.integers(-most, most + 1, (n, 2)) * step).astype(dtype)


@program
def half_vectors(run, rng):
    n, f16 = 300, np.float16
    # Products and sums of multiples of 2^-6 below 8 are exact in f32, so that there is one rounding.
    a, b, c = (halves(rng, n, f16, 2.0**-6, 511) for _ in range(3))
    a[:50] = b[:50]
    pack = lambda v: np.ascontiguousarray(v).view(np.uint32).reshape(-1)
    y, z = run("pairs", 3, 128, pack(a), pack(b), pack(c), Out(np.uint32, (8, n)), Out(np.uint16, (4, n)), n)
    fused = a.astype(np.float32) * b + c
    for row, expected in zip(y, (a + b, a - b, a * b, fused.astype(f16), np.clip(fused, 0, 1).astype(f16), -a)):
        # A sum that is saturated is never -0, which a product may round to.
        equal(row.view(f16).reshape(n, 2), expected)
    equal(y[6], (a < b) @ np.array([1, 2]))
    equal(y[7].view(f16).reshape(n, 2), (a >= b).astype(f16))
    equal(z[0].view(f16), a[:, 0] + b[:, 0])
    equal(z[1].view(f16), a[:, 0] * b[:, 0])
    with np.errstate(over="ignore"):
        equal(z[2].view(f16), (pack(b).view(np.int32) >> 14).astype(np.float32).astype(f16))
    equal(z[3].view(np.int16), np.rint(a[:, 0]))


@program
def bfloat_vectors(run, rng):
    n, bf16 = 300, ml_dtypes.bfloat16
    a, b, c = (halves(rng, n, bf16, 2.0**-3, 127) for _ in range(3))
    x = (rng.standard_normal(n) * 100).astype(np.float32)
    pack = lambda v: np.ascontiguousarray(v).view(np.uint32).reshape(-1)
    y, z = run("pairs", 3, 128, pack(a), pack(b), pack(c), Out(np.uint32, (5, n)), x, Out(np.uint32, (4, n)), n)
    wide = [v.astype(np.float32) for v in (a, b, c)]
    fused = wide[0] * wide[1] + wide[2]
    for row, expected in zip(y, (fused, np.maximum(fused, 0), np.minimum(wide[0], wide[1]), np.maximum(wide[0], wide[1]), -wide[0])):
        equal(row.view(bf16).reshape(n, 2), expected.astype(bf16))
    # The first operand becomes the upper half.
    pairs = np.stack([np.roll(x, -1), x], 1)
    equal(z[0].view(bf16).reshape(n, 2), pairs.astype(bf16))
    equal(z[1].view(np.uint16).reshape(n, 2), pairs.view(np.uint32) >> 16)
    # The lower 13 bits of a tf32 mean nothing.
    equal(z[2] >> 13, x.view(np.uint32) + 0x1000 >> 13)
    equal(z[3].view(np.float16).reshape(n, 2), np.maximum(pairs, 0).astype(np.float16))


@program
def f8_conversions(run, rng):
    e4, e5 = run("every", 1, 256, Out(np.uint32, 256), Out(np.uint32, 256))
    every = np.arange(256, dtype=np.uint8)
    for out, dtype in ((e4, ml_dtypes.float8_e4m3fn), (e5, ml_dtypes.float8_e5m2)):
        equal(out.view(np.float16).reshape(256, 2), np.stack([every, every ^ 0x80], 1).view(dtype).astype(np.float16))
    n = 200
    x = (rng.standard_normal(n) * 2.0 ** rng.integers(-20, 20, n)).astype(np.float32)
    x[:6] = [np.inf, -np.inf, np.nan, 448, 465, -0.0]
    h = (rng.standard_normal((n, 2)) * 2.0 ** rng.integers(-20, 14, (n, 2))).astype(np.float16)
    (y,) = run("narrow", 2, 128, x, h.view(np.uint32).reshape(n), Out(np.uint16, (4, n)), n)
    pairs = np.stack([x[::-1], x], 1)
    for row, values, name in zip(y, (pairs, pairs, np.where(pairs <= 0, np.float32(0), pairs), h), ("f8e4m3", "f8e5m2", "f8e4m3", "f8e5m2")):
        expected = converted(values, name)
        equal(row.view(expected.dtype).reshape(n, 2), expected)


@program
def carries(run, rng):
    threads = 6
    a, b = integers(rng, np.uint32, (threads, 32)), integers(rng, np.uint32, (threads, 32))
    b[0] = ~a[0]
    b[0, 0] += 1
    sums, products, rests = run("big", 1, threads, a, b, Out(np.uint32, (threads, 32)), Out(np.uint32, (threads, 64)), Out(np.uint32, threads))
    number = lambda v: int.from_bytes(v.tobytes(), "little")
    for x, y, s, p, r in zip(a, b, sums, products, rests):
        assert number(s) == (number(x) + number(y)) % 2**1024
        assert number(p) == number(x) * number(y)
        assert int(r) == number(x) % 1000000007


@program
def mandelbrot(run, rng):
    width, height, most = 30, 20, 40
    counts, fixed = run("escape", (4, 3), (8, 8), Out(np.int32, (height, width)), Out(np.int32, (height, width)), width, height, most)

    def escape(x0, y0):
        x = y = 0.0
        for n in range(most):
            if x * x + y * y > 4:
                return n
            x, y = x * x - y * y + x0, 2 * x * y + y0
        return most

    def escape_fixed(x0, y0):
        x = y = 0
        for n in range(most):
            xx, yy = x * x >> 24, y * y >> 24
            if xx + yy > 4 << 24:
                return n
            x, y = signed(xx - yy + x0, 32), signed((x * y >> 23) + y0, 32)
        return most
    equal(counts, [[escape(-2 + 3.0 * c / width, -1.5 + 3.0 * r / height) for c in range(width)] for r in range(height)])
    equal(fixed, [[escape_fixed((-2 << 24) + (3 << 24) // width * c, -(3 << 23) + (3 << 24) // height * r) for c in range(width)]
                  for r in range(height)])


@program
def fft(run, rng):
    x = rng.standard_normal((3, 256, 2)).astype(np.float32)
    angle = -2 * np.pi * np.arange(128) / 256
    roots = np.stack([np.cos(angle), np.sin(angle)], 1).astype(np.float32)
    (y,) = run("fft", 3, 128, x, roots, Out(np.float32, x.shape))
    expected = np.fft.fft(x[..., 0] + 1j * x[..., 1].astype(np.float64))
    # Higham, theorem 24.2: of 8 stages, each off by eta in norm; the roots are off by u.
    unit = 2.0**-24
    eta = unit + bounded.gamma(4, unit) * (math.sqrt(2) + unit)
    error = np.linalg.norm(expected, axis=1)[:, None, None] * 8 * eta / (1 - 8 * eta)
    equal(y, Bounded(np.stack([expected.real, expected.imag], 2), error))


@program
def n_body(run, rng):
    n, softening = 70, np.float32(0.01)
    bodies = rng.standard_normal((n, 4)).astype(np.float32)
    bodies[:, 3] = np.abs(bodies[:, 3])
    (result,) = run("accelerations", 2, 64, bodies, Out(np.float32, (n, 4)), n, softening)
    place = Bounded(bodies[:, :3])
    mass = Bounded(np.broadcast_to(bodies[:, 3], (n, n)))
    delta = Bounded(np.broadcast_to(place.value, (n, n, 3))) - Bounded(np.broadcast_to(place.value[:, None], (n, n, 3)))
    squares = delta * delta
    inverse = 1 / bounded.sqrt(squares[..., 0] + squares[..., 1] + squares[..., 2] + float(softening))
    strength = mass * inverse * inverse * inverse
    for axis in range(3):
        equal(result[:, axis], (delta[..., axis] * strength).sum(1))
    equal(result[:, 3], (mass * inverse).sum(1))
