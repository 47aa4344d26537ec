#===- bounded.py - arithmetic with a running error bound -------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reference values that know how far a correct computation in a narrower type may be from them.

A Bounded holds the value, computed in extended precision, and a bound on the distance of any computation of the same
formula that rounds each operation to a type of unit roundoff u, in whatever order it sums. This is the running error
analysis of Higham, Accuracy and Stability of Numerical Algorithms, section 3.3: no tolerance is chosen by hand.

* An operation whose exact operands lie within ea and eb of a and b has a propagated error (written at each operation),
  and its own rounding adds u * (|result| + propagated) + eta, eta being half the smallest subnormal.
* A sum of n terms, in any order, adds gamma(n - 1) * sum(|x| + e), with gamma(n) = n * u / (1 - n * u); a dot product of
  length n adds gamma(n + 1) * sum((|a| + ea) * (|b| + eb)): n products and n sums, one of them with the accumulator.
  Contraction into fused multiply-adds only removes roundings.
* Elementary functions add the error that docs/numerics.md promises of every executor. One ulp is at most
  2 * u * |result|, or 2 * eta where that is more.
"""

import math

import ml_dtypes
import numpy as np

# Unit roundoff and half the smallest subnormal of each float type.
FORMATS = {
    "f8e4m3": (2.0**-4, 2.0**-10), "f8e5m2": (2.0**-3, 2.0**-17),
    "f16": (2.0**-11, 2.0**-25), "bf16": (2.0**-8, 2.0**-134), "tf32": (2.0**-11, 2.0**-137),
    "f32": (2.0**-24, 2.0**-150), "f64": (2.0**-53, np.longdouble(2.0) ** -1075),
}

# The reference's own rounding: extended precision has a unit roundoff of 2**-64; 2**-62 leaves room for its functions.
REFERENCE = 2.0**-62

# The error of elementary functions on f32 and f64, in ulp of the result, that docs/numerics.md promises of every executor:
# test_numerics_functions.py measures it.
ULP = {"exp": 1.5, "exp2": 1.5, "expm1": 1.5, "log": 1, "log2": 1.5, "log1p": 1.5, "sqrt": 0.5, "rsqrt": 1.5, "sin": 1.6, "cos": 1.6,
       "tan": 2, "tanh": 2, "erf": 2, "erfc": 6, "pow": 1}

_erf = np.vectorize(lambda x: math.erf(float(x)), otypes=[np.longdouble])
_erfc = np.vectorize(lambda x: math.erfc(float(x)), otypes=[np.longdouble])


class Bounded:
    """An array of reference values with a bound on the error of each. `type` names the type that results round to."""

    # Lets `array * bounded` reach __rmul__ rather than NumPy's broadcasting of objects.
    __array_ufunc__ = None

    def __init__(self, value, error=0.0, type="f32"):
        self.value = np.asarray(value).astype(np.longdouble)
        self.error = np.broadcast_to(np.asarray(error, np.longdouble), self.value.shape)
        self.type = type

    @property
    def shape(self):
        return self.value.shape

    def _rounded(self, value, error, units=1.0):
        unit, eta = FORMATS[self.type]
        total = error + (units * unit + REFERENCE) * (np.abs(value) + error) + units * eta
        return Bounded(value, total, self.type)

    def _operand(self, other):
        return other if isinstance(other, Bounded) else Bounded(other, 0.0, self.type)

    def __add__(self, other):
        other = self._operand(other)
        return self._rounded(self.value + other.value, self.error + other.error)

    def __sub__(self, other):
        other = self._operand(other)
        return self._rounded(self.value - other.value, self.error + other.error)

    def __rsub__(self, other):
        return self._operand(other) - self

    def __neg__(self):
        return Bounded(-self.value, self.error, self.type)

    def __mul__(self, other):
        other = self._operand(other)
        error = np.abs(self.value) * other.error + self.error * np.abs(other.value) + self.error * other.error
        return self._rounded(self.value * other.value, error)

    def __truediv__(self, other):
        other = self._operand(other)
        # |a'/b' - a/b| <= (ea + |a/b| * eb) / (|b| - eb)
        quotient = self.value / other.value
        room = np.abs(other.value) - other.error
        assert np.all(room > 0), "the reference divides by what may be 0"
        return self._rounded(quotient, (self.error + np.abs(quotient) * other.error) / room)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rtruediv__(self, other):
        return self._operand(other) / self

    def __matmul__(self, other):
        other = self._operand(other)
        length = self.shape[-1]
        unit, eta = FORMATS[self.type]
        a, b = np.abs(self.value), np.abs(other.value)
        error = a @ other.error + self.error @ b + self.error @ other.error
        rounding = gamma(length + 1, unit + REFERENCE) * ((a + self.error) @ (b + other.error))
        return Bounded(self.value @ other.value, error + rounding + eta * (2 * length + 1), self.type)

    def sum(self, axis=None, keepdims=False):
        count = self.value.size if axis is None else self.shape[axis]
        unit, _ = FORMATS[self.type]
        size = np.sum(np.abs(self.value) + self.error, axis=axis, keepdims=keepdims)
        error = np.sum(self.error, axis=axis, keepdims=keepdims) + gamma(max(count, 1), unit + REFERENCE) * size
        return Bounded(np.sum(self.value, axis=axis, keepdims=keepdims), error, self.type)

    def cumsum(self, axis):
        """Each prefix is a sum of at most all elements: the bound of `sum` with the prefix's own terms."""
        unit, _ = FORMATS[self.type]
        size = np.cumsum(np.abs(self.value) + self.error, axis=axis)
        error = np.cumsum(self.error, axis=axis) + gamma(max(self.shape[axis], 1), unit + REFERENCE) * size
        return Bounded(np.cumsum(self.value, axis=axis), error, self.type)

    def mean(self, axis, keepdims=False):
        # The mean of nothing is 0 here, which no result shows: it would belong to a row without elements.
        return self.sum(axis, keepdims) / np.longdouble(max(self.shape[axis], 1))

    def max(self, axis, keepdims=False):
        # |max(a') - max(a)| <= max(|a' - a|); a maximum does not round.
        return Bounded(np.max(self.value, axis=axis, keepdims=keepdims),
                       np.max(self.error, axis=axis, keepdims=keepdims), self.type)

    def __getitem__(self, key):
        return Bounded(self.value[key], self.error[key], self.type)

    def reshape(self, *shape):
        return Bounded(self.value.reshape(*shape), self.error.reshape(*shape), self.type)

    def swapaxes(self, a, b):
        return Bounded(self.value.swapaxes(a, b), self.error.swapaxes(a, b), self.type)

    @property
    def T(self):
        return self.swapaxes(-1, -2)

    def to(self, type):
        """The value after a conversion to another type, whose rounding counts from here on."""
        unit, _ = FORMATS[self.type]
        if FORMATS[type][0] <= unit:
            return Bounded(self.value, self.error, type)
        return Bounded(self.value, self.error, type)._rounded(self.value, self.error)


