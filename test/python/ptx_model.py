# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The memory consistency model of PTX (section 8 of the ISA manual) as axioms, for executions of a few events: which pairs of
accesses are a data race. Nothing here knows how tile-sim finds races: relations are sets of pairs, built from their definitions.

An execution is a list of events in the order in which memory saw them, so that a read gets what the last write before it wrote. That
fixes which write each read reads (`reads_from`) and, where the model relates two writes, which is first. What it does not fix is
the order of `fence.sc`: every order that the axioms allow is tried, and there is a race where one of them has one."""

import functools
import itertools
from dataclasses import dataclass, field

SCOPES = ("cta", "gpu", "sys")
ACQUIRES = ("acquire", "acq_rel", "sc")
RELEASES = ("release", "acq_rel", "sc")


@dataclass(frozen=True)
class Event:
    """An operation of a thread. `kind`: read, write, rmw (`atom`), red, fence or bar; `order`: weak, relaxed, acquire, release,
    acq_rel, and of fences also sc; `place`: the memory, and its first byte and the one behind the last."""

    thread: int
    block: int
    kind: str
    order: str = "weak"
    scope: str = "sys"
    place: tuple = None
    # Of a barrier: which, its phase, and whether the thread waits.
    barrier: tuple = None
    waits: bool = True

    @property
    def reads(self):
        return self.kind in ("read", "rmw", "red")

    @property
    def writes(self):
        return self.kind in ("write", "rmw", "red")

    @property
    def updates(self):
        return self.kind in ("rmw", "red")

    @property
    def strong(self):
        return self.kind == "fence" or (self.place is not None and self.order != "weak")

    @property
    def acquires(self):
        return self.kind in ("read", "rmw", "fence") and self.order in ACQUIRES

    @property
    def releases(self):
        return self.kind in ("write", "rmw", "red", "fence") and self.order in RELEASES

    def includes(self, other):
        return self.scope != "cta" or self.block == other.block


def overlap(a, b):
    return a.place is not None and b.place is not None and a.place[0] == b.place[0] and a.place[1] < b.place[2] and b.place[1] < a.place[2]


@dataclass
class Relation:
    """Of events 0 to n - 1: whom each of them is related to, as the bits of a number."""

    rows: list

    @staticmethod
    def of(count, holds):
        return Relation([sum(1 << b for b in range(count) if a != b and holds(a, b)) for a in range(count)])

    def __call__(self, a, b):
        return bool(self.rows[a] >> b & 1)

    def __or__(self, other):
        return Relation([a | b for a, b in zip(self.rows, other.rows)])

    def pairs(self):
        return [(a, b) for a, row in enumerate(self.rows) for b in range(len(self.rows)) if row >> b & 1]

    def then(self, other):
        """a to c where a is related to some b here, and b to c there."""
        rows = []
        for row in self.rows:
            joined, b = 0, 0
            while row >> b:
                if row >> b & 1:
                    joined |= other.rows[b]
                b += 1
            rows.append(joined)
        return Relation(rows)

    def closed(self):
        rows = list(self.rows)
        for middle in range(len(rows)):
            for a in range(len(rows)):
                if rows[a] >> middle & 1:
                    rows[a] |= rows[middle]
        return Relation(rows)


@dataclass
class Execution:
    events: list
    # Filled in by relate().
    program_order: Relation = field(init=False)
    morally_strong: Relation = field(init=False)
    reads_from: Relation = field(init=False)
    observation: Relation = field(init=False)
    synchronizes: Relation = field(init=False)

    def __post_init__(self):
        events, count = self.events, len(self.events)
        self.program_order = Relation.of(count, lambda a, b: a < b and events[a].thread == events[b].thread)
        self.morally_strong = Relation.of(count, lambda a, b: self._are_morally_strong(events[a], events[b]))
        # By byte, then by event; -1 is what memory held before.
        self.sources = [self._sources(index) for index in range(count)]
        self.reads_from = Relation.of(count, lambda a, b: a in self.sources[b])
        self.observation = self._observation()
        self.synchronizes = self._patterns() | self._barriers()

    @staticmethod
    def _are_morally_strong(a, b):
        """Section 8.7. All accesses here are by the generic proxy."""
        if a.thread != b.thread and not (a.strong and b.strong and a.includes(b) and b.includes(a)):
            return False
        return a.place is None or b.place is None or a.place == b.place

    def _sources(self, reader):
        event = self.events[reader]
        if not event.reads:
            return set()
        memory, first, end = event.place
        found = set()
        for byte in range(first, end):
            writers = [index for index in range(reader) if self.events[index].writes and overlap(self.events[index], event)
                       and self.events[index].place[1] <= byte < self.events[index].place[2]]
            found.add(writers[-1] if writers else -1)
        return found

    def _observation(self):
        """Section 8.9.2: what was read, both sides morally strong, through any number of read-modify-writes."""
        count = len(self.events)
        direct = Relation.of(count, lambda a, b: self.reads_from(a, b) and self.morally_strong(a, b))
        total = direct
        while True:
            updates = Relation([sum(1 << b for b in range(count) if row >> b & 1 and self.events[b].updates) for row in total.rows])
            more = total | updates.then(direct)
            if more.rows == total.rows:
                return total
            total = more

    def _patterns(self):
        """Sections 8.8 and 8.9.4. A pattern is its first, or last, operation with the access that communicates."""
        events, indices = self.events, range(len(self.events))
        before = self.program_order
        releases = [(a, a) for a in indices if events[a].releases and events[a].writes]
        releases += [(a, b) for a in indices for b in indices if events[a].releases and before(a, b) and events[b].writes and events[b].strong
                     and (events[a].kind == "fence" or events[a].place == events[b].place)]
        acquires = [(b, b) for b in indices if events[b].acquires and events[b].reads]
        acquires += [(a, b) for a in indices for b in indices if events[b].acquires and before(a, b) and events[a].kind in ("read", "rmw") and events[a].strong
                     and (events[b].kind == "fence" or events[a].place == events[b].place)]
        found = Relation([0] * len(events))
        for first, write in releases:
            for read, last in acquires:
                if self.observation(write, read) and self.morally_strong(first, last) and first != last:
                    found.rows[first] |= 1 << last
        return found

    def _barriers(self):
        events = self.events
        return Relation.of(len(events), lambda a, b: events[a].kind == events[b].kind == "bar" and events[a].barrier == events[b].barrier and events[b].waits)

    def fence_orders(self):
        """Every order of the `fence.sc`, of morally strong pairs, that keeps program order."""
        fences = [index for index, event in enumerate(self.events) if event.kind == "fence" and event.order == "sc"]
        seen = set()
        for order in itertools.permutations(fences):
            rank = {fence: position for position, fence in enumerate(order)}
            if any(rank[a] > rank[b] for a, b in itertools.combinations(fences, 2) if self.program_order(a, b)):
                continue
            relation = Relation.of(len(self.events), lambda a, b: a in rank and b in rank and rank[a] < rank[b] and self.morally_strong(a, b))
            if tuple(relation.rows) not in seen:
                seen.add(tuple(relation.rows))
                yield relation

    def causality(self, fence_order):
        """Section 8.9.5: base causality order, and causality order."""
        base = (self.program_order | self.synchronizes | fence_order).closed()
        return base, base | self.observation.then(base)

    def is_consistent(self, fence_order, base, cause):
        """The axioms of section 8.10 that an order of fences may violate; the others hold where memory is in order."""
        events, count = self.events, len(self.events)
        # Threads that wait for each other at a barrier are ordered both ways there, and nothing else is.
        if any(base(b, a) for a, b in fence_order.pairs()) or any(base(a, a) for a in range(count) if events[a].kind != "bar"):
            return False
        writes = [index for index in range(count) if events[index].writes]
        # Coherence: causality does not contradict the order in which memory saw the writes.
        if any(cause(b, a) for a, b in itertools.combinations(writes, 2) if overlap(events[a], events[b])):
            return False
        coherence = Relation.of(count, lambda a, b: a < b and events[a].writes and events[b].writes and overlap(events[a], events[b])
                                and (self.morally_strong(a, b) or cause(a, b))).closed()
        # Causality: a read neither gets what comes behind it, nor what was overwritten before it.
        for read in range(count):
            for source in self.sources[read]:
                if source >= 0 and cause(read, source):
                    return False
                if any(cause(write, read) and (source < 0 or coherence(source, write)) for write in writes if write != read and overlap(events[write], events[read])):
                    return False
        return True

    def races(self):
        """Pairs of events that are a data race (section 8.7.1) in some order of the fences."""
        events, found = self.events, set()
        conflicts = [(a, b) for a, b in itertools.combinations(range(len(events)), 2) if events[a].thread != events[b].thread and overlap(events[a], events[b])
                     and (events[a].writes or events[b].writes) and not self.morally_strong(a, b)]
        is_possible = False
        for order in self.fence_orders():
            base, cause = self.causality(order)
            if self.is_consistent(order, base, cause):
                is_possible = True
                found |= {(a, b) for a, b in conflicts if not cause(a, b) and not cause(b, a)}
        assert is_possible, "memory in order is always allowed"
        return found


@functools.lru_cache(maxsize=100000)
def races(events):
    """The races of an execution, given as a tuple of its events: many runs are the same one."""
    return frozenset(Execution(list(events)).races())
