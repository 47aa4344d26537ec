# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every kernel of the zoo has no race and one result, whatever legal order its accesses take: 100 random orders each in
the long version, a few otherwise. Results agree bit for bit; only sums that atomics make of floats may differ, within
the bound of their roundings, and tile-run says so."""

import os

import pytest

from bounded import Bounded
from tilec_testing import KERNELS, run, type_name
from zoo import ENTRIES, TABLE
from zoo_table import draw_dims

FULL = os.environ.get("TILEC_FULL") == "1"
ORDERS = 100 if FULL else 5

# Products of all extents: small, since a run with races looks at every element of every access.
WORK = 20_000 if FULL else 2_000


@pytest.mark.parametrize("shape", ["ragged", "prime"] if FULL else ["ragged"])
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_one_result(entry, shape, rng, tmp_path):
    element = entry.types[int(rng.integers(len(entry.types)))]
    dims = draw_dims(entry, TABLE.shapes[shape], WORK, rng)
    problem = entry.make(rng, element, **dims)
    outs = {name: value.type if isinstance(value, Bounded) else type_name(value)
            for name, value in problem.expect.items() if name not in problem.inouts}
    orders = ["--races", f"--schedules={ORDERS}", f"--seed={int(rng.integers(2**31))}"]
    # Many iterations, so that there is something to interleave.
    config = {name: [3, 5, 2][at % 3] for at, name in enumerate(entry.blocks)}
    result = run(KERNELS / entry.file, entry.kernel, "interp", ins=problem.ins, inouts=problem.inouts, outs=outs,
                 scalars=problem.scalars, consts=problem.consts, types=problem.types, dims=problem.dims, config=config,
                 options=orders, directory=tmp_path)
    assert not result.stderr or "remark" in result.stderr, result.stderr
