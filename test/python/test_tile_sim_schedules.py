# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-sim's orders: what depends on the order in which threads run shows it, and what does not is the same with every seed."""

import json
import re

import numpy as np
import pytest
from test_tile_sim import simulate

PROGRAM = "schedules.sm_80.ptx"
# One of four seeds cuts warps, starves threads and holds copies back; these do each in another way.
ADVERSE = [3, 7, 11, 15, 19]
# As many as have all of these, whose results must be the same.
ALL = ["--schedules=20", "--same-results"]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def sums_of_warps(kernel, seed, directory, rng, *options):
    x = rng.integers(-99, 99, (2, 64)).astype(np.int32)
    (y,), _ = simulate(directory, PROGRAM, kernel, 2, 32, [("in", "i32", x), ("out", "i32", np.zeros(2, np.int32))], f"--seed={seed}", *options)
    return np.array_equal(y, x.sum(1))


@pytest.mark.parametrize("checks", ["races,init,bounds,sync", "none"])
def test_a_warp_is_cut_where_nothing_holds_it_together(rng, tmp_path, checks):
    assert all(sums_of_warps("warpSynchronous", seed, tmp_path, rng, f"--check={checks}") for seed in (0, 1, 2, 4))
    assert not any(sums_of_warps("warpSynchronous", seed, tmp_path, rng, f"--check={checks}") for seed in ADVERSE)


def test_a_warp_that_synchronises(rng, tmp_path):
    assert sums_of_warps("warpSynchronised", 0, tmp_path, rng, *ALL)


@pytest.mark.parametrize("checks", ["races,init,bounds,sync", "none"])
@pytest.mark.parametrize("waiting, setting", [(3, 17), (17, 3), (3, 40), (40, 3)])
def test_who_is_waited_for_gets_a_turn(waiting, setting, checks, tmp_path):
    (y,), _ = simulate(tmp_path, PROGRAM, "waitsForLane", 1, 64, [("out", "i32", np.zeros(64, np.int32)), ("i32", waiting), ("i32", setting)], f"--check={checks}", *ALL)
    assert np.array_equal(y, np.arange(64) + 7)


@pytest.mark.parametrize("checks", ["races,init,bounds,sync", "none"])
@pytest.mark.parametrize("from_last", [0, 1])
def test_blocks_that_are_waited_for_get_turns(from_last, checks, tmp_path):
    (y, turn), _ = simulate(tmp_path, PROGRAM, "inTurn", 8, 64, [("out", "i32", np.zeros((8, 64), np.int32)), ("inout", "i32", np.zeros(1, np.int32)), ("i32", from_last)],
                            f"--check={checks}", *ALL)
    order = np.arange(8)[::-1] if from_last else np.arange(8)
    assert np.array_equal(y, np.repeat(order, 64).reshape(8, 64)) and turn.tolist() == [8]


