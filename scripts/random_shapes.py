#===- random_shapes.py - random reductions, shapes and products ------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The part of random_program.py that works along dims: reductions, scans, sorts, changes of shape, matrix products.

Like in random_values.py, a method adds to a block or returns False. Where a program must mean the same for all tile sizes
(`sizefree`), the dims of tile indices are left alone.
"""

import numpy as np

from random_values import ANY, EXACT, INTEGERS, LARGEST, Value, is_float, sum_type


class Shapes:
    """What a program can compute along dims. Users have what random_values.py asks for."""

    def along(self, at):
        """A tile and one of its dims, or None and 0."""
        tiles = [(v, a) for v in at.pool for a in range(len(v.dims)) if not (self.sizefree and v.dims[a] in self.indices)]
        return self.pick(tiles) if tiles else (None, 0)

    def reduction(self, at):
        value, axis = self.along(at)
        if not value:
            return False
        op = self.pick(["sum", "sum", "min", "max", "argmin", "argmax", "any", "all", "prod"])
        type, bound = value.type, value.bound
        if op in ("sum", "prod"):
            type, bound = sum_type(type), bound * max(1, self.limit(value.dims[axis]))
            if is_float(type) and (self.signs or op == "prod" or bound > EXACT[type]):
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
        self.define(at, "r", f"{op}({value.text}, axis={spelled}{', keep=true' if keep else ''})", type, dims, bound)
        return True

    def average(self, at):
        """A mean of as many elements as a power of two, which is exact whatever way it divides."""
        counts = (1, 2, 4, 8, 16, 32)
        places = [(v, a) for v in at.pool for a, d in enumerate(v.dims) if d not in self.indices and self.limit(d) in counts]
        value, axis = self.pick(places) if places and not self.signs else (None, 0)
        done = value and self.convertible(value, "f32")
        if not done or done[1] * 32 > EXACT["f32"]:
            return False
        self.define(at, "r", f"mean({done[0]}, axis={axis})", "f32", value.dims[:axis] + value.dims[axis + 1:], ANY)
        return True

    def total(self, at):
        """A reduction over several axes, or over all."""
        value = self.pick(at.pool)
        if len(value.dims) < 2 or self.sizefree:
            return False
        axes = list(range(len(value.dims))) if self.chance(0.5) else [0, len(value.dims) - 1]
        op = self.pick(["sum", "min", "max", "any", "all"])
        type, bound = ("bool" if op in ("any", "all") else value.type), value.bound
        if op == "sum":
            type, bound = sum_type(type), bound * self.volume([value.dims[a] for a in axes])
            if is_float(type) and (self.signs or bound > EXACT[type]):
                return False
        where = "" if len(axes) == len(value.dims) and self.chance(0.5) else f", axis=({', '.join(map(str, axes))})"
        dims = [d for a, d in enumerate(value.dims) if a not in axes]
        self.define(at, "r", f"{op}({value.text}{where})", type, dims, bound)
        return True

    def pair(self, at):
        """A reduction or scan of two tiles at once: the largest value and what stands beside it, of the last of equals."""
        value, axis = self.along(at)
        if not value or value.type not in ("i32", "i64", "f32", "i16") or value.bound == ANY:
            return False
        others = [v for v in at.pool if v.dims == value.dims and v.type in ("i32", "u8", "f32")]
        if not others:
            return False
        other = self.pick(others)
        one, two = self.name("t"), self.name("t")
        scan = self.chance(0.3)
        init = "" if scan else f" init=({'-1000.0' if is_float(value.type) else '-1000'} as {value.type}, 0 as {other.type}),"
        function = "(l, r) => (where(r.0 >= l.0, r.0, l.0), where(r.0 >= l.0, r.1, l.1))"
        at.statements.append(f"let ({one}, {two}) = {'scan' if scan else 'reduce'}(({value.text}, {other.text}), axis={axis},{init} {function})")
        dims = value.dims if scan else value.dims[:axis] + value.dims[axis + 1:]
        at.pool += [Value(one, value.type, dims, max(1000, value.bound)), Value(two, other.type, dims, other.bound)]
        return True

    def scan(self, at):
        value, axis = self.along(at)
        if not value or value.type in ("bool", "i8", "i16", "u8", "u16") or is_float(value.type) and value.type not in ("f32", "f64"):
            return False
        op = self.pick(["cumsum", "cummax", "cumprod", "scan"])
        bound = value.bound * max(1, self.limit(value.dims[axis])) if op == "cumsum" else value.bound
        if is_float(value.type) and (op == "cumprod" or bound > EXACT[value.type] and op == "cumsum" or op == "cumsum" and self.signs):
            return False
        functions = ["(a, b) => max(a, b)"]
        if value.type in INTEGERS:
            functions += ["(a, b) => a + b", "(a, b) => where(b % 3 == 0, a, b)", "(a, b) => a ^ b"]
        text = f"scan({value.text}, axis={axis}, {self.pick(functions)})" if op == "scan" else f"{op}({value.text}, axis={axis})"
        self.define(at, "s", text, value.type, value.dims, bound)
        return True

    def custom(self, at):
        """A reduction with a function of ours, not commutative where it keeps the last element."""
        value, axis = self.along(at)
        if not value or value.type not in ("i32", "i64", "u32", "u64"):
            return False
        init, function = self.pick([("0", "(a, b) => a + b"), ("0", "(a, b) => a ^ b"), ("0", "(a, b) => where(b == 0, a, b)"),
                                    ("1", "(a, b) => a * b"), ("0", "(a, b) => a | b")])
        keep = self.chance(0.2)
        dims = value.dims[:axis] + ((1,) if keep else ()) + value.dims[axis + 1:]
        self.define(at, "r", f"reduce({value.text}, axis={axis}, init={init}{', keep=true' if keep else ''}, {function})", value.type, dims)
        return True

    def shape(self, at):
        value = self.pick(at.pool)
        if not value.dims:
            return False
        axis = self.random.randrange(len(value.dims))
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
            others = [v for v in at.pool if v.type == value.type and len(v.dims) == rank and isinstance(v.dims[axis], int) and
                      v.dims[:axis] + v.dims[axis + 1:] == value.dims[:axis] + value.dims[axis + 1:]]
            other = self.pick(others)
            dims[axis], text = dims[axis] + other.dims[axis], f"cat({text}, {other.text}, axis={axis})"
            value = Value(text, value.type, value.dims, max(value.bound, other.bound))
        elif kind == "split" and isinstance(dims[axis], int) and dims[axis] > 0 and dims[axis] % 2 == 0:
            dims[axis] //= 2
            one, two = self.name("p"), self.name("p")
            at.statements.append(f"let ({one}, {two}) = split({text}, 2, axis={axis})")
            at.pool += [Value(one, value.type, tuple(dims), value.bound), Value(two, value.type, tuple(dims), value.bound)]
            return True
        elif kind == "reshape" and all(isinstance(d, int) for d in dims):
            dims = [int(np.prod(dims))] if rank > 1 else [1, dims[0]] if dims[0] % 2 else [dims[0] // 2, 2]
            text = f"reshape({text}, {', '.join(map(str, dims))})"
        elif kind == "element" and isinstance(dims[axis], int) and dims[axis] > 0:
            place = self.random.randrange(dims[axis])
            text = f"{text}[{', '.join([':'] * axis + [str(place)] + [':'] * (rank - axis - 1))}]"
            dims.pop(axis)
        elif kind == "broadcast" and rank < 3 and self.volume(dims) * 2 <= LARGEST:
            dims.insert(0, 2)
            spelled = [self.spelled(d, at) for d in dims]
            if None in spelled:
                return False
            text = f"broadcast({text}, {', '.join(spelled)})"
        else:
            return False
        self.define(at, "h", text, value.type, dims, value.bound)
        return True

    def spelled(self, dim, at):
        """A dim as an extent is written: an index with whole tiles is a number."""
        return str(dim) if not isinstance(dim, str) or dim not in self.indices or dim in at.indices else None

    def product(self, at):
        """A matrix product of two tiles, plain, transposed, in batches, or added to a third."""
        tiles = [v for v in at.pool if len(v.dims) >= 2]
        if not tiles:
            return False
        a = self.pick(tiles)
        if self.sizefree and a.dims[-1] in self.indices:
            return False
        same = [(v, True) for v in tiles if v.dims[-1] == a.dims[-1]]
        pairs = same + 3 * [(v, False) for v in tiles if v.dims[-2] == a.dims[-1]]
        b, transposed = self.pick([(v, t) for v, t in pairs if self.meet(a.dims[:-2], v.dims[:-2]) is not None] or [(a, True)])
        columns = b.dims[-2] if transposed else b.dims[-1]
        type = a.type if is_float(a.type) else self.pick(["i8", "u8", "f32", "f16", "f8e5m2"])
        other = self.pick(["i8", "u8"]) if type in ("i8", "u8") else type
        one, two = self.convertible(a, type), self.convertible(b, other)
        batch = self.meet(a.dims[:-2], b.dims[:-2])
        dims = (batch or ()) + (a.dims[-2], columns)
        if not one or not two or batch is None or self.volume(dims + (a.dims[-1],)) > LARGEST:
            return False
        result = "i32" if type in ("i8", "u8") else "f64" if type == "f64" else "f32"
        bound = one[1] * two[1] * max(1, self.limit(a.dims[-1]))
        if is_float(result) and (self.signs or bound > EXACT[result]):
            return False
        left, right = one[0], f"({two[0]}).T" if transposed else two[0]
        text = self.pick([f"{left} @ {right}", f"dot({left}, {right})"])
        accs = [v for v in at.pool if v.type == result and v.dims == dims and not (is_float(result) and v.bound + bound > EXACT[result])]
        if accs and self.chance(0.7):
            acc = self.pick(accs)
            text, bound = self.pick([f"dot({left}, {right}, {acc.text})", f"{acc.text} + {left} @ {right}"]), bound + acc.bound
        self.define(at, "d", text, result, dims, bound)
        return True

    def order(self, at):
        value, axis = self.along(at)
        if not value or value.type == "bool":
            return False
        text, dims = f"sort({value.text}, axis={axis})", list(value.dims)
        whole = not isinstance(dims[axis], str) or dims[axis] not in self.indices
        if whole and self.limit(dims[axis]) >= 1 and self.chance(0.5):
            count = self.random.randint(1, min(3, self.limit(dims[axis])))
            text, dims[axis] = f"topk({value.text}, {count}, axis={axis})", count
        values, places = self.name("q"), self.name("q")
        at.statements.append(f"let ({values}, {places}) = {text}")
        at.pool += [Value(values, value.type, tuple(dims), value.bound), Value(places, "i32", tuple(dims))]
        return True
