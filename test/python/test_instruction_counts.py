#===- test_instruction_counts.py - what kernels cost on the CPU, in instructions --------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels execute no more instructions than benchmarks/instructions.json says, within 3 %: time cannot be a test, this can.
What grows for a good reason is entered by `scripts/count_instructions.py --update --why "..."`."""

import json
import shutil
import sys

import pytest

from tilec_testing import ROOT, tool

sys.path.insert(0, str(ROOT / "scripts"))

import count_instructions  # noqa: E402

EXPECTED = json.loads(count_instructions.COUNTS.read_text(encoding="utf-8"))["counts"]


def test_every_kernel_has_a_count():
    assert sorted(EXPECTED) == sorted(count_instructions.KERNELS)


@pytest.mark.parametrize("name", count_instructions.KERNELS)
def test_instructions(name):
    for program in ("valgrind", "clang-22"):
        if not shutil.which(program):
            pytest.skip(f"there is no {program}, so instructions are not counted")
    counts = {name: count_instructions.count(count_instructions.KERNELS[name], tool("tile-cc"))}
    assert not count_instructions.grown(counts, EXPECTED), (
        f"{counts[name]} instructions, {EXPECTED[name]} are committed; what grows for a reason is entered with it: "
        "scripts/count_instructions.py --update --why ...")


def test_growth_is_found_and_needs_a_reason():
    counts = {"a": 103, "b": 104, "c": 50}
    assert list(count_instructions.grown(counts, {"a": 100, "b": 100, "c": 100})) == ["b"]
    assert list(count_instructions.grown(counts, {"a": 100, "b": 104})) == ["c"]
    document = count_instructions.update({"counts": {"a": 100, "b": 100, "d": 1}, "history": []}, counts, "wider")
    assert document["counts"] == {"a": 103, "b": 104, "c": 50, "d": 1}
    assert document["history"] == [{"why": "wider", "grown": {"b": [100, 104]}}]
    assert count_instructions.update(document, {"a": 90}, None)["history"] == document["history"]
