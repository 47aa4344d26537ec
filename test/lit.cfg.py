# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The lit suite: command lines over .mlir, .tile and .test files, checked by FileCheck and by the tools themselves.
# docs/testing.md says which kind of test goes where.

import os
import platform
import sys

import lit.formats

config.name = "tilec"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".tile", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.tilec_build, "test")
# Folders whose files other suites run (see scripts/run_tests.py), and inputs of tests.
config.excludes = ["unit", "fuzz", "python", "scripts", "errors", "lib", "Inputs", "litmus", "races"]

# No test outlasts this; lit can only enforce it where psutil is installed.
try:
    import psutil  # noqa: F401

    lit_config.maxIndividualTestTime = 300 if config.sanitized else 120
except ImportError:
    pass

# Tools by their plain names: ours first (those in TILEC_BIN before the build's own), then LLVM's (FileCheck, not,
# split-file, mlir-opt, llvm-objdump).
bin_folders = [os.path.join(config.tilec_build, "bin"), os.path.join(config.tilec_build, "test", "lib"),
               config.llvm_tools, config.environment.get("PATH", "")]
if os.environ.get("TILEC_BIN"):
    bin_folders.insert(0, os.environ["TILEC_BIN"])
config.environment["PATH"] = os.pathsep.join(bin_folders)
for name in ("TILEC_SEED", "TILEC_FULL", "HOME"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions += [
    ("%src_root", config.tilec_source),
    ("%build_root", config.tilec_build),
    ("%kernels", os.path.join(config.tilec_source, "examples", "kernels")),
    ("%python", '"%s"' % sys.executable),
    ("%cc", os.path.join(config.llvm_tools, "clang")),
]

# REQUIRES: and UNSUPPORTED: may name these.
if config.assertions:
    config.available_features.add("asserts")
if config.sanitized:
    config.available_features.add("sanitized")
if platform.machine() in ("x86_64", "AMD64"):
    config.available_features.add("x86")
    try:
        with open("/proc/cpuinfo") as info:
            flags = next((line for line in info if line.startswith("flags")), "").split()
    except OSError:
        flags = []
    for flag in ("avx2", "avx512f", "avx512_bf16", "amx_tile"):
        if flag in flags:
            config.available_features.add(flag)
