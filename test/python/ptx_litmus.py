# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Litmus tests of PTX: a few threads of a few operations each, as a kernel, and a run of tile-sim as an execution of ptx_model.

A thread is a list of operations, such as `st x`, `ld.acquire.gpu y?`, `exch.relaxed.cta x`, `add`, `cas` and `red` with the same,
`fence.sc.gpu`, `bar.sync 0`, `bar.sync 1 64`, `bar.arrive 1 64` and `bar.warp.sync`. `.b8`, `.b16`, `.b64` and `.v2.b32` are other sizes than 4
bytes, and `x+2` is two bytes further. A thread ends at `?` where it got what was there at the start. Places that begin with `s` are in
shared memory."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ptx_model import SCOPES, Event, races
from tilec_testing import tool

HEAD = "// {} {} {}\n.version 8.6\n.target sm_80\n.address_size 64\n.shared .align 16 .b8 tile[1024];\n.visible .entry k(.param .u64 p, .param .u64 q) {\n" \
       ".reg .b64 %g, %out, %w<2>; .reg .b32 %t, %lane, %u<2>, %at; .reg .b16 %h<2>; .reg .pred %p, %first, %last;\n" \
       "ld.param.u64 %g, [p]; ld.param.u64 %out, [q]; mov.u32 %t, %tid.x; mov.u32 %at, %ctaid.x;\n"
ORDERS = ("weak", "relaxed", "acquire", "release", "acq_rel", "sc", "volatile")
STRIDE = 64
UNWRITTEN = 0xA5A5A5A5


@dataclass(frozen=True)
class Operation:
    name: str
    order: str
    scope: str
    place: str = None
    offset: int = 0
    type: str = "b32"
    ends: bool = False
    numbers: tuple = ()

    @property
    def bytes(self):
        return int(self.type.split("b")[-1]) // 8

    @property
    def elements(self):
        return 2 if self.type.startswith("v2") else 1

    @property
    def kind(self):
        return {"st": "write", "ld": "read", "red": "red", "fence": "fence", "bar": "bar"}.get(self.name, "rmw")

    @property
    def space(self):
        return "shared" if self.place.startswith("s") else "global"

    @staticmethod
    def parse(text):
        words, *rest = text.split()
        name, *parts = words.split(".")
        if name == "bar":
            return Operation(words, "weak", "cta", numbers=tuple(map(int, rest)))
        order = next((part for part in parts if part in ORDERS), "relaxed" if name in ("exch", "add", "cas", "red") else "weak")
        scope = next((part for part in parts if part in SCOPES), "gpu" if name in ("exch", "add", "cas", "red") else "sys")
        sizes = re.findall(r"(?:v2\.)?b\d+", words)
        assert name in ("st", "ld", "exch", "add", "cas", "red", "fence"), text
        if name == "fence":
            return Operation(name, order, scope)
        (place,) = rest
        place, ends = place.rstrip("?"), place.endswith("?")
        place, _, offset = place.partition("+")
        return Operation(name, order, scope, place, int(offset or 0), sizes[0] if sizes else "b32", ends)


