# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""scripts/conformance.py finds what is wrong with an executor: wrong results, crashes, hangs, and executors that are not
there. The executors are programs of this test, which need no build."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "test" / "python"), str(ROOT / "test" / "conformance")]

from bounded import Bounded  # noqa: E402
from running import compare  # noqa: E402

# Stands in for tile-run: knows two kernels, and how to be wrong.
FAKE = '''
import os, signal, sys, time
import numpy as np
words, mode = sys.argv[2:], sys.argv[1]
kernel, values, paths = words[1], {}, {}
for flag, value in zip(words, words[1:]):
    if flag in ("--in", "--inout", "--out", "--scalar"):
        name, _, text = value.partition("=")
        paths[name] = text
        values[name] = float(text) if flag == "--scalar" else np.load(text) if flag != "--out" else None
if kernel == "vector_add":
    name, result = "C", values["A"] + values["B"]
else:
    name, result = "Y", (np.float64(values["a"]) * values["X"] + values["Y"]).astype(np.float32)
if mode == "crash":
    os.kill(os.getpid(), signal.SIGSEGV)
elif mode == "hang":
    time.sleep(60)
elif mode == "refuse":
    sys.exit("error: no such machine")
elif mode == "ulp":
    result = np.nextafter(result, np.float32(np.inf))
elif mode == "wrong":
    result.flat[-1:] += np.float32(0.5)
elif mode == "nan":
    result.flat[-1:] = np.nan
elif mode == "shape":
    result = result.reshape(1, -1)
elif mode == "type":
    result = result.astype(np.float64)
if mode != "silent":
    np.save(paths[name], result)
'''

TABLE = """
[shape]
ragged = { from = [3, 5] }
[config]
default = { tiles = [] }
odd = { tiles = [5] }
[kernel.vector_add]
file = "vector_add.tile"
types = ["f32"]
dims = { N = 10 }
tiles = ["i"]
[kernel.saxpy]
file = "saxpy.tile"
types = ["f32"]
dims = { N = 10 }
tiles = ["i"]
values = ["random", "integers"]
tags = ["multiplication"]
"""

CELLS = 6


