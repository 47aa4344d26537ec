# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What tile-sim's reports say on the command line: the examples of docs/tile-sim.md word for word, both sides of a race, lines of
the source, how many there are, which checks can be chosen, the exit status, and what is in the files after a report."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from tilec_testing import tool

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "tile-sim.md"
BEGIN = ".version 8.0\n.target sm_80\n.address_size 64\n"


def at_lines(lines):
    """A text whose statements are at the given lines: a module has nothing to say in between."""
    text = [""] * max(lines)
    for number, statement in lines.items():
        text[number - 1] = statement
    return "\n".join(text) + "\n"


def run(directory, text, kernel, *words, block=32, grid=1, name="k.ptx"):
    (directory / name).write_text(text)
    return subprocess.run([tool("tile-sim"), name, kernel, f"--grid={grid}", f"--block={block}", *words], cwd=directory, capture_output=True, text=True, timeout=120, check=False)


def examples(word):
    """The reports in the document that have a word in their first line."""
    blocks = re.findall(r"^```\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    return [block for block in blocks if word in block.splitlines()[0] and "error: " in block.splitlines()[0]]


# Thread 16 writes what thread 33 reads, at the lines of the example, with and without a table of lines.
RACE = {1: ".version 8.0", 2: ".target sm_80", 3: ".address_size 64", 5: ".entry k() {", 6: ".shared .align 4 .b8 tile[256];", 7: ".reg .pred %p; .reg .b32 %r<6>; .reg .f32 %f<3>;",
        8: "mov.u32 %r1, tile;", 9: "mov.u32 %r2, %tid.x;", 10: "mov.f32 %f1, 0f3F800000;", 11: "shl.b32 %r3, %r2, 2;", 12: "add.u32 %r3, %r3, %r1;",
        27: "setp.ne.u32 %p, %r2, 16;", 28: "@%p bra READ;", 30: ".loc 1 9 3", 31: "st.shared.f32 [%r3], %f1;", 33: "READ:", 34: "setp.ne.u32 %p, %r2, 33;", 35: "@%p ret;",
        39: ".loc 1 12 3", 40: "ld.shared.f32 %f2, [tile+64];", 41: "ret;", 42: "}", 43: '.file 1 "k.cu"'}
UNGIVEN = {1: ".version 8.0", 2: ".target sm_80", 3: ".address_size 64", 5: ".entry k(.param .u64 out) {", 6: ".shared .align 4 .b8 tile[1024];",
           7: ".reg .b32 %r<6>; .reg .b64 %a<4>; .reg .f32 %f<3>; .reg .pred %p;", 8: "ld.param.u64 %a1, [out];", 9: "mov.u32 %r2, %tid.x;", 10: "setp.ne.u32 %p, %r2, 3;", 11: "@%p ret;",
           37: ".loc 1 6 3", 38: "ld.shared.f32 %f1, [tile+512];", 40: ".loc 1 7 3", 41: "st.global.f32 [%a1], %f1;", 42: "ret;", 43: "}", 44: '.file 1 "k.cu"'}


def turned(example):
    """The same race, seen from the store."""
    swaps = {"k.ptx:40 (k.cu:12)": "k.ptx:31 (k.cu:9)", "'ld.shared.f32'": "'st.shared.f32'", "thread (33, 0, 0)": "thread (16, 0, 0)", "is read here, and was written": "is written here, and was read"}
    swaps |= {after: before for before, after in swaps.items() if "here" not in before}
    return re.sub("|".join(map(re.escape, swaps)), lambda match: swaps[match.group()], example)


@pytest.fixture
def out(tmp_path):
    """An array to write to, and the words that pass it."""
    path = tmp_path / "out.npy"
    np.save(path, np.full(4, 7, np.float32))
    return path, ["--arg", f"out:f32[4]={path}"]


def test_the_race_of_the_document(tmp_path):
    """Which side comes second is the seed's choice, and that side is where the report is."""
    (example,) = examples("race:")
    seen = set()
    for seed in range(6):
        done = run(tmp_path, at_lines(RACE), "k", f"--seed={seed}", block=64)
        assert (done.returncode, done.stdout) == (1, "")
        seen.add(done.stderr)
    assert seen == {example, turned(example)}
    # Of several schedules it is one report.
    done = run(tmp_path, at_lines(RACE), "k", "--schedules=6", block=64)
    assert done.stderr in [text + "  in 6 of 6 schedules, first in that of --seed=0\n" for text in seen]


def test_a_race_without_a_table_of_lines(tmp_path):
    (example,) = examples("race:")
    plain = {number: text for number, text in RACE.items() if not text.startswith((".loc", ".file"))}
    seen = {run(tmp_path, at_lines(plain), "k", f"--seed={seed}", block=64).stderr for seed in range(6)}
    assert seen == {re.sub(r" \(k\.cu:\d+\)", "", text) for text in (example, turned(example))}


def test_the_value_that_nobody_gave_of_the_document(tmp_path, out):
    (example,) = examples("uninitialised:")
    done = run(tmp_path, at_lines(UNGIVEN), "k", *out[1])
    assert (done.returncode, done.stdout, done.stderr) == (1, "", example)


def test_what_a_run_with_reports_leaves_in_files(tmp_path, out):
    """Nothing is lost or overwritten: arrays keep what was in their files, and nothing is printed in their place."""
    before = out[0].read_bytes()
    for check in [], ["--schedules=3"], ["--json"], ["--counters"]:
        done = run(tmp_path, at_lines(UNGIVEN), "k", *out[1], *check)
        assert done.returncode == 1 and done.stdout == "" and out[0].read_bytes() == before
    # An array that is to be made is not made.
    new = tmp_path / "new.npy"
    assert run(tmp_path, at_lines(UNGIVEN), "k", "--arg", f"out:f32[4]={new}").returncode == 1 and not new.exists()
    # Without the check the run is a good one; shared memory begins as 0xA5.
    done = run(tmp_path, at_lines(UNGIVEN), "k", *out[1], "--check=races,sync")
    assert done.returncode == 0 and done.stderr == ""
    assert np.load(out[0]).tolist() == [float(np.frombuffer(b"\xa5" * 4, np.float32)[0]), 0, 0, 0]


def test_a_trace_is_there_after_a_report(tmp_path, out):
    assert run(tmp_path, at_lines(UNGIVEN), "k", *out[1], "--trace=t.json").returncode == 1
    assert "ld.shared.f32" in (tmp_path / "t.json").read_text()


def pairs(count):
    """As many pairs of instructions that race, each on an element of its own."""
    text = BEGIN + f".entry k() {{\n.shared .align 4 .b8 tile[{4 * count}];\n.reg .b32 %r<3>;\nmov.u32 %r1, %tid.x;\n"
    return text + "".join(f"st.shared.u32 [tile+{4 * i}], %r1;\n" for i in range(count)) + "ret;\n}\n"


@pytest.mark.parametrize("count, reported", [(1, 1), (3, 3), (16, 16), (17, 16), (40, 16)])
def test_a_pair_of_instructions_is_reported_once_and_sixteen_of_them(count, reported, tmp_path):
    done = run(tmp_path, pairs(count), "k", block=64)
    lines = [line for line in done.stderr.splitlines() if ": error: " in line]
    assert done.returncode == 1 and len(lines) == reported and len(set(lines)) == reported
    assert all(re.match(r"k\.ptx:\d+: error: race: 'tile' \+ \d+ \(shared \+ 0x[0-9a-f]+\) is written here, and was written by another thread at k\.ptx:\d+, ", line) for line in lines)


# One kernel for each check, which nothing else finds.
RACES = pairs(1)
INIT = BEGIN + ".entry k() {\n.reg .pred %p; .reg .b32 %r;\nsetp.eq.u32 %p, %r, 0;\n@%p bra END;\nmov.u32 %r, 1;\nEND:\nret;\n}\n"
SYNC = BEGIN + ".entry k() {\n.reg .b32 %r;\nAGAIN:\nbra AGAIN;\n}\n"
BOUNDS = BEGIN + ".entry k() {\n.reg .b64 %a; .reg .b32 %r;\nmov.u64 %a, 64;\nld.global.u32 %r, [%a];\nret;\n}\n"
WORDS = {"races": (RACES, "race"), "init": (INIT, "uninitialised"), "bounds": (BOUNDS, "out of bounds"), "sync": (SYNC, "deadlock")}


@pytest.mark.parametrize("given", ["races,init,bounds,sync", "races", "init", "sync", "bounds", "races,sync", "sync,init,races", "races,races", "none", None])
@pytest.mark.parametrize("check", WORDS)
def test_what_is_chosen_is_checked(check, given, tmp_path):
    text, word = WORDS[check]
    done = run(tmp_path, text, "k", "--max-steps=1000000", *([f"--check={given}"] if given else []), block=64)
    # Bounds always are, and an endless kernel ends in any case.
    if given is None or check in given.split(",") or check == "bounds":
        assert done.returncode == 1 and re.search(rf"error: {word}\b", done.stderr.splitlines()[0]), done.stderr
    elif check == "sync":
        assert done.returncode == 1 and "has not ended after 1000000 instructions" in done.stderr.splitlines()[0]
    else:
        assert done.returncode == 0 and done.stderr == ""


@pytest.mark.parametrize("given, wrong", [("speed", "speed"), ("races,speed", "speed"), ("", ""), ("races,", ""), (",races", ""), ("none,races", "none"), ("races,none", "none"),
                                          ("Races", "Races"), ("races init", "races init"), ("all", "all")])
def test_what_is_no_check(given, wrong, tmp_path):
    done = run(tmp_path, RACES, "k", f"--check={given}")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("tile-sim: error: ") and f"'{wrong}' is no check; there are races, init, bounds and sync" in done.stderr


def test_an_error_behind_a_race(tmp_path):
    text = pairs(1).replace("ret;", "bar.sync 0;\ntrap;\nret;")
    done = run(tmp_path, text, "k", block=64)
    assert done.returncode == 1 and ": error: race: " in done.stderr.splitlines()[0]
    assert re.search(r"\nthen the run ended: k\.ptx:\d+: error: the kernel trapped\n$", done.stderr)
    # With several schedules each of the two is a report.
    done = run(tmp_path, text, "k", "--schedules=5", block=64)
    assert done.stderr.count(": error: race: ") == 1 and done.stderr.count(": error: the kernel trapped") == 1 and done.stderr.count("\n  in 5 of 5 schedules") == 2
