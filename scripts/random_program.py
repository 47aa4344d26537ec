#===- random_program.py - random well-typed programs -----------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Generates random well-typed .tile programs whose results do not depend on the order of sums.

Values of floating point are small integers: the generator tracks a bound for each, so that every type carries them
exactly, whatever the order of a sum and whichever products and sums are contracted.
"""

import random
import re
from dataclasses import dataclass

import numpy as np

from random_values import EXACT, FLOATS, INTEGERS, Value, Values, is_float

STORED = {"bool": np.uint8, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "u8": np.uint8, "u16": np.uint16,
          "u32": np.uint32, "u64": np.uint64, "f16": np.float16, "f32": np.float32, "f64": np.float64}
# The bits of 0, 1, 2 and so on, in the types that NumPy lacks.
BITS = {"bf16": (np.uint16, [0, 0x3F80, 0x4000, 0x4040, 0x4080]), "f8e4m3": (np.uint8, [0, 0x38, 0x40, 0x44, 0x48]),
        "f8e5m2": (np.uint8, [0, 0x3C, 0x40, 0x42, 0x44])}
EXTENTS = [0, 1, 1, 2, 3, 5, 7, 8, 13, 16, 17, 33, 40, 65]


@dataclass
class Array:
    name: str
    type: str
    dims: tuple
    kind: str = "in"
    strided: bool = False


class Program(Values):
    """One random program: `statements` by grid, `arrays`, and the values of its dims and sizes."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0
        self.extent = {name: self.random.choice(EXTENTS) for name in "MNK"}
        self.sizes = {}
        self.arrays, self.heads, self.grids, self.temporaries = [], [], [], []
        self.indices = {}
        self.numbers = {}
        self.build()

    # Small choices.

    def pick(self, items):
        return self.random.choice(list(items))

    def chance(self, p):
        return self.random.random() < p

    def name(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def limit(self, dim):
        """The most elements along a dim."""
        return self.extent[self.indices.get(dim, dim)] if isinstance(dim, str) else dim

    def any_type(self):
        return self.pick(["i32", "f32", "i32", "f32", "bool"] + INTEGERS + FLOATS)

    # The kernel.

    def build(self):
        for _ in range(self.random.randint(2, 4)):
            dims = tuple(self.pick("MMNNK" if self.chance(0.85) else [2, 3, 4]) for _ in range(self.random.choice([1, 2, 2, 3])))
            self.arrays.append(Array(self.name("A"), self.any_type(), dims, self.pick(["in", "in", "in", "inout"]), self.chance(0.15)))
        # Every dim is bound by an array.
        for symbol in "MNK":
            self.arrays.append(Array(f"D{symbol}", self.any_type(), (symbol,)))
        for number in range(self.random.choice([1, 1, 2, 3])):
            self.grid(number)

    def grid(self, number):
        symbols = self.pick(["M", "N", "MN", "NK", "MNK", "KM"])
        ranges = self.chance(0.2)
        indices = [f"{symbol.lower()}{number}" for symbol in symbols]
        self.indices.update(zip(indices, symbols))
        for index in indices:
            if not ranges:
                self.sizes[index] = self.pick([1, 2, 3, 4, 7, 8, 16, 32])
        self.heads.append(f"for {', '.join(indices)} in " + (f"range({symbols})" if ranges and len(symbols) == 1 else
                          f"tiles({', '.join(symbols)}{', size=1' if ranges else ''})"))
        scope = [] if ranges and len(symbols) == 1 else indices
        scalars = indices if ranges and len(symbols) == 1 else []
        statements = []
        pool = []
        for _ in range(self.random.randint(2, 3)):
            self.load(statements, pool, scope, scalars)
        for _ in range(self.random.randint(2, 7)):
            self.statement(statements, pool, scope, scalars, depth=0)
        for value in self.random.sample(pool, min(2, len(pool))) + pool[-1:]:
            self.store(statements, value, scope, scalars, symbols)
        for array in self.arrays:
            # An inout array is written where one iteration owns the element, and only in one grid.
            if array.kind == "inout" and array.dims == tuple(symbols) and scope and self.chance(0.7):
                array.kind = "written"
                where = f"{array.name}[{', '.join(scope)}]"
                change = "not " + where if array.type == "bool" else f"{where} * (-1 as {array.type})" if array.type in INTEGERS else "-" + where
                statements.append(f"{where} = {change}")
            elif array.kind in ("inout", "atomic") and len(array.dims) == 1 and array.type in ("i32", "u32", "i64", "u64") and self.chance(0.7):
                # Sums of integers do not depend on who comes first.
                array.kind = "atomic"
                tiles = [v for v in pool if v.type in INTEGERS and v.dims]
                if tiles:
                    at = f"(({self.pick(tiles).text} as i32) & 15)"
                    statements.append(f"atomic_add({array.name}[{at}], {self.random.randint(1, 9)}, mask={at} < {array.dims[0]})")
        self.grids.append(statements)

    def define(self, statements, pool, prefix, text, type, dims, bound=0.0):
        name = self.name(prefix)
        statements.append(f"let {name} = {text}")
        pool.append(Value(name, type, tuple(dims), bound))
        return pool[-1]

    # Access to arrays.

    def load(self, statements, pool, scope, scalars):
        """Reads an array that no grid writes."""
        array = self.pick([a for a in self.arrays if a.kind == "in"] + self.temporaries)
        subscripts, dims, masks = [], [], []
        for symbol in array.dims:
            own = [index for index in scope if self.indices[index] == symbol]
            own_scalars = [index for index in scalars if self.indices[index] == symbol]
            choices = [":"]
            if own:
                choices += ["index"] * 6 + ["window"]
            if own_scalars:
                choices += ["scalar"] * 5
            if self.limit(symbol) > 0:
                choices += ["number", "gather"]
            kind = self.pick(choices)
            if kind == "gather" and masks:
                kind = ":"
            if kind == ":":
                subscripts.append(":")
                dims.append(symbol)
            elif kind in ("index", "window"):
                index = self.pick(own)
                shift = self.random.randint(-3, 3)
                subscripts.append(index if kind == "index" else f"{index} {'-' if shift < 0 else '+'} {abs(shift)}")
                dims.append(index)
            elif kind == "scalar":
                subscripts.append(self.pick(own_scalars))
            elif kind == "number":
                subscripts.append(str(self.random.randrange(self.limit(symbol))))
            else:
                width = self.pick([1, 3, 4])
                subscripts.append(f"(arange(0, {width}) * {self.random.randint(1, 5)})")
                masks.append((len(dims), f"arange(0, {width}) * {subscripts[-1].split('* ')[1][:-1]} < {symbol}"))
                dims.append(width)
        text = f"{array.name}[{', '.join(subscripts)}]"
        if masks:
            at, mask = masks[0]
            pads = "".join(", None" for _ in dims[at + 1:])
            text = f"load({text}, mask=({mask})[:{pads}])"
        elif array.type != "bool" and self.chance(0.15):
            # A mask of the loaded tile's own dims, and a pad.
            conditions = [v.text for v in pool if v.type == "bool" and v.dims == tuple(dims) and dims]
            mask = f", mask={self.pick(conditions)}" if conditions else ""
            text = f"load({text}, pad={self.random.randint(0, 3)}{mask})"
        self.define(statements, pool, "v", text, array.type, dims, 4)

    def store(self, statements, value, scope, scalars, symbols):
        """Stores a value, whatever its dims, to a result (or a temporary) of its own."""
        while True:
            rest = [d for d in value.dims if d not in scope]
            order = scope + rest
            dups = len(set(value.dims) & set(scope)) + len(rest) != len(value.dims)
            if not dups and [d for d in order if d in value.dims or d in rest] == list(value.dims) and len(order) <= 4:
                break
            axis = max(range(len(value.dims)), key=lambda a: (isinstance(value.dims[a], str), a))
            value = Value(f"max({value.text}, axis={axis})", value.type, value.dims[:axis] + value.dims[axis + 1:], value.bound)
        mine = list(value.dims)
        inserts = []
        for d in order:
            if mine and mine[0] == d:
                inserts.append(":")
                mine.pop(0)
            else:
                inserts.append("None")
        while inserts and inserts[0] == "None":
            inserts.pop(0)
        text = value.text
        if "None" in inserts:
            text = f"({text})[{', '.join(inserts)}]"
        dims = tuple(self.indices[s] for s in scalars + scope) + tuple(rest)
        array = Array(self.name("R"), value.type, dims, self.pick(["result", "result", "temporary"]))
        if array.kind == "temporary" and all(isinstance(d, str) or d > 0 for d in dims):
            self.temporaries.append(Array(array.name, array.type, dims))
        elif array.kind == "temporary":
            array.kind = "result"
        self.arrays.append(array)
        statements.append(f"{array.name}[{', '.join(list(scalars) + scope + [':'] * len(rest))}] = {text}")

    # Values.

    def statement(self, statements, pool, scope, scalars, depth):
        kinds = [self.binary] * 5 + [self.convert] * 2 + [self.unary, self.compare, self.select, self.reduction, self.reduction,
                 self.scan, self.shape, self.shape, self.product, self.order, self.helper, self.custom,
                 self.total, self.pair]
        if self.chance(0.2):
            self.load(statements, pool, scope, scalars)
        elif depth < 2 and self.chance(0.25):
            self.pick([self.loop, self.loop, self.branch])(statements, pool, scope, scalars, depth)
        else:
            for _ in range(10):
                if self.pick(kinds)(statements, pool):
                    return

    # Control.

    def assign(self, inner, pool, var, times):
        """Assigns to a variable something that meets it; returns its new bound."""
        for _ in range(20):
            value = self.pick(pool)
            done = self.convertible(value, var.type)
            if not done or self.meet(var, value) != var.dims:
                continue
            if var.type == "bool":
                inner.append(f"{var.text} = {var.text} {self.pick(['and', 'or'])} {done[0]}")
            elif not is_float(var.type):
                inner.append(f"{var.text} = {var.text} {self.pick('+-*^')} {done[0]}")
            elif var.bound + times * done[1] <= EXACT[var.type]:
                inner.append(f"{var.text} {self.pick(['+=', '-='])} {done[0]}")
                return var.bound + times * done[1]
            else:
                inner.append(f"{var.text} = max({var.text}, {done[0]})")
                return max(var.bound, done[1])
            return 0
        inner.append(f"{var.text} = {var.text}")
        return var.bound

    def variable(self, statements, pool):
        value = self.pick(pool)
        var = Value(self.name("x"), value.type, value.dims, value.bound)
        statements.append(f"var {var.text} = {value.text}")
        return var

    def body(self, inner, pool, scope, scalars, depth, var, times):
        # What is defined inside is not seen outside; the variable is not read inside but by its own update.
        local = list(pool)
        for _ in range(self.random.randint(0, 2)):
            self.statement(inner, local, scope, scalars, depth + 1)
        var.bound = self.assign(inner, local, var, times)

    def loop(self, statements, pool, scope, scalars, depth):
        var = self.variable(statements, pool)
        inner, times = [], self.random.randint(0, 4)
        n = self.name("n")
        kind = self.pick(["range", "steps", "while", "tiles", "tiles", "pair"])
        if kind == "tiles":
            symbol = self.pick("MNK")
            self.indices[n] = symbol
            self.sizes[n] = self.pick([1, 2, 4, 8, 16])
            head, times = f"for {n} in tiles({symbol})", max(1, self.extent[symbol])
            count = f"{n}.id"
        elif kind == "pair":
            # Two indices, the last one fastest.
            one, symbols = self.name("n"), [self.pick("MNK"), self.pick("MNK")]
            self.indices.update({one: symbols[0], n: symbols[1]})
            self.sizes.update({one: self.pick([2, 4, 8]), n: self.pick([4, 8, 16])})
            head, times = f"for {one}, {n} in tiles({', '.join(symbols)})", max(1, self.extent[symbols[0]] * self.extent[symbols[1]])
            scope, count = scope + [one], f"{n}.id"
        elif kind == "while":
            statements.append(f"var {n} = 0")
            head, count = f"while {n} < {times}", n
            inner.append(f"{n} += 1")
        else:
            head = f"for {n} in range({times})" if kind == "range" else f"for {n} in range({2 * times}, 0, -2)"
            count = n
        if self.chance(0.3):
            condition = f"{count} {self.pick(['== 1', '> 1', '% 2 == 1', '!= 2'])}"
            inner.append(f"if {condition} {{ {self.pick(['break', 'continue'])} }}")
        inside, local = scope + [n] * (kind in ("tiles", "pair")), list(pool)
        if self.chance(0.8):
            self.load(inner, local, inside, scalars)
        self.body(inner, local, inside, scalars, depth, var, times)
        statements.append(head + " {\n  " + "\n".join(inner).replace("\n", "\n  ") + "\n}")
        pool.append(var)

    def branch(self, statements, pool, scope, scalars, depth):
        var = self.variable(statements, pool)
        conditions = [v.text for v in pool if v.type == "bool" and not v.dims]
        conditions += [f"{i}.id % 2 == 0" for i in scope] + [f"{r} > 1" for r in scalars]
        one, two = [], []
        self.body(one, list(pool), scope, scalars, depth, var, 1)
        self.body(two, list(pool), scope, scalars, depth, var, 1)
        text = f"if {self.pick(conditions)} {{\n  " + "\n".join(one).replace("\n", "\n  ") + "\n}"
        if self.chance(0.6):
            text += " else {\n  " + "\n".join(two).replace("\n", "\n  ") + "\n}"
        statements.append(text)
        pool.append(var)

    # Text and data.

    def source(self, grids=None):
        grids = grids or self.grids
        text = "\n".join(line for grid in grids for line in grid)
        params = [(("inout " if a.kind in ("inout", "written", "atomic") else "") + ("strided " if a.strided else "") +
                   f"{a.name}: {a.type}[{', '.join(map(str, a.dims))}]") for a in self.arrays if a.kind in ("in", "inout", "written", "atomic")]
        results = [f"{a.name}: {a.type}[{', '.join(map(str, a.dims))}]" for a in self.results(grids)]
        out = ["fn both(a, b) { return (a + b, max(a, b)) }", "", f"kernel k({', '.join(params)})" + (f" -> ({', '.join(results)})" if results else "") + " {"]
        for a in self.arrays:
            if a.kind == "temporary" and re.search(rf"\b{a.name}\b", text):
                out.append(f"  let {a.name} = array({a.type}, {', '.join(map(str, a.dims))})")
        for head, grid in zip(self.heads, grids):
            if grid:
                out.append(f"  {head} {{")
                out += ["    " + line for statement in grid for line in statement.split("\n")]
                out.append("  }")
        return "\n".join(out + ["}", ""])

    def results(self, grids):
        text = "\n".join(line for grid in grids for line in grid)
        return [a for a in self.arrays if a.kind == "result" and re.search(rf"\b{a.name}\[", text)]

    def data(self, array):
        shape = [self.limit(d) for d in array.dims]
        rng = np.random.default_rng(sum(map(ord, array.name)) + len(shape))
        if array.type in BITS:
            dtype, bits = BITS[array.type]
            made = np.array(bits, dtype)[rng.integers(0, len(bits), shape)]
        elif array.type == "bool":
            made = rng.integers(0, 2, shape).astype(np.uint8)
        elif array.type in FLOATS:
            made = rng.integers(-4, 5, shape).astype(STORED[array.type])
        else:
            info = np.iinfo(STORED[array.type])
            made = rng.integers(max(-9, info.min), 9, shape).astype(STORED[array.type])
            extreme = rng.random(shape) < 0.05
            made[extreme] = np.where(rng.random(shape) < 0.5, info.min, info.max).astype(STORED[array.type])[extreme]
        return np.asfortranarray(made) if array.strided and len(shape) > 1 else made