@pytest.fixture
def conformance(tmp_path):
    """conformance({"name": mode or row}, options...) runs a table with such executors: (status, output, JSON)."""
    fake = tmp_path / "fake.py"
    fake.write_text(FAKE)

    def run(executors, *options, reference="good", table=TABLE):
        def row(mode):
            if isinstance(mode, str):
                return f'options = []\ncommand = {json.dumps([sys.executable, str(fake), mode])}\n'
            return "options = []\n" + "".join(f"{key} = {value}\n" for key, value in mode.items())

        text = "[reference]\n" + row(reference)
        text += "".join(f'[[executor]]\nname = "{name}"\n{row(mode)}' for name, mode in executors.items())
        (tmp_path / "matrix.toml").write_text(text + table)
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        command = [sys.executable, ROOT / "scripts" / "conformance.py", "--matrix", tmp_path / "matrix.toml", "--json",
                   report, "--seed", "3", "--jobs", "2", *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        cells = json.loads(report.read_text())["cells"] if report.exists() else None
        return done.returncode, done.stdout + done.stderr, cells

    return run


def test_right_results_pass(conformance):
    status, output, cells = conformance({"a": "good", "b": "good"}, "--full")
    assert status == 0, output
    assert [cell["status"] for cell in cells] == ["passed"] * 2 * CELLS
    assert "vector_add        1/1  2/2  2/2\n" in output
    assert "saxpy             2/2  4/4  4/4\n" in output


@pytest.mark.parametrize("mode, words", [
    ("wrong", "elements differ"),
    ("nan", "nan"),
    ("shape", "shape (1, "),
    ("type", "elements where f32 was written"),
    ("silent", "leaves no array 'C'"),
    ("crash", "crashes (signal 11)"),
    ("refuse", "error: no such machine"),
])
def test_what_is_wrong_fails(conformance, mode, words):
    status, output, cells = conformance({"right": "good", "bad": mode}, "--kernel", "vector_add", "--full")
    assert status == 1
    assert {(cell["executor"], cell["status"]) for cell in cells} == {("right", "passed"), ("bad", "failed")}, output
    assert words in output and "--cell vector_add/f32/ragged/random/default/bad" in output


def test_a_hang_is_stopped(conformance):
    # Time enough for a process that does not hang.
    status, output, cells = conformance({"bad": "hang"}, "--timeout", "5", "--kernel", "vector_add", "--sample", "1")
    assert status == 1
    assert [cell["status"] for cell in cells] == ["failed"] and "hangs: no result after 5 s" in output


def test_one_ulp_is_too_much_only_where_results_are_exact(conformance):
    status, _, cells = conformance({"bad": "ulp"}, "--full")
    assert status == 1
    # A sum is rounded once; a * x + y may be rounded twice or once.
    assert {(cell["kernel"], cell["values"], cell["status"]) for cell in cells} == {
        ("vector_add", "random", "failed"), ("saxpy", "random", "passed"), ("saxpy", "integers", "failed")}


def test_an_executor_that_the_machine_lacks_is_named(conformance):
    missing = {"needs": ["warp_drive"]}
    status, output, cells = conformance({"here": "good", "there": missing}, "--full")
    assert status == 0
    assert f"not run: {CELLS} cells of there: this machine has no warp_drive" in output
    assert {cell["why"] for cell in cells if cell["executor"] == "there"} == {"this machine has no warp_drive"}
    # Nothing that ran is nothing that passed.
    assert conformance({"there": missing}, "--full")[0] == 1


def test_a_tag_that_an_executor_lacks_is_named(conformance):
    row = {"cannot": '{ multiplication = "there is no multiplier" }', "needs": []}
    status, output, cells = conformance({"here": "good", "there": row}, "--kernel", "saxpy", "--full")
    assert status == 0
    assert "not run: 4 cells of there: there is no multiplier" in output
    assert {cell["status"] for cell in cells if cell["executor"] == "there"} == {"not run"}
    row = {"cannot": '{ f32 = "there are no floats" }', "needs": []}
    status, output, _ = conformance({"here": "good", "there": row}, "--kernel", "vector_add", "--full")
    assert status == 0 and "not run: 2 cells of there: there are no floats" in output


def test_a_program_that_does_not_exist_fails(conformance):
    status, output, _ = conformance({"bad": {"command": '["/nowhere/tile-run"]'}}, "--kernel", "saxpy", "--full")
    assert status == 1 and "cannot be started" in output


def test_a_wrong_reference_fails(conformance):
    only = ["--kernel", "vector_add", "--full"]
    status, output, cells = conformance({"a": "good"}, *only, reference="wrong")
    assert status == 1 and "on the reference" in output
    status, output, cells = conformance({"a": "good"}, *only, reference="crash")
    assert status == 1 and {cell["status"] for cell in cells} == {"failed"}
    assert "there is nothing to compare with" in output


def test_samples_depend_on_the_seed_alone(conformance):
    def sample(*options):
        _, _, cells = conformance({"a": "good", "b": "good"}, "--sample", "2", *options)
        return [tuple(cell[key] for key in ("kernel", "values", "config", "executor")) for cell in cells]

    first = sample()
    assert first == sample()
    assert {(cell[0], cell[3]) for cell in first} == {(k, e) for k in ("vector_add", "saxpy") for e in "ab"}
    # Of three problems and two configs, four seeds hardly draw the same.
    assert any(sample("--seed", str(seed)) != first for seed in range(4))


def test_one_cell_can_be_repeated(conformance):
    status, _, cells = conformance({"a": "good", "b": "wrong"}, "--cell", "saxpy/f32/ragged/integers/odd/a")
    assert status == 0 and len(cells) == 1


@pytest.mark.parametrize("options, words", [
    (["--executor", "c"], "there is no executor 'c'; there is a"),
    (["--kernel", "fft"], "there is no kernel 'fft'; there is vector_add, saxpy"),
    (["--cell", "saxpy"], "there is no cell 'saxpy'"),
    (["--jobs", "0"], "positive"),
])
def test_wrong_options(conformance, options, words):
    status, output, cells = conformance({"a": "good"}, *options)
    assert status == 2 and words in output and cells is None


@pytest.mark.parametrize("old, new, words", [
    ("[kernel.saxpy]", "[kernel.fft]", "kernel 'fft' is not in zoo.py"),
    ('tags = ["multiplication"]', 'tag = ["multiplication"]', "kernel 'saxpy': unknown key 'tag'"),
    ('values = ["random", "integers"]', 'values = ["small"]', "unknown values 'small'"),
    ("tiles = [5]", 'tiles = [5], shapes = ["round"]', "config 'odd': unknown shape 'round'"),
    ('dims = { N = 10 }', "", "no 'dims'"),
    ("[shape]", "[shape", "error"),
])
def test_a_wrong_table_is_reported(conformance, old, new, words):
    status, output, _ = conformance({"a": "good"}, table=TABLE.replace(old, new))
    assert status == 1 and words in output and "Traceback" not in output


def test_executors_have_names_of_their_own(conformance):
    status, output, _ = conformance({"reference": "good"})
    assert status == 1 and "two executors are called 'reference'" in output


INF, NAN = np.inf, np.nan


@pytest.mark.parametrize("actual, reference, agree", [
    ([1.0, 2.0], [1.0, 2.0], True),
    # Each of the two may be off by the bound, which is 1/8.
    ([1.25, 2.0], [1.0, 2.25], True),
    ([1.0, 2.0], [1.0, 2.2500002], False),
    ([NAN, INF], [NAN, INF], True),
    ([NAN, 2.0], [1.0, 2.0], False),
    ([1.0, 2.0], [NAN, 2.0], False),
    ([1.0, INF], [1.0, -INF], False),
    ([1.0, 2.0], [1.0, INF], False),
    ([1.0, INF], [1.0, NAN], False),
])
def test_two_bounded_results(actual, reference, agree):
    # What is not finite has no bound.
    error = np.where(np.isfinite(reference), 0.125, NAN)
    arguments = ["Y", np.array(actual, np.float32), np.array(reference, np.float32), Bounded(reference, error, "f32")]
    if agree:
        compare(*arguments, exact=False)
    else:
        with pytest.raises(AssertionError):
            compare(*arguments, exact=False)


@pytest.mark.parametrize("actual, reference, agree", [
    ([0x7FC00000, 0xFFC00001], [0x7FC00001, 0x7FC00000], True),
    ([0x80000000, 0], [0, 0], False),
    ([0x3F800001, 0], [0x3F800000, 0], False),
])
def test_two_exact_results(actual, reference, agree):
    """By their bits; any NaN is like any other."""
    arrays = [np.array(bits, np.uint32).view(np.float32) for bits in (actual, reference)]
    for expected, exact in ((Bounded([1.0, 1.0], 1.0), True), (arrays[1], False)):
        if agree:
            compare("Y", *arrays, expected, exact)
        else:
            with pytest.raises(AssertionError):
                compare("Y", *arrays, expected, exact)


def test_a_finite_element_without_a_bound():
    one = np.ones(1, np.float32)
    with pytest.raises(AssertionError, match="no bound"):
        compare("Y", one, one, Bounded([1.0], [NAN]), exact=False)
