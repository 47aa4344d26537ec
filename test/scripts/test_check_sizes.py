# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The size check: this tree passes, and each limit can be exceeded."""

import pytest

import check_sizes


def lines(count):
    return "// line\n" * count


def test_this_tree_is_clean(root):
    assert check_sizes.check(root)[0] == []


@pytest.mark.parametrize("name, cap", [("A.cpp", 800), ("A.h", 800), ("A.c", 800), ("a.py", 800), ("A.td", 500)])
def test_caps(tree, name, cap):
    assert check_sizes.check(tree({f"lib/X/{name}": lines(cap)}))[0] == []
    found = check_sizes.check(tree({f"lib/X/{name}": lines(cap + 1)}))[0]
    assert len(found) == 1 and found[0].startswith(f"lib/X/{name}:{cap + 1}: ")


@pytest.mark.parametrize("length, median_ok", [(250, True), (251, False)])
def test_median(tree, length, median_ok):
    contents = {f"lib/X/A{i}.cpp": lines(10 if i < 5 else length) for i in range(11)}
    found = check_sizes.check(tree(contents))[0]
    assert (found == []) == median_ok


@pytest.mark.parametrize("length, ok", [(600, True), (601, False)])
def test_ninetieth_percentile(tree, length, ok):
    contents = {f"lib/X/A{i}.cpp": lines(length if i < 2 else 10) for i in range(10)}
    found = check_sizes.check(tree(contents))[0]
    assert (found == []) == ok


def test_tests_do_not_count_in_percentiles(tree):
    contents = {f"lib/X/A{i}.cpp": lines(10) for i in range(10)}
    contents.update({f"test/unit/A{i}.cpp": lines(700) for i in range(10)})
    assert check_sizes.check(tree(contents))[0] == []


def test_an_empty_tree_fails(tree):
    assert check_sizes.check(tree({"README.md": ""}))[0] == ["no source file was found"]


def test_percentile_is_nearest_rank():
    assert [check_sizes.percentile([1, 2, 3, 4], share) for share in (1, 25, 26, 50, 75, 100)] == [1, 1, 2, 2, 3, 4]
