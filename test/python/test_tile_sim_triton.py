#===- test_tile_sim_triton.py - tile-sim on PTX of Triton -------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-sim on what Triton made of the kernels in test/sim/triton, with all its checks, compared with NumPy (see
triton_programs). The PTX is committed; scripts/compile_triton_programs.sh makes it anew."""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import sim_programs
from sim_programs import InOut, Out, Runner
from tilec_testing import tool
from triton_programs import TABLE

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "test" / "sim" / "triton"
FULL = os.environ.get("TILEC_FULL") == "1"
PYTHON = ROOT / "build" / "triton-venv" / "bin" / "python"
LIBRARY = {"functions"}
COMMITTED = set(TABLE) - LIBRARY
FILES = sorted(FOLDER.glob("*.ptx"))


class Launcher:
    """Launches one variant as Triton's own launcher would."""

    def __init__(self, path, directory, seed):
        head = re.match(r"// launch: warps=(\d+) shared=(\d+) scratch=(\d+)\n", path.read_text())
        self.warps, self.shared, self.scratch = map(int, head.groups())
        self.runner = Runner(path, directory, [f"--seed={seed}"])
        self.stdout = ""

    def arguments(self, arguments, grid):
        programs = int(np.prod(grid))
        scratch = InOut(np.zeros(self.scratch * programs, np.uint8)) if self.scratch else np.uint64(0)
        return [*arguments, scratch, np.uint64(0)]

    def __call__(self, kernel, grid, *arguments):
        written = self.runner(kernel, grid, 32 * self.warps, *self.arguments(arguments, grid), smem=self.shared)
        self.stdout = self.runner.stdout
        return written


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".ptx"))
def test_variant(path, rng, tmp_path):
    name = path.name.split(".")[0]
    for _ in range(8 if FULL else 1):
        TABLE[name](Launcher(path, tmp_path, rng.integers(2**31)), name, rng)


def test_assertion_fails(rng, tmp_path):
    """The counterpart of `assert_sorted`: the assertion's words, its line, and status 1."""
    launcher = Launcher(FOLDER / "assert_sorted.sm_75.ptx", tmp_path, 1)
    x = np.arange(100, dtype=np.int32)[::-1]
    words, _ = launcher.runner.command("assert_sorted", 1, 128, launcher.arguments([x, Out(np.int32, 100), 100], 1),
                                       smem=launcher.shared)
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "the input is sorted" in done.stderr and "elementwise.py" in done.stderr


def test_every_variant_is_here():
    assert COMMITTED == {path.name.split(".")[0] for path in FILES}
    declared = {name for path in FOLDER.glob("*.py") for name in re.findall(r'^@variant\("(\w+)"', path.read_text(), re.MULTILINE)}
    assert declared == set(TABLE)


def compile_variants(names, directory):
    """Runs Triton, if it is there, and returns the files that it made."""
    if not PYTHON.exists():
        pytest.skip("there is no Triton: what it makes of kernels is not compiled; scripts/compile_triton_programs.sh installs it")
    done = subprocess.run([PYTHON, FOLDER / "compile.py", f"--to={directory}", *names], capture_output=True, text=True, timeout=110,
                          check=False)
    assert done.returncode == 0, done.stderr
    return sorted(directory.glob("*.ptx"))


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_library(name, rng, tmp_path):
    """What holds code of the device library is compiled here."""
    for path in compile_variants([name], tmp_path):
        TABLE[name](Launcher(path, tmp_path, rng.integers(2**31)), name, rng)


def test_committed_ptx_is_what_triton_makes(tmp_path, rng):
    """Of some variants, or of all in the long version, where Triton is."""
    names = sorted(COMMITTED) if FULL else sorted(rng.choice(sorted(COMMITTED), 3, replace=False))
    made = {path.name: path.read_text() for path in compile_variants(names, tmp_path)}
    assert made == {path.name: path.read_text() for path in FILES if path.name.split(".")[0] in names}
