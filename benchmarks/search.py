#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares default configs with the best ones that an exhaustive search finds on this machine.

    search.py --suite gemm [--filter REGEX] [--threads 2] [--rounds 7] [--realtime] [--lock FILE] [--json FILE]

Each tile size of a kernel takes the values of a grid around its default (parts and multiples up to four), and all their
combinations are compiled and called: all of them shortly, a quarter again, the twelve fastest in interleaved rounds with the
default, and the fastest once more. It prints the default config and its time, the best config and its time, and the ratio of
the two times: 1.15 means that a tuned kernel would be 15 % faster. Results of those twelve are checked.
"""

import argparse
import contextlib
import fcntl
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from harness.process import enter_peers_python

HERE = pathlib.Path(__file__).resolve().parent
VENV = HERE.parent / "build" / "bench-venv"


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", required=True, help="gemm, memory, attention, fused, conv2d; several with commas")
    parser.add_argument("--filter", default="", metavar="REGEX", help="only cases whose name it is found in")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()), help="of every call (default: 2)")
    parser.add_argument("--rounds", type=int, default=7, help="times that the fastest are measured (default: 7)")
    parser.add_argument("--seconds", type=float, default=0.02, help="of one measurement (default: 0.02)")
    parser.add_argument("--factors", type=lambda text: [float(word) for word in text.split(",")],
                        help="what the default sizes are multiplied by (default: 0.25,0.5,0.75,1,1.5,2,4)")
    parser.add_argument("--most", type=int, help="the largest size of the grid")
    parser.add_argument("--realtime", action="store_true",
                        help="measure at real-time priority, for machines that others use as well (needs root)")
    parser.add_argument("--lock", type=pathlib.Path, help="hold this file's lock while a case is measured")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write everything that was measured")
    parser.add_argument("--venv", type=pathlib.Path, default=VENV, help="where NumPy is (default: build/bench-venv)")
    return parser, parser.parse_args()


def default_config(tile_cc, file, kernel, options):
    """The sizes that the compiler chooses, by their names for --set."""
    text = subprocess.run([tile_cc, file, *options, "--emit=configured", "-o", "-"], check=True, capture_output=True,
                          text=True).stdout
    found = re.search(r"config = \{([^}]*)\}", text[text.index(f"@{kernel}("):])
    return {name: int(size) for name, size in re.findall(r'"?([\w#.]+)"? = (\d+) : i64', found[1])} if found else {}


def make_searcher(threads):
    """tilec's peer, whose kernels are compiled once for each config, and which gives all of them the same results' arrays."""
    from peers import tilec_peer

    class Searcher(tilec_peer.Peer):
        def __init__(self):
            super().__init__(threads)
            self.compiled, self.results, self.used, self.seen = {}, {}, 0, None
            tilec_peer.aligned_empty = self.result

        def result(self, shape, dtype):
            from harness.case import aligned_empty
            key = (tuple(shape), str(dtype), self.used)
            self.used += 1
            if key not in self.results:
                self.results[key] = aligned_empty(shape, dtype)
            return self.results[key]

        def kernel(self, file, name, options, arguments, result):
            self.seen = (file, name, list(options))
            return super().kernel(file, name, options, arguments, result)

        def compile(self, file, options):
            key = (str(file), *options, *self.options)
            if key not in self.compiled:
                self.compiled[key] = super().compile(file, options)
            return self.compiled[key]

        def prepare(self, case, given, config):
            """(call, fetch) of the case's kernel in a config."""
            self.used = 0
            self.options = [f"--set={name}={size}" for name, size in config.items()]
            return getattr(self, case.op)(case, given)

        def compile_all(self, configs):
            """Compiles what `prepare` compiled last, in all configs."""
            file, _, options = self.seen
            own = [(config, [*options, *(f"--set={name}={size}" for name, size in config.items())]) for config in configs]
            missing = [words for _, words in own if (str(file), *words) not in self.compiled]
            self.options = []
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda words: self.compile(file, words), missing))

    return Searcher()


