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
from zoo import ENTRIES, TABLE
from zoo_table import draw_dims

# Cases beyond those that always run.
SAMPLE = 120

# Products of all extents stay below this many elements, so that the interpreter takes about a second.
WORK = {"interp": 400_000, "cpu": 4_000_000}


def cross_product():
    for entry in ENTRIES:
        for executor in EXECUTORS:
            for element in entry.types:
                for shape in TABLE.shapes.values():
                    for config in TABLE.configs.values():
                        if config.suits(entry, shape):
                            yield entry, executor, element, shape, config


def chosen_cases():
    cases = list(cross_product())
    if os.environ.get("TILEC_FULL") == "1":
        return cases
    always = [c for c in cases if c[3].name == "ragged" and c[4].name == ("odd" if c[0].blocks else "default")]
    rest = [c for c in cases if c not in always]
    picks = np.random.default_rng(int(os.environ["TILEC_SEED"])).choice(len(rest), SAMPLE, replace=False)
    return always + [rest[at] for at in sorted(picks)]


def case_id(case):
    entry, executor, element, shape, config = case
    return f"{entry.id}-{executor}-{element}-{shape.name}-{config.name}"


@pytest.mark.parametrize("case", chosen_cases(), ids=case_id)
def test_zoo(case, rng, tmp_path):
    entry, executor, element, shape, config = case
    dims = draw_dims(entry, shape, WORK[executor], rng)
    problem = entry.make(rng, element, **dims)
    outs = {name: value.type if isinstance(value, Bounded) else type_name(value)
            for name, value in problem.expect.items() if name not in problem.inouts}
    result = run(KERNELS / entry.file, entry.kernel, executor, ins=problem.ins, inouts=problem.inouts, outs=outs,
                 scalars=problem.scalars, consts=problem.consts, types=problem.types, dims=problem.dims,
                 config=config.sizes(entry), directory=tmp_path)
    assert result.arrays.keys() == problem.expect.keys()
    for name, value in problem.expect.items():
        assert_result(f"{name} at {dims}", result.arrays[name], value)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_references_of_empty_arrays(entry, rng):
    """Each dim may be 0 unless the table says that it cannot."""
    for name in set(entry.dims) - set(entry.nonempty):
        dims = {other: 0 if other == name else min(cap, 3) for other, cap in entry.dims.items()}
        assert entry.make(rng, entry.types[0], **dims).expect


def test_every_zoo_file_is_tested():
    assert {path.name for path in KERNELS.glob("*.tile")} == {entry.file for entry in ENTRIES}
