#===- products.py - Triton kernels that multiply matrices ---------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import triton
import triton.language as tl

from variants import variant


def sizes(m, n, k, **more):
    return {"BLOCK_M": m, "BLOCK_N": n, "BLOCK_K": k, **more}


ALIGNED = ("n", "k")
FLOAT = "c: *fp32, m: i32, n: i32, k: i32"


@variant("matmul_f16", f"a: *fp16, b: *fp16, {FLOAT}", sizes(64, 64, 32, ZERO=0.0, PRECISION=None), stages=3, aligned=ALIGNED)
@variant("matmul_f16_s1", f"a: *fp16, b: *fp16, {FLOAT}", sizes(32, 32, 32, ZERO=0.0, PRECISION=None), warps=1, stages=1, aligned=ALIGNED)
@variant("matmul_f16_s4", f"a: *fp16, b: *fp16, {FLOAT}", sizes(64, 32, 16, ZERO=0.0, PRECISION=None), warps=2, stages=4, aligned=ALIGNED)
@variant("matmul_f16_odd", f"a: *fp16, b: *fp16, {FLOAT}", sizes(32, 64, 32, ZERO=0.0, PRECISION=None), stages=2)
@variant("matmul_bf16", f"a: *bf16, b: *bf16, {FLOAT}", sizes(128, 64, 32, ZERO=0.0, PRECISION=None), warps=8, stages=2,
         aligned=ALIGNED, archs=(80,))
@variant("matmul_tf32", f"a: *fp32, b: *fp32, {FLOAT}", sizes(64, 64, 32, ZERO=0.0, PRECISION="tf32"), stages=3, aligned=ALIGNED,
         archs=(80,))
@variant("matmul_f32", f"a: *fp32, b: *fp32, {FLOAT}", sizes(32, 32, 16, ZERO=0.0, PRECISION="ieee"), stages=2, aligned=ALIGNED)
@variant("matmul_tf32x3", f"a: *fp32, b: *fp32, {FLOAT}", sizes(32, 32, 32, ZERO=0.0, PRECISION="tf32x3"), stages=2, aligned=ALIGNED,
         archs=(80,))
@variant("matmul_i8", "a: *i8, b: *i8, c: *i32, m: i32, n: i32, k: i32", sizes(64, 64, 64, ZERO=0, PRECISION=None), stages=3,
         aligned=ALIGNED, archs=(80,))
@variant("matmul_f8", f"a: *fp8e4nv, b: *fp8e4nv, {FLOAT}", sizes(64, 64, 64, ZERO=0.0, PRECISION=None), stages=3, aligned=ALIGNED,
         archs=(89,))
@variant("matmul_f8e5", f"a: *fp8e5, b: *fp8e5, {FLOAT}", sizes(64, 32, 32, ZERO=0.0, PRECISION=None), stages=2, aligned=ALIGNED,
         archs=(80, 89))
@triton.jit
def matmul(a, b, c, m, n, k, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr, ZERO: tl.constexpr,
           PRECISION: tl.constexpr):
    i = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    j = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    p = tl.arange(0, BLOCK_K)
    sums = tl.zeros((BLOCK_M, BLOCK_N), dtype=c.dtype.element_ty)
    for start in range(0, k, BLOCK_K):
        left = tl.load(a + i[:, None] * k + start + p[None, :], mask=(i[:, None] < m) & (start + p[None, :] < k), other=ZERO)
        right = tl.load(b + (start + p[:, None]) * n + j[None, :], mask=(start + p[:, None] < k) & (j[None, :] < n), other=ZERO)
        sums = tl.dot(left, right, sums, input_precision=PRECISION, out_dtype=c.dtype.element_ty)
    tl.store(c + i[:, None] * n + j[None, :], sums, mask=(i[:, None] < m) & (j[None, :] < n))


@variant("split_k", "a: *fp16, b: *fp16, c: *fp32, m: i32, n: i32, k: i32", sizes(32, 32, 32), stages=3, aligned=ALIGNED)
@triton.jit
def split_k(a, b, c, m, n, k, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr):
    """Programs of the last axis share k; sums are added by atomics."""
    i = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)[:, None]
    j = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)[None, :]
    p = tl.arange(0, BLOCK_K)
    sums = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for start in range(tl.program_id(2) * BLOCK_K, k, tl.num_programs(2) * BLOCK_K):
        left = tl.load(a + i * k + start + p[None, :], mask=(i < m) & (start + p[None, :] < k), other=0.0)
        right = tl.load(b + (start + p[:, None]) * n + j, mask=(start + p[:, None] < k) & (j < n), other=0.0)
        sums = tl.dot(left, right, sums)
    tl.atomic_add(c + i * n + j, sums, mask=(i < m) & (j < n), sem="relaxed")


