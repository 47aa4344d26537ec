#===- amx.py - AMX in tests, on any machine -----------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Code for AMX is executed by the processor where it has AMX, and by test/amx/emulator.c elsewhere."""

import functools
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).resolve().parents[1] / "amx" / "emulator.c"
FLAGS = {"amx_tile", "amx_int8", "amx_bf16"}

# What else code for sapphirerapids is made of, apart from f16's own instructions.
REST = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512vbmi", "avx512_vbmi2",
        "avx512_bitalg", "avx512_vpopcntdq", "avx512ifma", "gfni"}


@functools.cache
def machine_flags():
    """The features of this machine's processor, as Linux names them."""
    return set(Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").split())


#: Asks Linux for its permission to use tiles; the status is 0 if it gives it.
REQUEST = "import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(158, 0x1023, 18) != 0)"


@functools.cache
def is_native():
    """Whether the processor has AMX, and the system lets processes use it."""
    return FLAGS <= machine_flags() and subprocess.run([sys.executable, "-c", REQUEST], check=False).returncode == 0


def missing():
    """Why code for sapphirerapids that has no f16 in it cannot be executed here, not even by the emulator's help; or empty."""
    if not REST <= machine_flags():
        return "this machine has no " + ", ".join(sorted(REST - machine_flags()))
    # The emulator sees no instruction that the processor knows.
    return "this machine's system does not permit AMX" if FLAGS & machine_flags() and not is_native() else ""


def runs_here():
    return not missing()


@functools.cache
def emulator():
    """The library to preload, compiled once for all processes."""
    source = SOURCE.read_bytes()
    folder = Path(os.environ["TILEC_BIN"]).resolve().parent / "test" / "amx"
    library = folder / f"emulator-{hashlib.sha256(source).hexdigest()[:16]}.so"
    if not library.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"emulator-{os.getpid()}.tmp"
        subprocess.run(["clang-22", "-std=c11", "-O3", "-Wall", "-Wextra", "-Werror", "-mavx2", "-mfma", "-ffp-contract=off",
                        "-fPIC", "-shared", SOURCE, "-o", part], check=True, stdin=subprocess.DEVNULL)
        part.replace(library)
    return library


#: The arch whose code is for AMX.
ARCH = "sapphirerapids"


def environment_for(arch):
    """The environment of a process that runs code for an arch; None stands for this process'."""
    return environment() if arch == ARCH else None


def is_used(arch):
    """Whether code for an arch multiplies by tiles."""
    return arch == ARCH or (arch == "native" and is_native())


def has_order(arch, options=(), config=None):
    """Whether products of bf16 are added in AMX's order: not without excess precision, nor of one column."""
    return is_used(arch) and "--no-excess-precision" not in options and (config or {}).get("j") != 1


def sum_in_order(a, b, start, tile):
    """start + A B of bf16 in f32, in the order that docs/numerics.md gives for AMX: of each 32 terms of a tile of the
    contraction the even and the odd ones apart. Every product is an f32."""
    a, b, total = a.astype(np.float32), b.astype(np.float32), start
    rows, depth, columns = *a.shape, b.shape[1]
    with np.errstate(all="ignore"):
        for first in range(0, depth, tile):
            size = min(tile, depth - first)
            blocks, missing = -(-size // 32), -size % 32
            # Products of -0 behind the end, which change no sum.
            x = np.pad(a[:, first:first + size], ((0, 0), (0, missing))).reshape(rows, blocks, 16, 2)
            y = np.pad(b[first:first + size], ((0, missing), (0, 0)), constant_values=-0.0).reshape(blocks, 16, 2, columns)
            chains = np.zeros((blocks, 2, rows, columns), np.float32)
            for k in range(16):
                chains += x[:, :, k].transpose(1, 2, 0)[..., None] * y[:, k, :, None]
            for even, odd in chains:
                total = total + (even + odd)
    return total


def environment():
    """The environment of processes that execute AMX."""
    return dict(os.environ) if is_native() else dict(os.environ, LD_PRELOAD=str(emulator()))


def refusing_environment():
    """The environment of processes that get no permission to execute AMX, whatever the machine has."""
    return dict(os.environ, LD_PRELOAD=str(emulator()), TILEC_AMX_EMULATOR="refuse")
