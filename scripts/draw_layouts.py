#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws the pictures of docs/layout-pictures.md with tile-layout. Each picture there is preceded by its command:

    `tile-layout --view=threads '(4,8):(8,1)'`

    ![...](pictures/NAME.svg)

Writes docs/pictures; with --check, it writes nothing and says which pictures are not what their commands draw."""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

PICTURE = re.compile(r"^`tile-layout ([^`\n]+)`\n\n!\[[^\]]*\]\((pictures/[\w-]+\.svg)\)$", re.MULTILINE)


def draw(tool, arguments):
    """What the tool draws for these arguments."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "picture.svg"
        subprocess.run([tool, f"--svg={path}", *shlex.split(arguments)], check=True)
        return path.read_text()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default="build/bin/tile-layout", help="the program that draws")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args()
    docs = pathlib.Path(__file__).resolve().parent.parent / "docs"
    text = (docs / "layout-pictures.md").read_text()
    pictures = PICTURE.findall(text)
    stale = [f"{name}: no command draws it" for name in re.findall(r"pictures/[\w-]+\.svg", text)
             if name not in dict((name, arguments) for arguments, name in pictures)]
    known = {name for _, name in pictures}
    stale += [f"pictures/{path.name}: the document does not show it" for path in sorted((docs / "pictures").glob("*"))
              if f"pictures/{path.name}" not in known]
    for arguments, name in pictures:
        path = docs / name
        drawn = draw(options.tool, arguments)
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
