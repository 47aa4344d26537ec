# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-sim's orders: what depends on the order in which threads run shows it, and what does not is the same with every seed."""

import numpy as np
import pytest
from test_tile_sim import simulate

PROGRAM = "schedules.sm_80.ptx"
# One of four seeds cuts warps, starves threads and holds copies back; these do each in another way.
ADVERSE = [3, 7, 11, 15, 19]
SEEDS = [0, 1, *ADVERSE]


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


@pytest.mark.parametrize("seed", SEEDS)
def test_a_warp_that_synchronises(seed, rng, tmp_path):
    assert sums_of_warps("warpSynchronised", seed, tmp_path, rng)


@pytest.mark.parametrize("checks", ["races,init,bounds,sync", "none"])
@pytest.mark.parametrize("waiting, setting", [(3, 17), (17, 3), (3, 40), (40, 3)])
def test_who_is_waited_for_gets_a_turn(waiting, setting, checks, tmp_path):
    for seed in SEEDS:
        (y,), _ = simulate(tmp_path, PROGRAM, "waitsForLane", 1, 64, [("out", "i32", np.zeros(64, np.int32)), ("i32", waiting), ("i32", setting)], f"--seed={seed}", f"--check={checks}")
        assert np.array_equal(y, np.arange(64) + 7)


@pytest.mark.parametrize("checks", ["races,init,bounds,sync", "none"])
@pytest.mark.parametrize("from_last", [0, 1])
def test_blocks_that_are_waited_for_get_turns(from_last, checks, tmp_path):
    for seed in SEEDS:
        (y, turn), _ = simulate(tmp_path, PROGRAM, "inTurn", 8, 64, [("out", "i32", np.zeros((8, 64), np.int32)), ("inout", "i32", np.zeros(1, np.int32)), ("i32", from_last)],
                                f"--seed={seed}", f"--check={checks}")
        order = np.arange(8)[::-1] if from_last else np.arange(8)
        assert np.array_equal(y, np.repeat(order, 64).reshape(8, 64)) and turn.tolist() == [8]


@pytest.mark.parametrize("seed", SEEDS)
def test_lanes_that_are_cut_meet_where_they_must(seed, rng, tmp_path):
    x = rng.integers(-999, 999, 128).astype(np.int32)
    (y,), _ = simulate(tmp_path, PROGRAM, "votes", 1, 128, [("in", "i32", x), ("out", "i32", np.zeros(128, np.int32))], f"--seed={seed}")
    wide = x.astype(np.int64)
    sums = wide * ((wide & 7) * ((wide & 7) - 1) // 2)
    for warp in range(4):
        v, here = wide[32 * warp:32 * warp + 32], slice(32 * warp, 32 * warp + 32)
        odd = v & 1 == 1
        sums[here] += np.where(odd, v[odd].sum(), v[~odd][-1])
    assert np.array_equal(y, sums + np.count_nonzero(x & 2))


def test_a_deadlock_of_some_orders(tmp_path):
    """Two warps that take two locks in opposite order: most orders go well, and every adversary that holds a warp up finds the
    others."""
    arguments = [("inout", "i32", np.zeros(2, np.int32)), ("inout", "i32", np.zeros(1, np.int32))]
    ends = {seed: simulate(tmp_path, PROGRAM, "locks", 1, 64, arguments, f"--seed={seed}", check=False)[1] for seed in range(16)}
    stuck = [seed for seed, done in ends.items() if done.returncode]
    assert stuck and len(stuck) < len(ends)
    assert all("deadlock" in ends[seed].stderr.splitlines()[0] for seed in stuck)
