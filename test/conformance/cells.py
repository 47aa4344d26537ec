#===- cells.py - the cells of the conformance matrix -----------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Executors, problems and cells: what the table multiplies to, and how a sample of it is drawn.

A problem is a kernel with arguments: a row, an element type, a shape and the values in the arrays. The reference runs it
once. A cell is a problem on one executor with one config.
"""

import zlib
from dataclasses import dataclass, field

import amx
import numpy as np

from tilec_testing import INTEGERS
from zoo_table import TableError, draw_dims

# Products of all extents stay below this, so that the interpreter takes about a second.
WORK = 400_000


@dataclass
class Executor:
    """A row of the table. unavailable: why it does not run on this machine, or empty. environment: that of its processes,
    if not ours."""
    name: str
    options: list
    command: list = None
    needs: list = field(default_factory=list)
    needs_for: dict = field(default_factory=dict)
    cannot: dict = field(default_factory=dict)
    unavailable: str = ""
    environment: dict = None


@dataclass
class Problem:
    """One call of a kernel, but for its arguments, which come from the seed and the problem's name."""
    entry: object
    element: str
    shape: object
    values: str

    @property
    def id(self):
        return f"{self.entry.id}/{self.element}/{self.shape.name}/{self.values}"

    def seed(self, seed):
        """What the arguments are drawn from: the same in every run that has the seed."""
        return [seed, zlib.crc32(self.id.encode())]

    def dims(self, rng):
        return draw_dims(self.entry, self.shape, WORK, rng)


@dataclass
class Cell:
    """A problem on an executor. status: `passed`, `failed`, or `not run`; why: what is wrong, or missing."""
    problem: Problem
    config: object
    executor: Executor
    status: str = ""
    why: str = ""
    seconds: float = 0.0

    @property
    def id(self):
        return f"{self.problem.id}/{self.config.name}/{self.executor.name}"


def machine_features():
    """The features of this machine's processor, as Linux names them."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            flags = next((line for line in info if line.startswith("flags")), "")
    except OSError:
        flags = ""
    return set(flags.split())


def read_executors(data, features):
    """(reference, executors by name) of a table."""
    allowed = {"name", "options", "command", "needs", "needs_for", "emulates", "cannot"}

    def lacks(needed):
        missing = [feature for feature in needed if feature not in features]
        return "this machine has no " + ", ".join(missing) if missing else ""

    def read(row):
        for key in row:
            if key not in allowed:
                raise TableError(f"executor '{row.get('name', '?')}': unknown key '{key}'")
        row = dict(row)
        emulated = set(row.pop("emulates", []))
        if emulated - amx.FLAGS:
            raise TableError(f"executor '{row['name']}': there is no emulator of {', '.join(sorted(emulated - amx.FLAGS))}")
        executor = Executor(**row)
        executor.unavailable = lacks(feature for feature in executor.needs if feature not in emulated)
        executor.cannot |= {tag: lacks(needed) for tag, needed in executor.needs_for.items() if lacks(needed)}
        if emulated and not executor.unavailable:
            executor.unavailable = amx.missing()
        if emulated - features and not executor.unavailable:
            executor.environment = amx.environment()
        return executor

    if "reference" not in data:
        raise TableError("the table has no reference")
    executors = {}
    for row in data.get("executor", []):
        if "name" not in row or "options" not in row:
            raise TableError("an executor has no 'name' or no 'options'")
        if row["name"] in executors or row["name"] == "reference":
            raise TableError(f"two executors are called '{row['name']}'")
        executors[row["name"]] = read(row)
    if not executors:
        raise TableError("the table has no executor")
    return read({"name": "reference", **data["reference"]}), executors


def all_problems(table, kernels=None):
    """Every problem of some kernels (all by default), in the table's order."""
    for entry in table.entries.values():
        if kernels and entry.id not in kernels:
            continue
        for element in entry.types:
            for shape in table.shapes.values():
                for values in entry.values:
                    # Integers are exact as they are.
                    if values != "integers" or element not in INTEGERS:
                        yield Problem(entry, element, shape, values)


def cells_of(problem, table, executors):
    """Every cell of a problem."""
    for executor in executors:
        for config in table.configs.values():
            if config.suits(problem.entry, problem.shape):
                yield Cell(problem, config, executor)


def sample_cells(problems, table, executors, count, seed):
    """About `count` cells that run here: problems of every kernel in turn, each on every executor with one config. Each
    executor runs each kernel at least once."""
    rng = np.random.default_rng([seed, len(problems)])
    by_kernel = {}
    for at in rng.permutation(len(problems)):
        by_kernel.setdefault(problems[at].entry.id, []).append(problems[at])
    names = sorted(by_kernel)
    running = max(1, sum(not executor.unavailable for executor in executors))
    cells, drawn = [], 0
    for turn in range(len(problems)):
        for name in names:
            if turn >= len(by_kernel[name]) or (turn and drawn * running >= count):
                continue
            drawn += 1
            problem = by_kernel[name][turn]
            configs = [config for config in table.configs.values() if config.suits(problem.entry, problem.shape)]
            for executor in executors:
                cells.append(Cell(problem, configs[int(rng.integers(len(configs)))], executor))
    return cells
