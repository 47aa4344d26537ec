# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""NumPy with the OpenBLAS of its wheel, whose kernels are chosen by the machine alone: worker.py unsets
OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE."""

import numpy as np

from harness.case import aligned_empty
from peers import Unsupported
from suites.memory import EPSILON


class Peer:
    def __init__(self, threads):
        self.version = np.__version__

    def matmul(self, case, given):
        if case.type != "f32":
            raise Unsupported("OpenBLAS multiplies no such type")
        a, out = given["A"], aligned_empty(case.shape[:2], np.float32)
        b = given["B"].T if case.op == "linear" else given["B"]
        return lambda: np.dot(a, b, out=out), lambda: out

    gemv = thin = linear = matmul

    @staticmethod
    def stored(function):
        """(call, fetch) of a function that returns its result."""
        kept = []

        def call():
            kept[:] = [function()]
        return call, lambda: kept[0]

    def softmax(self, case, given):
        x = given["X"]

        def function():
            e = np.exp(x - x.max(axis=1, keepdims=True))
            e /= e.sum(axis=1, keepdims=True)
            return e
        return self.stored(function)

    def layernorm(self, case, given):
        return self.stored(lambda: self.normalised(given["X"], given))

    def add_layernorm(self, case, given):
        return self.stored(lambda: self.normalised(given["X"] + given["R"], given))

    @staticmethod
    def normalised(x, given):
        centred = x - x.mean(axis=1, keepdims=True)
        variance = np.mean(centred * centred, axis=1, keepdims=True)
        return centred / np.sqrt(variance + np.float32(EPSILON)) * given["gamma"] + given["beta"]

    def rmsnorm(self, case, given):
        x = given["X"]
        return self.stored(lambda: x / np.sqrt(np.mean(x * x, axis=1, keepdims=True) + np.float32(EPSILON)) * given["gamma"])

    def transpose(self, case, given):
        out, x = aligned_empty(case.shape[::-1], np.float32), given["X"]
        return lambda: np.copyto(out, x.T), lambda: out

    def gelu(self, case, given):
        raise Unsupported("NumPy has no erf")

    def sin(self, case, given):
        out, x = aligned_empty(case.shape, np.float32), given["X"]
        return lambda: np.sin(x, out=out), lambda: out

    def softplus(self, case, given):
        x = given["X"]
        return self.stored(lambda: np.logaddexp(x, np.float32(0)))

    def pow(self, case, given):
        out, x, y = aligned_empty(case.shape, np.float32), given["X"], given["Y"]
        return lambda: np.power(x, y, out=out), lambda: out

    def cross_entropy(self, case, given):
        x, labels = given["X"], given["labels"]

        def function():
            largest = x.max(axis=1)
            total = np.exp(x - largest[:, None]).sum(axis=1)
            return np.log(total) + largest - x[np.arange(len(x)), labels]
        return self.stored(function)
