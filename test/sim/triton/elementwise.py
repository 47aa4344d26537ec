#===- elementwise.py - Triton kernels without communication -----------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import triton
import triton.language as tl

from variants import variant


@variant("vector_add", "x: *fp32, y: *fp32, o: *fp32, n: i32", {"BLOCK": 1024}, aligned=("n",))
@variant("vector_add_f16_8", "x: *fp16, y: *fp16, o: *fp16, n: i32", {"BLOCK": 512}, warps=8)
@triton.jit
def vector_add(x, y, o, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    tl.store(o + i, tl.load(x + i, mask=mask) + tl.load(y + i, mask=mask), mask=mask)


@variant("integer_ops", "x: *i32, y: *i32, o: *i32, wide: *i64, n: i32", {"BLOCK": 256}, warps=2)
@triton.jit
def integer_ops(x, y, o, wide, n, BLOCK: tl.constexpr):
    """Quotients, remainders, shifts, upper halves of products, extremes."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    a = tl.load(x + i, mask=mask, other=0)
    b = tl.load(y + i, mask=mask, other=1)
    ua, ub = a.to(tl.uint32, bitcast=True), b.to(tl.uint32, bitcast=True)
    tl.store(o + i, a // b, mask=mask)
    tl.store(o + n + i, a % b, mask=mask)
    tl.store(o + 2 * n + i, (ua >> (ub & 31)).to(tl.int32, bitcast=True), mask=mask)
    tl.store(o + 3 * n + i, a >> (b & 31), mask=mask)
    tl.store(o + 4 * n + i, tl.umulhi(ua, ub).to(tl.int32, bitcast=True), mask=mask)
    tl.store(o + 5 * n + i, tl.where(a > b, tl.maximum(a, b) ^ 5, tl.minimum(a, b) | 3), mask=mask)
    tl.store(o + 6 * n + i, (ua // ub).to(tl.int32, bitcast=True), mask=mask)
    tl.store(wide + i, a.to(tl.int64) * b - a.to(tl.int64) // b, mask=mask)


@variant("conversions", "x: *fp32, half: *fp16, brain: *bf16, e5: *i8, whole: *i16, back: *fp32", {"BLOCK": 256},
         archs=(80, 89))
@triton.jit
def conversions(x, half, brain, e5, whole, back, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    value = tl.load(x + i)
    tl.store(half + i, value.to(tl.float16))
    tl.store(brain + i, value.to(tl.bfloat16))
    narrow = value.to(tl.float8e5)
    tl.store(e5 + i, narrow.to(tl.int8, bitcast=True))
    tl.store(whole + i, value.to(tl.int16))
    tl.store(back + i, narrow.to(tl.float32) + value.to(tl.bfloat16).to(tl.float32))


@variant("conversions_e4m3", "x: *fp32, e4: *i8, back: *fp16", {"BLOCK": 256}, archs=(89,))
@triton.jit
def conversions_e4m3(x, e4, back, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    narrow = tl.load(x + i).to(tl.float8e4nv)
    tl.store(e4 + i, narrow.to(tl.int8, bitcast=True))
    tl.store(back + i, narrow.to(tl.float16))


@variant("dropout", "x: *fp32, o: *fp32, n: i32, p: fp32, seed: i32", {"BLOCK": 512})
@triton.jit
def dropout(x, o, n, p, seed, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    value = tl.load(x + i, mask=mask, other=0.0)
    keep = tl.rand(seed, i) > p
    tl.store(o + i, tl.where(keep, value * 2.0, 0.0), mask=mask)


@variant("gather_rows", "table: *fp16, rows: *i64, o: *fp16, columns: i32", {"BLOCK": 128}, warps=1)
@triton.jit
def gather_rows(table, rows, o, columns, BLOCK: tl.constexpr):
    row = tl.load(rows + tl.program_id(0))
    for start in range(0, columns, BLOCK):
        i = start + tl.arange(0, BLOCK)
        mask = i < columns
        tl.store(o + tl.program_id(0) * columns + i, tl.load(table + row * columns + i, mask=mask), mask=mask)


@variant("transpose", "x: *fp32, o: *fp32, m: i32, n: i32", {"BLOCK_M": 32, "BLOCK_N": 64})
@triton.jit
def transpose(x, o, m, n, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr):
    i = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)[:, None]
    j = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)[None, :]
    tile = tl.load(x + i * n + j, mask=(i < m) & (j < n))
    i = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)[None, :]
    j = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)[:, None]
    tl.store(o + j * m + i, tl.trans(tile), mask=(i < m) & (j < n))


@variant("print_values", "x: *i32, n: i32", {"BLOCK": 32}, warps=1)
@triton.jit
def print_values(x, n, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    value = tl.load(x + i, mask=i < n, other=-1)
    tl.device_print("value", value, i)


@variant("assert_sorted", "x: *i32, o: *i32, n: i32", {"BLOCK": 128}, options={"debug": True})
@triton.jit
def assert_sorted(x, o, n, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    here = tl.load(x + i, mask=i < n, other=0)
    before = tl.load(x + i - 1, mask=(i > 0) & (i < n), other=-2147483648)
    tl.device_assert(before <= here, "the input is sorted", mask=i < n)
    tl.store(o + i, here - 1, mask=i < n)


@variant("functions", "x: *fp32, o: *fp32, n: i32", {"BLOCK": 256}, is_library=True)
@triton.jit
def functions(x, o, n, BLOCK: tl.constexpr):
    """Of the device library."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    value = tl.load(x + i, mask=mask, other=1.0)
    tl.store(o + i, tl.erf(value), mask=mask)
    tl.store(o + n + i, tl.sin(value), mask=mask)
    tl.store(o + 2 * n + i, tl.cos(value * 100.0), mask=mask)
    tl.store(o + 3 * n + i, tl.log(tl.abs(value)), mask=mask)
    tl.store(o + 4 * n + i, tl.exp2(value), mask=mask)
    tl.store(o + 5 * n + i, tl.floor(value), mask=mask)
    tl.store(o + 6 * n + i, tl.div_rn(1.0, value), mask=mask)
    tl.store(o + 7 * n + i, tl.sqrt_rn(tl.abs(value)), mask=mask)
