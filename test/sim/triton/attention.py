#===- attention.py - attention in one pass, in Triton ------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import triton
import triton.language as tl

from variants import variant

TYPES = "q: *fp16, k: *fp16, v: *fp16, o: *fp32, count: i32, scale: fp32"


@triton.jit
def exp2(x):
    """As tl.exp2, which takes it out of the device library."""
    return tl.inline_asm_elementwise("ex2.approx.ftz.f32 $0, $1;", "=f,f", [x], dtype=tl.float32, is_pure=True, pack=1)


@variant("attention", TYPES, {"DEPTH": 32, "BLOCK_M": 32, "BLOCK_N": 32, "IS_CAUSAL": False}, stages=2, archs=(75, 80))
@variant("attention_causal", TYPES, {"DEPTH": 64, "BLOCK_M": 64, "BLOCK_N": 32, "IS_CAUSAL": True}, stages=3, archs=(80,))
@triton.jit
def attention(q, k, v, o, count, scale, DEPTH: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr,
              IS_CAUSAL: tl.constexpr):
    """Rows of softmax(scale * q k^T) v, tile by tile, with a running maximum. `scale` has log2(e) in it."""
    i = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    d = tl.arange(0, DEPTH)
    head = tl.program_id(1) * count * DEPTH
    query = tl.load(q + head + i[:, None] * DEPTH + d[None, :], mask=i[:, None] < count, other=0.0)
    most = tl.full([BLOCK_M], -1.0e30, tl.float32)
    total = tl.zeros([BLOCK_M], tl.float32)
    sums = tl.zeros([BLOCK_M, DEPTH], tl.float32)
    end = count
    if IS_CAUSAL:
        end = tl.minimum(count, (tl.program_id(0) + 1) * BLOCK_M)
    for start in range(0, end, BLOCK_N):
        j = start + tl.arange(0, BLOCK_N)
        key = tl.load(k + head + j[None, :] * DEPTH + d[:, None], mask=j[None, :] < count, other=0.0)
        score = tl.dot(query, key) * scale
        keep = j[None, :] < count
        if IS_CAUSAL:
            keep = keep & (j[None, :] <= i[:, None])
        score = tl.where(keep, score, -1.0e30)
        higher = tl.maximum(most, tl.max(score, 1))
        power = exp2(score - higher[:, None])
        shrink = exp2(most - higher)
        total = total * shrink + tl.sum(power, 1)
        value = tl.load(v + head + j[:, None] * DEPTH + d[None, :], mask=j[:, None] < count, other=0.0)
        sums = tl.dot(power.to(tl.float16), value, sums * shrink[:, None])
        most = higher
    tl.store(o + head + i[:, None] * DEPTH + d[None, :], sums / total[:, None], mask=i[:, None] < count)
