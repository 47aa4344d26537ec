#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures the elementary functions that the CPU target has vector code for on all f32, and fails where one is farther from
its exact value than docs/numerics.md promises.

    measure_all_f32.py [--build DIR] [--step N] [--arch ARCH]... [FUNCTION]...

Each function is compiled by tile-cc and called by a C program on every 32-bit pattern, or every N-th. The reference is the
C library's double function, with long double where that is nearer to the bound than all before: the largest distance that
is printed, in ulp of the exact value, is that from long double. An exact infinity, zero or NaN must be met. All 2^32
patterns take a core a minute or two for each function."""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
#: Those with vector code of our own; the others call the C library.
FUNCTIONS = ["exp", "exp2", "log", "log2", "expm1", "log1p", "sin", "cos", "tan", "tanh", "erf"]

KERNEL = """kernel k(A: f32[N]) -> B: f32[N] {
  for i in tiles(N) {
    B[i] = FUNCTION(A[i])
  }
}
"""

PROGRAM = r"""
#include "k.h"
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { count = 1 << 14 };
static float operands[count] __attribute__((aligned(64))), results[count] __attribute__((aligned(64)));

/* How far `result` is from `exact` in ulp of f32 around `exact`. */
static double distance(float result, long double exact) {
  if (exact != exact || result != result)
    return exact != exact && result != result ? 0.0 : INFINITY;
  if (exact == 0 || isinf(exact))
    return result == exact && !signbit(result) == !signbit(exact) ? 0.0 : INFINITY;
  if (result == 0 && !signbit(result) != !signbit(exact))
    return INFINITY;
  int exponent;
  frexpl(exact, &exponent);
  exponent = exponent < -125 ? -125 : exponent > 128 ? 128 : exponent;
  /* An infinity stands for 2^128, one ulp beyond the largest number. */
  long double got = isinf(result) ? copysignl(0x1p128L, result) : result;
  if (fabsl(exact) > 0x1p128L)
    exact = copysignl(0x1p128L, exact);
  return (double)(fabsl(got - exact) * ldexpl(1.0L, 24 - exponent));
}

/* Whether `result` is certainly nearer than `limit` ulp to what `exact` rounds, a normal double within 2^-27 ulp of f32. */
static int is_nearer(float result, double exact, double limit) {
  union { double number; uint64_t bits; } unit = {exact};
  uint64_t exponent = unit.bits >> 52 & 0x7ff;
  if (exponent < 1023 - 126 || exponent > 1023 + 127)
    return 0;
  unit.bits = (exponent - 23) << 52;
  return fabs(result - exact) < (limit - 0x1p-20) * unit.number;
}

int main(int argc, char **argv) {
  uint64_t first = strtoull(argv[1], 0, 10), end = strtoull(argv[2], 0, 10), step = strtoull(argv[3], 0, 10);
  int64_t shape[] = {count};
  DLTensor in = {operands, {kDLCPU, 0}, 1, {2, 32, 1}, shape, 0, 0}, out = in;
  out.data = results;
  double largest = -1.0;
  float worst = 0.0f;
  for (uint64_t bits = first; bits < end;) {
    int filled = 0;
    for (; filled < count; ++filled, bits += step) {
      union { uint32_t bits; float number; } operand = {(uint32_t)(bits < end ? bits : first)};
      operands[filled] = operand.number;
    }
    int32_t status = k(&in, &out);
    if (status)
      return fprintf(stderr, "%s\n", tilec_status_text(status)), 2;
    for (int at = 0; at < filled; ++at) {
      if (is_nearer(results[at], FUNCTION((double)operands[at]), largest))
        continue;
      double far = distance(results[at], FUNCTIONl((long double)operands[at]));
      if (far > largest)
        largest = far, worst = operands[at];
    }
  }
  printf("%.6f %a\n", largest, (double)worst);
  return 0;
}
"""


def run(words, folder):
    """Runs a command, and returns what it printed."""
    result = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"measure_all_f32.py: {' '.join(map(str, words))}: {result.stderr.strip() or result.returncode}")
    return result.stdout


def measure(function, arch, step, tile_cc, threads):
    """The largest distance and its operand, as (ulp, text)."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "k.tile").write_text(KERNEL.replace("FUNCTION", function), encoding="utf-8")
        (folder / "main.c").write_text(PROGRAM.replace("FUNCTION", function), encoding="utf-8")
        run([tile_cc, "k.tile", "--kernel=k", f"--arch={arch}", "-o", "k.o"], folder)
        run(["clang-22", "-O2", "main.c", "k.o", "-lm", "-o", "main"], folder)
        # Parts begin where the step leads to.
        parts = 4 * threads
        bounds = [2**32 * part // parts // step * step for part in range(parts)] + [2**32]
        with ThreadPoolExecutor(threads) as pool:
            lines = list(pool.map(lambda part: run(["./main", bounds[part], bounds[part + 1], step], folder), range(parts)))
    return max((float(line.split()[0]), line.split()[1]) for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--step", type=int, default=1, help="measure every N-th f32; all by default")
    parser.add_argument("--arch", action="append", help="instruction set; native if not given")
    parser.add_argument("function", nargs="*", help=f"of {', '.join(FUNCTIONS)}; all if not given")
    options = parser.parse_args()
    unknown = [name for name in options.function if name not in FUNCTIONS]
    if unknown:
        parser.error(f"'{unknown[0]}' has no vector code: choose from {', '.join(FUNCTIONS)}")
    if options.step < 1:
        parser.error("--step is at least 1")
    sys.path.insert(0, str(ROOT / "test" / "python"))
    from bounded import ULP

    tile_cc, failed = options.build.resolve() / "bin" / "tile-cc", False
    print("| function | arch | promised | largest | at |\n|---|---|---|---|---|")
    for arch in options.arch or ["native"]:
        for function in options.function or FUNCTIONS:
            far, at = measure(function, arch, options.step, tile_cc, os.cpu_count() or 1)
            failed |= not far <= ULP[function]
            print(f"| {function} | {arch} | {ULP[function]} | {far:.3f} | {at} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
