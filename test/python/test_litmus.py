# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The litmus tests of test/litmus: a file's verdict is what the axioms give, and what the interpreter does is among it."""

import os
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
FULL = os.environ.get("TILEC_FULL") == "1"
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
    written = [line for line in text.splitlines() if litmus.GENERATED.match(line)]
    assert [f"// {line}" for line in found.lines()] == written
    # What its author wrote down as impossible.
    assert not found.outcomes & set(lines(text, "forbidden"))


def interpret(files, schedules, seed):
    """What happened in a run in program order and in runs in random orders: by file, by kind, how often by detail."""
    command = [pathlib.Path(tool("tile-opt")).parent.parent / "test" / "lib" / "tile-litmus",
               f"--schedules={schedules}", f"--seed={seed}", *files]
    result = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=True)
    found = {}
    for line in result.stdout.splitlines():
        count, kind, detail = (line.split(" ", 2) + ["", ""])[:3]
        if count == "file":
            happened = found.setdefault(pathlib.Path(line[5:]), {"printed": {}, "race": {}, "error": {}})
        else:
            happened[kind][detail] = int(count)
    return found


@pytest.fixture(scope="module")
def random_orders():
    return interpret(FILES, 10000 if FULL else 300, int(os.environ["TILEC_SEED"]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_interpreter(path, random_orders):
    """What the interpreter does is among what the model allows; it reports races where there are some, and no others."""
    text, happened = path.read_text(), random_orders[path]
    if lines(text, "race"):
        assert set(happened["race"]) <= set(lines(text, "race"))
        # A race that few orders have may be in none of a sample; ten times as many, always the same ones, have it.
        assert happened["race"] or interpret([path], 3000, 1)[path]["race"]
    elif lines(text, "uninitialised"):
        assert not happened["race"] and all("never written" in error for error in happened["error"])
    else:
        assert not happened["race"] and not happened["error"]
        assert set(happened["printed"]) <= set(lines(text, "allowed"))


DEFINED = {path: lines(path.read_text(), "allowed") for path in FILES if lines(path.read_text(), "allowed")}


@pytest.mark.parametrize("path", [path for path, allowed in DEFINED.items() if FULL or len(allowed) <= 8],
                         ids=lambda path: path.stem)
def test_the_interpreter_produces_what_it_can(path):
    """Every allowed outcome is produced, but for those that the file excepts. A fixed seed, for this is about the
    schedules' strength and not about one sample; tests with many outcomes need more runs than a short test has."""
    happened = interpret([path], 50000 if FULL else 3000, 1)[path]
    excepted = set(lines(path.read_text(), r"not produced \(I\d\)"))
    assert excepted <= set(DEFINED[path])
    assert set(happened["printed"]) == set(DEFINED[path]) - excepted


PASSES = ["tile-relax-tokens", "tile-simplify-tokens", "tile-relax-tokens,tile-simplify-tokens"]


@pytest.mark.parametrize("passes", PASSES)
@pytest.mark.parametrize("path", DEFINED, ids=lambda path: path.stem)
def test_passes_keep_the_verdict(path, passes):
    """A pass may rule outcomes out, and must not bring in new ones, or races: what it makes is enumerated again."""
    command = [tool("tile-opt"), f"--pass-pipeline=builtin.module(tile.kernel({passes}))", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    text = done.stdout + "".join(f"\n// overlap: {group}" for group in lines(path.read_text(), "overlap"))
    found = litmus.verdict(text)
    assert not found.races and not found.uninitialised and found.outcomes <= set(DEFINED[path])


def test_the_document_lists_what_is_not_produced():
    listed = set(re.findall(r"^\| `(\w+)` \| `([^`]*)` \| (I\d) \|", MODEL.read_text(), re.MULTILINE))
    noted = {(path.stem, outcome, reason) for path in FILES for reason, outcome in
             re.findall(r"^// not produced \((I\d)\): (.*)$", path.read_text(), re.MULTILINE)}
    assert noted and listed == noted
