#===- test_language_rows.py - rows of all lengths on every instruction set -------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions and normalisations of rows, whose code depends on the row's length: on whole vectors, on fours of them, on what
is left, on tiles of a loop. Special values stand at every place that is treated apart."""

from pathlib import Path

import numpy as np
import pytest

from tilec_testing import KERNELS, NUMPY, Case, assert_equal, run

NAN, INF = float("nan"), float("inf")
ARCHS = ["x86-64-v3"] + (["x86-64-v4"] if "avx512bw" in Path("/proc/cpuinfo").read_text() else [])
# A vector of f32 has 8 or 16 elements.
LENGTHS = [7, 33, 127, 1000]
U = 2.0**-24

REDUCTIONS = """
kernel k(X: {t}[M, N]) -> (S: {total}[M], L: {t}[M], H: {t}[M], A: i32[M]) {{
  for i in tiles(M) {{
    let x = X[i, :]
    S[i] = sum(x, axis=1)
    L[i] = min(x, axis=1)
    H[i] = max(x, axis=1)
    A[i] = argmax(x, axis=1)
  }}
}}
"""


def places(length):
    """The ends of a row, and the first places behind one and four vectors."""
    return sorted({at for at in (0, 8, 16, 32, 64, length - 1) if at < length})


def extreme(x, largest):
    """max or min of each row: NaN if any element is, and -0 less than +0."""
    result = (x.max if largest else x.min)(axis=1)
    for row, values in enumerate(x):
        zeros = values[values == 0]
        if result[row] == 0 and zeros.size:
            negative = np.signbit(zeros)
            result[row] = -0.0 if (negative.all() if largest else negative.any()) else 0.0
    return result


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name, total", [("f32", "f32"), ("bf16", "bf16"), ("f64", "f64"), ("i8", "i32"), ("u16", "u32")])
def test_reductions(name, total, length, arch, rng, tmp_path):
    # Small integers, so that every order of summation is exact; distinct largest elements for argmax.
    x = rng.integers(0 if name[0] == "u" else -2, 3, (len(places(length)) + 1, length)).astype(NUMPY[name])
    for row, at in enumerate(places(length)):
        x[row, at] = 7
    wide = x.astype(np.float64)
    Case("rows", REDUCTIONS.format(t=name, total=total), {
        "S": wide.sum(1).astype(NUMPY[total]), "L": wide.min(1).astype(NUMPY[name]), "H": wide.max(1).astype(NUMPY[name]),
        "A": wide.argmax(1).astype(np.int32)}, ins={"X": x}, options=(f"--arch={arch}",)).check("cpu", tmp_path)


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("length", LENGTHS)
def test_extremes_of_special_values(length, arch, tmp_path):
    rows = []
    for at in places(length):
        # A NaN has a sign, too, which must not count.
        for background, value in ((1, NAN), (1, -NAN), (-1, NAN), (-1, -NAN), (-1, INF), (1, -INF), (-0.0, 0.0), (0.0, -0.0),
                                  (-INF, -1), (INF, 1), (-2, -1), (2, 1)):
            row = np.full(length, background, np.float32)
            row[at] = value
            rows.append(row)
    x = np.array(rows)
    source = REDUCTIONS.format(t="f32", total="f32").replace("S: f32[M], ", "").replace(", A: i32[M]", "")
    source = "\n".join(line for line in source.split("\n") if "S[i]" not in line and "A[i]" not in line)
    Case("extremes", source, {"L": extreme(x, False), "H": extreme(x, True)}, ins={"X": x},
         options=(f"--arch={arch}",)).check("cpu", tmp_path)


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("length", LENGTHS)
def test_kept_while_reduced(length, arch, rng, tmp_path):
    """What a reduction computes and keeps is what others find."""
    x = (rng.random((5, length)) * 20 - 10).astype(np.float32)
    source = """
kernel k(X: f32[M, N]) -> (E: f32[M, N], S: f32[M], P: f32[M]) {
  for i in tiles(M) {
    let e = exp(X[i, :])
    let s = sum(e, axis=1)
    E[i, :] = e
    S[i] = s
    P[i] = max(e - s[:, None], axis=1)
  }
}
"""
    (tmp_path / "kept.tile").write_text(source)
    result = run(tmp_path / "kept.tile", "k", "cpu", ins={"X": x}, outs={"E": "f32", "S": "f32", "P": "f32"},
                 options=(f"--arch={arch}",), directory=tmp_path)
    e, s, p = (result.arrays[name] for name in "ESP")
    exact = np.exp(x.astype(np.float64))
    assert (np.abs(e - exact) <= 3 * U * exact).all()  # 1.5 ulp
    total = e.astype(np.float64).sum(1)
    assert (np.abs(s - total) <= length * U / (1 - length * U) * total).all()
    assert_equal("P", p, (e - s[:, None]).max(1))


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("kernel, options", [("row_softmax", {}), ("long_softmax", {"types": {"T": "f32"}, "config": {"j": 32}})])
@pytest.mark.parametrize("length", LENGTHS)
def test_softmax_of_special_values(length, kernel, options, arch, tmp_path):
    rows, expect = [np.full(length, -INF)], [np.full(length, NAN)]
    for at in places(length):
        alone = np.arange(length) == at
        # One finite number among -inf takes all; what an infinity or NaN takes is not a number.
        for value in (3.0, -1e30, INF, NAN):
            rows.append(np.where(alone, value, -INF))
            expect.append(np.where(alone, 1.0, 0.0) if np.isfinite(value) else np.full(length, NAN))
    if kernel == "long_softmax":
        # Its running maximum is -inf as long as the rows are, and -inf - -inf is NaN.
        keep = [not np.isfinite(row).any() or np.isfinite(row[:32]).any() for row in rows]
        rows, expect = ([row for row, good in zip(list_, keep) if good] for list_ in (rows, expect))
    result = run(KERNELS / "softmax.tile", kernel, "cpu", ins={"X": np.array(rows, np.float32)}, outs={"Y": "f32"},
                 options=(f"--arch={arch}",), directory=tmp_path, **options)
    assert_equal("Y", result.arrays["Y"], np.array(expect, np.float32))
