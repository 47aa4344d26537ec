# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The axioms of docs/memory-model.md over candidate executions: all ways in which reads may take their values from
writes, and all orders of the writes to each location. The numbers are those of the document."""

import dataclasses
import itertools

from litmus_program import UNDEFINED, Cut, Machine

# The source of a read that comes before every write.
INITIAL = -1
# A value that no litmus test uses: what a read might give that nobody wrote.
FRESH = 7777777


@dataclasses.dataclass
class Verdict:
    """What the model says of a program. It is undefined where `races` or `uninitialised` is not empty; otherwise it
    prints one of `outcomes`."""

    outcomes: set
    races: set
    uninitialised: set

    def lines(self):
        if self.races:
            return [f"race: {first} {second}" for first, second in sorted(self.races)]
        if self.uninitialised:
            return [f"uninitialised: {line}" for line in sorted(self.uninitialised)]
        return [f"allowed: {outcome}" for outcome in sorted(self.outcomes)]


def replay(program, options, only=None):
    """All runs in which each read gives one of `options(machine, event)`; a run that is cut comes as False, machine."""
    pending = [[]]
    while pending:
        prefix, taken = pending.pop(), []

        def guess(machine, event):
            position = len(taken)
            if position < len(prefix):
                taken.append(prefix[position])
            else:
                values = options(machine, event)
                if not values:
                    raise Cut
                pending.extend([*taken, value] for value in values[1:])
                taken.append(values[0])
            return taken[-1]

        machine = Machine(program, guess, only)
        try:
            machine.run()
            yield True, machine
        except Cut:
            yield False, machine


class Model:
    """The executions of one program, and which of them the axioms allow."""

    def __init__(self, program):
        self.program = program
        self.agents = next(replay(program, lambda machine, event: [0], only=()))[1].agents
        self.values = self.possible_values()
        self.traces = {}

    def possible_values(self):
        """For each location what a write may leave there: the least set that the agents' own steps close, as far as
        the number of their read-modify-writes can take it."""
        values, rounds = {}, 0
        while True:
            found, updates = {}, set()
            for agent in self.agents:
                for _, machine in replay(self.program, lambda m, e: self.guesses(values, e), agent):
                    for event in machine.events:
                        if event.is_write:
                            found.setdefault(event.location, set()).add(event.write)
                        if event.is_read and event.is_write:
                            updates.add(event.name)
            grown = {at: found.get(at, set()) | values.get(at, set()) for at in found}
            rounds += 1
            if grown == values or rounds > len(updates) + 3:
                return grown
            values = grown

    def guesses(self, values, event):
        first = self.program.initial(event.location)
        return [first, *sorted(values.get(event.location, set()) - {UNDEFINED, first})]

    def options(self, machine, event):
        """What a read may give in a run of the whole program. Two short cuts that the axioms justify: the initial value
        is gone after a write that the read is token-ordered behind; where nothing later writes, the writes are known."""
        written = [e for e in machine.events if e.is_write and e.location == event.location]
        overwritten = any(e.instance in event.after for e in written)
        if machine.is_final(event.location[0]):
            values = {e.write for e in written}
        else:
            values = self.values.get(event.location, set())
        if not overwritten:
            values = values | {self.program.initial(event.location)}
        return sorted(values, key=lambda value: (value != UNDEFINED, value))

    def verdict(self):
        result = Verdict(set(), set(), set())
        for complete, machine in replay(self.program, self.options):
            if complete:
                for execution in self.executions(machine.events):
                    result.races |= execution.races()
                    result.uninitialised |= execution.uninitialised()
                    result.outcomes.add("\n".join(machine.printed))
        return result

    def executions(self, events):
        """The executions of these events that the axioms allow, one for each choice of sources."""
        reads = [index for index, event in enumerate(events) if event.is_read]
        sources = []
        for index in reads:
            event = events[index]
            initial = [INITIAL] if event.read == self.program.initial(event.location) else []
            sources.append(initial + [at for at, other in enumerate(events) if at != index and other.is_write
                                      and other.location == event.location and other.write == event.read])
        for choice in itertools.product(*sources):
            execution = Execution(events, dict(zip(reads, choice)))
            if execution.is_consistent() and self.is_grounded(execution):
                yield execution

    def is_grounded(self, execution):
        """A4, no values out of thin air: every event can be justified in turn. A write is justified where the reads
        justified so far force it, a read where they force that it happens and its source is justified."""
        if all(source < read for read, source in execution.source.items()):
            return True
        events, known, forced = execution.events, {}, set()
        undefined = any(event.read == UNDEFINED for event in events)
        while True:
            before = len(known), len(forced)
            for agent in self.agents:
                forced |= self.forced_by(agent, known, undefined)
            for read, source in execution.source.items():
                event = events[read]
                justified = source == INITIAL or ("write", *events[source].name, event.location, event.read) in forced
                if justified and ("read", *event.name, event.location) in forced:
                    known[event.name] = event.read
            if len(known) == len(execution.source):
                return True
            if before == (len(known), len(forced)):
                return False

    def forced_by(self, agent, known, undefined):
        """What happens in every behaviour of the agent in which the reads of `known` give those values. The behaviours
        are those over the values of the test and one more; an undefined value is none, unless the execution has one."""
        if (agent, undefined) not in self.traces:
            def options(machine, event):
                values = [*self.guesses(self.values, event), FRESH]
                return values if undefined else [value for value in values if value != UNDEFINED]
            traces = self.traces[agent, undefined] = []
            for _, machine in replay(self.program, options, agent):
                happens = {("read", *e.name, e.location) for e in machine.events if e.is_read}
                happens |= {("write", *e.name, e.location, e.write) for e in machine.events if e.is_write}
                traces.append(({e.name: e.read for e in machine.events if e.is_read}, happens))
        agreeing = [happens for reads, happens in self.traces[agent, undefined]
                    if all(known.get(name, value) == value for name, value in reads.items())]
        return set.intersection(*agreeing) if agreeing else set()


class Execution:
    """Events, and for each read the index of the write that it takes its value from."""

    def __init__(self, events, source):
        self.events, self.source = events, source
        self.before = self.happens_before()

    def happens_before(self):
        """D9: for each event the set (as bits) of the events that happen before it."""
        before = []
        for index, event in enumerate(self.events):
            bits = sum(1 << at for at, other in enumerate(self.events) if other.instance in event.after)
            before.append(bits | sum(1 << at for at in self.released_to(index)))
        for middle in range(len(before)):
            for index in range(len(before)):
                if before[index] >> middle & 1:
                    before[index] |= before[middle]
        return before

    def released_to(self, index):
        """D8: the releases that the event `index` synchronises with."""
        event = self.events[index]
        if event.order not in ("acquire", "acq_rel") or not event.is_read:
            return
        seen, at = set(), self.source[index]
        while at != INITIAL and at not in seen:
            seen.add(at)
            other = self.events[at]
            if other.order in ("release", "acq_rel") and includes_each_other(event, other):
                yield at
            if not other.is_read:
                return
            at = self.source[at]

    def ordered(self, first, second):
        return self.before[second] >> first & 1

    def is_consistent(self):
        if any(self.ordered(index, index) for index in range(len(self.events))):
            return False
        locations = {event.location for event in self.events}
        return all(self.is_coherent(location) for location in sorted(locations))

    def is_coherent(self, location):
        """A1 to A3: whether the writes to the location have an order that agrees with happens-before, under which no
        read sees a write that is hidden or still to come, and read-modify-writes are atomic."""
        here = [index for index, event in enumerate(self.events) if event.location == location]
        writes = [index for index in here if self.events[index].is_write]
        return any(self.agrees(here, order) for order in itertools.permutations(writes)
                   if not any(self.ordered(b, a) for a, b in itertools.combinations(order, 2)))

    def agrees(self, here, order):
        rank = {INITIAL: 0, **{index: 2 * (place + 1) for place, index in enumerate(order)}}
        place = {}
        for index in here:
            event = self.events[index]
            if event.is_read and event.is_write and rank[self.source[index]] != rank[index] - 2:
                return False
            place[index] = rank[index] if event.is_write else rank[self.source[index]] + 1
        return not any(self.ordered(a, b) and place[b] < place[a] for a in here for b in here)

    def uninitialised(self):
        """D11: the lines of reads that found an element as nothing had written it."""
        reads = [self.events[read] for read, source in self.source.items() if source == INITIAL]
        return {event.instance.line for event in reads if event.read == UNDEFINED}

    def races(self):
        """D10: pairs of lines whose events conflict, are unordered, and are not atomic to each other."""
        found = set()
        for (a, first), (b, second) in itertools.combinations(enumerate(self.events), 2):
            if first.location != second.location or not (first.is_write or second.is_write):
                continue
            if self.ordered(a, b) or self.ordered(b, a):
                continue
            if first.is_atomic and second.is_atomic and includes_each_other(first, second):
                continue
            found.add(tuple(sorted((first.instance.line, second.instance.line))))
        return found


def includes_each_other(first, second):
    """D4: whether each event's scope includes the other's agent. All agents of a test belong to one call."""
    same = first.instance.agent == second.instance.agent
    return same or "block" not in (first.scope, second.scope)
