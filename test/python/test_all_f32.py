#===- test_all_f32.py - functions with vector code on all f32 --------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""scripts/measure_all_f32.py finds every function within its promise: on every 4099th f32, with TILEC_FULL=1 on all."""

import importlib.util
import os
import re
import subprocess
import sys

import pytest

from tilec_testing import ROOT

SCRIPT = ROOT / "scripts" / "measure_all_f32.py"
STEP = "1" if os.environ.get("TILEC_FULL") == "1" else "4099"


def functions():
    """Those that the script knows."""
    spec = importlib.util.spec_from_file_location("measure_all_f32", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FUNCTIONS


@pytest.mark.parametrize("arch", ["x86-64-v3", "native"])
def test_within_promises(arch):
    build = os.path.dirname(os.environ.get("TILEC_BIN", str(ROOT / "build" / "bin")))
    result = subprocess.run([sys.executable, str(SCRIPT), f"--build={build}", f"--step={STEP}", f"--arch={arch}"],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    rows = re.findall(r"^\| (\w+) \| \S+ \| [\d.]+ \| ([\d.]+) \|", result.stdout, re.M)
    assert [name for name, _ in rows] == functions(), result.stdout
    # No function is exact: less than half an ulp would mean that nothing was measured.
    assert all(float(far) >= 0.49 for _, far in rows), result.stdout
