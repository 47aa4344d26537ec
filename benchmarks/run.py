#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the speed of tilec's kernels with that of other libraries and compilers on this machine.

    run.py --suite gemm [--peers numpy,mkl,torch] [--filter REGEX] [--threads 2] [--cache hot|cold] [--json FILE]

Every peer is a process of its own, whose times are taken in turn: same threads, same data, warmed up, results checked. It
prints a table with milliseconds, the time of the best peer over tilec's, and the share of the machine's ceiling (that of a
probe, or of whoever is faster); peers that are missing or lack an operation are named. benchmarks/install_peers.py installs
the peers, scripts/build.sh tilec. With --cache=hot a call finds what the call before left in the caches, with cold nothing.
"""

import argparse
import json
import os
import pathlib
import re
import sys

from harness.process import enter_peers_python

HERE = pathlib.Path(__file__).resolve().parent
VENV = HERE.parent / "build" / "bench-venv"


def parse(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", required=True, help="gemm, memory, attention, fused, conv2d, compile; several with commas")
    parser.add_argument("--peers", default="all", help="names with commas (default: all)")
    parser.add_argument("--filter", default="", metavar="REGEX", help="only cases whose name it is found in")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()), help="of every peer (default: 2)")
    parser.add_argument("--rounds", type=int, default=9, help="times that every peer is measured (default: 9)")
    parser.add_argument("--seconds", type=float, default=0.05, help="of one measurement (default: 0.05)")
    parser.add_argument("--cache", choices=["hot", "cold"], default="hot", help="what is in the caches before a call")
    parser.add_argument("--realtime", action="store_true",
                        help="measure at real-time priority, for machines that others use as well (needs root)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write everything that was measured")
    parser.add_argument("--venv", type=pathlib.Path, default=VENV, help="where the peers are (default: build/bench-venv)")
    options = parser.parse_args(arguments)
    if options.threads < 1 or options.rounds < 1 or not 0 <= options.seconds <= 60:
        parser.error("--threads and --rounds are positive, --seconds is from 0 to 60")
    if options.threads > len(os.sched_getaffinity(0)):
        parser.error(f"this process has {len(os.sched_getaffinity(0))} cores: more threads would wait for each other")
    try:
        re.compile(options.filter)
    except re.error as error:
        parser.error(f"--filter {options.filter}: {error}")
    if options.json and not (options.json.parent.is_dir() and os.access(options.json.parent, os.W_OK)):
        parser.error(f"--json {options.json}: the folder {options.json.parent} cannot be written")
    if options.realtime and not may_be_realtime():
        parser.error("--realtime needs the permission to give real-time priority, such as root's")
    return parser, options


def may_be_realtime():
    """Whether the system lets this process give real-time priority."""
    child = os.fork()
    if not child:
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
            os._exit(0)
        except OSError:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def words(text):
    """The words of a list with commas, each once."""
    return list(dict.fromkeys(word for word in text.split(",") if word))


def main():
    parser, options = parse()
    enter_peers_python(parser, options.venv, options.threads)
    # Only now: NumPy is in that environment.
    import peers
    import suites
    from harness import machine, report
    from harness.process import WorkerProcess
    from harness.rounds import measure_case

    names = list(peers.NAMES) if options.peers == "all" else words(options.peers)
    unknown = [name for name in names if name not in (*peers.NAMES, peers.BASELINE)]
    unknown += [name for name in words(options.suite) or [options.suite] if name not in suites.NAMES]
    if unknown:
        parser.error(f"unknown: {', '.join(map(repr, unknown))}; peers are {', '.join(peers.NAMES)}, "
                     f"suites {', '.join(suites.NAMES)}")
    cases = [case for suite in words(options.suite) for case in suites.load(suite).CASES
             if re.search(options.filter, case.name)]
    if not cases:
        parser.error(f"no case of {options.suite} has a name that '{options.filter}' is found in")
    # One process group for all of it, so that one signal ends it.
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    cores = sorted(os.sched_getaffinity(0))[:options.threads]
    facts, rows, workers = machine.describe(), [], []
    log = open(os.devnull, "w") if not os.environ.get("TILEC_BENCH_LOG") else open(os.environ["TILEC_BENCH_LOG"], "w")
    try:
        for name in [*peers.ALWAYS, *names]:
            workers.append(WorkerProcess(name, options.venv, options.threads, cores, log))
            if workers[-1].skip:
                print(f"{name} is missing: {workers[-1].skip.splitlines()[0]}", flush=True)
        for case in cases:
            results = measure_case(workers, case, options.rounds, options.seconds, options.cache, options.realtime)
            rows.append(report.row_of(case, results))
            row = rows[-1]
            print(f"{case.name}: tilec {report.number(row['seconds'].get('tilec', float('nan')))} ms, "
                  f"{row.get('ratio', float('nan')):.2f} ({row.get('best peer', 'no peer')})", file=sys.stderr, flush=True)
    finally:
        for worker in workers:
            worker.close()
    print(f"{facts['processor']}, {options.threads} threads, caches {options.cache}, {facts['date']}\n")
    print(report.table(rows, names))
    for line in report.skipped(rows):
        print("not run: " + line)
    if options.json:
        versions = {worker.name: worker.version for worker in workers if worker.version}
        settings = {name: str(value) for name, value in vars(options).items()}
        options.json.write_text(json.dumps(report.document(rows, facts, versions, settings), indent=1) + "\n")
    # A table without tilec is no result.
    return 0 if all("tilec" in row["seconds"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
