# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How long compiling takes: each file of examples/kernels, from its text to kernels that can be called, in a process that
has compiled before."""

from harness.case import Case

#: The file, and what its kernels want to know.
F32, HEADS = ["--type=T=f32"], ["--dim=D=64"]
OPTIONS = {"add_layernorm": F32, "argmax": F32, "attention": HEADS, "attention_any": ["--type=U=f32", *HEADS],
           "batched_matmul": F32, "conv1d": F32, "conv2d": F32, "cross_entropy": F32, "cumsum": F32, "embedding": F32,
           "gelu": F32, "histogram": [], "layernorm": F32, "log_softmax": F32, "matmul": [],
           "matmul_any": ["--type=T=bf16", "--type=R=f32"], "matmul_bias_gelu": F32, "matmul_i8": [], "rmsnorm": F32,
           "rope": [*F32, *HEADS], "saxpy": F32, "scatter_add": F32, "softmax": F32, "transpose": F32, "vector_add": F32}

CASES = [Case("compile", "compile_kernels", name, (), 0.0, 0.0, None) for name in OPTIONS]


def arrays(case):
    """What is compiled: no arrays."""
    return {"file": f"{case.type}.tile", "options": OPTIONS[case.type]}


def check(case, given, result):
    """Compiling either fails or not."""
    return None
