#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plants a bug of order in correct PTX programs, one at a time, and counts how many of these mutants tile-sim finds.

    mutate_ptx.py [--only REGEX] [--kind REGEX] [--schedules N] [--sample N] [--seed N] [--jobs N] [--verbose]

The programs are the correct kernels of test/sim/bugs and the table of test/sim/programs. Mutants: each barrier, fence,
arrival, commit and wait dropped; each order and scope weaker; each parity flipped; one more group left by a wait (a stage
fewer); one arrival more and one fewer expected. A mutant is killed by a report of tile-sim's checks within N schedules, or
by a wrong result, or by results that differ between them where those of the program do not. A survivor whose instruction no run executes is idle; one that scripts/mutate_ptx_equivalents.txt lists
means the same as the program, for the reason given there. The others are printed; a share of killed mutants below 95 % of
those that are neither is an error. --sample runs so many mutants, drawn by the seed.
TILEC_BIN is the folder of the tools (default: build/bin)."""

import argparse
import collections
import concurrent.futures
import functools
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "python"))
os.environ.setdefault("TILEC_BIN", str(ROOT / "build" / "bin"))

import numpy as np  # noqa: E402
import sim_programs  # noqa: E402
from planted_bugs import planted_bugs  # noqa: E402
from tilec_testing import tool  # noqa: E402

EQUIVALENTS = ROOT / "scripts" / "mutate_ptx_equivalents.txt"
LIMIT = 0.95
MAX_STEPS = 20_000_000

# What is dropped as a whole. What reduces at a barrier has a result, and stays.
DROPPED = {
    "barrier": r"bar\.(cta\.)?(sync|arrive)|barrier\.(cta\.)?(sync|arrive)",
    "warp barrier": r"bar\.warp\.sync",
    "fence": r"fence|membar",
    "arrival": r"mbarrier\.arrive(_drop)?|cp\.async\.mbarrier",
    "commit": r"cp\.async\.commit_group",
    "wait": r"cp\.async\.wait_(group|all)",
}


def mutations(statement):
    """(kind, replacement) for each way to plant a bug in one instruction, which has no guard and no semicolon."""
    opcode, _, operands = statement.partition(" ") if " " in statement else (statement.partition("\t"))
    words = opcode.split(".")
    for kind, pattern in DROPPED.items():
        if re.match(rf"({pattern})\b", opcode):
            yield f"{kind} dropped", ""
    if re.match(r"mbarrier\.(test|try)_wait", opcode):
        result, _, rest = operands.partition(",")
        yield "wait dropped", f"setp.eq.u32 {result.strip()}, 0, 0"
        if "parity" in words:
            parts = rest.split(",")
            parts[1] = " other"
            flip = f"{{ .reg .b32 other; xor.b32 other, {rest.split(',')[1].strip()}, 1; "
            yield "parity flipped", flip + f"{opcode} {result},{','.join(parts)}; }}"
    if words[:2] == ["mbarrier", "init"]:
        address, _, count = operands.rpartition(",")
        for kind, step in (("one arrival more", 1), ("one arrival fewer", -1)):
            yield kind, f"{{ .reg .b32 other; add.s32 other, {count.strip()}, {step}; {opcode} {address}, other; }}"
    if words[:3] == ["cp", "async", "wait_group"]:
        yield "one group more left", f"{opcode} {int(operands) + 1}"
    if words[0] in ("ld", "st", "atom", "red"):
        for order, weaker in (("acq_rel", ["acquire", "release", "relaxed"]), ("acquire", ["relaxed"]), ("release", ["relaxed"])):
            if order in words:
                for other in weaker:
                    yield f"{order} weakened to {other}", statement.replace(f".{order}", f".{other}", 1)
        for strong in ("volatile", "relaxed"):
            if strong in words and words[0] in ("ld", "st"):
                weak = [word for word in words if word not in (strong, "gpu", "sys", "cta", "cluster")]
                yield f"{strong} weakened to weak", f"{'.'.join(weak)} {operands}"
    wide = [word for word in words if word in ("gpu", "sys", "gl")]
    if wide:
        yield f"scope {wide[0]} narrowed", statement.replace(f".{wide[0]}", ".cta", 1)
    elif words[0] in ("atom", "red") and not {"cta", "cluster"} & set(words) and "shared" not in words[1]:
        yield "scope gpu narrowed", statement.replace(words[0], f"{words[0]}.cta", 1)


class Mutant:
    def __init__(self, subject, number, kind, statement, text):
        self.subject, self.number, self.kind, self.statement, self.text = subject, number, kind, statement, text

    def __str__(self):
        return f"{self.subject.name}:{self.number}: {self.kind}: {' '.join(self.statement.split())}"


class PlantedSubject:
    """The correct kernel of a program of test/sim/bugs."""

    def __init__(self, bug):
        self.bug, self.name, self.text = bug, f"bugs/{bug.name}", bug.ptx.read_text()
        # All but the broken kernel.
        start = self.text.index("entry broken(")
        self.skipped = range(self.text.count("\n", 0, start), self.text.count("\n", 0, self.text.index("\n}", start)) + 1)

    def run(self, path, directory, options):
        arguments, expected = self.bug.arguments(directory)
        command = [tool("tile-sim"), path, "correct", *self.bug.launch, *arguments, *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            return done.stderr
        wrong = [name.stem for name, values in expected if not np.array_equal(np.load(name), values)]
        return f"wrong result: {wrong}" if wrong else ""


class TableSubject:
    """A program of test/sim/programs, as nvcc compiles it for one architecture."""
    skipped = range(0)

    def __init__(self, key, program):
        self.name, self.program = f"programs/{key}", program
        self.text = program.ptx(program.compilers()[0], program.architectures()[0])

    def run(self, path, directory, options):
        try:
            self.program.check(sim_programs.Runner(path, directory, options), np.random.default_rng(7))
        except AssertionError as error:
            return str(error) or "wrong result"
        return ""


def subjects():
    for bug in planted_bugs():
        yield PlantedSubject(bug)
    for key, program in sim_programs.load_programs().items():
        if not program.is_library():
            yield TableSubject(key, program)


def mutants(subject):
    lines = subject.text.splitlines()
    for index, line in enumerate(lines):
        match = re.match(r"^(\s*(?:\w+:\s*)?\{?\s*(?:@!?%?\w+\s+)?)([a-z][\w.:]*(?:[ \t][^;{}]*(?:\{[^{}]*\}[^;{}]*)*)?);(.*)$", line)
        if not match or index in subject.skipped:
            continue
        before, statement, after = match.groups()
        for kind, replacement in mutations(statement.strip()):
            guard = re.search(r"@!?%?\w+\s+$", before)
            if guard and (not replacement or replacement.startswith("{")):
                # A block has no guard: its last instruction takes it over.
                start = before[:guard.start()]
                at = replacement.rfind("; ", 0, -3) + 2 if replacement else 0
                new = start + (replacement[:at] + guard.group() + replacement[at:] if replacement else "") + after
            else:
                new = before + (replacement + ("" if replacement.endswith("}") or not replacement else ";")) + after
            yield Mutant(subject, index + 1, kind, statement, "\n".join([*lines[:index], new, *lines[index + 1:]]) + "\n")


@functools.cache
def runs(subject, schedules):
    """The options of the runs that show a mutant: one of all schedules, whose results must not depend on them; or one for each
    schedule, where they do without a bug."""
    limit = f"--max-steps={MAX_STEPS}"
    together = [(f"--schedules={schedules}", "--stop-at-report", "--same-results", limit)]
    alone = [(f"--seed={seed}", limit) for seed in range(schedules)]
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder)
        path = directory / "program.ptx"
        path.write_text(subject.text)
        for choice in (together, alone):
            reports = [subject.run(path, directory, options) for options in choice]
            if not any(reports):
                return choice
    raise RuntimeError(f"{subject.name} is reported as it is\n{' '.join(reports)}")


def run(mutant, schedules):
    """Killed, idle or survived, and why."""
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder)
        path = directory / "mutant.ptx"
        path.write_text(mutant.text)
        try:
            report = next(filter(None, (mutant.subject.run(path, directory, options) for options in runs(mutant.subject, schedules))), "")
        except subprocess.TimeoutExpired:
            report = "endless"
        if re.search(r"mutant\.ptx:\d+:\d+: error", report):
            raise RuntimeError(f"{mutant}\n{report}")
        if report:
            return "killed", report
        # Does anybody execute the instruction?
        lines = mutant.text.splitlines()
        lines[mutant.number - 1] = "trap;"
        path.write_text("\n".join(lines) + "\n")
        return ("survived", "") if mutant.subject.run(path, directory, [f"--max-steps={MAX_STEPS}"]) else ("idle", "")


def equivalents():
    """The listed mutants, as they are printed, each with the reason."""
    reason = ""
    for line in EQUIVALENTS.read_text().splitlines() if EQUIVALENTS.is_file() else []:
        if line.startswith("## "):
            reason = line[3:]
        elif line and not line.startswith("#"):
            yield line, reason


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="REGEX", help="programs whose name has a match")
    parser.add_argument("--kind", default="", metavar="REGEX", help="mutants whose kind has a match")
    parser.add_argument("--schedules", type=int, default=20, metavar="N", help="schedules for a mutant (default 20)")
    parser.add_argument("--sample", type=int, metavar="N", help="so many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("TILEC_SEED", "0")))
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("TILEC_JOBS") or os.cpu_count() or 2))
    parser.add_argument("--verbose", action="store_true", help="a line for each mutant")
    given = parser.parse_args()
    work = [mutant for subject in subjects() if re.search(given.only, subject.name) for mutant in mutants(subject)
            if re.search(given.kind, mutant.kind)]
    if given.sample and given.sample < len(work):
        work = random.Random(given.seed).sample(work, given.sample)
    listed, fates, kinds = dict(equivalents()), collections.Counter(), collections.defaultdict(collections.Counter)
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        for mutant, (fate, report) in zip(work, pool.map(lambda mutant: run(mutant, given.schedules), work)):
            reason = listed.get(str(mutant))
            if fate == "survived" and reason:
                fate = "equivalent"
            fates[fate] += 1
            kinds[mutant.kind][fate] += 1
            if given.verbose or fate == "survived":
                first = report.strip().splitlines()[-1 if report.startswith("wrong") else 0] if report.strip() else reason or ""
                print(f"{fate}: {mutant}{': ' + first if given.verbose and first else ''}", flush=True)
    for kind, count in sorted(kinds.items()):
        print(f"{kind:32} " + ", ".join(f"{number} {fate}" for fate, number in sorted(count.items())))
    counted = fates["killed"] + fates["survived"]
    print(f"{fates['killed']} of {counted} mutants killed ({fates['killed'] / max(counted, 1):.1%}); {fates['equivalent']} more "
          f"mean the same as their programs, and {fates['idle']} are not executed")
    return 0 if counted and fates["killed"] >= LIMIT * counted else 1


if __name__ == "__main__":
    sys.exit(main())
