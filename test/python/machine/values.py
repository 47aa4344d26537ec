# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operands of the battery, as bit patterns that are the same on every machine and with every NumPy: special values of each
type, and random ones of which many are near each other, near ties of roundings, or near the ends of a range."""

import zlib

import numpy as np


def random_bits(seed, count):
    """`count` numbers of 64 bits: the generator splitmix64, from a text."""
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z += np.uint64(zlib.crc32(seed.encode())) << np.uint64(20)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def below(seed, count, limit):
    """`count` whole numbers below a limit."""
    return (random_bits(seed, count) >> np.uint64(11)) % np.uint64(limit)


def mask(bits):
    return np.uint64((1 << bits) - 1)


#===- Integers -------------------------------------------------------------------------------------------------===#

def integer_specials(bits):
    top = 1 << (bits - 1)
    some = [0, 1, 2, 3, 5, 7, 8, 10, 15, 16, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257, 0x7FFF, 0x8000, 0xFFFF,
            0x10000, 0xFFFFFF, 0x1000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 32, top - 1, top, top + 1, 2 * top - 1,
            2 * top - 2, 2 * top - 3, 2 * top - 128, 0x5555555555555555 & (2 * top - 1), 0xAAAAAAAAAAAAAAAA & (2 * top - 1)]
    return sorted({value for value in some if value < 2 * top})


def integers(seed, count, bits):
    """Numbers of all lengths, of both signs."""
    value = random_bits(seed, count) & mask(bits)
    shift = below(seed + " shift", count, bits)
    short = value >> shift
    sign = random_bits(seed + " sign", count) & np.uint64(1)
    return np.where(sign == 1, (~short) & mask(bits), short)


#===- Floats ---------------------------------------------------------------------------------------------------===#

# Bits of the exponent and of the mantissa.
FORMATS = {"f64": (11, 52), "f32": (8, 23), "tf32": (8, 23), "bf16": (8, 7), "f16": (5, 10), "e4m3": (4, 3), "e5m2": (5, 2)}


def float_specials(name):
    exponent, mantissa = FORMATS[name]
    bits = 1 + exponent + mantissa
    one, bias = ((1 << (exponent - 1)) - 1) << mantissa, (1 << (exponent - 1)) - 1
    infinity, smallest = ((1 << exponent) - 1) << mantissa, 1 << mantissa
    ulp = 1
    some = [0, 1, 2, 3, smallest - 1, smallest, smallest + 1, smallest + smallest // 2, 2 * smallest, one - ulp, one, one + ulp,
            one + 2 * ulp, one - smallest, one + smallest, one + smallest // 2, one + smallest + smallest // 2,
            one + smallest + smallest // 4, infinity - 1, infinity - smallest, infinity, infinity + 1,
            infinity + smallest // 2, infinity + smallest - 1, infinity + smallest // 2 + 1]
    # Near the ends of integers, and of narrower floats.
    for power in (-150, -149, -134, -133, -127, -126, -25, -24, -15, -14, -10, -9, -7, -6, 7, 8, 15, 16, 31, 32, 63, 64):
        if 1 <= power + bias < (1 << exponent) - 1:
            at = (power + bias) << mantissa
            some += [at - 1, at, at + 1]
    some += [value | 1 << (bits - 1) for value in some]
    return sorted({value & ((1 << bits) - 1) for value in some})


def floats(seed, count, name):
    """A third of any bits; a third near 1; of the rest the lower half of the mantissa is a tie, or next to it."""
    exponent, mantissa = FORMATS[name]
    bits = 1 + exponent + mantissa
    value = random_bits(seed, count) & mask(bits)
    which = below(seed + " which", count, 6)
    bias = (1 << (exponent - 1)) - 1
    span = min(12, bias - 1)
    near = np.uint64(bias - span) + below(seed + " near", count, 2 * span + 1)
    field = np.uint64((1 << exponent) - 1) << np.uint64(mantissa)
    moved = (value & ~field) | near << np.uint64(mantissa)
    # Ties of f16, bf16, tf32, f8 and of f32, and of whole numbers.
    keeps = below(seed + " keeps", count, mantissa)
    low = (np.uint64(1) << (np.uint64(mantissa) - keeps)) - np.uint64(1)
    half = (low >> np.uint64(1)) + np.uint64(1)
    nudge = below(seed + " nudge", count, 3)
    tie = (moved & ~low) | ((half + nudge - np.uint64(1)) & low)
    result = np.where(which < 2, value, np.where(which < 4, moved, tie))
    return np.where(which == 5, (result & ~field) | (value & field), result)


#===- Sets -----------------------------------------------------------------------------------------------------===#

def pairs(low, high):
    return (low & np.uint64(0xFFFF)) | (high & np.uint64(0xFFFF)) << np.uint64(16)


def draw(name, seed, count):
    """`count` values of a set, a third of them special."""
    special = np.array(specials(name), np.uint64)
    chosen = special[below(seed + " special", count, len(special))]
    return np.where(below(seed + " choice", count, 3) == 0, chosen, others(name, seed, count))


# Small sets: all of their values are special.
SMALL = {
    "shift": [*range(72), 95, 96, 127, 128, 255, 256, 257, 1 << 31, (1 << 32) - 1],
    "lane": list(range(32)),
    "offset": [*range(34), *((1 << 32) - i for i in range(1, 34))],
    "bit": [0, 1],
    "few": [0, 1, 2, 0xFFFFFFFF],
    "byte": [*range(72), 95, 96, 127, 128, 254, 255],
}
INTEGER_BITS = {"u16": 16, "u32": 32, "u64": 64}


def specials(name):
    if name in SMALL:
        return SMALL[name]
    if name in INTEGER_BITS:
        return integer_specials(INTEGER_BITS[name])
    if name in ("f16x2", "bf16x2"):
        single = float_specials(name[:-2])
        return [low | high << 16 for low, high in zip(single, single[::-1] + single[:3])]
    if name == "angle":
        return float_specials("f32")
    return float_specials(name)


def others(name, seed, count):
    if name in SMALL:
        return np.array(SMALL[name], np.uint64)[below(seed, count, len(SMALL[name]))]
    if name in INTEGER_BITS:
        return integers(seed, count, INTEGER_BITS[name])
    if name in ("f16x2", "bf16x2"):
        return pairs(floats(seed + " low", count, name[:-2]), floats(seed + " high", count, name[:-2]))
    if name == "angle":
        # From -4 pi to 4 pi, in even steps and with an error in the last bits.
        value = (below(seed, count, 1 << 24).astype(np.float64) / (1 << 24) - 0.5) * 25.2
        return value.astype(np.float32).view(np.uint32).astype(np.uint64)
    return floats(seed, count, name)


#===- Results near the least normal number ---------------------------------------------------------------------===#

def signed(bits, seed, size):
    return bits | (random_bits(seed, len(bits)) & np.uint64(1)) << np.uint64(size - 1)


def near(names, count):
    """Operands whose product, quotient or reciprocal is at most some units away from the least normal number: `near.OPERATION`
    of f32, `near16.product` of f16, `near.f64` to be converted to f32. A third operand is added: 0, or as large as the result."""
    kind, size = names[0], width(names[0])
    mantissa, bits, least = (10, np.uint16, 2.0**-14) if size == 16 else (23, np.uint32, 2.0**-126)
    real = {16: np.float16, 32: np.float32}[16 if size == 16 else 32]
    step = below(kind + " step", count, 9).astype(np.int64) - 4
    if kind == "near.f64":
        numbers = least * (1 - (below(kind, count, 1 << 10).astype(np.float64) - 64) * 2.0**-28)
        return [signed(numbers.view(np.uint64), kind + " sign", 64)]
    encode = lambda numbers: numbers.astype(real).view(bits).astype(np.int64)
    if kind == "near.reciprocal":
        return [signed((encode(np.full(count, 2.0**126)) + step).astype(np.uint64), kind + " sign", size)]
    # Half of the mantissas are nearly 2.
    whole = np.where(below(kind + " which", count, 2) == 0, below(kind + " mantissa", count, 1 << mantissa),
                     np.uint64((1 << mantissa) - 1) - below(kind + " few", count, 5))
    first = (1 + whole.astype(np.float64) / (1 << mantissa)) * 2.0 ** -(1.0 + below(kind + " exponent", count, 7 if size == 16 else 90))
    twice = below(kind + " twice", count, 2 if len(names) == 3 else 1).astype(np.float64)
    if kind == "near.quotient":
        first = 1 / first
        columns = [encode(least * first) + step, encode(first)]
    else:
        columns = [encode(first), encode(least * (1 + twice) / first) + step]
    columns = [signed(column.astype(np.uint64), f"{kind} sign {i}", size) for i, column in enumerate(columns)]
    if len(names) == 3:
        top = np.uint64(1) << np.uint64(size - 1)
        opposite = (columns[0] ^ columns[1] ^ top) & top
        away = below(kind + " away", count, 5)
        columns.append(np.where(twice == 1, np.uint64(1 << mantissa) + away, np.uint64(0)) | opposite)
    return columns


def width(name):
    """The bits of a register that holds such a value."""
    if name.startswith("near"):
        return 16 if name.startswith("near16") else 64 if name == "near.f64" else 32
    if name in SMALL:
        return 32
    if name in INTEGER_BITS:
        return INTEGER_BITS[name]
    return {"f64": 64, "f32": 32, "tf32": 32, "angle": 32, "f16x2": 32, "bf16x2": 32}.get(name, 16)


def operands(names, count):
    """An array for each operand: all pairs of special values first, as far as they go, then drawn ones. An operand of 16
    bits alone has all of its values, which `count` is enough for."""
    if names[0].startswith("near"):
        return near(names, count)
    if len(names) == 1 and width(names[0]) == 16 and count == 65536:
        return [np.arange(65536, dtype=np.uint64)]
    key = " ".join(names)
    columns = [draw(name, f"{key} {i}", count) for i, name in enumerate(names)]
    first, second = specials(names[0]), specials(names[1]) if len(names) > 1 else [0]
    crossed = [(a, b) for a in first for b in second]
    step = max(1, len(crossed) // (count // 2))
    crossed = crossed[::step][:count // 2]
    for i in range(min(2, len(names))):
        columns[i][:len(crossed)] = [pair[i] for pair in crossed]
    if len(names) > 1:
        # Some are equal, and some opposite, or one apart.
        same = below(key + " same", count, 16)
        rest = np.arange(count) >= len(crossed)
        sign = np.uint64(1) << np.uint64(width(names[1]) - 1)
        if width(names[0]) == width(names[1]) and names[1] not in SMALL:
            columns[1] = np.where(rest & (same == 0), columns[0], columns[1])
            columns[1] = np.where(rest & (same == 1), columns[0] ^ sign, columns[1])
            columns[1] = np.where(rest & (same == 2), columns[0] ^ np.uint64(1), columns[1])
    return columns
