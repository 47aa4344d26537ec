#===- random_program.py - random well-typed programs -----------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Generates random well-typed .tile programs without races, whose results are exact.

Exact means: the same, bit for bit, whatever the order of iterations and of sums, and whichever products and sums are
contracted. Floats that are added are integers which the generator keeps small enough (see random_values.py); what a
program may do to arrays is said in random_memory.py.
"""

import random
import re
from dataclasses import dataclass

import numpy as np

from random_control import HELPERS, Control
from random_memory import Memory
from random_shapes import Shapes
from random_values import ANY, FLOATS, INTEGERS, TYPES, WIDTH, Block, Value, Values, is_float

STORED = {"bool": np.uint8, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "u8": np.uint8, "u16": np.uint16,
          "u32": np.uint32, "u64": np.uint64, "f16": np.float16, "f32": np.float32, "f64": np.float64}
# The bits of 0, 1, 2 and so on, in the types that NumPy lacks.
BITS = {"bf16": (np.uint16, [0, 0x3F80, 0x4000, 0x4040, 0x4080]), "f8e4m3": (np.uint8, [0, 0x38, 0x40, 0x44, 0x48]),
        "f8e5m2": (np.uint8, [0, 0x3C, 0x40, 0x42, 0x44])}
# Bits of the exponent and of the fraction.
LAYOUT = {"f16": (5, 10), "bf16": (8, 7), "f32": (8, 23), "f64": (11, 52), "f8e4m3": (4, 3), "f8e5m2": (5, 2)}
UINT = {8: np.uint8, 16: np.uint16, 32: np.uint32, 64: np.uint64}
EXTENTS = [0, 1, 1, 2, 3, 5, 7, 8, 13, 16, 17, 32, 33, 40, 65]
SIZES = [1, 2, 3, 4, 5, 7, 8, 16, 32]


@dataclass(eq=False)
class Array:
    """kind: `in`, `result`, `temporary`, `written` (an inout with random values before), `flag` (an inout of zeros), `scale`."""
    name: str
    type: str
    dims: tuple
    kind: str = "in"
    strided: bool = False
    wild: bool = False
    spelled: str = ""


def special_bits(type):
    """The bits of a type's zeros, ones, smallest and largest numbers, infinities and a NaN."""
    exponent, fraction = LAYOUT[type]
    sign, one, top = 1 << (exponent + fraction), ((1 << (exponent - 1)) - 1) << fraction, ((1 << exponent) - 1) << fraction
    # f8e4m3 has no infinities: its largest number stands where others have them, and one NaN above.
    largest, infinite, nan = (top | 6, [], top | 7) if type == "f8e4m3" else (top - 1, [top], top | 1 << (fraction - 1))
    small = [0, 1, (1 << fraction) - 1, 1 << fraction, one, one + 1, one + (1 << fraction - 1), largest] + infinite
    return small + [sign | bits for bits in small] + [nan]


