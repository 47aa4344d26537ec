# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""IREE: MLIR's linalg, compiled for this machine. It computes products only."""

import numpy as np

import iree.compiler
import iree.compiler.version
import iree.runtime

FLAGS = ["--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"]

#: Element types in MLIR's words, of the operands and of the result.
TYPES = {"f32": ("f32", "f32"), "bf16": ("bf16", "f32"), "i8": ("i8", "i32")}


def product(case):
    """The product as a function of tensors."""
    m, n, k = case.shape
    operand, result = TYPES[case.type]
    zero = "0" if case.type == "i8" else "0.0"
    a, b, c = f"tensor<{m}x{k}x{operand}>", f"tensor<{k}x{n}x{operand}>", f"tensor<{m}x{n}x{result}>"
    return f"""
func.func @main(%a: {a}, %b: {b}) -> {c} {{
  %zero = arith.constant {zero} : {result}
  %empty = tensor.empty() : {c}
  %init = linalg.fill ins(%zero : {result}) outs(%empty : {c}) -> {c}
  %c = linalg.matmul ins(%a, %b : {a}, {b}) outs(%init : {c}) -> {c}
  return %c : {c}
}}"""


class Peer:
    def __init__(self, threads):
        self.version = iree.compiler.version.VERSION
        iree.runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
        self.config = iree.runtime.Config("local-task")

    def matmul(self, case, given):
        binary = iree.compiler.compile_str(product(case), target_backends=["llvm-cpu"], extra_args=FLAGS)
        module = iree.runtime.load_vm_module(
            iree.runtime.VmModule.copy_buffer(self.config.vm_instance, binary), self.config)
        placed = [iree.runtime.asdevicearray(self.config.device, given[name]) for name in ("A", "B")]
        function, kept = module.main, []

        def call():
            kept[:] = [function(*placed)]
        return call, lambda: np.asarray(kept[0].to_host())

    gemv = matmul
