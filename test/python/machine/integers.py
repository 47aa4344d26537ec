# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Forms of sections 9.7.1 (integers), 9.7.2 (extended precision), 9.7.8 (logic, shifts) and 9.7.9.7 (prmt) of the manual."""

from machine.forms import Form, instruction, predicate

BITS = {"16": "u16", "32": "u32", "64": "u64"}


def of(type_name):
    """The set of values of a type, and its width."""
    digits = type_name[1:3]
    return BITS[digits], int(digits)


def sums():
    for t in ("u16", "s16", "u32", "s32", "u64", "s64"):
        x, w = of(t)
        for name in ("add", "sub", "min", "max", "mul.lo", "mul.hi", "div", "rem"):
            yield instruction(f"{name}.{t}", (x, x), w)
        for name in ("mad.lo", "mad.hi", "sad"):
            yield instruction(f"{name}.{t}", (x, x, x), w)
        if t[0] == "s":
            yield instruction(f"abs.{t}", (x,), w)
            yield instruction(f"neg.{t}", (x,), w)
        if w < 64:
            yield instruction(f"mul.wide.{t}", (x, x), 2 * w)
            yield instruction(f"mad.wide.{t}", (x, x, f"u{2 * w}"), 2 * w)
    for name in ("add.sat", "sub.sat", "min.relu", "max.relu"):
        yield instruction(f"{name}.s32", ("u32", "u32"), 32)
    yield instruction("mad.hi.sat.s32", ("u32", "u32", "u32"), 32)
    yield instruction("mad24.hi.sat.s32", ("u32", "u32", "u32"), 32)
    for t in ("u32", "s32"):
        for part in ("lo", "hi"):
            yield instruction(f"mul24.{part}.{t}", ("u32", "u32"), 32)
            yield instruction(f"mad24.{part}.{t}", ("u32", "u32", "u32"), 32)
    for t in ("u16x2", "s16x2"):
        for name in ("add", "min", "max"):
            yield instruction(f"{name}.{t}", ("u32", "u32"), 32)
    for name in ("min", "max"):
        yield instruction(f"{name}.s16x2.relu", ("u32", "u32"), 32)


def carries():
    """Two words each: the sum, and what is carried out, seen by the next one."""
    for t in ("u32", "s32"):
        two = ("u32", "u32")
        pair = "mov.b64 {d}, {{t0, t1}};"
        for first, second in (("add", "addc"), ("sub", "subc")):
            yield Form(f"{first}.cc.{t} t0, {{a}}, {{b}}; {second}.{t} t1, 0, 0; {pair}", two, 64)
            yield Form(f"{first}.cc.{t} t0, {{a}}, {{b}}; {second}.cc.{t} t1, {{b}}, {{a}}; {second}.{t} t2, 0, 0; "
                       "mov.b64 {d}, {{t1, t2}};", two, 64)
        for part in ("lo", "hi"):
            three = ("u32", "u32", "u32")
            yield Form(f"mad.{part}.cc.{t} t0, {{a}}, {{b}}, {{c}}; addc.{t} t1, 0, 0; {pair}", three, 64)
            yield Form(f"add.cc.{t} t2, {{a}}, {{c}}; madc.{part}.cc.{t} t0, {{a}}, {{b}}, {{c}}; addc.{t} t1, 0, 0; {pair}",
                       three, 64)
            yield Form(f"add.cc.{t} t2, {{a}}, {{c}}; madc.{part}.{t} t0, {{a}}, {{b}}, {{c}}; mov.b32 t1, t2; {pair}", three, 64)
    for t in ("u64", "s64"):
        two, three = ("u64", "u64"), ("u64", "u64", "u64")
        for first, second in (("add", "addc"), ("sub", "subc")):
            yield Form(f"{first}.cc.{t} x0, {{a}}, {{b}}; {second}.{t} {{d}}, 0, 0;", two, 64)
            yield Form(f"{first}.cc.{t} x0, {{a}}, {{b}}; {second}.cc.{t} {{d}}, {{b}}, {{a}};", two, 64)
            yield Form(f"{first}.cc.{t} x0, {{a}}, {{b}}; {second}.cc.{t} x1, {{b}}, {{a}}; {second}.{t} {{d}}, 0, 0;", two, 64)
        for part in ("lo", "hi"):
            yield Form(f"mad.{part}.cc.{t} x0, {{a}}, {{b}}, {{c}}; addc.{t} {{d}}, 0, 0;", three, 64)
            yield Form(f"add.cc.{t} x0, {{a}}, {{c}}; madc.{part}.cc.{t} {{d}}, {{a}}, {{b}}, {{c}};", three, 64)
            yield Form(f"add.cc.{t} x0, {{a}}, {{c}}; madc.{part}.cc.{t} x1, {{a}}, {{b}}, {{c}}; addc.{t} {{d}}, 0, 0;",
                       three, 64)


