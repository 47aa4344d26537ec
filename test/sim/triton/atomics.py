#===- atomics.py - Triton kernels whose programs meet in memory ---------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import triton
import triton.language as tl

from variants import variant


@variant("atomic_kinds", "x: *i32, o: *i32, u: *i32, f: *fp32, h: *fp16, old: *i32, n: i32", {"BLOCK": 128})
@triton.jit
def atomic_kinds(x, o, u, f, h, old, n, BLOCK: tl.constexpr):
    """Every kind of atomic on one word each, and on an array of f16."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    value = tl.load(x + i, mask=mask, other=0)
    zero = tl.zeros([BLOCK], tl.int32)
    tl.store(old + i, tl.atomic_add(o + zero, 1, mask=mask), mask=mask)
    tl.atomic_max(o + 1 + zero, value, mask=mask)
    tl.atomic_min(o + 2 + zero, value, mask=mask)
    tl.atomic_and(o + 3 + zero, value, mask=mask)
    tl.atomic_or(o + 4 + zero, value, mask=mask)
    tl.atomic_xor(o + 5 + zero, value, mask=mask, sem="relaxed")
    tl.atomic_max(u.to(tl.pointer_type(tl.uint32)) + zero, value.to(tl.uint32, bitcast=True), mask=mask)
    tl.atomic_add(f + zero, (value & 15).to(tl.float32), mask=mask, sem="relaxed")
    tl.atomic_max(f + 1 + zero, value.to(tl.float32), mask=mask)
    tl.atomic_add(h + (i % 64), (value & 3).to(tl.float16), mask=mask, sem="relaxed")


@variant("locked_sum", "x: *fp32, lock: *i32, o: *fp32, n: i32", {"BLOCK": 128})
@triton.jit
def locked_sum(x, lock, o, n, BLOCK: tl.constexpr):
    """Programs add to one tile in turn: a lock by compare and swap, given back by an exchange. An element for each thread: of
    fewer, threads that have the same one read it without a barrier before one of them writes it."""
    i = tl.arange(0, BLOCK)
    value = tl.load(x + tl.program_id(0) * BLOCK + i)
    while tl.atomic_cas(lock, 0, 1) == 1:
        pass
    tl.store(o + i, tl.load(o + i) + value)
    tl.debug_barrier()
    tl.atomic_xchg(lock, 0)


@variant("last_program", "x: *i32, parts: *i32, count: *i32, o: *i32, n: i32", {"BLOCK": 128, "PROGRAMS": 8})
@triton.jit
def last_program(x, parts, count, o, n, BLOCK: tl.constexpr, PROGRAMS: tl.constexpr):
    """Each program leaves a partial sum; the last to arrive adds them."""
    pid = tl.program_id(0)
    i = pid * BLOCK + tl.arange(0, BLOCK)
    tl.store(parts + pid, tl.sum(tl.load(x + i, mask=i < n, other=0), 0))
    tl.debug_barrier()
    before = tl.atomic_add(count, 1)
    if before == PROGRAMS - 1:
        tl.store(o, tl.sum(tl.load(parts + tl.arange(0, PROGRAMS)), 0))
