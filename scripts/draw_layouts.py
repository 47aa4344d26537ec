#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws the pictures of docs/layout-pictures.md with tile-layout. Each picture there is preceded by its command:

    `tile-layout --svg=NAME.svg --view=threads '(4,8):(8,1)'`

    ![...](pictures/NAME.svg)

Writes docs/pictures; with --check, it writes nothing and says which pictures are not what their commands draw."""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

PICTURE = re.compile(r"^`tile-layout --svg=([\w-]+\.svg) ([^`\n]+)`\n\n!\[[^\]]*\]\(pictures/\1\)$", re.MULTILINE)


def draw(tool, name, arguments):
    """What the printed command draws, run in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([pathlib.Path(tool).resolve(), f"--svg={name}", *shlex.split(arguments)], check=True, cwd=folder)
        return (pathlib.Path(folder) / name).read_text()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default="build/bin/tile-layout", help="the program that draws")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args()
    docs = pathlib.Path(__file__).resolve().parent.parent / "docs"
    text = (docs / "layout-pictures.md").read_text()
    pictures = PICTURE.findall(text)
    known = {name for name, _ in pictures}
    stale = [f"{name}: no command above it draws it" for name in re.findall(r"\(pictures/([\w-]+\.svg)\)", text)
             if name not in known]
    stale += [f"pictures/{path.name}: the document does not show it" for path in sorted((docs / "pictures").glob("*"))
              if path.name not in known]
    for name, arguments in pictures:
        path = docs / "pictures" / name
        drawn = draw(options.tool, name, arguments)
        if not options.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(drawn)
        elif not path.exists() or path.read_text() != drawn:
            stale.append(f"{name}: is not what its command draws; run scripts/draw_layouts.py")
    print(f"{len(pictures)} pictures")
    for message in stale:
        print(message, file=sys.stderr)
    return 1 if stale or not pictures else 0


if __name__ == "__main__":
    sys.exit(main())
