#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Says what the memory model allows a litmus test to print, or that the test is undefined.

    litmus.py FILE...             prints the verdict of each
    litmus.py --update FILE...    writes it to the end of each file, as comments

A verdict is a list of lines: `allowed: OUTCOME` for each outcome, or `race: LINE LINE` for each pair of accesses that
may race, or `uninitialised: LINE` for each read of an element that may not have been written. The axioms are those of
docs/memory-model.md; the interpreter plays no part in this."""

import argparse
import re
import sys

from litmus_axioms import Model
from litmus_parser import LitmusError
from litmus_program import Program

GENERATED = re.compile(r"// (allowed|race|uninitialised): ")


def overlap(text):
    """Groups of parameters that share their storage: `// overlap: %x %y`."""
    return [line.split()[2:] for line in text.splitlines() if line.startswith("// overlap: ")]


def verdict(text):
    """The Verdict of the litmus test in `text`."""
    return Model(Program(text, overlap(text))).verdict()


def body(text):
    """The test without its generated lines."""
    return "\n".join(line for line in text.splitlines() if not GENERATED.match(line)) + "\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="+", metavar="FILE")
    arguments.add_argument("--update", action="store_true", help="write the verdicts into the files")
    arguments = arguments.parse_args()
    for path in arguments.files:
        with open(path) as file:
            text = file.read()
        try:
            lines = verdict(text).lines()
        except LitmusError as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
        if arguments.update:
            with open(path, "w") as file:
                file.write(body(text) + "".join(f"// {line}\n" for line in lines))
        else:
            print(f"{path}:", *lines, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
