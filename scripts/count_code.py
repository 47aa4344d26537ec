#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the LLVM instructions that each kernel of examples/kernels is compiled to, which code generation takes its time for.

    count_code.py                            a table of all kernels and archs; fails where one has more than the limit. A
                                             second one has those of bf16 on the archs that multiply it
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
#: Files that have more code with bf16, on processors that multiply it, and their options.
BF16_FILES = {"attention_any": ["--type=U=bf16", "--dim=D=64", "--const=causal=true"]}
BF16_ARCHS = ("znver4", "sapphirerapids")


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


def print_table(name, table, archs):
    print(f"{name:24}" + "".join(f"{arch:>16}" for arch in archs))
    for (_, kernel), counts in sorted(table.items(), key=lambda item: -max(item[1].values())):
        print(f"{kernel:24}" + "".join(f"{counts[arch]:16}" for arch in archs))


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
    parser.add_argument("--arch", help=f"with commas (default: {','.join(ARCHS)}, and for bf16 {','.join(BF16_ARCHS)})")
    options = parser.parse_args()
    archs = options.arch.split(",") if options.arch else None
    is_small, is_found = True, False
    for name, all_files, its_archs in (("kernel", OPTIONS, ARCHS), ("kernel of bf16", BF16_FILES, BF16_ARCHS)):
        files = {file: words for file, words in all_files.items() if re.search(options.filter, file)}
        if not files:
            continue
        is_found = True
        table = count_all(pathlib.Path(options.tile_cc).resolve(), files, archs or its_archs)
        print_table(name, table, archs or its_archs)
        is_small &= all(number <= LIMIT for counts in table.values() for number in counts.values())
    if not is_found:
        parser.error("no file has such a name")
    return 0 if is_small else 1


if __name__ == "__main__":
    sys.exit(main())