class Litmus:
    """`threads`: for each thread its operations, one behind another with `;`. `blocks`: the block of each thread. `placed`: whether threads of a
    block are `warps` or `lanes`."""

    def __init__(self, threads, blocks, placed="warps"):
        self.threads = [[Operation.parse(text.strip()) for text in thread.split(";") if text.strip()] for thread in threads]
        self.blocks, self.placed = list(blocks), placed
        self.source = " || ".join(threads) + f"  in blocks {self.blocks}, {placed}"
        self.places = sorted({operation.place for thread in self.threads for operation in thread if operation.place})
        # The number of each thread in its block.
        self.numbers = [self.blocks[:index].count(block) for index, block in enumerate(self.blocks)]
        # Which operation is at a line of the text, and where what it read is stored.
        self.lines, self.results, self.text = {}, {}, ""
        self._write()

    def _address(self, operation):
        return f"[{'tile' if operation.space == 'shared' else '%g'}+{STRIDE * self.places.index(operation.place) + operation.offset}]"

    def _instruction(self, operation, value, guard):
        if operation.name.startswith("bar"):
            if operation.name == "bar.warp.sync":
                return "bar.warp.sync %u1;"
            return f"{operation.name} {', '.join(map(str, operation.numbers))};"
        if operation.name == "fence":
            return f"{guard}fence.{operation.order}.{operation.scope};"
        order = "" if operation.order == "weak" else ".volatile" if operation.order == "volatile" else f".{operation.order}.{operation.scope}"
        address, space, type = self._address(operation), operation.space, operation.type
        register = {"b8": "%h0", "b16": "%h0", "b32": "%u0", "b64": "%w0", "v2.b32": "{%u0, %u0}"}[type]
        if operation.name == "ld":
            register = register.replace("%u0, %u0", "%u0, %at")
            return f"{guard}ld{order}.{space}.{type} {register}, {address};"
        number = f"{value}" if type not in ("b8", "b16") else f"{value % 256}"
        move = f"mov.b{64 if type == 'b64' else 16 if type in ('b8', 'b16') else 32} {register.strip('{}').split(',')[0]}, {number};"
        if operation.name == "st":
            return f"{move}\n{guard}st{order}.{space}.{type} {address}, {register};"
        if operation.name == "red":
            return f"{guard}red{order}.{space}.add.u{8 * operation.bytes} {address}, {value};"
        if operation.name == "cas":
            return f"{guard}atom{order}.{space}.cas.{type} {register}, {address}, 0, {number};"
        what = f"add.u{8 * operation.bytes}" if operation.name == "add" else f"exch.{type}"
        return f"{guard}atom{order}.{space}.{what} {register}, {address}, {number};"

    def _write(self):
        lines = (HEAD + f"and.b32 %lane, %t, {0 if self.placed == 'lanes' else 31}; setp.eq.u32 %first, %lane, 0;\n"
                 + ("" if self.placed == "lanes" else "shr.u32 %t, %t, 5;\n") + "mad.lo.u32 %t, %at, 1000, %t;\n").splitlines()
        for index, block in enumerate(self.blocks):
            lines += [f"setp.eq.u32 %p, %t, {1000 * block + self.numbers[index]};", f"@%p bra T{index};"]
        lines += ["ret;"]
        for index, thread in enumerate(self.threads):
            members = sum(1 << number for number, block in zip(self.numbers, self.blocks) if block == self.blocks[index])
            lines += [f"T{index}:", f"mov.b32 %u1, {members};"]
            for position, operation in enumerate(thread):
                # No two writes write the same.
                value = 1 + 16 * index + position
                lines += self._instruction(operation, value, "@%first " if self.placed == "warps" else "").splitlines()
                self.lines[len(lines)] = (index, position)
                if operation.kind in ("read", "rmw"):
                    if operation.type == "b32" and not operation.offset:
                        lines += [f"@%first st.global.b32 [%out+{4 * len(self.results)}], %u0;"]
                        self.results[index, position] = len(self.results)
                    if operation.ends:
                        start = UNWRITTEN if operation.space == "shared" else 0
                        lines += [f"setp.eq.u32 %p, %u0, {start};", "@%p ret;"]
            lines += ["ret;"]
        most = max(self.numbers) + 1
        lines[0] = f"// {max(self.blocks) + 1} {most if self.placed == 'lanes' else 32 * most} {max(len(self.results), 1)}"
        self.text = "\n".join(lines) + "\n}\n"

    def events(self, index, position, phase=None):
        """The events of an operation; vectors are two."""
        operation, block = self.threads[index][position], self.blocks[index]
        if operation.kind == "fence":
            return [Event(index, block, "fence", operation.order, operation.scope)]
        if operation.name.startswith("bar"):
            key = (block, operation.name if operation.name == "bar.warp.sync" else operation.numbers[0], phase)
            return [Event(index, block, "bar", barrier=key, waits=operation.name != "bar.arrive")]
        order, scope = ("relaxed", "sys") if operation.order == "volatile" else (operation.order, operation.scope)
        memory = (operation.place, block if operation.space == "shared" else None)
        first, size = operation.offset, operation.bytes
        return [Event(index, block, operation.kind, order, scope, (memory, first + size * element, first + size * (element + 1))) for element in range(operation.elements)]

    def execute(self, steps):
        """The events of operations, (thread, position), in the order of a run; and what each word was when it was read."""
        memory, events, phases, values = {}, [], {}, {}
        for index, position in steps:
            operation = self.threads[index][position]
            if operation.name.startswith("bar"):
                number = operation.numbers[:1] or operation.name
                phases[index, number] = phases.get((index, number), 0) + 1
                events += self.events(index, position, phases[index, number])
                continue
            now = self.events(index, position)
            if operation.kind != "fence":
                key, value = now[0].place[0], 1 + 16 * index + position
                before = memory.get(key, UNWRITTEN if operation.space == "shared" else 0)
                values[index, position] = before
                if operation.name == "cas" and before != 0:
                    # What fails has written nothing, and releases nothing.
                    order = {"acq_rel": "acquire", "release": "relaxed"}.get(now[0].order, now[0].order)
                    now = [Event(index, now[0].block, "read", order, now[0].scope, now[0].place)]
                elif operation.kind != "read":
                    memory[key] = before + value if operation.name in ("add", "red") else value
            events += now
        return tuple(events), values

    def interleavings(self):
        """Every order of all operations, as a run may do them, that differs in what reads get; barriers hold all of their phase."""
        seen = set()

        def go(at, steps, memory, key):
            state = (tuple(at), tuple(sorted(key)))
            if state in seen:
                return
            seen.add(state)
            done = True
            for index, thread in enumerate(self.threads):
                if at[index] == len(thread):
                    continue
                operation = thread[at[index]]
                if operation.name.startswith("bar") and not self._may_pass(at, index):
                    continue
                done = False
                position, next_at = at[index], list(at)
                next_at[index] += 1
                next_memory, next_key = memory, key
                if operation.place:
                    where = self.events(index, position)[0].place[0]
                    last = memory.get(where, ())
                    failed = operation.name == "cas" and last != ()
                    if operation.ends and last == ():
                        next_at[index] = len(thread)
                    next_key = key + (((index, position), where, last),)
                    if operation.kind in ("write", "rmw", "red") and not failed:
                        next_memory = dict(memory)
                        next_memory[where] = last + ((index, position),)
                go(next_at, steps + [(index, position)], next_memory, next_key)
            if done:
                assert all(place == len(thread) for place, thread in zip(at, self.threads)), f"{self.source} does not end"
                found.append(steps)

        found = []
        go([0] * len(self.threads), [], {}, ())
        return found

    def is_step(self, line, mask):
        """Whether the lane that is a thread has executed an operation, if these have executed a line."""
        return line in self.lines and bool(mask >> (self.numbers[self.lines[line][0]] if self.placed == "lanes" else 0) & 1)

    def _may_pass(self, at, index):
        """Whether all other threads of the barrier are at it, or beyond: the threads of the block that have it, as often as this one."""
        operation = self.threads[index][at[index]]
        if operation.name == "bar.arrive":
            return True

        def count(other, end):
            return sum(step.name.startswith("bar") and step.numbers[:1] == operation.numbers[:1] for step in self.threads[other][:end])

        mine = count(index, at[index])
        return all(count(other, at[other]) > mine or (count(other, at[other]) == mine and at[other] < len(self.threads[other])
                                                      and self.threads[other][at[other]].numbers[:1] == operation.numbers[:1]
                                                      and self.threads[other][at[other]].name.startswith("bar"))
                   for other in range(len(self.threads)) if self.blocks[other] == self.blocks[index] and count(other, len(self.threads[other])) > mine)

    def expect(self):
        """Whether some run that interleaves the threads has a race, and whether all have one."""
        verdicts = {bool(races(self.execute(steps)[0])) for steps in self.interleavings()}
        return True in verdicts, False not in verdicts


