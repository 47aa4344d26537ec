# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""IREE: MLIR's linalg, compiled for this machine. It computes products, attention without a mask, and convolutions."""

import numpy as np

import iree.compiler
import iree.compiler.version
import iree.runtime

from suites.attention import scale

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


def attention(case):
    """Attention as the operation that this compiler has for it."""
    heads, queries, keys, depth = case.shape
    q, k = f"tensor<{heads}x{queries}x{depth}x{case.type}>", f"tensor<{heads}x{keys}x{depth}x{case.type}>"
    maps = ", ".join(f"affine_map<(b, m, n, k1, k2) -> ({names})>"
                     for names in ("b, m, k1", "b, k2, k1", "b, k2, n", "", "b, m, n"))
    return f"""
func.func @main(%q: {q}, %k: {k}, %v: {k}) -> {q} {{
  %scale = arith.constant {scale(case):.9e} : {case.type}
  %empty = tensor.empty() : {q}
  %o = iree_linalg_ext.attention <{{indexing_maps = [{maps}]}}>
      ins(%q, %k, %v, %scale : {q}, {k}, {k}, {case.type}) outs(%empty : {q}) {{
    ^bb0(%score: f32):
      iree_linalg_ext.yield %score : f32
  }} -> {q}
  return %o : {q}
}}"""


def convolution(case):
    """The convolution as a function of tensors."""
    images, rows, columns, channels, filters = case.shape
    x = f"tensor<{images}x{rows + 2}x{columns + 2}x{channels}xf32>"
    w, y = f"tensor<3x3x{channels}x{filters}xf32>", f"tensor<{images}x{rows}x{columns}x{filters}xf32>"
    return f"""
func.func @main(%x: {x}, %w: {w}) -> {y} {{
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : {y}
  %init = linalg.fill ins(%zero : f32) outs(%empty : {y}) -> {y}
  %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w : {x}, {w}) outs(%init : {y}) -> {y}
  return %y : {y}
}}"""


class Peer:
    def __init__(self, threads):
        self.version = iree.compiler.version.VERSION
        iree.runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
        self.config = iree.runtime.Config("local-task")

    def run(self, text, *arguments):
        """(call, fetch) of the function of a module, compiled."""
        binary = iree.compiler.compile_str(text, target_backends=["llvm-cpu"], extra_args=FLAGS)
        module = iree.runtime.load_vm_module(
            iree.runtime.VmModule.copy_buffer(self.config.vm_instance, binary), self.config)
        placed = [iree.runtime.asdevicearray(self.config.device, one) for one in arguments]
        function, kept = module.main, []

        def call():
            kept[:] = [function(*placed)]
        return call, lambda: np.asarray(kept[0].to_host())

    def matmul(self, case, given):
        return self.run(product(case), given["A"], given["B"])

    gemv = thin = matmul

    def attention(self, case, given):
        return self.run(attention(case), given["Q"], given["K"], given["V"])

    def conv2d(self, case, given):
        return self.run(convolution(case), given["X"], given["W"])
