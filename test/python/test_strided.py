# ===- test_strided.py - elements at a constant distance ---------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Loads and stores whose integer tile counts in steps, which go by whole vectors, on every instruction set that this
machine has. The first or the last element that is accessed is the first or the last one of its array, and the array lies
at the beginning or at the end of pages that are surrounded by others which nobody may touch. Values are only moved, and
compared bit for bit."""

import ctypes

import numpy as np
import pytest

from numerics import FULL
from test_calls import tensor
from test_dot_groups import ARCHS
from test_memory_ends import surrounded
from tilec_testing import NUMPY, assert_equal, call, call_in_child, run, tool

STEPS = [1, 2, 3, 4, 5, -1, -2, -3, -4]
TYPES = ["f32", "f64", "f16", "bf16", "i8", "u8", "i16", "i32", "i64", "f8e4m3", "f8e5m2"]
# The codes of types that NumPy lacks, in DLPack.
CODES = {"bf16": 4, "f8e4m3": 10, "f8e5m2": 12}

ACCESSES = """
kernel loads_NAME<T: number>(X: T[M, L], C: T[M, L2], K: bool[M, N], first: i32, from: i32)
    -> (Plain: T[M, N], Masked: T[M, N], Padded: T[M, N]) {
  for i, j in tiles(M, N) {
    Plain[i, j] = X[i, first + STEP * j.index]
    Masked[i, j] = load(C[i, STEP * j.index - from], mask=K[i, j])
    Padded[i, j] = load(C[i, STEP * j.index - from], mask=K[i, j], pad=3 as T)
  }
}

kernel stores_NAME<T: number>(X: T[M, N], K: bool[M, N], first: i32, from: i32, inout Plain: T[M, L], inout Masked: T[M, L2]) {
  for i, j in tiles(M, N) {
    Plain[i, first + j.index * STEP] = X[i, j]
    store(Masked[i, STEP * j.index - from], X[i, j], mask=K[i, j])
  }
}
"""

PAIRS = """
kernel pairs<T: number>(X: T[M, N], Z: T[M, N], E: T[M, 2*N], B: bool[M, 2*N], first: i32)
    -> (Even: T[M, 2*N], Odd: T[M, 2*N], One: T[M, 2*N], Bits: bool[M, N], Window: T[M, 2*N], Loaded: T[M, N]) {
  for i, j in tiles(M, N) {
    Even[i, 2 * j.index] = X[i, j]
    let z = Z[i, j]
    Even[i, 2 * j.index + 1] = z
    Odd[i, first + 2 * j.index + 1] = Z[i, j]
    Odd[i, first + 2 * j.index] = 3 as T
    One[i, 2 * j.index] = X[i, j]
    // The first row falls out of the array, and comes from outside.
    Window[i - 1, 2 * j.index] = X[i, j]
    Window[i - 1, 2 * j.index + 1] = Z[i, j]
    Loaded[i, j] = load(E[i + 1, 2 * j.index], pad=3 as T)
  }
  for i, j in tiles(M, N) { One[i, 1 + 2 * j.index] = Z[i, j] }
  for i, j in tiles(M, N) { Bits[i, j] = B[i, 2 * j.index + 1] }
}

