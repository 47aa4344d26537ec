#===- test_tile_sim_counters.py - what tile-sim counts, and its traces ----------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counters of kernels of a few lines, whose numbers are derived by hand: the derivation stands beside each."""

import json
import subprocess

import pytest

from tilec_testing import tool

HEADER = """
.version 8.0
.target sm_80
.address_size 64
.file 1 "k.cu"
.visible .entry k(.param .u64 out) .maxntid 256 .maxnreg 32 {
  .reg .pred %p<5>;
  .reg .b16 %h<3>;
  .reg .b32 %r<20>;
  .reg .b64 %d<10>;
  .reg .f32 %f<5>;
  .reg .f64 %g<5>;
  .shared .align 16 .b8 tile[8192];
  .shared .align 8 .b64 gate;
  .local .align 4 .b8 own[12];
"""
# 8 instructions: a parameter, three moves, an integer product, an integer sum, a conversion, an integer sum.
PROLOGUE = """
  ld.param.u64 %d1, [out];
  mov.u32 %r1, %tid.x;
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mul.lo.u32 %r4, %r2, %r3;
  add.u32 %r4, %r4, %r1;
  cvt.u64.u32 %d2, %r4;
  add.u64 %d3, %d2, 0;
"""


def run(tmp_path, body, *options, grid=1, block=32, words=8192):
    source, out = tmp_path / "k.ptx", tmp_path / "out.npy"
    source.write_text(HEADER + PROLOGUE + body + "\n  ret;\n}\n")
    return subprocess.run([tool("tile-sim"), source, "k", f"--grid={grid}", f"--block={block}", "--arg", f"out:u32[{words}]={out}", "--check=none", *options],
                          capture_output=True, text=True, timeout=60, check=False)


def count(tmp_path, body, **shape):
    done = run(tmp_path, body, "--counters", "--json", **shape)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return json.loads(done.stdout)


def line(counters, instruction):
    (found,) = [each for each in counters["lines"] if each["instruction"] == instruction]
    return found


def test_instructions_by_class(tmp_path):
    # Two blocks of two warps, of which the second has 8 threads: each instruction counts 4 warps and 80 threads.
    counters = count(tmp_path, """
  cvt.rn.f32.u32 %f1, %r1; add.f32 %f2, %f1, %f1; sqrt.approx.f32 %f3, %f2; cvt.f64.f32 %g1, %f1; fma.rn.f64 %g2, %g1, %g1, %g1;
  mov.b32 {%h1, %h2}, %r1; add.rn.f16 %h1, %h1, %h2; setp.lt.u32 %p1, %r1, 100; setp.lt.f32 %p2, %f1, %f1;
  st.shared.u32 [tile], %r1; ld.shared.u32 %r5, [tile]; st.local.u32 [own], %r1; ld.local.u32 %r6, [own];
  st.global.u32 [%d1], %r1; ld.global.u32 %r7, [%d1]; atom.global.add.u32 %r8, [%d1], 1; red.shared.add.u32 [tile], 1;
  bar.warp.sync -1; shfl.sync.idx.b32 %r9, %r1, 0, 31, -1; bar.sync 0; membar.gl; bra NEXT; NEXT:""", grid=2, block=40)
    expected = {"load param": 1, "move": 3 + 1, "integer": 3 + 1, "conversion": 1 + 2, "f32": 2, "special function": 1, "f64": 1, "f16/bf16": 1,
                "store shared": 1, "load shared": 1, "store local": 1, "load local": 1, "store global": 1, "load global": 1, "atomic": 2,
                "warp": 2, "barrier": 2, "control": 2}
    assert {name: (c["warp_instructions"], c["thread_instructions"]) for name, c in counters["classes"].items()} == {
        name: (4 * n, 80 * n) for name, n in expected.items()}
    total = sum(expected.values())
    assert (counters["warp_instructions"], counters["thread_instructions"]) == (4 * total, 80 * total)
    assert counters["warp_efficiency"] == pytest.approx(80 / 128, abs=1e-12)
    assert [each["line"] for each in counters["lines"]] == sorted(each["line"] for each in counters["lines"])
    assert sum(each["warp_instructions"] for each in counters["lines"]) == 4 * total


