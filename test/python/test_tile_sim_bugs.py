# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-sim's checks, measured: in each program of test/sim/bugs the kernel `broken` has one bug, which a report must name
within 20 schedules, at its lines; nothing may be said of `correct`, whose results are NumPy's. See planted_bugs.py."""

import os
import re
import subprocess

import numpy as np
import pytest
from planted_bugs import WORDS, planted_bugs
from tilec_testing import tool

BUGS = planted_bugs()
SCHEDULES = 20
# Of the correct forms.
QUIET_SCHEDULES = 200 if os.environ.get("TILEC_FULL") == "1" else 10
each_bug = pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)


def simulate(bug, kernel, schedules, directory, *options):
    arguments, expected = bug.arguments(directory)
    command = [tool("tile-sim"), bug.ptx, kernel, *bug.launch, *arguments, f"--schedules={schedules}", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False), expected


def test_there_are_enough():
    assert len(BUGS) >= 55
    assert {word for bug in BUGS for word in bug.reports} == set(WORDS)


@each_bug
def test_broken(bug, tmp_path):
    assert bug.text.startswith("// Bug: ") and all(bug.marked(word) for word in bug.reports)
    done, _ = simulate(bug, "broken", SCHEDULES, tmp_path, "--stop-at-report")
    assert done.returncode == 1, "no report"
    first = done.stderr.splitlines()[0]
    found = [word for word in WORDS if re.search(rf"(^|error: |\s){word}\b", first)]
    # A read may come before the write that it races with, and find nothing there.
    reports = bug.reports + ["uninitialised"] * ("race" in bug.reports)
    assert found and found[0] in reports, done.stderr
    # What is reported behind it may be what follows from the bug.
    places = bug.places(re.match(r".*(\n[ ].*)*", done.stderr).group())
    assert places and places <= set().union(*map(bug.marked, bug.reports)), done.stderr


@each_bug
def test_correct(bug, tmp_path):
    done, expected = simulate(bug, "correct", QUIET_SCHEDULES, tmp_path, "--same-results")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    for path, values in expected:
        assert np.array_equal(np.load(path), values), path.name
