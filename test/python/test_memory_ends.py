#===- test_memory_ends.py - arrays where memory ends ---------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels access the elements of their arrays and nothing else: each array lies at the end or at the beginning of pages
that are surrounded by others which nobody may touch."""

import ctypes
import mmap

import numpy as np
import pytest

from test_calls import tensor
from tilec_testing import NUMPY, call, call_in_child, tool, type_name

KERNELS = """
kernel product<T: number, R: number>(A: T[M, K], B: T[K, N], p: i32[M]) -> C: R[M, N] {
  for i, j in tiles(M, N) {
    var c = zeros(R, i, j)
    for k in tiles(K) { c = dot(A[i, k], B[k, j], c) }
    C[i, j] = c
  }
}

kernel transposed<T: number, R: number>(A: T[M, K], B: T[N, K], p: i32[M]) -> C: R[M, N] {
  for i, j in tiles(M, N) {
    var c = zeros(R, i, j)
    for k in tiles(K) { c = dot(A[i, k], B[j, k].T, c) }
    C[i, j] = c
  }
}

kernel gathered<T: number, R: number>(A: T[M, K], B: T[K, N], p: i32[M]) -> C: R[M, N] {
  for i, j in tiles(M, N) {
    var c = zeros(R, i, j)
    for k in tiles(K) { c = dot(A[p[i], k], B[k, j], c) }
    C[i, j] = c
  }
}
"""

ARCHS = ["native", "x86-64-v3"]

# Sizes that are no powers of two, and usual ones.
SIZES = ["i=3,j=20,k=6", "i=5,j=32,k=24", "i=7,j=33,k=64", "i=64,j=64,k=64"]
CASES = [(element, element, sizes) for element in ("f32", "f64") for sizes in SIZES]
CASES += [(element, result, SIZES[1]) for element, result in (("f16", "f32"), ("bf16", "f32"), ("i8", "i32"))]
EXTENTS = [(6, 17, 9), (1, 33, 40), (11, 5, 1), (23, 50, 77), (19, 35, 1100)]

PROT_NONE = 0
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def surrounded(array, at_end):
    """A copy of an array at an end of its pages."""
    page = mmap.PAGESIZE
    inner = -(-array.nbytes // page) * page
    memory = mmap.mmap(-1, inner + 2 * page)
    whole = np.frombuffer(memory, np.uint8)
    start = page + (inner - array.nbytes if at_end else 0)
    copy = whole[start:start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    for outer in (0, page + inner):
        assert LIBC.mprotect(whole.ctypes.data + outer, page, PROT_NONE) == 0
    return copy


def argument(array):
    """DLPack's view of an array; NumPy has no type of its own for bf16."""
    return tensor(array.view(np.uint16), code=4) if type_name(array) == "bf16" else tensor(array)


def call_all(library, element, result, seed):
    """Calls every kernel with arrays at both ends of memory."""
    rng = np.random.default_rng(seed)
    loaded = ctypes.CDLL(str(library))
    for m, n, k in EXTENTS:
        a, b = (rng.integers(-3, 4, shape).astype(NUMPY[element]) for shape in ((m, k), (k, n)))
        p = rng.integers(0, m, m).astype(np.int32)
        wide = a.astype(np.float64) @ b.astype(np.float64)
        for name, right, expected in (("product", b, wide), ("transposed", np.ascontiguousarray(b.T), wide), ("gathered", b, wide[p])):
            for at_end in (True, False):
                c = surrounded(np.full((m, n), 77, NUMPY[result]), at_end)
                views = [argument(surrounded(array, at_end)) for array in (a, right, p)] + [argument(c)]
                assert getattr(loaded, name)(*map(ctypes.byref, views)) == 0
                assert np.array_equal(c, expected.astype(c.dtype)), f"{name} of {m}x{n}x{k}"


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("element, result, sizes", CASES)
def test_products_at_the_ends_of_memory(element, result, arch, sizes, rng, tmp_path):
    (tmp_path / "k.tile").write_text(KERNELS)
    library = tmp_path / "k.so"
    call([tool("tile-cc"), tmp_path / "k.tile", "--emit=shared", f"--arch={arch}", "--type", f"T={element}", "--type", f"R={result}",
          f"--set={sizes}", "-o", library])
    # A kernel that goes too far ends its process.
    call_in_child(100, call_all, library, element, result, int(rng.integers(2**31)))
