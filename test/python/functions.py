#===- functions.py - exact values of the elementary functions, and how far results are from them ---------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""References in longdouble (64 bits of precision), which stand for the exact values: they are off by at most a few units
of 2**-64, 2**-10 ulp of f64 and less of everything narrower. `erf` and `gelu` come from double functions, off by one or
two units of 2**-53 where their results are not subnormal: 2**-28 ulp of f32, and a unit of f64 that its bounds must allow
for."""

import math

import numpy as np

import bounded
from numerics import NARROW, battery, every, f64, of_bits, run_battery, special, ulps_apart
from rounding import FORMATS

TYPES = NARROW + ["f32", "f64"]

_erf = np.vectorize(math.erf, otypes=[np.float64])
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def erf(x):
    return _erf(x.astype(np.float64)).astype(np.longdouble)


def sigmoid(x):
    # Where exp(x) vanishes in longdouble, so does the result.
    return np.where(x < 0, np.exp(x) / (1 + np.exp(x)), 1 / (1 + np.exp(-x)))


def silu(x):
    """x * sigmoid(x), which of -infinity is NaN."""
    return x * sigmoid(x)


def gelu(x):
    """x / 2 * (1 + erf(x / sqrt 2)) without the cancellation: of -infinity it is NaN."""
    return x / 2 * _erfc((-x * np.sqrt(np.longdouble(0.5))).astype(np.float64))


REFERENCES = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2, "log1p": np.log1p, "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x), "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh, "erf": erf,
    "sigmoid": sigmoid, "silu": silu, "gelu": gelu,
}


# What the interpreter's functions add to the half ulp of one rounding: they are computed with at least 11 bits to spare,
# by functions that are off by at most 2 units of their own.
INTERPRETER = 0.5 + 2.0**-9


def own_bound(function, name, executor):
    """The bound of one elementary function on f32 or f64, in ulp."""
    if executor == "interp":
        return INTERPRETER
    return bounded.ULP[function]


def bounds(function, name, executor, x):
    """The bound of each result in ulp of the type, as docs/numerics.md derives it. A relative error of u, half the
    spacing at 1, is at most 1 ulp.

    The narrow types are computed in f32, whose ulp is 2**(24 - p) times smaller than that of a type of p bits, and
    rounded once more: 1/2 on top.
    """
    if name in NARROW:
        return 0.5 + bounds(function, "f32", executor, x) * 2.0 ** (FORMATS[name][0] - 24)
    x = np.abs(np.nan_to_num(f64(x), nan=0.0, posinf=0.0, neginf=0.0)) * (f64(x) < 0)
    if function in ("sigmoid", "silu"):
        # The exponential, the sum (whose error is the smaller of the two that a quotient divides), the quotient; of silu
        # a product as well. Where the exponential is subnormal, below log(2**-126) or log(2**-1022), x times its error
        # counts, in a result that is subnormal too.
        roundings = 2 * own_bound("exp", name, executor) + 1 + 0.5
        if function == "sigmoid":
            return roundings + np.zeros_like(x)
        least = 87.0 if name == "f32" else 708.0
        return roundings + 1 + np.where(x > least, x * (own_bound("exp", name, executor) + 0.5), 0)
    if function == "gelu":
        # -x / sqrt 2 is off by 2u, the constant's rounding and the product's, which erfc multiplies by at most
        # x**2 + 2 for negative x and by less than 1 elsewhere; erfc itself, and two products.
        own = own_bound("erfc", name, executor)
        return 2 * (np.minimum(x, 40.0) ** 2 + 2) + 2 * own + 2 + np.minimum(x, 40.0) / 2 * (own + 0.5)
    bound = own_bound(function, name, executor)
    # The reference of erf is a double function, off by at most 1 1/2 ulp of f64.
    return bound + (1.5 if function == "erf" and name == "f64" else 0)


def operands(name, step):
    """Every value of a type of at most 16 bits; every `step`-th f32 and its special values; as many f64, half of them
    evenly spread over the bits and half where f32 has its numbers."""
    if name in NARROW:
        return every(name)
    bits = np.arange(0, 2**32, step, dtype=np.uint64)
    single = of_bits(bits, "f32")
    if name == "f32":
        return np.concatenate([special(name), single])
    half = of_bits(bits[::2] << np.uint64(32) | np.uint64(0x9E3779B9), "f64")
    # The digits that f32 does not have, at random but the same in each run.
    tail = 1 + np.random.default_rng(0).uniform(0, 2.0**-23, half.size)
    return np.concatenate([special(name), half, f64(single[1::2]) * tail])


def distances(name, x, executor, directory, options=()):
    """How far each function's result is from its exact value, in ulp of the type (numerics.ulps_apart)."""
    case = battery("functions", {f"Y{at}": (f"{function}(a)", name) for at, function in enumerate(REFERENCES)}, {"A": x},
                   options=options)
    arrays = run_battery(case, executor, directory)
    wide = f64(x).astype(np.longdouble)
    with np.errstate(all="ignore"):
        return {function: ulps_apart(arrays[f"Y{at}"], reference(wide), name)
                for at, (function, reference) in enumerate(REFERENCES.items())}
