# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The constraint check: every break in the chain from description to verifier to test is found."""

import check_constraints

TD = 'def Tile_AOp : Tile_Op<"a", [Pure /*a_c1*/]> {\n  (C1) one. (C2) two.\n}\n'
CPP = "// a_c2\n"
TEST = "func.func @a_c1() {}\nfunc.func @a_c2_with_words() {}\n"


def violations(tree, td=TD, cpp=CPP, test=TEST):
    contents = {"dialects/Tile/A.td": td, "dialects/Tile/A.cpp": cpp, "test/dialects/Tile/a_invalid.mlir": test}
    return check_constraints.check(tree(contents))[0]


def test_this_tree_is_clean(root):
    assert check_constraints.check(root)[0] == []


def test_a_whole_chain_passes(tree):
    assert violations(tree) == []


def test_a_constraint_without_check(tree):
    assert violations(tree, cpp="") == ["dialects/Tile/A.td:2: no trait or verifier mentions a_c2"]


def test_a_constraint_without_test(tree):
    assert violations(tree, test="func.func @a_c1() {}\n") == ["dialects/Tile/A.td:2: no test is named @a_c2"]


def test_another_number_is_no_test(tree):
    assert violations(tree, test=TEST.replace("a_c2_with", "a_c21_with")) == [
        "dialects/Tile/A.td:2: no test is named @a_c2"
    ]


def test_a_check_without_constraint(tree):
    assert violations(tree, cpp=CPP + "// a_c3\n") == ["dialects/Tile/A.cpp:2: a_c3 is no constraint"]


def test_classes_name_their_constraints(tree):
    td = 'class Tile_SomeAccessOp<string mnemonic> : Tile_Op<mnemonic> {\n  (C1) one.\n}\ndef Tile_A : I32Attr;\n'
    found = violations(tree, td=td, cpp="// some_access_c1\n", test="func.func @some_access_c1() {}\n")
    assert found == []


def test_an_empty_tree_fails(tree):
    assert check_constraints.check(tree({"README.md": ""}))[0] == ["no constraint was found"]
