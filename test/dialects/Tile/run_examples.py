# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the example of every operation of some dialects: run_examples.py TILE-OPT FILE.td...

An example is the ```mlir block of an operation's description. It is put into a kernel that defines what TileDialect.td
says examples may use (and into a grid, unless it has grids or a kernel of its own), and interpreted. What it prints must
be what its comments `// prints TEXT` say, line by line. An operation without an example is an error."""

import re
import subprocess
import sys

DEFINITION = re.compile(r"^(?:def|class) [A-Z][a-z]+_(\w+)\b", re.MULTILINE)
BLOCK = re.compile(r"```mlir\n(.*?)```", re.DOTALL)
PRINTS = re.compile(r"// prints (.*)")

PRELUDE = "".join(f"  %c{n} = arith.constant {n} : index\n" for n in range(9)) + """
  %i = tile.range %c0 to %c3 size %c4 "i" : !tile.range<4>
  %j = tile.range %c0 to %c2 size %c2 "j" : !tile.range<2>
  %A = tile.array() "A" : memref<3x2xi32>
  %setup = tile.grid "setup" (%r "r" : index = %c0 to %c3 step %c1, %s "s" : index = %c0 to %c2 step %c1) entry %entry {
    %ten = arith.constant 10 : index
    %tens = arith.muli %r, %ten : index
    %sum = arith.addi %tens, %s : index
    %element = arith.index_cast %sum : index to i32
    %stored = tile.store %element, %A[%r, %s] after (%entry) : i32, memref<3x2xi32>[index, index]
    tile.yield %stored : !tile.token
  }
"""


def program(example):
    if "tile.kernel" in example:
        return example
    if "tile.grid" not in example and "tile.array" not in example:
        example = 'tile.grid "example" () entry %e after (%setup) {\n' + example + "\n}"
    return "tile.kernel @example() {\n" + PRELUDE + example + "\n  tile.return\n}\n"


def run(tile_opt, name, example):
    """The complaint about one example; nothing if it does what it says."""
    command = [tile_opt, "--tile-interpret", "-o", "/dev/null", "-"]
    done = subprocess.run(command, input=program(example), capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        return f"{name}: the example fails:\n{done.stderr}"
    expected = [line.rstrip() for line in PRINTS.findall(example)]
    actual = [line.rstrip() for line in done.stdout.splitlines()]
    if actual != expected:
        return f"{name}: the example prints\n" + "\n".join(actual) + "\ninstead of\n" + "\n".join(expected)
    return None


def main(tile_opt, *paths):
    complaints, count = [], 0
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        starts = [*DEFINITION.finditer(text)]
        for start, end in zip(starts, starts[1:] + [None]):
            name, body = start.group(1), text[start.start() : end.start() if end else len(text)]
            if not name.endswith("Op") or start.group(0).startswith("class"):
                continue
            examples = BLOCK.findall(body)
            if not examples:
                complaints.append(f"{name}: no example")
            for example in examples:
                count += 1
                complaint = run(tile_opt, name, example)
                if complaint:
                    complaints.append(complaint)
    print("\n".join(complaints) or f"{count} examples do what they say")
    return 1 if complaints or not count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