@dataclass
class Run:
    """What tile-sim did with a test and a seed."""

    litmus: Litmus
    seed: int
    report: str
    events: tuple

    def __str__(self):
        steps = "\n".join(f"  {index}: thread {event.thread} {event.kind} {event.order}.{event.scope} {event.place or event.barrier or ''}" for index, event in enumerate(self.events))
        return f"{self.litmus.source}, seed {self.seed}\n{steps}\n{self.report}"


def run(tests, directory, schedules, seed=0):
    """Runs each test with so many seeds, and yields the runs."""
    paths = [directory / f"{index}.ptx" for index in range(len(tests))]
    for test, path in zip(tests, paths):
        path.write_text(test.text)
    done = subprocess.run([Path(tool("tile-opt")).parent.parent / "test" / "lib" / "tile-ptx-litmus", f"--schedules={schedules}", f"--seed={seed}", *paths],
                          capture_output=True, text=True, timeout=3000, check=False)
    assert done.returncode == 0, done.stderr
    for text in re.split(r"^run ", done.stdout, flags=re.MULTILINE)[1:]:
        head, *lines = text.splitlines()
        path, number = head.rsplit(" ", 1)
        test = tests[int(Path(path).stem)]
        report = "\n".join(line[2:] for line in lines if line.startswith("! "))
        assert not report or "error: race: " in report.splitlines()[0], f"{test.source}, seed {number}\n{report}\n{test.text}"
        steps = [test.lines[int(line)] for mask, line in re.findall(r'"mask":"(\w+)","line":(\d+)', text) if test.is_step(int(line), int(mask, 16))]
        events, values = test.execute(steps)
        results = [int(word) for word in lines[-1].split()[1:]]
        for step, place in test.results.items():
            # What was read is what the execution says: the trace is in the order of memory.
            assert step not in values or results[place] == values[step], f"{test.source}, seed {number}: {step} read {results[place]}, not {values[step]}"
        yield Run(test, int(number), report, events)


