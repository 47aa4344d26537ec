#===- test_zoo.py - every kernel of examples/kernels against NumPy ---------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs each zoo kernel in every element type, on every executor, at many shapes and tile sizes.

The whole cross product (TILEC_FULL=1) is large; the default run has each (kernel, executor, type) once at a ragged
shape with odd tile sizes, and a sample of the rest that depends on the seed.
"""

import os

import numpy as np
import pytest

from tilec_testing import EXECUTORS, KERNELS, assert_result, run, type_name
from bounded import Bounded
from zoo import ENTRIES, LONG

# Cases beyond those that always run.
SAMPLE = 120

ODD = [5, 7, 3, 11]
BLOCKS = ["default", "odd", "64", "100"]
SIZES = ["ragged", "1", "7", "64", "100", "long"]

# Products of all extents stay below this many elements, so that the interpreter takes about a second.
WORK = {"interp": 400_000, "cpu": 4_000_000}


def block_sizes(entry, blocks):
    """The config of a case: None leaves every tile size to the target."""
    if blocks == "default":
        return {}
    if blocks == "odd":
        return {name: ODD[at % len(ODD)] for at, name in enumerate(entry.blocks)}
    return {name: int(blocks) for name in entry.blocks}


def extents(entry, size, executor, rng):
    """The dims of a case, each at most its cap, shrunk from the largest until the work fits."""
    names = list(entry.dims)
    if size == "ragged":
        dims = {name: int(rng.choice([2, 3, 5, 11, 13, 17, 23, 37])) for name in names}
    elif size == "long":
        # One long dim at a time, the others small.
        long = [name for name in names if entry.dims[name] >= LONG]
        dims = {name: int(rng.choice([1, 3, 6])) for name in names}
        dims[long[int(rng.integers(len(long)))]] = int(rng.integers(LONG - 20, LONG + 1))
    else:
        dims = {name: int(size) for name in names}
    dims = {name: min(extent, entry.dims[name]) for name, extent in dims.items()}
    while np.prod([float(extent) for extent in dims.values()]) > WORK[executor]:
        largest = max(names, key=lambda name: dims[name])
        dims[largest] = (dims[largest] + 1) // 2
    return dims


def cross_product():
    for entry in ENTRIES:
        for executor in EXECUTORS:
            for element in entry.types:
                for size in SIZES:
                    for blocks in BLOCKS if entry.blocks else ["default"]:
                        yield entry, executor, element, size, blocks


def chosen_cases():
    cases = list(cross_product())
    if os.environ.get("TILEC_FULL") == "1":
        return cases
    always = [c for c in cases if c[3] == "ragged" and c[4] in ("odd", "default") and (c[4] == "odd" or not c[0].blocks)]
    rest = [c for c in cases if c not in always]
    picks = np.random.default_rng(int(os.environ["TILEC_SEED"])).choice(len(rest), SAMPLE, replace=False)
    return always + [rest[at] for at in sorted(picks)]


def case_id(case):
    entry, executor, element, size, blocks = case
    return f"{entry.id}-{executor}-{element}-{size}-{blocks}"


@pytest.mark.parametrize("case", chosen_cases(), ids=case_id)
def test_zoo(case, rng, tmp_path):
    entry, executor, element, size, blocks = case
    dims = extents(entry, size, executor, rng)
    problem = entry.make(rng, element, **dims)
    outs = {name: value.type if isinstance(value, Bounded) else type_name(value)
            for name, value in problem.expect.items() if name not in problem.inouts}
    result = run(KERNELS / entry.file, entry.kernel, executor, ins=problem.ins, inouts=problem.inouts, outs=outs,
                 scalars=problem.scalars, consts=problem.consts, types=problem.types, dims=problem.dims,
                 config=block_sizes(entry, blocks), directory=tmp_path)
    assert result.arrays.keys() == problem.expect.keys()
    for name, value in problem.expect.items():
        assert_result(f"{name} at {dims}", result.arrays[name], value)


def test_every_zoo_file_is_tested():
    assert {path.name for path in KERNELS.glob("*.tile")} == {entry.file for entry in ENTRIES}
