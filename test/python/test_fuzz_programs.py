#===- test_fuzz_programs.py - random programs, compiled and interpreted ----------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A short run of scripts/fuzz_programs.py: a few programs from a list that never changes, a few from this run's seed; and
whether its programs are made of all that the language has."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tilec_testing import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
# pylint: disable=wrong-import-position
from fuzz_coverage import coverage  # noqa: E402
from fuzz_oracles import differing  # noqa: E402
from fuzz_reduce import places, without  # noqa: E402
from random_program import Program  # noqa: E402

SCRIPT = ROOT / "scripts" / "fuzz_programs.py"
COUNT = 400 if os.environ.get("TILEC_FULL") == "1" else 30
# Enough that what one program in a hundred has is in none of them once in 10^8 lists.
COVERAGE_COUNT = 2000
# A program of seed 0 whose result depends on an exclusive or.
WITH_XOR = 11


@pytest.mark.parametrize("which", ["fixed", "seeded"])
def test_fuzz_programs(which):
    seed = 1 if which == "fixed" else int(os.environ["TILEC_SEED"])
    done = subprocess.run([sys.executable, SCRIPT, f"--count={COUNT}", f"--seed={seed}", "--minimise=20"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, f"seed {seed}:\n{done.stdout}{done.stderr}"
    # All of them ran: the time limit did not end the run early.
    assert f"{COUNT} programs of seed {seed}, 0 findings" in done.stdout


def test_programs_have_every_construct():
    """No builtin of the language and no construct that random programs are to have is missing."""
    table = (ROOT / "lib" / "Frontend" / "Builtins.cpp").read_text(encoding="utf-8")
    builtins = set(re.findall(r'^ +\{"(\w+)", "\w+\(', table, re.M))
    assert len(builtins) > 60
    calls, constructs = coverage(Program(number).source() for number in range(COVERAGE_COUNT))
    assert not sorted(builtins - set(calls)), "builtins that no program calls"
    assert not sorted(name for name, count in constructs.items() if not count), "constructs that no program has"


# A tile-run that compiles `^` as `|` for the CPU, in source and in IR.
MISCOMPILER = """#!/bin/sh
file=$1
case "$*" in *--exec=cpu*)
  file=planted.${1##*.}
  sed -e 's/ \\^ / | /g' -e 's/ ^= / |= /g' -e 's/arith\\.xori/arith.ori/g' "$1" > $file ;;
esac
shift
exec %s "$file" "$@"
"""


def test_a_miscompiled_program_is_reduced(tmp_path):
    """A finding is printed as a small program and as small IR, which hold what is miscompiled and little else."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    real = Path(os.environ["TILEC_BIN"])
    for name in ("tile-cc", "tile-reduce"):
        (bin_folder / name).symlink_to((real / name).resolve())
    (bin_folder / "tile-run").write_text(MISCOMPILER % (real / "tile-run").resolve(), encoding="utf-8")
    (bin_folder / "tile-run").chmod(0o755)
    done = subprocess.run([sys.executable, SCRIPT, "--seed=0", f"--only={WITH_XOR}", "--minimise=60", "--reduce=60"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, env={**os.environ, "TILEC_BIN": str(bin_folder)}, timeout=110)
    assert done.returncode == 1 and ": differ: " in done.stdout, done.stdout + done.stderr
    source, _, ir = done.stdout.partition("module {")
    statements = [line for line in source.split("\n") if re.match(r" {4}", line)]
    whole = Program(WITH_XOR).source()
    assert " ^ " in source and len(statements) <= 8 < len(re.findall(r"^ {4}", whole, re.M)), source
    # Constants apart.
    ops = [line for line in ir.split("\n") if re.match(r" +%", line) and " = arith.constant" not in line]
    assert "arith.xori" in ir and len(ops) <= 10, ir


def test_a_seed_gives_one_program():
    assert Program(12).source() == Program(12).source() != Program(13).source()


def test_smaller_programs():
    body = ["a", ["if c {", ["b", "d"], "}"]]
    assert list(places(body)) == [(1,), (1, 1, 1), (1, 1, 0), (0,)]
    assert without(body, (1, 1, 0), False) == ["a", ["if c {", ["d"], "}"]]
    assert without(body, (1,), True) == ["a", "b", "d"]
    assert without(body, (0,), True) is None
    assert body == ["a", ["if c {", ["b", "d"], "}"]]


def test_comparison_is_bit_for_bit():
    """NaNs are one value; zeros differ by sign where the program determines it."""
    import numpy as np  # pylint: disable=import-outside-toplevel
    one = np.array([1.0, 0.0, np.nan, np.inf], np.float32)
    other = np.array([np.nextafter(np.float32(1), np.float32(2)), -0.0, -np.nan, np.inf], np.float32)
    assert differing(one, other, "f32", True).tolist() == [True, True, False, False]
    assert differing(one, other, "f32", False).tolist() == [True, False, False, False]
    # f8e4m3 has no infinities: 0x7e is its largest number, 0x7f a NaN.
    small, nan = np.array([0x7E, 0x7F], np.uint8), np.array([0x7F, 0xFF], np.uint8)
    assert differing(small, nan, "f8e4m3", True).tolist() == [True, False]
