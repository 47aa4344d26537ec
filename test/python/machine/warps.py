# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Forms of what the lanes of a warp do together, and of accesses and atomics on memory that is a thread's own. Threads that
are not in a member mask have the result 0. Shuffles read from members only; from others the result would be undefined."""

import itertools

from machine.forms import Form
from machine.values import width

MASKS = (0xFFFFFFFF, 0x0000FFFF, 0x55555555, 0xF000000F, 0x80000001, 0x00010000)
# Last lanes and segments, as the compilers' intrinsics encode them for widths of 32 to 1, and others.
LIMITS = (0x1F, 0x0, 0x101F, 0x181F, 0x1C1F, 0x1E1F, 0x1F1F, 0x1000, 0x1C00, 0x1E00, 0x0807, 0x0410, 0x1F00, 0x0A15)


def among(mask, text):
    """Instructions that the lanes of a mask execute. The first one needs the guard `@p`."""
    return (f"mov.u32 t0, %lanemask_eq; and.b32 t0, t0, {mask:#x}; setp.ne.u32 p, t0, 0; mov.b{{w}} {{d}}, 0; {text}")


def shuffles():
    for mode in ("up", "down", "bfly", "idx"):
        for limit in LIMITS:
            yield Form(f"shfl.sync.{mode}.b32 t1|p, {{a}}, {{b}}, {limit:#x}, -1; selp.b32 t0, 1, 0, p; mov.b64 {{d}}, {{{{t1, t0}}}};",
                       ("u32", "lane"), 64)
        yield Form(f"shfl.sync.{mode}.b32 t1|p, {{a}}, {{b}}, {{c}}, -1; selp.b32 t0, 1, 0, p; mov.b64 {{d}}, {{{{t1, t0}}}};",
                   ("u32", "u32", "u32"), 64)
    for mask, lane in ((0x0000FFFF, 7), (0x55555555, 30), (0x80000001, 31), (0x00010000, 16)):
        yield Form(among(mask, f"@p shfl.sync.idx.b32 {{d}}, {{a}}, {lane}, 0x1f, {mask:#x};").replace("{w}", "32"), ("u32",), 32)


def agreements():
    for mask in MASKS:
        for mode, sign in itertools.product(("all", "any", "uni"), ("", "!")):
            text = f"setp.gt.u32 q, {{a}}, 7; @p vote.sync.{mode}.pred q, {sign}q, {mask:#x}; @p selp.b32 {{d}}, 1, 2, q;"
            yield Form(among(mask, text).replace("{w}", "32"), ("few",), 32)
            yield Form(among(mask, text).replace("{w}", "32"), ("u32",), 32)
        text = f"setp.gt.u32 q, {{a}}, 7; @p vote.sync.ballot.b32 {{d}}, q, {mask:#x};"
        yield Form(among(mask, text).replace("{w}", "32"), ("few",), 32)
        for values, bits in (("few", 32), ("u32", 32), ("u64", 64)):
            yield Form(among(mask, f"@p match.any.sync.b{bits} {{d}}, {{a}}, {mask:#x};").replace("{w}", "32"), (values,), 32)
            yield Form(among(mask, f"@p match.all.sync.b{bits} {{d}}|q, {{a}}, {mask:#x}; @p selp.b32 t1, 1, 0, q; "
                             "@p xor.b32 {d}, {d}, t1;").replace("{w}", "32"), (values,), 32)
        yield Form(among(mask, f"and.b32 t2, {{a}}, 0; @p match.all.sync.b32 {{d}}|q, t2, {mask:#x}; @p selp.b32 t1, 1, 0, q; "
                         "@p xor.b32 {d}, {d}, t1;").replace("{w}", "32"), ("u32",), 32)
        for operation in ("add.u32", "add.s32", "min.u32", "min.s32", "max.u32", "max.s32", "and.b32", "or.b32", "xor.b32"):
            for values in ("u32", "few"):
                yield Form(among(mask, f"@p redux.sync.{operation} {{d}}, {{a}}, {mask:#x};").replace("{w}", "32"), (values,), 32)
        yield Form(among(mask, f"@p elect.sync t1|q, {mask:#x}; @p selp.b32 {{d}}, 64, 32, q; @p add.u32 {{d}}, {{d}}, t1;")
                   .replace("{w}", "32"), ("few",), 32)
    yield Form("setp.lt.u32 p, {a}, 2; mov.b32 {d}, 0; @p activemask.b32 t0; activemask.b32 {d};", ("few",), 32)


def accesses():
    at = {space: f"[{{{space}}}]" for space in ("global", "shared")}
    for space in at:
        for t in ("u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "b8", "b16", "b32", "b64"):
            w = int(t[1:])
            for into in (32, 64):
                if w <= into:
                    yield Form(f"st.{space}.b64 {at[space]}, {{a}}; ld.{space}.{t} {{d}}, {at[space]};", ("u64",), into)
        for w in (8, 16, 32):
            yield Form(f"mov.b64 {{d}}, -2; st.{space}.b64 {at[space]}, {{d}}; st.{space}.u{w} {at[space]}, {{a}}; "
                       f"ld.{space}.b64 {{d}}, {at[space]};", ("u64",), 64)
        yield Form(f"st.{space}.b64 {at[space]}, {{a}}; ld.{space}.v2.b32 {{{{t0, t1}}}}, {at[space]}; mov.b64 {{d}}, {{{{t1, t0}}}};",
                   ("u64",), 64)
        yield Form(f"st.{space}.b64 {at[space]}, {{a}}; ld.{space}.v4.u16 {{{{h0, h1, h2, h3}}}}, {at[space]}; "
                   "mov.b64 {d}, {{h3, h2, h1, h0}};", ("u64",), 64)
        yield Form(f"st.{space}.b64 {at[space]}, {{a}}; ld.{space}.v4.s8 {{{{t0, t1, t2, t3}}}}, {at[space]}; "
                   "add.u32 t0, t0, t1; mad.lo.u32 t2, t2, 77, t3; mov.b64 {d}, {{t0, t2}};", ("u64",), 64)
    yield Form("mov.b64 {{t0, t1}}, {a}; mov.b64 {d}, {{t1, t0}};", ("u64",), 64)
    yield Form("mov.b64 {{h0, h1, h2, h3}}, {a}; mov.b64 {d}, {{h2, h0, h3, h1}};", ("u64",), 64)


OPERATIONS = {"and": ("b32", "b64"), "or": ("b32", "b64"), "xor": ("b32", "b64"), "exch": ("b32", "b64"),
              "add": ("u32", "s32", "u64", "f32", "f64", "f16", "f16x2", "bf16", "bf16x2"), "inc": ("u32",), "dec": ("u32",),
              "min": ("u32", "s32", "u64", "s64"), "max": ("u32", "s32", "u64", "s64")}


def atomics():
    """What was there and what is there afterwards; of 64 bits in two forms."""
    for name, types in OPERATIONS.items():
        for t, space in itertools.product(types, ("global", "shared", "")):
            x = t if t in ("f32", "f64", "f16", "f16x2", "bf16", "bf16x2") else "u" + t[1:]
            w = width(x)
            address = "[{shared}]" if space == "shared" else "[{global}]"
            dot, memory = "." + space if space else "", "shared" if space == "shared" else "global"
            more = ".noftz" if "16" in t else ""
            store = f"st.{memory}.b{w} {address}, {{a}}; "
            old, new = {16: ("h0", "h1"), 32: ("t0", "t1"), 64: ("x0", "x1")}[w]
            load = f"ld.{memory}.b{w} {new}, {address}; "
            atom = f"atom{dot}.{name}{more}.{t} {old}, {address}, {{b}}; "
            if not space:
                atom = f"cvta.global.u64 x7, {{global}}; atom.{name}{more}.{t} {old}, [x7], {{b}}; "
            if w == 16:
                yield Form(store + atom + load + "mov.b32 {d}, {{h0, h1}};", (x, x), 32)
            elif w == 32:
                yield Form(store + atom + load + "mov.b64 {d}, {{t0, t1}};", (x, x), 64)
            else:
                yield Form(store + atom + load + "mov.b64 {d}, x0;", (x, x), 64)
                yield Form(store + atom + load + "mov.b64 {d}, x1;", (x, x), 64)
            if name != "exch" and space:
                red = f"red.{space}.{name}{more}.{t} {address}, {{b}}; "
                yield Form(store + red + load + f"mov.b{w} {{d}}, {new};", (x, x), w)
    for t, space in itertools.product(("b16", "b32", "b64"), ("global", "shared")):
        x, w = "u" + t[1:], int(t[1:])
        register, other = {16: ("h0", "h1"), 32: ("t0", "t1"), 64: ("x0", "x1")}[w]
        address = f"[{{{space}}}]"
        yield Form(f"st.{space}.b{w} {address}, {{a}}; atom.{space}.cas.{t} {register}, {address}, {{b}}, {{c}}; "
                   f"ld.{space}.b{w} {other}, {address}; xor.b{w} {{d}}, {register}, {other};", (x, x, x), w)
        yield Form(f"st.{space}.b{w} {address}, {{a}}; atom.{space}.cas.{t} {register}, {address}, {{b}}, {{c}}; "
                   f"ld.{space}.b{w} {{d}}, {address};", (x, x, x), w)


def forms():
    for part in (shuffles, agreements, accesses, atomics):
        yield from part()
