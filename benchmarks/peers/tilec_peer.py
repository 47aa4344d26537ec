# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tilec itself, through its C API: the kernels of examples/kernels, compiled in the process as tile-run does."""

import ctypes
import os
import pathlib

import numpy as np

from harness.case import aligned_empty, numpy_type
from peers import Unsupported
from suites.attention import scale
from suites.memory import EPSILON

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KERNELS = ROOT / "examples" / "kernels"
#: Kernels that no example shows.
MORE_KERNELS = ROOT / "benchmarks" / "kernels"


class Tensor(ctypes.Structure):
    """DLPack's DLTensor."""
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


def tensor(array):
    """A DLTensor of a contiguous array, which it keeps alive."""
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    code = {"i": 0, "u": 1, "f": 2}.get(array.dtype.kind, 4)  # 4: bfloat, which NumPy calls void.
    result = Tensor(array.ctypes.data, 1, 0, array.ndim, code, array.dtype.itemsize * 8, 1,
                    ctypes.cast(shape, ctypes.POINTER(ctypes.c_int64)), None, 0)
    result.keep = (array, shape)
    return result


class Peer:
    """Options of the compilation come from TILEC_BENCH_OPTIONS, words of tile-cc's command line."""

    def __init__(self, threads, folder=None):
        folder = pathlib.Path(folder or os.environ.get("TILEC_LIB") or ROOT / "build" / "lib")
        self.library = ctypes.CDLL(str(folder / "libtilec.so"))
        self.library.tilec_version.restype = ctypes.c_char_p
        for name in ("tilec_compile", "tilec_find_kernel"):
            getattr(self.library, name).restype = ctypes.c_void_p
        self.version = self.library.tilec_version().decode()
        self.threads = threads
        self.options = os.environ.get("TILEC_BENCH_OPTIONS", "").split()
        #: Programs stay loaded while their kernels may be called.
        self.programs = []

    def compile(self, file, options):
        """Compiles a file of examples/kernels, or another one by its whole path; returns the program."""
        words = [word.encode() for word in options + self.options]
        message = ctypes.c_char_p()
        program = self.library.tilec_compile(
            str(KERNELS / file).encode(), (KERNELS / file).read_bytes(), (ctypes.c_char_p * len(words))(*words),
            ctypes.c_size_t(len(words)), ctypes.byref(message))
        if not program:
            raise Unsupported(message.value.decode(errors="replace"))
        self.programs.append(program)
        return program

    def kernel(self, file, name, options, arguments, result):
        """(call, fetch) of a kernel, whose arguments are arrays and scalars of ctypes in the order of its parameters."""
        kernel = self.library.tilec_find_kernel(ctypes.c_void_p(self.compile(file, options)), name.encode())
        kept = [tensor(one) if isinstance(one, np.ndarray) else one for one in arguments]
        pointers = (ctypes.c_void_p * len(kept))(*[ctypes.addressof(one) for one in kept])
        function, count, threads = self.library.tilec_call, ctypes.c_size_t(len(kept)), ctypes.c_uint(self.threads)
        kernel, message = ctypes.c_void_p(kernel), ctypes.c_char_p()
        place = ctypes.byref(message)

        def call():
            if function(kernel, pointers, count, threads, place):
                raise RuntimeError(message.value.decode(errors="replace"))
        call.keep = kept
        return call, lambda: result

    def matmul(self, case, given):
        m, n, _ = case.shape
        result = aligned_empty((m, n), numpy_type("i32" if case.type == "i8" else "f32"))
        if case.type == "i8":
            return self.kernel("matmul_i8.tile", "matmul_i8", [], [given["A"], given["B"], result], result)
        return self.kernel("matmul_any.tile", "matmul_any", [f"--type=T={case.type}", "--type=R=f32"],
                           [given["A"], given["B"], result], result)

    gemv = thin = matmul

    def linear(self, case, given):
        result_type = "i32" if case.type == "i8" else "f32"
        result = aligned_empty(case.shape[:2], numpy_type(result_type))
        return self.kernel(MORE_KERNELS / "linear.tile", "linear", [f"--type=T={case.type}", f"--type=R={result_type}"],
                           [given["A"], given["B"], result], result)

    def batched(self, case, given):
        result = aligned_empty(case.shape[:3], np.float32)
        return self.kernel("batched_matmul.tile", "batched_matmul", ["--type=T=f32"], [given["A"], given["B"], result], result)

    def shared(self, case, given):
        result = aligned_empty(case.shape[:3], np.float32)
        return self.kernel(MORE_KERNELS / "shared.tile", "shared", ["--type=T=f32"], [given["A"], given["B"], result], result)

    def row_kernel(self, file, name, case, arguments, options=("--type=T=f32",), shape=None):
        result = aligned_empty(shape or case.shape, np.float32)
        return self.kernel(file, name, list(options), [*arguments, result], result)

    def softmax(self, case, given):
        return self.row_kernel("softmax.tile", "row_softmax", case, [given["X"]],
                               options=["--type=T=f32", f"--dim=N={case.shape[1]}"])

    def layernorm(self, case, given):
        return self.row_kernel("layernorm.tile", "layernorm", case,
                               [given["X"], given["gamma"], given["beta"], ctypes.c_float(EPSILON)],
                               options=["--type=T=f32", f"--dim=N={case.shape[1]}"])

    def rmsnorm(self, case, given):
        return self.row_kernel("rmsnorm.tile", "rmsnorm", case, [given["X"], given["gamma"], ctypes.c_float(EPSILON)])

    def add_layernorm(self, case, given):
        result, total = aligned_empty(case.shape, np.float32), aligned_empty(case.shape, np.float32)
        return self.kernel("add_layernorm.tile", "add_layernorm", ["--type=T=f32", f"--dim=N={case.shape[1]}"],
                           [given["X"], given["R"], given["gamma"], given["beta"], ctypes.c_float(EPSILON), result, total],
                           result)

    def gelu(self, case, given):
        return self.row_kernel("gelu.tile", "gelu", case, [given["X"]])

    def sin(self, case, given):
        return self.row_kernel(MORE_KERNELS / "functions.tile", "sin_of", case, [given["X"]], options=())

    def softplus(self, case, given):
        return self.row_kernel(MORE_KERNELS / "functions.tile", "softplus", case, [given["X"]], options=())

    def pow(self, case, given):
        return self.row_kernel(MORE_KERNELS / "functions.tile", "power", case, [given["X"], given["Y"]], options=())

    def transpose(self, case, given):
        return self.row_kernel("transpose.tile", "transpose", case, [given["X"]], shape=case.shape[::-1])

    def cross_entropy(self, case, given):
        return self.row_kernel("cross_entropy.tile", "cross_entropy", case, [given["X"], given["labels"]],
                               shape=case.shape[:1])

    def attention(self, case, given, options=()):
        result = aligned_empty(given["Q"].shape, numpy_type(case.type))
        return self.kernel("attention_any.tile", "attention_any",
                           [f"--type=U={case.type}", f"--dim=D={case.shape[3]}", *options],
                           [given["Q"], given["K"], given["V"], ctypes.c_float(scale(case)), result], result)

    def causal_attention(self, case, given):
        return self.attention(case, given, ["--const=causal=true"])

    def conv2d(self, case, given):
        return self.row_kernel("conv2d.tile", "conv2d", case, [given["X"], given["W"]],
                               shape=(*case.shape[:3], case.shape[4]))

    def matmul_bias_gelu(self, case, given):
        return self.row_kernel("matmul_bias_gelu.tile", "matmul_bias_gelu", case, [given["A"], given["B"], given["bias"]],
                               shape=case.shape[:2])

    def rope(self, case, given):
        return self.row_kernel("rope.tile", "rope", case, [given["X"], given["Cos"], given["Sin"]],
                               options=["--type=T=f32", f"--dim=D={case.shape[2]}"])

    def rope_pairs(self, case, given):
        return self.row_kernel(MORE_KERNELS / "rope_pairs.tile", "rope_pairs", case,
                               [given["X"], given["Cos"], given["Sin"]])

    def compile_kernels(self, case, given):
        """Compiles a file, and frees what came of it."""
        file, options = given["file"], given["options"]

        def call():
            self.compile(file, options)
            self.library.tilec_free_program(ctypes.c_void_p(self.programs.pop()))
        return call, lambda: None
