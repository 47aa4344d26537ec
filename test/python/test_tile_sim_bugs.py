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
QUIET_SCHEDULES = 200 if os.environ.get("TILEC_FULL") == "1" else 4
each_bug = pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)


# What tile-sim looks for.
CHECKED = {"deadlock", "out of bounds", "misaligned", "sync", "uninitialised"}
# Found by a check that tile-sim does not have yet: of races.
AWAITED = {"mbarrier_used_before_init", "parity_never_flipped"}


def simulate(bug, kernel, schedules, directory):
    for seed in range(schedules):
        arguments, expected = bug.arguments(directory)
        command = [tool("tile-sim"), bug.ptx, kernel, *bug.launch, *arguments, f"--seed={seed}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        if done.returncode:
            break
    return done, expected


def test_there_are_enough():
    assert len(BUGS) >= 55
    assert {word for bug in BUGS for word in bug.reports} == set(WORDS)


@each_bug
def test_broken(bug, tmp_path):
    if not CHECKED & set(bug.reports) or bug.name in AWAITED:
        pytest.skip("tile-sim has no such check yet")
    assert bug.text.startswith("// Bug: ") and all(bug.marked(word) for word in bug.reports)
    done, _ = simulate(bug, "broken", SCHEDULES, tmp_path)
    assert done.returncode == 1, "no report"
    first = done.stderr.splitlines()[0]
    found = [word for word in WORDS if re.search(rf"(^|error: |\s){word}\b", first)]
    assert found and found[0] in bug.reports, done.stderr
    places = bug.places(done.stderr)
    assert places and places <= bug.marked(found[0]), done.stderr


@each_bug
def test_correct(bug, tmp_path):
    done, expected = simulate(bug, "correct", QUIET_SCHEDULES, tmp_path)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    for path, values in expected:
        assert np.array_equal(np.load(path), values), path.name
