# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Planted ordering bugs: in each file of test/races the kernel `broken` has one, and `correct` is the same without it.

A file says how its kernels are called (`// run:`), and marks the lines of the accesses that race (`// race`). The
interpreter must report two of them, and nothing in the correct form."""

import pathlib
import re
import subprocess

import pytest
from tilec_testing import tool

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "races"
FILES = sorted(FOLDER.glob("*.tile"))


def marked(text):
    """The lines of the accesses that race."""
    return {number for number, line in enumerate(text.splitlines(), 1) if line.endswith("  // race")}


def run(path, kernel):
    arguments = re.search(r"^// run: (.*)$", path.read_text(), re.MULTILINE).group(1).split()
    command = [tool("tile-run"), path, kernel, "--exec=interp", "--races", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_there_are_enough():
    assert len(FILES) >= 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_broken(path):
    text = path.read_text()
    assert text.startswith("// Bug: ") and marked(text), "a file says what its bug is, and where"
    result = run(path, "broken")
    assert result.returncode == 1 and "race" in result.stderr.splitlines()[0], result.stderr
    places = {int(line) for line in re.findall(rf"{path.name}:(\d+):", result.stderr)}
    assert places and places <= marked(text), result.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_correct(path):
    result = run(path, "correct")
    assert result.returncode == 0 and not result.stderr, result.stderr
