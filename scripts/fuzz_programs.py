#!/usr/bin/env python3
#===- fuzz_programs.py - random programs, compiled and interpreted ---------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Generates random well-typed .tile programs, and compares `tile-run --exec=cpu` with `tile-run --exec=interp`.

Results are exact (see random_program.py), so they are compared bit for bit, and a difference is a bug. Shapes are ragged,
0, 1 and prime; tile sizes, optimisation, threads and architectures are random. A crash, a message of an internal error, a
hang and an error in a program that should compile are findings as well. A finding is made smaller by leaving statements
out, and printed; then tile-reduce makes its IR smaller, which is printed, too.

The tools are found in the directory that TILEC_BIN names. One seed gives one list of programs:

  fuzz_programs.py --count=200 --seed=7            programs 0 to 199 of seed 7
  fuzz_programs.py --seed=7 --only=31 --keep=out   program 31 alone, with its files left in out/
  fuzz_programs.py --count=1000 --coverage         what 1000 programs are made of, without running them
"""

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fuzz_coverage import print_coverage
from fuzz_oracles import judge, ways
from fuzz_reduce import minimise, reduce_ir
from random_program import Program


def seed_of(options, number):
    return options.seed * 1000003 + number


def examine(options, number):
    """Runs one program; returns the text of its finding, or None."""
    program = Program(seed_of(options, number))
    listed = ways(program, seed_of(options, number))
    ir = ""
    with tempfile.TemporaryDirectory() as directory:
        trouble = judge(program, listed, program.body, Path(directory))
        if not trouble:
            return None
        body, trouble = minimise(program, listed, trouble, Path(directory), time.monotonic() + options.minimise)
        if options.reduce:
            ir = reduce_ir(program, listed, trouble, body, Path(directory), options.reduce)
        if options.keep:
            target = options.keep / f"{options.seed}-{number}"
            target.mkdir(parents=True, exist_ok=True)
            judge(program, listed, body, target)
    return (f"--- seed {options.seed}, program {number}, dims {program.extent}, sizes {program.sizes}"
            f"{', strict' if program.strict else ''}: {trouble}\n{program.source(body)}{ir}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60, help="how many programs")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    parser.add_argument("--seed", type=int, default=0, help="which list of programs")
    parser.add_argument("--only", type=int, help="run this one of them alone")
    parser.add_argument("--time", type=float, default=600, help="stop after so many seconds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="programs that run at once")
    parser.add_argument("--minimise", type=float, default=30, help="seconds to spend on making one finding smaller")
    parser.add_argument("--reduce", type=float, default=60, help="seconds to spend on reducing its IR with tile-reduce; 0 leaves it out")
    parser.add_argument("--keep", type=Path, help="leave the files of findings in this folder")
    parser.add_argument("--coverage", action="store_true", help="count what the programs are made of, and run none")
    options = parser.parse_args()
    numbers = [options.only] if options.only is not None else range(options.first, options.first + options.count)
    if options.coverage:
        return print_coverage(Program(seed_of(options, number)).source() for number in numbers)
    start, findings, ran = time.monotonic(), 0, 0
    with ThreadPoolExecutor(options.jobs) as pool:
        def bounded(number):
            return examine(options, number) if time.monotonic() - start <= options.time else "late"
        for finding in pool.map(bounded, numbers):
            if finding == "late":
                pool.shutdown(wait=False, cancel_futures=True)
                break
            ran += 1
            if finding:
                findings += 1
                print(finding, flush=True)
    print(f"{ran} programs of seed {options.seed}, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
