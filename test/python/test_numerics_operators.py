#===- test_numerics_operators.py - operators and exact functions, bit for bit ----------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Everything that rounds at most once: for one operand every value of the types of 8 and 16 bits, for two all pairs of
special values and random ones, in every element type.

Float oracles are float64, rounded once more to the type. That is one rounding in all: + - * / and sqrt of numbers of p
bits are rounded correctly by way of a format with at least 2p + 2 bits (Figueroa, "When is double rounding innocuous?"),
and 53 >= 2 * 24 + 2; a sum that is subnormal is exact, and so is a float64 product of two f32. f64 itself is NumPy's.
"""

from fractions import Fraction

import numpy as np
import pytest

from numerics import (FLOATS, INTEGERS, NARROW, STRICT, assert_within_ulps, battery, bits_of, every, f64, of_bits, pairs,
                      random_bits, run_battery, special)
from rounding import rounded
from tilec_testing import EXECUTORS, NUMPY, assert_equal

# Rounding each operation to its type is what one operation in an expression does by default, too.
OPTIONS = pytest.mark.parametrize("options", [(), STRICT], ids=["default", "strict"])
EXECUTOR = pytest.mark.parametrize("executor", EXECUTORS)


def check(name, results, ins, expect, executor, directory, **more):
    """Runs expressions over the operands and asserts each result, of the type of its expected array."""
    expressions = {f"Y{at}": text for at, text in enumerate(results)}
    case = battery(name, {key: (text, NUMPY_NAMES[expect[text].dtype]) for key, text in expressions.items()}, ins, **more)
    arrays = run_battery(case, executor, directory)
    for key, text in expressions.items():
        assert_equal(f"{name}: {text}", arrays[key], expect[text])


NUMPY_NAMES = {dtype: name for name, dtype in NUMPY.items()}


def larger(a, b):
    """NaN if either is NaN; -0 is less than 0."""
    first = (a > b) | ((a == b) & ~np.signbit(a))
    return np.where(np.isnan(a) | np.isnan(b), np.nan, np.where(first, a, b))


def smaller(a, b):
    return -larger(-a, -b)


#===----------------------------------------------------------------------===#
# One float
#===----------------------------------------------------------------------===#

UNARY = {
    "-a": np.negative, "abs(a)": np.abs, "ceil(a)": np.ceil, "floor(a)": np.floor, "round(a)": np.rint, "trunc(a)": np.trunc,
    "relu(a)": lambda x: larger(x, np.zeros_like(x)), "sign(a)": np.sign, "sqrt(a)": np.sqrt, "a * a": lambda x: x * x,
    "a ** 2": lambda x: x * x, "clamp(a, -1.0, 2.0)": lambda x: smaller(larger(x, np.full_like(x, -1)), np.full_like(x, 2)),
}
QUESTIONS = {"isnan(a)": np.isnan, "isinf(a)": np.isinf, "a == a": lambda x: x == x, "a != a": lambda x: x != x,
             "a > 0.0": lambda x: x > 0}


@OPTIONS
@EXECUTOR
@pytest.mark.parametrize("name", FLOATS)
def test_functions_of_a_float(name, executor, options, rng, tmp_path):
    x = every(name) if name in NARROW else np.concatenate([special(name), random_bits(rng, name, 40000), numbers(name)])
    with np.errstate(all="ignore"):
        wide = f64(x)
        expect = {text: rounded(function(wide), name) for text, function in UNARY.items()}
        # What moves a number computes nothing: an infinity of f8e5m2 stays one.
        expect |= {"a": x, "where(a > 0.0, a, a)": x}
        expect |= {text: function(wide) for text, function in QUESTIONS.items()}
    check(f"unary_{name}", list(expect), {"A": x}, expect, executor, tmp_path, options=options)


def numbers(name):
    """Numbers around the integers, where rounding to one decides."""
    quarters = np.arange(-40, 40) / 4
    large = 2.0 ** np.arange(0, 60)[:, None] + np.array([-1, -0.5, -0.25, 0, 0.25, 0.5, 1])
    return np.concatenate([quarters, large.reshape(-1), -large.reshape(-1)]).astype(NUMPY[name])


#===----------------------------------------------------------------------===#
# Two and three floats
#===----------------------------------------------------------------------===#

def remainder(a, b, name):
    """Python's %: the sign of the divisor, also of a zero. fmod is exact; the sum that moves it is rounded."""
    rest = np.fmod(a, b)
    moved = f64(rounded(rest + b, name))
    return np.where(rest == 0, np.copysign(0.0, b), np.where((rest < 0) != (b < 0), moved, rest))


