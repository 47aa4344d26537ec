# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles kernels without parameters for the CPU and calls them: call_kernels.py TILE-CC FILE.mlir OBJECT.so

The file may have parts between `// -----`, which are compiled one by one. A part that says `expected-error {{TEXT}}` has
to fail at that place after it printed TEXT; every other kernel has to succeed."""

import re
import subprocess
import sys

KERNEL = re.compile(r"tile\.kernel @(\w+)\(\)")
EXPECTED = re.compile(r"expected-error @below \{\{(.*)\}\}")

# Runs in a process of its own, whose output is what the kernels print.
CALL = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
library.tilec_status_text.restype = ctypes.c_char_p
for name in sys.argv[2:]:
    status = getattr(library, name)()
    print(f"{name}: {library.tilec_status_text(status).decode() if status else 'success'}", flush=True)
"""


def call(compiler, text, shared):
    """What the kernels of one part print, and how each call ends."""
    source = shared + ".mlir"
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run([compiler, source, "--compile-from=tile", "--emit=shared", "-o", shared], check=True, timeout=60)
    command = [sys.executable, "-c", CALL, shared, *KERNEL.findall(text)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return (done.stdout + done.stderr).splitlines()


def complaints(compiler, text, shared):
    """What is wrong with the calls of one part."""
    lines = call(compiler, text, shared)
    expected = EXPECTED.search(text)
    if not expected:
        return [line for line in lines if not line.endswith(": success")] + ([] if lines else ["no kernel was called"])
    place = text[: expected.start()].count("\n") + 2
    wrong = [f"not printed: {expected.group(1)}"] if expected.group(1) not in lines else []
    if not any(f".mlir:{place}:" in line and "assertion failed" in line for line in lines):
        wrong.append(f"no call fails at line {place}")
    return [*wrong, *lines] if wrong else []


def main(compiler, path, shared):
    with open(path, encoding="utf-8") as file:
        parts = file.read().split("// -----")
    wrong = [line for part in parts for line in complaints(compiler, part, shared)]
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
