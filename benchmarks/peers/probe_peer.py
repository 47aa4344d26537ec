# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The machine's ceilings, measured by probes in C that are compiled here (clang-22). Its method `ceiling` returns
(call, amount): how many operations or bytes one call makes."""

import ctypes
import pathlib
import subprocess
import time

from peers import Unsupported

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent / "harness" / "probe.c"
BUILD = HERE.parent.parent / "build" / "benchmarks"

#: Operations or bytes that a call of a probe makes at least, so that starting threads does not count.
FLOPS, BYTES = 4e8, 6e7

#: What a core with AMX computes in a cycle: an instruction multiplies 16 rows of 64 bytes by 16 columns in 16 cycles.
TILE_OPERATIONS = {"bf16": 1024, "int8": 2048}
#: Operations or cycles for a rate, of each core: milliseconds, so that starting threads does not count.
AMOUNT_OF_RATE = {"cycles": 2e7, "bf16": 2e10, "int8": 4e10}
#: A probe of tiles that reaches less of it is no ceiling: something else had the tiles, or an emulator is at work.
LEAST_OF_TILES = 0.9


class Peer:
    def __init__(self, threads):
        BUILD.mkdir(parents=True, exist_ok=True)
        library = BUILD / "libprobe.so"
        if not library.exists() or library.stat().st_mtime < SOURCE.stat().st_mtime:
            subprocess.run(["clang-22", "-O3", "-march=native", "-shared", "-fPIC", "-pthread", "-o", library, SOURCE],
                           check=True)
        self.library = ctypes.CDLL(str(library))
        self.library.probe_compute.restype = ctypes.c_double
        self.library.probe_compute.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_long]
        self.library.probe_has_tiles.argtypes = [ctypes.c_char_p]
        self.library.probe_memory.restype = ctypes.c_double
        self.library.probe_memory.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t, ctypes.c_long]
        self.threads, self.version = threads, "1"

    def rate(self, kind):
        """What a core does in a second, at best of twenty times: operations, or cycles."""
        per_round = self.library.probe_compute(kind, self.threads, 0) / self.threads
        rounds, rates = int(AMOUNT_OF_RATE[kind.decode()] / per_round) + 1, []
        for _ in range(20):
            started = time.perf_counter()
            self.library.probe_compute(kind, self.threads, rounds)
            rates.append(per_round * rounds / (time.perf_counter() - started))
        return max(rates)

    def check_tiles(self, kind):
        """Raises Unsupported where AMX computes less than it can."""
        share = self.rate(kind.encode()) / self.rate(b"cycles") / TILE_OPERATIONS[kind]
        if share < LEAST_OF_TILES:
            raise Unsupported(f"no ceiling: the probe of AMX reaches {share:.0%} of {TILE_OPERATIONS[kind]} operations a cycle and core")

    def ceiling(self, case, cache):
        """(call, amount) of the probe of the case's ceiling, or None where the machine has no such instructions.
        Raises Unsupported where AMX's probe is below 0.9 of what AMX computes in a cycle.
        Bandwidth is that of as many bytes as the case moves; with cold caches once, as the second time finds some there."""
        if not case.ceiling:
            return None
        kind = case.ceiling.encode()
        if case.is_bound_by_memory:
            size = max(int(case.bytes), 1 << 16)
            repeats = 1 if cache == "cold" else max(1, round(BYTES / size))
            return lambda: self.library.probe_memory(kind, self.threads, size, repeats), float(size) * repeats
        per_round = self.library.probe_compute(kind, self.threads, 0)
        if not per_round:
            return None
        operations = FLOPS
        if self.library.probe_has_tiles(kind):
            self.check_tiles(case.ceiling)
            operations = AMOUNT_OF_RATE[case.ceiling] * self.threads
        rounds = int(operations / per_round) + 1
        return lambda: self.library.probe_compute(kind, self.threads, rounds), per_round * rounds
