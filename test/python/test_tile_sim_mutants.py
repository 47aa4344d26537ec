# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-sim's checks, measured by mutation: scripts/mutate_ptx.py plants bugs of order in correct programs. Here is a sample of
its mutants, or in the long version all of them."""

import os
import pathlib
import re
import subprocess
import sys

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from mutate_ptx import equivalents, mutants, mutations, subjects  # noqa: E402


def test_mutants_are_killed():
    size = [] if os.environ.get("TILEC_FULL") == "1" else ["--sample=60", "--only=bugs/"]
    done = subprocess.run([sys.executable, SCRIPTS / "mutate_ptx.py", *size, f"--seed={os.environ['TILEC_SEED']}", "--jobs=1"],
                          capture_output=True, text=True, timeout=14000, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ of \d+ mutants killed", done.stdout, re.MULTILINE)


def test_what_is_planted():
    """Each kind of mutant, as text."""
    made = {
        "bar.sync 0": [("barrier dropped", "")],
        "bar.warp.sync -1": [("warp barrier dropped", "")],
        "membar.gl": [("fence dropped", ""), ("scope gl narrowed", "membar.cta")],
        "cp.async.wait_group 1": [("wait dropped", ""), ("one group more left", "cp.async.wait_group 2")],
        "st.release.gpu.global.u32 [%a], 1": [("release weakened to relaxed", "st.relaxed.gpu.global.u32 [%a], 1"),
                                               ("scope gpu narrowed", "st.release.cta.global.u32 [%a], 1")],
        "ld.volatile.global.u32 %r, [%a]": [("volatile weakened to weak", "ld.global.u32 %r, [%a]")],
        "atom.global.add.u32 %r, [%a], 1": [("scope gpu narrowed", "atom.cta.global.add.u32 %r, [%a], 1")],
        "atom.shared.add.u32 %r, [%a], 1": [],
        "add.u32 %r, %r, 1": [],
    }
    for statement, expected in made.items():
        assert list(mutations(statement)) == expected
    ((kind, flipped),) = [mutant for mutant in mutations("mbarrier.test_wait.parity.shared.b64 p, [%r1], %r2") if "parity" in mutant[0]]
    assert flipped == "{ .reg .b32 other; xor.b32 other, %r2, 1; mbarrier.test_wait.parity.shared.b64 p, [%r1], other; }"


def test_every_reason_is_about_a_mutant():
    """A mutant that is listed as equivalent is there."""
    texts = {str(mutant) for subject in subjects() for mutant in mutants(subject)}
    for text, reason in equivalents():
        assert reason and text in texts, text
