# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch, eagerly. Its products are those of MKL and oneDNN, which its wheel contains."""

import torch

from peers import Unsupported
from suites.memory import EPSILON


class Peer:
    def __init__(self, threads):
        torch.set_num_threads(threads)
        self.version = torch.__version__

    def prepare(self, function, arguments):
        """What is called: torch_compile compiles here."""
        return function

    def run(self, function, *arguments):
        """(call, fetch) of a function of tensors; the first of several results is fetched."""
        function, kept = self.prepare(function, arguments), []

        def call():
            with torch.no_grad():
                kept[:] = [function(*arguments)]
        return call, lambda: (kept[0][0] if isinstance(kept[0], tuple) else kept[0]).numpy()

    @staticmethod
    def tensors(given, *names):
        for name in names:
            array = given[name]
            yield (torch.from_numpy(array.view("int16")).view(torch.bfloat16) if array.dtype.name == "bfloat16"
                   else torch.from_numpy(array))

    def matmul(self, case, given):
        if case.type == "i8":
            return self.run(torch._int_mm, *self.tensors(given, "A", "B"))
        if case.type == "bf16":
            raise Unsupported("its product of bf16 is rounded to bf16")
        return self.run(torch.mm, *self.tensors(given, "A", "B"))

    gemv = matmul

    def softmax(self, case, given):
        return self.run(lambda x: torch.softmax(x, 1), *self.tensors(given, "X"))

    def layernorm(self, case, given):
        shape = case.shape[1:]
        return self.run(lambda x, gamma, beta: torch.nn.functional.layer_norm(x, shape, gamma, beta, EPSILON),
                        *self.tensors(given, "X", "gamma", "beta"))

    def add_layernorm(self, case, given):
        shape = case.shape[1:]

        def function(x, r, gamma, beta):
            total = x + r
            return torch.nn.functional.layer_norm(total, shape, gamma, beta, EPSILON), total
        return self.run(function, *self.tensors(given, "X", "R", "gamma", "beta"))

    def rmsnorm(self, case, given):
        shape = case.shape[1:]
        return self.run(lambda x, gamma: torch.nn.functional.rms_norm(x, shape, gamma, EPSILON),
                        *self.tensors(given, "X", "gamma"))

    def gelu(self, case, given):
        return self.run(torch.nn.functional.gelu, *self.tensors(given, "X"))

    def transpose(self, case, given):
        return self.run(lambda x: x.t().contiguous(), *self.tensors(given, "X"))

    def cross_entropy(self, case, given):
        return self.run(lambda x, labels: torch.nn.functional.cross_entropy(x, labels.long(), reduction="none"),
                        *self.tensors(given, "X", "labels"))
