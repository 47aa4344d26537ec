# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The machine's ceilings, measured by probes in C that are compiled here (clang-22). Its method `ceiling` returns
(call, amount): how many operations or bytes one call makes."""

import ctypes
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent / "harness" / "probe.c"
BUILD = HERE.parent.parent / "build" / "benchmarks"

#: Operations or bytes that a call of a probe makes at least, so that starting threads does not count.
FLOPS, BYTES = 4e8, 6e7


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
        self.library.probe_memory.restype = ctypes.c_double
        self.library.probe_memory.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t, ctypes.c_long]
        self.threads, self.version = threads, "1"

    def ceiling(self, case, cache):
        """(call, amount) of the probe of the case's ceiling, or None where the machine has no such instructions.
        Bandwidth is that of as many bytes as the case moves; with cold caches once, as the second time finds some there."""
        if not case.ceiling:
            return None
        kind = case.ceiling.encode()
        if case.ceiling in ("read", "write", "copy"):
            size = max(int(case.bytes), 1 << 16)
            repeats = 1 if cache == "cold" else max(1, round(BYTES / size))
            return lambda: self.library.probe_memory(kind, self.threads, size, repeats), float(size) * repeats
        per_round = self.library.probe_compute(kind, self.threads, 0)
        if not per_round:
            return None
        rounds = int(FLOPS / per_round) + 1
        return lambda: self.library.probe_compute(kind, self.threads, rounds), per_round * rounds
