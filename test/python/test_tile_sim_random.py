#===- test_tile_sim_random.py - random kernels in tile-sim --------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random kernels (machine/random_kernels.py), which have no race and one result: all checks are silent, and results are equal in
all schedules, and on all cores without checks.

A GPU has executed some, without optimisations of its assembler, and stored what test/sim/machine/random.txt says: a line has the
seed, a digest of the kernel and one of all that its threads store. The long version has more kernels."""

import os
import shutil
import subprocess

import pytest
from machine import forms, random_kernels, recorded

FULL = os.environ.get("TILEC_FULL") == "1"
SEED = int(os.environ["TILEC_SEED"])
PARTS = 4
COUNT = 150 if FULL else 4
# Recorded kernels that a test executes.
RECORDED = 24


def seeds(part):
    """Seeds of this run: none that are recorded."""
    return range(1_000_000 + (SEED % 1_000_000) * 1000 + part * COUNT, 1_000_000 + (SEED % 1_000_000) * 1000 + (part + 1) * COUNT)


@pytest.mark.parametrize("part", range(PARTS))
def test_one_result_and_no_report(part, tmp_path):
    """Friendly schedules and an adversary, with all checks; then without them."""
    for seed in seeds(part):
        kernel = random_kernels.generate(seed)
        checked = random_kernels.on_simulator(kernel, tmp_path, ("--schedules=4", "--same-results"))
        assert random_kernels.digest(checked) == random_kernels.digest(random_kernels.on_simulator(kernel, tmp_path)), f"seed {seed}"


def recorded_kernels():
    lines = (recorded.FOLDER / "random.txt").read_text().splitlines()[1:]
    return [line.split() for line in lines]


@pytest.mark.parametrize("part", range(2))
def test_as_a_gpu_computes(part, tmp_path, rng):
    chosen = recorded_kernels()[part::2]
    if not FULL:
        chosen = [chosen[i] for i in rng.choice(len(chosen), RECORDED, replace=False)]
    changed = 0
    for seed, of_kernel, of_result, *differs in chosen:
        kernel = random_kernels.generate(int(seed))
        if kernel.digest() == of_kernel:
            same = random_kernels.digest(random_kernels.on_simulator(kernel, tmp_path)) == of_result
            assert same != (differs == ["differs"]), f"seed {seed}"
        else:
            changed += 1
    # A new form of the battery changes the few kernels that draw it.
    assert changed <= len(chosen) // 4, "the generator has changed: a GPU has to execute its kernels again"


def test_a_seed_is_a_kernel():
    first, again, other = (random_kernels.generate(seed) for seed in (5, 5, 6))
    assert first.digest() == again.digest() != other.digest()


def test_everything_is_in_some_kernel():
    """What 200 kernels are made of."""
    text = "".join(random_kernels.generate(seed).ptx for seed in range(200))
    for what in ("brx.idx", "call (c5), %a", "call (c5), random", "exit;", "bar.warp.sync", "shfl.sync.up", "match.any", "match.all", "redux.sync",
                 "cp.async.wait_group 1", "mbarrier.test_wait", "mbarrier.try_wait", "cp.async.mbarrier.arrive", "ldmatrix", "movmatrix", "mma.sync",
                 "bar.red.popc", "addc.cc", "madc.", "lop3", "prmt", "dp4a", "dp2a", "shf.", "bfi.", "vadd4", "vset2", "fma.rm", "cvt.rz.sat",
                 ".f16x2", ".bf16x2", "slct", "setp.ge.xor", "vote.sync.uni", "ld.const", "ld.global.nc", "st.local.v4", "red.release", "atom.acq_rel"):
        assert what in text, what


@pytest.mark.skipif(not shutil.which("ptxas"), reason="there is no ptxas on this machine: whether assemblers take the kernels is not tested")
def test_assemblers_take_them(tmp_path):
    path = tmp_path / "kernels.ptx"
    path.write_text(forms.HEADER + "".join(random_kernels.generate(seed).ptx for seed in seeds(0)[:4]))
    done = subprocess.run(["ptxas", "-arch=sm_90", "-O0", "-o", os.devnull, path], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[:2000]
