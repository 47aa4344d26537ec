#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Drops each token edge of kernels in turn, and counts how many of these mutants the interpreter reports as racy.

    mutate_tokens.py [--only REGEX] [--schedules N] [--seed N] [--jobs N] [--passes PIPELINE] [--verbose]

The kernels are those of the zoo, at a few small ragged shapes, and the correct forms of test/races; the passes relax and
simplify their tokens first, so that only needed edges are there. Each mutant runs in program order, and then in up to N
random orders, until a race is found. One without a race is a survivor if tile-verify-order, which knows nothing of runs,
reports more than it does of the kernel itself; otherwise no conflict hangs on the edge, which is there because accesses
stay behind an acquire and before a release whatever they touch, or to order atomics. Survivors are printed with the edge
that was dropped; a share of killed mutants below 95 % is an error.
TILEC_BIN is the folder of the tools (default: build/bin)."""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "python"))
os.environ.setdefault("TILEC_BIN", str(ROOT / "build" / "bin"))

import numpy as np  # noqa: E402
from bounded import Bounded  # noqa: E402
from tilec_testing import KERNELS, command_line, tool, type_name  # noqa: E402
from zoo import ENTRIES  # noqa: E402

PASSES = "builtin.module(tile.kernel(tile-relax-tokens,tile-simplify-tokens))"
LIMIT = 0.95

# Extents of the small shapes: each dim takes the next one in turn, up to its cap. Tiles are smaller than any.
EXTENTS = [(5, 7, 3), (4, 5, 9), (600, 3, 2)]
TILES = [2, 3]


def zoo_commands(entry, program, rng, directory):
    """The command lines for a kernel of the zoo."""
    for number, extents in enumerate(EXTENTS):
        dims = {name: min(extents[at % len(extents)], cap) for at, (name, cap) in enumerate(entry.dims.items())}
        problem = entry.make(rng, entry.types[0], **dims)
        outs = {name: value.type if isinstance(value, Bounded) else type_name(value)
                for name, value in problem.expect.items() if name not in problem.inouts}
        config = {name: TILES[at % len(TILES)] for at, name in enumerate(entry.blocks)}
        work = directory / f"{entry.id}-{number}"
        work.mkdir()
        command, _ = command_line(program, KERNELS / entry.file, entry.kernel, [], ins=problem.ins,
                                  inouts=problem.inouts, outs=outs, scalars=problem.scalars, consts=problem.consts, types=problem.types,
                                  dims=problem.dims, config=config, directory=work)
        yield command


def subjects(program, rng, directory):
    """(name, command lines) for every kernel; an edge is dropped in the runs of all of them."""
    for entry in ENTRIES:
        yield entry.id, list(zoo_commands(entry, program, rng, directory))
    for path in sorted((ROOT / "test" / "races").glob("*.tile")):
        arguments = re.search(r"^// run: (.*)$", path.read_text(), re.MULTILINE).group(1).split()
        yield path.stem, [[str(word) for word in [*program, path, "correct", *arguments]]]


def mutate(commands):
    """The fate of each edge, the worst of all runs: idle, survived or killed. An edge is its number and what it is."""
    order, fates = ["idle", "survived", "killed"], {}
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        for fate, number, edge in re.findall(r"^(killed|survived|idle) (\d+): (.*?)(?:: (?:race|error).*)?$", done.stdout,
                                             re.MULTILINE):
            fates[int(number), edge] = max(fates.get((int(number), edge), "idle"), fate, key=order.index)
    return fates


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="REGEX", help="kernels whose name has a match")
    parser.add_argument("--schedules", type=int, default=20, metavar="N", help="random orders for a mutant (default 20)")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("TILEC_SEED", "0")), help="of the arguments")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("TILEC_JOBS") or os.cpu_count() or 2))
    parser.add_argument("--passes", default=PASSES, metavar="PIPELINE", help=f"run before edges are dropped ({PASSES})")
    parser.add_argument("--verbose", action="store_true", help="a line for each kernel")
    options = parser.parse_args()
    folder = pathlib.Path(tool("tile-run")).parent.parent / "test" / "lib"
    program = [str(folder / "tile-mutate-tokens"), options.passes, str(options.schedules)]
    total = collections.Counter()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = [(name, pool.submit(mutate, commands)) for name, commands in
                subjects(program, np.random.default_rng(options.seed), pathlib.Path(folder))
                if re.search(options.only, name)]
        for name, future in work:
            fates = future.result()
            count = collections.Counter(fates.values())
            total += count
            if options.verbose:
                print(f"{name}: {count['killed']} killed, {count['survived']} survived, {count['idle']} idle")
            for (number, edge), fate in fates.items():
                if fate == "survived" or (fate == "idle" and options.verbose):
                    print(f"{name}: {fate} {number}: {edge}")
    mutants = total["killed"] + total["survived"]
    print(f"{total['killed']} of {mutants} mutants killed ({total['killed'] / max(mutants, 1):.1%}); on {total['idle']} more "
          "edges hangs no conflict")
    return 0 if mutants and total["killed"] >= LIMIT * mutants else 1


if __name__ == "__main__":
    sys.exit(main())
