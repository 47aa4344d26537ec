#!/usr/bin/env python3
#===- fuzz_programs.py - random programs, compiled and interpreted ---------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Generates random well-typed .tile programs, and compares `tile-run --exec=cpu` with `tile-run --exec=interp`.

Floats are small integers (see random_program.py), so results are compared for equality, and a difference is a bug.
Shapes are ragged, 0, 1 and prime; tile sizes are random. A crash, a message of an internal error, a hang and an error in
a program that should compile are findings as well. A finding is minimised by leaving statements out.

The tools are found in the directory that TILEC_BIN names. One seed gives one list of programs:

  fuzz_programs.py --count=200 --seed=7            programs 0 to 199 of seed 7
  fuzz_programs.py --seed=7 --only=31 --keep=out   program 31 alone, with its files left in out/
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from random_program import BITS, Program

TIMEOUT_SECONDS = 60


def run_once(program, executor, grids, directory):
    """Runs a program with one executor. Returns (its results by name, None) or (None, what went wrong)."""
    directory = Path(directory)
    (directory / "k.tile").write_text(program.source(grids))
    command = [str(Path(os.environ["TILEC_BIN"]) / "tile-run"), "k.tile", "k", f"--exec={executor}"]
    written = {}
    text = program.source(grids)
    for array in program.arrays:
        suffix = f":{array.type}" if array.type in BITS else ""
        if array.kind in ("in", "inout", "written", "atomic"):
            data = program.data(array)
            path = directory / f"{array.name}.npy"
            np.save(path, data.astype(np.bool_) if array.type == "bool" else data)
            command += ["--in" if array.kind == "in" else "--inout", f"{array.name}={path.name}{suffix}"]
            if array.kind != "in":
                written[array.name] = path
    for array in program.results(grids):
        written[array.name] = directory / f"{array.name}.npy"
        command += ["--out", f"{array.name}={array.name}.npy"]
    sizes = [f"{name}={size}" for name, size in program.sizes.items() if re.search(rf"for [^\n]*\b{name}\b", text)]
    if sizes:
        command += ["--set", ",".join(sizes)]
    (directory / f"{executor}.sh").write_text(" ".join(f"'{word}'" for word in command) + "\n")
    try:
        done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, f"{executor}: hangs"
    message = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0 or message:
        return None, f"{executor}: status {done.returncode}: {message.strip() or '(silent)'}"
    return {name: np.load(path) for name, path in written.items()}, None


def judge(program, grids, directory):
    """None where both executors agree, else a sentence."""
    expected, trouble = run_once(program, "interp", grids, directory)
    if trouble:
        return trouble
    actual, trouble = run_once(program, "cpu", grids, directory)
    if trouble:
        return trouble
    for name, value in expected.items():
        if value.shape != actual[name].shape or value.dtype != actual[name].dtype:
            return f"differ: {name} has another shape or type"
        same = (value == actual[name]) | ((value != value) & (actual[name] != actual[name]))
        if not same.all():
            at = tuple(int(i) for i in np.argwhere(~same)[0])
            return f"differ: {name}{list(at)} ({int((~same).sum())} elements): interp {value[at]}, cpu {actual[name][at]}"
    return None


def signature(trouble):
    """What stays the same of a finding while its program shrinks."""
    return re.sub(r"[0-9]+", "", trouble.split("\n")[0].split(": R")[0]) if trouble.startswith("differ") else \
        re.sub(r"k\.tile:[0-9:]+|'[^']*'|[0-9]+", "", trouble.split("\n")[0])


def minimise(program, trouble, directory, deadline):
    """Leaves out statements while the finding stays the same."""
    grids, wanted = [list(grid) for grid in program.grids], signature(trouble)
    changed = True
    while changed and time.monotonic() < deadline:
        changed = False
        for g, grid in enumerate(grids):
            for at in reversed(range(len(grid))):
                smaller = [list(other) for other in grids]
                smaller[g].pop(at)
                now = judge(program, smaller, directory) if any(smaller) and time.monotonic() < deadline else None
                if now and signature(now) == wanted:
                    grids, grid, changed, trouble = smaller, smaller[g], True, now
    return grids, trouble


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60, help="how many programs")
    parser.add_argument("--seed", type=int, default=0, help="which list of programs")
    parser.add_argument("--only", type=int, help="run this one of them alone")
    parser.add_argument("--time", type=float, default=600, help="stop after so many seconds")
    parser.add_argument("--minimise", type=float, default=30, help="seconds to spend on making one finding smaller")
    parser.add_argument("--keep", type=Path, help="leave the files of findings in this folder")
    options = parser.parse_args()
    start, findings, ran = time.monotonic(), 0, 0
    for number in range(options.count) if options.only is None else [options.only]:
        if time.monotonic() - start > options.time:
            break
        ran += 1
        program = Program(options.seed * 1000003 + number)
        with tempfile.TemporaryDirectory() as directory:
            trouble = judge(program, program.grids, directory)
            if not trouble:
                continue
            findings += 1
            grids, trouble = minimise(program, trouble, directory, time.monotonic() + options.minimise)
            if options.keep:
                target = options.keep / f"{options.seed}-{number}"
                target.mkdir(parents=True, exist_ok=True)
                judge(program, grids, target)
            print(f"--- seed {options.seed}, program {number}, dims {program.extent}: {trouble}\n{program.source(grids)}", flush=True)
    print(f"{ran} programs of seed {options.seed}, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
