#===- reductions.py - Triton kernels that reduce, scan and sort ---------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import triton
import triton.language as tl

from variants import variant


@variant("softmax", "x: *fp32, o: *fp32, columns: i32", {"BLOCK": 1024})
@variant("softmax_1", "x: *fp32, o: *fp32, columns: i32", {"BLOCK": 64}, warps=1)
@triton.jit
def softmax(x, o, columns, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    at = tl.program_id(0) * columns + i
    value = tl.load(x + at, mask=i < columns, other=-float("inf"))
    power = tl.exp(value - tl.max(value, 0))
    tl.store(o + at, power / tl.sum(power, 0), mask=i < columns)


@triton.jit
def root(x):
    """As tl.sqrt, which takes it out of the device library."""
    return tl.inline_asm_elementwise("sqrt.rn.f32 $0, $1;", "=f,f", [x], dtype=tl.float32, is_pure=True, pack=1)


@variant("layer_norm", "x: *fp16, weight: *fp32, bias: *fp32, o: *fp16, columns: i32, epsilon: fp32", {"BLOCK": 256}, warps=8)
@triton.jit
def layer_norm(x, weight, bias, o, columns, epsilon, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    total = tl.zeros([BLOCK], tl.float32)
    for start in range(0, columns, BLOCK):
        i = start + tl.arange(0, BLOCK)
        total += tl.load(x + row * columns + i, mask=i < columns, other=0.0).to(tl.float32)
    mean = tl.sum(total, 0) / columns
    squares = tl.zeros([BLOCK], tl.float32)
    for start in range(0, columns, BLOCK):
        i = start + tl.arange(0, BLOCK)
        d = tl.load(x + row * columns + i, mask=i < columns, other=0.0).to(tl.float32) - mean
        squares += tl.where(i < columns, d * d, 0.0)
    scale = 1 / root(tl.sum(squares, 0) / columns + epsilon)
    for start in range(0, columns, BLOCK):
        i = start + tl.arange(0, BLOCK)
        mask = i < columns
        d = tl.load(x + row * columns + i, mask=mask, other=0.0).to(tl.float32) - mean
        y = d * scale * tl.load(weight + i, mask=mask) + tl.load(bias + i, mask=mask)
        tl.store(o + row * columns + i, y.to(tl.float16), mask=mask)


@variant("reduce_axes", "x: *i32, rows: *i32, columns: *i32, most: *i32, where: *i32", {"M": 32, "N": 64})
@variant("reduce_axes_8", "x: *i32, rows: *i32, columns: *i32, most: *i32, where: *i32", {"M": 64, "N": 128}, warps=8)
@triton.jit
def reduce_axes(x, rows, columns, most, where, M: tl.constexpr, N: tl.constexpr):
    """Sums of rows and of columns, the greatest of each row, and where the first of them stands."""
    i = tl.arange(0, M)
    j = tl.arange(0, N)
    tile = tl.load(x + i[:, None] * N + j[None, :])
    tl.store(rows + i, tl.sum(tile, 1))
    tl.store(columns + j, tl.sum(tile, 0))
    value, index = tl.max(tile, 1, return_indices=True)
    tl.store(most + i, value)
    tl.store(where + i, index)


@triton.jit
def merge_moments(count, mean, square, other_count, other_mean, other_square):
    total = count + other_count
    d = other_mean - mean
    share = tl.where(total == 0.0, 0.0, other_count / total)
    return total, mean + d * share, square + other_square + d * d * count * share


@variant("moments", "x: *fp32, o: *fp32, n: i32", {"BLOCK": 512})
@triton.jit
def moments(x, o, n, BLOCK: tl.constexpr):
    """Mean and sum of squared differences, by a reduction of triples."""
    i = tl.arange(0, BLOCK)
    value = tl.load(x + i, mask=i < n, other=0.0)
    count = tl.where(i < n, 1.0, 0.0)
    count, mean, square = tl.reduce((count, value, tl.zeros([BLOCK], tl.float32)), 0, merge_moments)
    tl.store(o, mean)
    tl.store(o + 1, square)


@triton.jit
def follow(a, b, other_a, other_b):
    return a * other_a, other_a * b + other_b


@variant("recurrence", "a: *i32, b: *i32, o: *i32, back: *i32", {"M": 4, "N": 256})
@variant("recurrence_1", "a: *i32, b: *i32, o: *i32, back: *i32", {"M": 8, "N": 32}, warps=1)
@triton.jit
def recurrence(a, b, o, back, M: tl.constexpr, N: tl.constexpr):
    """h[i] = a[i] * h[i - 1] + b[i], and from the other end, by an associative scan of pairs."""
    at = tl.arange(0, M)[:, None] * N + tl.arange(0, N)[None, :]
    left, right = tl.load(a + at), tl.load(b + at)
    _, result = tl.associative_scan((left, right), 1, follow)
    tl.store(o + at, result)
    _, result = tl.associative_scan((left, right), 1, follow, reverse=True)
    tl.store(back + at, result)


@variant("prefix_sums", "x: *fp32, o: *fp32, down: *i32", {"M": 128, "N": 16})
@triton.jit
def prefix_sums(x, o, down, M: tl.constexpr, N: tl.constexpr):
    at = tl.arange(0, M)[:, None] * N + tl.arange(0, N)[None, :]
    value = tl.load(x + at)
    tl.store(o + at, tl.cumsum(value, 1))
    tl.store(down + at, tl.cumsum(value.to(tl.int32), 0))


@variant("sort", "x: *i32, up: *i32, down: *i32", {"M": 4, "N": 128})
@triton.jit
def sort(x, up, down, M: tl.constexpr, N: tl.constexpr):
    at = tl.arange(0, M)[:, None] * N + tl.arange(0, N)[None, :]
    value = tl.load(x + at)
    tl.store(up + at, tl.sort(value, 1))
    tl.store(down + at, tl.flip(tl.sort(value, 1), 1))


@variant("histogram", "x: *i32, o: *i32, n: i32", {"BLOCK": 512, "BINS": 64})
@triton.jit
def histogram(x, o, n, BLOCK: tl.constexpr, BINS: tl.constexpr):
    """Counts of a tile by tl.histogram, added to those of all by atomics."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    value = tl.load(x + i, mask=i < n, other=0)
    counts = tl.histogram(value, BINS, mask=i < n)
    tl.atomic_add(o + tl.arange(0, BINS), counts)


@variant("tile_gather", "x: *fp32, index: *i32, o: *fp32, pairs: *fp32", {"M": 64, "N": 32})
@triton.jit
def tile_gather(x, index, o, pairs, M: tl.constexpr, N: tl.constexpr):
    """Elements of a tile by indices of another; interleaving, and splitting again."""
    at = tl.arange(0, M)[:, None] * N + tl.arange(0, N)[None, :]
    tile = tl.load(x + at)
    picked = tl.gather(tile, tl.load(index + at), 0)
    tl.store(o + at, picked)
    both = tl.interleave(tile, picked)
    tl.store(pairs + tl.arange(0, M)[:, None] * (2 * N) + tl.arange(0, 2 * N)[None, :], both)
    left, right = tl.split(tl.reshape(both, (M, N, 2)))
    tl.store(o + M * N + at, left - right)