def set_realtime(on):
    """Real-time priority for all threads of this process, or the usual one."""
    policy, priority = (os.SCHED_RR, 10) if on else (os.SCHED_OTHER, 0)
    for thread in os.listdir("/proc/self/task"):
        os.sched_setscheduler(int(thread), policy, os.sched_param(priority))


@contextlib.contextmanager
def alone(options):
    """Nobody else measures meanwhile, and no other program gets a core."""
    with open(options.lock, "a") if options.lock else contextlib.nullcontext() as lock:
        if lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
        if options.realtime:
            set_realtime(True)
        try:
            yield
        finally:
            if options.realtime:
                set_realtime(False)


def search_case(case, suite, peer, tile_cc, options):
    from harness.search import FACTORS, grid, search
    given = suite.arrays(case)
    peer.prepare(case, given, {})[0]()
    file, kernel, words = peer.seen
    default = default_config(tile_cc, pathlib.Path(HERE.parent, "examples", "kernels", file), kernel, words)
    configs = grid(default, options.factors or FACTORS, options.most)
    peer.compile_all(configs)
    candidates = [(config, *peer.prepare(case, given, config)) for config in configs]

    def look(candidate, hopeless):
        start = time.perf_counter()
        candidate[1]()
        first = time.perf_counter() - start
        if first > hopeless:
            return first
        start = time.perf_counter()
        candidate[1]()
        return time.perf_counter() - start

    def measure(candidate):
        candidate[1]()
        times, end = [], time.perf_counter() + options.seconds
        while len(times) < 2 or time.perf_counter() < end:
            start = time.perf_counter()
            candidate[1]()
            times.append(time.perf_counter() - start)
        return min(times)

    with alone(options):
        found = search(candidates, look, measure, options.rounds)
    for number in found["finalists"]:
        _, call, fetch = candidates[number]
        call()
        wrong = suite.check(case, given, fetch())
        if wrong:
            raise RuntimeError(f"{case.name} with {configs[number]}: {wrong}")
    finalists = [{"config": configs[number], "seconds": seconds} for number, seconds in found.pop("finalists").items()]
    return {"case": case.name, "configs": len(configs), **found, "default config": configs[0],
            "best config": configs[found.pop("number")], "finalists": finalists}


def spell(config):
    """A config without the loops' names, where they say nothing more."""
    short = [name.split(".")[-1] for name in config]
    return " ".join(f"{brief if short.count(brief) == 1 else name}={size}"
                    for (name, size), brief in zip(config.items(), short))


def table(rows):
    lines = ["| case | default | ms | best of the grid | ms | default / best |", "|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row['case']} | {spell(row['default config'])} | {row['default'] * 1e3:.3g} | "
                     f"{spell(row['best config'])} of {row['configs']} | {row['best'] * 1e3:.3g} | {row['ratio']:.2f} |")
    ratios = [row["ratio"] for row in rows]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    lines += ["", f"geometric mean {mean:.2f} of {len(ratios)} cases, largest {max(ratios):.2f}; "
              f"{sum(ratio > 1.15 for ratio in ratios)} above 1.15"]
    return "\n".join(lines)


def main():
    parser, options = parse()
    enter_peers_python(parser, options.venv, options.threads)
    # Only now: NumPy is in that environment.
    import suites
    from harness import machine

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])
    peer = make_searcher(options.threads)
    folder = pathlib.Path(os.environ.get("TILEC_LIB") or HERE.parent / "build" / "lib")
    rows = []
    for name in options.suite.split(","):
        suite = suites.load(name)
        for case in suite.CASES:
            if re.search(options.filter, case.name):
                rows.append(search_case(case, suite, peer, folder.parent / "bin" / "tile-cc", options))
                print(table(rows[-1:]).splitlines()[2], file=sys.stderr, flush=True)
    if not rows:
        parser.error("no case has such a name")
    facts = machine.describe()
    print(f"{facts['processor']}, {options.threads} threads, {facts['date']}\n\n{table(rows)}")
    if options.json:
        options.json.write_text(json.dumps({"machine": facts, "rows": rows}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