def random_litmus(random):
    """Two or three threads of two to four operations on two places, one in ten with a barrier."""
    count = random.choice([2, 3, 3])
    blocks = random.choice([[0] * count, [0] * count, [0] * (count - 1) + [1], [0, 1, 1][:count], list(range(count))])
    placed = random.choice(["warps", "lanes"])
    has_barrier = len(set(blocks)) == 1 and random.random() < 0.2

    def operation():
        place, scope = random.choice("xy"), random.choice(["cta", "gpu", "gpu", "sys"])
        ends = "?" if not has_barrier and random.random() < 0.4 else ""
        order = random.choice(["relaxed", "acquire", "release", "acq_rel"])
        choice = random.choices(["st", "ld", "strong st", "strong ld", "rmw", "red", "volatile", "fence"], [20, 20, 15, 15, 13, 4, 3, 12])[0]
        if choice == "fence":
            return f"fence.{random.choice(['sc', 'acq_rel'])}.{scope}"
        if choice == "rmw":
            return f"{random.choice(['exch', 'exch', 'add', 'cas'])}.{order}.{scope} {place}{ends}"
        if choice == "red":
            return f"red.{random.choice(['relaxed', 'release'])}.{scope} {place}"
        if choice == "volatile":
            return random.choice([f"st.volatile {place}", f"ld.volatile {place}{ends}"])
        if choice == "strong st":
            return f"st.{random.choice(['relaxed', 'release', 'release'])}.{scope} {place}"
        if choice == "strong ld":
            return f"ld.{random.choice(['relaxed', 'acquire', 'acquire'])}.{scope} {place}{ends}"
        return f"st {place}" if choice == "st" else f"ld {place}{ends}"

    threads = [[operation() for _ in range(random.randint(2, 4))] for _ in range(count)]
    if has_barrier:
        for thread in threads:
            thread.insert(random.randint(0, len(thread)), "bar.warp.sync" if placed == "lanes" else "bar.sync 0")
    return Litmus(["; ".join(thread) for thread in threads], blocks, placed)