// What the second store writes comes from what the first one did, or would have read what it overwrites.
kernel dependent<T: number>(X: T[M, N], inout Swapped: T[M, 2*N], inout Copied: T[M, 2*N]) {
  for i, j in tiles(M, N) {
    let a = Swapped[i, 2 * j.index]
    let b = Swapped[i, 2 * j.index + 1]
    Swapped[i, 2 * j.index] = b
    Swapped[i, 2 * j.index + 1] = a
    Copied[i, 2 * j.index] = X[i, j]
    Copied[i, 2 * j.index + 1] = Copied[i, 2 * j.index]
  }
}
"""


def source():
    kernels = (ACCESSES.replace("NAME", str(step).replace("-", "m")).replace("STEP", str(step)) for step in STEPS)
    return "".join(kernels) + PAIRS


def argument(array, element):
    if element in CODES:
        return tensor(array.view(f"u{array.itemsize}"), code=CODES[element])
    return tensor(array)


def bits(rng, shape, element):
    """Any numbers of the type, no NaN: of those only the place is kept."""
    values = rng.integers(-60, 60, shape) if element[0] != "u" else rng.integers(0, 120, shape)
    return values.astype(np.float64).astype(NUMPY[element])


class Caller:
    """Calls kernels of a library, with all arrays at one end of memory."""

    def __init__(self, library, element, at_end):
        self.library, self.element, self.at_end = ctypes.CDLL(str(library)), element, at_end

    def __call__(self, name, *arguments):
        """The arrays as the kernel leaves them."""
        kept, passed = [], []
        for one in arguments:
            if isinstance(one, np.ndarray):
                one = surrounded(one, self.at_end)
                kept.append(one)
                passed.append(ctypes.byref(argument(one, "bool" if one.dtype == bool else self.element)))
            else:
                passed.append(ctypes.c_int(one))
        assert getattr(self.library, name)(*passed) == 0
        return kept


def check_step(caller, step, m, n, rng):
    element, name = caller.element, str(step).replace("-", "m")
    dtype, apart = NUMPY[element], abs(step)
    length = apart * (n - 1) + 1
    first = 0 if step > 0 else length - 1
    at = first + step * np.arange(n)
    # Lanes at both ends are outside of the shorter array, and masked.
    below, above = (int(one) for one in rng.integers(0, apart * min(n, 9), 2))
    short = max(length - below - above, 1)
    places = at - below
    keep = (rng.random((m, n)) < 0.7) & (places >= 0) & (places < short)
    x, cut = bits(rng, (m, length), element), bits(rng, (m, short), element)
    inside, zero, three = np.clip(places, 0, short - 1), np.zeros((), dtype), np.full((), 3).astype(dtype)
    outs = [np.zeros((m, n), dtype) for _ in range(3)]
    # first + step * j - below
    results = caller(f"loads_{name}", x, cut, keep, first, below - first, *outs)[3:]
    wanted = [x[:, at], np.where(keep, cut[:, inside], zero), np.where(keep, cut[:, inside], three)]
    for what, given, value in zip(("Plain", "Masked", "Padded"), results, wanted):
        assert_equal(f"{what} of {m}x{n} by {step}", given, value)

    x, plain, masked = bits(rng, (m, n), element), bits(rng, (m, length), element), bits(rng, (m, short), element)
    _, _, *results = caller(f"stores_{name}", x, keep, first, below - first, plain, masked)
    plain[:, at] = x
    rows, columns = np.nonzero(keep)
    masked[rows, places[columns]] = x[rows, columns]
    for what, given, value in zip(("Plain", "Masked"), results, (plain, masked)):
        assert_equal(f"{what} stored of {m}x{n} by {step}", given, value)


def alternating(even, odd):
    return np.stack([even, odd], axis=2).reshape(even.shape[0], 2 * even.shape[1])


def check_pairs(caller, m, n, rng):
    element = caller.element
    x, z, both = (bits(rng, (m, columns), element) for columns in (n, n, 2 * n))
    b = rng.random((m, 2 * n)) < 0.5
    outs = [np.zeros((m, 2 * n), NUMPY[element]) for _ in range(3)]
    last = [np.zeros((m, n), bool), np.zeros((m, 2 * n), NUMPY[element]), np.zeros((m, n), NUMPY[element])]
    results = caller("pairs", x, z, both, b, 0, *outs, *last)[4:]
    three = np.full((m, n), 3).astype(NUMPY[element])
    wanted = [alternating(x, z), alternating(three, z), alternating(x, z), b[:, 1::2],
              np.concatenate([alternating(x[1:], z[1:]), last[1][:1]]), np.concatenate([both[1:, ::2], three[:1]])]
    for what, given, value in zip(("Even", "Odd", "One", "Bits", "Window", "Loaded"), results, wanted):
        assert_equal(f"{what} of {m}x{n}", given, value)
    swapped, copied = caller("dependent", x, both, both)[1:]
    assert_equal(f"Swapped of {m}x{n}", swapped, alternating(both[:, 1::2], both[:, ::2]))
    assert_equal(f"Copied of {m}x{n}", copied, alternating(x, x))


def call_all(library, element, seed):
    rng = np.random.default_rng(seed)
    columns = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 100, 131]
    for at_end in (True, False):
        caller = Caller(library, element, at_end)
        for n in columns if FULL else rng.choice(columns, 6, replace=False):
            m = int(rng.integers(1, 4))
            for step in STEPS:
                check_step(caller, step, m, int(n), rng)
            check_pairs(caller, m, int(n), rng)


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("element", TYPES)
def test_steps_at_the_ends_of_memory(element, arch, rng, tmp_path):
    (tmp_path / "steps.tile").write_text(source())
    library = tmp_path / "steps.so"
    sizes = rng.choice(["", "--set=i=1,j=13", "--set=i=2,j=64", "--set=i=3,j=1024"])
    call([tool("tile-cc"), tmp_path / "steps.tile", "--emit=shared", f"--type=T={element}", f"--arch={arch}", *([sizes] if sizes else []),
          "-o", library])
    # A kernel that goes too far ends its process.
    call_in_child(300, call_all, library, element, int(rng.integers(2**31)))


FORMS = """
// Subscripts of several dims, of 64 bits, and sums and products in any order; what is no step at all.
kernel forms(X: f32[R, L], rows: i32[M]) -> (A: f32[M, N], B: f32[N, M], C: f32[M, N], D: f32[M, N], E: f32[M, N], F: f32[N]) {
  for i, j in tiles(M, N) {
    let twice = (2 * j.index + 1)[None, :]
    A[i, j] = X[rows[i][:, None], twice]
    B[j, i] = X[rows[i][:, None], twice].T
    C[i, j] = X[i.begin, 3 * (j.index[None, :] + 2) - j.index[None, :] + i.index[:, None]]
    D[i, j] = X[i, (j.index as i64) * 2 + 1]
    E[i, j] = X[(rows[i] + 0 * rows[i])[:, None], (j.index * j.index % 5)[None, :]]
    F[j] = sum(X[:, 2 * j.index], axis=0)
  }
}
"""


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("sizes", ["i=1,j=16", "i=1,j=7", "i=1,j=64"])
def test_forms_of_subscripts(arch, sizes, rng, tmp_path):
    (tmp_path / "forms.tile").write_text(FORMS)
    m, n, r = 5, 37, 6
    x = rng.integers(0, 1000, (r, 2 * n + m + 7)).astype(np.float32)
    rows = rng.integers(0, r, m).astype(np.int32)
    given = run(tmp_path / "forms.tile", "forms", "cpu", ins={"X": x, "rows": rows}, outs={name: "f32" for name in "ABCDEF"},
                dims={"M": m, "N": n, "R": r}, options=(f"--arch={arch}", f"--set={sizes}"), directory=tmp_path).arrays
    i, j = np.arange(m)[:, None], np.arange(n)[None, :]
    chosen = x[rows[:, None], 2 * j + 1]
    expected = {"A": chosen, "B": chosen.T, "C": x[i, 2 * j + 6 + i], "D": x[i, 2 * j + 1], "E": x[rows[:, None], j * j % 5],
                "F": x[:, 2 * j[0]].sum(axis=0)}
    for name, value in expected.items():
        assert_equal(name, given[name], np.ascontiguousarray(value))
