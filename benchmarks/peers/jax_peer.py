# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""JAX, whose compiler is XLA. It takes as many threads as the process may use cores."""

import jax
import jax.numpy as jnp
import numpy as np

from suites.attention import scale
from suites.memory import EPSILON


class Peer:
    def __init__(self, threads):
        self.version = jax.__version__

    def run(self, function, *arguments):
        """(call, fetch) of a function of arrays, compiled; the first of several results is fetched."""
        placed = [jnp.asarray(one) for one in arguments]
        compiled, kept = jax.jit(function).lower(*placed).compile(), []

        def call():
            kept[:] = [jax.block_until_ready(compiled(*placed))]
        return call, lambda: np.asarray(kept[0][0] if isinstance(kept[0], (tuple, list)) else kept[0])

    def matmul(self, case, given):
        result = jnp.int32 if case.type == "i8" else jnp.float32
        return self.run(lambda a, b: jnp.matmul(a, b, preferred_element_type=result), given["A"], given["B"])

    gemv = thin = matmul

    def softmax(self, case, given):
        return self.run(lambda x: jax.nn.softmax(x, axis=1), given["X"])

    @staticmethod
    def normalised(x, gamma, beta):
        centred = x - jnp.mean(x, axis=1, keepdims=True)
        return centred * jax.lax.rsqrt(jnp.mean(centred * centred, axis=1, keepdims=True) + EPSILON) * gamma + beta

    def layernorm(self, case, given):
        return self.run(self.normalised, given["X"], given["gamma"], given["beta"])

    def add_layernorm(self, case, given):
        return self.run(lambda x, r, gamma, beta: (self.normalised(x + r, gamma, beta), x + r),
                        given["X"], given["R"], given["gamma"], given["beta"])

    def rmsnorm(self, case, given):
        return self.run(lambda x, gamma: x * jax.lax.rsqrt(jnp.mean(x * x, axis=1, keepdims=True) + EPSILON) * gamma,
                        given["X"], given["gamma"])

    def gelu(self, case, given):
        return self.run(lambda x: jax.nn.gelu(x, approximate=False), given["X"])

    def sin(self, case, given):
        return self.run(jnp.sin, given["X"])

    def softplus(self, case, given):
        return self.run(jax.nn.softplus, given["X"])

    def pow(self, case, given):
        return self.run(jnp.power, given["X"], given["Y"])

    def transpose(self, case, given):
        return self.run(lambda x: x.T + 0.0, given["X"])

    def cross_entropy(self, case, given):
        def function(x, labels):
            return jax.nn.logsumexp(x, axis=1) - jnp.take_along_axis(x, labels[:, None], axis=1)[:, 0]
        return self.run(function, given["X"], given["labels"])

    def attention(self, case, given, causal=False):
        """JAX's order is position, head, depth."""
        def function(q, k, v):
            return jax.nn.dot_product_attention(q, k, v, scale=scale(case), is_causal=causal)
        call, fetch = self.run(function, *[given[name].transpose(1, 0, 2) for name in "QKV"])
        return call, lambda: fetch().transpose(1, 0, 2)

    def causal_attention(self, case, given):
        return self.attention(case, given, causal=True)

    def conv2d(self, case, given):
        def function(x, w):
            return jax.lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return self.run(function, given["X"], given["W"])

    def matmul_bias_gelu(self, case, given):
        return self.run(lambda a, b, bias: jax.nn.gelu(a @ b + bias, approximate=False), given["A"], given["B"], given["bias"])

    def rope(self, case, given):
        def function(x, cosine, sine):
            low, high = jnp.split(x, 2, axis=2)
            cosine, sine = cosine[:, None], sine[:, None]
            return jnp.concatenate([low * cosine - high * sine, high * cosine + low * sine], axis=2)
        return self.run(function, given["X"], given["Cos"], given["Sin"])

    def rope_pairs(self, case, given):
        def function(x, cosine, sine):
            even, odd, cosine, sine = x[..., ::2], x[..., 1::2], cosine[:, None], sine[:, None]
            return jnp.stack([even * cosine - odd * sine, odd * cosine + even * sine], axis=3).reshape(x.shape)
        return self.run(function, given["X"], given["Cos"], given["Sin"])
