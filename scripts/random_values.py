#===- random_values.py - random expressions over tiles ---------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The part of random_program.py that makes new values of old ones: operators, reductions, shapes, products.

Each method adds a statement and its value, or returns False where the value that it drew does not fit.
"""

from dataclasses import dataclass

import numpy as np

SIGNED = ["i8", "i16", "i32", "i64"]
UNSIGNED = ["u8", "u16", "u32", "u64"]
INTEGERS = SIGNED + UNSIGNED
FLOATS = ["f16", "bf16", "f32", "f64", "f8e4m3", "f8e5m2"]
# The largest integer up to which a type holds every one.
EXACT = {"f16": 2**11, "bf16": 2**8, "f32": 2**24, "f64": 2**53, "f8e4m3": 2**4, "f8e5m2": 2**3}


def is_float(t):
    return t in EXACT


def sum_type(t):
    return {"bool": "i32", "i8": "i32", "i16": "i32", "u8": "u32", "u16": "u32"}.get(t, t)


@dataclass
class Value:
    """A tile in scope. dims: names of tile indices, names of whole dims, and numbers. bound: of a float's magnitude."""
    text: str
    type: str
    dims: tuple
    bound: float = 0


class Values:
    """What a program can compute. Users have `random`, `pick`, `chance`, `name`, `define`, `limit`, `any_type` and `extent`."""

    def meet(self, a, b):
        """The dims of two tiles broadcast together, or None."""
        dims = []
        for k in range(1, max(len(a.dims), len(b.dims)) + 1):
            x = a.dims[-k] if k <= len(a.dims) else 1
            y = b.dims[-k] if k <= len(b.dims) else 1
            if x != y and 1 not in (x, y):
                return None
            dims.insert(0, y if x == 1 else x)
        return tuple(dims)

    def convertible(self, value, type):
        """A value's text in a type, exactly, or None."""
        if value.type == type:
            return value.text, value.bound
        if is_float(type):
            if value.type in INTEGERS:
                return f"((({value.text}) % 5) as {type})", 4
            bound = 1 if value.type == "bool" else value.bound
            return (f"({value.text} as {type})", bound) if bound <= EXACT[type] else None
        return f"({value.text} as {type})", 0

    def two(self, pool):
        """Two values that meet, as (text, text, type, dims, bound, bound)."""
        a, b = self.pick(pool), self.pick(pool)
        dims = self.meet(a, b)
        if dims is None or np.prod([max(1, self.limit(d)) for d in dims]) > 40000:
            return None
        converted = self.convertible(b, a.type)
        return converted and (a.text, converted[0], a.type, dims, a.bound, converted[1])

    def binary(self, statements, pool):
        pair = self.two(pool)
        if not pair:
            return False
        a, b, type, dims, x, y = pair
        if type == "bool":
            text, bound = f"{a} {self.pick(['and', 'or', '&', '|', '^', '==', '!='])} {b}", 0
        elif type in INTEGERS:
            op = self.pick(["+", "-", "*", "&", "|", "^", "min", "max", "//", "%", "<<", ">>"])
            if op in ("//", "%"):
                b = f"where({b} == 0, {self.random.randint(1, 9)} as {type}, {b})"
            if op in ("<<", ">>"):
                b = f"({b} & 15)"
            text, bound = f"{op}({a}, {b})" if op in ("min", "max") else f"{a} {op} {b}", 0
        else:
            bounds = {"+": x + y, "-": x + y, "*": x * y, "min": max(x, y), "max": max(x, y)}
            op = self.pick([op for op, bound in bounds.items() if bound <= EXACT[type]] or ["max"])
            text, bound = f"{op}({a}, {b})" if op in ("min", "max") else f"{a} {op} {b}", bounds[op]
        self.define(statements, pool, "v", text, type, dims, bound)
        return True

    def convert(self, statements, pool):
        value, type = self.pick(pool), self.any_type()
        done = self.convertible(value, type)
        if done:
            self.define(statements, pool, "v", done[0], type, value.dims, done[1])
        return bool(done)

    def unary(self, statements, pool):
        value = self.pick(pool)
        op = "not {}" if value.type == "bool" else self.pick(["-{}", "abs({})", "relu({})", "clamp({}, 1, 3)", "{} * {}"] +
                                                             (["~{}"] if value.type in INTEGERS else ["floor({} / 2)", "round({} / 4)"]))
        bound = value.bound * value.bound if op == "{} * {}" else max(value.bound, 3)
        if is_float(value.type) and bound > EXACT[value.type]:
            return False
        if op == "-{}" and value.type in UNSIGNED:
            op = "~{}"
        if op == "abs({})" and value.type in UNSIGNED:
            op = "relu({})"
        self.define(statements, pool, "v", op.format(value.text, value.text), value.type, value.dims, bound)
        return True

    def compare(self, statements, pool):
        pair = self.two(pool)
        if not pair or pair[2] == "bool":
            return False
        self.define(statements, pool, "c", f"{pair[0]} {self.pick(['<', '<=', '>', '>=', '==', '!='])} {pair[1]}", "bool", pair[3])
        return True

    def select(self, statements, pool):
        pair, conditions = self.two(pool), [v for v in pool if v.type == "bool"]
        if not pair or not conditions:
            return False
        condition = self.pick(conditions)
        dims = self.meet(condition, Value("", "", pair[3]))
        if dims is None:
            return False
        self.define(statements, pool, "v", f"where({condition.text}, {pair[0]}, {pair[1]})", pair[2], dims, max(pair[4], pair[5]))
        return True

    def dim_of(self, pool):
        tiles = [v for v in pool if v.dims]
        if not tiles:
            return None, 0
        value = self.pick(tiles)
        return value, self.random.randrange(len(value.dims))

    def reduction(self, statements, pool):
        value, axis = self.dim_of(pool)
        if not value:
            return False
        op = self.pick(["sum", "sum", "min", "max", "argmin", "argmax", "any", "all", "prod"])
        type, bound = value.type, value.bound
        if op in ("sum", "prod"):
            type, bound = sum_type(type), bound * max(1, self.limit(value.dims[axis]))
            if is_float(type) and (op == "prod" or bound > EXACT[type]):
                return False
        elif op in ("argmin", "argmax"):
            if type == "bool":
                return False
            type = "i32"
        elif op in ("any", "all"):
            type = "bool"
        keep = self.chance(0.3)
        dims = value.dims[:axis] + ((1,) if keep else ()) + value.dims[axis + 1:]
        spelled = axis - len(value.dims) if self.chance(0.2) else axis
        self.define(statements, pool, "r", f"{op}({value.text}, axis={spelled}{', keep=true' if keep else ''})", type, dims, bound)
        return True

    def total(self, statements, pool):
        """A reduction over several axes, or over all."""
        value = self.pick(pool)
        if len(value.dims) < 2:
            return False
        axes = list(range(len(value.dims))) if self.chance(0.5) else [0, len(value.dims) - 1]
        op = self.pick(["sum", "min", "max", "any"])
        type, bound = ("bool" if op == "any" else value.type), value.bound
        if op == "sum":
            type, bound = sum_type(type), bound * int(np.prod([max(1, self.limit(value.dims[a])) for a in axes]))
            if is_float(type) and bound > EXACT[type]:
                return False
        where = "" if len(axes) == len(value.dims) and self.chance(0.5) else f", axis=({', '.join(map(str, axes))})"
        dims = [d for a, d in enumerate(value.dims) if a not in axes]
        self.define(statements, pool, "r", f"{op}({value.text}{where})", type, dims, bound)
        return True

    def pair(self, statements, pool):
        """A reduction of two tiles at once: the largest value and where it is, the last of equals."""
        value, axis = self.dim_of(pool)
        if not value or value.type not in ("i32", "i64", "f32", "i16"):
            return False
        others = [v for v in pool if v.dims == value.dims and v.type in ("i32", "u8", "f32")]
        if not others:
            return False
        other = self.pick(others)
        one, two = self.name("t"), self.name("t")
        init = f"({'-1000.0' if is_float(value.type) else '-1000'} as {value.type}, 0 as {other.type})"
        function = "(l, r) => (where(r.0 >= l.0, r.0, l.0), where(r.0 >= l.0, r.1, l.1))"
        statements.append(f"let ({one}, {two}) = reduce(({value.text}, {other.text}), axis={axis}, init={init}, {function})")
        dims = value.dims[:axis] + value.dims[axis + 1:]
        pool += [Value(one, value.type, dims, max(1000, value.bound)), Value(two, other.type, dims, other.bound)]
        return True

    def scan(self, statements, pool):
        value, axis = self.dim_of(pool)
        if not value or value.type in ("bool", "i8", "i16", "u8", "u16") or is_float(value.type) and value.type not in ("f32", "f64"):
            return False
        op = self.pick(["cumsum", "cummax"])
        bound = value.bound * max(1, self.limit(value.dims[axis])) if op == "cumsum" else value.bound
        if is_float(value.type) and bound > EXACT[value.type]:
            return False
        text = f"{op}({value.text}, axis={axis})" if self.chance(0.7) or op == "cumsum" else \
            f"scan({value.text}, axis={axis}, (a, b) => max(a, b))"
        self.define(statements, pool, "s", text, value.type, value.dims, bound)
        return True

    def custom(self, statements, pool):
        """A reduction with a function of ours, not commutative where it keeps the last element."""
        value, axis = self.dim_of(pool)
        if not value or value.type not in ("i32", "i64", "u32", "u64"):
            return False
        init, function = self.pick([("0", "(a, b) => a + b"), ("0", "(a, b) => a ^ b"), ("0", "(a, b) => where(b == 0, a, b)"),
                                    ("1", "(a, b) => a * b")])
        dims = value.dims[:axis] + value.dims[axis + 1:]
        self.define(statements, pool, "r", f"reduce({value.text}, axis={axis}, init={init}, {function})", value.type, dims)
        return True

    def shape(self, statements, pool):
        value, axis = self.dim_of(pool)
        if not value:
            return False
        rank, dims, text = len(value.dims), list(value.dims), value.text
        kind = self.pick(["expand", "permute", "transpose", "cat", "split", "reshape", "element", "broadcast"])
        if kind == "expand" and rank < 3:
            dims.insert(axis, 1)
            text = f"{text}[{', '.join([':'] * axis + ['None'] + [':'] * (rank - axis))}]"
        elif kind == "permute":
            order = self.random.sample(range(rank), rank)
            dims, text = [dims[k] for k in order], f"permute({text}, {', '.join(map(str, order))})"
        elif kind == "transpose" and rank >= 2:
            dims[-2:], text = dims[:-3:-1], f"{text}.T"
        elif kind == "cat" and isinstance(dims[axis], int) and dims[axis] <= 4:
            dims[axis], text = 2 * dims[axis], f"cat({text}, {text}, axis={axis})"
        elif kind == "split" and isinstance(dims[axis], int) and dims[axis] % 2 == 0:
            dims[axis] //= 2
            one, two = self.name("p"), self.name("p")
            statements.append(f"let ({one}, {two}) = split({text}, 2, axis={axis})")
            pool += [Value(one, value.type, tuple(dims), value.bound), Value(two, value.type, tuple(dims), value.bound)]
            return True
        elif kind == "reshape" and all(isinstance(d, int) for d in dims):
            dims = [int(np.prod(dims))] if rank > 1 else [1, dims[0]]
            text = f"reshape({text}, {', '.join(map(str, dims))})"
        elif kind == "element" and isinstance(dims[axis], int) and dims[axis] > 0:
            at = self.random.randrange(dims[axis])
            text = f"{text}[{', '.join([':'] * axis + [str(at)] + [':'] * (rank - axis - 1))}]"
            dims.pop(axis)
        elif kind == "broadcast" and rank < 3:
            dims.insert(0, 2)
            text = f"broadcast({text}, {', '.join(map(str, dims))})"
        else:
            return False
        self.define(statements, pool, "h", text, value.type, dims, value.bound)
        return True

    def product(self, statements, pool):
        """a @ b.T, of a tile with itself or with another of its shape."""
        tiles = [v for v in pool if len(v.dims) >= 2]
        if not tiles:
            return False
        a = self.pick(tiles)
        b = self.pick([v for v in tiles if v.dims == a.dims])
        type = a.type if is_float(a.type) or a.type in ("i8", "u8") else "f32"
        one, two = self.convertible(a, type), self.convertible(b, type)
        if not one or not two or np.prod([max(1, self.limit(d)) for d in a.dims]) > 4000:
            return False
        result = {"i8": "i32", "u8": "i32", "f64": "f64"}.get(type, "f32")
        bound = one[1] * two[1] * max(1, self.limit(a.dims[-1]))
        if is_float(result) and bound > EXACT[result]:
            return False
        dims = a.dims[:-2] + (a.dims[-2], a.dims[-2])
        self.define(statements, pool, "d", f"{one[0]} @ ({two[0]}).T", result, dims, bound)
        return True

    def order(self, statements, pool):
        value, axis = self.dim_of(pool)
        if not value or value.type == "bool":
            return False
        text, dims = f"sort({value.text}, axis={axis})", list(value.dims)
        whole = not isinstance(dims[axis], str) or dims[axis] in self.extent
        if whole and self.limit(dims[axis]) >= 2 and self.chance(0.5):
            text, dims[axis] = f"topk({value.text}, 2, axis={axis})", 2
        values, at = self.name("q"), self.name("q")
        statements.append(f"let ({values}, {at}) = {text}")
        pool += [Value(values, value.type, tuple(dims), value.bound), Value(at, "i32", tuple(dims))]
        return True

    def helper(self, statements, pool):
        pair = self.two(pool)
        if not pair or pair[2] == "bool" or is_float(pair[2]) and pair[4] + pair[5] > EXACT[pair[2]]:
            return False
        one, two = self.name("g"), self.name("g")
        statements.append(f"let ({one}, {two}) = both({pair[0]}, {pair[1]})")
        pool += [Value(one, pair[2], pair[3], pair[4] + pair[5]), Value(two, pair[2], pair[3], max(pair[4], pair[5]))]
        return True
