#===- variants.py - how the Triton kernels of this folder are compiled -------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels beside which a variant stands are compiled for each of its architectures by compile.py, into NAME.sm_NN.ptx."""

from dataclasses import dataclass, field

VARIANTS = {}
ARCHITECTURES = (75, 80, 89)


@dataclass(frozen=True)
class Variant:
    """A kernel with types for its parameters, values for its constants, and Triton's options. Pointers, and the integers
    named in `aligned`, are multiples of 16, so that Triton uses wide accesses. What `is_library` takes functions of the device
    library, whose code is not ours to keep: it is compiled by the test."""
    kernel: object
    signature: dict
    constants: dict
    warps: int = 4
    stages: int = 3
    archs: tuple = ARCHITECTURES
    aligned: tuple = ()
    options: dict = field(default_factory=dict)
    is_library: bool = False


def variant(name, signature, constants, **more):
    """Adds a variant. `signature` is what stands between the parentheses of a declaration: 'x: *fp32, n: i32'."""
    types = dict(part.strip().split(": ") for part in signature.split(","))

    def add(kernel):
        assert name not in VARIANTS, name
        VARIANTS[name] = Variant(kernel, types, constants, **more)
        return kernel

    return add
