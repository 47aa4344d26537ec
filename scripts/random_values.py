#===- random_values.py - random expressions over tiles ---------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The part of random_program.py that makes new values of old ones, element by element.

Each method takes a block, adds a statement and its value to it, or returns False where the value that it drew does not
fit. A float's `bound` says how large it may be: a finite bound stands for integers of at most that magnitude, which are
added and multiplied only as long as the type holds every result exactly; an infinite one for any float at all (NaN,
infinities, subnormals), which is only copied, compared, converted, and rounded by single operations.
"""

import math
from dataclasses import dataclass, field

import numpy as np

SIGNED = ["i8", "i16", "i32", "i64"]
UNSIGNED = ["u8", "u16", "u32", "u64"]
INTEGERS = SIGNED + UNSIGNED
FLOATS = ["f16", "bf16", "f32", "f64", "f8e4m3", "f8e5m2"]
TYPES = ["bool"] + INTEGERS + FLOATS
# The largest integer up to which a type holds every one.
EXACT = {"f16": 2**11, "bf16": 2**8, "f32": 2**24, "f64": 2**53, "f8e4m3": 2**4, "f8e5m2": 2**3}
WIDTH = {"bool": 1, "i8": 8, "u8": 8, "f8e4m3": 8, "f8e5m2": 8, "i16": 16, "u16": 16, "f16": 16, "bf16": 16,
         "i32": 32, "u32": 32, "f32": 32, "i64": 64, "u64": 64, "f64": 64}
# What is known of a float that may be anything.
ANY = math.inf
# The most elements of a tile that a program makes of smaller ones.
LARGEST = 40000
# The functions that are not exact, and what they give.
FUNCTIONS = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2, "log1p": np.log1p, "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x), "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh,
    "erf": np.vectorize(math.erf, otypes=[float]), "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "silu": lambda x: x / (1 + np.exp(-x)), "gelu": lambda x: x * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2))) / 2,
}


def is_float(t):
    return t in EXACT


def sum_type(t):
    return {"bool": "i32", "i8": "i32", "i16": "i32", "u8": "u32", "u16": "u32"}.get(t, t)


@dataclass
class Value:
    """A tile in scope. dims: names of tile indices, expressions of whole dims, and numbers. bound: of a float's magnitude."""
    text: str
    type: str
    dims: tuple
    bound: float = 0


@dataclass
class Block:
    """Where statements go, and what they can see.

    indices: tile indices that subscripts may use; own: those of the grid, which tell its iterations apart; scalars: the
    integers of a grid over a range; tokens: names of tokens; first: a condition that one iteration fulfils; partial:
    whether the block may be left out or left early; loops: how many loops lie around it within the grid.
    """
    statements: list
    pool: list
    indices: list
    own: list
    scalars: list
    first: str
    partial: bool = False
    tokens: list = field(default_factory=list)
    loops: list = field(default_factory=list)
    depth: int = 0

    def inner(self, statements, index=None, looping=True):
        """A block inside of this one."""
        return Block(statements, list(self.pool), self.indices + ([index] if index else []), self.own, self.scalars, self.first,
                     True, list(self.tokens), self.loops + ([index] if looping else []), self.depth + 1)


