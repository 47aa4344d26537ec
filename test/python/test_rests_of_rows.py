# ===- test_rests_of_rows.py - what is left behind whole vectors -------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rows that end within a vector, on every instruction set that this machine has: what they give, and that nothing behind
them is touched. All numbers are whole and small, so that sums and products are exact and results are compared bit for bit.
"""

import ctypes
import mmap

import numpy as np
import pytest

from numerics import FULL
from test_dot_groups import ARCHS
from tilec_testing import NUMPY, assert_equal, call, run, tool

SOURCE = """
kernel rests<T: number>(X: T[M, N], r: T[N], s: T[M], to: i32[N])
    -> (Plain: T[M, N], Window: T[M, N], Gathered: T[M, N], Scattered: T[M, N], Masked: T[M, N], Turned: T[N, M],
        Both: T[M, N2], Kept: T[M, N], Largest: T[N], Lower: T[M, N], Place: i32[N]) {
  for i, j in tiles(M, N) {
    let x = X[i, j]
    Plain[i, j] = x * r[j] + s[i][:, None]
    Window[i, j] = X[i - 1, j + 3]
    Gathered[i, j] = X[i, N - 1 - j.index]
    Scattered[i, to[j]] = x
    Masked[i, j] = r[j]
    store(Masked[i, j], x, mask=(j.index % 3 == 1) and x > r[j])
    Turned[j, i] = (x + r[j]).T
    // Kept, since two places at different heights ask for it.
    let kept = (x + r[j]) * (x + r[j]) * s[i][:, None]
    for n in range(2) {
      Kept[i, j] = kept + full(T, n as T, i, j)
    }
  }
  for i in tiles(M) {
    Both[i, :] = cat(X[i, :] + X[i, :], X[i, :] * s[i][:, None], axis=1)
    Lower[i, :] = X[i, :] - max(X[i, :], axis=1, keep=true)
  }
  for j in tiles(N) {
    Largest[j] = max(X[:, j], axis=0)
    Place[j] = argmin(X[:, j], axis=0)
  }
}
"""

TYPES = ["f32", "f64", "f16", "bf16", "i8", "u8", "i16", "i32", "i64", "f8e5m2"]

# Rows and columns; lengths around those of vectors of all types, and less than any.
SHAPES = [(3, 0), (3, 1), (5, 2), (2, 3), (9, 7), (4, 15), (5, 17), (3, 31), (17, 33), (2, 63), (4, 65), (3, 127), (2, 190)]


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("element", TYPES)
def test_rests_of_rows(element, arch, rng, tmp_path):
    source = tmp_path / "rests.tile"
    source.write_text(SOURCE)
    dtype = NUMPY[element]
    shapes = SHAPES if FULL else [SHAPES[index] for index in rng.choice(len(SHAPES), 3, replace=False)]
    for m, n in shapes:
        # f8e5m2 has the numbers up to 8: what is stored is at most 2 * 1 + 1, or 4 * 1 and one more.
        x, r, s = (rng.integers(0, most + 1, shape).astype(np.float64).astype(dtype)
                   for shape, most in (((m, n), 1), (n, 1), (m, 1)))
        to = rng.permutation(n).astype(np.int32)
        outs = {name: element for name in ("Plain", "Window", "Gathered", "Scattered", "Masked", "Turned", "Both", "Kept", "Largest", "Lower")}
        given = run(source, "rests", "cpu", ins={"X": x, "r": r, "s": s, "to": to}, outs={**outs, "Place": "i32"},
                    dims={"M": m, "N": n, "N2": 2 * n}, options=(f"--arch={arch}",), directory=tmp_path).arrays
        wide, row, column = x.astype(np.int64), r.astype(np.int64), s.astype(np.int64)[:, None]
        padded = np.zeros((m + 1, n + 3), np.int64)
        padded[1:, :n] = wide
        scattered = np.empty_like(wide)
        scattered[:, to] = wide
        chosen = (np.arange(n) % 3 == 1) & (wide > row)
        expected = {
            "Plain": wide * row + column, "Window": padded[:m, 3:], "Gathered": wide[:, ::-1], "Scattered": scattered,
            "Masked": np.where(chosen, wide, row), "Turned": (wide + row).T,
            "Both": np.concatenate([wide + wide, wide * column], axis=1), "Kept": (wide + row) ** 2 * column + 1,
            "Largest": wide.max(axis=0), "Lower": wide - wide.max(axis=1, keepdims=True, initial=0)}
        for name, value in expected.items():
            value = value.astype(dtype) if element[0] in "iu" else value.astype(np.float64).astype(dtype)
            assert_equal(f"{name} of {m}x{n}", given[name], value)
        assert_equal(f"Place of {m}x{n}", given["Place"], wide.argmin(axis=0).astype(np.int32))


ROWS = """
kernel rows(X: f32[M, N]) -> (Total: f32[M], Largest: f32[M], Smallest: f32[M], Shares: f32[M, N]) {
  for i in tiles(M) {
    let x = X[i, :]
    let e = exp2(x)
    let total = sum(e, axis=1, keep=true)
    Total[i] = total[:, 0]
    Largest[i] = max(x, axis=1)
    Smallest[i] = min(x, axis=1)
    Shares[i, :] = e / total
  }
}
"""


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("known", [True, False])
def test_reductions_of_rests(known, arch, rng, tmp_path):
    """Sums of what is computed, and extremes with NaN and zeros of both signs, for every length up to two vectors and more."""
    source = tmp_path / "rows.tile"
    source.write_text(ROWS)
    for n in range(1, 70) if FULL else rng.choice(np.arange(1, 70), 4, replace=False):
        x = rng.integers(-3, 4, (40, n)).astype(np.float32)
        x[1::4] = np.where(rng.integers(2, size=x[1::4].shape), np.float32(-0.0), np.float32(0.0))
        x[2, rng.integers(n)], x[3, -1], x[6] = np.nan, np.nan, -np.inf
        given = run(source, "rows", "cpu", ins={"X": x}, outs={name: "f32" for name in ("Total", "Largest", "Smallest", "Shares")},
                    dims={"N": n} if known else {}, options=(f"--arch={arch}",), directory=tmp_path).arrays
        exact = np.exp2(x.astype(np.float64))
        total = exact.sum(axis=1, keepdims=True)
        # A power is within 2 ulp, each of the sums of n numbers within half of one, and so is the quotient: each ulp is
        # at most 2^-23 of its number, and what has the sign of its sum is not more than it.
        bound = (n + 3) * 2.0**-23
        with np.errstate(invalid="ignore"):
            shares = exact / total
        for name, value in (("Total", total[:, 0]), ("Shares", shares)):
            actual = given[name].astype(np.float64)
            assert np.array_equal(np.isnan(actual), np.isnan(value)), f"{name} of {n} columns: NaN"
            assert np.all(np.isnan(value) | (np.abs(actual - value) <= 2 * bound * value)), f"{name} of {n} columns"
        # -0 is less than 0.
        order = np.where(x == 0, np.where(np.signbit(x), -0.25, 0.25), x.astype(np.float64))
        for name, value in (("Largest", order.max(axis=1)), ("Smallest", order.min(axis=1))):
            value = np.where(np.abs(value) == 0.25, np.copysign(0.0, value), value)
            assert_equal(f"{name} of {n} columns", given[name], value.astype(np.float32))


class Tensor(ctypes.Structure):
    """DLPack's DLTensor."""
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


