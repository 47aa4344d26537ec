# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads the part of the IR's text that litmus tests are written in: one kernel, one operation a line.

The parser is a list of regular expressions and shares nothing with the compiler. What it does not know it refuses."""

import dataclasses
import re

VALUE = r"%[\w$.-]+(?:#\d+)?"


class LitmusError(Exception):
    """The text is not a litmus test: a line, and what is wrong with it."""


@dataclasses.dataclass
class Op:
    """One operation: its name, results, operands by role, and regions (lists of operations)."""

    name: str
    line: int
    results: list
    args: dict
    regions: list = dataclasses.field(default_factory=list)


def names(text):
    """The values in a list such as `%a, %b`."""
    return re.findall(VALUE, text or "")


def literal(text):
    """A constant: a number, a bool, or `dense<...>` of rank 1 (a list; a splat is spread by its type)."""
    match = re.fullmatch(r"dense<(.*)> : tensor<(\d+)x\w+>", text)
    if match:
        body, size = match.group(1), int(match.group(2))
        if body.startswith("["):
            return [scalar(item.strip()) for item in body[1:-1].split(",")]
        return [scalar(body)] * size
    return scalar(text.split(" : ")[0])


def scalar(text):
    """A number, or a bool as one."""
    words = {"true": 1, "false": 0}
    return words[text] if text in words else int(text)


# Spaces before brackets are as an author writes them or as the compiler prints them.
AFTER = rf"(?: after ?\((?P<after>{VALUE}(?:, {VALUE})*)\))?"
ORDER = r"(?: (?P<order>weak|relaxed|acquire|release|acq_rel)(?: (?P<scope>block|device|system))?)?(?: {.*?})?"
MASK = rf"(?: mask (?P<mask>{VALUE}) : [\w<>]+)?"
ARRAY = rf"(?P<array>{VALUE})\[(?P<subscripts>[^\]]*)\]"

# The operations without regions: name, pattern of what follows it.
PLAIN = {
    "arith.constant": r"(?P<literal>.*)",
    "tile.array": r"\(\)(?: \"(?P<label>\w+)\")? : memref<(?P<shape>[\dx]*x)i32>",
    "tile.range": rf"(?P<begin>{VALUE}) to (?P<end>{VALUE}) size (?P<size>{VALUE}) : .*",
    "tile.begin": rf"(?P<range>{VALUE}) : .*",
    "tile.shift": rf"(?P<range>{VALUE}) by (?P<by>{VALUE}) : .*",
    "tile.iota": rf"(?P<range>{VALUE}) : .*",
    "tile.full": rf"(?P<value>{VALUE})\((?P<ranges>{VALUE})\) : .*",
    "tile.token": r"",
    "tile.join": rf"(?P<tokens>{VALUE}(?:, {VALUE})*)",
    "tile.load": rf"{ARRAY}{MASK}(?: pad (?P<pad>{VALUE}) : \w+)?{AFTER}{ORDER} : .*",
    "tile.store": rf"(?P<value>{VALUE}), {ARRAY}{MASK}{AFTER}{ORDER} : .*",
    "tile.atomic_rmw": rf"(?P<kind>\w+) (?P<value>{VALUE}), {ARRAY}{MASK}{AFTER}{ORDER} : .*",
    "tile.atomic_cas": rf"(?P<expected>{VALUE}), (?P<value>{VALUE}), {ARRAY}{MASK}{AFTER}{ORDER} : .*",
    "tile.print": rf"\"(?P<format>[^\"]*)\" ?\((?P<values>[^:]*):.*",
    "arith.cmpi": rf"(?P<predicate>\w+), (?P<lhs>{VALUE}), (?P<rhs>{VALUE}) : .*",
    "arith.select": rf"(?P<condition>{VALUE}), (?P<lhs>{VALUE}), (?P<rhs>{VALUE}) : .*",
    "arith.index_cast": rf"(?P<value>{VALUE}) : .*",
    "tile.yield": r"(?:(?P<values>.*) : .*)?",
    "scf.yield": r"(?:(?P<values>.*) : .*)?",
    "scf.condition": rf"\((?P<condition>{VALUE})\)(?: (?P<values>.*) : .*)?",
    "tile.return": r"",
}
for _name in ("addi", "subi", "muli", "andi", "ori", "xori"):
    PLAIN[f"arith.{_name}"] = rf"(?P<lhs>{VALUE}), (?P<rhs>{VALUE}) : .*"

# The heads of operations with regions.
GRID_DIM = rf"({VALUE})(?: \"\w+\")? : (!tile\.range<\d+>|index) = ({VALUE}) to ({VALUE}) step ({VALUE})"
REGIONS = {
    "tile.grid": rf"\"(?P<label>[^\"]*)\" \((?P<dims>.*)\) entry (?P<entry>{VALUE}){AFTER} {{",
    "scf.if": rf"(?P<condition>{VALUE})(?: -> \(.*\))? {{",
    "scf.index_switch": rf"(?P<value>{VALUE})(?: -> .*)?",
    "scf.for": rf"(?P<index>{VALUE}) = (?P<lower>{VALUE}) to (?P<upper>{VALUE}) step (?P<step>{VALUE})"
               r"(?: iter_args\((?P<iter>[^)]*)\) -> \(.*\))? {",
    "scf.while": r"(?:\((?P<iter>[^)]*)\) )?: .* {",
}


class Parser:
    """Recursive descent over lines; `position` is the line to read next."""

    def __init__(self, text):
        self.lines = text.splitlines()
        self.position = 0

    def fail(self, why):
        raise LitmusError(f"line {self.position + 1}: {why}")

    def next(self):
        """The next line without comments and blanks, or None at the end; it stays the next one."""
        while self.position < len(self.lines):
            text = re.sub(r"\s*//.*", "", self.lines[self.position]).strip()
            if text:
                return text
            self.position += 1
        return None

    def kernel(self):
        """The one kernel of the text, in a module or not: its name, its array parameters with their shapes, its
        operations."""
        head = self.next()
        wrapped = head == "module {"
        if wrapped:
            self.position += 1
            head = self.next()
        match = re.fullmatch(r"tile\.kernel @(\w+)\((.*)\)(?: attributes {.*})? {", head or "")
        if not match:
            self.fail("expected a kernel")
        parameters = re.findall(rf"({VALUE}): memref<([\dx]*x)i32[^>]*>", match.group(2))
        self.position += 1
        body = self.block()
        if self.next() != "}":
            self.fail("expected the end of the kernel")
        self.position += 1
        if wrapped:
            self.close()
        if self.next() is not None:
            self.fail("expected one kernel and nothing else")
        return match.group(1), [(name, shape_of(shape)) for name, shape in parameters], body

    def block(self):
        """Operations up to a line that starts with `}`, which stays the next one."""
        ops = []
        while True:
            line = self.next()
            if line is None:
                self.fail("expected a closing brace")
            if line.startswith("}"):
                return ops
            ops.append(self.op(line))

    def close(self, text="}"):
        if self.next() != text:
            self.fail(f"expected '{text}'")
        self.position += 1

    def op(self, line):
        pattern = rf"(?:(?P<results>{VALUE}(?::\d+)?(?:, {VALUE})*) = )?(?P<name>\w+\.\w+)(?P<rest>.*)"
        match = re.fullmatch(pattern, line)
        if not match:
            self.fail(f"cannot read '{line}'")
        name, rest, number = match.group("name"), match.group("rest").strip(), self.position + 1
        results = []
        for result in re.split(r", ", match.group("results") or ""):
            if ":" in result:
                base, count = result.split(":")
                results += [f"{base}#{n}" for n in range(int(count))]
            elif result:
                results.append(result)
        pattern = PLAIN.get(name, REGIONS.get(name))
        if pattern is None:
            self.fail(f"'{name}' is not part of litmus tests")
        parts = re.fullmatch(pattern, rest)
        if not parts:
            self.fail(f"cannot read this '{name}'")
        op = Op(name, number, results, parts.groupdict())
        self.position += 1
        if name in REGIONS:
            getattr(self, "regions_of_" + name.split(".")[1])(op)
        return op

    def regions_of_grid(self, op):
        op.args["dims"] = re.findall(GRID_DIM, op.args["dims"])
        op.regions = [self.block()]
        self.close()

    def regions_of_index_switch(self, op):
        op.args["cases"] = []
        while True:
            line = self.next()
            match = re.fullmatch(r"(?:case (-?\d+)|(default)) {", line or "")
            if not match:
                self.fail("expected a case or the default of the switch")
            self.position += 1
            op.args["cases"].append(None if match.group(2) else int(match.group(1)))
            op.regions.append(self.block())
            self.close()
            if match.group(2):
                return

    def regions_of_for(self, op):
        op.regions = [self.block()]
        self.close()

    def regions_of_if(self, op):
        op.regions = [self.block()]
        if self.next() == "} else {":
            self.position += 1
            op.regions.append(self.block())
        self.close()

    def regions_of_while(self, op):
        op.regions = [self.block()]
        self.close("} do {")
        head = self.next()
        op.args["do"] = []
        if head and head.startswith("^"):
            op.args["do"] = names(head)
            self.position += 1
        op.regions.append(self.block())
        self.close()


def shape_of(text):
    """`2x3x` as (2, 3)."""
    return tuple(int(extent) for extent in text.split("x") if extent)


def parse(text):
    """The kernel of a litmus test: (name, parameters, operations)."""
    return Parser(text).kernel()
