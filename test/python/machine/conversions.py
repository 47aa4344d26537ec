# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Forms of section 9.7.9.21 of the manual: every pair of types, with every rounding and modifier."""

import itertools

from machine.forms import Form, instruction

INTEGERS = ("u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64")
FLOATS = ("f16", "bf16", "f32", "f64")
WIDTHS = {"u8": 8, "s8": 8, "u16": 16, "s16": 16, "u32": 32, "s32": 32, "u64": 64, "s64": 64, "f16": 16, "bf16": 16, "f32": 32,
          "f64": 64}
NEAREST = (".rn", ".rz", ".rm", ".rp")
INTEGRAL = (".rni", ".rzi", ".rmi", ".rpi")


def operand(t):
    return t if t in FLOATS else {8: "u32", 16: "u16", 32: "u32", 64: "u64"}[WIDTHS[t]]


def result(t):
    return max(32, WIDTHS[t]) if WIDTHS[t] == 8 else WIDTHS[t]


def holds(to, source):
    """Whether an integer type has every number of another: then there is nothing to saturate."""
    spare = WIDTHS[to] - WIDTHS[source]
    return spare >= 0 if to[0] == source[0] else to[0] == "s" and spare > 0


def of_integers():
    for to, source in itertools.product(INTEGERS, INTEGERS):
        for sat in ("",) if holds(to, source) else ("", ".sat"):
            yield instruction(f"cvt{sat}.{to}.{source}", (operand(source),), result(to))
    # Into and out of registers that are wider than the type.
    for to, source in itertools.product(INTEGERS, INTEGERS):
        if WIDTHS[to] < 32:
            yield instruction(f"cvt.{to}.{source}", (operand(source),), 64)
        if WIDTHS[source] < 32:
            yield instruction(f"cvt.{to}.{source}", ("u64",), result(to))


def between():
    for to, source in itertools.product(FLOATS, INTEGERS):
        if to == "bf16" and WIDTHS[source] == 8:
            continue
        for rounding, sat in itertools.product(NEAREST, ("", ".sat") if to != "bf16" else ("",)):
            yield instruction(f"cvt{rounding}{sat}.{to}.{source}", (operand(source),), result(to))
    for to, source in itertools.product(INTEGERS, FLOATS):
        if source == "bf16" and WIDTHS[to] == 8:
            continue
        sats = ("", ".sat") if source != "bf16" else ("",)
        for rounding, flush, sat in itertools.product(INTEGRAL, ("", ".ftz") if source == "f32" else ("",), sats):
            yield instruction(f"cvt{rounding}{flush}{sat}.{to}.{source}", (source,), result(to))


def of_floats():
    for to, source in itertools.product(FLOATS, FLOATS):
        flushes = ("", ".ftz") if "f32" in (to, source) else ("",)
        sats = ("", ".sat") if "bf16" not in (to, source) else ("",)
        if to == source:
            for rounding, flush, sat in itertools.product(INTEGRAL, flushes, sats):
                yield instruction(f"cvt{rounding}{flush}{sat}.{to}.{source}", (source,), result(to))
            if to != "bf16":
                for flush, sat in itertools.product(flushes, sats):
                    yield instruction(f"cvt{flush}{sat}.{to}.{source}", (source,), result(to))
        elif WIDTHS[to] > WIDTHS[source]:
            for flush, sat in itertools.product(flushes, sats):
                yield instruction(f"cvt{flush}{sat}.{to}.{source}", (source,), result(to))
        else:
            for rounding, flush, sat in itertools.product(NEAREST, flushes, sats):
                yield instruction(f"cvt{rounding}{flush}{sat}.{to}.{source}", (source,), result(to))
    for to, rounding, relu, finite in itertools.product(("f16", "bf16"), (".rn", ".rz"), ("", ".relu"), ("", ".satfinite")):
        if relu or finite:
            yield instruction(f"cvt{rounding}{relu}{finite}.{to}.f32", ("f32",), 16)


def packed():
    for to, rounding, relu, finite in itertools.product(("f16x2", "bf16x2"), (".rn", ".rz"), ("", ".relu"), ("", ".satfinite")):
        yield instruction(f"cvt{rounding}{relu}{finite}.{to}.f32", ("f32", "f32"), 32)
    for to, relu in itertools.product(("e4m3x2", "e5m2x2"), ("", ".relu")):
        yield instruction(f"cvt.rn.satfinite{relu}.{to}.f32", ("f32", "f32"), 16)
        yield instruction(f"cvt.rn.satfinite{relu}.{to}.f16x2", ("f16x2",), 16)
        yield instruction(f"cvt.rn{relu}.f16x2.{to}", ("u16",), 32)
    for rounding, relu in ((".rna", ""), (".rn", ""), (".rn", ".relu"), (".rz", ""), (".rz", ".relu")):
        for finite in ("", ".satfinite"):
            if rounding == ".rna" or not finite:
                yield instruction(f"cvt{rounding}{relu}{finite}.tf32.f32", ("f32",), 32)
    for to in ("u16", "s16"):
        yield instruction(f"cvt.pack.sat.{to}.s32", ("u32", "u32"), 32)
    for to in ("u8", "s8", "u4", "s4", "u2", "s2"):
        yield instruction(f"cvt.pack.sat.{to}.s32.b32", ("u32", "u32", "u32"), 32)


def forms():
    for part in (of_integers, between, of_floats, packed):
        yield from part()
