#===- fuzz_reduce.py - findings made smaller -------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes a program with a finding smaller: statements are left out, and loops and branches replaced by what they hold."""

import re
import time

from fuzz_oracles import judge, signature


def places(statements, path=()):
    """The paths of all statements, outer and later ones first."""
    for number in reversed(range(len(statements))):
        yield path + (number,)
        if not isinstance(statements[number], str):
            for part, inner in enumerate(statements[number]):
                if isinstance(inner, list):
                    yield from places(inner, path + (number, part))


def without(statements, path, unwrap):
    """The statements less the one at a path, or with what it holds in its place; None where that changes nothing."""
    copy = list(statements)
    if len(path) > 1:
        inner = without(copy[path[0]][path[1]], path[2:], unwrap)
        if inner is None:
            return None
        copy[path[0]] = copy[path[0]][:path[1]] + [inner] + copy[path[0]][path[1] + 1:]
        return copy
    gone = copy[path[0]]
    if not unwrap:
        return copy[:path[0]] + copy[path[0] + 1:]
    if isinstance(gone, str):
        return None
    return copy[:path[0]] + [s for part in gone if isinstance(part, list) for s in part] + copy[path[0] + 1:]


def reads_undefined(program, body):
    """Whether a temporary is read that no statement writes any more."""
    text = program.source(body)
    return any(not re.search(rf"^\s*(\w+ \w+ = )?(store\()?{a.name}\[.*( = |, )", text, re.M)
               for a in program.used(text) if a.kind == "temporary")


def minimise(program, listed, trouble, directory, deadline):
    """Leaves out statements while the finding stays the same; returns (the statements, the finding)."""
    body, wanted = program.body, signature(trouble)
    # The way that showed the finding is enough, with the reference.
    alone = [way for way in listed[1:] if f", {way} " in trouble or trouble.startswith(f"{way}:")][:1]
    listed = listed[:1] + alone if alone else listed
    changed = True
    while changed and time.monotonic() < deadline:
        changed = False
        for path in list(places(body)):
            for unwrap in (False, True):
                try:
                    smaller = without(body, path, unwrap)
                except (IndexError, TypeError):
                    # An earlier step took away what this path leads through.
                    break
                if smaller is None or time.monotonic() > deadline or reads_undefined(program, smaller):
                    continue
                now = judge(program, listed, smaller, directory)
                if now and signature(now) == wanted:
                    body, changed, trouble = smaller, True, now
                    break
    return body, trouble
