# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""oneDNN by its C functions: the primitives matmul and convolution on plain row-major arrays."""

import ctypes
import math
import pathlib
import sys

import numpy as np

from harness.case import aligned_empty, numpy_type
from peers import Unsupported

#: Of dnnl_types.h.
CPU, IN_ORDER = 1, 1
DATA_TYPES = {"bf16": 2, "f32": 3, "i32": 4, "i8": 5}
SOURCE, WEIGHTS, DESTINATION = 1, 33, 17
FROM, TO = SOURCE, DESTINATION
ANY_ORDER, INFERENCE, CONVOLUTION, QUERY_WEIGHTS = 1, 96, 1, 131
#: In place of an address: the library allocates.
ALLOCATE = 2**64 - 1


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
        """A contiguous array."""
        return self.strided(shape, [math.prod(shape[dim + 1:]) for dim in range(len(shape))], data_type)

    def strided(self, shape, strides, data_type="f32"):
        """An array by its extents and distances in elements."""
        kind = ctypes.c_int64 * len(shape)
        return self.create("dnnl_memory_desc_create_with_strides", ctypes.c_int(len(shape)), kind(*shape),
                           ctypes.c_int(DATA_TYPES[data_type]), kind(*strides))

    def execute(self, primitive, memories):
        """The call of a primitive with memories by the numbers of its arguments."""
        arguments = (Argument * len(memories))(*[Argument(place, memory.value) for place, memory in memories.items()])
        execute, wait, stream = self.library.dnnl_primitive_execute, self.library.dnnl_stream_wait, self.stream

        def call():
            if execute(primitive, stream, len(arguments), arguments) or wait(stream):
                raise RuntimeError("the primitive fails")
        return call

    def matmul(self, case, given):
        *batch, m, n, k = case.shape
        result_type = "i32" if case.type == "i8" else "f32"
        out = aligned_empty((*batch, m, n), numpy_type(result_type))
        # What all products of a batch share has an extent of 1 there.
        outer = [1] if case.op == "shared" else batch
        weights = (self.strided((k, n), (1, k), case.type) if case.op == "linear"
                   else self.descriptor((*outer, k, n), case.type))
        descriptors = [self.descriptor((*batch, m, k), case.type), weights,
                       self.descriptor((*batch, m, n), result_type)]
        description = self.create("dnnl_matmul_primitive_desc_create", self.engine, descriptors[0], descriptors[1], None,
                                  descriptors[2], None)
        primitive = self.create("dnnl_primitive_create", description)
        memories = [self.create("dnnl_memory_create", descriptor, self.engine, ctypes.c_void_p(array.ctypes.data))
                    for descriptor, array in zip(descriptors, (given["A"], given["B"], out))]
        return self.execute(primitive, dict(zip((SOURCE, WEIGHTS, DESTINATION), memories))), lambda: out

    gemv = thin = linear = batched = shared = matmul

    def conv2d(self, case, given):
        """Weights are brought into the order that the primitive wants beforehand, images and result stay as they are."""
        images, rows, columns, channels, filters = case.shape
        out = aligned_empty((images, rows, columns, filters), np.float32)

        def channels_last(count, height, width, depth):
            return self.strided((count, depth, height, width), (height * width * depth, 1, width * depth, depth))
        source, destination = channels_last(images, rows + 2, columns + 2, channels), channels_last(*out.shape)
        given_weights = self.strided((filters, channels, 3, 3), (1, filters, 3 * channels * filters, channels * filters))
        free_weights = self.create("dnnl_memory_desc_create_with_tag", ctypes.c_int(4), (ctypes.c_int64 * 4)(
            filters, channels, 3, 3), ctypes.c_int(DATA_TYPES["f32"]), ctypes.c_int(ANY_ORDER))
        pair = ctypes.c_int64 * 2
        description = self.create("dnnl_convolution_forward_primitive_desc_create", self.engine, ctypes.c_int(INFERENCE),
                                  ctypes.c_int(CONVOLUTION), source, free_weights, None, destination, pair(1, 1), pair(0, 0),
                                  pair(0, 0), pair(0, 0), None)
        self.library.dnnl_primitive_desc_query_md.restype = ctypes.c_void_p
        wanted = ctypes.c_void_p(self.library.dnnl_primitive_desc_query_md(description, QUERY_WEIGHTS, 0))
        weights = self.create("dnnl_memory_create", wanted, self.engine, ctypes.c_void_p(ALLOCATE))
        plain = self.create("dnnl_memory_create", given_weights, self.engine, ctypes.c_void_p(given["W"].ctypes.data))
        reorder = self.create("dnnl_reorder_primitive_desc_create", given_weights, self.engine, wanted, self.engine, None)
        self.execute(self.create("dnnl_primitive_create", reorder), {FROM: plain, TO: weights})()
        image, result = (self.create("dnnl_memory_create", order, self.engine, ctypes.c_void_p(array.ctypes.data))
                         for order, array in ((source, given["X"]), (destination, out)))
        return self.execute(self.create("dnnl_primitive_create", description),
                            {SOURCE: image, WEIGHTS: weights, DESTINATION: result}), lambda: out
