#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the instructions that kernels execute, and compares the counts with those that are committed.

    count_instructions.py                          prints a table, and fails where a kernel takes over 3 % more
    count_instructions.py --filter matmul          some kernels
    count_instructions.py --update --why "TEXT"    writes the counts of this build, and why those grew that did

Each kernel is compiled for x86-64-v3 (valgrind knows no AVX-512), called once by one thread with fixed arrays, and counted by
callgrind: the kernel's function and what it calls. The numbers depend on the compiler alone, where times would depend on
the machine. They are in benchmarks/instructions.json, with a history of reasons.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
COUNTS = ROOT / "benchmarks" / "instructions.json"
#: By what part a count may grow.
GROWTH = 0.03

#: C type, and code and bits of DLPack, of an element type.
TYPES = {"f32": ("float", 2, 32), "bf16": ("uint16_t", 4, 16), "i8": ("int8_t", 0, 8), "i32": ("int32_t", 0, 32)}


class Kernel:
    """A kernel of examples/kernels with the arguments of its call: arrays as "f32[3,4]", scalars as C writes them."""

    def __init__(self, file, kernel, options, *arguments):
        self.file, self.kernel, self.options, self.arguments = file, kernel, options, arguments


F32 = ["--type=T=f32"]
KERNELS = {
    "matmul f32": Kernel("matmul_any", "matmul_any", [*F32, "--type=R=f32"], "f32[192,256]", "f32[256,160]", "f32[192,160]"),
    "matmul f32, ragged": Kernel("matmul_any", "matmul_any", [*F32, "--type=R=f32"], "f32[37,131]", "f32[131,99]",
                                 "f32[37,99]"),
    "matmul f32, one row": Kernel("matmul_any", "matmul_any", [*F32, "--type=R=f32"], "f32[1,512]", "f32[512,512]",
                                  "f32[1,512]"),
    "matmul bf16": Kernel("matmul_any", "matmul_any", ["--type=T=bf16", "--type=R=f32"], "bf16[192,256]", "bf16[256,160]",
                          "f32[192,160]"),
    "matmul i8": Kernel("matmul_i8", "matmul_i8", [], "i8[192,256]", "i8[256,160]", "i32[192,160]"),
    "matmul, bias, gelu": Kernel("matmul_bias_gelu", "matmul_bias_gelu", F32, "f32[96,128]", "f32[128,96]", "f32[96]",
                                 "f32[96,96]"),
    "attention": Kernel("attention_any", "attention_any", ["--type=U=f32", "--dim=D=64", "--const=causal=true"],
                        "f32[2,128,64]", "f32[2,128,64]", "f32[2,128,64]", "0.125f", "f32[2,128,64]"),
    "conv2d": Kernel("conv2d", "conv2d", F32, "f32[1,16,16,32]", "f32[3,3,32,32]", "f32[1,14,14,32]"),
    "softmax": Kernel("softmax", "row_softmax", [], "f32[64,1000]", "f32[64,1000]"),
    "layernorm": Kernel("layernorm", "layernorm", F32, "f32[64,1000]", "f32[1000]", "f32[1000]", "1e-5f", "f32[64,1000]"),
    "rmsnorm": Kernel("rmsnorm", "rmsnorm", F32, "f32[64,1000]", "f32[1000]", "1e-5f", "f32[64,1000]"),
    "cross entropy": Kernel("cross_entropy", "cross_entropy", F32, "f32[64,1000]", "i32[64]", "f32[64]"),
    "gelu": Kernel("gelu", "gelu", F32, "f32[64,1000]", "f32[64,1000]"),
    "transpose": Kernel("transpose", "transpose", F32, "f32[250,300]", "f32[300,250]"),
}


def program(kernel):
    """A C program that fills the arrays with values of a fixed sequence, and calls the kernel once."""
    lines = [f'#include "{kernel.kernel}.h"', "#include <stdio.h>", "int main(void) {", "  unsigned state = 1;"]
    names = []
    for number, argument in enumerate(kernel.arguments):
        found = re.fullmatch(r"(\w+)\[([\d,]+)\]", argument)
        if not found:
            names.append(argument)
            continue
        c_type, code, bits = TYPES[found[1]]
        extents = found[2].split(",")
        # Labels and indices are among the first 8; numbers in [0, 1); a bf16 is the upper half of such a number.
        value = {"f32": "(state >> 8) * 0x1p-24f", "bf16": "0x3f00 + (state >> 25)"}.get(found[1], "state >> 29")
        lines += [f"  static {c_type} data{number}[{'*'.join(extents)}] __attribute__((aligned(64)));",
                  f"  int64_t shape{number}[] = {{{', '.join(extents)}}};",
                  f"  for (int i = 0; i < {'*'.join(extents)}; ++i)",
                  f"    state = state * 1664525u + 1013904223u, data{number}[i] = {value};",
                  f"  DLTensor tensor{number} = {{data{number}, {{kDLCPU, 0}}, {len(extents)}, {{{code}, {bits}, 1}}, "
                  f"shape{number}, 0, 0}};"]
        names.append(f"&tensor{number}")
    lines += [f"  int32_t status = {kernel.kernel}({', '.join(names)});",
              "  if (status) fprintf(stderr, \"%s\\n\", tilec_status_text(status));", "  return status != 0;", "}"]
    return "\n".join(lines) + "\n"