class Program(Control, Memory, Shapes, Values):
    """One random program: `body` (its statements, see random_control.py), `arrays`, and the values of dims and sizes.

    strict: compiled without excess precision; signs: no sum leaves open which sign a zero has; sizefree: the program means
    the same for all tile sizes.
    """

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0
        self.extent = {name: self.random.choice(EXTENTS) for name in "MNK"}
        self.sizes, self.indices, self.exact = {}, {}, {}
        self.arrays, self.body, self.temporaries, self.pending, self.mine = [], [], [], [], []
        self.params, self.scalar_values = [], {}
        self.strict, self.signs, self.sizefree = self.chance(0.4), self.chance(0.3), self.chance(0.2)
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
        return eval(self.indices.get(dim, dim), {}, self.extent) if isinstance(dim, str) else dim

    def any_type(self):
        return self.pick(["i32", "f32", "i32", "f32", "bool"] + INTEGERS + FLOATS)

    def divisor(self, symbol):
        extent = self.extent[symbol]
        return self.pick([d for d in SIZES if extent % d == 0])

    def part(self, symbol):
        """Bounds within a dim."""
        low = self.random.randint(0, self.extent[symbol])
        high = self.random.randint(low, self.extent[symbol])
        return self.pick([f"{low}..{symbol}", f"{low}..{high}", f"min({low}, {symbol})..{symbol}"])

    def add_array(self, prefix, type, dims, kind):
        array = Array(self.name(prefix), type, tuple(dims), kind)
        self.arrays.append(array)
        return array

    def define(self, at, prefix, text, type, dims, bound=0.0):
        name = self.name(prefix)
        at.statements.append(f"let {name} = {text}")
        at.pool.append(Value(name, type, tuple(dims), bound if is_float(type) else 0))

    # The kernel.

    def build(self):
        for _ in range(self.random.randint(2, 4)):
            dims = tuple(self.pick("MMNNK" if self.chance(0.85) else [2, 3, 4, "2*M", "N+1"]) for _ in range(self.pick([1, 2, 2, 3])))
            self.arrays.append(Array(self.name("A"), self.any_type(), dims, "in", self.chance(0.15)))
        # Every dim is bound by an array.
        for symbol in "MNK":
            self.arrays.append(Array(f"D{symbol}", self.any_type(), (symbol,)))
        for array in self.arrays:
            array.wild = array.type in FLOATS and self.chance(0.35)
        if self.chance(0.15):
            # A type parameter stands for the type of some arrays.
            self.generic = self.pick(self.arrays).type
            for array in self.arrays:
                if array.type == self.generic and array.type != "bool":
                    array.spelled = "T"
        pool = [Value("1", "i32", ()), Value("M", "i32", ()), Value("(N + 2)", "i32", ())]
        for _ in range(self.random.randint(0, 3)):
            self.parameter(pool)
        if self.chance(0.2):
            name = self.name("l")
            self.body.append(f"let {name} = max({self.pick('MNK')}, 3) * 2")
            pool.append(Value(name, "i32", ()))
        if self.chance(0.15) and not self.sizefree:
            name = self.name("e")
            self.body.append(f"tune {name} in [1, 2, 4]")
            self.sizes[name] = self.pick([1, 2, 4])
            pool.append(Value(name, "i32", ()))
        for number in range(self.pick([1, 1, 1, 2, 3])):
            self.place_grid(number, pool)
        self.baked = self.chance(0.15) and not self.sizefree

    def parameter(self, pool):
        type, name, const = self.pick(TYPES), self.name("z"), self.chance(0.4)
        value = self.pick(["true", "false"]) if type == "bool" else str(self.random.randint(0, 5))
        text = value + ".0" if is_float(type) else value
        default = f" = {text}" if const and self.chance(0.5) else ""
        self.params.append(f"{'const ' if const else ''}{name}: {type}{default}")
        if not default:
            self.scalar_values[name] = ("const" if const else "scalar", text)
        pool.append(Value(name, type, (), 5 if is_float(type) else 0))

    def place_grid(self, number, pool):
        """A grid, perhaps inside of an `if`."""
        if self.chance(0.08):
            self.body.append(self.chain(number))
            return
        guarded = self.chance(0.2)
        grid = self.grid(number, list(pool), guarded)
        if guarded:
            scalars = [v.text for v in pool if v.type == "i32"]
            condition = f"{self.pick(scalars)} {self.pick(['<', '>', '!=', '=='])} {self.random.randint(0, 20)}"
            statement = [f"if {condition} {{", [grid]]
            if self.chance(0.4):
                statement += ["} else {", [self.grid(number + 10, list(pool), True)]]
            grid = statement + ["}"]
        self.body.append(grid)
        self.temporaries += self.pending
        self.pending = []

    def grid_head(self, number):
        """(head, tile indices, integers, the condition of one iteration, whether places are left out)."""
        kind = self.pick(["tiles"] * 6 + ["fixed", "part", "exact", "range", "range"])
        if kind == "range":
            index, symbol = f"r{number}", self.pick("MNK")
            self.indices[index] = symbol
            bounds, start, partial = self.pick([(symbol, "0", False), (f"{symbol} - 1, -1, -1", f"{symbol} - 1", False), (f"0, {symbol}, 1", "0", False),
                                                (f"0, {symbol}, 3", "0", True), (f"min(1, {symbol}), {symbol}", "1", True), (f"{symbol}, 0", "-1", True),
                                                (f"{symbol} - 1, 0, -2", f"{symbol} - 1", True)])
            return f"for {index} in range({bounds}) {{", [], [index], f"{index} == {start}", partial
        symbols = self.pick(["M", "N", "MN", "NK", "MNK", "KM"])
        indices = [f"{symbol.lower()}{number}" for symbol in symbols]
        self.indices.update(zip(indices, symbols))
        sizes, partial, bounds = [], False, list(symbols)
        for place, index in enumerate(indices):
            size = self.pick(SIZES)
            if kind == "exact" and not self.sizefree:
                size = self.exact[index] = self.divisor(symbols[place])
            if kind == "part" and self.chance(0.7):
                bounds[place], partial = self.part(symbols[place]), True
            if kind in ("fixed", "exact"):
                sizes.append(str(size))
            else:
                self.sizes[index] = size
        options = f", size={sizes[0] if len(sizes) == 1 else '[' + ', '.join(sizes) + ']'}" if sizes else ""
        options += ", exact=true" if kind == "exact" and not self.sizefree else ""
        first = " and ".join(f"{index}.id == 0" for index in indices)
        return f"for {', '.join(indices)} in tiles({', '.join(bounds)}{options}) {{", indices, [], first, partial

    def grid(self, number, pool, partial):
        head, own, scalars, first, cut = self.grid_head(number)
        pool += [Value(r, "i32", ()) for r in scalars]
        at = Block([], pool, list(own), list(own), scalars, first, partial or cut)
        self.mine = []
        if self.chance(0.1) and not self.sizefree:
            at.statements.append(f"if {self.pick([f'{i}.id % 3 == 1' for i in own] + [f'{r} % 3 == 1' for r in scalars])} {{ continue }}")
            at.partial = True
        for _ in range(self.random.randint(2, 3)):
            self.load(at)
        if self.chance(0.04):
            self.scaled_product(at)
        for _ in range(self.random.randint(2, 8)):
            self.statement(at)
        for value in self.random.sample(at.pool, min(2, len(at.pool))) + at.pool[-1:]:
            self.store(at, value)
        return [head, at.statements, "}"]

    def scaled_product(self, at):
        """A product of blocks with scales, over arrays made for it."""
        blocks, type = self.pick([1, 2]), self.pick(["f16", "bf16", "f8e4m3", "f8e5m2"])
        rows, columns = (self.pick([index for index in at.own] + [2, 3]) for _ in range(2))
        if self.signs or any(d in self.exact for d in (rows, columns)):
            return
        array = [self.add_array("B", t, [self.indices.get(d, d) for d in dims], kind) for t, dims, kind in
                 ((type, (rows, 32 * blocks), "in"), ("u8", (rows, blocks), "scale"), (type, (32 * blocks, columns), "in"), ("u8", (blocks, columns), "scale"))]
        subs = [", ".join(d if isinstance(d, str) else ":" for d in dims) for dims in ((rows, blocks), (rows, blocks), (blocks, columns), (blocks, columns))]
        operands = ", ".join(f"{a.name}[{s}]" for a, s in zip(array, subs))
        acc = self.pick(["", f", zeros(f32, {rows}, {columns})"])
        self.define(at, "d", f"dot_scaled({operands}{acc})", "f32", (rows, columns), 32 * blocks * 16 * 16)

    # Text and data.

    def lines(self, statements, depth):
        for statement in statements:
            for part in [statement] if isinstance(statement, str) else statement:
                if isinstance(part, str):
                    yield from ("  " * depth + line for line in part.split("\n"))
                else:
                    yield from self.lines(part, depth + 1)

    def source(self, body=None):
        lines = list(self.lines(self.body if body is None else body, 1))
        text = "\n".join(lines)

        def declare(a):
            return f"{a.name}: {a.spelled or a.type}[{', '.join(map(str, a.dims))}]"

        used = self.used(text)
        params = [("inout " if a.kind in ("written", "flag") else "") + ("strided " if a.strided else "") + declare(a)
                  for a in used if a.kind not in ("result", "temporary")]
        results = [declare(a) for a in used if a.kind == "result"]
        out = []
        for name, helper in HELPERS.items():
            if re.search(rf"\b{name}\(", text) or name == "both" and "larger(" in text:
                out += [helper, ""]
        if self.baked:
            sizes = [f"{name}={size}" for name, size in self.used_sizes(text)]
            out += [f"@config(target=\"cpu\", {', '.join(sizes)})"] if sizes else []
        generic = "<T: number>" if any(a.spelled for a in used) else ""
        out.append(f"kernel k{generic}({', '.join(params + self.params)})" + (f" -> ({', '.join(results)})" if results else "") + " {")
        out += [f"  let {a.name} = array({a.type}, {', '.join(map(str, a.dims))})" for a in used if a.kind == "temporary"]
        return "\n".join(out + lines + ["}", ""])

    def used(self, text):
        """The arrays that a program needs: what it names, and what binds its dims."""
        return [a for a in self.arrays if a.name in ("DM", "DN", "DK") or re.search(rf"\b{a.name}\b", text)]

    def used_sizes(self, text):
        return [(name, size) for name, size in self.sizes.items() if re.search(rf"(for|tune) [^\n]*\b{name}\b[^\n]* in ", text)]

    def data(self, array):
        """The values of an array before the run: small integers, or anything where it is wild."""
        shape = [self.limit(d) for d in array.dims]
        rng = np.random.default_rng(sum(map(ord, array.name)) + len(shape))
        if array.kind == "flag":
            made = np.zeros(shape, STORED[array.type])
        elif array.kind == "scale":
            made = rng.integers(127, 129, shape).astype(np.uint8)
        elif array.wild:
            width = UINT[WIDTH[array.type]]
            made = np.array(special_bits(array.type), width)[rng.integers(0, len(special_bits(array.type)), shape)]
            other = rng.integers(0, np.iinfo(width).max, shape, width, endpoint=True)
            made = np.where(rng.random(shape) < 0.5, made, other).astype(width)
            made = made if array.type in BITS else made.view(STORED[array.type])
        elif array.type in BITS:
            dtype, bits = BITS[array.type]
            made = np.array(bits, dtype)[rng.integers(0, len(bits), shape)]
        elif array.type == "bool":
            made = rng.integers(0, 2, shape).astype(np.bool_)
        elif array.type in FLOATS:
            made = rng.integers(-4, 5, shape).astype(STORED[array.type])
        else:
            info = np.iinfo(STORED[array.type])
            made = rng.integers(max(-9, info.min), 9, shape).astype(STORED[array.type])
            extreme = rng.random(shape) < 0.05
            made[extreme] = np.where(rng.random(shape) < 0.5, info.min, info.max).astype(STORED[array.type])[extreme]
        return np.asfortranarray(made) if array.strided and len(shape) > 1 else made