class Values:
    """What a program can compute. Users have `random`, `pick`, `chance`, `name`, `define`, `limit`, `any_type` and `extent`."""

    def volume(self, dims):
        return math.prod(max(1, self.limit(d)) for d in dims)

    def meet(self, a, b):
        """The dims of two tiles broadcast together, or None."""
        dims = []
        for k in range(1, max(len(a), len(b)) + 1):
            x = a[-k] if k <= len(a) else 1
            y = b[-k] if k <= len(b) else 1
            if x != y and 1 not in (x, y):
                return None
            dims.insert(0, y if x == 1 else x)
        return tuple(dims) if self.volume(dims) <= LARGEST else None

    def convertible(self, value, type):
        """A value in a type, exactly, as (text, bound), or None."""
        if value.type == type:
            return value.text, value.bound
        if is_float(type):
            if value.type in INTEGERS:
                return f"((({value.text}) % 5) as {type})", 4
            bound = 1 if value.type == "bool" else value.bound
            return (f"({value.text} as {type})", bound) if bound <= EXACT[type] else None
        return f"({value.text} as {type})", 0

    def two(self, at):
        """Two values that meet, as (text, text, type, dims, bound, bound)."""
        a, b = self.pick(at.pool), self.pick(at.pool)
        dims = self.meet(a.dims, b.dims)
        converted = self.convertible(b, a.type)
        return dims is not None and converted and (a.text, converted[0], a.type, dims, a.bound, converted[1])

    def binary(self, at):
        pair = self.two(at)
        if not pair:
            return False
        a, b, type, dims, x, y = pair
        if type == "bool":
            text, bound = f"{a} {self.pick(['and', 'or', '&', '|', '^', '==', '!='])} {b}", 0
        elif type in INTEGERS:
            op = self.pick(["+", "-", "*", "&", "|", "^", "min", "max", "//", "%", "<<", ">>", "**", "pow"])
            if op in ("//", "%"):
                b = f"where({b} == 0, {self.random.randint(1, 9)} as {type}, {b})"
            if op in ("<<", ">>"):
                # Wider shifts shift everything out; of a negative count nothing is said.
                b = f"({b} & {self.pick([15, 63, 127])})" if not type.endswith("8") else f"({b} & 15)"
            if op in ("**", "pow"):
                b = f"({b} & 3)"
            text, bound = f"{op}({a}, {b})" if op in ("min", "max", "pow") else f"{a} {op} {b}", 0
        else:
            bounds = {"+": x + y, "-": x + y, "*": x * y, "min": max(x, y), "max": max(x, y), "//": x, "%": max(x, y)}
            if ANY in (x, y):
                # Each operation rounds once where nothing is contracted or carried in a wider type.
                bounds = {"min": ANY, "max": ANY}
                if self.strict:
                    bounds.update({"+": ANY, "-": ANY, "*": ANY, "/": ANY})
                op = self.pick(bounds)
            else:
                op = self.pick([op for op, bound in bounds.items() if bound <= EXACT[type]] or ["max"])
            if op in ("//", "%"):
                b = f"where({b} == 0, 3, {b})"
            text, bound = f"{op}({a}, {b})" if op in ("min", "max") else f"{a} {op} {b}", bounds[op]
        self.define(at, "v", text, type, dims, bound)
        return True

    def convert(self, at):
        value, type = self.pick(at.pool), self.any_type()
        if is_float(value.type) and is_float(type) and self.chance(0.3):
            # Rounded, and saturated where it does not fit.
            self.define(at, "v", f"{value.text} as {type}", type, value.dims, value.bound if value.bound <= EXACT[type] else ANY)
            return True
        if value.type in INTEGERS and is_float(type) and self.chance(0.3):
            self.define(at, "v", f"{value.text} as {type}", type, value.dims, ANY)
            return True
        done = self.convertible(value, type)
        if done:
            self.define(at, "v", done[0], type, value.dims, done[1])
        return bool(done)

    def unary(self, at):
        value = self.pick(at.pool)
        ops = ["-{}", "abs({})", "relu({})", "clamp({}, 1, 3)", "sign({})", "{} * {}", "{} ** 2"]
        rounding = ["floor({})", "ceil({})", "round({})", "trunc({})"]
        if value.type == "bool":
            ops = ["not {}"]
        elif value.type in UNSIGNED:
            ops = ["~{}", "relu({})", "sign({})", "{} * {}", "clamp({}, 1, 200)"] + rounding
        elif value.type in SIGNED:
            ops += ["~{}"] + rounding
        elif value.bound == ANY:
            ops = ["-{}", "abs({})", "relu({})", "clamp({}, 1, 3)", "sign({})"] + rounding
            ops += ["sqrt({})"] * self.strict
        else:
            ops += ["floor({} / 2)", "round({} / 4)", "ceil({} / 2)", "trunc({} / 4)"]
        op = self.pick(ops)
        bound = value.bound * value.bound if op in ("{} * {}", "{} ** 2") else max(value.bound, 3)
        if is_float(value.type) and EXACT[value.type] < bound < ANY:
            return False
        self.define(at, "v", op.format(value.text, value.text), value.type, value.dims, bound)
        return True

    def function(self, at):
        """A function that is not exact, rounded so coarsely that no error of a few units in the last place is seen."""
        values = [v for v in at.pool if is_float(v.type) and v.bound <= 16]
        if not values:
            return False
        value, name = self.pick(values), self.pick(FUNCTIONS)
        number = np.arange(-value.bound, value.bound + 1)
        with np.errstate(all="ignore"):
            exact = FUNCTIONS[name](number)
        finite = np.abs(exact[np.isfinite(exact)])
        wide = "f64" if value.type == "f64" else "f32"
        for scale in (64, 8, 1):
            scaled = finite * scale
            # An argument of 0 is given exactly; others are off by at most 8 units in each executor.
            if np.all(np.abs(scaled - np.floor(scaled) - 0.5) > 16 * scaled / EXACT[value.type]):
                largest = float(scaled.max(initial=1)) + 1
                bound = ANY if len(finite) < len(exact) or largest > EXACT[wide] else largest
                self.define(at, "v", f"round(({name}({value.text}) as {wide}) * {scale})", wide, value.dims, bound)
                return True
        return False

    def fused(self, at):
        pair, others = self.two(at), self.random.sample(at.pool, min(4, len(at.pool)))
        if not pair or not is_float(pair[2]):
            return False
        for other in others:
            done, dims = self.convertible(other, pair[2]), self.meet(pair[3], other.dims)
            if done and dims is not None and pair[4] * pair[5] + done[1] <= EXACT[pair[2]]:
                form = self.pick(["fma({}, {}, {})", "{} * {} + {}", "{} * {} - {}"])
                self.define(at, "v", form.format(pair[0], pair[1], done[0]), pair[2], dims, pair[4] * pair[5] + done[1])
                return True
        return False

    def bits(self, at):
        """The bits of a value as another type: of floats, what is no NaN, and no zero whose sign is open."""
        value = self.pick(at.pool)
        types = [t for t in TYPES if WIDTH[t] == WIDTH[value.type] and t != value.type]
        if value.type == "bool" or not types:
            return False
        type, text = self.pick(types), value.text
        if is_float(value.type):
            text = f"where(isnan({text}){'' if self.signs else f' or {text} == 0'}, {self.pick([1, 2])}, {text})"
        self.define(at, "v", f"bitcast({text}, {type})", type, value.dims, ANY if is_float(type) else 0)
        return True

    def special(self, at):
        values = [v for v in at.pool if is_float(v.type)]
        if not values:
            return False
        value = self.pick(values)
        self.define(at, "c", f"{self.pick(['isnan', 'isinf'])}({value.text})", "bool", value.dims)
        return True

    def random_numbers(self, at):
        values = [v for v in at.pool if v.type in ("i32", "u32", "i64", "u64")]
        if not values:
            return False
        value = self.pick(values)
        self.define(at, "v", f"rand({self.random.randint(0, 99)}, {value.text})", "f32", value.dims, ANY)
        return True

    def compare(self, at):
        pair = self.two(at)
        if not pair or pair[2] == "bool":
            return False
        self.define(at, "c", f"{pair[0]} {self.pick(['<', '<=', '>', '>=', '==', '!='])} {pair[1]}", "bool", pair[3])
        return True

    def select(self, at):
        pair, conditions = self.two(at), [v for v in at.pool if v.type == "bool"]
        if not pair or not conditions:
            return False
        condition = self.pick(conditions)
        dims = self.meet(condition.dims, pair[3])
        if dims is None:
            return False
        self.define(at, "v", f"where({condition.text}, {pair[0]}, {pair[1]})", pair[2], dims, max(pair[4], pair[5]))
        return True

    def literal(self, type):
        """A number that a type holds, as (text, bound)."""
        if type == "bool":
            return self.pick(["true", "false"]), 0
        if is_float(type):
            if self.chance(0.15) and type != "f8e4m3":
                return self.pick(["inf", "-inf", "nan"]), ANY
            number = self.random.randint(-3, 3)
            return f"{number}.0", abs(number)
        if self.chance(0.2):
            bits = WIDTH[type]
            edge = self.pick([2**bits - 1, 2**(bits - 1)]) if type in UNSIGNED else self.pick([2**(bits - 1) - 1, -2**(bits - 1)])
            # Literals of the language are at most 2**63 - 1 alone; larger ones and the least negative one are made by others.
            return (str(edge), 0) if -2**31 < edge < 2**31 else (f"(~(0 as {type}))", 0)
        return str(self.random.randint(0 if type in UNSIGNED else -9, 9)), 0

    def create(self, at):
        type = self.any_type()
        dims = [self.pick(at.indices + ["M", "N", "K", 2, 4] if at.indices else ["M", "N", "K", 2, 4])
                for _ in range(self.pick([1, 1, 2]))]
        if self.volume(dims) > LARGEST:
            return False
        shape, dims = ", ".join(map(str, dims)), tuple(self.exact.get(d, d) for d in dims)
        kind = self.pick(["zeros", "ones", "full", "arange"])
        if kind == "arange" and isinstance(dims[0], int):
            low = self.random.randint(-2, 1)
            self.define(at, "v", f"arange({low}, {dims[0]})", "i32", (dims[0] - low,))
        elif kind in ("zeros", "ones"):
            self.define(at, "v", f"{kind}({type}, {shape})", type, dims, 1)
        else:
            text, bound = self.literal(type)
            self.define(at, "v", f"full({type}, {text}, {shape})", type, dims, bound)
        return True

    def place(self, at):
        """What a tile index says of itself."""
        if not at.indices:
            return False
        index = self.pick(at.indices)
        if self.sizefree or self.chance(0.5):
            self.define(at, "v", f"{index}.index", "i32", (self.exact.get(index, index),))
        else:
            self.define(at, "v", f"{index}.{self.pick(['begin', 'end', 'size', 'id', 'count'])}", "i32", ())
        return True
