# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The pass generator writes into a copy of this tree what the checks of the tree accept."""

import shutil
import subprocess
import sys

import pytest

import check_layering
import check_text

COPIED = ["docs/layering.txt", "include/tilec/Transforms/Passes.td", "lib/Transforms/CMakeLists.txt"]


@pytest.fixture
def copy(root, tmp_path):
    for name in COPIED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    return tmp_path


def new_pass(root, top, *arguments):
    script = [sys.executable, root / "scripts" / "new_pass.py", "--root", top, *arguments]
    return subprocess.run(script, capture_output=True, text=True)


def test_what_it_writes_keeps_to_the_rules(root, copy):
    before = {name: (copy / name).read_text() for name in COPIED}
    assert new_pass(root, copy, "Fusion/FuseEpilogue", "Fuse what follows").returncode == 0
    assert (copy / "lib/Transforms/Fusion/FuseEpilogue.cpp").is_file()
    assert "--pass-pipeline=" in (copy / "test/Transforms/Fusion/fuse_epilogue.mlir").read_text()
    table = (copy / COPIED[1]).read_text()
    assert 'def FuseEpilogue : Pass<"tile-fuse-epilogue"' in table and table.rstrip().endswith("TILEC_TRANSFORMS_PASSES_TD")
    cmake = (copy / COPIED[2]).read_text()
    assert cmake.split().count("Fusion/FuseEpilogue.cpp") == 1
    assert set(before[COPIED[2]].split()) <= set(cmake.split())
    assert check_layering.check(copy)[0] == [] and check_text.check(copy)[0] == []


def test_it_overwrites_nothing(root, copy):
    assert new_pass(root, copy, "Fusion/FuseEpilogue", "Fuse").returncode == 0
    after = {name: (copy / name).read_text() for name in COPIED}
    assert new_pass(root, copy, "Fusion/FuseEpilogue", "Fuse").returncode == 2
    assert after == {name: (copy / name).read_text() for name in COPIED}


@pytest.mark.parametrize("path", ["FuseEpilogue", "fusion/FuseEpilogue", "A/B/C", "../A/B"])
def test_odd_names_are_refused(root, copy, path):
    assert new_pass(root, copy, path, "Fuse").returncode == 2
