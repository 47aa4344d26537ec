# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Forms of section 9.7.18 of the manual, the video instructions: every type, modifier and second operation, with selectors
that change from form to form."""

import itertools

from machine.forms import Form

TYPES = ("u32", "s32")
PARTS = ("b0", "b1", "b2", "b3", "h0", "h1")
THREE = ("u32", "u32", "u32")


def scalar():
    turn = itertools.cycle(range(36))
    for name in ("vadd", "vsub", "vabsdiff", "vmin", "vmax", "vshl", "vshr"):
        is_shift = name in ("vshl", "vshr")
        for d, a, b in itertools.product(TYPES, TYPES, ("u32",) if is_shift else TYPES):
            for sat, mode in itertools.product(("", ".sat"), (".clamp", ".wrap") if is_shift else ("",)):
                head = f"{name}.{d}.{a}.{b}{sat}{mode}"
                yield Form(f"{head} {{d}}, {{a}}, {{b}};", THREE, 32)
                i = next(turn)
                of_a, of_b, into = PARTS[i % 6], PARTS[i // 6], PARTS[(i + i // 6) % 6]
                second = ("add", "min", "max")[i % 3]
                yield Form(f"{head} {{d}}, {{a}}.{of_a}, {{b}}.{of_b};", THREE, 32)
                yield Form(f"{head}.{second} {{d}}, {{a}}.{of_b}, {{b}}.{of_a}, {{c}};", THREE, 32)
                yield Form(f"{head} {{d}}.{into}, {{a}}.{of_a}, {{b}}, {{c}};", THREE, 32)
    for a, b, relation in itertools.product(TYPES, TYPES, ("eq", "ne", "lt", "le", "gt", "ge")):
        i = next(turn)
        head = f"vset.{a}.{b}.{relation}"
        yield Form(f"{head} {{d}}, {{a}}, {{b}};", THREE, 32)
        yield Form(f"{head}.{('add', 'min', 'max')[i % 3]} {{d}}, {{a}}.{PARTS[i % 6]}, {{b}}.{PARTS[i // 6]}, {{c}};", THREE, 32)
        yield Form(f"{head} {{d}}.{PARTS[i % 6]}, {{a}}, {{b}}.{PARTS[i // 6]}, {{c}};", THREE, 32)


def multiply():
    turn = itertools.cycle(range(36))
    for d, a, b, sat, shift in itertools.product(TYPES, TYPES, TYPES, ("", ".sat"), ("", ".shr7", ".shr15")):
        for signs in ("{a}{0}, {b}{1}, {c}", "-{a}{0}, {b}{1}, {c}", "{a}{0}, {b}{1}, -{c}", "po"):
            i = next(turn)
            of_a, of_b = PARTS[i % 6], PARTS[i // 6]
            selected = signs.replace("{0}", "." + of_a).replace("{1}", "." + of_b)
            if signs == "po":
                yield Form(f"vmad.{d}.{a}.{b}.po{sat}{shift} {{d}}, {{a}}.{of_a}, {{b}}.{of_b}, {{c}};", THREE, 32)
            else:
                yield Form(f"vmad.{d}.{a}.{b}{sat}{shift} {{d}}, {selected};", THREE, 32)


def simd():
    turn = itertools.cycle(range(35))
    for parts, letter in ((2, "h"), (4, "b")):
        for name in ("vadd", "vsub", "vavrg", "vabsdiff", "vmin", "vmax"):
            for d, a, b, more in itertools.product(TYPES, TYPES, TYPES, ("", ".sat", ".add")):
                i = next(turn)
                select = lambda start: letter + "".join(str((start + 3 * k) % (2 * parts)) for k in range(parts))
                mask = letter + "".join(str(k) for k in reversed(range(parts)) if (i % ((1 << parts) - 1) + 1) >> k & 1)
                head = f"{name}{parts}.{d}.{a}.{b}{more}"
                yield Form(f"{head} {{d}}, {{a}}, {{b}}, {{c}};", THREE, 32)
                yield Form(f"{head} {{d}}.{mask}, {{a}}.{select(i)}, {{b}}.{select(i // 2)}, {{c}};", THREE, 32)
        for a, b, relation, more in itertools.product(TYPES, TYPES, ("eq", "ne", "lt", "le", "gt", "ge"), ("", ".add")):
            i = next(turn)
            mask = letter + "".join(str(k) for k in reversed(range(parts)) if (i % ((1 << parts) - 1) + 1) >> k & 1)
            yield Form(f"vset{parts}.{a}.{b}.{relation}{more} {{d}}, {{a}}, {{b}}, {{c}};", THREE, 32)
            yield Form(f"vset{parts}.{a}.{b}.{relation}{more} {{d}}.{mask}, {{a}}, {{b}}, {{c}};", THREE, 32)


def forms():
    yield from scalar()
    yield from multiply()
    yield from simd()
