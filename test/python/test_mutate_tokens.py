# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The race finder, measured: each token edge that a conflict needs is dropped in turn, and the race must be reported."""

import os
import pathlib
import re
import subprocess
import sys

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "mutate_tokens.py"


def test_dropped_edges_are_missed():
    orders = 50 if os.environ.get("TILEC_FULL") == "1" else 10
    done = subprocess.run([sys.executable, SCRIPT, f"--schedules={orders}", "--jobs=1", "--verbose"], capture_output=True,
                          text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    # The kernels of the zoo whose grids depend on each other, and whose iterations do, are among them.
    for kernel in ("histogram_u8", "cumsum_chained", "saxpy"):
        assert int(re.search(rf"^{kernel}: (\d+) killed", done.stdout, re.MULTILINE).group(1)) > 0
