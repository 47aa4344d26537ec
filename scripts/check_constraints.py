#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Follows the numbered constraints of operations and attributes: each `(C2)` in the description of `tile.load` must
be checked, by a trait or in a verifier, beside a comment that says `load_c2`, and must have a test of wrong IR in a
function `@load_c2` (or `@load_c2_more_words`). A label without a constraint is an error too. A class of operations,
such as `Tile_AccessOp`, gives its own constraints the class's name: `access_c1`."""

import re
import sys

from source_tree import files, read, report, root_argument

DEFINITION = re.compile(r"^(def|class) [A-Z]\w*?_(\w+)(?:Op|Attr)\b", re.MULTILINE)
MNEMONIC = re.compile(r'<"([a-z0-9_]+)"')
NUMBER = re.compile(r"\(C(\d+)\)")
LABEL = re.compile(r"\b([a-z0-9_]+_c\d+)\b")
TESTED = re.compile(r"@([a-z0-9_]+?_c\d+)(?:_\w+)?\b")


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def constraints(text):
    """Yields (label, line) for every constraint that a .td file's descriptions number."""
    starts = list(DEFINITION.finditer(text))
    for start, end in zip(starts, starts[1:] + [None]):
        body = text[start.start() : end.start() if end else len(text)]
        mnemonic = MNEMONIC.search(body.split("{")[0])
        name = mnemonic.group(1) if start.group(1) == "def" and mnemonic else snake(start.group(2))
        for number in NUMBER.finditer(body):
            line = text.count("\n", 0, start.start() + number.start()) + 1
            yield f"{name}_c{number.group(1)}", line


def check(root):
    stated, checked, tested = {}, {}, set()
    for path in files(root, {".td", ".cpp", ".mlir"}):
        text = read(root, path)
        if path.parts[0] == "dialects" and path.suffix == ".td":
            stated.update((label, f"{path}:{line}") for label, line in constraints(text))
        if path.parts[0] == "dialects":
            for number, line in enumerate(text.splitlines(), 1):
                for label in LABEL.findall(line):
                    checked.setdefault(label, f"{path}:{number}")
        if path.parts[:2] == ("test", "dialects"):
            tested.update(TESTED.findall(text))
    violations = []
    for label, place in stated.items():
        if label not in checked:
            violations.append(f"{place}: no trait or verifier mentions {label}")
        if label not in tested:
            violations.append(f"{place}: no test is named @{label}")
    violations += [f"{place}: {label} is no constraint" for label, place in checked.items() if label not in stated]
    if not stated:
        violations.append("no constraint was found")
    return violations, f"constraints: {len(stated)} are stated, checked and tested"


if __name__ == "__main__":
    sys.exit(report(*check(root_argument(__doc__))))
