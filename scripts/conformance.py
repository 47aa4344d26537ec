#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the conformance matrix (test/conformance/matrix.toml): every kernel, on every executor, at many shapes and tile
sizes, each compared with the interpreter.

    conformance.py [--executor NAME]... [--kernel ID]... [--sample N | --full] [--seed N] [--json FILE]

Prints a line for each kernel, a column for each executor, `passed/run` in each place, and the failures below; says which
executors cannot run here and why. The exit status is 1 if a cell failed or none ran. TILEC_BIN is the folder of tile-run
(default: build/bin)."""

import argparse
import collections
import concurrent.futures
import datetime
import itertools
import json
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "test" / "python"), str(ROOT / "test" / "conformance")]
os.environ.setdefault("TILEC_BIN", str(ROOT / "build" / "bin"))

from cells import all_problems, cells_of, machine_features, read_executors, sample_cells  # noqa: E402
from running import ProblemRun  # noqa: E402
from zoo import TABLE  # noqa: E402
from zoo_table import MATRIX, Table, TableError  # noqa: E402

# As many cells as two cores run in well under a minute.
SAMPLE = 400

# How many failures are printed.
SHOWN = 20


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executor", action="append", metavar="NAME", help="run only this executor (may be repeated)")
    parser.add_argument("--kernel", action="append", metavar="ID", help="run only this kernel (may be repeated)")
    parser.add_argument("--cell", action="append", metavar="ID", help="run only this cell, as a failure names it")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("TILEC_JOBS") or os.cpu_count() or 2),
                        help="processes at once (default: TILEC_JOBS, or one a core)")
    parser.add_argument("--sample", type=int, default=SAMPLE, metavar="N",
                        help=f"about how many cells to run (default {SAMPLE}); each executor runs each kernel once at least")
    parser.add_argument("--full", action="store_true", help="run every cell")
    parser.add_argument("--seed", type=int, help="of the sample and the arguments (default: TILEC_SEED, or today's date)")
    parser.add_argument("--timeout", type=float, default=120, metavar="SECONDS", help="a cell that takes longer hangs")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the outcome of every cell")
    parser.add_argument("--matrix", type=pathlib.Path, default=MATRIX, metavar="FILE", help="another table")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = int(os.environ.get("TILEC_SEED") or datetime.date.today().strftime("%Y%m%d"))
    if options.jobs < 1 or options.sample < 1 or options.seed < 0 or not options.timeout > 0:
        parser.error("--jobs, --sample and --timeout are positive, --seed is not negative")
    return parser, options


def read_table(path):
    """The table, with the makers of arguments that zoo.py has for its kernels."""
    if path == MATRIX:
        return TABLE
    table = Table(path)
    for name, entry in table.entries.items():
        if name not in TABLE.entries:
            raise TableError(f"kernel '{name}' is not in zoo.py")
        entry.make = TABLE.entries[name].make
    return table


def choose(parser, options, table, executors):
    """The cells to run."""
    for what, given, known in (("executor", options.executor, executors), ("kernel", options.kernel, table.entries)):
        for name in given or []:
            if name not in known:
                parser.error(f"there is no {what} '{name}'; there is {', '.join(known)}")
    rows = [executor for name, executor in executors.items() if not options.executor or name in options.executor]
    problems = list(all_problems(table, options.kernel))
    everything = [cell for problem in problems for cell in cells_of(problem, table, rows)]
    if options.cell:
        chosen = [cell for cell in everything if cell.id in options.cell]
        for name in set(options.cell) - {cell.id for cell in chosen}:
            parser.error(f"there is no cell '{name}'")
    else:
        chosen = everything if options.full else sample_cells(problems, table, rows, options.sample, options.seed)
    return rows, chosen, len(everything)


class Progress:
    """A line on a terminal that says how far the run is."""

    def __init__(self, total):
        self.total, self.done, self.failed = total, 0, 0

    def add(self, cells):
        self.done += len(cells)
        self.failed += sum(cell.status == "failed" for cell in cells)
        if sys.stderr.isatty():
            end = "\n" if self.done == self.total else ""
            print(f"\r{self.done} of {self.total} cells, {self.failed} failed", end=end, file=sys.stderr, flush=True)


def run_cells(cells, reference, options):
    """Runs the cells, problem by problem; returns (problem, status, why) of each reference."""
    groups = {}
    for cell in cells:
        groups.setdefault(cell.problem.id, []).append(cell)
    progress = Progress(len(cells))

    def run_group(group):
        with tempfile.TemporaryDirectory(prefix="tilec-conformance-") as directory:
            runs = ProblemRun(group[0].problem, reference, options.seed, options.timeout, directory)
            for cell in group:
                runs.run(cell)
        progress.add(group)
        return group[0].problem, runs.reference_status, runs.reference_why

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        return list(pool.map(run_group, groups.values()))


def print_matrix(rows, cells, references):
    """The kernels against the executors, and passed/run in each place."""
    counts = collections.defaultdict(collections.Counter)
    for problem, status, _ in references:
        counts[problem.entry.id, "reference"][status] += 1
    for cell in cells:
        counts[cell.problem.entry.id, cell.executor.name][cell.status] += 1
    names = ["reference", *(executor.name for executor in rows)]
    kernels = list(dict.fromkeys(cell.problem.entry.id for cell in cells))

    def place(count):
        ran = count["passed"] + count["failed"]
        mark = " !" if count["failed"] else ""
        return (f"{count['passed']}/{ran}" if ran else "-") + mark

    lines = [["kernel", *names]] + [[kernel, *(place(counts[kernel, name]) for name in names)] for kernel in kernels]
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    for line in lines:
        words = [word.rjust(width) for word, width in zip(line[1:], widths[1:])]
        print("  ".join([line[0].ljust(widths[0]), *words]).rstrip())


def print_not_run(cells):
    """Why cells did not run, once for each executor and reason."""
    reasons = collections.Counter((cell.executor.name, cell.why) for cell in cells if cell.status == "not run")
    for (executor, why), count in reasons.items():
        print(f"not run: {count} cells of {executor}: {why}")


def print_failures(cells, references, options):
    failures = [(f"{problem.id} on the reference", why) for problem, status, why in references if status == "failed"]
    failures += [(cell.id, cell.why) for cell in cells if cell.status == "failed"]
    for name, why in failures[:SHOWN]:
        print(f"FAILED {name}: {why}")
    if len(failures) > SHOWN:
        print(f"and {len(failures) - SHOWN} more (--json FILE has them all)")
    first = next((cell for cell in cells if cell.status == "failed"), None)
    if first:
        print(f"repeat the first one with: scripts/conformance.py --seed {options.seed} --cell {first.id}")


def write_json(path, cells, references, total, options):
    """Writes every cell that was chosen."""
    data = {
        "seed": options.seed,
        "cells_in_all": total,
        "references": [{"problem": problem.id, "status": status, "why": why} for problem, status, why in references],
        "cells": [{"kernel": cell.problem.entry.id, "type": cell.problem.element, "shape": cell.problem.shape.name,
                   "values": cell.problem.values, "config": cell.config.name, "executor": cell.executor.name,
                   "status": cell.status, "why": cell.why, "seconds": round(cell.seconds, 3)} for cell in cells],
    }
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def main():
    parser, options = parse()
    start = time.monotonic()
    try:
        table = read_table(options.matrix)
        reference, executors = read_executors(table.data, machine_features())
    except (TableError, OSError, ValueError, TypeError) as error:
        print(f"error: {options.matrix}: {error}", file=sys.stderr)
        return 1
    rows, cells, total = choose(parser, options, table, executors)
    print(f"seed {options.seed}: {len(cells)} of {total} cells", flush=True)
    references = run_cells(cells, reference, options)
    print_matrix(rows, cells, references)
    print_not_run(cells)
    print_failures(cells, references, options)
    if options.json:
        write_json(options.json, cells, references, total, options)
    count = collections.Counter(itertools.chain((cell.status for cell in cells), (status for _, status, _ in references)))
    print(f"{count['passed']} passed, {count['failed']} failed, {count['not run']} not run, "
          f"{time.monotonic() - start:.0f} s", flush=True)
    return 1 if count["failed"] or not any(cell.status == "passed" for cell in cells) else 0


if __name__ == "__main__":
    sys.exit(main())
