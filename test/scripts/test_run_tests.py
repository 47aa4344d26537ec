# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The runner itself: its counts, its last line, and that nothing which breaks or stays silent passes."""

import json
import os
import pathlib
import re
import stat
import subprocess
import sys

import pytest

import run_tests

UNIT = """#!{python}
import json, sys
path = [a for a in sys.argv if a.startswith("--gtest_output=json:")][0].split(":", 1)[1]
report = {report}
if report is not None:
    open(path, "w").write(json.dumps(report))
sys.exit({status})
"""


@pytest.fixture
def build(tmp_path):
    (tmp_path / "test").mkdir()
    return tmp_path


def add_unit(build, name, report, status):
    program = build / name
    program.write_text(UNIT.format(python=sys.executable, report=report, status=status))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with open(build / "test" / "manifest.txt", "a") as manifest:
        manifest.write(f"unit {program}\n")


def run(build, *options):
    """The exit status and the total of a run of the unit suite."""
    script = pathlib.Path(run_tests.__file__)
    command = [sys.executable, script, "--build", build, "--suite", "unit", *options]
    result = subprocess.run(command, capture_output=True, text=True)
    last = re.fullmatch(r"(\d+) passed, (\d+) failed", result.stdout.splitlines()[-1])
    assert last, result.stdout + result.stderr
    return result.returncode, int(last[1]), int(last[2]), result.stdout


def test_passes_are_counted(build):
    add_unit(build, "A", {"tests": 3, "failures": 0}, 0)
    add_unit(build, "B", {"tests": 4, "failures": 0, "disabled": 1}, 0)
    assert run(build)[:3] == (0, 6, 0)


def test_failures_are_counted(build):
    add_unit(build, "A", {"tests": 3, "failures": 2}, 1)
    assert run(build)[:3] == (1, 1, 2)


def test_no_test_at_all_fails(build):
    assert run(build)[:3] == (1, 0, 1)


def test_a_program_without_tests_fails(build):
    add_unit(build, "A", {"tests": 3, "failures": 0}, 0)
    add_unit(build, "B", {"tests": 0, "failures": 0}, 0)
    assert run(build)[:3] == (1, 3, 1)


def test_a_crash_fails(build):
    add_unit(build, "A", None, 139)
    assert run(build)[:3] == (1, 0, 1)


def test_a_crash_after_the_report_fails(build):
    add_unit(build, "A", {"tests": 3, "failures": 0}, 139)
    assert run(build)[:3] == (1, 3, 1)


def test_a_stale_report_does_not_pass(build):
    (build / "test-results").mkdir()
    (build / "test-results" / "A.json").write_text(json.dumps({"tests": 3, "failures": 0}))
    add_unit(build, "A", None, 0)
    assert run(build)[:3] == (1, 0, 1)


def test_a_missing_program_fails(build):
    (build / "test" / "manifest.txt").write_text(f"unit {build}/gone\n")
    assert run(build)[:3] == (1, 0, 1)


def test_the_seed_is_printed_and_passed_on(build):
    program = 'import os, sys; print("seen", os.environ["TILEC_SEED"])'
    add_unit(build, "A", {"tests": 1, "failures": 0}, 0)
    text = (build / "A").read_text()
    (build / "A").write_text(text.replace("import json, sys", program + "\nimport json, sys"))
    output = run(build, "--seed", "4711")[3]
    assert "seed 4711" in output and "seen 4711" in output


def runner_at(build, monkeypatch, root):
    monkeypatch.setattr(run_tests, "ROOT", root)
    return run_tests.Runner(build, False, 1)


def test_pytest_suites_are_counted(build, tmp_path, monkeypatch):
    runner = runner_at(build, monkeypatch, tmp_path)
    folder = tmp_path / "some"
    folder.mkdir()
    (folder / "test_a.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): assert False\n@pytest.mark.skip\ndef test_c(): pass\n"
    )
    count = runner.pytest("some", [folder], 60)
    assert (count.passed, count.failed, count.skipped) == (1, 1, 1)


def test_a_pytest_suite_that_cannot_be_collected_fails(build, tmp_path, monkeypatch):
    runner = runner_at(build, monkeypatch, tmp_path)
    (tmp_path / "test_broken.py").write_text("import no_such_module\n")
    assert runner.pytest("some", [tmp_path / "test_broken.py"], 60).failed > 0
    assert runner.pytest("some", [tmp_path / "no_such_folder"], 60).failed > 0


@pytest.mark.parametrize("status, expected", [(0, (2, 0, 1)), (1, (2, 1, 1))])
def test_cells_of_the_matrix_are_counted(build, tmp_path, monkeypatch, status, expected):
    """Also where the script fails without saying which cell did."""
    report = {"references": [{"status": "passed"}],
              "cells": [{"status": "passed"}, {"status": "not run", "executor": "gpu", "why": "there is none"}]}
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "conformance.py").write_text(
        f"import sys\nopen(sys.argv[2], 'w').write({json.dumps(report)!r})\nsys.exit({status})\n")
    count = runner_at(build, monkeypatch, tmp_path).conformance()
    assert (count.passed, count.failed, count.skipped) == expected
    assert "not run here: 1 cells of gpu: there is none" in count.notes


def test_a_matrix_without_a_report_fails(build, tmp_path, monkeypatch):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "conformance.py").write_text("")
    assert runner_at(build, monkeypatch, tmp_path).conformance().failed == 1


def test_tools_that_verify_order_are_the_tools_with_the_option(build, tmp_path, monkeypatch):
    (build / "bin").mkdir(exist_ok=True)
    for name in ("tile-opt", "tile-cc", "tile-run"):
        tool = build / "bin" / name
        tool.write_text('#!/bin/sh\necho "$0" "$@"\n')
        tool.chmod(0o755)
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    runner = run_tests.Runner(build, False, 1, verify_each_order=True)
    for name in ("tile-opt", "tile-cc", "tile-run"):
        command = [f"{runner.env['TILEC_BIN']}/{name}", "a b", "--set=i=4"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert printed == f"{build}/bin/{name} --verify-each-order a b --set=i=4\n"


def test_a_run_that_leaves_files_behind_fails(build, tmp_path, monkeypatch):
    root = tmp_path / "checkout"
    root.mkdir()
    subprocess.run(["git", "init", "-q", root], check=True)
    runner = runner_at(build, monkeypatch, root)
    assert (runner.tree().passed, runner.tree().failed) == (1, 0)
    (root / "left.txt").write_text("")
    assert runner.tree().failed == 1


def test_scripts_are_executable(root):
    for name in ("install_deps.sh", "build.sh", "test.sh", "demo.sh"):
        assert os.access(root / "scripts" / name, os.X_OK), name
    assert os.access(root / ".ci" / "run", os.X_OK)
