#===- test_tile_sim_init.py - values that nobody gave, in tile-sim --------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels of a few lines of PTX, each of which either uses a value that nobody gave where it matters, or only seems to.

What is expected is the kernel's meaning, written down beside it: the instruction that the report names, and where the
value came from; or that there is no report.
"""

import subprocess

import numpy as np
import pytest

from tilec_testing import tool

HEADER = """
.version 8.0
.target sm_80
.address_size 64
.global .align 4 .u32 counter;
.extern .func (.param .b32 status) vprintf(.param .b64 format, .param .b64 arguments);
.global .align 1 .b8 format[4] = {37, 100, 10, 0};
.func (.param .b32 result) twice(.param .b32 x) {
  .reg .b32 %t<3>;
  ld.param.b32 %t1, [x];
  add.s32 %t2, %t1, %t1;
  st.param.b32 [result], %t2;
  ret;
}
.visible .entry k(.param .u64 out) {
  .reg .pred %p<9>;
  .reg .b16 %h<9>;
  .reg .b32 %r<40>;
  .reg .b64 %d<20>;
  .reg .f32 %f<9>;
  .shared .align 16 .b8 tile[512];
  .shared .align 8 .b64 gate;
  .local .align 8 .b8 own[64];
  ld.param.u64 %d1, [out];
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %d2, %r1, 4;
  add.s64 %d1, %d1, %d2;
  mov.u32 %r2, tile;
  shl.b32 %r3, %r1, 2;
  add.u32 %r3, %r2, %r3;
"""
STORE = "st.global.u32 [%d1], %r30;"


def run(tmp_path, body, *options, threads=32):
    source, out = tmp_path / "k.ptx", tmp_path / "out.npy"
    source.write_text(HEADER + body + "\n  ret;\n}\n")
    return subprocess.run([tool("tile-sim"), source, "k", f"--block={threads}", "--arg", f"out:u32[64]={out}", "--check=init", *options],
                          capture_output=True, text=True, timeout=60, check=False)


# Name: (body, the instruction that is reported, what the value is).
REPORTED = {
    "a register that is stored": (f"add.s32 %r30, %r9, 1; {STORE}", "st.global.u32", "register '%r9', which was not written"),
    "a branch": ("setp.lt.s32 %p1, %r9, 5; @%p1 bra L; mov.u32 %r30, 1; L:", "bra", "register '%r9'"),
    "a predicate that nobody wrote": ("@%p2 bra L; mov.u32 %r30, 1; L:", "bra", "register '%p2'"),
    "an address": ("ld.global.u32 %r30, [%d9];", "ld.global.u32", "register '%d9'"),
    "an address in shared memory": ("add.u32 %r5, %r2, %r9; st.shared.u32 [%r5], %r1;", "st.shared.u32", "register '%r9'"),
    "a table of branches": ("ts: .branchtargets A, B; brx.idx %r9, ts; A: B:", "brx.idx", "register '%r9'"),
    "shared memory": (f"ld.shared.u32 %r30, [%r3+64]; {STORE}", "st.global.u32", "shared memory at offset 64, byte 64 of 'tile'"),
    "shared memory, read as a vector": (f"st.shared.v2.u32 [tile], {{%r1, %r1}}; ld.shared.v4.u32 {{%r5, %r6, %r30, %r7}}, [tile]; {STORE}", "st.global.u32", "byte 8 of 'tile'"),
    "local memory": (f"ld.local.u32 %r30, [own+8]; {STORE}", "st.global.u32", "local memory at offset 8"),
    "what was stored without a value": (f"st.shared.u32 [%r3], %r9; ld.shared.u32 %r30, [%r3]; {STORE}", "st.global.u32", "register '%r9'"),
    "one lane of a shuffle": (f"setp.eq.u32 %p1, %r1, 5; @%p1 bra L; mov.u32 %r9, 1; L: shfl.sync.idx.b32 %r30, %r9, 5, 31, -1; {STORE}", "st.global.u32", "register '%r9'"),
    "a lane that takes no part": (f"setp.ge.u32 %p1, %r1, 16; @%p1 bra L; shfl.sync.idx.b32 %r30, %r1, 20, 31, 0xffff; {STORE} L:", "st.global.u32", "a thread that does not take part"),
    "a lane that is none": (f"mov.u32 %r9, 1; shfl.sync.bfly.b32 %r30, %r9, 16, 31, 0xff; {STORE}", "st.global.u32", "", 8),
    "a ballot": (f"vote.sync.ballot.b32 %r30, %p3, -1; {STORE}", "st.global.u32", "register '%p3'"),
    "any, which nobody decides": (f"setp.eq.u32 %p1, %r1, 40; @%p1 mov.u32 %r9, 0; setp.eq.u32 %p2, %r9, 0; vote.sync.any.pred %p3, %p2, -1; selp.u32 %r30, 1, 0, %p3; {STORE}", "st.global.u32", "register '%r9'"),
    "a reduction": (f"redux.sync.add.u32 %r30, %r9, -1; {STORE}", "st.global.u32", "register '%r9'"),
    "a match": (f"match.any.sync.b32 %r30, %r9, -1; {STORE}", "st.global.u32", "register '%r9'"),
    "members of a warp": ("bar.warp.sync %r9;", "bar.warp.sync", "register '%r9'"),
    "the number of a barrier": ("barrier.sync %r9;", "barrier.sync", "register '%r9'"),
    "a barrier that is not initialised": ("mov.u32 %r5, gate; mbarrier.arrive.shared.b64 %d5, [%r5];", "mbarrier.arrive.shared.b64", "'gate'"),
    "an atomic on global memory": ("mov.u64 %d5, counter; atom.global.add.u32 %r5, [%d5], %r9;", "atom.global.add.u32", "register '%r9'"),
    "an atomic on shared memory": (f"atom.shared.add.u32 %r30, [tile], 1; {STORE}", "st.global.u32", "byte 0 of 'tile'"),
    "an exchange": (f"atom.shared.exch.b32 %r30, [tile], 1; {STORE}", "st.global.u32", "byte 0 of 'tile'"),
    "an asynchronous copy's place": (f"mov.u64 %d5, counter; cp.async.ca.shared.global [tile], [%d5], 4; cp.async.wait_all; ld.shared.u32 %r30, [tile+4]; {STORE}", "st.global.u32", "byte 4 of 'tile'"),
    "the upper half of a word": (f"mov.u16 %h1, 1; mov.b32 %r30, {{%h1, %h2}}; mov.b32 {{%h3, %h4}}, %r30; cvt.u32.u16 %r30, %h4; {STORE}", "st.global.u32", "register '%h2'"),
    "a byte that is permuted in": (f"mov.u32 %r5, 7; prmt.b32 %r30, %r5, %r9, 0x3214; {STORE}", "st.global.u32", "register '%r9'"),
    "bits that are inserted": (f"bfi.b32 %r30, %r9, %r1, 4, 4; {STORE}", "st.global.u32", "register '%r9'"),
    "a shift by nothing known": (f"shl.b32 %r30, %r1, %r9; {STORE}", "st.global.u32", "register '%r9'"),
    "a sign": (f"mov.b16 %h1, 1; mov.b32 %r5, {{%h1, %h2}}; shr.s32 %r30, %r5, 31; {STORE}", "st.global.u32", "register '%h2'"),
    "the carry of a sum": (f"add.cc.u32 %r5, %r9, %r1; addc.u32 %r30, %r1, 0; {STORE}", "st.global.u32", "register '%r9'"),
    "a carry that nobody set": (f"addc.u32 %r30, %r1, 0; {STORE}", "st.global.u32", "the carry flag"),
    "a chosen side": (f"setp.lt.u32 %p1, %r1, 16; selp.u32 %r30, %r1, %r9, %p1; {STORE}", "st.global.u32", "register '%r9'"),
    "a choice": (f"selp.u32 %r30, %r1, 77, %p4; {STORE}", "st.global.u32", "register '%p4'"),
    "a result that a guard decides": (f"mov.u32 %r30, 1; @%p4 mov.u32 %r30, 2; {STORE}", "st.global.u32", "register '%p4'"),
    "a store that a guard decides": ("@%p4 st.shared.u32 [%r3], %r1;", "st.shared.u32", "register '%p4'"),
    "an argument of a call": (f".param .b32 x; .param .b32 y; st.param.b32 [x], %r9; call (y), twice, (x); ld.param.b32 %r30, [y]; {STORE}", "st.global.u32", "register '%r9'"),
    "an argument that was not passed": (f".param .b32 x; .param .b32 y; call (y), twice, (x); ld.param.b32 %r30, [y]; {STORE}", "st.global.u32", "local memory"),
    "what is printed": ("mov.u64 %d6, own; cvta.local.u64 %d6, %d6; mov.u64 %d7, format; .param .b64 f; .param .b64 a; .param .b32 s; st.param.b64 [f], %d7; st.param.b64 [a], %d6; call (s), vprintf, (f, a);", "call", "local memory at offset 0"),
    "half of a packed sum": (f"mov.b16 %h1, 0x3c00; mov.b32 %r5, {{%h1, %h2}}; add.rn.f16x2 %r6, %r5, %r5; mov.b32 {{%h3, %h4}}, %r6; cvt.u32.u16 %r30, %h4; {STORE}", "st.global.u32", "register '%h2'"),
    "a comparison": (f"setp.eq.u32 %p1, %r9, %r1; selp.u32 %r30, 1, 0, %p1; {STORE}", "st.global.u32", "register '%r9'"),
    "a column of a matrix in shared memory": (f"mov.u32 %r5, 0; st.shared.u32 [%r3], %r5; st.shared.u32 [%r3+128], %r5; st.shared.u32 [%r3+256], %r5; shl.b32 %r6, %r1, 4; add.u32 %r6, %r2, %r6; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {{%r7, %r8, %r10, %r30}}, [%r6]; {STORE}", "st.global.u32", "byte 384 of 'tile'"),
}

# Products of matrices: fragments of a 16 x 16 times 16 x 8 product in which registers stand for rows and columns.
MMA = "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f1, %f2, %f3, %f4}, {%r5, %r6, %r7, %r8}, {%r10, %r11}, {%f5, %f6, %f7, %f8};"
ZEROS = " ".join(f"mov.u32 %r{i}, 0;" for i in (5, 6, 7, 8, 10, 11)) + " ".join(f"mov.f32 %f{i}, 0f00000000;" for i in (5, 6, 7, 8))
# The second register of a is rows 8 to 15, which the first two of d are not.
UPPER_ROWS_LOST = ZEROS.replace("mov.u32 %r6, 0;", "")
# The column of lanes 0 to 3 is column 0 of b, and elements of column 0 are in lanes with lane % 4 == 0.
COLUMN_LOST = ZEROS.replace("mov.u32 %r10, 0;", "setp.gt.u32 %p1, %r1, 3; @%p1 mov.u32 %r10, 0;")

SILENT = {
    "nothing": f"mov.u32 %r30, 1; {STORE}",
    "what is not used": "ld.shared.u32 %r30, [%r3]; add.s32 %r30, %r30, 1; st.shared.u32 [%r3], %r30;",
    "a load of a whole word of which a part is used": f"st.shared.u16 [%r3], 5; ld.shared.u32 %r5, [%r3]; and.b32 %r30, %r5, 0xffff; {STORE}",
    "the lower half": f"mov.u16 %h1, 3; mov.b32 %r5, {{%h1, %h2}}; mov.b32 {{%h3, %h4}}, %r5; cvt.u32.u16 %r30, %h3; {STORE}",
    "bytes that are not permuted in": f"mov.u32 %r5, 7; prmt.b32 %r30, %r5, %r9, 0x3210; {STORE}",
    "bits that are overwritten": f"bfi.b32 %r5, %r1, %r9, 0, 16; bfi.b32 %r30, %r1, %r5, 16, 16; {STORE}",
    "a field": f"bfi.b32 %r5, %r1, %r9, 8, 5; bfe.u32 %r30, %r5, 8, 5; {STORE}",
    "bits that are shifted out": f"mov.u16 %h1, 3; mov.b32 %r5, {{%h1, %h2}}; shl.b32 %r30, %r5, 16; {STORE}",
    "bits that are set": f"or.b32 %r30, %r9, -1; {STORE}",
    "a table that does not look at it": f"lop3.b32 %r30, %r9, %r1, %r1, 0xcc; {STORE}",
    "a difference to itself": f"xor.b32 %r5, %r9, %r9; sub.s32 %r6, %r9, %r9; add.s32 %r30, %r5, %r6; {STORE}",
    "times 0": f"mov.u32 %r5, 0; mul.lo.s32 %r6, %r9, %r5; mad.lo.s32 %r30, %r5, %r9, %r1; {STORE}",
    "below a product with a power of 2": f"mov.u32 %r5, 65536; mad.lo.u32 %r6, %r9, %r5, %r1; and.b32 %r30, %r6, 0xffff; {STORE}",
    "the lower part of a sum": f"mov.u16 %h1, 3; mov.b32 %r5, {{%h1, %h2}}; add.s32 %r5, %r5, %r5; and.b32 %r30, %r5, 0xffff; {STORE}",
    "the side that is not chosen": f"setp.lt.u32 %p1, %r1, 64; selp.u32 %r30, %r1, %r9, %p1; {STORE}",
    "a choice between equals": f"mov.u32 %r5, 9; selp.u32 %r30, %r5, 9, %p4; {STORE}",
    "a conjunction that is false": "setp.gt.u32 %p1, %r1, 99; setp.eq.u32 %p2, %r9, 0; and.pred %p3, %p1, %p2; @%p3 bra L; L:",
    "a comparison with a conjunction": "setp.gt.u32 %p1, %r1, 99; setp.eq.and.u32 %p3, %r9, 0, %p1; @%p3 bra L; L:",
    "a comparison with a disjunction": "setp.lt.u32 %p1, %r1, 99; setp.lt.or.u32 %p3, %r9, 0, %p1; @%p3 bra L; L:",
    "numbers that differ anyway": "bfi.b32 %r5, %r9, 1, 8, 8; setp.eq.u32 %p1, %r5, 2; @%p1 bra L; L:",
    "an instruction that a guard decides, and nobody uses": "@%p4 add.s32 %r5, %r1, 1; @!%p4 ld.shared.u32 %r6, [%r3];",
    "any, which one lane decides": "setp.eq.u32 %p1, %r1, 3; @%p1 mov.u32 %r9, 0; setp.eq.u32 %p2, %r9, 0; vote.sync.any.pred %p3, %p2, -1; @%p3 bra L; L:",
    "a lane that is shuffled over": f"setp.eq.u32 %p1, %r1, 5; @%p1 bra L; mov.u32 %r9, 1; L: shfl.sync.idx.b32 %r30, %r9, 4, 31, -1; {STORE}",
    "whether a lane is in range": "shfl.sync.down.b32 %r30|%p1, %r9, 1, 31, -1; @%p1 bra L; L:",
    "a variable of the module": f"mov.u64 %d5, counter; ld.global.u32 %r30, [%d5]; {STORE}",
    "the array of an output": "ld.global.u32 %r5, [%d1]; setp.eq.u32 %p1, %r5, 0; @%p1 bra L; L:",
    "a structure with padding, copied": "st.local.u8 [own], 1; st.local.u32 [own+4], %r1; ld.local.u64 %d5, [own]; and.b64 %d6, %d1, -8; st.global.u64 [%d6], %d5;",
    "a copy that has ended": f"mov.u64 %d5, counter; cp.async.ca.shared.global [tile], [%d5], 4; cp.async.wait_all; bar.sync 0; ld.shared.u32 %r30, [tile]; {STORE}",
    "a copy whose rest is zeros": f"mov.u64 %d5, counter; mov.u32 %r5, 0; cp.async.ca.shared.global [tile], [%d5], 8, %r5; cp.async.wait_all; bar.sync 0; ld.shared.u32 %r30, [tile+4]; {STORE}",
    "half of a packed sum": f"mov.b16 %h1, 0x3c00; mov.b32 %r5, {{%h1, %h2}}; add.rn.f16x2 %r6, %r5, %r5; mov.b32 {{%h3, %h4}}, %r6; cvt.u32.u16 %r30, %h3; {STORE}",
    "the halves of a conversion": f"mov.f32 %f1, 0f3f800000; cvt.rn.f16x2.f32 %r5, %f2, %f1; mov.b32 {{%h3, %h4}}, %r5; cvt.u32.u16 %r30, %h3; {STORE}",
    "rows of a matrix in shared memory": f"mov.u32 %r5, 0; st.shared.u32 [%r3], %r5; shl.b32 %r6, %r1, 4; add.u32 %r6, %r2, %r6; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {{%r30, %r8, %r10, %r11}}, [%r6]; {STORE}",
    "addresses of lanes that have no row": f"mov.u32 %r5, 0; st.shared.u32 [%r3], %r5; setp.lt.u32 %p1, %r1, 8; shl.b32 %r6, %r1, 4; @%p1 add.u32 %r12, %r2, %r6; ldmatrix.sync.aligned.m8n8.x1.shared.b16 {{%r30}}, [%r12]; {STORE}",
    "an exchange": f"atom.shared.exch.b32 %r5, [%r3], 1; ld.shared.u32 %r30, [%r3]; {STORE}",
    "a call": f".param .b32 x; .param .b32 y; st.param.b32 [x], %r1; call (y), twice, (x); ld.param.b32 %r30, [y]; {STORE}",
    "rows of a product": f"{UPPER_ROWS_LOST} {MMA} mov.b32 %r30, %f1; {STORE} mov.b32 %r30, %f2; {STORE}",
    "columns of a product": f"{COLUMN_LOST} {MMA} and.b32 %r12, %r1, 3; setp.eq.u32 %p2, %r12, 0; mov.b32 %r30, %f2; {STORE} @%p2 bra L; mov.b32 %r30, %f1; {STORE} L:",
    "what the product is added to": f"{ZEROS.replace('mov.f32 %f6, 0f00000000;', '')} {MMA} mov.b32 %r30, %f1; {STORE} mov.b32 %r30, %f3; {STORE}",
}
REPORTED["rows of a product"] = (f"{UPPER_ROWS_LOST} {MMA} mov.b32 %r30, %f3; {STORE}", "st.global.u32", "register '%r6'")
REPORTED["columns of a product"] = (f"{COLUMN_LOST} {MMA} mov.b32 %r30, %f1; {STORE}", "st.global.u32", "register '%r10'")
REPORTED["what the product is added to"] = (f"{ZEROS.replace('mov.f32 %f6, 0f00000000;', '')} {MMA} mov.b32 %r30, %f2; {STORE}", "st.global.u32", "register '%f6'")


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name, tmp_path):
    body, instruction, origin, *threads = REPORTED[name]
    done = run(tmp_path, body, threads=threads[0] if threads else 32)
    assert done.returncode == 1, done.stdout
    lines = done.stderr.splitlines()
    assert "error: uninitialised: " in lines[0] and lines[0].startswith(f"{tmp_path}/k.ptx:")
    assert lines[1].startswith(f"  by '{instruction}' in kernel 'k', block (0, 0, 0), thread (")
    assert origin in lines[2]
    # Nobody looks for it: then it goes through, where the machine does anything at all with it.
    if name in ("a register that is stored", "shared memory", "a branch"):
        assert run(tmp_path, body, "--check=none").returncode == 0


@pytest.mark.parametrize("name", SILENT)
def test_silent(name, tmp_path):
    done = run(tmp_path, SILENT[name])
    assert done.returncode == 0 and done.stderr == "", done.stderr


def test_the_report_names_the_thread(tmp_path):
    done = run(tmp_path, f"mov.u32 %r30, 1; setp.eq.u32 %p1, %r1, 37; @%p1 mov.u32 %r30, %r9; {STORE}", threads=64)
    assert "in kernel 'k', block (0, 0, 0), thread (37, 0, 0)" in done.stderr


def test_results_are_as_without_the_check(tmp_path):
    # Instructions are executed again on other operands when operands have no value: nothing of it may remain.
    body = """mov.u32 %r5, 0x01020304; st.shared.u32 [%r3], %r5; st.shared.u16 [%r3+128], 7; ld.shared.u32 %r6, [%r3+128];
      prmt.b32 %r7, %r5, %r6, 0x5410; and.b32 %r8, %r6, 0xffff; mov.b32 {%h1, %h2}, %r6; shfl.sync.bfly.b32 %r10, %r6, 1, 31, -1;
      and.b32 %r10, %r10, 0xffff; st.shared.u32 [%r3+256], %r6; ld.shared.u16 %h3, [%r3+256]; cvt.u32.u16 %r11, %h3;
      add.s32 %r30, %r7, %r8; add.s32 %r30, %r30, %r10; add.s32 %r30, %r30, %r11;""" + STORE
    results = []
    for check in ("init", "none"):
        done = run(tmp_path, body, f"--check={check}")
        assert done.returncode == 0, done.stderr
        results.append(np.load(tmp_path / "out.npy"))
    assert results[0][:32].tolist() == [0x00070304 + 21] * 32 == results[1][:32].tolist()
