# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How a machine adds the products of a matrix instruction on f16, bf16, tf32 and f8 with sums of f32, found by measurement:

All k products of an element of d and the element of c are added at once. Each is cut off, towards zero, at 2^(E - 25), where
E is the largest of their exponents; that of a product is the sum of its factors' exponents. The sum is exact, and is cut off
to an f32, towards zero.

Products of f8 are added so in two steps from 0, first those whose k is 0 or 1 modulo 4, then the others to that sum; then c is
added, to nearest even."""

import math
import re

import numpy as np

from machine.matrices import BITS
from machine.values import FORMATS

# Bits that are kept below the leading one of the largest term.
KEPT = 25


def decode(bits, t):
    """(significand, its unit's exponent, exponent) of a finite number; None of another."""
    exponent_bits, mantissa_bits = (8, 10) if t == "tf32" else FORMATS[t]
    bits = int(bits) >> (13 if t == "tf32" else 0)
    sign = -1 if bits >> (exponent_bits + mantissa_bits) & 1 else 1
    biased, mantissa = bits >> mantissa_bits & ((1 << exponent_bits) - 1), bits & ((1 << mantissa_bits) - 1)
    bias = (1 << (exponent_bits - 1)) - 1
    if biased == (1 << exponent_bits) - 1 and (t != "e4m3" or mantissa == 7):
        return None
    if biased:
        mantissa |= 1 << mantissa_bits
    exponent = max(biased, 1) - bias
    return sign * mantissa, exponent - mantissa_bits, exponent


def cut(significand, unit):
    """The f32 next to a number, towards zero, as bits."""
    if significand == 0:
        return 0
    magnitude = abs(significand)
    shift = max(magnitude.bit_length() - 24, -149 - unit)
    kept = magnitude >> shift if shift > 0 else magnitude << -shift
    value = np.float32(math.ldexp(kept, unit + shift))
    return int(value.view(np.uint32)) | (0x80000000 if significand < 0 else 0)


def terms(a, b, c):
    """The products and c, as decode gives numbers."""
    made = [(x[0] * y[0], x[1] + y[1], x[2] + y[2]) for x, y in zip(a, b) if x[0] * y[0]]
    return made + ([c] if c[0] else [])


def machine_sum(a, b, c):
    """The bits of an f32, of lists of decoded factors and a decoded c."""
    added = terms(a, b, c)
    if not added:
        return 0
    unit = max(exponent for _, _, exponent in added) - KEPT
    total = 0
    for significand, its, _ in added:
        kept = abs(significand) >> (unit - its) if unit > its else abs(significand) << (its - unit)
        total += kept if significand > 0 else -kept
    return cut(total, unit)


def machine_sum_f8(a, b, c):
    """The same of f8."""
    total = (0, 0, 0)
    for first in (0, 2):
        chosen = [k for k in range(len(a)) if k % 4 - first in (0, 1)]
        total = decode(machine_sum([a[k] for k in chosen], [b[k] for k in chosen], total), "f32")
    number = lambda term: np.float32(math.ldexp(term[0], term[1]))
    return int((number(total) + number(c)).view(np.uint32))


def most_apart(a, b, c):
    """How far machine_sum and the exact sum, rounded to nearest, may be from each other: each term loses less than a unit of
    2^(E - 25), the cut less than a unit in the last place, and the rounding half of one; of f8 two cuts and two roundings.
    A unit is at most 2^-23 of the sum of all magnitudes, of which a step's result may be nearly all."""
    added = terms(a, b, c)
    if not added:
        return 0.0
    most = sum(abs(math.ldexp(significand, unit)) for significand, unit, _ in added)
    lost = (len(added) + 1) * 2.0 ** (max(exponent for _, _, exponent in added) - KEPT)
    return lost + 3 * 2.0**-23 * (most + lost) + 2.0**-148


#===- Fragments ------------------------------------------------------------------------------------------------===#

def split(words, t):
    """The elements of words, the lowest first."""
    size = BITS[t]
    return [int(word) >> (size * j) & ((1 << size) - 1) for word in words for j in range(32 // size)]


def operands(matrix, words):
    """For each element of d, in the order of a warp's result: (factors of a, of b, c), decoded. The fragments are laid out as
    docs/tile-sim.md says."""
    m, n, k = map(int, re.search(r"m(\d+)n(\d+)k(\d+)", matrix.name).groups())
    (ta, wa), (tb, wb), (tc, wc) = matrix.reads
    a, b, c = {}, {}, {}
    parts = np.split(words, [32 * wa, 32 * (wa + wb)])
    for lane in range(32):
        group, part = divmod(lane, 4)
        e = 32 // BITS[ta]
        for i, x in enumerate(split(parts[0].reshape(32, wa)[lane], ta)):
            r, j = divmod(i, e)
            a[group + 8 * (r % (m // 8)), part * e + j + 4 * e * (r // (m // 8))] = decode(x, ta)
        for i, x in enumerate(split(parts[1].reshape(32, wb)[lane], tb)):
            r, j = divmod(i, e)
            b[part * e + j + 4 * e * r, group] = decode(x, tb)
        for i, x in enumerate(split(parts[2].reshape(32, wc)[lane], tc)):
            c[lane, i] = decode(x, tc)
    for lane in range(32):
        for i in range(m * n // 32):
            row, column = lane // 4 + 8 * (i // 2), lane % 4 * 2 + i % 2
            yield [a[row, x] for x in range(k)], [b[x, column] for x in range(k)], c[lane, i]