def test_threads_that_are_active(tmp_path):
    # 12 of 32 threads take the branch; a guard holds for 5 more, and for nobody.
    counters = count(tmp_path, """
  setp.lt.u32 %p1, %r1, 12; @%p1 bra L; setp.lt.u32 %p2, %r1, 17; @%p2 add.u32 %r5, %r1, 1; setp.gt.u32 %p3, %r1, 99;
  @%p3 sub.u32 %r6, %r1, 1; bra M; L: mul.lo.u32 %r7, %r1, 3; M: xor.b32 %r8, %r1, %r1;""")
    threads = {each["instruction"]: (each["warp_instructions"], each["thread_instructions"]) for each in counters["lines"] if each["instruction"] in ("sub.u32", "mul.lo.u32", "xor.b32")}
    assert threads["sub.u32"] == (1, 0) and threads["xor.b32"] == (1, 32)
    branches = [(each["warp_instructions"], each["thread_instructions"]) for each in counters["lines"] if each["instruction"] == "bra"]
    assert branches == [(1, 12), (1, 20)]
    # The guarded sum is the last of the three; the product of the prologue has all threads.
    assert [each["thread_instructions"] for each in counters["lines"] if each["instruction"] == "add.u32"] == [32, 5]
    assert [each["thread_instructions"] for each in counters["lines"] if each["instruction"] == "mul.lo.u32"] == [32, 12]


# Access: (what makes %d4, an offset in bytes, of %r4 = the thread's number, the instruction; sectors of one warp, ideal).
GLOBAL = {
    "in a row": ("mul.wide.u32 %d4, %r4, 4;", "ld.global.u32 %r5, [%d5];", 4, 4),
    "in a row, from the second word on": ("mul.wide.u32 %d4, %r4, 4; add.u64 %d4, %d4, 4;", "ld.global.u32 %r5, [%d5];", 5, 4),
    "every second word": ("mul.wide.u32 %d4, %r4, 8;", "ld.global.u32 %r5, [%d5];", 8, 4),
    "a sector each": ("mul.wide.u32 %d4, %r4, 32;", "ld.global.u32 %r5, [%d5];", 32, 4),
    "one word for all": ("mul.wide.u32 %d4, %r4, 0;", "ld.global.u32 %r5, [%d5];", 1, 1),
    "bytes in a row": ("mul.wide.u32 %d4, %r4, 1;", "ld.global.u8 %r5, [%d5];", 1, 1),
    "vectors in a row": ("mul.wide.u32 %d4, %r4, 16;", "ld.global.v4.u32 {%r5, %r6, %r7, %r8}, [%d5];", 16, 16),
    "vectors, every second": ("mul.wide.u32 %d4, %r4, 32;", "st.global.v4.u32 [%d5], {%r4, %r4, %r4, %r4};", 32, 16),
    "a reduction in a row": ("mul.wide.u32 %d4, %r4, 4;", "red.global.add.u32 [%d5], 1;", 4, 4),
}


@pytest.mark.parametrize("name", GLOBAL)
def test_sectors(name, tmp_path):
    offset, instruction, sectors, ideal = GLOBAL[name]
    counters = count(tmp_path, f"{offset} add.u64 %d5, %d1, %d4; {instruction}")
    expected = {"requests": 1, "sectors": sectors, "ideal_sectors": ideal, "efficiency": ideal / sectors}
    assert counters["global"] == expected == line(counters, instruction.split()[0])["global"]
    assert counters["working_set"]["launch_sector_bytes"] == 32 * sectors


def test_working_sets(tmp_path):
    # Block b reads words 64 b to 64 b + 63, 256 bytes from a multiple of 256 on, and all blocks the word 0.
    counters = count(tmp_path, "mul.wide.u32 %d4, %r4, 4; add.u64 %d5, %d1, %d4; ld.global.u32 %r5, [%d5]; ld.global.u32 %r6, [%d1];", grid=3, block=64)
    assert counters["working_set"] == {"launch_sector_bytes": 3 * 256, "largest_block_line_bytes": 256 + 128, "sum_of_block_line_bytes": 256 + 2 * 384}
    # A block has two warps, each with 4 sectors in a row and one for the common word.
    assert counters["global"] == {"requests": 12, "sectors": 6 * 5, "ideal_sectors": 6 * 5, "efficiency": 1}


