#===- test_numerics_functions.py - the elementary functions within their bounds --------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every elementary function on every value of f8, f16 and bf16, and on a sample of f32 and f64, within the bounds of
docs/numerics.md: of the narrow types far less than 1 ulp. The sample has every 65536th f32, with TILEC_FULL=1 every
1024th."""

import numpy as np
import pytest

import functions
from numerics import FULL, NARROW, STRICT, assert_within_ulps, battery, f64, pairs, run_battery
from rounding import FORMATS
from tilec_testing import EXECUTORS, NUMPY

OPTIONS = pytest.mark.parametrize("options", [(), STRICT], ids=["default", "strict"])
EXECUTOR = pytest.mark.parametrize("executor", EXECUTORS)


@OPTIONS
@EXECUTOR
@pytest.mark.parametrize("name", functions.TYPES)
def test_functions(name, executor, options, tmp_path):
    x = functions.operands(name, 1024 if FULL else 65536)
    for function, far in functions.distances(name, x, executor, tmp_path, options).items():
        bound = functions.bounds(function, name, executor, x) + np.zeros(x.shape)
        beyond = far > bound
        at = int(np.argmax(np.where(beyond, far, -1)))
        assert not beyond.any(), (f"{function}({x[at]!r}) is {far[at]:.4g} ulp off, {bound[at]:.4g} allowed; "
                                  f"{int(beyond.sum())} of {x.size} values are")
        if name in NARROW:
            assert far.max() < 1, function


@EXECUTOR
@pytest.mark.parametrize("name", functions.TYPES)
def test_powers(name, executor, rng, tmp_path):
    a, b = pairs(rng, name)
    # A signalling NaN to the power of 0 may be NaN or 1.
    a, b = (np.where(np.isnan(f64(v)), NUMPY[name].type(np.nan), v) for v in (a, b))
    # Exponents that leave finite results, too.
    b = np.where(np.arange(a.size) % 2, b, rng.integers(-8, 9, a.size).astype(NUMPY[name]))
    arrays = run_battery(battery("powers", {"P": ("a ** b", name), "Q": ("pow(a, b)", name)}, {"A": a, "B": b}), executor,
                         tmp_path)
    with np.errstate(all="ignore"):
        exact = np.power(f64(a).astype(np.longdouble), f64(b).astype(np.longdouble))
    bound = functions.own_bound("pow", name, executor)
    if name in NARROW:
        bound = 0.5 + bound * 2.0 ** (FORMATS[name][0] - 24)
    for key, array in arrays.items():
        assert_within_ulps(key, array, exact, bound, list(zip(a, b)))


def test_the_judge_sees_what_is_wrong():
    """One ulp off, the wrong zero, a number for an infinity, a number for NaN."""
    exact = np.array([1.0, 0.0, np.inf, np.nan, 65504.0, 1e-8])
    right = np.array([1.0, 0.0, np.inf, np.nan, 65504.0, 0.0], np.float16)
    wrong = np.array([1.0009766, -0.0, 65504.0, 1.0, np.inf, -0.0], np.float16)
    assert list(functions.ulps_apart(right, exact, "f16") <= 0.5) == [True] * 6
    assert list(functions.ulps_apart(wrong, exact, "f16")) == [1.0, np.inf, np.inf, np.inf, 1.0, np.inf]
