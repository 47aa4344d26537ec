#===- test_hostile_programs.py - odd programs and odd command lines --------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs that are legal but unlikely, and paths that are no plain files: each once broke something."""

import os
import stat
import subprocess

import numpy as np
import pytest

from tilec_testing import EXECUTORS, Case, ToolError, array, call, program, tool

X = array("i32", [5, -7, 0, 2**31 - 1, -2**31, 3])
I64 = array("i64", [-2**63, 2**63 - 1, 0, -1, 1])

CASES = [
    program("equal_operands", """
  for i in tiles(N) {
    let x = X[i]
    Y[i] = x ^ x
    L[i] = x < x
    E[i] = x >= x
  }
""", {"X": X}, {"Y": ("i32[N]", X * 0), "L": ("bool[N]", X != X), "E": ("bool[N]", X == X)}, params="X: i32[N]", config={"i": 4}),
    program("equal_operands_of_a_whole_dim", """
  for r in range(1) {
    let x = X[:]
    Y[:] = x ^ x
    S[0] = sum(x == x)
  }
""", {"X": X}, {"Y": ("i32[N]", X * 0), "S": ("i32[1]", array("i32", [6]))}, params="X: i32[N]"),
    program("operands_that_become_equal", """
  for i in tiles(N) {
    let x = X[i]
    let y = where(x > 0, x, x)
    Y[i] = x ^ y
    E[i] = x == (y | x)
    S[i] = (x - y) - x
  }
""", {"X": X}, {"Y": ("i32[N]", X * 0), "E": ("bool[N]", X == X), "S": ("i32[N]", -X)}, params="X: i32[N]", config={"i": 4}),
    program("size_of_a_loop_that_computes_nothing", """
  for i in tiles(N) {
    var unused = X[i]
    for j in tiles(N) { unused += sum(X[j]) }
    Y[i] = X[i]
  }
""", {"X": X}, {"Y": ("i32[N]", X)}, params="X: i32[N]", config={"i": 4, "j": 2}),
    Case("baked_size_of_a_loop_left_out", """
@config(target="cpu", i=4, j=2, num_warps=8, threads=2)
kernel k(X: i32[N], const total: bool = false) -> Y: i32[N] {
  for i in tiles(N) {
    var y = X[i]
    if total { for j in tiles(N) { y += sum(X[j]) } }
    Y[i] = y
  }
}
""", {"Y": X}, ins={"X": X}),
    program("extremes_of_i64", """
  for r in range(1) {
    let x = X[:]
    Y[0] = min(x)
    Y[1] = max(x)
    Y[2] = min(x[0], 9223372036854775807)
  }
  for i in tiles(N) {
    Z[i] = X[i] // -1
    M[i] = X[i] % -1
  }
""", {"X": I64}, {"Y": ("i64[3]", array("i64", [-2**63, 2**63 - 1, -2**63])), "Z": ("i64[N]", np.negative(I64)), "M": ("i64[N]", I64 * 0)},
            params="X: i64[N]"),
    program("reshape_of_a_whole_dim", """
  for r in range(1) { Y[:, :] = reshape(X[:], 2, 3).T }
""", {"X": X}, {"Y": ("i32[3, 2]", X.reshape(2, 3).T.copy())}, params="X: i32[N]"),
    program("eight_dims", """
  for a, b, c, d, e, f, g, h in tiles(A, B, C, D, E, F, G, H) { Y[a, b, c, d, e, f, g, h] = X[a, b, c, d, e, f, g, h] + 1 }
""", {"X": np.arange(144, dtype=np.int32).reshape(2, 1, 3, 2, 1, 2, 3, 2)},
            {"Y": ("i32[A, B, C, D, E, F, G, H]", np.arange(1, 145, dtype=np.int32).reshape(2, 1, 3, 2, 1, 2, 3, 2))},
            params="X: i32[A, B, C, D, E, F, G, H]"),
]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_program(case, executor, tmp_path):
    case.check(executor, tmp_path)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_print_outside_of_grids(executor, tmp_path):
    case = program("printing", """
  print("begin")
  if N > 2 { print("N is {} of {}", N, s) }
  for r in range(1) { print("grid") }
  print("end {}", N * 2)
""", {"X": X}, {}, params="X: i32[N], s: f32", scalars={"s": 0.5})
    assert case.run(executor, tmp_path).stdout.split("\n") == ["begin", "N is 6 of 0.5", "grid", "end 12", ""]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_kernel_without_arrays(executor, tmp_path):
    assert Case("nothing", 'kernel k() { print("hi") }\n', {}).run(executor, tmp_path).stdout == "hi\n"


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("statements", [
    """let t = array(f32, N, N, N, N)
  for i in tiles(N) { t[i, 0, 0, 0] = X[i] }
  for i in tiles(N) { Y[i] = t[i, 0, 0, 0] }""",
    """for i in tiles(N) {
    let (a, b) = sort(zeros(f32, 65536, 65536, 65536, 65536), axis=0)
    Y[i] = X[i] + a[0, 0, 0, 0]
  }"""], ids=["array", "tile"])
