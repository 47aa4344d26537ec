# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Intel's MKL by its C functions. It computes products only."""

import ctypes
import pathlib
import sys

import numpy as np

from harness.case import aligned_empty
from peers import Unsupported

ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE = 101, 111, 112
#: For the 8-bit product: one offset for the whole result.
FIX_OFFSET = 173


class Peer:
    def __init__(self, threads):
        self.library = ctypes.CDLL(str(next(pathlib.Path(sys.prefix, "lib").glob("libmkl_rt.so*"), "libmkl_rt.so.3")))
        text = ctypes.create_string_buffer(256)
        self.library.mkl_get_version_string(text, 256)
        self.version = text.value.decode().split("Version ")[-1].split(" for")[0]

    def matmul(self, case, given):
        (m, n, k), a, b = case.shape, given["A"], given["B"]
        integers = [ctypes.c_int(extent) for extent in (m, n, k)]
        pa, pb = ctypes.c_void_p(a.ctypes.data), ctypes.c_void_p(b.ctypes.data)
        one, zero = ctypes.c_float(1), ctypes.c_float(0)
        lda, ldc = ctypes.c_int(k), ctypes.c_int(n)
        ldb, order = (lda, TRANSPOSE) if case.op == "linear" else (ldc, NO_TRANSPOSE)
        if case.type == "i8":
            # The left operand is unsigned: ours is moved up by 128, which the offset takes back.
            shifted = (a.astype(np.int16) + 128).astype(np.uint8)
            out, offset = aligned_empty((m, n), np.int32), ctypes.c_int32(0)
            arguments = (ROW_MAJOR, NO_TRANSPOSE, order, FIX_OFFSET, *integers, one,
                         ctypes.c_void_p(shifted.ctypes.data), lda, ctypes.c_byte(-128), pb, ldb, ctypes.c_byte(0), zero,
                         ctypes.c_void_p(out.ctypes.data), ldc, ctypes.byref(offset))
            function = self.library.cblas_gemm_s8u8s32
            kept = (shifted, offset)
        else:
            out = aligned_empty((m, n), np.float32)
            function = self.library.cblas_sgemm if case.type == "f32" else self.library.cblas_gemm_bf16bf16f32
            arguments = (ROW_MAJOR, NO_TRANSPOSE, order, *integers, one, pa, lda, pb, ldb, zero,
                         ctypes.c_void_p(out.ctypes.data), ldc)
            kept = (a, b)
        if case.type not in ("f32", "bf16", "i8"):
            raise Unsupported("MKL multiplies no such type")

        def call():
            function(*arguments)
        call.keep = kept
        return call, lambda: out

    gemv = thin = linear = matmul
