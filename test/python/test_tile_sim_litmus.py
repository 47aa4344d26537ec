# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-sim's races against the axioms of the memory consistency model, in ptx_model: of each run the trace says in which order memory
saw what, and there must be a report exactly where the axioms say that this execution has a data race. Known shapes first, with
what their authors, and we, expect of them; then random programs."""

import os
import random

import pytest
from ptx_litmus import Litmus, random_litmus, run
from ptx_model import races

FULL = os.environ.get("TILEC_FULL") == "1"
SCHEDULES = 64 if FULL else 32

SAME, APART = [0, 0], [0, 1]

# Name, threads, blocks, and whether some run has a race. A thread that did not see its flag ends at `?`.
SHAPES = [
    # Message passing: releases, acquires, fences, scopes.
    ("MP-weak", ["st x; st y", "ld y?; ld x"], SAME, True),
    ("MP-relaxed", ["st x; st.relaxed.gpu y", "ld.relaxed.gpu y?; ld x"], APART, True),
    ("MP-volatile", ["st x; st.volatile y", "ld.volatile y?; ld x"], APART, True),
    ("MP-cta", ["st x; st.release.cta y", "ld.acquire.cta y?; ld x"], SAME, False),
    ("MP-cta-apart", ["st x; st.release.cta y", "ld.acquire.cta y?; ld x"], APART, True),
    ("MP-gpu", ["st x; st.release.gpu y", "ld.acquire.gpu y?; ld x"], APART, False),
    ("MP-sys-gpu", ["st x; st.release.sys y", "ld.acquire.gpu y?; ld x"], APART, False),
    ("MP-cta-gpu", ["st x; st.release.cta y", "ld.acquire.gpu y?; ld x"], APART, True),
    ("MP-gpu-cta", ["st x; st.release.gpu y", "ld.acquire.cta y?; ld x"], APART, True),
    ("MP-gpu-cta-same", ["st x; st.release.gpu y", "ld.acquire.cta y?; ld x"], SAME, False),
    ("MP-fences", ["st x; fence.acq_rel.gpu; st.relaxed.gpu y", "ld.relaxed.gpu y?; fence.acq_rel.gpu; ld x"], APART, False),
    ("MP-fences-sc", ["st x; fence.sc.gpu; st.relaxed.gpu y", "ld.relaxed.gpu y?; fence.sc.gpu; ld x"], APART, False),
    ("MP-fence-release", ["st x; fence.acq_rel.gpu; st.relaxed.gpu y", "ld.acquire.gpu y?; ld x"], APART, False),
    ("MP-fence-acquire", ["st x; st.release.gpu y", "ld.relaxed.gpu y?; fence.acq_rel.gpu; ld x"], APART, False),
    ("MP-fence-of-block", ["st x; fence.sc.gpu; st.relaxed.gpu y", "ld.relaxed.gpu y?; fence.sc.cta; ld x"], APART, True),
    ("MP-fences-of-blocks", ["st x; fence.sc.cta; st.relaxed.gpu y", "ld.relaxed.gpu y?; fence.sc.cta; ld x"], APART, True),
    ("MP-narrow-flag", ["st x; fence.sc.gpu; st.relaxed.cta y", "ld.relaxed.gpu y?; fence.sc.gpu; ld x"], APART, True),
    ("MP-weak-flag", ["st x; fence.sc.gpu; st y", "ld y?; fence.sc.gpu; ld x"], APART, True),
    ("MP-no-fence-1", ["st x; st.relaxed.gpu y", "ld.relaxed.gpu y?; fence.acq_rel.gpu; ld x"], APART, True),
    ("MP-no-fence-2", ["st x; fence.acq_rel.gpu; st.relaxed.gpu y", "ld.relaxed.gpu y?; ld x"], APART, True),
    ("MP-early-acquire", ["st x; st.release.gpu y", "fence.acq_rel.gpu; ld.relaxed.gpu y?; ld x"], APART, True),
    # Patterns of two accesses of one thread, with others' accesses between.
    ("release-pattern", ["st x; st.release.gpu y; st.relaxed.gpu y", "ld.relaxed.gpu y?; fence.acq_rel.gpu; ld x"], APART, False),
    ("release-pattern-behind-a-foreign-write", ["st x; st.release.gpu y; st.relaxed.gpu y", "st.relaxed.gpu y; ld.acquire.gpu y?"], APART, False),
    ("acquire-pattern", ["st x; st.release.gpu y", "ld.relaxed.gpu y?; ld.acquire.gpu y; ld x"], APART, False),
    ("acquire-pattern-of-another-value", ["st x; st.release.gpu y", "ld.relaxed.gpu y?; ld.acquire.gpu y; ld x", "st.relaxed.gpu y"], [0, 1, 1], True),
    ("acquire-of-another-place", ["st x; st.release.gpu y", "ld.relaxed.gpu y?; ld.acquire.gpu z; ld x"], APART, True),
    ("release-hides-no-stranger", ["st x; st.release.gpu y", "exch.relaxed.gpu y?; st.relaxed.gpu y; st.relaxed.gpu z", "ld.relaxed.gpu z?; ld.acquire.gpu y?; ld x"], [0, 1, 2], True),
    # What an access acquires comes before itself.
    ("acquire-of-its-own-place", ["st x; st.release.gpu x", "ld.acquire.gpu x?"], APART, True),
    # Observation through read-modify-writes.
    ("MP-rmw", ["st x; st.release.gpu y", "add.relaxed.gpu y", "ld.acquire.gpu y?; ld.acquire.gpu y?"], [0, 0, 1], False),
    ("chain", ["st x; st.release.gpu y", "exch.relaxed.gpu y?; st.relaxed.gpu z", "ld.relaxed.gpu z?; ld.acquire.gpu y?; ld x"], [0, 1, 2], False),
    ("chain-of-reductions", ["st x; red.release.gpu y", "exch.acquire.gpu y?; ld x"], APART, False),
    ("chain-broken-by-scope", ["st x; st.release.gpu y", "exch.relaxed.cta y?; st.relaxed.gpu z", "ld.relaxed.gpu z?; ld.acquire.gpu y?; ld x"], [0, 1, 2], True),
    ("reduction-acquires-nothing", ["st x; st.release.gpu y", "red.relaxed.gpu y; fence.acq_rel.gpu; ld x"], APART, True),
    ("cas-that-fails-reads", ["st.relaxed.gpu x", "cas.relaxed.gpu x; ld.relaxed.gpu x"], APART, False),
    ("cas-that-fails-releases-nothing", ["st y; st.relaxed.gpu x; cas.release.gpu x", "ld.acquire.gpu x?; ld y"], APART, True),
    ("observed", ["st.relaxed.gpu x", "ld.relaxed.gpu x?; ld x; st x"], APART, False),
    ("observed-and-handed-on", ["st.relaxed.gpu x", "ld.relaxed.gpu x?; st.release.gpu y", "ld.acquire.gpu y?; ld x"], [0, 1, 2], False),
    ("observed-and-not-handed-on", ["st.relaxed.gpu x", "ld.relaxed.gpu x?; st.relaxed.gpu y", "ld.relaxed.gpu y?; ld x"], [0, 1, 2], True),
    ("observed-through-a-chain", ["st.relaxed.gpu x", "exch.relaxed.gpu x?; st.relaxed.gpu y", "ld.relaxed.gpu y?; ld.relaxed.gpu x?; ld x"], [0, 1, 2], False),
    ("observed-is-not-what-it-hid", ["st.relaxed.gpu x; st.relaxed.gpu x", "ld.relaxed.gpu x?; ld x"], APART, True),
    ("observed-is-not-what-was-before", ["st x; st.relaxed.gpu y", "ld.relaxed.gpu y?; ld x"], APART, True),
    # Cumulativity.
    ("ISA2", ["st x; st.release.cta y", "ld.acquire.cta y?; st.release.gpu z", "ld.acquire.gpu z?; ld x"], [0, 0, 1], False),
    ("ISA2-narrow", ["st x; st.release.cta y", "ld.acquire.cta y?; st.release.gpu z", "ld.acquire.gpu z?; ld x"], [0, 1, 1], True),
    ("ISA2-relaxed", ["st x; st.release.gpu y", "ld.relaxed.gpu y?; st.release.gpu z", "ld.acquire.gpu z?; ld x"], [0, 1, 2], True),
    ("WRC", ["st.relaxed.gpu x", "ld.relaxed.gpu x?; st.release.gpu y", "ld.acquire.gpu y?; ld.relaxed.gpu x"], [0, 1, 2], False),
    ("WRC-weak", ["st x", "ld x?; fence.sc.gpu; st.relaxed.gpu y", "ld.relaxed.gpu y?; fence.sc.gpu; ld x"], [0, 1, 2], True),
    ("WWC", ["st.relaxed.gpu x", "ld.relaxed.gpu x?; fence.acq_rel.gpu; st.relaxed.gpu y", "ld.relaxed.gpu y?; fence.acq_rel.gpu; st x"], [0, 1, 2], False),
    ("RWC-weak", ["st x", "ld x?; fence.sc.gpu; ld y", "st y; fence.sc.gpu; ld x"], [0, 1, 1], True),
    ("WRW+2W", ["st.relaxed.gpu x", "ld.relaxed.gpu x?; fence.sc.cta; st y", "st y; fence.sc.gpu; st.relaxed.gpu x"], [0, 1, 1], True),
    ("WRR+2W", ["st x", "ld x?; fence.sc.cta; ld y", "st x; fence.sc.gpu; st y"], [0, 1, 1], True),
    # Store buffering and its order of fences; independent reads; load buffering.
    ("SB-weak", ["st x; ld y", "st y; ld x"], APART, True),
    ("SB-strong", ["st.relaxed.gpu x; ld.relaxed.gpu y", "st.relaxed.gpu y; ld.relaxed.gpu x"], APART, False),
    ("SB-sc", ["st.relaxed.gpu x; fence.sc.gpu; ld.relaxed.gpu y", "st.relaxed.gpu y; fence.sc.gpu; ld.relaxed.gpu x"], APART, False),
    ("SB-sc-weak", ["st x; fence.sc.gpu; ld y", "st y; fence.sc.gpu; ld x"], APART, True),
    ("SB-sc-mixed", ["st x; fence.sc.gpu; st.relaxed.gpu y", "st z; fence.sc.gpu; ld.relaxed.gpu y?; fence.sc.gpu; ld x"], APART, False),
    ("SB-bar", ["st x; bar.sync 0; ld y", "st y; bar.sync 0; ld x"], SAME, False),
    ("SB-bar-twice", ["st x; bar.sync 0; bar.sync 1; ld y", "st y; bar.sync 0; bar.sync 1; ld x"], SAME, False),
    ("SB-bar-named", ["st x; bar.sync 1 64; ld y", "st y; bar.sync 1 64; ld x"], SAME, False),
    ("IRIW", ["st.relaxed.gpu x", "st.relaxed.gpu y", "ld.relaxed.gpu x; fence.sc.gpu; ld.relaxed.gpu y", "ld.relaxed.gpu y; fence.sc.gpu; ld.relaxed.gpu x"], [0, 1, 2, 3], False),
    ("IRIW-weak", ["st x", "st y", "ld x; fence.sc.gpu; ld y", "ld y; fence.sc.gpu; ld x"], [0, 1, 1, 1], True),
    ("LB", ["ld.relaxed.gpu x; st.relaxed.gpu y", "ld.relaxed.gpu y; st.relaxed.gpu x"], APART, False),
    ("LB-weak", ["ld x; st y", "ld y; st x"], APART, True),
    # One place.
    ("CoRR", ["st.relaxed.gpu x", "ld.relaxed.gpu x; ld.relaxed.gpu x"], APART, False),
    ("CoRR-weak", ["st.relaxed.gpu x", "ld.relaxed.gpu x; ld x"], APART, True),
    ("CoWR", ["st x; ld x", "st.relaxed.gpu x"], APART, True),
    ("CoWW", ["st.relaxed.gpu x; st.relaxed.gpu x", "st.relaxed.gpu x"], APART, False),
    ("CoRW", ["ld.relaxed.gpu x; st.relaxed.gpu x", "st.relaxed.cta x"], APART, True),
    ("CoRW-same", ["ld.relaxed.gpu x; st.relaxed.gpu x", "st.relaxed.cta x"], SAME, False),
    ("counter", ["add.acq_rel.gpu x", "add.acq_rel.gpu x"], APART, False),
    ("counter-of-blocks", ["add.relaxed.cta x", "add.relaxed.gpu x"], APART, True),
    ("counter-set-weakly", ["st x; bar.sync 0; add.relaxed.gpu x", "bar.sync 0; add.relaxed.gpu x"], SAME, False),
    ("lock", ["cas.acquire.gpu z; st.release.gpu y", "ld.acquire.gpu y?; exch.acquire.gpu z; st x"], APART, False),
    # Barriers.
    ("barrier-arrive", ["st x; bar.arrive 1 64", "bar.sync 1 64; ld x"], SAME, False),
    ("barrier-arrive-orders-one-way", ["bar.arrive 1 64; st x", "ld x; bar.sync 1 64"], SAME, True),
    ("barrier-and-flag", ["st x; bar.sync 0", "bar.sync 0; st.release.gpu y", "ld.acquire.gpu y?; ld x"], [0, 0, 1], False),
    ("barrier-and-relaxed-flag", ["st x; bar.sync 0", "bar.sync 0; st.relaxed.gpu y", "ld.acquire.gpu y?; ld x"], [0, 0, 1], True),
    # Sizes.
    ("sizes", ["st.relaxed.gpu x", "ld.relaxed.gpu.b16 x"], APART, True),
    ("size-of-the-flag", ["st x; st.release.gpu y", "ld.acquire.gpu.b16 y"], APART, True),
    ("bytes-beside", ["st.b8 x", "st.b8 x+1; ld.b16 x+2"], APART, False),
    ("vector", ["st.v2.b32 x", "ld x+4"], APART, True),
    ("vector-of-strong", ["st.volatile.v2.b32 x", "ld.relaxed.gpu x+4"], APART, False),
    ("pair-is-no-vector", ["st.volatile.b64 x", "ld.relaxed.gpu x+4"], APART, True),
    # Shared memory; of two blocks it is two.
    ("shared", ["st s", "ld s"], SAME, True),
    ("shared-apart", ["st s", "ld s"], APART, False),
    ("shared-flag", ["st s; st.release.cta s2", "ld.acquire.cta s2?; ld s"], SAME, False),
]


def check(tests, directory, schedules):
    """Runs the tests, and compares each run with the axioms; how many runs had a race, by test."""
    raced = {test.source: 0 for test in tests}
    for done in run(tests, directory, schedules):
        expected = races(done.events)
        assert bool(done.report) == bool(expected), f"{'not reported' if expected else 'no race'}: {done}\nby the axioms: {sorted(expected)}"
        raced[done.litmus.source] += bool(expected)
    return raced


@pytest.mark.parametrize("placed", ["warps", "lanes"])
def test_shapes(placed, tmp_path):
    """Each run is what the axioms say, and where they find a race in any interleaving, some schedule has one."""
    shapes = [shape for shape in SHAPES if placed == "warps" or "bar." not in " ".join(shape[1])]
    assert len({name for name, *_ in SHAPES}) == len(SHAPES)
    tests = [Litmus(threads, blocks, placed) for _, threads, blocks, _ in shapes]
    for (name, *_, has_race), test in zip(shapes, tests):
        assert test.expect()[0] == has_race, name
    raced = check(tests, tmp_path, SCHEDULES)
    for (name, *_, has_race), test in zip(shapes, tests):
        assert bool(raced[test.source]) == has_race, name


def test_random_programs(tmp_path):
    source = random.Random(int(os.environ["TILEC_SEED"]))
    count, schedules = (20000, 16) if FULL else (300, 6)
    for first in range(0, count, 500):
        check([random_litmus(source) for _ in range(min(500, count - first))], tmp_path, schedules)
