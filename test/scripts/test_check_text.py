# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The text check: this tree passes, and each rule can be broken."""

import pytest

import check_text

BANNER = "//===- A.cpp - a test ---*- C++ -*-===//\n// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.\n"
BANNER += "// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
C_BANNER = BANNER.replace("//===- A.cpp", "/*===- A.h").replace("C++ -*-===//", "C -*-===").replace("// ", " * ")


def violations(tree, contents):
    return check_text.check(tree(contents))[0]


def test_this_tree_is_clean(root):
    assert check_text.check(root)[0] == []


def test_good_files_pass(tree):
    assert violations(tree, {"lib/X/A.cpp": BANNER, "include/tilec/X/A.h": C_BANNER}) == []


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"])
def test_promises(tree, word):
    found = violations(tree, {"lib/X/A.cpp": BANNER + f"// {word}: later\n"})
    assert len(found) == 1 and found[0].startswith("lib/X/A.cpp:4: ")


def test_words_that_contain_a_promise_are_fine(tree):
    assert violations(tree, {"lib/X/A.cpp": BANNER + "// HA" + "CKNEY\n"}) == []


@pytest.mark.parametrize("path", ["/wo" + "rk/main", "/ro" + "ot/x", "/ho" + "me/me/x", "../sha" + "red/x"])
def test_machine_paths(tree, path):
    assert len(violations(tree, {"docs/a.md": f"see {path}\n"})) == 1


@pytest.mark.parametrize("path", ["src/wo" + "rk/main", "docs/wo" + "rk/x", "the ro" + "ot/x"])
def test_paths_that_only_look_like_one(tree, path):
    assert violations(tree, {"docs/a.md": f"see {path}\n"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        BANNER.replace("A.cpp", "B.cpp"),
        BANNER.replace("===//", ""),
        "\n" + BANNER,
        BANNER.replace("SPDX", "spdx"),
    ],
)
def test_banners(tree, text):
    assert violations(tree, {"lib/X/A.cpp": text})


def test_inputs_of_tests_need_no_banner(tree):
    assert violations(tree, {"test/Driver/Inputs/A.c": "int a;\n"}) == []
    assert len(violations(tree, {"test/Driver/Inputs/A.c": "int a; \n"})) == 1


def test_scripts_need_the_licence_too(tree):
    assert len(violations(tree, {"scripts/a.py": "import os\n"})) == 1
    assert len(violations(tree, {"scripts/a.sh": "#!/bin/sh\n"})) == 2


def test_blanks_and_tabs(tree):
    assert len(violations(tree, {"lib/X/A.cpp": BANNER + "int a; \n"})) == 1
    assert len(violations(tree, {"lib/X/A.cpp": BANNER + "\tint a;\n"})) == 1


def test_links(tree):
    contents = {"docs/a.md": "[b](b.md) [c](../c.md#part) [w](https://llvm.org)\n", "docs/b.md": "", "c.md": ""}
    assert violations(tree, contents) == []
    assert violations(tree, {"docs/b.md": "x\n[gone](gone.md)\n"}) == ["docs/b.md:2: the link to gone.md leads nowhere"]


def test_an_empty_tree_fails(tree):
    assert violations(tree, {"picture.png": ""}) == ["no file was found"]