# Access: (what makes %r6, an offset in bytes, of the thread's number, the instruction; wavefronts, and how many without
# conflicts).
SHARED = {
    "in a row": ("shl.b32 %r6, %r1, 2;", "ld.shared.u32 %r7, [%r6];", 1, 1),
    "every second word": ("shl.b32 %r6, %r1, 3;", "ld.shared.u32 %r7, [%r6];", 2, 1),
    "every 32nd word": ("shl.b32 %r6, %r1, 7;", "st.shared.u32 [%r6], %r1;", 32, 1),
    "every 33rd word": ("mul.lo.u32 %r6, %r1, 132;", "ld.shared.u32 %r7, [%r6];", 1, 1),
    "one word for all": ("mov.u32 %r6, 64;", "ld.shared.u32 %r7, [%r6];", 1, 1),
    "bytes in a row": ("mov.u32 %r6, %r1;", "st.shared.u8 [%r6], %r1;", 1, 1),
    "8 bytes in a row": ("shl.b32 %r6, %r1, 3;", "ld.shared.u64 %d6, [%r6];", 2, 2),
    # Of the 16 threads of a half, 2 meet in each bank that is used.
    "8 bytes, every second": ("shl.b32 %r6, %r1, 4;", "ld.shared.u64 %d6, [%r6];", 4, 2),
    "16 bytes in a row": ("shl.b32 %r6, %r1, 4;", "ld.shared.v4.u32 {%r7, %r8, %r9, %r10}, [%r6];", 4, 4),
    "16 bytes, every second": ("shl.b32 %r6, %r1, 5;", "st.shared.v4.u32 [%r6], {%r1, %r1, %r1, %r1};", 8, 4),
    # The rows of the matrices, 16 bytes each, follow each other: 128 bytes a matrix.
    "matrices in a row": ("shl.b32 %r6, %r1, 4;", "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r7, %r8, %r9, %r10}, [%r6];", 4, 4),
    "matrices in a row, transposed": ("shl.b32 %r6, %r1, 4;", "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%r7, %r8, %r9, %r10}, [%r6];", 4, 4),
    # At 128 bytes from row to row the 8 rows of a matrix are in the same banks.
    "matrices of rows of 64 halves": ("shl.b32 %r6, %r1, 7;", "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r7, %r8, %r9, %r10}, [%r6];", 32, 4),
}


@pytest.mark.parametrize("name", SHARED)
def test_wavefronts(name, tmp_path):
    offset, instruction, wavefronts, ideal = SHARED[name]
    counters = count(tmp_path, f"{offset} {instruction}")
    expected = {"requests": 1, "wavefronts": wavefronts, "ideal_wavefronts": ideal, "conflicts": wavefronts - ideal}
    assert counters["shared"] == expected == line(counters, instruction.split()[0])["shared"]
    assert counters["global"]["requests"] == 0


def test_threads_that_are_not_there_cost_nothing(tmp_path):
    # 8 threads are one quarter of the warp.
    counters = count(tmp_path, "shl.b32 %r6, %r1, 4; ld.shared.v4.u32 {%r7, %r8, %r9, %r10}, [%r6];", block=8)
    assert counters["shared"]["wavefronts"] == counters["shared"]["ideal_wavefronts"] == 1


def test_asynchronous_copies_and_barriers(tmp_path):
    # 64 threads copy 16 bytes each; at each of two barriers one warp waits for the other; the mbarrier is asked by one thread before it has arrived
    # and after.
    counters = count(tmp_path, """
  mul.wide.u32 %d4, %r1, 16; add.u64 %d5, %d1, %d4; shl.b32 %r6, %r1, 4; cp.async.cg.shared.global [%r6], [%d5], 16;
  cp.async.commit_group; cp.async.wait_group 0; bar.sync 0; setp.ne.u32 %p1, %r1, 0; @%p1 bra L;
  mov.u32 %r7, gate; mbarrier.init.shared.b64 [%r7], 1; mbarrier.test_wait.parity.shared.b64 %p2, [%r7], 0;
  mbarrier.arrive.shared.b64 %d6, [%r7]; mbarrier.test_wait.parity.shared.b64 %p3, [%r7], 0; L: bar.sync 1;""", block=64)
    assert counters["async_copy_bytes"] == 64 * 16
    # 64 x 16 bytes are 32 sectors; the two halves of the block write 512 bytes each, 4 passes without conflicts.
    assert line(counters, "cp.async.cg.shared.global")["global"]["sectors"] == 32
    assert line(counters, "cp.async.cg.shared.global")["shared"] == {"requests": 2, "wavefronts": 8, "ideal_wavefronts": 8, "conflicts": 0}
    assert counters["barrier_waits"] == 2 and counters["mbarrier_waits"] == 1
    assert counters["classes"]["async copy"]["warp_instructions"] == 6


