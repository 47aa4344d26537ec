# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch, eagerly. Its products are those of MKL and oneDNN, which its wheel contains."""

import torch

from peers import Unsupported
from suites.attention import scale
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

        def fetch():
            result = kept[0][0] if isinstance(kept[0], tuple) else kept[0]
            return (result.float() if result.dtype == torch.bfloat16 else result).numpy()
        return call, fetch

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

    gemv = thin = matmul

    def linear(self, case, given):
        a, b = self.tensors(given, "A", "B")
        return self.matmul(case, {"A": a.numpy(), "B": b.t().numpy()} if case.type != "bf16" else given)

    def batched(self, case, given):
        return self.run(torch.matmul, *self.tensors(given, "A", "B"))

    shared = batched

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

    def sin(self, case, given):
        return self.run(torch.sin, *self.tensors(given, "X"))

    def softplus(self, case, given):
        return self.run(torch.nn.functional.softplus, *self.tensors(given, "X"))

    def pow(self, case, given):
        return self.run(torch.pow, *self.tensors(given, "X", "Y"))

    def transpose(self, case, given):
        return self.run(lambda x: x.t().contiguous(), *self.tensors(given, "X"))

    def cross_entropy(self, case, given):
        return self.run(lambda x, labels: torch.nn.functional.cross_entropy(x, labels.long(), reduction="none"),
                        *self.tensors(given, "X", "labels"))

    def attention(self, case, given, causal=False):
        def function(q, k, v):
            return torch.nn.functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=causal,
                                                                    scale=scale(case))[0]
        return self.run(function, *self.tensors(given, "Q", "K", "V"))

    def causal_attention(self, case, given):
        return self.attention(case, given, causal=True)

    def conv2d(self, case, given):
        """Channels last in memory, as the others have it."""
        x, w = self.tensors(given, "X", "W")
        x, w = x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
        return self.run(lambda x, w: torch.nn.functional.conv2d(x, w).permute(0, 2, 3, 1), x, w)

    def matmul_bias_gelu(self, case, given):
        return self.run(lambda a, b, bias: torch.nn.functional.gelu(torch.addmm(bias, a, b)),
                        *self.tensors(given, "A", "B", "bias"))

    def rope(self, case, given):
        half = case.shape[2] // 2

        def function(x, cosine, sine):
            low, high, cosine, sine = x[..., :half], x[..., half:], cosine[:, None], sine[:, None]
            return torch.cat([low * cosine - high * sine, high * cosine + low * sine], dim=2)
        return self.run(function, *self.tensors(given, "X", "Cos", "Sin"))

    def rope_pairs(self, case, given):
        def function(x, cosine, sine):
            even, odd, cosine, sine = x[..., ::2], x[..., 1::2], cosine[:, None], sine[:, None]
            return torch.stack([even * cosine - odd * sine, odd * cosine + even * sine], dim=3).flatten(2)
        return self.run(function, *self.tensors(given, "X", "Cos", "Sin"))
