#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures how far the elementary functions are from their exact values, in ulp, and prints the table of docs/numerics.md.

    measure_ulps.py [--build DIR] [--step N] [--exec NAME]...

f8, f16 and bf16 are measured over every value; f32 over every N-th number (1024 by default) and boundary values; f64 over
random bits, as many as of f32. Needs the Python packages of the tests."""

import argparse
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--step", type=int, default=1024, help="measure every N-th f32")
    parser.add_argument("--exec", action="append", dest="executors", help="interp or cpu; both if not given")
    options = parser.parse_args()
    os.environ.setdefault("TILEC_BIN", str(options.build.resolve() / "bin"))
    sys.path.insert(0, str(ROOT / "test" / "python"))
    import functions
    from tilec_testing import EXECUTORS

    executors = options.executors or EXECUTORS
    columns = [(executor, name) for executor in executors for name in functions.TYPES]
    measured = {}
    with tempfile.TemporaryDirectory() as directory:
        for executor, name in columns:
            operands = functions.operands(name, options.step)
            for function, far in functions.distances(name, operands, executor, directory).items():
                measured[function, executor, name] = far.max()
    print("| function | " + " | ".join(f"{executor} {name}" for executor, name in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for function in functions.REFERENCES:
        print(f"| {function} | " + " | ".join(f"{measured[function, *column]:.3f}" for column in columns) + " |")


if __name__ == "__main__":
    main()
