#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the layout algebra with tensor-layouts (PyPI), an independent implementation of CuTe's algebra, on random
layouts of integers. Not part of the tests, since it needs a package that nothing else does:

    python3 -m venv build/compare-venv
    build/compare-venv/bin/pip install -r scripts/requirements-compare.txt
    build/compare-venv/bin/python scripts/compare_tensor_layouts.py [--tool build/bin/tile-layout] [--count N] [--seed N]

Every operation is tried on N random inputs (10,000), until N were compared. Results agree if they are the same
function. Where they do not, or only one library has a result, both are checked by enumeration against the definition,
and the difference is listed under one of a few reasons. A difference without a reason is an error (exit status 1)."""

import argparse
import collections
import pathlib
import random
import re
import subprocess
import sys

import tensor_layouts as tl

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Tool:
    """tile-layout --batch: a line in, a line out."""

    def __init__(self, path):
        self.process = subprocess.Popen([path, "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, *fields):
        """The result's text, or None where the operation is undefined."""
        self.process.stdin.write(" | ".join(fields) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline().rstrip("\n")
        return None if line.startswith("error: ") else line


# Layouts as (shape, stride), nested tuples of integers, as both libraries print them.


def text(layout):
    shape, stride = layout
    return f"{spell(shape)}:{spell(stride)}"


def spell(part):
    return str(part) if isinstance(part, int) else "(" + ",".join(spell(p) for p in part) + ")"


def read(line):
    shape, stride = line.split(":")
    return read_tuple(shape), read_tuple(stride)


def read_tuple(part):
    if not re.fullmatch(r"[-0-9,() ]*", part):
        raise ValueError(part)
    # Python's tuples of one element need a comma.
    value = eval(re.sub(r"(\([^(),]*|\))\)", r"\1,)", part))  # digits, commas and parentheses alone
    return value


def of_theirs(layout):
    return layout.shape, layout.stride


def leaves(part):
    return [part] if isinstance(part, int) else [leaf for p in part for leaf in leaves(p)]


def size(shape):
    total = 1
    for leaf in leaves(shape):
        total *= leaf
    return total


def value(layout, index):
    """The value at an index; the last leaf is unbounded."""
    shape, stride = leaves(layout[0]), leaves(layout[1])
    total = 0
    for i, (s, d) in enumerate(zip(shape, stride)):
        digit = index % s if i + 1 < len(shape) else index
        index //= s
        total += digit * d
    return total


def table(layout):
    return [value(layout, i) for i in range(size(layout[0]))]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def nest(self, flat):
        """The leaves, some of them grouped."""
        if len(flat) == 1:
            return flat[0] if self.random.random() < 0.8 else (flat[0],)
        parts, rest = [], list(flat)
        while rest:
            count = 1 if self.random.random() < 0.6 else self.random.randint(1, len(rest))
            parts.append(rest[0] if count == 1 else tuple(rest[:count]))
            rest = rest[count:]
        return tuple(parts)

    def regroup(self, part, flat):
        """`flat` nested as `part`."""
        if isinstance(part, int):
            return flat.pop(0)
        return tuple(self.regroup(p, flat) for p in part)

    def sizes(self, limit):
        result, total = [], 1
        for _ in range(self.random.randint(1, 4)):
            s = self.random.choice([1, 2, 2, 3, 4, 4, 5, 6, 8])
            if total * s > limit:
                s = 1
            total *= s
            result.append(s)
        return result

    def layout(self, limit=48):
        flat = self.sizes(limit)
        order = list(range(len(flat)))
        self.random.shuffle(order)
        strides, end = [0] * len(flat), 1
        for i in order:
            choice = self.random.random()
            if choice < 0.08:
                continue
            if choice < 0.2:
                end *= self.random.randint(1, 3)
            strides[i] = end if self.random.random() < 0.9 else self.random.randint(0, 12)
            end *= flat[i]
        shape = self.nest(flat)
        return shape, self.regroup(shape, list(strides))

    def tile(self, extent):
        """A layout of indices below `extent`, most of the time."""
        flat, strides, step, rest = [], [], 1, extent
        for _ in range(self.random.randint(1, 3)):
            if self.random.random() < 0.4:
                gap = self.divisor(rest)
                step, rest = step * gap, rest // gap
            s = self.divisor(rest)
            flat.append(s)
            strides.append(step if self.random.random() < 0.95 else step + 1)
            step, rest = step * s, rest // s
        shape = self.nest(flat)
        return shape, self.regroup(shape, strides)

    def divisor(self, n):
        return self.random.choice([d for d in range(1, n + 1) if n % d == 0])


# What the results must be, by enumeration.


def is_composition(r, a, b):
    return size(r[0]) == size(b[0]) and all(value(r, i) == value(a, value(b, i)) for i in range(size(b[0])))


def is_complement(r, a, extent):
    """Ordered, and disjoint from A."""
    rest, image = table(r), sorted(set(table(a)))
    sums = {x + y for x in image for y in rest}
    return all(x < y for x, y in zip(rest, rest[1:])) and len(sums) == len(image) * len(rest)


def is_right_inverse(r, a):
    return all(value(a, value(r, i)) == i for i in range(size(r[0])))


def is_left_inverse(r, a):
    return all(value(a, value(r, v)) == v for v in table(a))


def is_nullspace(r, a):
    return all(value(a, i) == 0 for i in table(r)) and len(set(table(r))) == size(r[0])


def is_division(r, a, b):
    """Mode 0 is the tile."""
    return size(mode(r, 0)[0]) == size(b[0]) and all(
        value(mode(r, 0), i) == value(a, value(b, i)) for i in range(size(b[0])))


def mode(layout, i):
    return layout[0][i], layout[1][i]


def is_product(r, a, b):
    """Mode 0 is A; copies lie at distinct places for distinct values of B, and do not overlap."""
    block, grid = sorted(set(table(mode(r, 0)))), dict(zip(table(b), table(mode(r, 1))))
    sums = {x + y for x in block for y in set(grid.values())}
    return table(mode(r, 0)) == table(a) and len(sums) == len(block) * len(grid)


# Why this library has no result where the other has one that is not wrong.


def overlaps(layout):
    """Whether a mode begins before those of smaller strides end."""
    end = 1
    for d, s in sorted(zip(leaves(layout[1]), leaves(layout[0]))):
        if d and s > 1:
            if d < end:
                return True
            end = d * s
    return False


def outside(a, theirs):
    """CuTe defines complements and inverses for layouts whose modes do not overlap."""
    return "undefined here: modes overlap" if overlaps(a) else None


def unchained(a, theirs):
    """CuTe defines left inverses for strides of which each divides the next larger one."""
    steps = sorted(d for s, d in zip(leaves(a[0]), leaves(a[1])) if d and s > 1)
    if any(y % x for x, y in zip(steps, steps[1:])):
        return "undefined here: strides do not divide each other"
    return outside(a, theirs)


def overhanging(a, b, theirs):
    if overlaps(b):
        return "undefined here: modes of the tile overlap"
    # What A is beyond its domain: theirs goes on with the last mode that has more than one element, CuTe with the last.
    reach = max(table(b)) + max(table(of_theirs(tl.complement(tl.Layout(*b), size(a[0])))))
    return "undefined here: the tiles reach beyond A" if reach >= size(a[0]) else None


def by_cosize(a, b, theirs):
    """Their blocked product puts copies at multiples of A's cosize, CuTe's into the gaps of A as in a logical product."""
    reason = "undefined here, as the logical product; theirs follows another rule"
    try:
        product = of_theirs(tl.logical_product(tl.Layout(*a), tl.Layout(*b)))
    except (ValueError, AssertionError, ZeroDivisionError):
        return reason
    return outside(a, theirs) or (None if is_product(product, a, b) else reason)


def rounded(a, n, theirs):
    for s, d in zip(leaves(a[0]), leaves(a[1])):
        if d and not (d % n == 0 or (n % d == 0 and (s % (n // d) == 0 or (n // d) % s == 0))):
            return "undefined here: sizes or strides do not divide; theirs rounds up"
    return None


class Comparison:
    def __init__(self, name, count, make, ours, theirs, valid, same=None, excuse=None):
        self.name, self.count, self.make, self.ours, self.theirs = name, count, make, ours, theirs
        self.valid, self.same = valid, same or (lambda x, y: table(x) == table(y))
        self.excuse = excuse or (lambda *_: None)
        self.reasons, self.unexplained = collections.Counter(), []

    def run(self, tool, generator):
        compared = tries = 0
        while compared < self.count and tries < 20 * self.count:
            tries += 1
            inputs = self.make(generator)
            line = self.ours(tool, *inputs)
            try:
                theirs = self.theirs(*inputs)
            except (ValueError, AssertionError, ZeroDivisionError, IndexError, TypeError):
                theirs = None
            if line is None and theirs is None:
                continue
            compared += 1
            ours = None if line is None else (read(line) if ":" in line else int(line))
            self.judge(inputs, ours, theirs)
        return compared

    def judge(self, inputs, ours, theirs):
        if ours is not None and theirs is not None and self.same(ours, theirs):
            self.reasons["the same"] += 1
            return
        ours_valid = ours is not None and self.valid(ours, *inputs)
        theirs_valid = theirs is not None and self.valid(theirs, *inputs)
        if ours is not None and not ours_valid:
            self.unexplained.append((inputs, ours, theirs, "ours contradicts the definition"))
        elif ours is None and theirs_valid and self.excuse(*inputs, theirs):
            self.reasons[self.excuse(*inputs, theirs)] += 1
        elif ours is None and theirs_valid:
            self.unexplained.append((inputs, ours, theirs, "only theirs has a result, and it is right"))
        elif ours is None:
            self.reasons["undefined here; theirs contradicts the definition"] += 1
        elif theirs is None:
            self.reasons["defined here alone, and right"] += 1
        elif not theirs_valid:
            self.reasons["theirs contradicts the definition"] += 1
        else:
            self.reasons["both are right"] += 1


def layouts_of(*parts):
    return [tl.Layout(*part) for part in parts]


def comparisons(count):
    one = lambda g: (g.layout(),)
    two = lambda g: (lambda a: (a, g.tile(size(a[0]))))(g.layout())
    blocks = lambda g: (g.layout(12), g.tile(g.random.randint(1, 12)))
    L = lambda part: tl.Layout(*part)

    def unary(name, operation, valid, excuse=None):
        return Comparison(name, count, one, lambda tool, a: tool(name, text(a)),
                          lambda a: of_theirs(operation(L(a))), valid, excuse=excuse)

    def binary(name, operation, valid, make=two, excuse=None):
        return Comparison(name, count, make, lambda tool, a, b: tool(name, text(a), text(b)),
                          lambda a, b: of_theirs(operation(L(a), L(b))), valid, excuse=excuse)

    # Tiles for the modes one by one: the variants of division.
    def by_mode(g):
        while True:
            a = g.layout()
            if not isinstance(a[0], int):
                return a, tuple(g.divisor(size(m)) for m in a[0])

    def tiler(tool, name, a, tile):
        return tool(name, text(a), "<" + ",".join(f"{t}:1" for t in tile) + ">")

    def variant(name, operation):
        return Comparison(name, count, by_mode, lambda tool, a, t: tiler(tool, name, a, t),
                          lambda a, t: of_theirs(operation(L(a), tuple(tl.Layout(n, 1) for n in t))),
                          lambda r, a, t: sorted(table(r)) == sorted(table(a)))

    def swizzled(g):
        bits = g.random.randint(0, 3)
        return (bits, g.random.randint(0, 2), bits + g.random.randint(0, 2)), g.layout(), g.random.randint(0, 47)

    return [
        unary("coalesce", tl.coalesce, lambda r, a: table(r) == table(a)),
        unary("flatten", tl.flatten, lambda r, a: table(r) == table(a)),
        binary("compose", tl.compose, is_composition),
        Comparison("complement", count, lambda g: (g.layout(24), g.random.randint(1, 64)),
                   lambda tool, a, n: tool("complement", text(a), str(n)),
                   lambda a, n: of_theirs(tl.complement(L(a), n)), is_complement,
                   excuse=lambda a, n, theirs: outside(a, theirs)),
        unary("right-inverse", tl.right_inverse, is_right_inverse),
        unary("left-inverse", tl.left_inverse, is_left_inverse, unchained),
        unary("nullspace", tl.nullspace, is_nullspace),
        Comparison("max-common-vector", count, lambda g: (lambda a: (a, a if g.random.random() < 0.5 else g.layout()))(g.layout()),
                   lambda tool, a, b: tool("max-common-vector", text(a), text(b)),
                   lambda a, b: tl.max_common_vector(L(a), L(b)),
                   # A common vector: some indices have the values 0 to n - 1 in both.
                   lambda n, a, b: n == 0 or any_common(n, a, b), lambda x, y: x == y),
        binary("logical-divide", tl.logical_divide, is_division, excuse=overhanging),
        variant("logical-divide", tl.logical_divide),
        variant("zipped-divide", tl.zipped_divide),
        variant("tiled-divide", tl.tiled_divide),
        variant("flat-divide", tl.flat_divide),
        binary("logical-product", tl.logical_product, is_product, blocks, lambda a, b, t: outside(a, t)),
        binary("blocked-product", tl.blocked_product, covers, blocks, by_cosize),
        binary("raked-product", tl.raked_product, covers, blocks, lambda a, b, t: outside(a, t)),
        Comparison("upcast", count, lambda g: (g.layout(), g.random.choice([2, 4, 8])),
                   lambda tool, a, n: tool("upcast", text(a), str(n)), lambda a, n: of_theirs(tl.upcast(L(a), n)), is_upcast,
                   excuse=rounded),
        Comparison("downcast", count, lambda g: (g.layout(), g.random.choice([2, 4, 8])),
                   lambda tool, a, n: tool("downcast", text(a), str(n)),
                   lambda a, n: of_theirs(tl.downcast(L(a), n)), lambda r, a, n: True),
        Comparison("cosize", count, one, lambda tool, a: tool("cosize", text(a)), lambda a: tl.cosize(L(a)),
                   lambda n, a: n == max(table(a)) + 1, lambda x, y: x == y),
        Comparison("at, swizzled", count, swizzled,
                   lambda tool, s, a, i: tool("at", "Sw<%d,%d,%d> o 0 o %s" % (*s, text(a)), str(i % size(a[0]))),
                   lambda s, a, i: tl.Swizzle(*s)(L(a)(i % size(a[0]))), lambda r, s, a, i: True, lambda x, y: x == y),
    ]


def any_common(n, a, b):
    x = {v: i for i, v in reversed(list(enumerate(table(a))))}
    pairs = collections.defaultdict(set)
    for i, v in enumerate(table(a)):
        pairs[v].add(i)
    others = collections.defaultdict(set)
    for i, v in enumerate(table(b)):
        others[v].add(i)
    return all(pairs[v] & others[v] for v in range(n)) and 0 in x


def covers(r, a, b):
    """Copies of A's image, as many as B has values, that do not overlap: as many distinct values."""
    block, count = len(set(table(a))), len(set(table(b)))
    return len(set(table(r))) == block * count and size(r[0]) == size(a[0]) * size(b[0])


def is_upcast(r, a, n):
    """The large elements are those that the small ones lie in."""
    return {v // n for v in table(a)} == set(table(r))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=ROOT / "build" / "bin" / "tile-layout")
    parser.add_argument("--count", type=int, default=10000, help="inputs compared per operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operation", help="this operation alone")
    options = parser.parse_args()
    tool, failed = Tool(options.tool), False
    for comparison in comparisons(options.count):
        if options.operation not in (None, comparison.name):
            continue
        compared = comparison.run(tool, Generator(options.seed))
        reasons = "; ".join(f"{n} {reason}" for reason, n in comparison.reasons.most_common())
        print(f"{comparison.name}: {compared} compared: {reasons}; {len(comparison.unexplained)} unexplained", flush=True)
        for inputs, ours, theirs, reason in comparison.unexplained[:5]:
            print(f"  {inputs}: ours {ours}, theirs {theirs}: {reason}")
        failed = failed or comparison.unexplained or compared < options.count
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
