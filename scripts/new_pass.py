#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Starts a pass in house style: its source, its test, its entry in Passes.td and its place in CMake.

    scripts/new_pass.py Fusion/FuseEpilogue "Pull elementwise consumers into the producer's grid"

writes lib/Transforms/Fusion/FuseEpilogue.cpp and test/Transforms/Fusion/fuse_epilogue.mlir, appends the entry of
`--tile-fuse-epilogue` to include/tilec/Transforms/Passes.td and the source to lib/Transforms/CMakeLists.txt. What it
writes compiles and passes its test; what the pass does is yours. See docs/adding-a-pass.md."""

import argparse
import pathlib
import re
import sys

SOURCE = """\
//===- {name}.cpp - {phrase} ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the {name} pass.

#include "tilec/Transforms/Passes.h"

namespace tilec {{
#define GEN_PASS_DEF_{upper}
#include "tilec/Transforms/Passes.h.inc"
}} // namespace tilec

using namespace mlir;
using namespace tilec;

namespace {{
struct {name} : impl::{name}Base<{name}> {{
  void runOnOperation() override {{ markAllAnalysesPreserved(); }}
}};
}} // namespace
"""

ENTRY = """
def {name} : Pass<"{flag}", "::tilec::tile::KernelOp"> {{
  let summary = "{summary}";
  let description = [{{
    {summary}.
  }}];
}}
"""

TEST = """\
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel({flag}))' | FileCheck %s

// CHECK-LABEL: tile.kernel @unchanged
tile.kernel @unchanged() {{
  tile.return
}}
"""


def kebab(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def insert_entry(text, entry):
    """Puts the entry before the closing #endif of a Passes.td."""
    before, marker, after = text.rpartition("\n#endif")
    if not marker:
        raise ValueError("Passes.td does not end in an #endif")
    return before + entry + marker + after


def insert_source(text, source):
    """Puts the source among the others of the library, in order; the list stands in one call."""
    match = re.search(r"tilec_add_library\(TilecTransforms\s+(.*?)(?=\s+(?:LINK_LIBS|DEPENDS)|\s*\))", text, re.DOTALL)
    if not match:
        raise ValueError("lib/Transforms/CMakeLists.txt declares no library TilecTransforms")
    sources = sorted(match.group(1).split() + [source], key=str.lower)
    return text[: match.start(1)].rstrip() + "\n  " + "\n  ".join(sources) + text[match.end(1) :]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", help="Theme/PassName below lib/Transforms")
    parser.add_argument("summary", help="one phrase, no full stop")
    default = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=default, help="the tree to write to (default: this one)")
    options = parser.parse_args()
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*/[A-Z][A-Za-z0-9]*", options.path):
        parser.error("expected Theme/PassName, both in CamelCase")
    theme, name = options.path.split("/")
    summary = options.summary.rstrip(".")
    words = {"name": name, "upper": name.upper(), "flag": "tile-" + kebab(name), "summary": summary}
    words["phrase"] = summary[0].lower() + summary[1:]

    transforms = options.root / "lib" / "Transforms"
    source = transforms / theme / f"{name}.cpp"
    test = options.root / "test" / "Transforms" / theme / f"{kebab(name).replace('-', '_')}.mlir"
    table = options.root / "include" / "tilec" / "Transforms" / "Passes.td"
    cmake = transforms / "CMakeLists.txt"
    for path in (source, test):
        if path.exists():
            parser.error(f"{path} exists already")
    try:
        table_text = insert_entry(table.read_text(), ENTRY.format(**words))
        cmake_text = insert_source(cmake.read_text(), f"{theme}/{name}.cpp")
    except (OSError, ValueError) as error:
        parser.error(str(error))
    for path, text in ((source, SOURCE.format(**words)), (test, TEST.format(**words))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {path.relative_to(options.root)}")
    table.write_text(table_text)
    cmake.write_text(cmake_text)
    print("extended Passes.td and CMakeLists.txt; give the pass its place in lib/Pipeline")
    return 0


if __name__ == "__main__":
    sys.exit(main())
