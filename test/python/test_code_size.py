#===- test_code_size.py - how much code kernels are compiled to --------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""No kernel of examples/kernels has more LLVM instructions than scripts/count_code.py allows, on any arch: compiling takes time
in proportion."""

import sys

import pytest

from tilec_testing import ROOT, tool

sys.path.insert(0, str(ROOT / "scripts"))
sys.path.insert(0, str(ROOT / "benchmarks"))

import count_code  # noqa: E402
from suites.compile import OPTIONS  # noqa: E402

MODULE = """\
@k_descriptor = constant [2 x i8] zeroinitializer
@k.other_descriptor = constant [2 x i8] zeroinitializer
define internal void @k.grid0(ptr %0) {
  switch i32 %1, label %2 [
    i32 0, label %3
    i32 1, label %4
  ]

2:                                                ; preds = %1
  ; a note
  ret void
}

declare void @tilec_print(ptr)

define i32 @k_workspace_size(ptr %0) #0 {
  %2 = add i32 1, 2
  ret i32 %2
}

define i32 @"k.other"(ptr %0) {
  ret i32 0
}
"""


def test_instructions_are_counted_once_and_for_their_kernel():
    assert count_code.count_functions(MODULE) == {"k.grid0": 2, "k_workspace_size": 2, "k.other": 1}
    assert count_code.count_kernels(MODULE) == {"k": 4, "k.other": 1}


def test_a_function_without_a_kernel_is_an_error():
    with pytest.raises(RuntimeError, match="stray"):
        count_code.count_kernels(MODULE.replace("@k_workspace_size", "@stray"))


@pytest.mark.parametrize("file", sorted(path.stem for path in (ROOT / "examples" / "kernels").glob("*.tile")))
def test_kernels_are_small(file):
    table = count_code.count_all(tool("tile-cc"), {file: OPTIONS[file]}, count_code.ARCHS)
    assert table and all(number > 0 for counts in table.values() for number in counts.values())
    large = {kernel: counts for (_, kernel), counts in table.items() if max(counts.values()) > count_code.LIMIT}
    assert not large, f"more than {count_code.LIMIT} instructions"