def bits():
    # Of 64 bits, positions and lengths above 255 are not allowed, and machines do not take their low bytes.
    fields = {32: ("shift", "shift"), 64: ("byte", "byte")}
    for w in (32, 64):
        x = f"u{w}"
        for name in ("popc", "clz"):
            yield instruction(f"{name}.b{w}", (x,), 32)
        yield instruction(f"brev.b{w}", (x,), w)
        for t in "us":
            yield instruction(f"bfind.{t}{w}", (x,), 32)
            yield instruction(f"bfind.shiftamt.{t}{w}", (x,), 32)
            yield instruction(f"bfe.{t}{w}", (x, *fields[w]), w)
        yield instruction(f"bfi.b{w}", (x, x, *fields[w]), w)
    for w in (16, 32, 64):
        x = f"u{w}"
        for name in ("and", "or", "xor"):
            yield instruction(f"{name}.b{w}", (x, x), w)
        yield instruction(f"not.b{w}", (x,), w)
        yield instruction(f"cnot.b{w}", (x,), w)
        yield instruction(f"shl.b{w}", (x, "shift"), w)
        for t in "bus":
            yield instruction(f"shr.{t}{w}", (x, "shift"), w)
    for mode in ("clamp", "wrap"):
        for side in "lr":
            yield instruction(f"shf.{side}.{mode}.b32", ("u32", "u32", "shift"), 32)
        for t in ("u32", "s32"):
            yield instruction(f"szext.{mode}.{t}", ("u32", "shift"), 32)
        yield instruction(f"bmsk.{mode}.b32", ("shift", "shift"), 32)
    for table in (0, 1, 2, 4, 8, 16, 32, 64, 128, 0x1B, 0x3A, 0x78, 0x96, 0xB8, 0xCA, 0xE4, 0xE8, 0xFE, 0xFF):
        yield Form(f"lop3.b32 {{d}}, {{a}}, {{b}}, {{c}}, {table};", ("u32", "u32", "u32"), 32)
    for mode in ("or", "and"):
        yield Form(f"setp.lt.u32 q, {{a}}, {{b}}; lop3.{mode}.b32 t0|p, {{a}}, {{b}}, {{c}}, 0x80, q; "
                   "selp.b32 {d}, 1, 0, p;", ("u32", "u32", "u32"), 32)
        yield Form(f"setp.lt.u32 q, {{a}}, {{b}}; lop3.{mode}.b32 {{d}}|p, {{a}}, {{b}}, {{c}}, 0x96, !q; "
                   "@p add.u32 {d}, {d}, 1;", ("u32", "u32", "u32"), 32)
    yield Form("fns.b32 {d}, {a}, {b}, {c};", ("u32", "lane", "offset"), 32)
    for mode in ("", ".f4e", ".b4e", ".rc8", ".ecl", ".ecr", ".rc16"):
        yield instruction(f"prmt.b32{mode}", ("u32", "u32", "u32"), 32)
    for a in ("u32", "s32"):
        for b in ("u32", "s32"):
            for name in ("dp4a", "dp2a.lo", "dp2a.hi"):
                yield instruction(f"{name}.{a}.{b}", ("u32", "u32", "u32"), 32)


def wide():
    """128 bits, whose upper and lower halves are told apart."""
    two = ("u64", "u64")
    yield Form(".reg .b128 w; mov.b128 w, {{{a}, {b}}}; mov.b128 {{x0, x1}}, w; sub.u64 {d}, x0, x1;", two, 64)
    for space in ("global", "shared"):
        at = f"[{{{space}}}]"
        yield Form(f"st.{space}.v2.b64 {at}, {{{{{{a}}, {{b}}}}}}; .reg .b128 w; ld.{space}.b128 w, {at}; "
                   "mov.b128 {{x0, x1}}, w; sub.u64 {d}, x1, x0;", two, 64)
        for name, operands in (("exch", "v"), ("cas", "w, v")):
            yield Form(f"st.{space}.v2.b64 {at}, {{{{{{a}}, {{b}}}}}}; .reg .b128 w, v, o; mov.b128 w, {{{{{{a}}, {{b}}}}}}; "
                       f"mov.b128 v, {{{{{{b}}, 7}}}}; atom.{space}.{name}.b128 o, {at}, {operands}; "
                       f"mov.b128 {{{{x0, x1}}}}, o; ld.{space}.v2.b64 {{{{x2, x3}}}}, {at}; "
                       "sub.u64 x0, x0, x1; sub.u64 x2, x2, x3; xor.b64 {d}, x0, x2;", two, 64)


def select():
    for t in ("b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"):
        x, w = of(t)
        yield Form(f"setp.ge.s32 p, {{c}}, 3; selp.{t} {{d}}, {{a}}, {{b}}, p;", (x, x, "u32"), w)
        yield instruction(f"slct.{t}.s32", (x, x, "u32"), w)
        yield instruction(f"slct.{t}.f32", (x, x, "f32"), w)
        yield instruction(f"slct.ftz.{t}.f32", (x, x, "f32"), w)


def forms():
    for part in (sums, carries, bits, wide, select):
        yield from part()
