# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a litmus test with values that are guessed for its reads, and records the events: every way in which its
iterations could behave if memory gave them anything. Which of these memory allows is for litmus_axioms.py."""

import dataclasses
import itertools

import litmus_parser

# The value of an element that nothing has written; computing with it gives it again.
UNDEFINED = "?"
# No loop without a bound runs more often than this; longer runs are cut.
UNROLL = 3


class Cut(Exception):
    """The run has left the bounds of the search: a loop went on for too long, or a guess is no subscript."""


@dataclasses.dataclass(frozen=True)
class Instance:
    """One execution of an access: which agent, which operation, which rounds of its loops."""

    agent: tuple
    line: int
    rounds: tuple


@dataclasses.dataclass
class Event:
    """What one lane of an instance does to one location. `read` and `write` are values, or None."""

    instance: Instance
    lane: int
    location: tuple
    read: object
    write: object
    order: str
    scope: str
    after: frozenset

    @property
    def is_read(self):
        return self.read is not None

    @property
    def is_write(self):
        return self.write is not None

    @property
    def is_atomic(self):
        return self.order != "weak"

    @property
    def name(self):
        return (self.instance, self.lane)


@dataclasses.dataclass
class Run:
    """One complete run: its events in the order of the text, and the lines that it printed."""

    events: list
    printed: str


class Lanes:
    """A tile: its lanes by coordinate; a lane outside an extent is None."""

    def __init__(self, items):
        self.items = list(items)


def wrap(value):
    """As a signed 32-bit integer."""
    return (value + 2**31) % 2**32 - 2**31


BINARY = {
    "addi": lambda a, b: wrap(a + b),
    "subi": lambda a, b: wrap(a - b),
    "muli": lambda a, b: wrap(a * b),
    "andi": lambda a, b: a & b,
    "ori": lambda a, b: a | b,
    "xori": lambda a, b: a ^ b,
    "maxs": max,
    "mins": min,
    "xchg": lambda a, b: b,
}
COMPARE = {
    "eq": lambda a, b: int(a == b),
    "ne": lambda a, b: int(a != b),
    "slt": lambda a, b: int(a < b),
    "sle": lambda a, b: int(a <= b),
    "sgt": lambda a, b: int(a > b),
    "sge": lambda a, b: int(a >= b),
}


def apply(function, *operands):
    """`function` on scalars, or lane by lane; what is undefined or outside stays so."""
    tiles = [operand for operand in operands if isinstance(operand, Lanes)]
    if tiles:
        count = len(tiles[0].items)
        spread = [operand.items if isinstance(operand, Lanes) else [operand] * count for operand in operands]
        return Lanes(apply(function, *lanes) for lanes in zip(*spread))
    if None in operands:
        return None
    return UNDEFINED if UNDEFINED in operands else function(*operands)


class Program:
    """A parsed litmus test. `overlap` lists groups of parameters that are one and the same storage; parameters start as
    zeros."""

    def __init__(self, text, overlap=()):
        self.name, self.parameters, self.body = litmus_parser.parse(text)
        self.overlap = {name: group[0] for group in overlap for name in group}
        self.grids = [op for op in self.body if op.name == "tile.grid"]

    def initial(self, location):
        """What a location holds before everything else."""
        return 0 if location[0] in (name for name, _ in self.parameters) else UNDEFINED



class Machine:
    """One run. Iterations are executed one after another, which is no restriction, since `guess(machine, event)` gives
    the value of each read. With `only`, just that one agent is executed."""

    def __init__(self, program, guess, only=None):
        self.program, self.guess, self.only = program, guess, only
        self.agents = []
        self.events, self.printed, self.shapes = [], [], {}
        self.agent, self.rounds = ("kernel",), ()
        self.left = list(program.grids)

    def run(self):
        scope = {}
        for name, shape in self.program.parameters:
            storage = self.program.overlap.get(name, name)
            self.shapes[storage] = shape
            scope[name] = storage
        self.block(self.program.body, scope)
        return Run(self.events, "\n".join(self.printed))

    def block(self, ops, scope):
        """Executes operations; gives the operands of the one that ends them."""
        values = []
        for op in ops:
            method = getattr(self, op.name.replace(".", "_"), None)
            if method is None:
                results, values = self.plain(op, scope), []
            elif op.name.endswith("yield") or op.name in ("scf.condition", "tile.return"):
                results, values = (), method(op, scope)
            else:
                results = method(op, scope)
            scope.update(zip(op.results, results))
        return values

    def plain(self, op, scope):
        word = op.name.split(".")[1]
        if word in BINARY:
            return [apply(BINARY[word], scope[op.args["lhs"]], scope[op.args["rhs"]])]
        raise litmus_parser.LitmusError(f"line {op.line}: cannot run '{op.name}'")

    # Values.

    def arith_constant(self, op, scope):
        value = litmus_parser.literal(op.args["literal"])
        return [Lanes(value) if isinstance(value, list) else value]

    def arith_cmpi(self, op, scope):
        return [apply(COMPARE[op.args["predicate"]], scope[op.args["lhs"]], scope[op.args["rhs"]])]

    def arith_select(self, op, scope):
        # A token or an array is chosen whole, and only by a scalar.
        condition = scope[op.args["condition"]]
        lhs, rhs = scope[op.args["lhs"]], scope[op.args["rhs"]]
        if not isinstance(condition, Lanes):
            return [lhs if condition == 1 else rhs]
        return [apply(lambda c, a, b: a if c else b, condition, lhs, rhs)]

    def arith_index_cast(self, op, scope):
        return [scope[op.args["value"]]]

    def tile_range(self, op, scope):
        begin, end, size = (scope[op.args[part]] for part in ("begin", "end", "size"))
        return [("range", begin, max(0, min(size, end - begin)), size)]

    def tile_begin(self, op, scope):
        return [scope[op.args["range"]][1]]

    def tile_shift(self, op, scope):
        _, begin, extent, size = scope[op.args["range"]]
        return [("window", begin + scope[op.args["by"]], extent, size)]

    def tile_iota(self, op, scope):
        _, begin, extent, size = scope[op.args["range"]]
        return [Lanes(begin + lane if lane < extent else None for lane in range(size))]

    def tile_full(self, op, scope):
        _, _, extent, size = scope[op.args["ranges"]]
        return [Lanes(scope[op.args["value"]] if lane < extent else None for lane in range(size))]

    def tile_print(self, op, scope):
        text = op.args["format"]
        for name in litmus_parser.names(op.args["values"]):
            text = text.replace("{}", str(scope[name]), 1)
        self.printed.append(text)
        return []

    # Tokens: the set of instances that they stand for.

    def tile_token(self, op, scope):
        return [frozenset()]

    def tile_join(self, op, scope):
        return [self.union(op.args["tokens"], scope)]

    def union(self, text, scope):
        return frozenset().union(*(scope[name] for name in litmus_parser.names(text)))

    # Accesses.

    def tile_array(self, op, scope):
        self.shapes[op.results[0]] = litmus_parser.shape_of(op.args["shape"])
        return [op.results[0]]

    def lanes(self, op, scope):
        """For each lane of the access its location, or None where it touches nothing; and whether it has dims."""
        array = scope[op.args["array"]]
        shape = self.shapes[array]
        subscripts = [scope[name] for name in litmus_parser.names(op.args["subscripts"])]
        dims, gather = [], None
        for subscript in subscripts:
            if isinstance(subscript, tuple):
                dims.append(range(subscript[3]))
            elif isinstance(subscript, Lanes) and gather is None:
                gather = len(dims)
                dims.append(range(len(subscript.items)))
        mask = scope[op.args["mask"]] if op.args.get("mask") else 1
        for lane, at in enumerate(itertools.product(*dims)):
            on = mask.items[lane] if isinstance(mask, Lanes) else mask
            yield self.location(array, shape, subscripts, at, gather) if on == 1 else None
        self.scalar = not dims

    def location(self, array, shape, subscripts, at, gather):
        indices, dim = [], 0
        for extent, subscript in zip(shape, subscripts):
            index = subscript
            if isinstance(subscript, Lanes):
                index = subscript.items[at[gather]]
                dim = max(dim, gather + 1)
                if index is None:
                    return None
            elif isinstance(subscript, tuple):
                kind, begin, inside, _ = subscript
                index = begin + at[dim]
                if at[dim] >= inside or (kind == "window" and not 0 <= index < extent):
                    return None
                dim += 1
            if index == UNDEFINED:
                return None
            if not 0 <= index < extent:
                raise Cut
            indices.append(index)
        return (array, *indices)

    def access(self, op, scope, effect):
        """One event a lane; `effect(lane, old)` gives what the lane writes, if anything. Returns the values read."""
        after = self.union(op.args["after"], scope)
        instance = Instance(self.agent, op.line, self.rounds)
        order = op.args["order"] or "weak"
        reads = op.name != "tile.store"
        old = []
        for lane, location in enumerate(list(self.lanes(op, scope))):
            if location is None:
                old.append(None)
                continue
            event = Event(instance, lane, location, UNDEFINED if reads else None, None, order, op.args["scope"], after)
            if reads:
                event.read = self.guess(self, event)
            event.write = effect(lane, event.read)
            self.events.append(event)
            old.append(event.read)
        return old, after | {instance}

    def is_final(self, array):
        """Whether no operation of this grid or a later one writes the array."""
        return not any(self.writes(grid.regions[0], array) for grid in self.left)

    def writes(self, ops, array):
        return any((op.name.split("_")[0] in ("tile.store", "tile.atomic") and self.storage(op.args["array"]) == array)
                   or any(self.writes(region, array) for region in op.regions) for op in ops)

    def storage(self, name):
        return self.program.overlap.get(name, name)

    def lane_of(self, value, lane):
        return value.items[lane] if isinstance(value, Lanes) else value

    def tile_load(self, op, scope):
        old, token = self.access(op, scope, lambda lane, value: None)
        pad = scope[op.args["pad"]] if op.args["pad"] else 0
        values = [pad if value is None else value for value in old]
        return [values[0] if self.scalar else Lanes(values), token]

    def tile_store(self, op, scope):
        value = scope[op.args["value"]]
        _, token = self.access(op, scope, lambda lane, _: self.lane_of(value, lane))
        return [token]

    def tile_atomic_rmw(self, op, scope):
        value, combine = scope[op.args["value"]], BINARY[op.args["kind"]]
        old, token = self.access(op, scope, lambda lane, read: apply(combine, read, self.lane_of(value, lane)))
        values = [0 if item is None else item for item in old]
        return [values[0] if self.scalar else Lanes(values), token]

    def tile_atomic_cas(self, op, scope):
        expected, value = scope[op.args["expected"]], scope[op.args["value"]]
        def effect(lane, read):
            return self.lane_of(value, lane) if read == self.lane_of(expected, lane) else None
        old, token = self.access(op, scope, effect)
        values = [self.lane_of(expected, lane) if item is None else item for lane, item in enumerate(old)]
        return [values[0] if self.scalar else Lanes(values), token]

    # Control.

    def tile_grid(self, op, scope):
        dims, counts = op.args["dims"], []
        for _, _, lower, upper, step in dims:
            counts.append(range(scope[lower], scope[upper], scope[step]))
        entry = self.union(op.args["after"], scope)
        # A grid without iterations stands for what it comes after.
        token = frozenset() if all(map(len, counts)) else entry
        for at in itertools.product(*counts):
            inner = dict(scope)
            for (name, kind, _, upper, step), index in zip(dims, at):
                size = scope[step]
                inner[name] = index if kind == "index" else ("range", index, min(size, scope[upper] - index), size)
            inner[op.args["entry"]] = entry
            self.agent = (op.args["label"], *at)
            self.agents.append(self.agent)
            if self.only not in (None, self.agent):
                continue
            token |= frozenset().union(*self.block(op.regions[0], inner))
        self.agent = ("kernel",)
        self.left.pop(0)
        return [token]

    def values(self, op, scope):
        return [scope[name] for name in litmus_parser.names(op.args["values"])]

    tile_yield = scf_yield = values

    def tile_return(self, op, scope):
        return []

    def scf_condition(self, op, scope):
        return [scope[op.args["condition"]], *self.values(op, scope)]

    def scf_if(self, op, scope):
        taken = 0 if scope[op.args["condition"]] == 1 else 1
        return self.block(op.regions[taken], dict(scope)) if taken < len(op.regions) else []

    def scf_index_switch(self, op, scope):
        value, cases = scope[op.args["value"]], op.args["cases"]
        taken = cases.index(value) if value in cases else len(cases) - 1
        return self.block(op.regions[taken], dict(scope))

    def scf_for(self, op, scope):
        pairs = [pair.split(" = ") for pair in (op.args["iter"] or "").split(", ") if pair]
        carried = [scope[value] for _, value in pairs]
        outer = self.rounds
        for index in range(scope[op.args["lower"]], scope[op.args["upper"]], scope[op.args["step"]]):
            self.rounds = (*outer, index)
            inner = {**scope, op.args["index"]: index, **{name: value for (name, _), value in zip(pairs, carried)}}
            carried = self.block(op.regions[0], inner)
        self.rounds = outer
        return carried

    def scf_while(self, op, scope):
        pairs = [pair.split(" = ") for pair in (op.args["iter"] or "").split(", ") if pair]
        carried = [scope[value] for _, value in pairs]
        outer = self.rounds
        for turn in range(UNROLL + 1):
            self.rounds = (*outer, turn)
            condition, *passed = self.block(op.regions[0], {**scope, **{n: v for (n, _), v in zip(pairs, carried)}})
            if condition != 1:
                self.rounds = outer
                return passed
            carried = self.block(op.regions[1], {**scope, **dict(zip(op.args["do"], passed))})
        raise Cut
