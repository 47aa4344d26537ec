#===- test_tile_sim_grid.py - barriers of a grid, reserved shared memory -----------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a driver prepares and PTX finds by special registers: where the blocks of a cooperative launch meet (`%envreg1` and
`%envreg2`), and the part of shared memory that is not the program's (`%reserved_smem_offset_*`)."""

import subprocess

import numpy as np
import pytest

import nvrtc
from sim_programs import Out, Runner

HEAD = ".version 8.0\n.target sm_80\n.address_size 64\n"

# Every block adds 1 to a word behind the start of the workspace, and waits until all have.
GRID = HEAD + """
.visible .entry rotate(.param .u64 x, .param .u64 y) {
.reg .b32 %r<12>; .reg .b64 %rd<12>; .reg .pred %p<4>;
ld.param.u64 %rd1, [x]; ld.param.u64 %rd2, [y];
mov.u32 %r1, %envreg1; mov.u32 %r2, %envreg2;
mov.b64 %rd3, {%r2, %r1};
mov.u32 %r3, %ctaid.x; mov.u32 %r4, %ntid.x; mov.u32 %r5, %tid.x; mov.u32 %r6, %nctaid.x;
mad.lo.u32 %r7, %r3, %r4, %r5;
mul.wide.u32 %rd4, %r7, 4; add.u64 %rd5, %rd1, %rd4;
st.global.u32 [%rd5], %r7;
bar.sync 0;
setp.ne.u32 %p1, %r5, 0;
@%p1 bra Met;
ARRIVE
Wait: LOAD
setp.ne.u32 %p2, %r8, %r6; @%p2 bra Wait;
Met: bar.sync 0;
add.u32 %r9, %r7, 65; mul.lo.u32 %r10, %r4, %r6; rem.u32 %r9, %r9, %r10;
mul.wide.u32 %rd6, %r9, 4; add.u64 %rd7, %rd1, %rd6;
ld.global.u32 %r11, [%rd7];
add.u64 %rd8, %rd2, %rd4; st.global.u32 [%rd8], %r11;
ret; }
"""


def grid_barrier(arrive, load):
    return GRID.replace("ARRIVE", arrive).replace("LOAD", load)


@pytest.mark.parametrize("arrive, load", [
    ("red.release.gpu.add.u32 [%rd3+8], 1;", "ld.acquire.gpu.u32 %r8, [%rd3+8];"),
    ("membar.gl; atom.add.u32 %r8, [%rd3+8], 1;", "ld.volatile.u32 %r8, [%rd3+8]; membar.gl;"),
])
def test_barrier_of_the_grid(arrive, load, rng, tmp_path):
    path = tmp_path / "grid.ptx"
    path.write_text(grid_barrier(arrive, load))
    # The workspace holds zeros when a launch begins.
    for _ in range(5):
        run = Runner(path, tmp_path, [f"--seed={rng.integers(2**31)}"])
        x, y = run("rotate", 5, 64, Out(np.int32, 320), Out(np.int32, 320))
        assert np.array_equal(x, np.arange(320)) and np.array_equal(y, (np.arange(320) + 65) % 320)


def test_barrier_of_the_grid_without_release(tmp_path):
    path = tmp_path / "grid.ptx"
    path.write_text(grid_barrier("red.add.u32 [%rd3+8], 1;", "ld.acquire.gpu.u32 %r8, [%rd3+8];"))
    words, _ = Runner(path, tmp_path).command("rotate", 5, 64, [Out(np.int32, 320), Out(np.int32, 320)])
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "error: race: argument 0 + " in done.stderr


COOPERATIVE = """
#include <cooperative_groups.h>
extern "C" __global__ void rotate(const int *x, int *y, int *z, int n) {
  auto grid = cooperative_groups::this_grid();
  for (int i = grid.thread_rank(); i < n; i += grid.size())
    y[i] = x[i] * 2;
  grid.sync();
  for (int i = grid.thread_rank(); i < n; i += grid.size())
    z[i] = y[(i + 77) % n];
  grid.sync();
  for (int i = grid.thread_rank(); i < n; i += grid.size())
    y[(i + 191) % n] = z[i] + 1;
}
"""


@pytest.mark.parametrize("arch", ["sm_75", "sm_80"])
def test_cooperative_groups(arch, rng, tmp_path):
    """The library's code is compiled here."""
    if not nvrtc.find_toolkit():
        pytest.skip("there is no CUDA toolkit: cooperative_groups::grid_group::sync is not run")
    source, path = tmp_path / "rotate.cu", tmp_path / "rotate.ptx"
    source.write_text(COOPERATIVE)
    subprocess.run(["nvcc", "-ptx", "-std=c++17", f"-arch={arch}", source, "-o", path], check=True, timeout=110)
    x = rng.integers(-1000, 1000, 1000).astype(np.int32)
    for _ in range(3):
        run = Runner(path, tmp_path, [f"--seed={rng.integers(2**31)}"])
        y, z = run("rotate", 4, 64, x, Out(np.int32, 1000), Out(np.int32, 1000), x.size)
        assert np.array_equal(z, np.roll(2 * x, -77)) and np.array_equal(y, np.roll(z + 1, 191))


def test_reserved_shared_memory(tmp_path):
    """It begins at 0, and the program's own variables are behind it."""
    path = tmp_path / "reserved.ptx"
    names = ["begin", "end", "cap"]
    text = "".join(f"mov.b32 %r{i}, %reserved_smem_offset_{name};\nst.global.u32 [%rd1+{4 * i}], %r{i};\n" for i, name in enumerate(names))
    path.write_text(HEAD + f""".shared .align 4 .b8 own[64];
.visible .entry k(.param .u64 p) {{
.reg .b32 %r<8>; .reg .b64 %rd<4>;
ld.param.u64 %rd1, [p];
{text}
mov.u32 %r4, own; st.global.u32 [%rd1+12], %r4;
st.shared.u32 [own+60], %r4; ld.shared.u32 %r5, [own+60]; st.global.u32 [%rd1+16], %r5;
ret; }}
""")
    (out,) = Runner(path, tmp_path)("k", 1, 1, Out(np.uint32, 5))
    begin, end, cap, own, read = out.tolist()
    assert begin == 0 and end - begin == cap and own >= end and read == own
