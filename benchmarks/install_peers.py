#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Installs the peers that benchmarks/run.py compares with into build/bench-venv (about 1.3 GB to download, 3.4 GB on disk).

    install_peers.py [--venv DIR]

A peer that cannot be installed is named, and the benchmarks go on without it. The wheel of torch wants 3 GB of CUDA's
libraries beside it, of which a CPU uses none: its loader is given a library of stubs in their names (needs clang-22 and
llvm-nm-22)."""

import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CUDA_SYMBOL = re.compile(r"(__cuda|cu[A-Za-z]|nv|p?nccl)")
CUDA_LIBRARY = re.compile(r"NEEDED.*\[(lib(?:cu|nv|nccl)[^\]]*)\]")


def requirements(name):
    """The lines of a requirements file that name a package."""
    lines = [line.strip() for line in (HERE / name).read_text().splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def stub_source(symbols):
    """C that defines each symbol as a function that fails: 100 is CUDA's code for no device."""
    return "".join(f"int {name}(void) {{ return 100; }}\n" for name in sorted(symbols))


def cuda_needs(symbol_tables, dynamic_sections):
    """The symbols of CUDA that libraries use and none of them defines, and the libraries they name as needed: from the
    output of `llvm-nm -D` and `readelf -d` for each."""
    used, defined, needed = set(), set(), set()
    for table in symbol_tables:
        for line in table.splitlines():
            words = line.split()
            if len(words) >= 2:
                (used if words[-2] == "U" else defined).add(words[-1].split("@")[0])
    for section in dynamic_sections:
        needed.update(CUDA_LIBRARY.findall(section))
    return {name for name in used - defined if CUDA_SYMBOL.match(name)}, needed


def output(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False).stdout


def write_cuda_stubs(venv):
    """Writes the library that stands for CUDA's into VENV/cuda-stubs; does nothing without torch."""
    libraries = sorted(venv.glob("lib/python*/site-packages/torch/lib/*.so*"))
    symbols, needed = cuda_needs([output("llvm-nm-22", "-D", path) for path in libraries],
                                 [output("readelf", "-d", path) for path in libraries])
    if not needed:
        return
    folder = venv / "cuda-stubs"
    folder.mkdir(exist_ok=True)
    source, library = folder / "stubs.c", folder / "libstubs.so"
    source.write_text(stub_source(symbols))
    subprocess.run(["clang-22", "-w", "-shared", "-fPIC", "-fno-builtin", "-o", library, source], check=True)
    for name in needed:
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(library.name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venv", type=pathlib.Path, default=HERE.parent / "build" / "bench-venv", help="where to")
    venv = parser.parse_args().venv.resolve()
    if not (venv / "bin" / "python").exists():
        subprocess.run(["/usr/bin/python3", "-m", "venv", venv], check=True)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    missing = []
    for name, flags in (("requirements.txt", []), ("requirements-bare.txt", ["--no-deps"])):
        wanted = requirements(name)
        if subprocess.run(pip + flags + wanted, check=False).returncode == 0:
            continue
        # One by one: what can be had is worth having.
        missing += [one for one in wanted if subprocess.run(pip + flags + [one], check=False).returncode != 0]
    write_cuda_stubs(venv)
    print("missing: " + (", ".join(missing) or "nothing"))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
