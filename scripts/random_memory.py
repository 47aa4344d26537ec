#===- random_memory.py - random accesses to arrays -------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The part of random_program.py that reads and writes arrays. No program has a race:

* what a grid reads, it does not write, and what it writes, each iteration writes at places of its own (its tiles, its
  numbers, or subscripts that differ where they do); only an iteration reads back what it wrote itself;
* what several iterations change, they change by atomics of one kind, whose order the result does not tell; the old value
  is used only where one iteration alone changes the element;
* a chain hands a value from iteration to iteration, through a release that the next one acquires.
"""

from random_values import ANY, EXACT, FLOATS, INTEGERS, UNSIGNED, Value, is_float

ORDERS = ["", "", ", order=relaxed", ", order=acquire", ", order=release", ", order=acq_rel"]
SCOPES = ["", "", ", scope=device", ", scope=system"]


class Memory:
    """A program's accesses. Users have what random_values.py asks for, `arrays`, `add_array` and `temporaries`."""

    def subscripts(self, at, array):
        """Random subscripts of an array that is read: (texts, dims, mask or None)."""
        texts, dims, mask, gathers = [], [], None, None
        for symbol in array.dims:
            own = [index for index in at.indices if self.indices[index] == symbol]
            own_scalars = [index for index in at.scalars if self.indices[index] == symbol]
            choices = [":"] + (["index"] * 6 + ["window"] if own else []) + (["scalar"] * 5 if own_scalars else [])
            numbers = [v for v in at.pool if v.type == "i32" and len(v.dims) <= 2]
            if self.limit(symbol) > 0:
                choices += ["number"]
                choices += ["arange"] if gathers is None else []
                choices += ["gather"] * 2 if numbers and (gathers is None or mask is None) else []
            kind = self.pick(choices)
            if kind == ":":
                texts.append(":")
                dims.append(symbol)
            elif kind in ("index", "window"):
                index = self.pick(own)
                shift = self.pick([str(self.random.randint(0, 3))] + at.scalars + [v.text for v in at.pool if v.text.startswith("z") and v.type == "i32"][:1])
                shift = f"({shift} & 3)" if not shift.isdigit() else shift
                texts.append(index if kind == "index" else f"{index} {self.pick('+-')} {shift}")
                dims.append(self.exact.get(index, index))
            elif kind == "scalar":
                texts.append(self.pick(own_scalars))
            elif kind == "number":
                texts.append(str(self.random.randrange(self.limit(symbol))))
            elif kind == "arange":
                width, step = self.pick([1, 3, 4]), self.random.randint(1, 5)
                texts.append(f"(arange(0, {width}) * {step})")
                mask = (len(dims), 1, f"arange(0, {width}) * {step} < {symbol}")
                gathers = (len(dims), (width,))
                dims.append(width)
            else:
                # Any integers, brought into the array's range. Those of one access broadcast together.
                value = self.pick(numbers)
                texts.append(f"(({value.text}) % ({symbol}))")
                if not value.dims:
                    continue
                if gathers is None:
                    gathers = (len(dims), value.dims)
                    dims += value.dims
                else:
                    met = self.meet(gathers[1], value.dims)
                    if met is None:
                        return None
                    dims[gathers[0]:gathers[0] + len(gathers[1])] = met
                    gathers = (gathers[0], met)
        return texts, tuple(dims), mask

    def load(self, at):
        """Reads an array that this grid does not write."""
        readable = [a for a in self.arrays if a.kind == "in"] + self.temporaries
        array = self.pick(readable)
        found = self.subscripts(at, array)
        if not found or self.volume(found[1]) > 40000:
            return False
        texts, dims, mask = found
        text = f"{array.name}[{', '.join(texts)}]"
        options = ""
        if mask:
            pads = "".join(", None" for _ in dims[mask[0] + 1:])
            options = f", mask=({mask[2]})[:{pads}]"
        bound = ANY if array.wild else 4
        if array.type != "bool" and self.chance(0.2):
            # A mask of the loaded tile's own dims, and a pad.
            conditions = [v.text for v in at.pool if v.type == "bool" and v.dims == dims and dims]
            pad, size = self.literal(array.type)
            options += f", mask={self.pick(conditions)}" if conditions and not options else ""
            options, bound = options + f", pad={pad}", max(bound, size)
        if self.chance(0.15):
            value, token = self.name("v"), self.name("k")
            at.statements.append(f"let ({value}, {token}) = load({text}{options}, after={self.after(at)})")
            at.tokens.append(token)
            at.pool.append(Value(value, array.type, dims, bound))
            return True
        text = f"load({text}{options})" if options or self.chance(0.1) else text
        self.define(at, "v", text, array.type, dims, bound)
        return True

    def after(self, at):
        """Some tokens of the block."""
        some = self.random.sample(at.tokens, min(len(at.tokens), self.random.randint(0, 3)))
        if not some:
            return "token()"
        return some[0] if len(some) == 1 else self.pick([f"[{', '.join(some)}]", f"join({', '.join(some)})"])

    def layout(self, value, indices, rank):
        """A value shaped for subscripts `indices` and then whole dims, `rank` at most: (text, rest of the dims)."""
        value = Value(value.text, value.type, value.dims, value.bound)
        while True:
            mine, inserts = list(value.dims), []
            for index in indices:
                fits = mine and mine[0] == self.exact.get(index, index)
                inserts.append(":" if fits else "None")
                if fits:
                    mine.pop(0)
            if len(indices) + len(mine) <= rank and not any(d in self.indices for d in mine):
                break
            left = [a for a in range(len(value.dims)) if value.dims[a] in self.indices] or [len(value.dims) - 1]
            value.text, value.dims = f"max({value.text}, axis={left[-1]})", value.dims[:left[-1]] + value.dims[left[-1] + 1:]
        inserts += [":"] * len(mine)
        while inserts and inserts[0] == "None":
            inserts.pop(0)
        text = f"({value.text})[{', '.join(inserts)}]" if "None" in inserts else value.text
        return text, tuple(mine)

    def store(self, at, value):
        """Stores a value, whatever its dims, to an array of its own, at this iteration's places."""
        indices = at.own + [n for n in at.loops if n and n in at.indices]
        if len(at.scalars) + len(indices) > 4:
            return False
        text, rest = self.layout(value, indices, 4 - len(at.scalars))
        # What is left of a tile's dims depends on its size.
        if self.sizefree and "axis=" in text:
            return False
        places, dims, partial = [], [], at.partial
        for index in at.scalars + indices:
            symbol, kind = self.indices[index], self.random.random()
            if index in at.scalars and kind < 0.3:
                places.append(self.pick([f"{symbol} - 1 - {index}", f"2 * {index} + 1"]))
                symbol = f"2*{symbol}" if "2 *" in places[-1] else symbol
                partial = True
            elif index not in at.scalars and kind < 0.06 and not any("index" in p for p in places):
                # A scatter: subscripts that differ.
                places.append(self.pick([f"{symbol} - 1 - {index}.index", f"2 * {index}.index"]))
                symbol = f"2*{symbol}" if places[-1].startswith("2") else symbol
                partial = True
            elif index not in at.scalars and kind < 0.12:
                places.append(f"{index} {self.pick('+-')} {self.random.randint(0, 3)}")
                partial = True
            else:
                places.append(index)
            dims.append(symbol)
        dims = tuple(dims) + rest
        options = ""
        masks = [v for v in at.pool if v.type == "bool" and v.dims == value.dims and value.dims and v.dims == tuple(indices)]
        if masks and self.chance(0.3):
            options, partial = f", mask={self.pick(masks).text}", True
        whole = any(isinstance(d, str) and d in "MNK" and not self.extent[d] for d in dims)
        temporary = not partial and self.chance(0.3) and not whole and all(isinstance(d, str) or d > 0 for d in dims)
        kind = "temporary" if temporary else "written" if partial else "result"
        array = self.add_array("R", value.type, dims, kind)
        if temporary:
            self.pending.append(array)
            array.wild = value.bound > 4
        where = f"{array.name}[{', '.join(places + [':'] * len(rest))}]"
        # A loop that does not move the places writes them again: only program order orders that.
        if self.chance(0.15) and all(n in indices for n in at.loops):
            token = self.name("k")
            at.statements.append(f"let {token} = store({where}, {text}{options}, after={self.after(at)})")
            at.tokens.append(token)
        elif options or self.chance(0.1):
            at.statements.append(f"store({where}, {text}{options})")
        else:
            at.statements.append(f"{where} = {text}")
        return True

    def update(self, at):
        """Reads and writes this iteration's own elements of an array, in program order or through tokens."""
        symbols = tuple(self.indices[s] for s in at.scalars + at.own)
        if not symbols or at.depth and self.sizefree:
            return False
        type = self.any_type()
        kind = self.pick(["assign", "plus", "read", "tokens"])
        # The first accesses through tokens are after nothing, not even what the iteration did to this array before.
        mine = [a for a in self.mine if a.type == type] if kind != "tokens" and self.chance(0.5) else []
        array = self.pick(mine) if mine else self.add_array("W", type, symbols, "written")
        if array not in self.mine:
            self.mine.append(array)
        where, type = f"{array.name}[{', '.join(at.scalars + at.own)}]", array.type
        change = {"bool": "not {}"}.get(type, "-{}" if type not in INTEGERS else f"{{}} * (3 as {type}) + (1 as {type})")
        dims = tuple(self.exact.get(i, i) for i in at.own)
        if kind == "assign":
            at.statements.append(f"{where} = {change.format(where)}")
        elif kind == "plus" and type in INTEGERS:
            at.statements.append(f"{where} {self.pick('+-*')}= {self.random.randint(1, 9)}")
        elif kind == "read":
            self.define(at, "v", where, type, dims, ANY)
        elif kind == "tokens" and not at.depth:
            a, t, u, b, w = (self.name(p) for p in "akkbk")
            at.statements.append(f"let ({a}, {t}) = load({where}, after=token())\nlet {u} = store({where}, {change.format(a)}, after={t})\n"
                                 f"let ({b}, {w}) = load({where}, after={self.pick([u, f'[{t}, {u}]', f'join({u}, {t})'])})")
            at.tokens += [t, u, w]
            at.pool.append(Value(b, type, dims, ANY))
        else:
            return False
        return True

    def chain_of_tokens(self, at):
        """Tokens around a loop, and through a helper."""
        symbols = tuple(self.indices[s] for s in at.scalars + at.own)
        if at.depth or not symbols:
            return False
        type = self.pick(INTEGERS)
        array = self.add_array("W", type, symbols, "written")
        where = ", ".join(at.scalars + at.own)
        token, n = self.name("k"), self.name("n")
        step = f"{token} = bump({array.name}, {where}, 3 as {type}, {token})" if len(symbols) == 1 else \
            f"let (o, u) = load({array.name}[{where}], after={token})\n  {token} = store({array.name}[{where}], o * (3 as {type}) + (1 as {type}), after=u)"
        more = f"\nif {self.random.randint(0, 4)} > {n}0 {{ {token} = join({token}, token()) }}" if self.chance(0.4) else ""
        at.statements.append(f"var {token} = token()\nlet {n}0 = {self.random.randint(0, 4)}\nfor {n} in range({n}0) {{\n  {step}\n}}{more}")
        at.tokens.append(token)
        dims = tuple(self.exact.get(i, i) for i in at.own)
        v, w = self.name("v"), self.name("k")
        at.statements[-1] += f"\nlet ({v}, {w}) = load({array.name}[{where}], after={token})"
        at.pool.append(Value(v, type, dims))
        return True

    # Atomics.

    def options(self, order=None):
        return (self.pick(ORDERS) if order is None else order) + self.pick(SCOPES)

    def shared_atomic(self, at):
        """What many iterations do to an array, in any order."""
        op = self.pick(["add", "add", "max", "min", "and", "or", "xor", "xchg", "cas"])
        types = ["i32", "u32", "i64", "u64"] + (["f32", "f64"] if op in ("max", "min") or op in ("add", "xchg") and not at.depth else [])
        type, symbol = self.pick(types), self.pick(["M", "N", "K", 4])
        if is_float(type) and op == "add" and self.signs or self.limit(symbol) == 0:
            return False
        tiles = [v for v in at.pool if v.type in INTEGERS and len(v.dims) <= 2]
        if not tiles:
            return False
        place = self.pick(tiles)
        # How often a value without the grid's dims is taken depends on the tiles' sizes.
        if self.sizefree and op in ("add", "xor") and not set(at.own) <= set(place.dims):
            return False
        array = self.add_array("X", type, (symbol,), "written")
        index = f"(({place.text} as i32) % ({symbol}))"
        values = [v for v in tiles if v.type == type and v.dims in ((), place.dims)]
        value = f"{self.random.randint(1, 9)}" if is_float(type) else self.pick([v.text for v in values] + [str(self.random.randint(1, 9))])
        mask = ""
        masks = [v.text for v in at.pool if v.type == "bool" and v.dims == place.dims]
        if masks and self.chance(0.5):
            mask = f", mask={self.pick(masks)}"
        if is_float(type):
            value = "1" if op == "add" else f"{value}.0"
        if op in ("cas", "xchg"):
            # All give the same, so it does not matter who comes first.
            value = "5, 7" if op == "cas" else "7"
        at.statements.append(f"atomic_{op}({array.name}[{index}], {value}{mask}{self.options()})")
        return True

    def own_atomic(self, at):
        """An atomic on this iteration's own elements, whose old values are known."""
        symbols = tuple(self.indices[s] for s in at.scalars + at.own)
        op = self.pick(["add", "max", "min", "and", "or", "xor", "xchg", "cas"])
        floats = {"add": ["f32", "f64", "f16", "bf16"]}.get(op, ["f32", "f64"] if op in ("max", "min", "xchg", "cas") else [])
        type = self.pick(["i32", "u32", "i64", "u64"] + floats)
        if not symbols or is_float(type) and (self.signs or at.depth):
            return False
        array = self.add_array("W", type, symbols, "written")
        dims = tuple(self.exact.get(i, i) for i in at.own)
        values = [v for v in at.pool if v.type == type and v.dims in ((), dims) and not (is_float(type) and v.bound > 16)]
        value = self.pick(values) if values else Value(f"(1 as {type})", type, (), 1)
        new = f"{value.text}, {self.pick(values).text if values else value.text}" if op == "cas" else value.text
        call = f"atomic_{op}({array.name}[{', '.join(at.scalars + at.own)}], {new}{self.options()}"
        if self.chance(0.3):
            old, token = self.name("v"), self.name("k")
            at.statements.append(f"let ({old}, {token}) = {call}, after={self.after(at)})")
            at.tokens.append(token)
        else:
            old = self.name("v")
            at.statements.append(f"let {old} = {call})")
        at.pool.append(Value(old, type, dims, 4 if is_float(type) else 0))
        return True

    def chain(self, number):
        """A grid whose iterations wait for the one before: a release after the data, an acquire before it is read."""
        r, symbol = f"r{number}", self.pick("MNK")
        type = self.pick(["i32", "u64", "f32", "i8"])
        data, flags = self.add_array("R", type, (symbol,), "result"), self.add_array("F", self.pick(["i32", "u64"]), (symbol,), "flag")
        self.indices[r] = symbol
        read = self.pick(["atomic_or", "atomic_add"])
        value = f"({r} * {self.random.randint(1, 9)}) as {type}" if type not in FLOATS else f"({r} % 7) as {type}"
        if self.chance(0.5):
            body = (f"var x = {value}\nif {r} > 0 {{\n  while {read}({flags.name}[{r} - 1], 0, order=acquire{self.pick(SCOPES)}) == 0 {{ }}\n"
                    f"  x = x + {data.name}[{r} - 1]\n}}\n{data.name}[{r}] = x\n"
                    f"atomic_{self.pick(['xchg', 'add', 'or'])}({flags.name}[{r}], 1, order={self.pick(['release', 'acq_rel'])}{self.pick(SCOPES)})")
        else:
            body = (f"var x = {value}\nif {r} > 0 {{\n  var go = 0 as {flags.type}\n  var t = token()\n  while go == 0 {{\n"
                    f"    let (g, u) = {read}({flags.name}[{r} - 1], 0, order=acquire, after=t)\n    go = g; t = u\n  }}\n"
                    f"  let (q, _) = load({data.name}[{r} - 1], after=t)\n  x = x + q\n}}\n"
                    f"let s = store({data.name}[{r}], x, after=token())\n"
                    f"atomic_xchg({flags.name}[{r}], 1, order=release, after=s)")
        return [f"for {r} in range({symbol}) {{", [body], "}"]
