# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The litmus tests of test/litmus: each file's verdict is what the axioms give, and what the interpreter does is among it."""

import pathlib
import re
import subprocess
import sys

import pytest
from tilec_testing import tool

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "litmus"
sys.path.insert(0, str(FOLDER))

import litmus  # noqa: E402

FILES = sorted(FOLDER.glob("*.mlir"))
MODEL = FOLDER.parent.parent / "docs" / "memory-model.md"


def lines(text, word):
    return re.findall(rf"^// {word}: (.*)$", text, re.MULTILINE)


def test_there_is_a_litmus_test_for_every_rule():
    rules = re.findall(r"^\*\*([DA]\d+),", MODEL.read_text(), re.MULTILINE)
    assert rules and len(FILES) >= 40
    for rule in rules:
        assert any(path.name.startswith(rule.lower() + "_") for path in FILES), f"no litmus test shows {rule}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_verdict(path):
    text = path.read_text()
    assert re.match(r"// ([DA]\d+|[A-Z0-9+]+): ", text), "the first line names the rule or the shape"
    found = litmus.verdict(text)
    assert [f"// {line}" for line in found.lines()] == [line for line in text.splitlines() if litmus.GENERATED.match(line)]
    # What its author wrote down as impossible.
    assert not found.outcomes & set(lines(text, "forbidden"))


def interpret(path):
    result = subprocess.run([tool("tile-opt"), "--tile-interpret", path, "-o", "/dev/null"], capture_output=True, text=True,
                            timeout=60, check=False)
    return result.stdout.splitlines(), result.stderr


@pytest.mark.parametrize("path", [path for path in FILES if "// overlap: " not in path.read_text()], ids=lambda path: path.stem)
def test_the_order_of_the_text_is_allowed(path):
    """Without options the interpreter executes the text in its order, which the model always allows."""
    text = path.read_text()
    printed, errors = interpret(path)
    if lines(text, "uninitialised"):
        assert "never written" in errors or not errors
    elif not lines(text, "race"):
        assert not errors and "\n".join(printed) in lines(text, "allowed")
