#===- fuzz_reduce.py - findings made smaller -------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes a program with a finding smaller: statements are left out, and loops and branches replaced by what they hold; then
tile-reduce leaves out ops of its IR, asking this file, as a program, whether what is left still has the finding:

  fuzz_reduce.py CASE.json FILE.mlir      exits with 1 if the finding is there

CASE.json has the commands of the reference and of the way that showed the finding, with FILE in the place of the IR's path.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from fuzz_oracles import command_of, disagreement, judge, run_command, signature


def places(statements, path=()):
    """The paths of all statements, outer and later ones first."""
    for number in reversed(range(len(statements))):
        yield path + (number,)
        if not isinstance(statements[number], str):
            for part, inner in enumerate(statements[number]):
                if isinstance(inner, list):
                    yield from places(inner, path + (number, part))


def without(statements, path, unwrap):
    """The statements less the one at a path, or with what it holds in its place; None where that changes nothing."""
    copy = list(statements)
    if len(path) > 1:
        inner = without(copy[path[0]][path[1]], path[2:], unwrap)
        if inner is None:
            return None
        copy[path[0]] = copy[path[0]][:path[1]] + [inner] + copy[path[0]][path[1] + 1:]
        return copy
    gone = copy[path[0]]
    if not unwrap:
        return copy[:path[0]] + copy[path[0] + 1:]
    if isinstance(gone, str):
        return None
    return copy[:path[0]] + [s for part in gone if isinstance(part, list) for s in part] + copy[path[0] + 1:]


def reads_undefined(program, body):
    """Whether a temporary is read that no statement writes any more."""
    text = program.source(body)
    return any(not re.search(rf"^\s*(\w+ \w+ = )?(store\()?{a.name}\[.*( = |, )", text, re.M)
               for a in program.used(text) if a.kind == "temporary")


def showing(listed, trouble):
    """The reference and the way that showed a finding."""
    alone = [way for way in listed[1:] if f", {way} " in trouble or trouble.startswith(f"{way}:")][:1]
    return listed[:1] + alone if alone else listed[:2]


def minimise(program, listed, trouble, directory, deadline):
    """Leaves out statements while the finding stays the same; returns (the statements, the finding)."""
    body, wanted = program.body, signature(trouble)
    listed = showing(listed, trouble)
    changed = True
    while changed and time.monotonic() < deadline:
        changed = False
        for path in list(places(body)):
            for unwrap in (False, True):
                try:
                    smaller = without(body, path, unwrap)
                except (IndexError, TypeError):
                    # An earlier step took away what this path leads through.
                    break
                if smaller is None or time.monotonic() > deadline or reads_undefined(program, smaller):
                    continue
                now = judge(program, listed, smaller, directory)
                if now and signature(now) == wanted:
                    body, changed, trouble = smaller, True, now
                    break
    return body, trouble


# The IR.

def write_case(program, listed, trouble, body, directory):
    """Compiles a program to IR, and writes what its runs need; returns (the case, what went wrong)."""
    commands, names = [], {}
    for way in showing(listed, trouble):
        command, written = command_of(program, way, body, directory)
        names = {name: path.name for name, path in written.items()}
        # Types, consts and sizes are bound in the IR.
        keep = [word for at, word in enumerate(command) if word not in ("--const", "--set") and command[at - 1] not in ("--const", "--set")]
        commands.append(["FILE" if word == "k.tile" else word for word in keep] + ["--compile-from=configured"])
    compile_command = [str(Path(os.environ["TILEC_BIN"]) / "tile-cc"), "k.tile", "--kernel=k", "--emit=configured", "-o", "k.mlir"]
    compile_command += ["--no-excess-precision"] * program.strict
    for symbol, extent in program.extent.items():
        compile_command += ["--dim", f"{symbol}={extent}"]
    for at, word in enumerate(command):
        if word in ("--const", "--set"):
            compile_command += command[at:at + 2]
    if "<T: " in program.source(body):
        compile_command += ["--type", f"T={program.generic}"]
    done = subprocess.run(compile_command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    case = directory / "case.json"
    case.write_text(json.dumps({"commands": commands, "ways": [str(way) for way in showing(listed, trouble)], "written": names, "wanted": signature(trouble), "signs": program.signs,
                                "types": {array.name: array.type for array in program.arrays}, "arrays": str(directory.resolve())}),
                    encoding="utf-8")
    return case, done.stderr if done.returncode else None


def reduce_ir(program, listed, trouble, body, directory, seconds):
    """The text of the smallest IR that tile-reduce finds with the finding, or why there is none."""
    case, failure = write_case(program, listed, trouble, body, directory)
    if failure:
        return f"no IR: {failure}"
    test = directory / "interesting.sh"
    test.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{Path(__file__).resolve()}' '{case.resolve()}' \"$1\"\n", encoding="utf-8")
    test.chmod(0o755)
    try:
        done = subprocess.run([str(Path(os.environ["TILEC_BIN"]) / "tile-reduce"), "k.mlir", f"--tile-reduce-ops=test={test.resolve()}",
                               "-o", "reduced.mlir"], cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return f"no reduced IR in {seconds} s\n"
    if done.returncode:
        return f"no reduced IR: {done.stderr}\n"
    return (directory / "reduced.mlir").read_text(encoding="utf-8")


def is_interesting(case, path):
    """Whether the IR in a file has the finding of a case."""
    program = SimpleNamespace(signs=case["signs"], arrays=[SimpleNamespace(name=name, type=type) for name, type in case["types"].items()])
    results = []
    for way, command in zip(case["ways"], case["commands"]):
        with tempfile.TemporaryDirectory() as directory:
            directory = Path(directory)
            for array in Path(case["arrays"]).glob("*.npy"):
                (directory / array.name).write_bytes(array.read_bytes())
            found, trouble = run_command([str(path) if word == "FILE" else word for word in command],
                                         {name: directory / file for name, file in case["written"].items()}, directory, way)
            if trouble:
                return signature(trouble) == case["wanted"]
            results.append(found)
    trouble = disagreement(program, *results, case["ways"])
    return bool(trouble) and signature(trouble) == case["wanted"]


if __name__ == "__main__":
    sys.exit(is_interesting(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]).resolve()))