def test_what_is_declared(tmp_path):
    counters = count(tmp_path, "", block=32)
    done = run(tmp_path, "", "--json", "--smem=100")
    # 20 + 5 registers of 32 bits, integers and floats; 10 + 5 of 64; the tile, and behind it the gate.
    assert counters["declared"] == {"predicate_registers": 5, "registers_16": 3, "registers_32": 25, "registers_64": 15, "max_registers": 32,
                                    "max_threads": 256, "required_threads": 0, "static_shared_bytes": 8200, "dynamic_shared_bytes": 0, "local_bytes": 12}
    assert json.loads(done.stdout)["declared"]["dynamic_shared_bytes"] == 100


def test_the_table(tmp_path):
    done = run(tmp_path, ".loc 1 7 0; shl.b32 %r6, %r1, 7; st.shared.u32 [%r6], %r1; mul.wide.u32 %d4, %r4, 32; add.u64 %d5, %d1, %d4; st.global.u32 [%d5], %r1;".replace("7 0;", "7 0\n"), "--counters", grid="2,1")
    assert done.returncode == 0, done.stderr
    lines = [each.split() for each in done.stdout.splitlines()]
    assert ["kernel", "k,", "grid", "2", "x", "1", "x", "1,", "block", "32", "x", "1", "x", "1"] == lines[0]
    # 14 instructions in two warps.
    assert ["warp", "instructions", "28"] in lines and ["thread", "instructions", "896"] in lines
    assert ["global", "sectors,", "ideal,", "efficiency", "64,", "8,", "12.5", "%"] in lines
    assert ["shared", "wavefronts,", "conflicts", "64,", "62"] in lines
    assert any(each[:2] == ["62", "64"] and "(k.cu:7)" in each for each in lines)
    assert any(each[:3] == ["64", "12.5", "%"] and "st.global.u32" in each for each in lines)


def trace(tmp_path, body, *options, **shape):
    path = tmp_path / "trace.jsonl"
    done = run(tmp_path, body, f"--trace={path}", *options, **shape)
    assert done.returncode == 0, done.stderr
    return [json.loads(each) for each in path.read_text().splitlines()], done.stderr


def test_traces(tmp_path):
    entries, stderr = trace(tmp_path, "setp.lt.u32 %p1, %r1, 3; mul.wide.u32 %d4, %r4, 4; add.u64 %d5, %d1, %d4; @%p1 st.global.u32 [%d5], %r1; st.shared.u8 [tile+5], 1;", grid=2, block=33)
    assert stderr == ""
    # 14 instructions, 2 blocks of 2 warps.
    assert len(entries) == 56
    assert {(tuple(each["block"]), each["warp"]) for each in entries} == {((b, 0, 0), w) for b in (0, 1) for w in (0, 1)}
    assert {each["mask"] for each in entries if each["op"] == "mov.u32"} == {"ffffffff", "00000001"}
    stores = [each for each in entries if each["op"] == "st.global.u32" and each["block"] == [1, 0, 0] and each["warp"] == 0]
    ((access,),) = [each["accesses"] for each in stores]
    base = access["addresses"][0] - 4 * 33
    assert access == {"kind": "write", "space": "global", "bytes": 4, "lanes": [0, 1, 2], "addresses": [base + 4 * (33 + i) for i in range(3)]}
    assert stores[0]["mask"] == "00000007"
    idle = [each for each in entries if each["op"] == "st.global.u32" and each["warp"] == 1]
    assert [(each["mask"], "accesses" in each) for each in idle] == [("00000000", False)] * 2
    assert all(each["accesses"][0]["addresses"][0] == 5 for each in entries if each["op"] == "st.shared.u8")


def test_traces_end_at_a_limit(tmp_path):
    entries, stderr = trace(tmp_path, "", "--trace-limit=11", block=64)
    assert len(entries) == 11 and "note: the trace ends after 11 instructions" in stderr
    entries, stderr = trace(tmp_path, "", "--trace-limit=18", block=64)
    assert len(entries) == 18 and stderr == ""


def test_traces_of_one_block(tmp_path):
    entries, _ = trace(tmp_path, "", "--trace-block=2", grid=4)
    assert len(entries) == 9 and {tuple(each["block"]) for each in entries} == {(2, 0, 0)}


def test_a_trace_that_cannot_be_written(tmp_path):
    done = run(tmp_path, "", f"--trace={tmp_path}/no/such/folder")
    assert done.returncode == 1 and "cannot write" in done.stderr
    done = run(tmp_path, "", "--trace=/dev/full")
    assert done.returncode == 1 and "cannot write '/dev/full'" in done.stderr
