#===- nvrtc.py - CUDA C++ compiled by NVRTC ---------------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""NVRTC compiles CUDA C++ to PTX inside of a program. `python3 nvrtc.py LIBRARY SOURCE PTX OPTION...` does it in a process
of its own, so that a library that crashes is a test that fails."""

import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path


# NVRTC knows printf, assert, malloc and va_list by itself, and no header of the host's library.
HEADERS = [b"cassert", b"cstdarg", b"cstdio", b"cstdlib"]


def find_toolkit():
    """The folder of the CUDA toolkit that nvcc belongs to; None without nvcc."""
    if not shutil.which("nvcc"):
        return None
    said = subprocess.run(["nvcc", "--dryrun", "-x", "cu", "/dev/null"], capture_output=True, text=True, check=False).stderr
    found = re.search(r"^#\$ TOP=(.*)$", said, re.MULTILINE)
    return Path(found.group(1)).resolve() if found else None


def find_library():
    """The toolkit's libnvrtc; None without one."""
    toolkit = find_toolkit()
    names = sorted(path for folder in ("lib64", "lib") for path in (toolkit / folder).glob("libnvrtc.so*")) if toolkit else []
    return names[0] if names else None


def compile_file(library, source, ptx, options):
    nvrtc = ctypes.CDLL(str(library))
    program = ctypes.c_void_p()
    text = Path(source).read_bytes()
    strings = ctypes.c_char_p * len(HEADERS)
    assert not nvrtc.nvrtcCreateProgram(ctypes.byref(program), text, str(source).encode(), len(HEADERS),
                                        strings(*[b""] * len(HEADERS)), strings(*HEADERS))
    words = [option.encode() for option in options]
    status = nvrtc.nvrtcCompileProgram(program, len(words), (ctypes.c_char_p * len(words))(*words))
    size = ctypes.c_size_t()
    if status:
        nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value)
        nvrtc.nvrtcGetProgramLog(program, log)
        sys.exit(log.value.decode("utf-8", "replace") or f"status {status}")
    nvrtc.nvrtcGetPTXSize(program, ctypes.byref(size))
    made = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetPTX(program, made)
    Path(ptx).write_bytes(made.value)


if __name__ == "__main__":
    compile_file(*sys.argv[1:4], sys.argv[4:])
