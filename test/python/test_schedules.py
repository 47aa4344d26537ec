#===- test_schedules.py - races and legal orders, as a user asks for them --------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-run --races and --schedules: no kernel of the zoo has a race or a result that hangs on the order, and programs
that do are reported in the words of the source."""

import os
import re

import numpy as np
import pytest

from tilec_testing import KERNELS, call, run, tool, type_name
from bounded import Bounded
from zoo import ENTRIES, TABLE
from zoo_table import draw_dims

FULL = os.environ.get("TILEC_FULL") == "1"

# Random orders of each kernel, and the product of its extents: a fraction of a second an order.
SCHEDULES = 100 if FULL else 6
WORK = 20_000


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_zoo_has_one_result(entry, rng, tmp_path):
    element = entry.types[int(rng.integers(len(entry.types)))]
    dims = draw_dims(entry, TABLE.shapes["ragged"], WORK, rng)
    problem = entry.make(rng, element, **dims)
    outs = {name: value.type if isinstance(value, Bounded) else type_name(value)
            for name, value in problem.expect.items() if name not in problem.inouts}
    # Small tiles make many iterations.
    config = {name: (3, 5, 4)[at % 3] for at, name in enumerate(entry.blocks)}
    seed = int(rng.integers(1 << 32))
    run(KERNELS / entry.file, entry.kernel, "interp", ins=problem.ins, inouts=problem.inouts, outs=outs,
        scalars=problem.scalars, consts=problem.consts, types=problem.types, dims=problem.dims, config=config,
        options=["--races", f"--schedules={SCHEDULES}", f"--seed={seed}"], directory=tmp_path)


WINDOWS = """
kernel smear(inout C: i32[N]) {
  for i in tiles(N, size=4) {
    C[i + 1] = C[i]
  }
}
"""

LAST = """
kernel last(X: i32[N]) -> Y: i32[1] {
  for i in tiles(1) { Y[i] = zeros(i32, i) }
  for i in range(N) {
    atomic_xchg(Y[0], X[i])
    print("took {}", X[i])
  }
}
"""

SUM = """
kernel total(X: f32[N], inout Y: f32[1]) {
  for i in range(N) { atomic_add(Y[0], X[i]) }
}
"""


def write(directory, text):
    path = directory / "k.tile"
    path.write_text(text, encoding="utf-8")
    return path


def fails(*command):
    done = call([tool("tile-run"), *command], check=False)
    assert done.returncode == 1, done.stderr
    return done


def test_a_race_is_reported_at_both_places(tmp_path):
    array = np.arange(11, dtype=np.int32)
    np.save(tmp_path / "c.npy", array)
    done = fails(write(tmp_path, WINDOWS), "smear", "--inout", f"C={tmp_path / 'c.npy'}", "--races")
    first = done.stderr.splitlines()[0]
    assert re.search(r"k\.tile:4:\d+: error: race: this (load of|store to) C\[4\] in iteration \(1\) has no token path "
                     r"from the (store|load) at k\.tile:4:\d+ in iteration \(0\); iterations of one grid have no order",
                     first), first
    assert re.search(r"k\.tile:4:\d+: note: the (store|load) in iteration \(0\) is here", done.stderr), done.stderr
    assert np.array_equal(np.load(tmp_path / "c.npy"), array), "a run that fails writes no file"


def test_races_are_looked_for_in_random_orders_too(tmp_path):
    done = fails(write(tmp_path, WINDOWS), "smear", "--random", "C=i32[11]", "--races", "--schedules=1", "--seed=5")
    assert "error: race: " in done.stderr
    assert "found in schedule 5; --schedules=1 --seed=5 replays it" in done.stderr


def test_results_that_depend_on_the_order(tmp_path):
    path = write(tmp_path, LAST)
    np.save(tmp_path / "x.npy", np.arange(6, dtype=np.int32))
    arguments = [path, "last", "--in", f"X={tmp_path / 'x.npy'}"]
    # Atomics have an order, and no race.
    call([tool("tile-run"), *arguments, "--exec=interp", "--races", "--schedules=1"])
    done = fails(*arguments, "--schedules=40", "--seed=9")
    found = re.search(r"error: two legal orders give different results: Y\[0\] is (\d) in schedule 9 and (\d) in schedule "
                      r"(\d+)", done.stderr)
    assert found and found[1] != found[2], done.stderr
    # Each replays alone.
    for seed, value in ((9, found[1]), (int(found[3]), found[2])):
        call([tool("tile-run"), *arguments, "--out", f"Y={tmp_path / 'y.npy'}", "--schedules=1", f"--seed={seed}"])
        assert np.load(tmp_path / "y.npy")[0] == int(value)
    assert f"--schedules=1 --seed={found[3]} replays schedule {found[3]}" in done.stderr


def test_random_arrays_keep_their_seed_in_a_replay(tmp_path):
    done = fails(write(tmp_path, LAST), "last", "--random", "X=i32[6]:0..1000", "--schedules=40", "--seed=9")
    found = re.search(r"Y\[0\] is (\d+) in schedule 9 and (\d+) in schedule (\d+)", done.stderr)
    assert found, done.stderr
    replay = re.search(r"note: (--schedules.*) replays", done.stderr)[1]
    assert replay == f"--schedules=1 --seed={found[3]} --array-seed=9"
    call([tool("tile-run"), tmp_path / "k.tile", "last", "--random", "X=i32[6]:0..1000", *replay.split(), "--out",
          f"Y={tmp_path / 'y.npy'}"])
    assert np.load(tmp_path / "y.npy")[0] == int(found[2])


def test_sums_of_floats_may_be_rounded_in_any_order(tmp_path, rng):
    # Powers of two far apart: nearly every order rounds to another sum.
    np.save(tmp_path / "x.npy", (rng.standard_normal(40) * 2.0 ** rng.integers(-12, 12, 40)).astype(np.float32))
    np.save(tmp_path / "y.npy", np.ones(1, np.float32))
    done = call([tool("tile-run"), write(tmp_path, SUM), "total", "--in", f"X={tmp_path / 'x.npy'}", "--inout",
                 f"Y={tmp_path / 'y.npy'}", "--races", "--schedules=50"])
    assert "remark: atomics added floats in different orders" in done.stderr
    assert "(Y[0])" in done.stderr


def test_integers_that_atomics_add_agree(tmp_path):
    done = call([tool("tile-run"), write(tmp_path, SUM.replace("f32", "i32")), "total", "--random", "X=i32[40]", "--random",
                 "Y=i32[1]", "--races", "--schedules=20"])
    assert done.stderr == ""


@pytest.mark.parametrize("options, sentence", [
    (["--races", "--exec=cpu"], "--races needs --exec=interp"),
    (["--schedules=3", "--exec=cpu"], "--schedules needs --exec=interp"),
    (["--schedules=0"], "the number of schedules is 1 to 1000000, got '0'"),
    (["--array-seed=x"], "the seed is not a number: 'x'"),
    (["--races", "--bench"], "--bench measures one order; leave out --races and --schedules"),
])
def test_options_that_do_not_fit(tmp_path, options, sentence):
    done = fails(write(tmp_path, SUM), "total", "--random", "X=f32[4]", "--random", "Y=f32[1]", *options)
    assert sentence in done.stderr


def test_prints_come_once(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros(3, np.int32))
    done = call([tool("tile-run"), write(tmp_path, LAST), "last", "--in", f"X={tmp_path / 'x.npy'}", "--schedules=5"])
    assert done.stdout == "took 0\n" * 3
