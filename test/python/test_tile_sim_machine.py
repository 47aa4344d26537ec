#===- test_tile_sim_machine.py - tile-sim compared with what a GPU computed ---------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-sim executes the battery of instructions (see machine) and must compute what test/sim/machine says that a GPU did.
scripts/compare_with_gpu.py records such values; where there is a GPU, a test here runs a part of the battery on it.

The default run takes a sample of the matrix instructions."""

import functools
import os

import numpy as np
import pytest
from machine import battery, forms, matrices, recorded, sums
from machine.driver import Gpu, library

FULL = os.environ.get("TILEC_FULL") == "1"


@functools.cache
def all_products():
    return list(battery.products())


def check(rows, known):
    """Asserts that rows have the recorded digests, and others where they are marked so."""
    wrong = []
    for name, data in rows:
        key = recorded.key(name)
        assert key in known, f"{name} is not recorded; scripts/compare_with_gpu.py does it"
        there, differs = known[key]
        if (there == recorded.digest(data, 10)) == differs:
            wrong.append(f"{name} {'does not differ any more' if differs else ''}")
        assert not differs or recorded.reason(name), f"{name} differs for no reason"
    assert not wrong, f"{len(wrong)} rows are not what the machine computes, or should not be:\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("part", battery.LISTS)
def test_instructions(part, tmp_path):
    known = recorded.load("instructions.txt")
    rows = (row for kernel in battery.instructions([part])
            for row in recorded.instruction_rows(kernel, battery.on_simulator(kernel, tmp_path)))
    check(rows, known)


@pytest.mark.parametrize("part", range(4))
def test_matrices(part, tmp_path, rng):
    known = recorded.load("matrices.txt")
    pairs = list(zip(matrices.instructions(), all_products(), strict=True))[part::4]
    if not FULL:
        pairs = [pairs[i] for i in rng.choice(len(pairs), 24, replace=False)]
    check((row for matrix, kernel in pairs
           for row in recorded.matrix_rows(matrix, kernel, battery.on_simulator(kernel, tmp_path))), known)


def test_all_that_is_recorded_is_a_row():
    names = {recorded.key(name) for kernel in battery.instructions() for name in kernel.names}
    assert set(recorded.load("instructions.txt")) <= names
    names = {recorded.key(name) for kernel in all_products() for name in kernel.names}
    assert set(recorded.load("matrices.txt")) <= names


def test_forms_have_names_of_their_own():
    names = [name for kernel in battery.instructions() for name in kernel.names]
    assert len(names) == len(set(names)) > 3500
    assert len({matrix.name for matrix in matrices.instructions()}) > 450


@pytest.mark.parametrize("name, matrix, index, case", recorded.sum_cases(), ids=lambda value: value if isinstance(value, str) else "")
def test_sums(name, matrix, index, case, tmp_path):
    """The rule of machine/sums.py gives the machine's sums to the bit, and tile-sim's are as near as the rule says."""
    expected = recorded.load_sums()[name]
    kernel = all_products()[index]
    ours = battery.on_simulator(kernel, tmp_path)[case].view(np.float32)
    words = kernel.inputs[0][case]
    rule = sums.machine_sum_f8 if matrix.reads[0][0] in ("e4m3", "e5m2") else sums.machine_sum
    for i, (a, b, c) in enumerate(sums.operands(matrix, words)):
        assert rule(a, b, c) == expected[i], f"element {i}"
        assert abs(float(ours[i]) - float(expected.view(np.float32)[i])) <= sums.most_apart(a, b, c), f"element {i}"


def test_on_a_gpu():
    """Some kernels on the GPU of this machine: what is recorded is what it computes."""
    if not library():
        pytest.skip("there is no CUDA driver on this machine: the recorded values of one are compared, and nothing is run on it")
    gpu = Gpu()
    known = recorded.load("instructions.txt")
    for kernel in list(battery.instructions(["integers"]))[:8]:
        for name, data in recorded.instruction_rows(kernel, battery.on_gpu(gpu, kernel)):
            assert known[recorded.key(name)][0] == recorded.digest(data, 10), name


def test_a_kernel_is_what_it_says(tmp_path):
    """The battery itself, on a form whose result NumPy knows."""
    group = forms.groups([forms.instruction("mul.hi.u32", ("u32", "u32"), 32)], "one")[0]
    kernel = battery.Kernel("one0", forms.HEADER + group.ptx(), tuple(group.inputs()), group.output(), group.count // forms.BLOCK,
                            forms.BLOCK, (group.forms[0].name,), 16 * group.count)
    a, b = (array.astype(np.uint64) for array in kernel.inputs)
    assert np.array_equal(battery.on_simulator(kernel, tmp_path)[0], (a * b >> np.uint64(32)).astype(np.uint32))
