#===- test_function_lanes.py - a function's result depends on nothing but its operands ---------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The vector code of a function gives an element the same bits in any lane, beside any other elements (rare arguments take a
branch of their own), in whole vectors and in what is left behind them."""

import numpy as np
import pytest

from numerics import battery, random_bits, run_battery, special

FUNCTIONS = ["exp", "exp2", "expm1", "log", "log2", "log1p", "sin", "cos", "tan", "tanh", "erf", "sigmoid", "silu", "gelu"]
RESULTS = {f"Y{at}": (f"{function}(a)", "f32") for at, function in enumerate(FUNCTIONS)} | {"Z": ("pow(a, b)", "f32")}


def results(a, b, arch, directory):
    return run_battery(battery("lanes", RESULTS, {"A": a, "B": b}, options=(f"--arch={arch}",)), "cpu", directory)


def bits(array):
    """Every NaN is as good as another."""
    return np.where(np.isnan(array), np.uint32(0x7FC00000), array.view(np.uint32))


@pytest.mark.parametrize("arch", ["x86-64-v3", "native"])
def test_lanes_are_alone(arch, rng, tmp_path):
    a = np.concatenate([special("f32"), random_bits(rng, "f32", 1000), rng.normal(size=1000).astype(np.float32)])
    b = np.concatenate([rng.normal(size=len(a) // 2) * 4, rng.integers(-4, 5, len(a) - len(a) // 2)]).astype(np.float32)
    order = rng.permutation(len(a))
    together, apart = results(a, b, arch, tmp_path), results(a[order], b[order], arch, tmp_path)
    # The last ones are behind the last whole vector, in both.
    few = order[:37]
    alone = results(a[few], b[few], arch, tmp_path)
    for name, array in together.items():
        assert np.isfinite(array).mean() > 0.2, name
        np.testing.assert_array_equal(bits(array)[order], bits(apart[name]), err_msg=name)
        np.testing.assert_array_equal(bits(array)[few], bits(alone[name]), err_msg=name)
