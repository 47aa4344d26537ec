#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what no compiler looks at: no promises for later in the source, no paths of one machine, a banner with the
licence on every source file, no tabs or trailing blanks, and no dead link between the documents."""

import re
import sys

from source_tree import files, read, report, root_argument

CXX = {".cpp", ".h", ".c", ".td"}
SCRIPTS = {".py", ".sh", ".cmake"}
TEXT = CXX | SCRIPTS | {".tile", ".mlir", ".md", ".txt", ".in", ".json", ".test", ".yaml"}
SPDX = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"

# Spelled apart, so that this file passes its own check.
PROMISES = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/" + r"|\.\./" + r"shared\b")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")

# Files whose very subject is odd text: wrong programs may hold any byte.
FREE = ("test/errors/", "test/fuzz/")


def check_line(line, where):
    if PROMISES.search(line):
        yield f"{where}: a promise for later ({PROMISES.search(line).group()}); do it, or record a decision"
    if MACHINE.search(line):
        yield f"{where}: a path of one machine ({MACHINE.search(line).group()})"
    if line != line.rstrip():
        yield f"{where}: blanks at the end of the line"


def check_banner(path, lines):
    if path.suffix in CXX:
        # Headers that C programs include may use C's older comments.
        start = re.compile(r"/[/*]===-+ " + re.escape(path.name) + r" - .*===(//|\*/|-?)$")
        if not lines or not start.match(lines[0]):
            yield f"{path}:1: expected the banner '//===- {path.name} - what it is ---*- C++ -*-===//'"
    if path.suffix in CXX | SCRIPTS or path.as_posix() == "CMakeLists.txt":
        if not any(SPDX in line for line in lines[:6]):
            yield f"{path}:1: expected '{SPDX}' in the first six lines"
    if path.suffix in CXX and any("\t" in line for line in lines):
        yield f"{path}:1: tabs in the source"


def check_links(root, path, number, line):
    for target in LINK.findall(line):
        if "://" not in target and not target.startswith("mailto:") and not (root / path.parent / target).exists():
            yield f"{path}:{number}: the link to {target} leads nowhere"


def check(root):
    violations, count = [], 0
    for path in files(root, TEXT, names=("CMakeLists.txt", ".clang-tidy", ".clang-format", "run")):
        text = read(root, path)
        lines = text.splitlines()
        count += 1
        if path.as_posix().startswith(FREE):
            if path.suffix not in CXX | SCRIPTS:
                continue
        # Inputs of tests are what users would write, without our banner.
        if "Inputs" not in path.parts:
            violations += check_banner(path, lines)
        for number, line in enumerate(lines, 1):
            violations += check_line(line, f"{path}:{number}")
            if path.suffix == ".md":
                violations += check_links(root, path, number, line)
    if not count:
        violations.append("no file was found")
    return violations, f"text: {count} files are clean"


if __name__ == "__main__":
    sys.exit(report(*check(root_argument(__doc__))))
