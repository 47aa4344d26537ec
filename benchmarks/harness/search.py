# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Exhaustive search among configs: each of a grid gets a short look, the best of them longer ones, and the winner's lead
over the default is measured once more, since who is chosen by a time was lucky in it, too."""

import itertools

from harness.report import median

#: Sizes of the grid, as parts of the default's.
FACTORS = (0.25, 0.5, 0.75, 1, 1.5, 2, 4)
#: Configs that get the longer looks.
FINALISTS = 12
#: Who takes so many times the default's time at the first call is not called again.
HOPELESS = 2.0


def sizes_around(default, factors=FACTORS, most=None):
    """Sizes to try in place of `default`, ascending: its parts and multiples, and what is small where it is small."""
    sizes = {int(default * factor) for factor in factors if default * factor >= 1 and (default * factor) % 1 == 0}
    if default < 8:
        sizes |= {1, 2, 4, 8, 16}
    sizes = {size for size in sizes if most is None or size <= most} | {default}
    return sorted(sizes)


def grid(default, factors=FACTORS, most=None):
    """All configs of the grid around `default`, a dict of sizes, which is the first of them."""
    names = list(default)
    configs = [dict(zip(names, sizes))
               for sizes in itertools.product(*(sizes_around(default[name], factors, most) for name in names))]
    return sorted(configs, key=lambda config: config != default)


def first_looks(candidates, look):
    """The candidates by the time of a short look, fastest first; `candidates[0]` is the default. `look(candidate, hopeless)`
    gives seconds, and may give up where a call takes longer than `hopeless`."""
    times = {0: look(candidates[0], float("inf"))}
    for number in range(1, len(candidates)):
        times[number] = look(candidates[number], HOPELESS * times[0])
    return sorted(times, key=times.get)


def measure_rounds(numbers, rounds, measure):
    """{number: [seconds of each round]}: each is measured once in a round, and another one begins each time."""
    times = {number: [] for number in numbers}
    for turn in range(rounds):
        start = turn % len(numbers)
        for number in numbers[start:] + numbers[:start]:
            times[number].append(measure(number))
    return times


def search(candidates, look, measure, rounds):
    """Finds the fastest candidate. Returns {"default", "best": seconds, "number": of the best, "ratio": the default's time over
    the best one's, the median of rounds after those that chose it}."""
    order = first_looks(candidates, look)
    # A second look for a quarter, since a first one is easily disturbed.
    some = [0] + [number for number in order if number][:max(FINALISTS, len(order) // 4)]
    second = measure_rounds(some, 2, lambda number: look(candidates[number], float("inf")))
    order = sorted(some, key=lambda number: min(second[number]))
    finalists = [0] + [number for number in order if number][:FINALISTS]
    times = measure_rounds(finalists, rounds, lambda number: measure(candidates[number]))
    best = min(finalists, key=lambda number: median(times[number]))
    again = measure_rounds([0, best] if best else [0], rounds, lambda number: measure(candidates[number]))
    ratio = median([ours / theirs for ours, theirs in zip(again[0], again[best])])
    return {"default": median(again[0]), "best": median(again[best]), "number": best, "ratio": ratio,
            "finalists": {number: median(times[number]) for number in finalists}}
