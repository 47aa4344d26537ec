#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the sizes that keep the source readable: no file over 800 lines (.td: 500), and over all .cpp files of the
compiler (tests apart) a median of at most 250 and a 90th percentile of at most 600 lines."""

import sys

from source_tree import files, read, report, root_argument

CAPS = {".cpp": 800, ".h": 800, ".c": 800, ".py": 800, ".td": 500}
MEDIAN, NINETIETH = 250, 600
# Below this many files a percentile says nothing.
ENOUGH = 10


def percentile(sorted_values, share):
    """The smallest value with at least `share` of all values at or below it (nearest rank)."""
    rank = -(-len(sorted_values) * share // 100)
    return sorted_values[max(int(rank), 1) - 1]


def check(root):
    violations, lengths, count = [], [], 0
    for path in files(root, CAPS):
        lines = read(root, path).count("\n")
        count += 1
        if lines > CAPS[path.suffix]:
            violations.append(f"{path}:{lines}: {lines} lines, at most {CAPS[path.suffix]} allowed; split it by theme")
        if path.suffix == ".cpp" and path.parts[0] != "test":
            lengths.append(lines)
    lengths.sort()
    for share, limit in ((50, MEDIAN), (90, NINETIETH)):
        if len(lengths) >= ENOUGH and percentile(lengths, share) > limit:
            value = percentile(lengths, share)
            violations.append(f"percentile {share} of .cpp lengths is {value} lines, at most {limit} allowed")
    if not count:
        violations.append("no source file was found")
    middle = f", .cpp median {percentile(lengths, 50)}, p90 {percentile(lengths, 90)}" if lengths else ""
    return violations, f"sizes: {count} files keep to the limits{middle}"


if __name__ == "__main__":
    sys.exit(report(*check(root_argument(__doc__))))