@variant("persistent", "a: *fp16, b: *fp16, c: *fp16, m: i32, n: i32, k: i32", sizes(32, 64, 32), stages=3, aligned=ALIGNED)
@triton.jit
def persistent(a, b, c, m, n, k, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr):
    """A program takes every num_programs-th tile; the pipeline goes on from one to the next."""
    columns = tl.cdiv(n, BLOCK_N)
    for tile in tl.range(tl.program_id(0), tl.cdiv(m, BLOCK_M) * columns, tl.num_programs(0), flatten=True):
        i = tile // columns * BLOCK_M + tl.arange(0, BLOCK_M)[:, None]
        j = tile % columns * BLOCK_N + tl.arange(0, BLOCK_N)[None, :]
        p = tl.arange(0, BLOCK_K)
        sums = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
        for start in range(0, k, BLOCK_K):
            left = tl.load(a + i * k + start + p[None, :], mask=(i < m) & (start + p[None, :] < k), other=0.0)
            right = tl.load(b + (start + p[:, None]) * n + j, mask=(start + p[:, None] < k) & (j < n), other=0.0)
            sums = tl.dot(left, right, sums)
        tl.store(c + i * n + j, sums.to(tl.float16), mask=(i < m) & (j < n))


@variant("batched_dot", "a: *fp16, b: *fp16, c: *fp32", {"B": 4, "M": 16, "N": 32, "K": 64})
@triton.jit
def batched_dot(a, b, c, B: tl.constexpr, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    q = tl.arange(0, B)[:, None, None]
    i = tl.arange(0, M)
    j = tl.arange(0, N)
    p = tl.arange(0, K)
    left = tl.load(a + q * (M * K) + i[None, :, None] * K + p[None, None, :])
    right = tl.load(b + q * (K * N) + p[None, :, None] * N + j[None, None, :])
    tl.store(c + q * (M * N) + i[None, :, None] * N + j[None, None, :], tl.dot(left, right))


@variant("quantised", "a: *fp16, b: *i8, c: *fp32, k: i32", {"M": 16, "N": 64, "BLOCK_K": 32}, stages=2, aligned=("k",))
@triton.jit
def quantised(a, b, c, k, M: tl.constexpr, N: tl.constexpr, BLOCK_K: tl.constexpr):
    """Weights of four bits, two in a byte, unpacked in registers."""
    i = tl.arange(0, M)[:, None]
    j = tl.arange(0, N)[None, :]
    p = tl.arange(0, BLOCK_K)
    h = tl.arange(0, BLOCK_K // 2)[:, None]
    sums = tl.zeros((M, N), dtype=tl.float32)
    for start in range(0, k, BLOCK_K):
        left = tl.load(a + i * k + start + p[None, :])
        packed = tl.load(b + (start // 2 + h) * N + j)
        low, high = (packed << 4) >> 4, packed >> 4
        weights = tl.reshape(tl.permute(tl.join(low, high), (0, 2, 1)), (BLOCK_K, N))
        sums = tl.dot(left, weights.to(tl.float16), sums)
    tl.store(c + i * N + j, sums)


@variant("convolution", "x: *fp16, w: *fp16, o: *fp32, height: i32, width: i32", {"C": 16, "F": 32, "BLOCK": 64}, stages=2)
@triton.jit
def convolution(x, w, o, height, width, C: tl.constexpr, F: tl.constexpr, BLOCK: tl.constexpr):
    """3 x 3, zeros around, as nine products: x is height x width x C, w is 9 x C x F, o is height x width x F."""
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    row, column = at // width, at % width
    channel = tl.arange(0, C)
    feature = tl.arange(0, F)
    sums = tl.zeros((BLOCK, F), dtype=tl.float32)
    for tap in range(9):
        y, z = row + tap // 3 - 1, column + tap % 3 - 1
        inside = (y >= 0) & (y < height) & (z >= 0) & (z < width) & (at < height * width)
        pixels = tl.load(x + (y * width + z)[:, None] * C + channel[None, :], mask=inside[:, None], other=0.0)
        weights = tl.load(w + (tap * C + channel[:, None]) * F + feature[None, :])
        sums = tl.dot(pixels, weights, sums)
    tl.store(o + at[:, None] * F + feature[None, :], sums, mask=at[:, None] < height * width)
