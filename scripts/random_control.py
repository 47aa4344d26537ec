#===- random_control.py - random loops and branches ------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The part of random_program.py that makes statements: loops with carried variables, branches, calls of helpers, messages.

A statement is a text, or a list of texts and lists of statements in turn (`["if c {", [...], "} else {", [...], "}"]`), so
that whoever makes a program smaller can leave out what stands inside.
"""

from random_values import ANY, EXACT, INTEGERS, Value, is_float

HELPERS = {
    "both": "fn both(a, b) { return (a + b, max(a, b)) }",
    "convert": "fn convert(x, T) { return x as T }",
    "swapped": "fn swapped(t) { return (t.1, t.0) }",
    "repeated": "fn repeated(x, n) {\n  var y = x\n  for k in range(n) {\n    if k == 2 { break }\n    y = max(y, x)\n  }\n  return y\n}",
    "larger": "fn larger(a, b) {\n  let (_, m) = both(a, b)\n  return m\n}",
    "row": "fn row(X, i) { return X[i] }",
    "bump": "fn bump(C, i, T, t) {\n  let (o, u) = load(C[i], after=t)\n  return store(C[i], o * T + 1, after=u)\n}",
}


class Control:
    """A program's statements. Users have what random_values.py and random_memory.py ask for."""

    def statement(self, at):
        if self.chance(0.15):
            self.load(at)
        elif at.depth < 2 and self.chance(0.22):
            self.pick([self.loop, self.loop, self.branch])(at)
        elif self.chance(0.25):
            self.pick([self.update, self.own_atomic, self.shared_atomic, self.chain_of_tokens, self.message, self.check, self.one_tile,
                       lambda at: bool(at.depth) and self.store(at, self.pick(at.pool))])(at)
        else:
            kinds = [self.binary] * 5 + [self.convert] * 2 + [self.reduction] * 2 + [self.shape] * 4 + [self.product] * 2 + [self.function] * 3 + [
                self.unary, self.compare, self.select, self.scan, self.order, self.helper, self.custom, self.total, self.pair,
                self.average, self.fused, self.fused, self.bits, self.special, self.random_numbers, self.create, self.place]
            for _ in range(10):
                if self.pick(kinds)(at):
                    return

    # Variables.

    def assign(self, at, var, times):
        """Assigns to a variable something that meets it; returns its new bound."""
        for _ in range(20):
            value = self.pick(at.pool)
            done = self.convertible(value, var.type)
            if not done or self.meet(var.dims, value.dims) != var.dims:
                continue
            if var.type == "bool":
                at.statements.append(f"{var.text} = {var.text} {self.pick(['and', 'or'])} {done[0]}")
            elif not is_float(var.type):
                at.statements.append(self.pick([f"{var.text} = {var.text} {self.pick('+-*^&|')} {done[0]}", f"{var.text} {self.pick('+-*')}= {done[0]}"]))
            elif var.bound + times * done[1] <= EXACT[var.type]:
                at.statements.append(f"{var.text} {self.pick(['+=', '-='])} {done[0]}")
                return var.bound + times * done[1]
            else:
                at.statements.append(f"{var.text} = {self.pick(['max', 'min'])}({var.text}, {done[0]})")
                return max(var.bound, done[1])
            return 0
        at.statements.append(f"{var.text} = {var.text}")
        return var.bound

    def variable(self, at):
        value = self.pick(at.pool)
        var = Value(self.name("x"), value.type, value.dims, value.bound)
        at.statements.append(f"var {var.text} = {value.text}")
        return var

    def fill(self, inner, variables, times):
        """What is defined inside is not seen outside; the variables are not read inside but by their own updates."""
        for _ in range(self.random.randint(0, 2)):
            self.statement(inner)
        for var in variables:
            var.bound = self.assign(inner, var, times)

    # Control.

    def loop(self, at):
        variables = [self.variable(at) for _ in range(self.pick([1, 1, 2]))]
        inside, times, n = [], self.random.randint(0, 4), self.name("n")
        kind = self.pick(["range", "range", "while"] if self.sizefree else
                         ["range", "steps", "while", "tiles", "tiles", "pair", "part", "fixed", "exact", "endless"])
        inner, count, before = at.inner(inside), n, ""
        symbol = self.pick("MNK")
        if kind in ("tiles", "part", "fixed", "exact"):
            self.indices[n] = symbol
            times, count = max(1, self.extent[symbol]), f"{n}.id"
            size = self.pick([1, 2, 3, 4, 8, 16])
            if kind == "tiles":
                self.sizes[n] = size
                head = f"for {n} in tiles({symbol})"
            elif kind == "part":
                self.sizes[n] = size
                head = f"for {n} in tiles({self.part(symbol)})"
            elif kind == "fixed":
                head = f"for {n} in tiles({symbol}, size={size})"
            else:
                self.exact[n] = self.divisor(symbol)
                head = f"for {n} in tiles({symbol}, size={self.exact[n]}, exact=true)"
            inner = at.inner(inside, n)
        elif kind == "pair":
            # Two indices, the last one fastest.
            one, symbols = self.name("n"), [self.pick("MNK"), self.pick("MNK")]
            self.indices.update({one: symbols[0], n: symbols[1]})
            self.sizes.update({one: self.pick([2, 4, 8]), n: self.pick([4, 8, 16])})
            head, times = f"for {one}, {n} in tiles({', '.join(symbols)})", max(1, self.extent[symbols[0]] * self.extent[symbols[1]])
            inner, count = at.inner(inside, one).inner(inside, n), f"{n}.id"
            inner.depth = at.depth + 1
        elif kind in ("while", "endless"):
            before = f"var {n} = 0\n"
            head, count = (f"while {n} < {times} {{\n  {n} += 1" if kind == "while" else f"while true {{\n  {n} += 1\n  if {n} > {times} {{ break }}"), n
            times += 1
        else:
            head = f"for {n} in " + (f"range({times})" if kind == "range" else self.pick([f"range({2 * times}, 0, -2)", f"range(1, {times} + 1)",
                                                                                         f"range(-{times}, {times}, 3)"]))
            inner.pool.append(Value(n, "i32", ()))
        if self.chance(0.3):
            condition = f"{count} {self.pick(['== 1', '> 1', '% 2 == 1', '!= 2'])}"
            inside.append(f"if {condition} {{ {self.pick(['break', 'continue'])} }}")
        if self.chance(0.7):
            self.load(inner)
        self.fill(inner, variables, times)
        at.statements.append([before + head + ("" if "{" in head else " {"), inside, "}"])
        at.pool += variables

    def branch(self, at):
        variables = [self.variable(at) for _ in range(self.pick([1, 1, 2]))]
        conditions = [v.text for v in at.pool if v.type == "bool" and not v.dims]
        conditions += [f"{r} > 1" for r in at.scalars] + [f"{self.pick('MNK')} > {self.random.randint(0, 20)}"]
        if not self.sizefree:
            conditions += [f"{i}.id % 2 == 0" for i in at.indices]
        condition = self.pick(conditions)
        if self.chance(0.2):
            condition = f"{self.pick(['', 'not '])}({condition} {self.pick(['and', 'or'])} {self.pick(conditions)})"
        one, two = at.inner([], looping=False), at.inner([], looping=False)
        one.loops = two.loops = list(at.loops)
        bounds = [v.bound for v in variables]
        self.fill(one, variables, 1)
        after = [v.bound for v in variables]
        statement = [f"if {condition} {{", one.statements]
        if self.chance(0.6):
            for var, bound in zip(variables, bounds):
                var.bound = bound
            self.fill(two, variables, 1)
            statement += [self.pick(["} else {", "} else {", f"}} else if {self.pick(conditions)} {{"]), two.statements]
        for var, *others in zip(variables, bounds, after):
            var.bound = max(var.bound, *others)
        at.statements.append(statement + ["}"])
        at.pool += variables

    def one_tile(self, at):
        """The index of one tile that starts anywhere."""
        if self.sizefree or at.depth > 1:
            return False
        symbol, index = self.pick("MNK"), self.name("n")
        begin = self.random.randint(0, self.extent[symbol])
        self.indices[index] = symbol
        at.statements.append(f"let {index} = tile({begin}..{symbol}, size={self.pick([1, 2, 3, 4, 8])})")
        at.indices.append(index)
        return True

    def helper(self, at):
        name = self.pick(["both", "both", "convert", "swapped", "repeated", "larger"])
        if name == "convert":
            value, type = self.pick(at.pool), self.any_type()
            done = self.convertible(value, type)
            if done and done[0].startswith("("):
                self.define(at, "g", f"convert({value.text if value.type not in INTEGERS or not is_float(type) else f'{value.text} % 5'}, {type})",
                            type, value.dims, done[1])
                return True
            return False
        if name == "repeated":
            value = self.pick(at.pool)
            if value.type == "bool":
                return False
            self.define(at, "g", f"repeated({value.text}, {self.random.randint(0, 4)})", value.type, value.dims, value.bound)
            return True
        pair = self.two(at)
        if not pair:
            return False
        a, b, type, dims, x, y = pair
        if name == "swapped":
            one, two = self.pick(at.pool), self.pick(at.pool)
            names = self.name("g"), self.name("g")
            at.statements.append(f"let ({names[0]}, {names[1]}) = swapped(({one.text}, {two.text}))")
            at.pool += [Value(names[0], two.type, two.dims, two.bound), Value(names[1], one.type, one.dims, one.bound)]
            return True
        if type == "bool" or is_float(type) and x + y > EXACT[type]:
            return False
        if name == "larger":
            self.define(at, "g", f"larger({a}, {b})", type, dims, max(x, y))
            return True
        one, two = self.name("g"), self.name("g")
        at.statements.append(f"let ({one}, {two}) = both({a}, {b})")
        at.pool += [Value(one, type, dims, x + y), Value(two, type, dims, max(x, y))]
        return True

    # Messages.

    def message(self, at):
        """A print of one iteration, so that the order of iterations does not show."""
        values = [v for v in at.pool if self.volume(v.dims) <= 300]
        if self.sizefree or at.depth or not values or not at.first:
            return False
        values = self.random.sample(values, min(len(values), self.random.randint(1, 2)))
        holes = self.pick([" ", ", "]).join("{}" for _ in values)
        at.statements.append(f'if {at.first} {{ print("{self.name("m")} {holes}", {", ".join(v.text for v in values)}) }}')
        return True

    def check(self, at):
        value = self.pick(at.pool)
        if is_float(value.type):
            condition = f"{value.text} == {value.text} or isnan({value.text})"
        elif value.type == "bool":
            condition = f"{value.text} or not {value.text}"
        else:
            condition = f"{value.text} | 1 != 0"
        at.statements.append(f'assert({condition}, "holds for {value.text}")')
        return True
