# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which files the checks of the source tree look at, and how they report. Shared by the check_*.py scripts."""

import argparse
import os
import pathlib
import sys

# Folders that hold nothing written by hand: build trees, installs, caches.
SKIPPED = {".git", "install", "node_modules", "__pycache__", ".cache", ".pytest_cache", "venv"}


def is_skipped(name):
    return name in SKIPPED or name == "build" or name.startswith("build-")


def files(root, suffixes=None, names=()):
    """Yields every file under `root`, in a fixed order, as a path relative to it. With `suffixes`, only files that end
    so, or whose whole name is in `names`."""
    root = pathlib.Path(root)
    for folder, subfolders, leaves in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not is_skipped(name))
        for leaf in sorted(leaves):
            path = pathlib.Path(folder, leaf)
            if path.is_symlink() or not path.is_file():
                continue
            if suffixes is None or path.suffix in suffixes or leaf in names:
                yield path.relative_to(root)


def read(root, path):
    """The text of a file. Bytes that are not UTF-8 become replacement characters: the checks look for ASCII."""
    return pathlib.Path(root, path).read_text(encoding="utf-8", errors="replace")


def root_argument(description):
    """Parses the one option that all checks have and returns the root of the tree to check."""
    parser = argparse.ArgumentParser(description=description)
    default = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=default, help="the tree to check (default: this one)")
    return parser.parse_args().root


def report(violations, summary):
    """Prints the violations, or `summary` where there are none, and returns the exit status."""
    for violation in violations:
        print(violation)
    if violations:
        print(f"{len(violations)} violation(s)", file=sys.stderr)
        return 1
    print(summary)
    return 0
