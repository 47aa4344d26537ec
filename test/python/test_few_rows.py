# ===- test_few_rows.py - products of few rows ------------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products of one to nine rows, of which up to eight go a way of their own, on every instruction set that this machine has.

Every element is the chain of products and sums in ascending order that docs/numerics.md promises. The operands have so few
bits that products are exact in the type of the sums: fused or not makes no difference, and results are compared bit for bit.
"""

import numpy as np
import pytest

import amx
from numerics import FULL
from test_dot_groups import WITH_AMX
from tilec_testing import NUMPY, assert_equal, run

SOURCE = """
kernel few<T: number, U: number, R: number>(A: T[M, K], B: U[K, N], BT: U[N, K], S: R[M, N], scale: U[N])
    -> (C: R[M, N], D: R[M, N], E: R[M, N]) {
  for i, j in tiles(M, N) {
    var plain = S[i, j]
    var computed = S[i, j]
    var transposed = S[i, j]
    for k in tiles(K) {
      plain = dot(A[i, k], B[k, j], plain)
      computed = dot(max(A[i, k], A[i, k]), B[k, j] * scale[j], computed)
      transposed = dot(A[i, k], BT[j, k].T, transposed)
    }
    C[i, j] = plain
    D[i, j] = computed
    E[i, j] = transposed
  }
}
"""

# K, N and tile sizes: one column, fewer than a vector, exactly vectors, one more and one less; contractions that end within
# a block or a group; several tiles.
SHAPES = [((1, 1), {}), ((5, 7), {}), ((9, 16), {}), ((33, 17), {}), ((130, 31), {}), ((8, 64), {}), ((67, 300), {}),
          ((259, 513), {}), ((50, 90), {"i": 3, "j": 40, "k": 13}), ((31, 77), {"i": 1, "j": 16, "k": 6}),
          ((40, 100), {"i": 8, "j": 20, "k": 16})]

TYPES = [("f32", "f32", "f32"), ("f64", "f64", "f64"), ("f16", "f16", "f32"), ("bf16", "bf16", "f32"), ("f8e4m3", "f8e4m3", "f32"),
         ("i8", "i8", "i32"), ("u8", "i8", "i32"), ("i8", "u8", "i32"), ("u8", "u8", "i32")]


def numbers(rng, shape, name):
    """Whole numbers of a few bits; bytes of all values."""
    if name in ("i8", "u8"):
        return rng.integers(0, 256, shape, np.uint8).view(NUMPY[name])
    return rng.integers(-15, 16, shape).astype(np.float64).astype(NUMPY[name])


def powers(rng, shape, name):
    """Powers of two, which scale without rounding."""
    return (2.0 ** rng.integers(0, 3, shape)).astype(NUMPY[name])


def chain(a, b, start):
    """The products in ascending order, each sum rounded to the result's type, or wrapped to it."""
    total = start.copy()
    with np.errstate(all="ignore"):
        for k in range(a.shape[1]):
            total = total + a[:, k, None].astype(total.dtype) * b[k].astype(total.dtype)
    return total


def product(a, b, start, element, arch, config):
    """The same, or the sums of bf16 in AMX's order where that is the arch's. Default tiles are multiples of 32."""
    if element == "bf16" and amx.has_order(arch, config=config):
        return amx.sum_in_order(a, b, start, config.get("k", 32))
    return chain(a, b, start)


def cases():
    """Every type for every arch; those that AMX multiplies for AMX."""
    for arch in WITH_AMX:
        for types in TYPES:
            if arch != amx.ARCH or types[0] in ("i8", "u8", "bf16"):
                yield *types, arch


@pytest.mark.parametrize("left, right, result, arch", cases())
def test_few_rows(left, right, result, arch, rng, tmp_path):
    source = tmp_path / "few.tile"
    source.write_text(SOURCE)
    shapes = SHAPES if FULL else [SHAPES[index] for index in rng.choice(len(SHAPES), 2, replace=False)]
    for (k, n), config in shapes:
        for m in range(1, 10) if FULL else [rng.integers(1, 10)]:
            a, b, scale = numbers(rng, (m, k), left), numbers(rng, (k, n), right), powers(rng, (n,), right)
            # Sums that round: their last bit is worth more than the products'.
            start = (rng.integers(-2**30, 2**30, (m, n)) * (1 if result == "i32" else 1 / 3)).astype(NUMPY[result])
            given = run(source, "few", "cpu", ins={"A": a, "B": b, "BT": np.ascontiguousarray(b.T), "S": start, "scale": scale},
                        outs=dict.fromkeys("CDE", result), config=config, options=(f"--arch={arch}",),
                        environment=amx.environment_for(arch), directory=tmp_path).arrays
            name = f"{m}x{k}x{n} {config}"
            expected = product(a, b, start, left, arch, config)
            assert_equal(f"C of {name}", given["C"], expected)
            assert_equal(f"E of {name}", given["E"], expected)
            assert_equal(f"D of {name}", given["D"], product(a, b * scale, start, left, arch, config))
