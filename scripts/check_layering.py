#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that every component includes only what docs/layering.txt allows.

A component is a folder under lib/ (with its headers under include/tilec/), dialects/, tools/, or a top-level folder
such as test. A line of docs/layering.txt reads `component: component ...`; the words `mlir` and `llvm` stand for the
headers of those projects (mlir brings llvm), and `*` for everything. What is not listed is forbidden, a component
that has no line is an error, and so is a cycle."""

import re
import sys

from source_tree import files, read, report, root_argument

RULES = "docs/layering.txt"
SUFFIXES = {".h", ".cpp", ".c", ".td"}
INCLUDE = re.compile(r'^\s*(?:#\s*include|include)\s+(["<])([^">]+)[">]')
EXTERNAL = {"mlir": "mlir", "mlir-c": "mlir", "llvm": "llvm", "llvm-c": "llvm", "lld": "llvm", "clang": "llvm"}


def parse_rules(text):
    """Returns the rules as {component: set of what it may include} and the violations found in the text itself."""
    rules, problems = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, colon, allowed = line.partition(":")
        name = name.strip()
        if not colon or not name:
            problems.append(f"{RULES}:{number}: expected 'component: component ...'")
        elif name in rules:
            problems.append(f"{RULES}:{number}: second line for {name}")
        else:
            rules[name] = set(allowed.split())
    known = set(rules) | {"mlir", "llvm", "*"}
    for name, allowed in rules.items():
        problems += [f"{RULES}: {name} lists {other}, which has no line" for other in sorted(allowed - known)]
    return rules, problems + cycles(rules)


def cycles(rules):
    """One violation for each component that reaches itself; components that may use everything are leaves of no one."""
    problems = []
    for start in rules:
        seen, stack = set(), [other for other in rules[start] if other in rules]
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                stack += [other for other in rules[name] if other in rules]
        if start in seen:
            problems.append(f"{RULES}: {start} depends on itself through others")
    return problems


def component(path, rules):
    """The component that a path of the source tree belongs to: the longest one listed, or else the folder's own name
    (which then has no rule). None for files that belong to none, such as cmake/Pch.h."""
    parts = path.parts
    if parts[:2] == ("include", "tilec"):
        parts = ("lib",) + parts[2:]
    elif parts[:1] == ("include",) and len(parts) > 2:
        # The C API in include/tilec-c is the driver's.
        parts = ("lib", "Driver") + parts[2:]
    folders = parts[:-1]
    for length in range(len(folders), 0, -1):
        name = "/".join(folders[:length])
        if name in rules:
            return name
    if folders and folders[0] in ("lib", "dialects", "tools") and len(folders) > 1:
        return "/".join(folders[:2])
    return None if not folders or folders[0] == "cmake" else folders[0]


def included(spelled, source, root, rules):
    """The component, or external project, whose header the include names; None for the system's and the own folder's."""
    first = spelled.split("/")[0]
    if first in ("tilec", "tilec-c"):
        return component(type(source)("include", spelled), rules)
    if first in ("dialects", "lib", "tools", "autotune"):
        return component(type(source)(spelled), rules)
    if first in EXTERNAL:
        return EXTERNAL[first]
    target = (root / source.parent / spelled).resolve()
    if target.is_file() and target.is_relative_to(root.resolve()):
        return component(target.relative_to(root.resolve()), rules)
    return None


def allows(allowed, other):
    return "*" in allowed or other in allowed or (other == "llvm" and "mlir" in allowed)


def check(root):
    if not (root / RULES).is_file():
        return [f"{RULES} is missing"], 0
    rules, violations = parse_rules(read(root, RULES))
    count = 0
    for path in files(root, SUFFIXES):
        user = component(path, rules)
        if user is None:
            continue
        if user not in rules:
            violations.append(f"{path}:1: {user} has no line in {RULES}")
            continue
        count += 1
        for number, line in enumerate(read(root, path).splitlines(), 1):
            match = INCLUDE.match(line)
            used = match and included(match.group(2), path, root, rules)
            if used and used != user and not allows(rules[user], used):
                violations.append(f"{path}:{number}: {user} may not include {used} ({match.group(2)})")
    return violations, count


def main():
    violations, count = check(root_argument(__doc__))
    if not violations and not count:
        violations = ["no source file was found"]
    return report(violations, f"layering: {count} files keep to {RULES}")


if __name__ == "__main__":
    sys.exit(main())