def run(words, folder):
    """Runs a command; its complaint is the error's text."""
    result = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True, timeout=600)
    if result.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: {result.stderr.strip() or result.returncode}")
    return result.stdout


def count(kernel, tile_cc):
    """Instructions of one call."""
    with tempfile.TemporaryDirectory() as folder:
        run([tile_cc, ROOT / "examples" / "kernels" / f"{kernel.file}.tile", f"--kernel={kernel.kernel}", "--arch=x86-64-v3",
             *kernel.options, "-o", f"{kernel.kernel}.o"], folder)
        pathlib.Path(folder, "main.c").write_text(program(kernel), encoding="utf-8")
        run(["clang-22", "-O1", "-w", "main.c", f"{kernel.kernel}.o", "-lm", "-o", "main"], folder)
        run(["valgrind", "--tool=callgrind", f"--toggle-collect={kernel.kernel}", "--callgrind-out-file=out", "./main"], folder)
        text = pathlib.Path(folder, "out").read_text(encoding="utf-8")
    found = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
    if not found or not int(found[1]):
        raise RuntimeError(f"callgrind counted nothing of '{kernel.kernel}'")
    return int(found[1])


def grown(counts, expected):
    """{name: count over expected count} of those that grew by too much, and of those that nobody knows: infinite."""
    ratios = {name: value / expected[name] if name in expected else float("inf") for name, value in counts.items()}
    return {name: ratio for name, ratio in ratios.items() if ratio > 1 + GROWTH}


def count_all(names, tile_cc):
    with concurrent.futures.ThreadPoolExecutor(min(len(names), os.cpu_count() or 1)) as pool:
        return dict(zip(names, pool.map(lambda name: count(KERNELS[name], tile_cc), names)))


def update(document, counts, why):
    """The document with new counts; what grew is in its history, with the reason."""
    before = document["counts"]
    more = {name: [before[name], counts[name]] for name in grown(counts, before) if name in before}
    return {"counts": {**before, **counts}, "history": document["history"] + ([{"why": why, "grown": more}] if more else [])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tile-cc", default=shutil.which("tile-cc") or ROOT / "build" / "bin" / "tile-cc", help="the compiler")
    parser.add_argument("--filter", default="", metavar="REGEX", help="only kernels whose name it is found in")
    parser.add_argument("--update", action="store_true", help="write the counts")
    parser.add_argument("--why", help="why counts grew")
    options = parser.parse_args()
    names = [name for name in KERNELS if re.search(options.filter, name)]
    if not names:
        parser.error("no kernel has such a name")
    if not shutil.which("valgrind"):
        sys.exit("count_instructions.py: there is no valgrind")
    document = json.loads(COUNTS.read_text(encoding="utf-8")) if COUNTS.exists() else {"counts": {}, "history": []}
    counts = count_all(names, pathlib.Path(options.tile_cc).resolve())
    for name in names:
        before = document["counts"].get(name)
        print(f"{name:24} {counts[name]:12} {f'{counts[name] / before - 1:+8.2%}' if before else '     new'}")
    more = grown(counts, document["counts"])
    if options.update:
        known = [name for name in more if name in document["counts"]]
        if known and not options.why:
            parser.error(f"say --why these grew: {', '.join(known)}")
        COUNTS.write_text(json.dumps(update(document, counts, options.why), indent=1) + "\n", encoding="utf-8")
        return 0
    if more:
        print(f"count_instructions.py: {', '.join(more)}: over {GROWTH:.0%} more than {COUNTS.relative_to(ROOT)} has, or unknown to it; "
              "what grows for a reason is entered with it: --update --why \"...\"", file=sys.stderr)
    return 1 if more else 0


if __name__ == "__main__":
    sys.exit(main())
