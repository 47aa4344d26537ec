#===- test_tile_sim_speed.py - the programs that measure tile-sim compute what they should ----------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What benchmarks/sim measures, on small arrays, compared with NumPy to the last bit."""

import numpy as np
import pytest

from test_tile_sim import simulate

pytestmark = pytest.mark.parametrize("arch", ["sm_80", "sm_89"])

# With all checks, and without any on one host thread and on more than this machine may have cores.
ways = pytest.mark.parametrize("options", [(), ("--check=none", "--jobs=1"), ("--check=none", "--jobs=3")], ids=["checked", "one", "three"])


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@ways
def test_hash(arch, options, rng, tmp_path):
    n, rounds = 999, 20
    x = rng.integers(0, 2**32, n, dtype=np.uint32)
    (result,), _ = simulate(tmp_path, f"speed.{arch}.ptx", "hash", 8, 128, [("inout", "u32", x), ("i32", n), ("i32", rounds)], *options)
    value = x.copy()
    for i in range(rounds):
        value ^= value >> np.uint32(16)
        value *= np.uint32(0x7feb352d)
        value ^= value >> np.uint32(15)
        value += np.uint32(i)
        value = value << np.uint32(7) | value >> np.uint32(25)
    assert np.array_equal(result, value)


def test_iterate(arch, rng, tmp_path):
    n, rounds = 333, 20
    x = rng.standard_normal(n).astype(np.float32)
    a, b = np.float32(0.37), np.float32(0.25)
    (result,), _ = simulate(tmp_path, f"speed.{arch}.ptx", "iterate", 3, 128, [("inout", "f32", x), ("i32", n), ("i32", rounds), ("f32", a), ("f32", b)])
    value, other = x.copy(), x.copy()
    for _ in range(rounds):
        # The product is exact in f64. Its sum is rounded there before it is rounded to f32, which decides only where the
        # first rounding ends halfway between two floats; with these values it never does (a fixed seed).
        value = (value.astype(np.float64) * a + b).astype(np.float32)
        other = (value - other) * a
        value = value + other
    assert np.array_equal(result, value)


@ways
@pytest.mark.parametrize("n", [16, 48])
def test_matmul_in_shared_memory(arch, n, options, rng, tmp_path):
    a, b = rng.integers(-9, 9, (2, n, n)).astype(np.float32)
    (c,), _ = simulate(tmp_path, f"speed.{arch}.ptx", "matmulShared", f"{n // 16},{n // 16}", "16,16",
                       [("in", "f32", a), ("in", "f32", b), ("out", "f32", np.zeros((n, n), np.float32)), ("i32", n)], *options)
    assert np.array_equal(c, a @ b)


def test_stencil(arch, rng, tmp_path):
    rows, columns = 37, 61
    # Multiples of 1/8 below 2^20, so that no sum is rounded.
    x = rng.integers(-9999, 9999, (rows, columns)).astype(np.float32)
    (y,), _ = simulate(tmp_path, f"speed.{arch}.ptx", "stencil", "2,5", "32,8",
                       [("in", "f32", x), ("out", "f32", np.zeros_like(x)), ("i32", rows), ("i32", columns)])
    expected = np.zeros_like(x)
    expected[1:-1, 1:-1] = 0.5 * x[1:-1, 1:-1] + 0.125 * (x[1:-1, :-2] + x[1:-1, 2:] + x[:-2, 1:-1] + x[2:, 1:-1])
    assert np.array_equal(y, expected)


def multiply_as_documented(a, b):
    """Each mma.sync adds 16 products to its f32 accumulators: in f64, one after the other, rounded once."""
    c = np.zeros((a.shape[0], b.shape[1]), np.float32)
    a, b = a.astype(np.float64), b.astype(np.float64)
    for at in range(0, a.shape[1], 16):
        sum = c.astype(np.float64)
        for k in range(at, at + 16):
            sum += a[:, k:k + 1] * b[k:k + 1]
        c = sum.astype(np.float32)
    return c


# The last one has fewer tiles of k than stages.
@ways
@pytest.mark.parametrize("m, n, k", [(128, 128, 64), (128, 256, 96), (256, 128, 32)])
def test_gemm(arch, m, n, k, options, rng, tmp_path):
    a, b = rng.standard_normal((m, k)).astype(np.float16), rng.standard_normal((k, n)).astype(np.float16)
    (c,), _ = simulate(tmp_path, f"gemm.{arch}.ptx", "gemm", f"{n // 128},{m // 128}", 256,
                       [("in", "f16", a), ("in", "f16", b), ("out", "f32", np.zeros((m, n), np.float32)), ("i32", n), ("i32", k)], *options)
    assert np.array_equal(c, multiply_as_documented(a, b))
