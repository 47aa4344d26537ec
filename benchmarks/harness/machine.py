# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a table must say of the machine it was made on."""

import datetime
import os
import pathlib
import platform
import subprocess

#: Flags of the processor that kernels are chosen by.
FLAGS = ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "avx512_fp16", "amx_tile", "amx_bf16", "amx_int8")


def cache_sizes(root="/sys/devices/system/cpu/cpu0/cache"):
    """Sizes of the caches of one core, as the system spells them."""
    sizes = {}
    for index in sorted(pathlib.Path(root).glob("index*")):
        level, kind, size = [(index / name).read_text().strip() for name in ("level", "type", "size")]
        if kind != "Instruction":
            sizes[f"L{level}"] = size
    return sizes


def describe():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    fields = dict([part.strip() for part in line.split(":", 1)] for line in lines if ":" in line)
    present = set(fields.get("flags", "").split())
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=pathlib.Path(__file__).parent,
                              capture_output=True, text=True, check=False).stdout.strip()
    return {"processor": fields.get("model name"), "family": fields.get("cpu family"), "model": fields.get("model"),
            "cores": os.cpu_count(), "flags": [flag for flag in FLAGS if flag in present], "caches": cache_sizes(),
            "kernel": platform.release(), "load": os.getloadavg()[0],
            "date": datetime.datetime.now().isoformat(timespec="minutes"), "revision": revision}
