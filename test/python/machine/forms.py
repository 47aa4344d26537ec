# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A form is one instruction, or a few, written with {d}, {a}, {b}, ... for its registers. Forms with the same operands are
written into one kernel, which loads element i of the operands in thread i, and stores what each form makes of them."""

from dataclasses import dataclass

import numpy as np

from machine import values

BLOCK = 128
# A kernel has at most so many forms: assemblers take more than twice as long for twice as many.
KERNEL = 48


@dataclass(frozen=True)
class Form:
    """`operands` are names of sets of values; `result` is the width of {d}. What a form needs of scratch memory it finds at
    {global} and {shared}, 16 bytes that are its thread's own. `ulps` is for approximate functions: see `approximations`."""
    text: str
    operands: tuple
    result: int
    approximate: bool = False

    @property
    def name(self):
        """The text, the sets of its operands and the width of its result."""
        return f"{' '.join(self.text.split())} ({', '.join(self.operands)}) -> {self.result}"


def instruction(text, operands, result, names="abce", **more):
    """A form of one instruction with a plain result."""
    listed = ", ".join(f"{{{name}}}" for name in names[:len(operands)])
    return Form(f"{text} {{d}}, {listed};", tuple(operands), result, **more)


def predicate(text, operands, names="abce"):
    """A form of one instruction whose result is a predicate."""
    listed = ", ".join(f"{{{name}}}" for name in names[:len(operands)])
    return Form(f"{text} p, {listed}; selp.b32 {{d}}, 1, 0, p;", tuple(operands), 32)


@dataclass(frozen=True)
class Group:
    """Forms in one kernel. `count` is how many elements it has."""
    kernel: str
    forms: tuple
    count: int

    @property
    def operands(self):
        return self.forms[0].operands

    @property
    def result(self):
        return self.forms[0].result

    def inputs(self):
        """The operands: whole numbers of the registers' width."""
        columns = values.operands(self.operands, self.count)
        return [column.astype(f"u{values.width(name) // 8}") for name, column in zip(self.operands, columns)]

    def output(self):
        """(type, shape) of the result."""
        return np.dtype(f"u{self.result // 8}"), (len(self.forms), self.count)

    def ptx(self):
        """The kernel. Parameters: an array for each operand, the result, 16 bytes of scratch for each thread."""
        names = "abce"[:len(self.operands)]
        params = [f".param .u64 p_{name}" for name in [*names, "d", "s"]]
        lines = [f".visible .entry {self.kernel}({', '.join(params)})", "{",
                 "  .reg .b32 %i, %n, %shared; .reg .b64 %at, %out, %global;",
                 f"  .shared .align 16 .b8 scratch[{16 * BLOCK}];",
                 "  mov.u32 %i, %ctaid.x; mov.u32 %n, %tid.x;",
                 "  mov.u32 %shared, scratch; mad.lo.u32 %shared, %n, 16, %shared;",
                 f"  mad.lo.u32 %i, %i, {BLOCK}, %n;",
                 "  ld.param.u64 %global, [p_s]; mad.wide.u32 %global, %i, 16, %global;"]
        for name, operand in zip(names, self.operands):
            size = values.width(operand)
            lines.append(f"  .reg .b{size} %{name}; ld.param.u64 %at, [p_{name}]; mad.wide.u32 %at, %i, {size // 8}, %at; "
                         f"ld.global.b{size} %{name}, [%at];")
        size = self.result
        lines.append(f"  ld.param.u64 %out, [p_d]; mad.wide.u32 %out, %i, {size // 8}, %out;")
        for form in self.forms:
            text = form.text.format(d="%d", **{name: f"%{name}" for name in names}, **{"global": "%global", "shared": "%shared"})
            lines.append(f"  {{ .reg .b{size} %d; .reg .pred p, q; .reg .b16 h<4>; .reg .b32 t<8>; .reg .b64 x<8>; {text} "
                         f"st.global.b{size} [%out], %d; add.u64 %out, %out, {size // 8 * self.count}; }}")
        return "\n".join([*lines, "  ret;", "}"])


HEADER = ".version 9.0\n.target sm_90\n.address_size 64\n"


def count_of(operands):
    """How many elements are computed: all there are of one of 16 bits."""
    return 65536 if len(operands) == 1 and operands[0] in ("u16", "f16", "bf16") else 4096


def groups(forms, prefix):
    """Forms put together by operands and width of the result."""
    together = {}
    for form in forms:
        together.setdefault((form.operands, form.result), []).append(form)
    made = []
    for (operands, _), members in together.items():
        for first in range(0, len(members), KERNEL):
            made.append(Group(f"{prefix}{len(made)}", tuple(members[first:first + KERNEL]), count_of(operands)))
    return made


def module(members):
    """PTX of some groups."""
    return HEADER + "\n".join(group.ptx() for group in members) + "\n"
