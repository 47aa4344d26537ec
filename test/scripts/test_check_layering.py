# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The layering check: this tree passes, and each kind of violation is found at its line."""

import subprocess
import sys

import pytest

import check_layering

RULES = "lib/Layout:\nlib/Support: llvm\ndialects/Tile: lib/Support mlir\nlib/Transforms: dialects/Tile lib/Layout mlir\n"
RULES += "lib/Target: lib/Support llvm\nlib/Target/CPU: lib/Target mlir\nlib/Driver: *\ntest: *\n"


def violations(tree, contents, rules=RULES):
    return check_layering.check(tree({"docs/layering.txt": rules, **contents}))[0]


def test_this_tree_is_clean(root):
    found, count = check_layering.check(root)
    assert found == []
    assert count > 0


def test_the_command_fails_with_the_place(tree, root):
    top = tree({"docs/layering.txt": RULES, "lib/Layout/A.cpp": '#include "tilec/Transforms/B.h"\n'})
    script = [sys.executable, root / "scripts" / "check_layering.py", "--root", top]
    result = subprocess.run(script, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stdout == "lib/Layout/A.cpp:1: lib/Layout may not include lib/Transforms (tilec/Transforms/B.h)\n"


@pytest.mark.parametrize(
    "path, include, allowed",
    [
        ("lib/Transforms/A.cpp", "dialects/Tile/Tile.h", True),
        ("lib/Transforms/A.cpp", "dialects/Tile/TileOps.h.inc", True),
        ("lib/Transforms/A.cpp", "tilec/Transforms/Passes.h", True),
        ("lib/Transforms/A.cpp", "tilec/Support/A.h", False),
        ("lib/Transforms/A.cpp", "mlir/IR/Builders.h", True),
        ("lib/Transforms/A.cpp", "llvm/ADT/STLExtras.h", True),
        ("lib/Layout/A.cpp", "llvm/ADT/STLExtras.h", False),
        ("lib/Support/A.cpp", "mlir/IR/Builders.h", False),
        ("lib/Target/A.cpp", "tilec/Target/CPU/A.h", False),
        ("lib/Target/CPU/A.cpp", "tilec/Target/Target.h", True),
        ("include/tilec/Target/CPU/A.h", "tilec/Transforms/A.h", False),
        ("include/tilec/Target/CPU/A.h", "tilec/Target/Target.h", True),
        ("include/tilec-c/tilec.h", "tilec/Transforms/A.h", True),
        ("lib/Support/A.cpp", "tilec-c/tilec.h", False),
        ("test/unit/Layout/A.cpp", "tilec/Transforms/A.h", True),
        ("cmake/Pch.h", "mlir/IR/Builders.h", True),
    ],
)
def test_includes(tree, path, include, allowed):
    found = violations(tree, {path: f'// first line\n#include "{include}"\n'})
    assert (found == []) == allowed
    assert all(line.startswith(f"{path}:2: ") for line in found)


def test_tablegen_includes_count(tree):
    found = violations(tree, {"dialects/Tile/A.td": 'include "tilec/Transforms/Passes.td"\n'})
    assert len(found) == 1 and found[0].startswith("dialects/Tile/A.td:1: ")


def test_a_relative_include_cannot_hide_a_dependency(tree):
    found = violations(tree, {"lib/Transforms/B.h": "", "lib/Layout/A.cpp": '#include "../Transforms/B.h"\n'})
    assert found == ["lib/Layout/A.cpp:1: lib/Layout may not include lib/Transforms (../Transforms/B.h)"]


def test_an_unknown_component_is_an_error(tree):
    assert violations(tree, {"lib/New/A.cpp": ""}) == ["lib/New/A.cpp:1: lib/New has no line in docs/layering.txt"]


def test_an_unknown_component_in_an_include_is_an_error(tree):
    assert len(violations(tree, {"lib/Transforms/A.cpp": '#include "tilec/New/A.h"\n'})) == 1


@pytest.mark.parametrize(
    "rules, problem",
    [
        ("lib/A: lib/B\nlib/B: lib/A\n", "depends on itself"),
        ("lib/A: lib/B\n", "which has no line"),
        ("lib/A:\nlib/A:\n", "second line"),
        ("lib/A\n", "expected 'component:"),
    ],
)
def test_bad_rules_are_errors(tree, rules, problem):
    found = violations(tree, {}, rules)
    assert found and problem in found[0]


def test_missing_rules_are_an_error(tree):
    assert check_layering.check(tree({"lib/A/B.cpp": ""}))[0] == ["docs/layering.txt is missing"]


def test_build_trees_are_not_checked(tree):
    assert violations(tree, {"build-x/lib/Layout/A.cpp": '#include "tilec/Transforms/B.h"\n'}) == []
