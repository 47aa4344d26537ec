#===- fuzz_coverage.py - what random programs are made of ------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the builtins and the constructs of the language in the text of programs."""

import re
from collections import Counter

from random_values import TYPES

CONSTRUCTS = {
    "grid over tiles": r"^  for \w+ in tiles|^  for \w+, ", "grid over a range": r"^  for \w+ in range\(", "grid that counts down": r"^  for \w+ in range\(.*, -\d\)",
    "grid in an if": r"^    for \w+.* in ", "two grids": r"(?s)^  for .*^  for ", "chain of iterations": r"while atomic_|while go == 0",
    "loop over tiles": r"^    +for \w+ in tiles", "loop over two indices": r"^    +for \w+, \w+ in tiles", "loop over a range": r"^    +for \w+ in range\(",
    "while": r"^ +while ", "if": r"^ +if ", "else": r"} else {", "else if": r"} else if ", "break": r"\bbreak\b", "continue": r"\bcontinue\b",
    "var": r"^ +var ", "update (+=)": r" [-+*]= ", "size=": r"tiles\(.*size=", "exact=true": r"exact=true", "tiles(lo..hi)": r"tiles\([^)\n]*\.\.",
    "window": r"\[[^]]*\b[mnk]\d+ [-+] [(\d]", "gather": r"% \(\w+\)\)", "scatter": r"^ +\w+\[[^=]*\.index[^=]*\] = ", "mask=": r"mask=", "pad=": r"pad=",
    "index member": r"\.(begin|end|size|id|count)\b", "index.index": r"\.index\b", "whole dim": r"\[[^]]*:", "None subscript": r"\bNone\b", ".T": r"\.T\b",
    "@": r" @ ", "**": r"\*\*", "//": r" // ", "shift": r"<<|>>", "as": r" as ", "not": r"\bnot ", "lambda": r"=>", "lambda of tuples": r"l\.0",
    "tuple pattern": r"let \(", "after=": r"after=", "carried token": r"^ +var k\d+ = token\(\)", "order=": r"order=", "scope=": r"scope=",
    "temporary": r"= array\(", "tune": r"^ +tune ", "@config": r"^@config", "fn": r"^fn ", "type parameter": r"<T: ", "const parameter": r"const z\d", "scalar parameter": r"[(,] ?z\d+: ",
    "inout": r"\binout ", "strided": r"\bstrided ", "dim expression": r"\[[^]]*(2\*M|N\+1)", "nan or inf": r"\b(nan|inf)\b",
    **{f"type {t}": rf"\b{t}\[" for t in TYPES},
}


def coverage(sources):
    """(counts by builtin, counts by construct): in how many programs each one stands."""
    calls, constructs = Counter(), Counter({name: 0 for name in CONSTRUCTS})
    for source in sources:
        calls.update(set(re.findall(r"\b([a-z_0-9]+)\(", source)))
        constructs.update(name for name, pattern in CONSTRUCTS.items() if re.search(pattern, source, re.M))
    return calls, constructs


def print_coverage(sources):
    sources = list(sources)
    calls, constructs = coverage(sources)
    print(f"of {len(sources)} programs, so many have")
    for title, counts in (("functions", calls), ("constructs", constructs)):
        print(f"{title}:")
        for name, count in sorted(counts.items()):
            print(f"  {count:6} {name}")
    return 0
