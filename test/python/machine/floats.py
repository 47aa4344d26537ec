# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Forms of sections 9.7.3 (f32, f64), 9.7.4 (f16, bf16), 9.7.6 and 9.7.7 (comparisons) of the manual."""

import itertools

from machine.forms import Form, instruction, predicate
from machine.values import width

ROUNDINGS = (".rn", ".rz", ".rm", ".rp")
FLAGS = ("", ".ftz", ".sat", ".ftz.sat")
RELATIONS = ("eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan")


def single():
    two, three = ("f32", "f32"), ("f32", "f32", "f32")
    for rounding, flags in itertools.product(ROUNDINGS, FLAGS):
        for name in ("add", "sub", "mul"):
            yield instruction(f"{name}{rounding}{flags}.f32", two, 32)
        yield instruction(f"fma{rounding}{flags}.f32", three, 32)
        yield instruction(f"mad{rounding}{flags}.f32", three, 32)
    for rounding, flags in itertools.product(ROUNDINGS, FLAGS[:2]):
        yield instruction(f"div{rounding}{flags}.f32", two, 32)
        for name in ("rcp", "sqrt"):
            yield instruction(f"{name}{rounding}{flags}.f32", ("f32",), 32)
    for flags in FLAGS[:2]:
        for name in ("abs", "neg"):
            yield instruction(f"{name}{flags}.f32", ("f32",), 32)
        for name, nan, magnitude in itertools.product(("min", "max"), ("", ".NaN"), ("", ".xorsign.abs")):
            yield instruction(f"{name}{flags}{nan}{magnitude}.f32", two, 32)
    for name in ("add", "sub", "mul"):
        yield instruction(f"{name}.f32", two, 32)
    for t in ("f32", "f64"):
        yield instruction(f"copysign.{t}", (t, t), width(t))
        for test in ("finite", "infinite", "number", "notanumber", "normal", "subnormal"):
            yield predicate(f"testp.{test}.{t}", (t,))


def double():
    two, three = ("f64", "f64"), ("f64", "f64", "f64")
    for rounding in ROUNDINGS:
        for name in ("add", "sub", "mul", "div"):
            yield instruction(f"{name}{rounding}.f64", two, 64)
        for name in ("rcp", "sqrt"):
            yield instruction(f"{name}{rounding}.f64", ("f64",), 64)
        yield instruction(f"fma{rounding}.f64", three, 64)
    for name in ("min", "max"):
        yield instruction(f"{name}.f64", two, 64)
    for name in ("abs", "neg"):
        yield instruction(f"{name}.f64", ("f64",), 64)


def small():
    for t in ("f16", "f16x2", "bf16", "bf16x2"):
        w, is_half = width(t), t[0] == "f"
        two, three = (t, t), (t, t, t)
        for flags in FLAGS if is_half else ("",):
            for name in ("add", "sub", "mul"):
                yield instruction(f"{name}.rn{flags}.{t}", two, w)
            yield instruction(f"fma.rn{flags}.{t}", three, w)
        for flags in FLAGS[:2] if is_half else ("",):
            yield instruction(f"fma.rn{flags}.relu.{t}", three, w)
            for name in ("abs", "neg"):
                yield instruction(f"{name}{flags}.{t}", (t,), w)
            for name, nan, magnitude in itertools.product(("min", "max"), ("", ".NaN"), ("", ".xorsign.abs")):
                yield instruction(f"{name}{flags}{nan}{magnitude}.{t}", two, w)


def approximations():
    """The manual bounds their errors."""
    for flags in FLAGS[:2]:
        for name in ("rcp", "sqrt", "rsqrt", "lg2", "ex2"):
            yield instruction(f"{name}.approx{flags}.f32", ("f32",), 32, approximate=True)
        for name in ("sin", "cos"):
            yield instruction(f"{name}.approx{flags}.f32", ("angle",), 32, approximate=True)
        for form in ("approx", "full"):
            yield instruction(f"div.{form}{flags}.f32", ("f32", "f32"), 32, approximate=True)
    yield instruction("tanh.approx.f32", ("f32",), 32, approximate=True)
    for t in ("f16", "f16x2", "bf16", "bf16x2"):
        yield instruction(f"ex2.approx{'' if t[0] == 'f' else '.ftz'}.{t}", (t,), width(t), approximate=True)
        yield instruction(f"tanh.approx.{t}", (t,), width(t), approximate=True)
    for name in ("rcp", "rsqrt"):
        yield instruction(f"{name}.approx.ftz.f64", ("f64",), 64, approximate=True)
    yield instruction("rsqrt.approx.f64", ("f64",), 64, approximate=True)


