#===- test_tile_sim_programs.py - tile-sim on PTX of other compilers -------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-sim on what nvcc and clang made of the programs in test/sim/programs, with all its checks, compared with references
(see sim_programs). The PTX is committed; scripts/compile_sim_programs.sh makes it anew. What holds a library's code is
compiled here, if there is a compiler.

An architecture whose PTX is that of a lower one runs in the long version, and so do more seeds.
"""

import os
import re
import shutil
import subprocess
from collections import Counter

import numpy as np
import pytest

import sim_programs
from sim_programs import ROOT, Runner

PROGRAMS = sim_programs.load_programs()
FULL = os.environ.get("TILEC_FULL") == "1"
# The compilers whose PTX is committed; others may write another text of the same meaning.
MADE_BY = {"nvcc": ("nvcc", "release 13.0"), "clang": ("clang++-22", "clang version 22.1")}
COMPILE = ROOT.parents[2] / "scripts" / "compile_sim_programs.sh"


def committed_cases():
    for key, program in PROGRAMS.items():
        if program.is_library():
            continue
        for compiler in program.compilers():
            for arch in program.architectures():
                if FULL or program.committed(compiler, arch)[1] == arch:
                    yield pytest.param(key, compiler, arch, id=f"{key}-{compiler}-{arch}")


def library_cases():
    """One architecture each, another one every day, unless the run is long."""
    generator = np.random.default_rng(int(os.environ["TILEC_SEED"]))
    for key, program in PROGRAMS.items():
        if not program.is_library():
            continue
        for compiler in program.compilers():
            archs = program.architectures()
            for arch in archs if FULL else [archs[generator.integers(len(archs))]]:
                yield pytest.param(key, compiler, arch, id=f"{key}-{compiler}-{arch}")


def check(key, path, rng, directory):
    for _ in range(3 if FULL else 1):
        PROGRAMS[key].check(Runner(path, directory, [f"--seed={rng.integers(2**31)}"]), rng)


@pytest.mark.parametrize("key, compiler, arch", committed_cases())
def test_program(key, compiler, arch, rng, tmp_path):
    path = tmp_path / f"{PROGRAMS[key].name}.{arch}.ptx"
    path.write_text(PROGRAMS[key].ptx(compiler, arch))
    check(key, path, rng, tmp_path)


def require(compiler):
    """Skips where there is no such compiler, or no toolkit, whose headers clang takes too."""
    for name in ("nvcc", MADE_BY[compiler][0]):
        if not shutil.which(name):
            pytest.skip(f"there is no {name}: what it makes of a program is neither compiled nor compared")


def require_version(compiler):
    """Skips where the compiler is not the one whose PTX is committed."""
    require(compiler)
    name, version = MADE_BY[compiler]
    if version not in subprocess.run([name, "--version"], capture_output=True, text=True, check=True).stdout:
        pytest.skip(f"{name} is not of {version}, of which the committed PTX is")


def compile_program(key, compiler, arch, directory):
    """Runs the script that makes the committed files, for one program, into a directory of the test's."""
    require(compiler)
    done = subprocess.run([COMPILE, f"--to={directory}", f"--compiler={compiler}", f"--arch={arch}", PROGRAMS[key].source],
                          capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = directory.glob("*.ptx")
    return path


@pytest.mark.parametrize("key, compiler, arch", library_cases())
def test_library(key, compiler, arch, rng, tmp_path):
    check(key, compile_program(key, compiler, arch, tmp_path), rng, tmp_path)


def test_table_and_folder_agree():
    files = {f"{path.parent.name}/{path.stem}" for path in ROOT.glob("*/*.cu")}
    assert files == set(PROGRAMS)
    made = {path for program in PROGRAMS.values() if not program.is_library() for compiler in program.compilers()
            for arch in program.architectures() for path in [program.committed(compiler, arch)[0]]}
    assert made == set(ROOT.glob("*/*.ptx"))


def test_documented_numbers():
    table = re.findall(r"^\| (\w+) \| (\d+) \|", (ROOT.parents[2] / "docs" / "testing.md").read_text(), re.MULTILINE)
    assert {topic: int(count) for topic, count in table} == Counter(program.topic for program in PROGRAMS.values())


def test_committed_ptx_is_what_the_compilers_make(tmp_path, rng):
    """Of some programs, or of all in the long version."""
    keys = sorted(key for key, program in PROGRAMS.items() if not program.is_library())
    for key in keys if FULL else rng.choice(keys, 3, replace=False):
        for compiler in PROGRAMS[key].compilers():
            require_version(compiler)
            arch = rng.choice(PROGRAMS[key].architectures())
            directory = tmp_path / key.replace("/", "-") / compiler
            directory.mkdir(parents=True)
            made = compile_program(key, compiler, arch, directory)
            assert made.read_text() == PROGRAMS[key].ptx(compiler, arch), f"{key}: scripts/compile_sim_programs.sh makes another file"
