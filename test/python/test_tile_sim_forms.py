#===- test_tile_sim_forms.py - forms of instructions that assemblers take ----------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operands beyond what the manual's tables of syntax say, but which assemblers take; and that an assembler takes them, where
there is one."""

import shutil
import subprocess

import numpy as np
import pytest

from sim_programs import Out, Runner

# What computes a 64-bit number in %rd2, and the number by thread.
FORMS = {
    "cvt.u64.u32 %rd2, %tid.x;": lambda t: t,
    "cvt.s64.s32 %rd2, %lanemask_ge;": lambda t: -(1 << t % 32),
    "cvt.u32.u16 %r1, %laneid; cvt.u64.u32 %rd2, %r1;": lambda t: t % 32,
    "cvt.u16.u32 %h1, %ntid.x; cvt.u64.u16 %rd2, %h1;": lambda t: 64 + 0 * t,
    "@%p1 cvt.u64.u32 %rd2, %ctaid.x;": lambda t: np.where(t < 10, 0, 5),
    "cvt.u64.u64 %rd2, %gridid;": lambda t: 0 * t,
    "mov.u32 %r1, %tid.x; st.local.u32 [loc+4], %r1; cvta.local.u64 %rd3, loc; ld.u32 %r2, [%rd3+4]; cvt.u64.u32 %rd2, %r2;":
        lambda t: t,
    "vote.sync.ballot.b32 %r1, 1, -1; cvt.u64.u32 %rd2, %r1;": lambda t: 0xFFFFFFFF + 0 * t,
    "vote.sync.ballot.b32 %r1, 0, -1; cvt.u64.u32 %rd2, %r1;": lambda t: 0 * t,
    # Vectors (section 6.4.3): all parts are read before any is written.
    "mov.v4.u32 {%r1, %r2, _, %r4}, %tid; add.u32 %r1, %r1, %r2; add.u32 %r1, %r1, %r4; cvt.u64.u32 %rd2, %r1;": lambda t: t,
    ".reg .v4 .u16 %v; mov.v4.u16 %v, %ntid; cvt.u64.u16 %rd2, %v.x;": lambda t: 64 + 0 * t,
    "mov.u64 %rd3, 1; mov.v2.u64 {%rd2, %rd3}, {%rd3, %rd2}; mad.lo.u64 %rd2, %rd3, 8, %rd2;": lambda t: 41 + 0 * t,
    ".reg .v4 .b32 %v; mov.v4.b32 %v, {1, 2, 3, %r7}; mov.v4.b32 %v, {%v.w, %v.x, %v.y, %v.z};"
    "shl.b32 %r1, %v.y, 16; add.u32 %r1, %r1, %v.x; cvt.u64.u32 %rd2, %r1;": lambda t: 65536 + t,
    # `.ftz` beside a rounding has no meaning for f64: subnormals stay.
    "mov.b64 %rd3, 0x0008000000000000; rcp.rn.ftz.f64 %rd2, %rd3;": lambda t: np.float64(2.0**1023).view(np.int64) + 0 * t,
    # A label in front of what is moved first.
    "bra Here; mov.u64 %rd2, 9; Here: cvt.u64.u32 %rd2, %tid.x;": lambda t: t,
}


def module(form):
    return f""".version 8.0
.target sm_80
.address_size 64
.visible .entry k(.param .u64 p) {{
.local .align 8 .b8 loc[16];
.reg .b16 %h<4>; .reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .pred %p<4>;
ld.param.u64 %rd1, [p];
mov.u32 %r7, %tid.x; setp.lt.u32 %p1, %r7, 10; mov.u64 %rd2, 5;
{form}
mul.wide.u32 %rd4, %r7, 8; add.u64 %rd5, %rd1, %rd4; st.global.u64 [%rd5], %rd2;
ret; }}
"""


@pytest.mark.parametrize("form", FORMS)
def test_form(form, tmp_path):
    path = tmp_path / "form.ptx"
    path.write_text(module(form))
    (out,) = Runner(path, tmp_path)("k", 1, 64, Out(np.int64, 64))
    assert np.array_equal(out, FORMS[form](np.arange(64)))


@pytest.mark.parametrize("form", FORMS)
def test_an_assembler_takes_it(form, tmp_path):
    if not shutil.which("ptxas"):
        pytest.skip("there is no ptxas: whether it takes these forms is not asked")
    path = tmp_path / "form.ptx"
    path.write_text(module(form))
    done = subprocess.run(["ptxas", "-arch=sm_80", path, "-o", tmp_path / "out"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
