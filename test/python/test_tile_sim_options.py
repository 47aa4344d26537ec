#===- test_tile_sim_options.py - tile-sim on PTX of other options and of NVRTC -----------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The programs of test/sim/programs as compilers make them with other options than those of the committed PTX: without
optimisation, for debuggers, for linking, with fast arithmetic; and as NVRTC makes them. Their meaning is the same, and so
are the references; tile-sim must have nothing to say.

Each test compiles; the seed chooses programs, and the long version runs all.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nvrtc
import sim_programs
from sim_programs import Runner

PROGRAMS = {key: program for key, program in sim_programs.load_programs().items() if not program.is_library()}
FULL = os.environ.get("TILEC_FULL") == "1"
# What each compiler is told.
WAYS = {
    "nvrtc": [],
    "nvrtc-G": ["-G"],
    "nvrtc-G-lineinfo": ["-G", "-lineinfo", "-std=c++20"],
    "nvrtc-lineinfo": ["-lineinfo", "-std=c++14"],
    "nvrtc-rdc": ["-rdc=true", "-std=c++20"],
    "nvrtc-registers": ["-maxrregcount=32"],
    "nvrtc-fast": ["--use_fast_math"],
    "nvrtc-no-fma": ["-fmad=false"],
    "nvcc-G": ["-G"],
    "nvcc-lineinfo": ["-lineinfo"],
    "nvcc-rdc": ["-rdc=true"],
    "nvcc-O0": ["-Xcicc", "-O0"],
    "nvcc-fast": ["--use_fast_math"],
    "nvcc-no-fma": ["-fmad=false", "-maxrregcount=32"],
    "clang-O0": ["-O0"],
    "clang-O1": ["-O1"],
    "clang-O3": ["-O3", "-ffp-contract=off"],
    "clang-g": ["-O0", "-g"],
    "clang-ftz": ["-O2", "-fgpu-flush-denormals-to-zero"],
    "clang-rdc": ["-O2", "-fgpu-rdc", "-gline-tables-only"],
}


def command(way, arch, source, ptx, toolkit):
    compiler, options = way.split("-")[0], WAYS[way]
    if compiler == "nvrtc":
        return [sys.executable, nvrtc.__file__, nvrtc.find_library(), source, ptx, f"--gpu-architecture=compute_{arch[3:]}",
                f"-I{toolkit}/include", f"-I{toolkit}/include/cccl", f"-I{source.parent}", "--device-int128", "--device-as-default-execution-space", *options]
    if compiler == "nvcc":
        return ["nvcc", "-ptx", "-std=c++17", f"-arch={arch}", *options, source, "-o", ptx]
    return ["clang++-22", "-x", "cuda", "--cuda-device-only", "-S", "-std=c++17", f"--cuda-gpu-arch={arch}",
            f"--cuda-path={toolkit}", "-Wno-unknown-cuda-version", *options, source, "-o", ptx]


def cases():
    generator = np.random.default_rng(int(os.environ["TILEC_SEED"]))
    for way in WAYS:
        keys = [key for key, program in PROGRAMS.items() if way.startswith("nvrtc") or way.split("-")[0] in program.compilers()]
        for key in keys if FULL else [keys[generator.integers(len(keys))]]:
            archs = PROGRAMS[key].architectures()
            yield pytest.param(key, way, archs[generator.integers(len(archs))], id=f"{key}-{way}")


@pytest.mark.parametrize("key, way, arch", cases())
def test_program(key, way, arch, rng, tmp_path):
    toolkit = nvrtc.find_toolkit()
    if not toolkit:
        pytest.skip("there is no CUDA toolkit: what its compilers make of a program with other options is not run")
    program = PROGRAMS[key]
    ptx = tmp_path / f"{program.name}.ptx"
    words = [str(word) for word in command(way, arch, program.source, ptx, toolkit)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stderr}"
    program.check(Runner(ptx, tmp_path, [f"--seed={rng.integers(2**31)}"]), rng)
