# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The suites by name. A suite has CASES, `arrays(case)`, and `check(case, arrays, result)`, which says what is wrong
with a result, or None."""

import importlib

NAMES = ("gemm", "memory", "attention", "fused", "conv2d", "compile")


def load(name):
    return importlib.import_module(f"suites.{name}")


def find(suite, case_name):
    """The case of that name."""
    return next(case for case in load(suite).CASES if case.name == case_name)
