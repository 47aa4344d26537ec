# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The enumerator of test/litmus against results worked out by hand, each with its reason. The names of shapes are the
ones that the literature on memory models uses."""

import itertools
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "litmus"))

import litmus  # noqa: E402
from litmus_parser import LitmusError  # noqa: E402
from shapes import kernel  # noqa: E402

RELAXED = "relaxed device"


def verdict(*threads, **options):
    return litmus.verdict(kernel("test", *threads, **options))


def outcomes(*threads, **options):
    """The outcomes of a program that must be defined, without the names of the registers."""
    result = verdict(*threads, **options)
    assert not result.races and not result.uninitialised
    return {tuple(int(word.split("=")[1]) for word in outcome.split()) for outcome in result.outcomes}


def every(count, values=(0, 1)):
    return set(itertools.product(values, repeat=count))


def after(token, yes):
    """After `token`, or after the entry alone."""
    return f"after {token if yes else 'e'}"


# Message passing. The data is read only where the flag was seen, so the one question is whether the flag orders it.

SCOPES = ["block", "device", "system"]
STORES = ["weak", *(f"{order} {scope}" for order in ("relaxed", "release") for scope in SCOPES)]
LOADS = ["weak", *(f"{order} {scope}" for order in ("relaxed", "acquire") for scope in SCOPES)]


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("received", [True, False])
def test_message_passing(store, load, sent, received):
    store, load = ("" if text == "weak" else text for text in (store, load))
    result = verdict(
        ["a = store x 1 after e", f"b = store y 1 {store} {after('a', sent)}"],
        [f"r0 a = load y {load} after e", f"r1 b = load x {after('a', received)} when r0 1"])
    # The flag's accesses are atomic to each other if neither is weak and each scope includes the other iteration.
    atomic = store and load and "block" not in store + load
    synchronises = atomic and "release" in store and "acquire" in load
    if synchronises and sent and received:
        # Where the flag is seen, so is the data; where it is not, the data is not read.
        assert not result.races and result.outcomes == {"r0=0 r1=-1", "r0=1 r1=1"}
    else:
        assert result.races


@pytest.mark.parametrize("sent, received", itertools.product([True, False], repeat=2))
@pytest.mark.parametrize("orders", itertools.product(["relaxed", "release"], ["relaxed", "acquire"]))
def test_message_passing_of_atomic_data(sent, received, orders):
    """Nothing races where all is atomic: the weaker forms show the flag without the data."""
    found = outcomes(
        [f"a = store x 1 {RELAXED} after e", f"b = store y 1 {orders[0]} device {after('a', sent)}"],
        [f"r0 a = load y {orders[1]} device after e", f"r1 b = load x {RELAXED} {after('a', received)}"])
    ordered = orders == ("release", "acquire") and sent and received
    assert found == every(2) - ({(1, 0)} if ordered else set())


def test_the_flag_through_read_modify_writes():
    """An acq_rel exchange releases as a store does, and acquires as a load does."""
    result = verdict(["a = store x 1 after e", "_o b = xchg y 1 acq_rel device after a"],
                     ["r0 a = cas y 1 2 acq_rel device after e", "r1 b = load x after a when r0 1"])
    assert not result.races and result.outcomes == {"r0=0 r1=-1", "r0=1 r1=1"}


# Store buffering and load buffering: without fences nothing forbids them (no axiom is about sequential consistency).


@pytest.mark.parametrize("store", ["relaxed", "release"])
@pytest.mark.parametrize("load", ["relaxed", "acquire"])
@pytest.mark.parametrize("token", [True, False])
def test_store_buffering(store, load, token):
    threads = [[f"a = store {x} 1 {store} device after e", f"r{n} b = load {y} {load} device {after('a', token)}"]
               for n, (x, y) in enumerate(["xy", "yx"])]
    assert outcomes(*threads) == every(2)


@pytest.mark.parametrize("load", ["relaxed", "acquire"])
@pytest.mark.parametrize("store", ["relaxed", "release"])
@pytest.mark.parametrize("token", [True, False])
def test_load_buffering(load, store, token):
    """Both ones need each load to see a store that the other load comes before. A release that is read by an acquire
    makes that a cycle of happens-before; otherwise nothing stands against it, for no store depends on a load."""
    threads = [[f"r{n} a = load {x} {load} device after e", f"b = store {y} 1 {store} device {after('a', token)}"]
               for n, (x, y) in enumerate(["xy", "yx"])]
    # Both synchronise here, each with the other.
    cyclic = (load, store, token) == ("acquire", "release", True)
    assert outcomes(*threads) == every(2) - ({(1, 1)} if cyclic else set())


def test_load_buffering_with_one_release():
    """One edge of synchronisation is enough: the load of y comes before the release, that before the acquire which read
    it, and that before the store to y, which the load then cannot have read."""
    assert outcomes(["r0 a = load x acquire device after e", f"b = store y 1 {RELAXED} after a"],
                    [f"r1 a = load y {RELAXED} after e", "b = store x 1 release device after a"]) == every(2) - {(1, 1)}


# No value out of thin air.


def test_a_copy_of_a_copy_stays_zero():
    """Each stores what it loaded: a one would have no origin."""
    assert outcomes([f"r0 a = load x {RELAXED} after e", f"b = store y r0 {RELAXED} after e"],
                    [f"r1 a = load y {RELAXED} after e", f"b = store x r1 {RELAXED} after e"]) == {(0, 0)}


def test_control_dependences_count():
    """Each stores a one only where it saw one."""
    assert outcomes([f"r0 a = load x {RELAXED} after e", f"b = store y 1 {RELAXED} after e when r0 1"],
                    [f"r1 a = load y {RELAXED} after e", f"b = store x 1 {RELAXED} after e when r1 1"]) == {(0, 0)}


def test_one_side_without_dependence_is_an_origin():
    """The second store depends on nothing, so the first may copy its one back before. It copies only what it read."""
    assert outcomes([f"r0 a = load x {RELAXED} after e", f"b = store y r0 {RELAXED} after e"],
                    [f"r1 a = load y {RELAXED} after e", f"b = store x 1 {RELAXED} after e"]) == every(2) - {(0, 1)}


def test_a_race_needs_an_origin_too():
    """The weak stores happen only where a one was read, which nothing can start: there is no race."""
    assert outcomes(["r0 a = load x after e", "b = store y 1 after a when r0 1"],
                    ["r1 a = load y after e", "b = store x 1 after a when r1 1"]) == {(0, 0)}


# Coherence: the four shapes of two accesses of one location that are ordered.


@pytest.mark.parametrize("token", [True, False])
def test_coherence_of_two_reads(token):
    found = outcomes([f"a = store x 1 {RELAXED} after e"],
                     [f"r0 a = load x {RELAXED} after e", f"r1 b = load x {RELAXED} {after('a', token)}"])
    # The second read may not see what is older than the first one saw, if it is the second.
    assert found == every(2) - ({(1, 0)} if token else set())


@pytest.mark.parametrize("token", [True, False])
def test_coherence_of_two_writes(token):
    found = outcomes([f"a = store x 1 {RELAXED} after e", f"b = store x 2 {RELAXED} {after('a', token)}"], finals="x")
    assert found == ({(2,)} if token else {(1,), (2,)})


@pytest.mark.parametrize("token", [True, False])
def test_coherence_of_a_read_and_a_write(token):
    """A read sees neither the write that it comes before nor what comes after that: a two that it saw is not the last."""
    found = outcomes([f"r0 a = load x {RELAXED} after e", f"b = store x 1 {RELAXED} {after('a', token)}"],
                     [f"a = store x 2 {RELAXED} after e"], finals="x")
    forbidden = {(1, 1), (1, 2), (2, 2)} if token else set()
    assert found == set(itertools.product((0, 1, 2), (1, 2))) - forbidden


@pytest.mark.parametrize("token", [True, False])
def test_coherence_of_a_write_and_a_read(token):
    found = outcomes([f"a = store x 1 {RELAXED} after e", f"r0 b = load x {RELAXED} {after('a', token)}"],
                     [f"a = store x 2 {RELAXED} after e"], finals="x")
    # In order, the read sees the one, or a two that came after it. Without, also the initial value.
    both = {(1, 1), (1, 2), (2, 2)}
    assert found == (both if token else both | {(2, 1), (0, 1), (0, 2)})


def test_weak_accesses_keep_the_order_of_their_tokens_alone():
    assert outcomes(["a = store x 1 after e", "r0 b = load x after a"]) == {(1,)}
    assert verdict(["a = store x 1 after e", "r0 b = load x after e"]).races
    assert verdict(["a = store x 1 after e", "b = store x 2 after e"]).races
    assert outcomes(["r0 a = load x after e", "r1 b = load x after e"]) == {(0, 0)}


def test_two_writes_each():
    """2+2W: the two locations may end with the first write of each; happens-before does not forbid that."""
    threads = [[f"a = store {x} 1 {RELAXED} after e", f"b = store {y} 2 {RELAXED} after a"] for x, y in ("xy", "yx")]
    assert outcomes(*threads, finals="x y") == set(itertools.product((1, 2), repeat=2))


# More than two iterations.


@pytest.mark.parametrize("load", ["relaxed", "acquire"])
@pytest.mark.parametrize("store", ["relaxed", "release"])
def test_independent_reads_of_independent_writes(load, store):
    """IRIW: writes need not become visible everywhere at once, so two readers may disagree, acquiring or not."""
    writers = [[f"a = store {x} 1 {store} device after e"] for x in "xy"]
    readers = [[f"r{2 * n} a = load {x} {load} device after e", f"r{2 * n + 1} b = load {y} {load} device after a"]
               for n, (x, y) in enumerate(["xy", "yx"])]
    assert outcomes(*writers, *readers) == every(4)


@pytest.mark.parametrize("second", ["relaxed", "release"])
@pytest.mark.parametrize("third", ["relaxed", "acquire"])
def test_write_to_read_causality(second, third):
    """WRC: what the second saw, the third sees, if the second releases and the third acquires."""
    found = outcomes([f"a = store x 1 {RELAXED} after e"],
                     [f"r0 a = load x {RELAXED} after e", f"b = store y 1 {second} device after a"],
                     [f"r1 a = load y {third} device after e", f"r2 b = load x {RELAXED} after a"])
    assert found == every(3) - ({(1, 1, 0)} if (second, third) == ("release", "acquire") else set())


@pytest.mark.parametrize("middle", [("acquire", "release"), ("relaxed", "release"), ("acquire", "relaxed")])
def test_a_chain_of_messages(middle):
    """ISA2: happens-before goes on through the second, if it acquires and releases."""
    result = verdict(["a = store x 1 after e", "b = store y 1 release device after a"],
                     [f"r0 a = load y {middle[0]} device after e",
                      f"b = store z 1 {middle[1]} device after a when r0 1"],
                     ["r1 a = load z acquire device after e", "r2 b = load x after a when r1 1"], arrays="x y z")
    if middle == ("acquire", "release"):
        assert not result.races and result.outcomes == {"r0=0 r1=0 r2=-1", "r0=1 r1=0 r2=-1", "r0=1 r1=1 r2=1"}
    else:
        assert result.races


# Release sequences.


@pytest.mark.parametrize("between, continues", [("_o a = add y 1 relaxed device after e", True),
                                                ("a = store y 2 relaxed device after e", False)])
def test_release_sequences(between, continues):
    """A read-modify-write by anybody goes on with the release that it read; a plain store does not."""
    result = verdict(["a = store x 1 after e", "b = store y 1 release device after a"], [between],
                     ["r0 a = load y acquire device after e", "r1 b = load x after a when r0 2"])
    assert bool(result.races) == (not continues)


def test_release_sequences_of_a_failed_exchange():
    """A compare-and-swap that fails writes nothing, so there is nothing to read from it."""
    assert verdict(["a = store x 1 after e", "b = store y 1 release device after a"],
                   ["_o a = cas y 5 6 relaxed device after e"],
                   ["r0 a = load y acquire device after e", "r1 b = load x after a when r0 1"]).outcomes == {
                       "r0=0 r1=-1", "r0=1 r1=1"}


# Atomics.


def test_no_addition_is_lost():
    found = outcomes(*[[f"r{n} a = add x 1 {RELAXED} after e"] for n in range(3)], finals="x")
    assert found == {(*olds, 3) for olds in itertools.permutations(range(3))}


def test_one_compare_and_swap_wins():
    found = outcomes(*[[f"r{n} a = cas x 0 {n + 1} {RELAXED} after e"] for n in range(2)], finals="x")
    assert found == {(0, 1, 1), (2, 0, 2)}


def test_a_read_modify_write_lets_nothing_between():
    """The store lies before the addition or after it."""
    found = outcomes([f"r0 a = add x 1 {RELAXED} after e"], [f"a = store x 5 {RELAXED} after e"], finals="x")
    assert found == {(0, 5), (5, 6)}


@pytest.mark.parametrize("scopes, atomic", [(("device", "device"), True), (("system", "device"), True),
                                            (("block", "device"), False), (("block", "block"), False)])
def test_scopes_must_include_each_other(scopes, atomic):
    result = verdict([f"a = store x 1 relaxed {scopes[0]} after e"], [f"r0 a = load x relaxed {scopes[1]} after e"])
    assert bool(result.races) == (not atomic)


def test_block_scope_serves_one_iteration():
    """Unordered accesses of one iteration are atomic to each other in any scope, and synchronise."""
    assert outcomes(["a = store x 1 relaxed block after e", "r0 b = load x relaxed block after e"]) == {(0,), (1,)}
    assert verdict(["a = store x 1 after e", "b = store y 1 release block after a",
                    "r0 c = load y acquire block after e", "r1 d = load x after c when r0 1"]).outcomes == {"r0=0 r1=-1", "r0=1 r1=1"}


# Grids and undefined elements.


def grids(second_after):
    return [("one", ["init"], [[f"a = store x 1 {RELAXED} after e"]]),
            ("two", second_after, [[f"r0 a = load x {RELAXED} after e"]])]


def test_grids_are_ordered_by_tokens():
    assert outcomes(grids=grids(["one"])) == {(1,)}
    assert outcomes(grids=grids(["init"])) == {(0,), (1,)}


def test_reading_what_nobody_wrote():
    assert verdict(["r0 a = load x after e"], initial=None).uninitialised
    assert outcomes(["a = store x 1 after e", "r0 b = load x after a"], initial=None) == {(1,)}


# The program itself.


@pytest.mark.parametrize("text, message", [
    ("", "expected a kernel"),
    ("tile.kernel @a() {\n  tile.frob\n  tile.return\n}", "'tile.frob' is not part of litmus tests"),
    ("tile.kernel @a() {\n  %x = tile.token 5\n  tile.return\n}", "cannot read this 'tile.token'"),
    ("tile.kernel @a() {\n  tile.return\n", "expected a closing brace"),
    ("tile.kernel @a() {\n  tile.return\n}\nmore", "expected one kernel and nothing else")])
def test_what_is_no_litmus_test_is_refused(text, message):
    with pytest.raises(LitmusError, match=message):
        litmus.verdict(text)