def test_lanes_that_are_cut_meet_where_they_must(rng, tmp_path):
    x = rng.integers(-999, 999, 128).astype(np.int32)
    (y,), _ = simulate(tmp_path, PROGRAM, "votes", 1, 128, [("in", "i32", x), ("out", "i32", np.zeros(128, np.int32))], *ALL)
    wide = x.astype(np.int64)
    sums = wide * ((wide & 7) * ((wide & 7) - 1) // 2)
    for warp in range(4):
        v, here = wide[32 * warp:32 * warp + 32], slice(32 * warp, 32 * warp + 32)
        odd = v & 1 == 1
        sums[here] += np.where(odd, v[odd].sum(), v[~odd][-1])
    assert np.array_equal(y, sums + np.count_nonzero(x & 2))


#===- several schedules ----------------------------------------------------------------------------------------===#

def warp_synchronous(directory, kernel, rng, *options):
    x = rng.integers(-99, 99, (2, 64)).astype(np.int32)
    written, done = simulate(directory, PROGRAM, kernel, 2, 32, [("in", "i32", x), ("out", "i32", np.full(2, 77, np.int32))], *options, check=False)
    return x.sum(1), written, done


def test_results_that_depend_on_the_schedule(rng, tmp_path):
    sums, (y,), done = warp_synchronous(tmp_path, "warpSynchronous", rng, "--schedules=8")
    # The first seed is a friendly one, and its results are what is written.
    assert done.returncode == 0 and np.array_equal(y, sums)
    note = re.fullmatch(r"tile-sim: note: the result depends on the schedule: argument 1, \S*1\.npy, has first at \[([01])\] (-?\d+) with --seed=0 "
                        r"and (-?\d+) with --seed=(3|7); ([12]) of 8 schedules differ from the former\n", done.stderr)
    assert note, done.stderr
    element, first, other, seed = int(note[1]), int(note[2]), int(note[3]), note[4]
    assert first == sums[element] and first != other
    # That seed alone computes it.
    _, _, done = warp_synchronous(tmp_path, "warpSynchronous", np.random.default_rng(7), f"--seed={seed}")
    assert np.load(tmp_path / "1.npy")[element] == other and done.returncode == 0


def test_results_that_must_not_depend_on_the_schedule(rng, tmp_path):
    _, _, done = warp_synchronous(tmp_path, "warpSynchronous", rng, "--schedules=8", "--same-results")
    assert done.returncode == 1 and done.stderr.startswith("tile-sim: error: the result depends on the schedule: argument 1, ")
    assert np.load(tmp_path / "1.npy").tolist() == [77, 77], "nothing is written"
    sums, (y,), done = warp_synchronous(tmp_path, "warpSynchronised", rng, "--schedules=8", "--same-results")
    assert done.returncode == 0 and done.stderr == "" and np.array_equal(y, sums)


def test_sums_of_floats_and_of_integers(rng, tmp_path):
    for kernel, type, x in [("sumOfFloats", "f32", rng.standard_normal(128).astype(np.float32)), ("sumOfIntegers", "i32", rng.integers(-99, 99, 128).astype(np.int32))]:
        (y,), done = simulate(tmp_path, PROGRAM, kernel, 2, 64, [("in", type, x), ("inout", type, np.zeros(1, x.dtype))], "--schedules=8", check=False)
        assert ("depends on the schedule" in done.stderr) == (type == "f32") and done.returncode == 0
        # Of integers exact; of floats each of 128 sums is at most half a unit wrong, of at most the sum of all magnitudes.
        error = 0 if type == "i32" else 128 * 2.0**-24 * np.abs(x.astype(np.float64)).sum()
        assert abs(float(y[0]) - float(x.astype(np.float64).sum())) <= error


def test_reports_of_all_schedules_come_once(tmp_path):
    _, done = simulate(tmp_path, PROGRAM, "shifted", 1, 32, [("out", "i32", np.full(32, 5, np.int32))], "--schedules=12", check=False)
    assert done.returncode == 1 and "error: race: " in done.stderr.splitlines()[0]
    assert done.stderr.count("error: ") == 1 and "\n  in 12 of 12 schedules, first in that of --seed=0" in done.stderr
    assert np.load(tmp_path / "0.npy").tolist() == [5] * 32, "nothing is written"
    _, done = simulate(tmp_path, PROGRAM, "shifted", 1, 32, [("out", "i32", np.full(32, 5, np.int32))], "--schedules=12", "--seed=4", "--stop-at-report", check=False)
    assert "\n  in 1 of 1 schedules, first in that of --seed=4" in done.stderr


def test_a_deadlock_of_one_schedule_does_not_end_the_others(tmp_path):
    arguments = [("inout", "i32", np.zeros(2, np.int32)), ("inout", "i32", np.zeros(1, np.int32))]
    _, done = simulate(tmp_path, PROGRAM, "locks", 1, 64, arguments, "--schedules=24", check=False)
    assert done.returncode == 1 and done.stderr.startswith("tile-sim: error: deadlock in kernel 'locks'")
    count, of, seed = map(int, re.search(r"\n  in (\d+) of (\d+) schedules, first in that of --seed=(\d+)\n$", done.stderr).groups())
    # The others went well, with one result.
    assert 1 <= count < of == 24 and "note" not in done.stderr
    for given, status in [(seed, 1), (seed - 1, 0)] if seed else [(seed, 1)]:
        assert simulate(tmp_path, PROGRAM, "locks", 1, 64, arguments, f"--seed={given}", check=False)[1].returncode == status


def test_the_limit_of_steps_is_for_each_schedule(rng, tmp_path):
    def steps(*options):
        _, _, done = warp_synchronous(tmp_path, "warpSynchronised", rng, *options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["warp_instructions"]
    most = max(steps("--json", f"--seed={seed}") for seed in range(8))
    assert 8 * min(steps("--json"), most) > most
    steps("--json", "--schedules=8", f"--max-steps={most}")


def test_counters_and_trace_are_the_first_seeds(rng, tmp_path):
    outputs = []
    for words in [["--schedules=5"], []]:
        trace = tmp_path / f"trace{len(outputs)}"
        _, _, done = warp_synchronous(tmp_path, "warpSynchronised", np.random.default_rng(7), "--json", f"--trace={trace}", *words)
        assert done.returncode == 0 and json.loads(done.stdout)["warp_instructions"]
        outputs.append((done.stdout, trace.read_text()))
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("words, message", [(["--schedules=0"], "expected a positive number, got '0'"), (["--schedules=many"], "expected a positive number, got 'many'"),
                                            (["--schedules=3", "--arg", "i32=1"], "takes 2 arguments, got 3")])
def test_wrong_schedules(words, message, rng, tmp_path):
    _, _, done = warp_synchronous(tmp_path, "warpSynchronised", rng, *words)
    assert done.returncode == 1 and message in done.stderr
