# ===- test_matrix_rows.py - rows that matrix registers load where they are ----------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products whose left operand has rows of whole lines of the caches, which need no packing, and others that are nearly so: rows
that end within a line or begin in one, that are a power of two apart, or longer than a page.

Bytes: exact sums in int64 that wrap to i32. bf16: the sums that docs/numerics.md promises, bit for bit, of operands in and out of
the range that the instruction can be used for.
"""

import numpy as np
import pytest

import amx
from numerics import FULL
from test_dot_groups import WITH_AMX, expected_bf16, scaled, wrapped_product
from tilec_testing import NUMPY, assert_equal, run

SOURCE = """
kernel product<T: number, R: number>(A: T[M, K], B: T[K, N], first: i64) -> C: R[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    for k in tiles(first..K) {
      sums += dot(A[i, k], B[k, j])
    }
    C[i, j] = sums
  }
}
kernel twice<T: number, R: number>(A: T[M, K], B: T[K, N]) -> (C: R[M, N], D: R[N, M]) {
  for i in tiles(M) {
    let a = A[i, :]
    for j in tiles(N) {
      C[i, j] = dot(a, B[:, j])
      D[j, i] = dot(B[:, j].T, a.T)
    }
  }
}
"""

# Bytes of a row, and of it those before the contraction.
ROWS = [(64, 0), (128, 0), (192, 64), (192, 32), (320, 0), (320, 320), (512, 0), (960, 0), (1024, 0), (1088, 0), (1090, 0),
        (1152, 128), (1536, 0), (2048, 0), (3136, 0), (4032, 0), (4096, 0), (4160, 0), (8256, 64)]
COUNTS = [(33, 31), (48, 64), (64, 16), (100, 100), (257, 33), (300, 272), (17, 48)]


def cases(rng):
    """All in the long version, else some: rows of whole lines and others among them."""
    if FULL:
        return [(rows, counts) for rows in ROWS for counts in COUNTS]
    some = rng.choice(len(ROWS), 6, replace=False)
    return [(ROWS[row], COUNTS[rng.integers(len(COUNTS))]) for row in some]


def product(a, b, first, result, arch, tmp_path, config):
    source = tmp_path / "product.tile"
    source.write_text(SOURCE)
    return run(source, "product", "cpu", ins={"A": a, "B": b}, scalars={"first": first}, outs={"C": result},
               types={"R": result}, config=config, options=(f"--arch={arch}",), environment=amx.environment_for(arch),
               directory=tmp_path).arrays["C"]


@pytest.mark.parametrize("config", [{}, {"i": 64, "j": 32, "k": 128}], ids=["default", "small"])
@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("operand", ["i8", "u8"])
def test_bytes(operand, arch, config, rng, tmp_path):
    for (k, first), (m, n) in cases(rng):
        a, b = (rng.integers(0, 256, shape, np.uint8).view(NUMPY[operand]) for shape in ((m, k), (k, n)))
        expected = wrapped_product(a[:, first:], b[first:], np.zeros((m, n), np.int32))
        assert_equal(f"{m}x{k}x{n} from {first}", product(a, b, first, "i32", arch, tmp_path, config), expected)


@pytest.mark.parametrize("config", [{}, {"i": 64, "j": 32, "k": 128}], ids=["default", "small"])
@pytest.mark.parametrize("arch", WITH_AMX)
def test_bf16(arch, config, rng, tmp_path):
    for (row, before), (m, n) in cases(rng):
        k, first = row // 2, before // 2
        a, b = scaled(rng, (m, k), -3), scaled(rng, (k, n), -3)
        # Some rows of the left operand have subnormal products, subnormal elements, or ones that registers do not multiply.
        kind = rng.integers(4)
        if kind:
            rows = rng.choice(m, max(1, m // 5), replace=False)
            a[rows] = scaled(rng, (len(rows), k), {1: -128, 2: -133, 3: 90}[kind])
        expected = expected_bf16(a[:, first:], b[first:], np.zeros((m, n), np.float32), arch, (), config)
        assert_equal(f"{m}x{k}x{n} from {first}, kind {kind}", product(a, b, first, "f32", arch, tmp_path, config), expected)


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("operand", ["i8", "bf16"])
def test_rows_that_several_products_read(operand, arch, rng, tmp_path):
    """What is loaded before a loop is not where the array is."""
    source = tmp_path / "product.tile"
    source.write_text(SOURCE)
    width = 1 if operand == "i8" else 2
    for row, (m, n) in ((128, (64, 96)), (192, (33, 100)), (96, (65, 40))):
        k = row // width
        a, b = ((rng.integers(0, 256, shape, np.uint8).view(np.int8) if width == 1 else scaled(rng, shape, -3))
                for shape in ((m, k), (k, n)))
        result = "i32" if width == 1 else "f32"
        start = np.zeros((m, n), NUMPY[result])
        expected = wrapped_product(a, b, start) if width == 1 else expected_bf16(a, b, start, arch)
        given = run(source, "twice", "cpu", ins={"A": a, "B": b}, outs={"C": result, "D": result}, types={"R": result},
                    dims={"K": k}, options=(f"--arch={arch}",), environment=amx.environment_for(arch),
                    directory=tmp_path).arrays
        assert_equal(f"C of {m}x{k}x{n}", given["C"], expected)
        assert_equal(f"D of {m}x{k}x{n}", given["D"], expected.T)