def test_sizes_beyond_64_bits(statements, executor, tmp_path):
    """2^64 elements are not 0 elements: there is no memory for them."""
    x = np.zeros(65536, np.float32)
    with pytest.raises(ToolError) as error:
        program("large", statements, {"X": x}, {"Y": ("f32[N]", x)}).run(executor, tmp_path)
    assert error.value.status == 1
    assert "there is no memory" in error.value.text or "takes more than" in error.value.text


@pytest.mark.parametrize("executor", EXECUTORS)
def test_unknown_key(executor, tmp_path):
    case = program("unknown", "for i in tiles(N) { Y[i] = X[i] }", {"X": X}, {"Y": ("i32[N]", X)}, params="X: i32[N]", config={"q": 4})
    with pytest.raises(ToolError) as error:
        case.run(executor, tmp_path)
    assert "'q' names no tile index" in error.value.text and "which has i" in error.value.text


SMALL = "kernel k(X: f32[N]) -> Y: f32[N] { for i in tiles(N) { Y[i] = X[i] } }\n"


def test_output_to_a_pipe(tmp_path):
    """A pipe, like a device, is written to; a file does not take its place."""
    (tmp_path / "k.tile").write_text(SMALL)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        call([tool("tile-cc"), tmp_path / "k.tile", "--emit=asm", "-o", pipe])
        assert b"k.run" in reader.communicate(timeout=60)[0]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def test_output_through_a_link(tmp_path):
    (tmp_path / "k.tile").write_text(SMALL)
    (tmp_path / "link").symlink_to("target.s")
    call([tool("tile-cc"), tmp_path / "k.tile", "--emit=asm", "-o", tmp_path / "link"])
    assert (tmp_path / "link").is_symlink() and "k.run" in (tmp_path / "target.s").read_text()


def test_output_that_cannot_be_written(tmp_path):
    (tmp_path / "k.tile").write_text(SMALL)
    for path, reason in (("/dev/full", "No space left"), (tmp_path / "no" / "k.o", "No such file"), (tmp_path, "Is a directory")):
        done = call([tool("tile-cc"), tmp_path / "k.tile", "--emit=asm", "-o", path], check=False)
        assert done.returncode == 1 and f"cannot write '{path}': {reason}" in done.stderr


def test_no_output_is_left_of_an_error(tmp_path):
    (tmp_path / "k.tile").write_text("kernel k(X: f32[N]) -> Y: f32[N] { for i in tiles(N) { Y[i] = Z[i] } }\n")
    assert call([tool("tile-cc"), tmp_path / "k.tile", "-o", tmp_path / "k.o"], check=False).returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["k.tile"]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("name", ["exp", "malloc", "memcpy", "main", "double"])
def test_kernel_named_like_a_c_function(executor, name, tmp_path):
    """In a process of ours, a name is a name: calls of libm and libc do not go to the kernel."""
    source = f"""
kernel {name}(X: f64[N]) -> Y: f64[N] {{
  let t = array(f64, N)
  for i in tiles(N) {{ t[i] = X[i] + log2(ones(f64, i) * 8.0) }}
  for i in tiles(N) {{ Y[i] = t[i] }}
}}
"""
    values = np.arange(5.0)
    Case("name", source, {"Y": values + 3}, ins={"X": values}, kernel=name).check(executor, tmp_path)


@pytest.mark.parametrize("name, message", [
    ("exp", "would take the place of a function of the C library"), ("main", "would take the place"),
    ("double", "is a word of C"), ("tilec_fail", "belong to the compiler")])
def test_object_of_a_kernel_named_like_a_c_function(name, message, tmp_path):
    (tmp_path / "k.tile").write_text(f"\nkernel {name}(X: f32[N]) -> Y: f32[N] {{ for i in tiles(N) {{ Y[i] = X[i] }} }}\n")
    for product in ("obj", "shared", "asm", "header"):
        done = call([tool("tile-cc"), tmp_path / "k.tile", f"--emit={product}", "-o", tmp_path / "out"], check=False)
        assert done.returncode == 1 and f"k.tile:2:8: error: " in done.stderr and message in done.stderr