NO_ACCESS = 0  # PROT_NONE


class Guarded:
    """An array that ends where a page begins that nobody may access."""

    def __init__(self, shape, dtype):
        size = int(np.prod(shape)) * dtype.itemsize
        room = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
        self.memory = mmap.mmap(-1, room + mmap.PAGESIZE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        assert ctypes.CDLL(None, use_errno=True).mprotect(ctypes.c_void_p(start + room), mmap.PAGESIZE, NO_ACCESS) == 0
        self.array = np.frombuffer(self.memory, dtype, int(np.prod(shape)), room - size).reshape(shape)
        self.shape = (ctypes.c_int64 * len(shape))(*shape)
        code = {"i": 0, "u": 1, "f": 2}.get(dtype.kind, 4)  # 4: bfloat, which NumPy calls void
        self.tensor = Tensor(start + room - size, 1, 0, len(shape), code, 8 * dtype.itemsize, 1,
                             ctypes.cast(self.shape, ctypes.POINTER(ctypes.c_int64)), None, 0)


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("element", ["f32", "bf16", "i8", "f64"])
def test_nothing_behind_the_last_row(element, arch, rng, tmp_path):
    """A page behind an array that may not be accessed ends the process if it is."""
    source = tmp_path / "plus.tile"
    source.write_text("""
kernel plus<T: number>(X: T[M, N], r: T[N]) -> (Y: T[M, N], L: T[N]) {
  for i, j in tiles(M, N) { Y[i, j] = X[i, j] + r[j] }
  for j in tiles(N) { L[j] = max(X[:, j], axis=0) }
}
""")
    call([tool("tile-cc"), source, "--emit=shared", f"--type=T={element}", f"--arch={arch}", "-o", tmp_path / "plus.so"])
    plus = ctypes.CDLL(str(tmp_path / "plus.so")).plus
    for n in (1, 3, 8, 15, 16, 31, 47, 65, 127, 130):
        dtype = NUMPY[element]
        x, r, y, most = (Guarded(shape, dtype) for shape in ((3, n), (n,), (3, n), (n,)))
        x.array[:], r.array[:] = (rng.integers(0, 4, shape).astype(np.float64).astype(dtype) for shape in ((3, n), n))
        assert plus(*[ctypes.byref(one.tensor) for one in (x, r, y, most)]) == 0
        assert_equal(f"Y of {n} columns", y.array, (x.array.astype(np.float64) + r.array.astype(np.float64)).astype(dtype))
        assert_equal(f"L of {n} columns", most.array, x.array.max(axis=0))


@pytest.mark.parametrize("arch", ARCHS)
def test_one_lane_that_is_known(arch, tmp_path):
    """One constant lane of a vector that is narrower in memory than in registers is stored, and no byte beside it."""
    source = tmp_path / "lane.tile"
    source.write_text("""
kernel lane(X: f32[16], inout Y: f8e4m3[16]) {
  for _ in range(1) { store(Y[:], X[:] as f8e4m3, mask=arange(0, 16) == 5) }
}
""")
    before = np.arange(16).astype(np.float32).astype(NUMPY["f8e4m3"])
    given = run(source, "lane", "cpu", ins={"X": np.full(16, 64, np.float32)}, inouts={"Y": before}, options=(f"--arch={arch}",),
                directory=tmp_path).arrays
    expected = before.copy()
    expected[5] = 64
    assert_equal("Y", given["Y"], expected)


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("element", ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"])
@pytest.mark.parametrize("source_type", ["f32", "f64", "bf16"])
def test_floats_to_integers(source_type, element, arch, rng, tmp_path):
    """Truncated, saturated, NaN to 0, in vectors and in what is left behind them."""
    source = tmp_path / "convert.tile"
    source.write_text(f"kernel convert(X: {source_type}[N]) -> Y: {element}[N] {{ for i in tiles(N) {{ Y[i] = X[i] as {element} }} }}")
    edges = [edge + step for bits in (7, 8, 15, 16, 31, 32, 63, 64) for edge in (2.0**bits, -2.0**bits) for step in (-1.5, -0.5, 0, 0.5, 1)]
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 0.99, -0.99, 1e30, -1e30, *edges, *rng.normal(0, 300, 50)])
    x = x[rng.permutation(len(x))].astype(NUMPY[source_type])
    limits = np.iinfo(NUMPY[element])
    value = [0 if np.isnan(number) else limits.max if number >= limits.max else limits.min if number <= limits.min else int(number)
             for number in x.astype(np.float64)]
    given = run(source, "convert", "cpu", ins={"X": x}, outs={"Y": element}, options=(f"--arch={arch}",), directory=tmp_path).arrays
    assert_equal("Y", given["Y"], np.array(value, NUMPY[element]))
