# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels on a GPU, by the CUDA driver API: a context, modules from PTX, arrays, launches. Nothing but the driver's library
is needed. After an error that a kernel raised a process can do nothing more on the GPU."""

import ctypes

import numpy as np

STACK_SIZE, PRINTF_FIFO_SIZE, MALLOC_HEAP_SIZE = 0, 1, 2
ERROR_LOG, ERROR_LOG_BYTES, OPTIMISATION_LEVEL = 5, 6, 7
MAX_DYNAMIC_SHARED = 8
COOPERATIVE = 2


class CudaError(Exception):
    """A call of the driver that failed; `code` is its number."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def library():
    """The driver's library, or None where there is none."""
    try:
        return ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None


class LaunchAttribute(ctypes.Structure):
    _fields_ = [("id", ctypes.c_uint), ("pad", ctypes.c_char * 4), ("value", ctypes.c_char * 64)]


class LaunchConfig(ctypes.Structure):
    _fields_ = [("grid", ctypes.c_uint * 3), ("block", ctypes.c_uint * 3), ("shared", ctypes.c_uint), ("stream", ctypes.c_void_p),
                ("attributes", ctypes.POINTER(LaunchAttribute)), ("count", ctypes.c_uint)]


class Gpu:
    """The first GPU of the machine, and a context on it."""

    def __init__(self, device=0):
        self.cuda = library()
        if not self.cuda:
            raise CudaError(0, "there is no CUDA driver on this machine")
        self.call("cuInit", 0)
        self.device, self.context = ctypes.c_int(), ctypes.c_void_p()
        self.call("cuDeviceGet", ctypes.byref(self.device), device)
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(self.context), self.device)
        self.call("cuCtxSetCurrent", self.context)
        self.call("cuCtxSetLimit", STACK_SIZE, ctypes.c_size_t(4096))

    def call(self, name, *arguments):
        code = getattr(self.cuda, name)(*arguments)
        if code:
            text = ctypes.c_char_p()
            self.cuda.cuGetErrorString(code, ctypes.byref(text))
            raise CudaError(code, f"{name}: {text.value.decode() if text.value else code} ({code})")

    def describe(self):
        """Name, compute capability, number of multiprocessors, version of the driver's API."""
        name, number = ctypes.create_string_buffer(100), ctypes.c_int()
        self.call("cuDeviceGetName", name, 100, self.device)
        numbers = []
        for attribute in (75, 76, 16):
            self.call("cuDeviceGetAttribute", ctypes.byref(number), attribute, self.device)
            numbers.append(number.value)
        self.call("cuDriverGetVersion", ctypes.byref(number))
        return f"{name.value.decode()}, sm_{numbers[0]}{numbers[1]}, {numbers[2]} multiprocessors, driver API {number.value}"

    def load(self, text, level=4):
        """A module from PTX, optimised so much (0 to 4). Raises CudaError with what the assembler said."""
        log = ctypes.create_string_buffer(16384)
        options = (ctypes.c_uint * 3)(ERROR_LOG, ERROR_LOG_BYTES, OPTIMISATION_LEVEL)
        settings = (ctypes.c_void_p * 3)(ctypes.cast(log, ctypes.c_void_p).value, 16384, level)
        module = ctypes.c_void_p()
        try:
            self.call("cuModuleLoadDataEx", ctypes.byref(module), text.encode() + b"\0", 3, options, settings)
        except CudaError as error:
            raise CudaError(error.code, f"{error}: {log.value.decode(errors='replace')[:2000]}") from None
        return module

    def upload(self, array):
        """The address of a new copy of an array."""
        data = np.ascontiguousarray(array)
        address = ctypes.c_uint64()
        self.call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(max(16, data.nbytes)))
        if data.nbytes:
            self.call("cuMemcpyHtoD_v2", address, data.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(data.nbytes))
        return address

    def zeros(self, size):
        """The address of so many new bytes, all 0."""
        address = ctypes.c_uint64()
        self.call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(max(16, size)))
        self.call("cuMemsetD8_v2", address, 0, ctypes.c_size_t(max(16, size)))
        return address

    def download(self, address, dtype, shape):
        array = np.empty(shape, dtype)
        if array.nbytes:
            self.call("cuMemcpyDtoH_v2", array.ctypes.data_as(ctypes.c_void_p), address, ctypes.c_size_t(array.nbytes))
        return array

    def free(self, addresses):
        for address in addresses:
            self.call("cuMemFree_v2", address)

    def launch(self, module, kernel, grid, block, arguments, shared=0, cooperative=False):
        """Runs a kernel to its end. `arguments` are ctypes values or bytes, one for each parameter."""
        function = ctypes.c_void_p()
        self.call("cuModuleGetFunction", ctypes.byref(function), module, kernel.encode())
        if shared > 49152:
            self.call("cuFuncSetAttribute", function, MAX_DYNAMIC_SHARED, ctypes.c_int(shared))
        held = [ctypes.create_string_buffer(value, len(value)) if isinstance(value, bytes) else value for value in arguments]
        pointers = (ctypes.c_void_p * max(1, len(held)))(*[ctypes.addressof(value) for value in held])
        triple = lambda sizes: [*(sizes if isinstance(sizes, (tuple, list)) else (sizes,)), 1, 1][:3]
        config = LaunchConfig((ctypes.c_uint * 3)(*triple(grid)), (ctypes.c_uint * 3)(*triple(block)), shared, None, None, 0)
        if cooperative:
            attribute = LaunchAttribute(COOPERATIVE)
            attribute.value = (1).to_bytes(4, "little")
            config.attributes, config.count = ctypes.pointer(attribute), 1
        self.call("cuLaunchKernelEx", ctypes.byref(config), function, pointers, None)
        self.call("cuCtxSynchronize")
