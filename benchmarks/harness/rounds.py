# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Interleaved measurement: in every round each peer is measured once, for a short time, in an order that moves on by one
from round to round. So what disturbs the machine for a while disturbs all of them."""


def measure_case(workers, case, rounds, seconds, cache, realtime=False):
    """Measures a case on all workers. Returns {name: {"rounds": [seconds of the fastest call of each round], "amount": of a
    probe} or {"skip": why}}. With `realtime` no other program gets a core while a worker measures."""
    results, running = {}, []
    for worker in workers:
        if worker.skip:
            results[worker.name] = {"skip": worker.skip}
            continue
        answer = worker.ask(do="prepare", suite=case.suite, case=case.name, cache=cache)
        if "skip" in answer:
            results[worker.name] = {"skip": answer["skip"]}
            continue
        results[worker.name] = {"rounds": []} | answer
        running.append(worker)
        if realtime:
            worker.set_realtime(True)
    for number in range(rounds):
        start = number % max(len(running), 1)
        for worker in running[start:] + running[:start]:
            answer = worker.ask(do="measure", seconds=seconds, cache=cache)
            if "skip" in answer:
                results[worker.name] = {"skip": answer["skip"]}
            elif "rounds" in results[worker.name]:
                results[worker.name]["rounds"].append(min(answer["times"]))
        running = [worker for worker in running if "skip" not in results[worker.name]]
    for worker in running:
        if realtime:
            worker.set_realtime(False)
        worker.ask(do="release")
    return results
