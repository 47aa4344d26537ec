#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the LLVM instructions that each kernel of examples/kernels is compiled to, which code generation takes its time for.

    count_code.py                            a table of all kernels and archs; fails where one has more than the limit
    count_code.py --filter matmul --arch x86-64-v4

An instruction is counted where code generation finds it: after our passes and LLVM's. A kernel's are those of its entry points
and of the functions of its grids.
"""

import argparse
import concurrent.futures
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

#: Instructions that a kernel may have.
LIMIT = 5000
ARCHS = ("x86-64-v3", "x86-64-v4", "sapphirerapids")


def count_functions(text):
    """{function: instructions} of a module as LLVM prints it."""
    counts, name, inside = {}, None, False
    for line in text.splitlines():
        if not name:
            found = re.match(r'define .*?@"?([^"(]+)"?\(', line)
            if found:
                name = found[1]
                counts[name] = 0
        elif line == "}":
            name = None
        elif inside:
            inside = line.strip() != "]"
        elif re.match(r"  \S", line) and not line.lstrip().startswith((";", "#dbg")):
            counts[name] += 1
            inside = line.endswith("[")  # The targets of a switch follow.
    return counts


def count_kernels(text):
    """{kernel: instructions}: those of the functions that have its name, or begin with it and a dot or a known ending."""
    kernels = re.findall(r'^@"?([^"\s]+)_descriptor"? = ', text, re.M)
    counts = dict.fromkeys(kernels, 0)
    for function, number in count_functions(text).items():
        owners = [kernel for kernel in kernels
                  if re.fullmatch(re.escape(kernel) + r"(\..*|_workspace_size|_with_workspace)?", function)]
        if not owners:
            raise RuntimeError(f"no kernel has the function '{function}'")
        counts[max(owners, key=len)] += number
    return counts


def count(tile_cc, file, options, arch):
    result = subprocess.run([str(tile_cc), str(ROOT / "examples" / "kernels" / f"{file}.tile"), *options, f"--arch={arch}",
                             "--emit=llvm", "-o", "-"], capture_output=True, text=True, timeout=600, check=False)
    if result.returncode:
        raise RuntimeError(f"{file}: {result.stderr.strip()}")
    return count_kernels(result.stdout)


def count_all(tile_cc, files, archs):
    """{(file, kernel): {arch: instructions}} of files with their options."""
    jobs = [(file, options, arch) for file, options in files.items() for arch in archs]
    table = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for (file, _, arch), found in zip(jobs, pool.map(lambda job: count(tile_cc, *job), jobs)):
            for kernel, number in found.items():
                table.setdefault((file, kernel), {})[arch] = number
    return table


def main():
    if not importlib.util.find_spec("numpy"):
        python = ROOT / "build" / "venv" / "bin" / "python"
        if not python.exists() or os.environ.get("VIRTUAL_ENV") == str(python.parent.parent):
            raise SystemExit(f"this needs NumPy, as {python} has it after scripts/install_deps.sh")
        os.execve(python, [str(python), *sys.argv], os.environ | {"VIRTUAL_ENV": str(python.parent.parent)})
    from suites.compile import OPTIONS
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tile-cc", default=shutil.which("tile-cc") or ROOT / "build" / "bin" / "tile-cc", help="the compiler")
    parser.add_argument("--filter", default="", metavar="REGEX", help="only files whose name it is found in")
    parser.add_argument("--arch", default=",".join(ARCHS), help=f"with commas (default: {','.join(ARCHS)})")
    options = parser.parse_args()
    files = {file: words for file, words in OPTIONS.items() if re.search(options.filter, file)}
    if not files:
        parser.error("no file has such a name")
    archs = options.arch.split(",")
    table = count_all(pathlib.Path(options.tile_cc).resolve(), files, archs)
    print(f"{'kernel':24}" + "".join(f"{arch:>16}" for arch in archs))
    for (_, kernel), counts in sorted(table.items(), key=lambda item: -max(item[1].values())):
        print(f"{kernel:24}" + "".join(f"{counts[arch]:16}" for arch in archs))
    return 1 if any(number > LIMIT for counts in table.values() for number in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
