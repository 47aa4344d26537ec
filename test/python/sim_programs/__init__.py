#===- sim_programs - CUDA programs that tile-sim runs, and what they must compute ------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The table of the programs in test/sim/programs, by topic: a module for each folder, and in it a function for each
program, which makes arguments, runs the kernels and compares what they wrote with a reference of its own.

    @program
    def tree(run, rng):
        x = rng.integers(-1000, 1000, 1000).astype(np.int32)
        (sums,) = run("treeSum", 4, 256, x, Out(np.int32, 4), x.size)
        equal(sums, ...)

Arguments of a kernel are NumPy arrays (read only), `Out`, `InOut`, `ByValue`, NumPy scalars of the parameter's type, and
Python integers, which are i32. How a program is compiled stands in the program (see scripts/compile_sim_programs.sh).
"""

import importlib
import itertools
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np

from bounded import Bounded
from tilec_testing import NAMES, TIMEOUT_SECONDS, assert_result, load, save, tool

ROOT = Path(__file__).resolve().parents[2] / "sim" / "programs"
ARCHITECTURES = ["sm_75", "sm_80", "sm_89"]
COMPILERS = ["nvcc", "clang"]
PROGRAMS = {}


@dataclass(frozen=True)
class Out:
    """An array that the kernel writes; it holds zeros before."""
    dtype: object
    shape: object


@dataclass(frozen=True)
class InOut:
    """An array that the kernel reads and writes."""
    array: np.ndarray


@dataclass(frozen=True)
class ByValue:
    """A structure: the parameter is these bytes, not their address."""
    array: np.ndarray


@dataclass(frozen=True)
class Program:
    """One CUDA program. `check(run, rng)` runs its kernels and asserts what they compute."""
    topic: str
    name: str
    check: Callable

    @property
    def source(self):
        return ROOT / self.topic / f"{self.name}.cu"

    def words(self):
        """How the program is compiled: the words of its line `// compile: ...`."""
        lines = [line for line in self.source.read_text().splitlines() if line.startswith("// compile:")]
        assert len(lines) <= 1, f"{self.source}: two lines '// compile:'"
        words = lines[0].removeprefix("// compile:").split() if lines else []
        unknown = set(words) - {*ARCHITECTURES, *COMPILERS, "library", "lineinfo"}
        assert not unknown, f"{self.source}: unknown words {unknown}"
        return words

    def compilers(self):
        return [word for word in self.words() if word in COMPILERS] or COMPILERS

    def architectures(self):
        lowest = [word for word in self.words() if word in ARCHITECTURES] or ["sm_75"]
        return ARCHITECTURES[ARCHITECTURES.index(lowest[0]):]

    def is_library(self):
        """Whether its PTX holds a library's code, so that tests compile it rather than find it here."""
        return "library" in self.words()

    def committed(self, compiler, arch):
        """The .ptx that stands for an architecture: its own, or that of the highest one below, from which it differs in
        nothing but `.target`."""
        suffix = "" if compiler == "nvcc" else f".{compiler}"
        known = self.architectures()
        for name in reversed(known[:known.index(arch) + 1]):
            path = self.source.with_name(f"{self.name}{suffix}.{name}.ptx")
            if path.exists():
                return path, name
        raise FileNotFoundError(f"{self.source}: no PTX of {compiler} for {arch}; scripts/compile_sim_programs.sh makes it")

    def ptx(self, compiler, arch):
        """The text of the committed PTX for an architecture."""
        path, name = self.committed(compiler, arch)
        return path.read_text().replace(f".target {name}", f".target {arch}", 1)


def program(function):
    """Adds a program: its topic is the name of the module, its name the function's."""
    topic = function.__module__.rpartition(".")[2]
    PROGRAMS[f"{topic}/{function.__name__}"] = Program(topic, function.__name__, function)
    return function


class Runner:
    """Runs kernels of one .ptx file with tile-sim. What a kernel printed is in `stdout` after it."""

    def __init__(self, ptx, directory, options=()):
        self.ptx, self.directory, self.options = ptx, Path(directory), list(options)
        self.stdout = ""
        self._numbers = itertools.count()

    def command(self, kernel, grid, block, arguments, smem=0, options=()):
        """(words, written): a call of tile-sim, and path and type of each array that it will write."""
        triple = lambda sizes: ",".join(map(str, sizes)) if isinstance(sizes, (tuple, list)) else str(sizes)
        words = [tool("tile-sim"), self.ptx, kernel, f"--grid={triple(grid)}", f"--block={triple(block)}"]
        words += [f"--smem={smem}"] if smem else []
        written = []
        for argument in arguments:
            if isinstance(argument, int):
                words += ["--arg", f"i32={argument}"]
                continue
            if isinstance(argument, np.generic):
                words += ["--arg", f"{NAMES[argument.dtype]}={argument!s}"]
                continue
            kind = {Out: "out:", InOut: "inout:", ByValue: "value:"}.get(type(argument), "")
            path = self.directory / f"{next(self._numbers)}.npy"
            if isinstance(argument, Out):
                name = NAMES[np.dtype(argument.dtype)]
                shape = argument.shape if isinstance(argument.shape, tuple) else (argument.shape,)
            else:
                array = argument if isinstance(argument, np.ndarray) else argument.array
                save(path, np.ascontiguousarray(array))
                name, shape = NAMES[array.dtype], array.shape
            if isinstance(argument, (Out, InOut)):
                written.append((path, name))
            words += ["--arg", f"{kind}{name}[{','.join(map(str, shape))}]={path}"]
        return [str(word) for word in words + self.options + list(options)], written

    def __call__(self, kernel, grid, block, *arguments, smem=0, options=()):
        """Runs a kernel, which must end well and without a word, and returns the arrays that it wrote."""
        words, written = self.command(kernel, grid, block, arguments, smem, options)
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
        self.stdout = done.stdout.decode("utf-8", "replace")
        errors = done.stderr.decode("utf-8", "replace")
        assert done.returncode == 0 and not errors, f"{' '.join(words)}\nstatus {done.returncode}\n{errors}"
        return [load(path, name) for path, name in written]


def equal(actual, expected, name="result"):
    """Asserts the same elements: exactly, or of a Bounded within its bound."""
    if not isinstance(expected, Bounded):
        expected = np.asarray(expected)
        if expected.dtype != actual.dtype:
            # Python's integers, and NumPy's wider ones, whose low bits are meant.
            expected = expected.astype(actual.dtype)
    assert_result(name, actual, expected)


def integers(rng, dtype, count):
    """Any values of an integer type, its extremes among them."""
    info = np.iinfo(dtype)
    values = rng.integers(info.min, info.max, count, dtype=dtype, endpoint=True)
    flat = values.reshape(-1)
    if flat.size > 3:
        flat[rng.integers(0, flat.size, 2)] = [info.min, info.max]
    return values


def small(rng, dtype, count, most=8):
    """Whole numbers of at most `most`, whose products and sums a float type holds exactly."""
    return rng.integers(-most, most + 1, count).astype(dtype)


def load_programs():
    """Imports every module of the table: one for each folder of programs."""
    for folder in sorted(path.name for path in ROOT.iterdir() if path.is_dir() and any(path.glob("*.cu"))):
        importlib.import_module(f"{__name__}.{folder}")
    return PROGRAMS
