#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the zoo's matmul and attention through the command line, on arrays in .npy files, and checks them with NumPy.

What NumPy computes in float64 is compared within bounds that follow from the kernels' arithmetic, element by element:
U16 and U32 are the relative errors of one rounding to f16 and f32."""

import argparse
import pathlib
import shlex
import subprocess
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
U16, U32 = 2.0**-11, 2.0**-24
# Half the spacing of f16's subnormals: the absolute error of rounding a number close to 0.
TINY16 = 2.0**-25


def tile_run(build, folder, words):
    """Runs one tile-run command in `folder`, shows it as a user would type it, and returns whether it succeeded."""
    command = [str(build / "bin" / "tile-run")] + words
    print("$ tile-run " + shlex.join(word.replace(str(ROOT) + "/", "") for word in words), flush=True)
    try:
        return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, timeout=300).returncode == 0
    except subprocess.TimeoutExpired:
        print("stopped after 300 s")
        return False


def compare(name, got, want, bound):
    """Prints the largest error and its share of the bound at that element; true where all are within."""
    if got.shape != want.shape or got.dtype != np.float16:
        print(f"{name}: expected f16{list(want.shape)}, got {got.dtype}{list(got.shape)}")
        return False
    error = np.abs(got.astype(np.float64) - want)
    share = float(np.max(error / bound))
    good = bool(np.all(error <= bound))
    print(f"{name}: largest error {float(np.max(error)):.3g}, {share:.2f} of its bound: {'ok' if good else 'WRONG'}\n")
    return good


def matmul(build, folder, random):
    m, n, k = 1000, 960, 1024
    a = random.standard_normal((m, k)).astype(np.float16)
    b = random.standard_normal((k, n)).astype(np.float16)
    np.save(folder / "a.npy", a)
    np.save(folder / "b.npy", b)
    words = [str(ROOT / "examples/kernels/matmul.tile"), "matmul", "--in", "A=a.npy", "--in", "B=b.npy"]
    if not tile_run(build, folder, words + ["--out", "C=c.npy", "--bench"]):
        return False
    a, b = a.astype(np.float64), b.astype(np.float64)
    want = a @ b
    # k products, exact in f32, and k sums each rounded to f32; then one rounding to f16.
    sums = k * U32 * (np.abs(a) @ np.abs(b))
    bound = sums + U16 * (np.abs(want) + sums) + TINY16
    return compare(f"matmul {m}x{n}x{k}", np.load(folder / "c.npy"), want, bound)


def attention(build, folder, random):
    h, t, s, d, scale = 4, 300, 500, 64, 0.125
    q, k, v = (random.standard_normal((h, length, d)).astype(np.float16) for length in (t, s, s))
    for name, array in (("q", q), ("k", k), ("v", v)):
        np.save(folder / f"{name}.npy", array)
    words = [str(ROOT / "examples/kernels/attention.tile"), "attention", "--in", "Q=q.npy", "--in", "K=k.npy"]
    words += ["--in", "V=v.npy", "--scalar", f"scale={scale}", "--out", "O=o.npy", "--bench"]
    if not tile_run(build, folder, words):
        return False
    q, k, v = (array.astype(np.float64) for array in (q, k, v))
    keys = np.swapaxes(k, 1, 2)
    scores = q @ keys * scale
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    total = weights.sum(axis=2, keepdims=True)
    weights /= total
    want = weights @ v
    # A score is wrong by d + 3 roundings of its terms; a weight relative to its sum by twice the largest of these, by
    # an exponential (4 units), by s sums, and by one correction factor a step (8 units over all); as f16 by U16 more,
    # or TINY16 where it is small, which division by the sum of weights (at least 1) does not enlarge.
    score = (d + 3) * U32 * np.max(np.abs(q) @ np.abs(keys) * scale, axis=2, keepdims=True)
    relative = np.expm1(2 * score) + (2 * s + 16) * U32 + U16
    bound = relative * (weights @ np.abs(v)) + TINY16 * np.abs(v).sum(axis=1, keepdims=True)
    bound += U16 * (np.abs(want) + bound) + TINY16
    return compare(f"attention {h}x{t}x{s}x{d}", np.load(folder / "o.npy"), want, bound)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    build = options.build.resolve()
    folder = build / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.npy"):
        old.unlink()
    random = np.random.default_rng(options.seed)
    print(f"the arrays are in {folder}\n")
    results = {demo.__name__: demo(build, folder, random) for demo in (matmul, attention)}
    wrong = [name for name, good in results.items() if not good]
    print("FAIL: " + ", ".join(wrong) if wrong else "PASS: " + " and ".join(results) + " give what NumPy gives")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
