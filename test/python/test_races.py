# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Planted ordering bugs: in each file of test/races the kernel `broken` has one, and `correct` is the same without it.

A file says how its kernels are called (`// run:`), and marks the lines of the accesses that race (`// race`). The
interpreter must report such lines and no others, and nothing in the correct form. What the language cannot say, IR does."""

import pathlib
import re
import subprocess

import pytest
from tilec_testing import tool

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "races"
FILES = sorted([*FOLDER.glob("*.tile"), *FOLDER.glob("*.mlir")])


def marked(text):
    """The lines of the accesses that race."""
    return {number for number, line in enumerate(text.splitlines(), 1) if line.endswith("  // race")}


def run(path, kernel):
    """The status of a run and what it said of races."""
    if path.suffix == ".mlir":
        program = pathlib.Path(tool("tile-run")).parent.parent / "test" / "lib" / "tile-litmus"
        command = [program, path, f"--kernel={kernel}", "--schedules=20"]
    else:
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
    if path.suffix == ".mlir":
        pairs = re.findall(r" race (\d+) (\d+)$", result.stdout, re.MULTILINE)
        places = {int(line) for pair in pairs for line in pair}
    else:
        first = result.stderr.split("\n")[0]
        here = rf"{path.name}:(\d+):"
        report = re.search(rf"{here}\d+: error: race: .*?(?: from the [\w ]+ at {here}|more than once)", first)
        assert result.returncode == 1 and report, result.stderr
        places = {int(line) for line in report.groups() if line}
    assert places and places <= marked(text), result.stdout + result.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_correct(path):
    result = run(path, "correct")
    assert result.returncode == 0 and not result.stderr, result.stderr
    assert " race " not in result.stdout and " error " not in result.stdout, result.stdout
