#===- numerics.py - the operands of the numeric batteries, and their judges ------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which numbers the batteries of test_numerics_*.py compute with: every value of the types of 8 and 16 bits, and of the
wider ones boundary values, the midpoints that conversions must decide, and random bits.

A battery is one kernel with many results over one array, so that a run of a tool checks some 10^5 to 10^6 elements.
"""

import os

import numpy as np

from rounding import FORMATS, rounded, spacing
from tilec_testing import NUMPY, elementwise, type_name

NARROW = ["f8e4m3", "f8e5m2", "f16", "bf16"]
FLOATS = NARROW + ["f32", "f64"]
INTEGERS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"]

# Forbids contraction and excess precision: what is left to the executor is nothing.
STRICT = ("--no-excess-precision",)

FULL = os.environ.get("TILEC_FULL") == "1"


def bits_of(name):
    return NUMPY[name].itemsize * 8


def of_bits(bits, name):
    """Elements from their bits."""
    return np.asarray(bits).astype(f"u{NUMPY[name].itemsize}").view(NUMPY[name])


def every(name):
    """Every value of a type of at most 16 bits, every NaN too."""
    return of_bits(np.arange(2 ** bits_of(name)), name)


def random_bits(rng, name, count):
    """Uniform bits: of floats, every exponent is as likely as any other."""
    return of_bits(rng.integers(0, 2 ** bits_of(name), count, dtype=np.uint64, endpoint=False)
                   if bits_of(name) < 64 else rng.integers(0, 2**64 - 1, count, dtype=np.uint64, endpoint=True), name)


def f64(values):
    """Elements in float64, which holds every number of every float type."""
    with np.errstate(invalid="ignore"):  # signalling NaNs
        return values.astype(np.float64)


def special_floats(name):
    """The ends and the middle of a float type, of both signs, NaN and infinities (in f8e4m3, NaN and the largest)."""
    precision, smallest, largest, _ = FORMATS[name]
    tiny = 2.0 ** (smallest - precision + 1) if name != "f64" else 5e-324
    normal, unit = 2.0**smallest, 2.0 ** (1 - precision)
    positive = [0.0, tiny, 3 * tiny, normal - tiny, normal, normal + tiny, 0.25, 0.5 - unit / 4, 0.5, 1 - unit / 2, 1.0,
                1 + unit, 1.5, 2.0, 2.5, 3.0, 7.0, 2.0 ** (precision - 1) - 0.5, 2.0**precision, float(largest) / 2,
                float(largest), np.inf]
    values = rounded(np.array(positive + [-v for v in positive] + [np.nan]), name)
    if name == "f8e5m2":
        # `rounded` saturates as conversions do, and the type has infinities.
        values = np.concatenate([values, of_bits([0x7C, 0xFC], name)])
    return values


def special_integers(name):
    info = np.iinfo(NUMPY[name])
    bits = bits_of(name)
    near = [0, 1, 2, 3, 5, 7, 10, bits - 1, bits, bits + 1, info.max, info.max - 1, info.max // 2, info.max // 2 + 1,
            info.max // 3]
    values = {v for w in near for v in (w, -w, info.min + w)}
    return np.array(sorted(v for v in values if info.min <= v <= info.max), NUMPY[name])


def special(name):
    return special_floats(name) if name in FLOATS else special_integers(name)


def pairs(rng, name, count=20000):
    """All pairs of special values, then random ones: half of them of any bits, half of neighbouring magnitudes, where
    sums cancel and quotients are small."""
    values = special(name)
    a, b = (grid.reshape(-1) for grid in np.meshgrid(values, values, indexing="ij"))
    p, q = random_bits(rng, name, count), random_bits(rng, name, count)
    if name in FLOATS:
        near = p.view(f"u{NUMPY[name].itemsize}") ^ rng.integers(0, 16, count).astype(f"u{NUMPY[name].itemsize}")
        q = np.where(np.arange(count) % 2, q, near.view(NUMPY[name]))
    else:
        small = (q % NUMPY[name].type(19)).astype(NUMPY[name])
        q = np.where(np.arange(count) % 2, q, small)
    return np.concatenate([a, p]), np.concatenate([b, q])


def midpoints(name, wide):
    """In the wider type `wide`: the midpoints between neighbouring numbers of a type of at most 16 bits (what lies
    beyond the largest included) and the numbers next to them, which conversions must tell apart."""
    numbers = f64(every(name))
    numbers = np.unique(np.abs(numbers[np.isfinite(numbers)]))
    beyond = numbers[-1] + spacing(numbers[-1:], name)
    middle = (numbers + np.append(numbers[1:], beyond)) / 2
    with np.errstate(over="ignore"):  # beyond the largest bf16 there is no f32
        numbers, middle, beyond = (v.astype(NUMPY[wide]) for v in (numbers, middle, beyond))
    down, up = np.nextafter(middle, NUMPY[wide].type(0)), np.nextafter(middle, NUMPY[wide].type(np.inf))
    values = np.concatenate([numbers, middle, down, up, beyond])
    return np.concatenate([values, -values])


def battery(name, results, ins, **more):
    """A Case without expectations of its own: `results` maps result names to (expression, type name)."""
    expect = {key: np.zeros(0, NUMPY[element]) for key, (_, element) in results.items()}
    return elementwise(name, {key: text for key, (text, _) in results.items()}, ins, expect, **more)


def run_battery(case, executor, directory):
    """The arrays that a battery writes, by result name."""
    arrays = case.run(executor, directory).arrays
    assert arrays.keys() == case.expect.keys()
    for key, array in arrays.items():
        assert array.shape == next(iter(case.ins.values())).shape and type_name(array) == type_name(case.expect[key])
    return arrays


def ulps_apart(actual, exact, name):
    """How far each element is from an exact value (float64 or longdouble), in ulp of that value in the named type: a
    right rounding is at most 1/2 away.

    NaN must be NaN, and an exact infinity or zero the same with its sign: anything else is infinitely far. Beyond the
    largest number comes the infinity, one ulp farther; f8 stops at the largest.
    """
    _, _, largest, saturates = FORMATS[name]
    limit = float(largest)
    unit = spacing(np.full(1, limit, exact.dtype), name)[0]
    beyond = exact.dtype.type(limit) if saturates else limit + unit
    got = f64(actual).astype(exact.dtype)
    nan, same = np.isnan(exact), (got == exact) & (np.signbit(got) == np.signbit(exact))
    must_match = (np.isinf(exact) & (not saturates)) | (exact == 0)
    e, g = np.clip(exact, -beyond, beyond), np.clip(got, -beyond, beyond)
    with np.errstate(invalid="ignore"):
        far = np.abs(g - e) / spacing(np.where(nan, 0, e), name)
        far = np.where((got == 0) & (exact != 0) & (np.signbit(got) != np.signbit(exact)), np.inf, far)
    far = np.where(must_match, np.where(same, 0.0, np.inf), far)
    far = np.where(nan | np.isnan(got), np.where(nan & np.isnan(got), 0.0, np.inf), far)
    return far.astype(np.float64)


def assert_within_ulps(key, actual, exact, bound, of):
    """Asserts that every element is within `bound` ulp of the exact value; `of` holds the operands."""
    far = ulps_apart(actual, exact, type_name(actual))
    if not np.all(far <= bound):
        at = int(np.argmax(far))
        raise AssertionError(f"{key}: {int(np.sum(far > bound))} of {far.size} elements are beyond {bound} ulp, worst at "
                             f"{of[at]!r}: {actual[at]!r}, exact {exact[at]!r}, {far[at]:.4g} ulp")
