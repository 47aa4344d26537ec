#===- test_language_large.py - arrays that are larger than the caches ------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Results of over 32 MiB are stored past the caches, by aligned vectors that begin anywhere in a row: rows of odd lengths,
rows shorter than a vector and than two, which are stored as usual, elements of 2 to 8 bytes. Every element is compared.
A row has the same bits in a large array and in a small one."""

from pathlib import Path

import numpy as np
import pytest

from tilec_testing import NUMPY, Case, run

ARCHS = ["x86-64-v3"] + (["x86-64-v4"] if "avx512bw" in Path("/proc/cpuinfo").read_text() else [])
ARCH = pytest.mark.parametrize("arch", ARCHS)
#: More than 32 MiB of results.
BYTES = 2**25 + 1

KERNEL = """
kernel k(A: i8[M, N], C: T[N]) -> B: T[M, N] {
  for i in tiles(M) {
    B[i, :] = (A[i, :] as T) + C[:][None, :]
  }
}
"""
TILES = """
kernel k(A: i8[M, N]) -> B: f32[M, N] {
  for i, j in tiles(M, N) {
    B[i, j] = (A[i, j] as f32) * 2.0
  }
}
"""


@ARCH
@pytest.mark.parametrize("name, columns", [("f32", 100003), ("f32", 13), ("f32", 31), ("bf16", 5001), ("f64", 777)])
def test_rows(name, columns, arch, rng, tmp_path):
    rows = BYTES // (NUMPY[name].itemsize * columns) + 1
    a = rng.integers(-8, 8, (rows, columns), dtype=np.int8)
    c = rng.integers(-8, 8, columns).astype(NUMPY[name])
    Case("rows", KERNEL.replace("T", name), {"B": a.astype(NUMPY[name]) + c}, ins={"A": a, "C": c},
         options=(f"--arch={arch}",)).check("cpu", tmp_path)


@ARCH
def test_tiles(arch, rng, tmp_path):
    a = rng.integers(-8, 8, (3001, 2999), dtype=np.int8)
    Case("tiles", TILES, {"B": a.astype(np.float32) * 2}, ins={"A": a}, config={"i": 5, "j": 1100},
         options=(f"--arch={arch}",)).check("cpu", tmp_path)


CURVES = """
kernel k(A: f32[M, N]) -> B: f32[M, N] {
  for i in tiles(M) {
    let x = A[i, :]
    B[i, :] = exp(x) + erf(x) * sigmoid(x) + x / (abs(x) + 3.0)
  }
}
"""


@ARCH
def test_rows_have_the_bits_of_few_rows(arch, rng, tmp_path):
    source = tmp_path / "k.tile"
    source.write_text(CURVES)
    a = rng.standard_normal((BYTES // (4 * 1031) + 1, 1031), dtype=np.float32)
    results = []
    for rows in (len(a), 7):
        folder = tmp_path / str(rows)
        folder.mkdir()
        results.append(run(source, "k", "cpu", ins={"A": a[:rows]}, outs={"B": "f32"}, directory=folder,
                           options=["--deterministic", f"--arch={arch}"]).arrays["B"][:7])
    assert results[0].tobytes() == results[1].tobytes()


FILLED = """
kernel k(A: f32[N], s: f32) -> B: f32[M, N], C: f32[M, N] {
  for i in tiles(M) {
    B[i, :] = s * 2.0
    C[i, :] = A[0]
  }
}
"""


@ARCH
def test_one_value_for_all_elements(arch, rng, tmp_path):
    """It is stored as it is: as a vector where elements are stored by vectors."""
    source = tmp_path / "k.tile"
    source.write_text(FILLED.replace("-> B: f32[M, N], C: f32[M, N]", "-> (B: f32[M, N], C: f32[M, N])"))
    for rows, columns in ((BYTES // (4 * 1031) + 1, 1031), (3, 5)):
        a = rng.standard_normal(columns, dtype=np.float32)
        arrays = run(source, "k", "cpu", ins={"A": a}, outs={"B": "f32", "C": "f32"}, scalars={"s": 1.5}, directory=tmp_path,
                     options=[f"--arch={arch}", f"--dim=M={rows}"]).arrays
        assert arrays["B"].shape == arrays["C"].shape == (rows, columns)
        assert (arrays["B"] == 3).all() and (arrays["C"] == a[0]).all()