BINARY = {
    "a + b": np.add, "a - b": np.subtract, "a * b": np.multiply, "a / b": np.divide, "min(a, b)": smaller,
    "max(a, b)": larger,
}
COMPARISONS = {
    "a == b": np.equal, "a != b": np.not_equal, "a < b": np.less, "a <= b": np.less_equal, "a > b": np.greater,
    "a >= b": np.greater_equal,
}


@OPTIONS
@EXECUTOR
@pytest.mark.parametrize("name", FLOATS)
def test_operators_on_floats(name, executor, options, rng, tmp_path):
    a, b = pairs(rng, name)
    with np.errstate(all="ignore"):
        x, y = f64(a), f64(b)
        expect = {text: rounded(function(x, y), name) for text, function in BINARY.items()}
        expect["a % b"] = rounded(remainder(x, y, name), name)
        expect |= {text: function(x, y) for text, function in COMPARISONS.items()}
        expect["where(a < b, a, b)"] = np.where(x < y, a, b)
    check(f"binary_{name}", list(expect), {"A": a, "B": b}, expect, executor, tmp_path, options=options)


def floor_quotient(a, b):
    """Python's // of two finite float64, b not 0, rounded to longdouble's 64 bits: exact below 2**64."""
    return np.longdouble(int(Fraction(a) / Fraction(b) // 1)) if abs(a / b) < 2.0**63 else np.longdouble(a) / np.longdouble(b)


@OPTIONS
@EXECUTOR
@pytest.mark.parametrize("name", FLOATS)
def test_floor_division_of_floats(name, executor, options, rng, tmp_path):
    """Exact below 2**22 (f64: 2**51), where (a - a % b) / b, rounded twice in f32 (f64), is within 1/2 of its integer.
    Beyond: up to 1 ulp from the first rounding (a relative 2**-24), 1/2 from the second, 1/2 from the 1 that moves the
    quotient down, and 1/2, that is at most 1 ulp, from rounding to an integer: 3 ulp. By 0, and of or by infinities, as
    NumPy."""
    a, b = pairs(rng, name)
    case = battery(f"floor_{name}", {"Q": ("a // b", name)}, {"A": a, "B": b}, options=options)
    got = run_battery(case, executor, tmp_path)["Q"]
    with np.errstate(all="ignore"):
        x, y = f64(a), f64(b)
        plain = np.isfinite(x) & np.isfinite(y) & (y != 0)
        exact = np.floor_divide(x, y).astype(np.longdouble)
        exact[plain] = [floor_quotient(p, q) for p, q in zip(x[plain], y[plain])]
        exact = np.where(exact == 0, np.copysign(0.0, x / y), exact)
        small = np.abs(exact) < (2.0**51 if name == "f64" else 2.0**22)
        assert_equal(f"{name}: a // b", got[small], rounded(exact[small], name))
        assert_within_ulps(f"{name}: a // b", got[~small], exact[~small], 3, list(zip(a[~small], b[~small])))


def fused(a, b, c):
    """a * b + c in float64, rounded to odd: correct after one more rounding to f32 or less. The product of two f32 is
    exact; what the sum lost is exact too (Knuth's two-sum)."""
    product = a * b
    total = product + c
    back = total - product
    lost = (product - (total - back)) + (c - back)
    even = (total.view(np.uint64) & 1) == 0
    inexact = (lost != 0) & np.isfinite(total) & np.isfinite(lost)
    toward = np.nextafter(total, np.where(lost > 0, np.inf, -np.inf))
    return np.where(inexact & even, toward, total)


@OPTIONS
@EXECUTOR
@pytest.mark.parametrize("name", [name for name in FLOATS if name != "f64"])
def test_fma(name, executor, options, rng, tmp_path):
    """One rounding. By default the narrow types may carry an expression's values in f32: two roundings, f32's first."""
    a, b = pairs(rng, name)
    x, y = f64(a), f64(b)
    # Where the sum cancels, or where it only tips a tie.
    with np.errstate(all="ignore"):
        c = np.where(np.arange(a.size) % 3 == 0, -x * y, f64(random_bits(rng, name, a.size)))
        c = rounded(np.where(np.arange(a.size) % 3 == 1, x * y * 2.0 ** -rng.integers(8, 30, a.size), c), name)
        exact = fused(x, y, f64(c))
        carried = name in NARROW and not options
        expect = {"fma(a, b, c)": rounded(f64(rounded(exact, "f32")) if carried else exact, name)}
    check(f"fma_{name}", list(expect), {"A": a, "B": b, "C": c}, expect, executor, tmp_path, options=options)


@EXECUTOR
def test_fma_f64(executor, rng, tmp_path):
    a, b = random_bits(rng, "f64", 4000), random_bits(rng, "f64", 4000)
    # Exponents near enough for a finite sum to which both terms count.
    a, b = (np.ldexp(np.frexp(v)[0], rng.integers(-300, 300, v.size)) for v in (a, b))
    a, b = np.nan_to_num(a, nan=1.5, posinf=2.0, neginf=-3.0), np.nan_to_num(b, nan=0.1, posinf=2.0, neginf=-3.0)
    c = a * b * np.where(np.arange(a.size) % 2, -1, 2.0 ** -rng.integers(40, 60, a.size))
    exact = np.array([float(Fraction(x) * Fraction(y) + Fraction(z)) for x, y, z in zip(a, b, c)])
    check("fma_f64", ["fma(a, b, c)"], {"A": a, "B": b, "C": c}, {"fma(a, b, c)": exact}, executor, tmp_path)


#===----------------------------------------------------------------------===#
# Expressions
#===----------------------------------------------------------------------===#

def add_rounded(a, b, name):
    """Sums of the type, rounded once."""
    return rounded(f64(a) + f64(b), name)


@EXECUTOR
@pytest.mark.parametrize("name", [name for name in FLOATS if name != "f64"])
def test_strict_expressions_round_each_operation(name, executor, rng, tmp_path):
    """Neither contraction nor f32 for the narrow types: a product is rounded before the sum."""
    a, b = pairs(rng, name)
    c = random_bits(rng, name, a.size)
    with np.errstate(all="ignore"):
        x, y, z = f64(a), f64(b), f64(c)
        product = rounded(x * y, name)
        expect = {
            "a * b + c": add_rounded(product, c, name), "c - a * b": add_rounded(c, -product, name),
            "a * b * c": rounded(f64(product) * z, name), "a + b + c": add_rounded(add_rounded(a, b, name), c, name),
            "(a * b) / c": rounded(f64(product) / z, name), "max(a * b, c)": rounded(larger(f64(product), z), name),
        }
    check(f"strict_{name}", list(expect), {"A": a, "B": b, "C": c}, expect, executor, tmp_path, options=STRICT)


@EXECUTOR
@pytest.mark.parametrize("name", [name for name in FLOATS if name != "f64"])
def test_contraction_rounds_once_or_twice(name, executor, rng, tmp_path):
    """By default each a * b + c is the fused one or the one of two roundings, in f32 or wider; the interpreter never
    fuses. What is bound is rounded."""
    a, b = pairs(rng, name)
    x, y = f64(a), f64(b)
    with np.errstate(all="ignore"):
        # Sums that cancel to what the product's rounding lost.
        c = rounded(np.where(np.arange(a.size) % 2, -x * y, f64(random_bits(rng, name, a.size))), name)
        once = rounded(fused(x, y, f64(c)), "f32")
        twice = add_rounded(rounded(x * y, "f32"), c, "f32")
        once, twice = (rounded(f64(v), name) if name != "f32" else v for v in (once, twice))
    case = battery(f"contraction_{name}", {"Y": ("a * b + c", name)}, {"A": a, "B": b, "C": c})
    got = run_battery(case, executor, tmp_path)["Y"]
    if executor == "interp":
        assert_equal("a * b + c", got, twice)
        return
    fuses = got.view(f"u{got.dtype.itemsize}") == once.view(f"u{got.dtype.itemsize}")
    fuses |= np.isnan(f64(got)) & np.isnan(f64(once))
    assert_equal("a * b + c", np.where(fuses, twice, got), twice)


#===----------------------------------------------------------------------===#
# Integers
#===----------------------------------------------------------------------===#

def wrapped(values, name):
    """Python's integers modulo the width of a type."""
    mask = 2 ** bits_of(name) - 1
    return of_bits(np.array([int(v) & mask for v in values], np.uint64), name)


def power(x, y, bits):
    """x ** y modulo 2**bits; with a negative y, 1 / x**-y rounded toward zero."""
    if y >= 0:
        return pow(x, y, 2**bits)
    return {1: 1, -1: -1 if y % 2 else 1}.get(x, 0)


@EXECUTOR
@pytest.mark.parametrize("name", INTEGERS)
def test_operators_on_integers(name, executor, rng, tmp_path):
    a, b = pairs(rng, name, 8000)
    bits = bits_of(name)
    x, y = [int(v) for v in a], [int(v) for v in b]
    # A count is read without sign, so that a negative one is too large.
    counts = [min(q % 2**bits, bits) for q in y]
    expect = {
        "a + b": [p + q for p, q in zip(x, y)], "a - b": [p - q for p, q in zip(x, y)], "a * b": [p * q for p, q in zip(x, y)],
        "a & b": [p & q for p, q in zip(x, y)], "a | b": [p | q for p, q in zip(x, y)], "a ^ b": [p ^ q for p, q in zip(x, y)],
        "a << b": [p << n for p, n in zip(x, counts)], "a >> b": [p >> n for p, n in zip(x, counts)],
        "min(a, b)": [min(p, q) for p, q in zip(x, y)], "max(a, b)": [max(p, q) for p, q in zip(x, y)],
        "-a": [-p for p in x], "~a": [~p for p in x], "abs(a)": [abs(p) for p in x], "sign(a)": [(p > 0) - (p < 0) for p in x],
        "relu(a)": [max(p, 0) for p in x], "clamp(a, 3, 100)": [min(max(p, 3), 100) for p in x],
        "a ** 2": [p * p for p in x], "a ** 3": [p**3 for p in x], "round(a)": x, "floor(a)": x,
    }
    expect = {text: wrapped(values, name) for text, values in expect.items()}
    expect |= {text: function(a, b) for text, function in COMPARISONS.items()}
    check(f"integers_{name}", list(expect), {"A": a, "B": b}, expect, executor, tmp_path)


@EXECUTOR
@pytest.mark.parametrize("name", INTEGERS)
def test_division_and_powers_of_integers(name, executor, rng, tmp_path):
    """Quotients round down, remainders have the divisor's sign; the most negative by -1 wraps."""
    a, b = pairs(rng, name, 8000)
    bits = bits_of(name)
    b = np.where(b == 0, NUMPY[name].type(1), b)
    # 0 has no negative powers.
    a = np.where((a == 0) & (b < 0), NUMPY[name].type(3), a)
    x, y = [int(v) for v in a], [int(v) for v in b]
    expect = {"a // b": [p // q for p, q in zip(x, y)], "a % b": [p % q for p, q in zip(x, y)],
              "a ** b": [power(p, q, bits) for p, q in zip(x, y)], "pow(a, b)": [power(p, q, bits) for p, q in zip(x, y)]}
    expect = {text: wrapped(values, name) for text, values in expect.items()}
    check(f"division_{name}", list(expect), {"A": a, "B": b}, expect, executor, tmp_path)


@EXECUTOR
def test_operators_on_bools(executor, tmp_path):
    a, b = np.array([False, False, True, True]), np.array([False, True, False, True])
    expect = {"a and b": a & b, "a or b": a | b, "not a": ~a, "a & b": a & b, "a | b": a | b, "a ^ b": a ^ b, "~a": ~a,
              "a == b": a == b, "a != b": a != b, "min(a, b)": a & b, "max(a, b)": a | b}
    check("bools", list(expect), {"A": a, "B": b}, expect, executor, tmp_path)