def gamma(count, unit):
    """Higham's gamma: the growth of `count` roundings in a row."""
    assert count * unit < 0.5, "too long a sum for its type: the bound would mean nothing"
    return count * unit / (1 - count * unit)


def _apply(name, x, value, propagated):
    """An elementary function's result: its propagated error, and its own in ulp of 2 * u."""
    return x._rounded(value, propagated, units=2 * ULP[name])


def exp(x):
    value = np.exp(x.value)
    return _apply("exp", x, value, value * np.expm1(x.error))


def log(x):
    room = x.value - x.error
    assert np.all(room > 0), "the reference takes the logarithm of what may be 0"
    return _apply("log", x, np.log(x.value), x.error / room)


def rsqrt(x):
    room = x.value - x.error
    assert np.all(room > 0), "the reference takes the root of what may be 0"
    # The derivative is 1/2 * x**(-3/2), largest at the left end.
    return _apply("rsqrt", x, 1 / np.sqrt(x.value), x.error * 0.5 * room ** np.longdouble(-1.5))


def sqrt(x):
    room = x.value - x.error
    assert np.all(room >= 0), "the reference takes the root of what may be negative"
    # sqrt(x + e) - sqrt(x - e) covers both sides.
    return _apply("sqrt", x, np.sqrt(x.value), np.sqrt(x.value + x.error) - np.sqrt(room))


def tanh(x):
    # The derivative is at most 1.
    return _apply("tanh", x, np.tanh(x.value), x.error)


def sigmoid(x):
    """1 / (1 + exp(-x)), as a formula of its own roundings."""
    return 1 / (1 + exp(-x))


def erf(x):
    # The derivative is at most 2 / sqrt(pi) < 1.13. The reference comes from a double function of 1 ulp.
    value = _erf(x.value)
    result = _apply("erf", x, value, 1.13 * x.error)
    return Bounded(value, result.error + 2.0**-52 * np.abs(value), x.type)


def erfc(x):
    # The derivative is 2 / sqrt(pi) * exp(-x**2), largest where |x| is least. The reference is a double function, of a few
    # ulp.
    value = _erfc(x.value)
    nearest = np.maximum(np.abs(x.value) - x.error, 0)
    result = _apply("erfc", x, value, 1.13 * np.exp(-nearest * nearest) * x.error)
    return Bounded(value, result.error + 2.0**-50 * np.abs(value), x.type)


def gelu(x):
    """x / 2 * erfc(-x / sqrt(2)); the constant is rounded too."""
    unit = FORMATS[x.type][0]
    root = np.sqrt(np.longdouble(0.5))
    return (x * 0.5) * erfc(x * Bounded(-root, unit * root, x.type))


def silu(x):
    return x * sigmoid(x)


def elementary(name, values, reference, type):
    """The bound of one elementary function of exact values: a reference in extended precision, with its ulps."""
    x = Bounded(values, 0.0, type)
    return _apply(name, x, np.asarray(reference, np.longdouble), np.zeros(x.shape))


def largest(dtype):
    """The largest finite number of a float type."""
    return float(ml_dtypes.finfo(dtype).max)
