#===- test_numerics_conversions.py - every conversion, exhaustively where that is possible ---------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`x as T` from every type to every type, bit for bit: all values of the types of 8 and 16 bits; of the wider ones every
midpoint between neighbours of the narrow floats with the numbers next to it, boundary values and random bits.

The expected values are exact (rounding.py, Python's integers): NumPy and ml_dtypes convert f64 to bf16 and f8 by way of
f32, which rounds twice, do not saturate to f8, and leave conversions to integers that overflow undefined.
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from numerics import (FLOATS, INTEGERS, NARROW, STRICT, battery, bits_of, every, f64, midpoints, of_bits, random_bits,
                      run_battery, special)
from rounding import FORMATS, converted, nearest, rounded
from tilec_testing import EXECUTORS, NUMPY, assert_equal

TYPES = ["bool"] + INTEGERS + FLOATS


def wide_float_values(name, rng):
    parts = [special(name), random_bits(rng, name, 40000)]
    parts += [midpoints(narrow, name) for narrow in NARROW]
    if name == "f64":
        single = random_bits(rng, "f32", 20000)
        single = single[np.isfinite(single)].astype(np.float64)
        half = np.ldexp(1.0, np.maximum(np.frexp(single)[1], -125) - 25)
        parts += [single, single + half, np.nextafter(single + half, 0), np.nextafter(single + half, np.inf)]
    # The ends of the integer types.
    ends = np.concatenate([2.0 ** np.arange(65), 2.0 ** np.arange(65) - 0.5, np.arange(300) / 4.0]).astype(NUMPY[name])
    ends = np.concatenate([ends, np.nextafter(ends, NUMPY[name].type(0)), np.nextafter(ends, NUMPY[name].type(np.inf))])
    with np.errstate(over="ignore"):
        return np.concatenate([part.astype(NUMPY[name]) for part in parts + [ends, -ends]])


def wide_integer_values(name, rng):
    """Midpoints of the float types among the integers, one above and one below, powers of two, random ones."""
    info = np.iinfo(NUMPY[name])
    numbers = {int(v) for v in special(name)} | {int(v) for v in random_bits(rng, name, 1500)}
    for precision, _, _, _ in FORMATS.values():
        for exponent in range(precision, bits_of(name)):
            for significand in (2**precision, 2**precision + 1, 2 ** (precision + 1) - 1):
                middle = (2 * significand + 1) << exponent >> precision + 1
                numbers |= {middle - 1, middle, middle + 1, -middle - 1, -middle, -middle + 1}
    numbers |= {65519, 65520, 65521, 464, 465, 61440, 61441}
    return np.array(sorted(n for n in numbers if info.min <= n <= info.max), NUMPY[name])


def values(name, rng):
    if name == "bool":
        return np.array([False, True])
    if bits_of(name) <= 16:
        return every(name)
    return wide_float_values(name, rng) if name in FLOATS else wide_integer_values(name, rng)


def to_integer(x, name):
    """Floats truncated toward zero and saturated, NaN to 0. The bounds are powers of two, which float64 holds."""
    info, whole = np.iinfo(NUMPY[name]), np.trunc(x)
    top = float(info.max + 1)
    inside = (whole < top) & (whole >= float(info.min))
    result = np.where(inside, whole, 0).astype(np.int64 if info.min else np.uint64).astype(NUMPY[name])
    result = np.where(whole >= top, info.max, result)
    return np.where(whole < float(info.min), info.min, result).astype(NUMPY[name])


def converted_integers(x, name):
    """Integers in a float type: exact in float64 up to 53 bits, else by rationals."""
    if x.dtype.kind == "b" or x.dtype.itemsize <= 4:
        return rounded(x.astype(np.float64), name)
    return converted(x, name)


def expected(x, source, target):
    with np.errstate(all="ignore"):
        if target == source:
            return x
        if target == "bool":
            return (f64(x) if source in FLOATS else x) != 0
        if source in FLOATS:
            return rounded(f64(x), target) if target in FLOATS else to_integer(f64(x), target)
        if target in FLOATS:
            return converted_integers(x, target)
        return x.astype(NUMPY[target])  # NumPy's integers wrap.


@pytest.mark.parametrize("options", [(), STRICT], ids=["default", "strict"])
@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("source", TYPES)
def test_conversions(source, executor, options, rng, tmp_path):
    x = values(source, rng)
    case = battery("convert", {f"Y{target.upper()}": (f"a as {target}", target) for target in TYPES}, {"A": x},
                   options=options)
    arrays = run_battery(case, executor, tmp_path)
    for target in TYPES:
        assert_equal(f"{source} as {target}", arrays[f"Y{target.upper()}"], expected(x, source, target))


# Every machine that kernels run on has the first; the second is there where the processor has it.
ARCHS = ["x86-64-v3"] + (["x86-64-v4"] if "avx512bw" in Path("/proc/cpuinfo").read_text() else [])


@pytest.mark.parametrize("arch", ARCHS)
def test_conversions_of_an_instruction_set(arch, rng, tmp_path):
    """f32 to the narrow types: subnormals, ties and all, whatever the instructions."""
    x = np.append(values("f32", rng), of_bits([0x00123456, 0x80123456], "f32"))
    case = battery("convert", {f"Y{target.upper()}": (f"a as {target}", target) for target in NARROW}, {"A": x},
                   options=(f"--arch={arch}",))
    arrays = run_battery(case, "cpu", tmp_path)
    for target in NARROW:
        assert_equal(f"f32 as {target}", arrays[f"Y{target.upper()}"], expected(x, "f32", target))
    assert list(arrays["YBF16"][-2:].view(np.uint16)) == [0x0012, 0x8012]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("width", [8, 16, 32, 64])
def test_bitcasts_keep_every_bit(width, executor, rng, tmp_path):
    """Also those of NaNs, which no other operation promises."""
    types = [t for t in TYPES if t != "bool" and bits_of(t) == width]
    source = f"u{width}"
    x = every(source) if width <= 16 else random_bits(rng, source, 50000)
    # One cast of a NaN's bits to a float type and back.
    case = battery("bits", {f"Y{t.upper()}": (f"bitcast(bitcast(a, {t}), {source})", source) for t in types}, {"A": x})
    for key, array in run_battery(case, executor, tmp_path).items():
        assert_equal(key, array, x)


@pytest.mark.parametrize("name", list(FORMATS))
def test_the_two_oracles_agree(name, rng):
    """The scaled rounding of arrays against rational arithmetic."""
    x = np.concatenate([random_bits(rng, "f64", 3000), f64(random_bits(rng, "f32", 3000)), f64(of_bits(range(300), "f64")),
                        midpoints("f8e4m3", "f64")])
    with np.errstate(all="ignore"):
        assert_equal(name, rounded(x, name), np.array([nearest(v, name) for v in x]).astype(NUMPY[name]))


def test_the_oracle_rounds_ties_to_even():
    assert nearest(Fraction(2049), "f16") == 2048.0 and nearest(Fraction(2051), "f16") == 2052.0
    assert list(f64(rounded(np.array([2049.0, 2051.0, 65519.0, 65520.0]), "f16"))) == [2048.0, 2052.0, 65504.0, np.inf]
    assert list(f64(rounded(np.array([464.0, 465.0, np.inf]), "f8e4m3"))) == [448.0, 448.0, 448.0]
