#===- test_fuzz_programs.py - random programs, compiled and interpreted ----------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A short run of scripts/fuzz_programs.py: a few programs from a list that never changes, a few from this run's seed."""

import os
import subprocess
import sys

import pytest

from tilec_testing import ROOT

SCRIPT = ROOT / "scripts" / "fuzz_programs.py"
COUNT = 300 if os.environ.get("TILEC_FULL") == "1" else 30


@pytest.mark.parametrize("which", ["fixed", "seeded"])
def test_fuzz_programs(which):
    seed = 1 if which == "fixed" else int(os.environ["TILEC_SEED"])
    done = subprocess.run([sys.executable, SCRIPT, f"--count={COUNT}", f"--seed={seed}", "--minimise=20"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, f"seed {seed}:\n{done.stdout}{done.stderr}"
    # All of them ran: the time limit did not end the run early.
    assert f"{COUNT} programs of seed {seed}, 0 findings" in done.stdout
