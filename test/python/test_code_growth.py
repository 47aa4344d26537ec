#===- test_code_growth.py - code does not grow with the tiles ------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tile sizes are loops, not code: a kernel of large tiles has hardly more instructions than one of small tiles, and takes no
longer to compile."""

import re

import pytest

from tilec_testing import call, tool

PRODUCT = """kernel k(A: {0}[M, K], B: {0}[K, N], BT: {0}[N, K]) -> C: {1}[M, N] {{
  for i, j in tiles(M, N) {{
    var c = zeros({1}, i, j)
    for k in tiles(K) {{ c += A[i, k] @ {2} }}
    C[i, j] = c
  }}
}}
"""
ROWS = """kernel k(A: f32[M, K]) -> C: f32[M, K] {
  for i, k in tiles(M, K) {
    let x = exp(A[i, k])
    C[i, k] = cumsum(x, axis=0) / sum(x, axis=1, keep=true)
  }
}
"""
SOURCES = {f"{element} by {right}": PRODUCT.format(element, result, right)
           for element, result in (("f32", "f32"), ("bf16", "f32"), ("i8", "i32")) for right in ("B[k, j]", "BT[j, k].T")}
SOURCES["rows"] = ROWS


def instructions(path, sizes, arch):
    text = call([tool("tile-cc"), path, "--emit=llvm", f"--arch={arch}", "-o", "-",
                 "--set=" + ",".join(f"{name}={size}" for name, size in sizes.items())]).stdout
    return len(re.findall(r"^  [%\w]", text, re.M))


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
@pytest.mark.parametrize("name", SOURCES)
def test_code_does_not_grow_with_the_tiles(name, arch, tmp_path):
    path = tmp_path / "k.tile"
    path.write_text(SOURCES[name])
    names = "ik" if name == "rows" else "ijk"
    usual = instructions(path, dict.fromkeys(names, 128), arch)
    assert usual > 200
    for large in names:
        # What is a constant for one size is computed for another: a fifth more; a copy for each line would be many times as much.
        sizes = {other: 20000 if other == large else 128 for other in names}
        assert instructions(path, sizes, arch) < 1.2 * usual, f"{sizes}, {usual} instructions where all are 128"
