#===- rounding.py - exact conversions to narrow float types ----------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Converts values to a float type with one rounding to nearest even: any exact value in rational arithmetic, and whole
arrays of float64 or longdouble by scaling with powers of two, which is exact.

NumPy and ml_dtypes round some pairs of types twice (by way of f32), so they are no oracle for conversions.
"""

import math
from fractions import Fraction

import numpy as np

from tilec_testing import NUMPY

# Bits of precision, smallest normal exponent, largest finite number, whether a larger number saturates.
FORMATS = {
    "f8e4m3": (4, -6, Fraction(448), True), "f8e5m2": (3, -14, Fraction(57344), True),
    "f16": (11, -14, Fraction(65504), False), "bf16": (8, -126, Fraction(255, 128) * 2**127, False),
    "f32": (24, -126, (2 - Fraction(1, 2**23)) * 2**127, False),
    "f64": (53, -1022, (2 - Fraction(1, 2**52)) * 2**1023, False),
}


def nearest(value, name):
    """One value (a Python or NumPy number) in the named type, as a Python float."""
    number = float(value) if isinstance(value, (float, np.floating)) else None
    precision, smallest, largest, saturates = FORMATS[name]
    if number is not None and math.isnan(number):
        return math.nan
    if number is not None and math.isinf(number):
        return math.copysign(float(largest), number) if saturates else number
    exact = Fraction(number) if number is not None else Fraction(int(value))
    if exact == 0:
        return number if number is not None else 0.0
    size = abs(exact)
    exponent = max(floor_log2(size), smallest)
    step = Fraction(2) ** (exponent - precision + 1)
    # Fraction's round is half to even.
    rounded = round(size / step) * step
    if rounded > largest:
        rounded = largest if saturates else None
    result = math.inf if rounded is None else float(rounded)
    return math.copysign(result, exact)


def floor_log2(x):
    """The exponent of the largest power of two that is not above a positive fraction."""
    guess = x.numerator.bit_length() - x.denominator.bit_length()
    return guess if Fraction(2) ** guess <= x else guess - 1


def converted(values, name):
    """An array in the named float type."""
    values = np.asarray(values)
    flat = [nearest(v if values.dtype.kind != "V" else float(v), name) for v in values.reshape(-1)]
    return np.array(flat, np.float64).reshape(values.shape).astype(NUMPY[name])


def spacing(values, name):
    """The distance of neighbouring numbers of a float type around each value: one ulp, the subnormals' below the normal
    numbers. In the values' own precision."""
    precision, smallest, _, _ = FORMATS[name]
    _, exponent = np.frexp(np.abs(values))
    # frexp gives a fraction in [1/2, 1); of 0 the exponent 0, of infinities and NaN anything.
    exponent = np.where(values == 0, smallest, np.maximum(exponent - 1, smallest))
    return np.ldexp(np.ones_like(values), exponent - (precision - 1))


def rounded(values, name):
    """An array of float64 or longdouble in the named type: the nearest, ties to even; f8 saturates, infinities too.

    Every step but `rint` is exact: scaling by a power of two such that an ulp becomes 1, and back.
    """
    values = np.asarray(values)
    assert values.dtype in (np.float64, np.longdouble)
    largest, saturates = float(FORMATS[name][2]), FORMATS[name][3]
    finite = np.isfinite(values)
    plain = np.where(finite, values, 0)
    unit = spacing(plain, name)
    _, exponent = np.frexp(unit)
    near = np.ldexp(np.rint(np.ldexp(plain, 1 - exponent)), exponent - 1)
    result = np.copysign(np.where(finite, near, values), values)
    limit = largest if saturates else np.inf
    result = np.where(np.abs(result) > largest, np.copysign(limit, values), result)
    return result.astype(np.float64).astype(NUMPY[name])
