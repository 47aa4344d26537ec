# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The process of one peer. It reads one JSON object a line and answers each with one:

    {"do": "prepare", "suite": S, "case": NAME, "cache": C}    {} or {"skip": why}
    {"do": "measure", "seconds": T, "cache": C}                {"times": [seconds of each call]}
    {"do": "release"}                                          {}

Its first line is {"version": V}, or {"skip": why} where the peer is not installed."""

import concurrent.futures
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

#: Calls before the clock counts, at least, and for how long.
WARMUPS, WARMUP_SECONDS = 3, 0.1
#: Calls of one measurement, at least and at most.
LEAST_CALLS, MOST_CALLS = 2, 200
#: Larger than any cache.
FLUSH_BYTES = 256 * 1024 * 1024


class Worker:
    def __init__(self, name, threads):
        import peers
        self.name, self.peer = name, peers.load(name, threads)
        self.call, self.kept = None, None
        self.threads, self.flush = threads, None

    def prepare(self, request):
        import peers
        import suites
        suite = suites.load(request["suite"])
        case = suites.find(request["suite"], request["case"])
        amount = None
        try:
            if self.name == "probe":
                found = self.peer.ceiling(case, request["cache"])
                if not found:
                    return {"skip": "this machine has no such instructions"}
                self.call, amount = found
            else:
                given = suite.arrays(case)
                method = getattr(self.peer, case.op, None)
                if not method:
                    return {"skip": f"it has no {case.op}"}
                # The arrays live as long as somebody may call.
                self.kept = given, *method(case, given)
                self.call = self.kept[1]
        except peers.Unsupported as reason:
            return {"skip": str(reason)}
        started, calls = time.perf_counter(), 0
        while calls < WARMUPS or time.perf_counter() - started < WARMUP_SECONDS:
            self.call()
            calls += 1
        if amount:
            return {"amount": amount}
        wrong = suite.check(case, given, self.kept[2]())
        return {"skip": f"wrong result: {wrong}"} if wrong else {}

    def empty_caches(self):
        """Reads so many other bytes on every core that nothing of a case is left in a cache. It only reads: a cache full of
        what was written would have to be written back while the call is measured."""
        import numpy as np
        if self.flush is None:
            self.flush = np.ones(FLUSH_BYTES // 8, np.uint64)
            self.readers = concurrent.futures.ThreadPoolExecutor(self.threads)

        def read(core):
            os.sched_setaffinity(0, {core})
            return self.flush.max()

        # Each of them reads all: the second caches are a core's own.
        list(self.readers.map(read, sorted(os.sched_getaffinity(0))[:self.threads]))

    def measure(self, request):
        times, end = [], time.perf_counter() + request["seconds"]
        self.call()  # Code and data have been elsewhere meanwhile.
        while len(times) < LEAST_CALLS or (time.perf_counter() < end and len(times) < MOST_CALLS):
            if request["cache"] == "cold":
                self.empty_caches()
            start = time.perf_counter()
            self.call()
            times.append(time.perf_counter() - start)
        return {"times": times}

    def release(self, request):
        self.call, self.kept = None, None
        return {}


def main():
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    try:
        worker = Worker(sys.argv[1], int(sys.argv[2]))
    except Exception as error:  # A peer may fail in any way; it is skipped by name.
        answer({"skip": f"{type(error).__name__}: {error}"})
        return
    answer({"version": worker.peer.version})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer(getattr(worker, request["do"])(request))
        except Exception as error:
            answer({"skip": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
