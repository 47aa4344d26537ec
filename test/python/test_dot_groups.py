#===- test_dot_groups.py - products by instructions that add several at once ------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products of bytes and of bf16, on every instruction set that this machine has, bit for bit.

Bytes: exact sums in int64 that wrap to i32. bf16: the chain of products and sums in f32 that docs/numerics.md promises, in
ascending order, or for AMX in its order. The operands are such that every product is an f32, so that it makes no difference whether product and sum
are fused; sums round, become subnormal, or overflow. No instruction may flush them.
"""

import numpy as np
import pytest

import amx
from numerics import FULL, STRICT
from tilec_testing import NUMPY, assert_equal, run

# What code is compiled for: `native` has what this machine has, the others never use the newer instructions.
ARCHS = ["native", "x86-64-v3"] + (["x86-64-v4"] if {"avx512bw", "avx512vl", "avx512dq"} <= amx.machine_flags() else [])
# What it multiplies with beside AMX.
ARCHS += ["znver4"] if amx.is_native() else []
# AMX is emulated where the machine has only the rest of sapphirerapids.
WITH_AMX = ARCHS + ([amx.ARCH] if amx.runs_here() else [])

# M, K, N and tile sizes: dims of one, contractions that end within a group, columns that end within a vector, panels of one
# vector; several tiles along each dim, of which the last is smaller.
SHAPES = [((37, 29, 131), {}), ((5, 1, 7), {}), ((1, 6, 33), {}), ((64, 130, 96), {"i": 48, "j": 80, "k": 50}),
          ((91, 65, 79), {}), ((48, 64, 112), {}), ((9, 67, 50), {"i": 4, "j": 16, "k": 3}), ((3, 1030, 600), {}), ((13, 5, 3), {"i": 2, "j": 1, "k": 2})]

SOURCE = """
kernel products<T: number, U: number, R: number>(A: T[M, K], B: U[K, N], BT: U[N, K], S: R[M, N])
    -> (C: R[M, N], D: R[M, N], E: R[M, N]) {
  for i, j in tiles(M, N) {
    var plain = S[i, j]
    var transposed = S[i, j]
    var computed = S[i, j]
    for k in tiles(K) {
      plain = dot(A[i, k], B[k, j], plain)
      transposed = dot(A[i, k], BT[j, k].T, transposed)
      computed = dot(max(A[i, k], A[i, k]), where(B[k, j] == B[k, j], B[k, j], BT[j, k].T), computed)
    }
    C[i, j] = plain
    D[i, j] = transposed
    E[i, j] = computed
  }
}
"""


def products(a, b, start, arch, tmp_path, *, config=None, options=()):
    """What the kernel gives: three times the same."""
    source = tmp_path / "products.tile"
    source.write_text(SOURCE)
    result = {np.dtype(np.int32): "i32", np.dtype(np.float32): "f32"}[start.dtype]
    return run(source, "products", "cpu", ins={"A": a, "B": b, "BT": np.ascontiguousarray(b.T), "S": start},
               outs=dict.fromkeys("CDE", result), config=config or {}, options=(f"--arch={arch}", *options),
               environment=amx.environment_for(arch), directory=tmp_path).arrays


def chosen(rng):
    """All shapes in the long version, else three."""
    return SHAPES if FULL else [SHAPES[index] for index in rng.choice(len(SHAPES), 3, replace=False)]


def wrapped_product(a, b, start):
    return (a.astype(np.int64) @ b.astype(np.int64) + start).astype(np.int32)


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("left", ["i8", "u8"])
@pytest.mark.parametrize("right", ["i8", "u8"])
def test_bytes(left, right, arch, rng, tmp_path):
    for (m, k, n), config in chosen(rng):
        a, b = (rng.integers(0, 256, shape, np.uint8).view(NUMPY[name]) for shape, name in (((m, k), left), ((k, n), right)))
        start = rng.integers(-2**31, 2**31, (m, n), np.int32)
        for key, array in products(a, b, start, arch, tmp_path, config=config).items():
            assert_equal(f"{key} of {m}x{k}x{n} {config}", array, wrapped_product(a, b, start))


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("left, right", [("i8", "i8"), ("u8", "i8"), ("u8", "u8")])
def test_extreme_bytes(left, right, arch, tmp_path):
    """The largest products of either sign, so many that i32 wraps."""
    ends = [[np.iinfo(NUMPY[name]).min, np.iinfo(NUMPY[name]).max] for name in (left, right)]
    k = 140001
    a = np.array(ends[0] + [ends[0][0]], NUMPY[left])[:, None].repeat(k, axis=1)
    a[2, ::2] = ends[0][1]
    b = np.array(ends[1] * 10, NUMPY[right])[None, :].repeat(k, axis=0)
    start = np.full((3, 20), 7, np.int32)
    for key, array in products(a, b, start, arch, tmp_path).items():
        assert_equal(key, array, wrapped_product(a, b, start))


def chain(a, b, start):
    """The products in ascending order, each sum rounded to f32."""
    a, b, total = a.astype(np.float32), b.astype(np.float32), start.copy()
    with np.errstate(all="ignore"):
        for k in range(a.shape[1]):
            total = total + a[:, k, None] * b[k]
    return total


def expected_bf16(a, b, start, arch, options=(), config=None):
    """The same, or the sums in AMX's order where that is the arch's. Default tiles of the contraction are multiples of 32."""
    if amx.has_order(arch, options, config):
        return amx.sum_in_order(a, b, start, (config or {}).get("k", 32))
    return chain(a, b, start)


def scaled(rng, shape, exponent):
    """Integers of a few bits times a power of two."""
    return np.ldexp(rng.integers(-31, 32, shape).astype(np.float64), exponent).astype(NUMPY["bf16"])


# Powers of two of both operands. The instruction can be used where both are in the range from 2^-56 to 2^63. Elsewhere
# products or operands are subnormal, or sums overflow, which they do at (58, 58), too.
EXPONENTS = [(-4, -3), (-56, -56), (-57, -56), (-74, -75), (-133, -10), (-16, -133), (58, 58), (58, 59), (-56, 61)]


@pytest.mark.parametrize("options", [(), STRICT], ids=["default", "strict"])
@pytest.mark.parametrize("arch", WITH_AMX)
def test_bf16(arch, options, rng, tmp_path):
    exponents = EXPONENTS if FULL else [EXPONENTS[index] for index in rng.choice(len(EXPONENTS), 3, replace=False)]
    for (m, k, n), config in chosen(rng):
        for left, right in exponents:
            a, b = scaled(rng, (m, k), left), scaled(rng, (k, n), right)
            first = a[:, :1].astype(np.float32) * b[:1].astype(np.float32)
            start = np.where(rng.random((m, n)) < 0.5, np.float32(-0.0), first)
            for key, array in products(a, b, start, arch, tmp_path, config=config, options=options).items():
                assert_equal(f"{key} of {m}x{k}x{n} {config}, 2^{left} and 2^{right}", array,
                             expected_bf16(a, b, start, arch, options, config))


@pytest.mark.parametrize("arch", WITH_AMX)
def test_bf16_of_all_ranges(arch, rng, tmp_path):
    """Small elements only here and there: some panels, tiles and accumulators are in range and some are not. The sums of the
    second tile of the contraction cancel all but what the first left far below."""
    m, k, n = 24, 64, 100
    a, b = scaled(rng, (m, k), -3), scaled(rng, (k, n), -3)
    b[:, 40] = scaled(rng, (k,), -80)
    a[17] = scaled(rng, (k,), -69)
    b[20, 70], a[2, 33] = np.float32(np.inf), np.float32(np.nan)
    a[5], b[:, 90] = 0, 0
    a[5, [0, 1, 16]] = np.float32([2.0**-56, 2.0**-65, 2.0**-56])
    b[[0, 1, 16], 90] = np.float32([2.0**-56, 2.0**-70, -(2.0**-56)])
    start = np.zeros((m, n), np.float32)
    for config in ({}, {"i": 8, "j": 32, "k": 16}):
        expected = expected_bf16(a, b, start, arch, config=config)
        assert expected[5, 90] == 2.0**-135
        for key, array in products(a, b, start, arch, tmp_path, config=config).items():
            assert_equal(f"{key} {config}", array, expected)


NOTHING = """
kernel nothing<T: number, R: number>(A: T[M, K], B: T[K, N]) -> C: R[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    for step in range(2) { sums = dot(A[i, :], B[:, j], sums) }
    C[i, j] = sums
  }
}
"""


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("element, result", [("i8", "i32"), ("bf16", "f32")])
def test_sums_of_nothing(element, result, arch, tmp_path):
    """A contraction without elements, in a loop with which sums begin and end: they are zeros, and are stored."""
    source = tmp_path / "nothing.tile"
    source.write_text(NOTHING)
    for m in (3, 40):
        given = run(source, "nothing", "cpu", ins={"A": np.zeros((m, 0), NUMPY[element]), "B": np.zeros((0, 35), NUMPY[element])},
                    outs={"C": result}, types={"R": result}, options=(f"--arch={arch}",),
                    environment=amx.environment_for(arch), directory=tmp_path)
        assert_equal(f"{m} rows", given.arrays["C"], np.zeros((m, 35), NUMPY[result]))


# Products by themselves, plainly and by a transposed matrix: one kernel has one of them.
BY_ITSELF = """
kernel plain<T: number, R: number>(A: T[M, K], B: T[K, N]) -> C: R[M, N] {
  for i, j in tiles(M, N) { C[i, j] = dot(A[i, :], B[:, j], full(R, -0.0, i, j)) }
}
kernel transposed<T: number, R: number>(A: T[M, K], B: T[N, K]) -> C: R[M, N] {
  for i, j in tiles(M, N) { C[i, j] = dot(A[i, :], B[j, :].T, full(R, -0.0, i, j)) }
}
"""


def by_itself(kernel, a, b, arch, tmp_path):
    source = tmp_path / "by_itself.tile"
    source.write_text(BY_ITSELF)
    right = np.ascontiguousarray(b.T) if kernel == "transposed" else b
    return run(source, kernel, "cpu", ins={"A": a, "B": right}, outs={"C": "f32"}, types={"R": "f32"}, options=(f"--arch={arch}",),
               environment=amx.environment_for(arch), directory=tmp_path).arrays["C"]


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("kernel", ["plain", "transposed"])
def test_bf16_of_known_contractions(kernel, arch, rng, tmp_path):
    """The length is known when the kernel is compiled: loops over very short ones are none."""
    for k in (1, 2, 3, 34):
        for m in (1, 3, 20) if FULL else [rng.choice([1, 3, 20])]:
            a, b = scaled(rng, (m, k), -4), scaled(rng, (k, 40), -3)
            expected = expected_bf16(a, b, np.full((m, 40), -0.0, np.float32), arch, config={"k": k})
            assert_equal(f"{m}x{k}x40", by_itself(kernel, a, b, arch, tmp_path), expected)


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("kernel", ["plain", "transposed"])
def test_negative_zeros(kernel, arch, tmp_path):
    """Sums that begin as -0 stay so if all products are negative and underflow, and if there are none."""
    for m, k in [(1, 64), (3, 0), (20, 50), (3, 34), (1, 0), (20, 32)][:None if FULL else 3]:
        a, b = np.full((m, k), 1e-30, NUMPY["bf16"]), np.full((k, 40), -1e-30, NUMPY["bf16"])
        assert_equal(f"{m}x{k}x40", by_itself(kernel, a, b, arch, tmp_path), np.full((m, 40), -0.0, np.float32))
