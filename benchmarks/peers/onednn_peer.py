# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""oneDNN by its C functions: the primitive matmul on plain row-major arrays."""

import ctypes
import pathlib
import sys

from harness.case import aligned_empty, numpy_type
from peers import Unsupported

#: Of dnnl_types.h.
CPU, IN_ORDER = 1, 1
DATA_TYPES = {"bf16": 2, "f32": 3, "i32": 4, "i8": 5}
SOURCE, WEIGHTS, DESTINATION = 1, 33, 17


class Version(ctypes.Structure):
    _fields_ = [("major", ctypes.c_int), ("minor", ctypes.c_int), ("patch", ctypes.c_int)]


class Argument(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_int), ("memory", ctypes.c_void_p)]


class Peer:
    def __init__(self, threads):
        self.library = ctypes.CDLL(str(pathlib.Path(sys.prefix, "lib", "libdnnl.so.3")))
        self.library.dnnl_version.restype = ctypes.POINTER(Version)
        found = self.library.dnnl_version().contents
        self.version = f"{found.major}.{found.minor}.{found.patch}"
        self.engine = self.create("dnnl_engine_create", ctypes.c_int(CPU), ctypes.c_size_t(0))
        self.stream = self.create("dnnl_stream_create", self.engine, ctypes.c_uint(IN_ORDER))

    def create(self, function, *arguments):
        """The handle that a function of the library gives through its first argument."""
        handle = ctypes.c_void_p()
        status = getattr(self.library, function)(ctypes.byref(handle), *arguments)
        if status:
            raise Unsupported(f"{function} fails with status {status}")
        return handle

    def descriptor(self, shape, data_type):
        dims, strides = (ctypes.c_int64 * 2)(*shape), (ctypes.c_int64 * 2)(shape[1], 1)
        return self.create("dnnl_memory_desc_create_with_strides", ctypes.c_int(2), dims,
                           ctypes.c_int(DATA_TYPES[data_type]), strides)

    def matmul(self, case, given):
        m, n, k = case.shape
        result_type = "i32" if case.type == "i8" else "f32"
        out = aligned_empty((m, n), numpy_type(result_type))
        descriptors = [self.descriptor((m, k), case.type), self.descriptor((k, n), case.type),
                       self.descriptor((m, n), result_type)]
        description = self.create("dnnl_matmul_primitive_desc_create", self.engine, descriptors[0], descriptors[1], None,
                                  descriptors[2], None)
        primitive = self.create("dnnl_primitive_create", description)
        memories = [self.create("dnnl_memory_create", descriptor, self.engine, ctypes.c_void_p(array.ctypes.data))
                    for descriptor, array in zip(descriptors, (given["A"], given["B"], out))]
        arguments = (Argument * 3)(*[Argument(place, memory.value)
                                     for place, memory in zip((SOURCE, WEIGHTS, DESTINATION), memories)])
        execute, wait, stream = self.library.dnnl_primitive_execute, self.library.dnnl_stream_wait, self.stream

        def call():
            if execute(primitive, stream, 3, arguments) or wait(stream):
                raise RuntimeError("the primitive fails")
        return call, lambda: out

    gemv = matmul
