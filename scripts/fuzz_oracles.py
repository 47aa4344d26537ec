#===- fuzz_oracles.py - what a random program must do ----------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a random program on the interpreter and, in several ways, on the other executors, and compares bit for bit.

The ways of a program are drawn with it: architectures that this machine can run, efforts of optimisation, numbers of
threads, and, for programs that mean the same for all tile sizes, other sizes.
"""

import os
import random
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from random_program import BITS, LAYOUT, SIZES
from random_values import WIDTH

TIMEOUT_SECONDS = 60
# What a processor says of itself where it runs the code of an architecture.
FLAGS = {"x86-64-v3": {"avx2", "fma", "bmi2"}, "x86-64-v4": {"avx512f", "avx512bw", "avx512vl"}, "sapphirerapids": {"avx512_fp16", "amx_tile"}}


@dataclass
class Way:
    """One way to run a program."""
    executor: str
    options: tuple = ()
    sizes: dict = field(default_factory=dict)

    def __str__(self):
        sizes = [",".join(f"{name}={size}" for name, size in self.sizes.items())] if self.sizes else []
        return " ".join((self.executor,) + self.options + tuple(sizes))


def architectures():
    """The architectures whose code this machine runs."""
    try:
        flags = set(re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M).group(1).split())
    except (OSError, AttributeError):
        return []
    return [arch for arch, needed in FLAGS.items() if needed <= flags]


def ways(program, seed, reference=("interp",)):
    """The reference first, then the ways that must agree with it."""
    rng = random.Random(f"ways {seed}")
    threads = (f"--threads={rng.choice([1, 2])}",) if rng.random() < 0.7 else ()
    listed = [Way(reference[0], tuple(reference[1:])), Way("cpu", threads)]
    if rng.random() < 0.35:
        options = [f"-O{rng.choice([0, 1, 3])}"] if rng.random() < 0.7 else []
        known = architectures()
        options += [f"--arch={rng.choice(known)}"] if known and (rng.random() < 0.6 or not options) else []
        listed.append(Way("cpu", tuple(options) + threads))
    if rng.random() < 0.2:
        # Every pass keeps the order of accesses.
        listed.append(Way("cpu", ("--verify-each-order",) + threads))
    if rng.random() < 0.3:
        # No random program has a race, and all orders of one have one result.
        listed.append(Way("interp", (rng.choice(["--races", "--schedules=3"]), f"--seed={rng.randrange(1000)}")))
    if program.sizefree:
        listed.append(Way("cpu", threads, {name: rng.choice(SIZES) for name in program.sizes}))
    return listed


def command_of(program, way, body, directory):
    """Writes a program and its arrays to a folder; returns (the command, the files of its results by name)."""
    text = program.source(body)
    (directory / "k.tile").write_text(text, encoding="utf-8")
    command = [str(Path(os.environ["TILEC_BIN"]) / "tile-run"), "k.tile", "k", f"--exec={way.executor}", *way.options]
    command += ["--no-excess-precision"] * program.strict
    written = {}
    for array in program.used(text):
        suffix = f":{array.type}" if array.type in BITS else ""
        path = directory / f"{array.name}.npy"
        if array.kind == "result":
            written[array.name] = path
            command += ["--out", f"{array.name}={path.name}"]
        elif array.kind != "temporary":
            data = program.data(array)
            np.save(path, data.astype(np.bool_) if array.type == "bool" else data)
            inout = array.kind in ("written", "flag")
            command += ["--inout" if inout else "--in", f"{array.name}={path.name}{suffix}"]
            if inout:
                written[array.name] = path
    for name, (kind, value) in program.scalar_values.items():
        command += [f"--{kind}", f"{name}={value}"]
    sizes = [f"{name}={way.sizes.get(name, size)}" for name, size in program.used_sizes(text)]
    if sizes and not program.baked:
        command += ["--set", ",".join(sizes)]
    return command, written


def run_once(program, way, body, directory):
    """Runs a program one way. Returns (its results by name and what it printed, None) or (None, what went wrong)."""
    directory = Path(directory)
    command, written = command_of(program, way, body, directory)
    (directory / f"{way.executor}.sh").write_text(" ".join(f"'{word}'" for word in command) + "\n", encoding="utf-8")
    return run_command(command, written, directory, way)


def run_command(command, written, directory, way):
    """As run_once, for a command whose files are there."""
    try:
        done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, f"{way}: hangs"
    message = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0 or message:
        return None, f"{way}: status {done.returncode}: {message.strip() or '(silent)'}"
    results = {name: np.load(path) for name, path in written.items()}
    results["what it prints"] = done.stdout
    return results, None


def as_bits(array, type):
    """The elements as unsigned integers."""
    return np.ascontiguousarray(array).view(f"u{max(1, WIDTH[type] // 8)}")


def differing(a, b, type, signs):
    """Where two arrays of a type differ: NaNs are all equal, zeros unless `signs` says that theirs are known."""
    a, b = as_bits(a, type), as_bits(b, type)
    same = a == b
    if type in LAYOUT:
        exponent, fraction = LAYOUT[type]
        magnitude, top = (1 << (exponent + fraction)) - 1, ((1 << exponent) - 1) << fraction
        infinite = top | 6 if type == "f8e4m3" else top
        x, y = a & a.dtype.type(magnitude), b & b.dtype.type(magnitude)
        same |= (x > infinite) & (y > infinite)
        if not signs:
            same |= (x == 0) & (y == 0)
    return ~same


def disagreement(program, expected, actual, names):
    types = {array.name: array.type for array in program.arrays}
    for name, value in expected.items():
        if name not in types:
            # In a random order grids that nothing orders overlap, and so does what they print.
            if "--schedules" in names[1] and sorted(value.splitlines()) == sorted(actual[name].splitlines()):
                continue
            if value != actual[name] and (program.signs or value.replace(b"-0", b"0") != actual[name].replace(b"-0", b"0")):
                return f"differ: {name}: {names[0]} {value.decode('utf-8', 'replace')!r}, {names[1]} {actual[name].decode('utf-8', 'replace')!r}"
            continue
        if value.shape != actual[name].shape or value.dtype != actual[name].dtype:
            return f"differ: {name} has another shape or type"
        where = differing(value, actual[name], types[name], program.signs)
        if where.any():
            at = tuple(int(i) for i in np.argwhere(where)[0])
            return f"differ: {name}{list(at)} ({int(where.sum())} elements): {names[0]} {value[at]}, {names[1]} {actual[name][at]}"
    return None


def judge(program, listed, body, directory):
    """None where all ways agree with the first one, else a sentence."""
    expected, trouble = run_once(program, listed[0], body, directory)
    for way in listed[1:] if not trouble else []:
        actual, trouble = run_once(program, way, body, directory)
        trouble = trouble or disagreement(program, expected, actual, (str(listed[0]), str(way)))
        if trouble:
            break
    return trouble


def signature(trouble):
    """What stays the same of a finding while its program shrinks."""
    line = trouble.split("\n")[0]
    if line.startswith("differ"):
        return re.sub(r"[0-9]+|: .*", "", line.split("[")[0])
    return re.sub(r"k\.tile:[0-9:]+|'[^']*'|[0-9]+", "", line)


