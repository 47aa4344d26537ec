# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads the programs of test/sim/bugs: each has a kernel `broken` with one bug, and `correct` without it.

The head of a program says what its bug is (`// Bug:`), what words a report of it may begin with (`// Report:`), how it is
launched (`// Launch:`), and what its parameters are, in order:

    // in i32 x = rng.integers(-99, 99, 64)          an array that is read
    // out i32 y = x[::-1]                           one that is written, and what must be in it
    // inout i32 sum = np.zeros(1) -> x.sum(keepdims=True)      before and after
    // scalar i32 n = 64

Expressions are NumPy's, may use the names before them, and are computed in 64 bits. Lines at which a report may point end
in its word: `// race`. Programs are CUDA C++ (scripts/compile_planted_bugs.sh makes the PTX beside them) or PTX."""

import pathlib
import re

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "sim" / "bugs"
WORDS = ["race", "deadlock", "out of bounds", "uninitialised", "misaligned", "sync"]
TYPES = {"i32": np.int32, "u32": np.uint32, "i64": np.int64, "f16": np.float16, "f32": np.float32, "f64": np.float64}
KINDS = r"^// (in|out|inout|scalar) (\w+) (\w+) = (.*)$"


class PlantedBug:
    def __init__(self, source):
        self.source, self.ptx, self.name = source, source.with_suffix(".ptx"), source.stem
        self.text = source.read_text()
        self.reports = self.head("Report").split(", ")
        # A kernel that waits in vain is stopped.
        self.launch = ["--max-steps=1000000", *self.head("Launch").split()]

    def head(self, key):
        found = re.search(rf"^// {key}: (.*)$", self.text, re.MULTILINE)
        assert found, f"{self.source.name} has no line '// {key}:'"
        return found.group(1)

    def marked(self, word):
        """The lines at which a report of that word may point."""
        lines = set()
        for number, line in enumerate(self.text.splitlines(), 1):
            if mark := re.search(rf"// ((?:{'|'.join(WORDS)})(?:, (?:{'|'.join(WORDS)}))*)$", line):
                if not line.startswith("//") and word in mark.group(1).split(", "):
                    lines.add(number)
        return lines

    def places(self, report):
        """The lines of the program that a report points at; where code is inlined, the innermost of them. Where a value that
        nobody gave was read first is no fault, only a hint."""
        lines = set()
        report = re.sub(r"\n  the value is that of .*", "", report)
        for place in re.findall(rf"\b{self.name}\.ptx:\d+(?: \([^)]*\))?", report):
            if here := re.search(rf"\b{re.escape(self.source.name)}:(\d+)", place):
                lines.add(int(here.group(1)))
        return lines

    def arguments(self, directory):
        """The words of a command line, and for each array that is written its file and what must be in it."""
        words, expected = [], []
        names = {"np": np, "rng": np.random.default_rng(7)}
        for kind, type, name, text in re.findall(KINDS, self.text, re.MULTILINE):
            before, _, after = text.partition(" -> ")
            value = names[name] = np.asarray(eval(before, names))  # noqa: S307
            if kind == "scalar":
                words += ["--arg", f"{type}={value}"]
                continue
            path = directory / f"{name}.npy"
            np.save(path, value.astype(TYPES[type]))
            if kind != "in":
                result = np.asarray(eval(after, names)) if after else value  # noqa: S307
                expected.append((path, result.astype(TYPES[type])))
            words += ["--arg", f"{kind}:{type}[{','.join(map(str, value.shape))}]={path}"]
        return words, expected


def planted_bugs():
    sources = [*FOLDER.glob("*.cu"), *(path for path in FOLDER.glob("*.ptx") if not path.with_suffix(".cu").exists())]
    return [PlantedBug(path) for path in sorted(sources)]