def near_zero():
    """`.ftz` where rounding decides whether a result is a normal number."""
    for rounding, flags in itertools.product(ROUNDINGS, ("", ".ftz", ".ftz.sat")):
        yield instruction(f"mul{rounding}{flags}.f32", ("near.product", "near.product"), 32)
        yield instruction(f"fma{rounding}{flags}.f32", ("near.product", "near.product", "near.product"), 32)
    for rounding, flags in itertools.product(ROUNDINGS, FLAGS[:2]):
        yield instruction(f"div{rounding}{flags}.f32", ("near.quotient", "near.quotient"), 32)
        yield instruction(f"rcp{rounding}{flags}.f32", ("near.reciprocal",), 32)
        yield instruction(f"cvt{rounding}{flags}.f32.f64", ("near.f64",), 32)
    for flags in FLAGS:
        yield instruction(f"mul.rn{flags}.f16", ("near16.product", "near16.product"), 16)
        yield instruction(f"fma.rn{flags}.f16", ("near16.product", "near16.product", "near16.product"), 16)


def comparisons():
    for t in ("f16", "f16x2", "bf16", "bf16x2", "f32", "f64"):
        for relation, flags in itertools.product(RELATIONS, FLAGS[:2] if t in ("f16", "f16x2", "f32") else ("",)):
            if t.endswith("x2"):
                yield Form(f"setp.{relation}{flags}.{t} p|q, {{a}}, {{b}}; selp.b32 {{d}}, 1, 0, p; @q add.u32 {{d}}, {{d}}, 2;",
                           (t, t), 32)
            else:
                yield predicate(f"setp.{relation}{flags}.{t}", (t, t))
    for t in ("b16", "u16", "s16", "b32", "u32", "s32", "b64", "u64", "s64"):
        x = "u" + t[1:]
        known = ("eq", "ne") if t[0] == "b" else ("eq", "ne", "lt", "le", "gt", "ge")
        for relation in (*known, *(("lo", "ls", "hi", "hs") if t[0] == "u" else ())):
            yield predicate(f"setp.{relation}.{t}", (x, x))
    for t, combination, sign in itertools.product(("u32", "f32", "f64"), ("and", "or", "xor"), ("", "!")):
        yield Form(f".reg .pred r; and.b32 t0, {{c}}, 4; setp.ne.u32 r, t0, 0; setp.lt.{combination}.{t} p|q, {{a}}, {{b}}, {sign}r; "
                   "selp.b32 {d}, 1, 0, p; @q add.u32 {d}, {d}, 2;", (t, t, "u32"), 32)
    for into in ("u32", "s32", "f32"):
        for t in ("u16", "s16", "u32", "s32", "b32", "u64", "s64", "f32", "f64"):
            x = "u32" if t == "b32" else t if t[0] == "f" else "u" + t[1:]
            for relation in ("eq", "ne") if t[0] == "b" else ("eq", "ne", "lt", "ge"):
                yield instruction(f"set.{relation}.{into}.{t}", (x, x), 32)
        for flags, relation in itertools.product(FLAGS[:2], ("ltu", "nan", "geu")):
            yield instruction(f"set.{relation}{flags}.{into}.f32", ("f32", "f32"), 32)
    yield Form("setp.lt.u32 p, {c}, 77; set.lt.and.u32.f32 {d}, {a}, {b}, !p;", ("f32", "f32", "u32"), 32)
    for relation, flags in itertools.product(("eq", "ne", "lt", "gtu", "num"), FLAGS[:2]):
        for into in ("f16", "u16", "s16", "u32", "s32"):
            yield instruction(f"set.{relation}{flags}.{into}.f16", ("f16", "f16"), 32 if into[1:] == "32" else 16)
        yield instruction(f"set.{relation}{flags}.f16x2.f16x2", ("f16x2", "f16x2"), 32)
    for relation in ("eq", "ne", "lt", "gtu", "num"):
        for into in ("bf16", "u16", "s16", "u32", "s32"):
            yield instruction(f"set.{relation}.{into}.bf16", ("bf16", "bf16"), 32 if into[1:] == "32" else 16)
        yield instruction(f"set.{relation}.bf16x2.bf16x2", ("bf16x2", "bf16x2"), 32)


def forms():
    for part in (single, double, small, near_zero, approximations, comparisons):
        yield from part()
