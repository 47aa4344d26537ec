#===- test_amx.py - kernels that use AMX's tiles -------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The permission that they need, and objects. What they compute: test_dot_groups.py, test_few_rows.py, test_deterministic.py
and the conformance matrix."""

import subprocess

import numpy as np
import pytest

import amx
from tilec_testing import ToolError, assert_equal, call, run, tool

SOURCE = """kernel product(A: i8[M, K], B: i8[K, N]) -> C: i32[M, N] {
  for i, j in tiles(M, N) {
    var sum = zeros(i32, i, j)
    for k in tiles(K) { sum += A[i, k] @ B[k, j] }
    C[i, j] = sum
  }
}
kernel negative(X: i32[N]) -> Y: i32[N] { for i in tiles(N) { Y[i] = -X[i] } }
"""

# A program that links an object: prints the status of a product, its text, and the elements of C.
MAIN = """#include "k.h"
#include <stdio.h>
int main(void) {
  static int8_t a[33 * 70], b[70 * 19];
  static int32_t c[33 * 19];
  for (int i = 0; i < 33 * 70; ++i) a[i] = (int8_t)(i * 37 % 256 - 128);
  for (int i = 0; i < 70 * 19; ++i) b[i] = (int8_t)(i * 101 % 256 - 128);
  int64_t shapes[3][2] = {{33, 70}, {70, 19}, {33, 19}}, strides[3][2] = {{70, 1}, {19, 1}, {19, 1}};
  DLTensor A = {a, {kDLCPU, 0}, 2, {kDLInt, 8, 1}, shapes[0], strides[0], 0};
  DLTensor B = {b, {kDLCPU, 0}, 2, {kDLInt, 8, 1}, shapes[1], strides[1], 0};
  DLTensor C = {c, {kDLCPU, 0}, 2, {kDLInt, 32, 1}, shapes[2], strides[2], 0};
  int status = product(&A, &B, &C);
  printf("%d %s\\n", status, status ? tilec_status_text(status) : "");
  for (int i = 0; i < 33 * 19; ++i) printf("%d\\n", c[i]);
  return 0;
}
"""
REFUSAL = "the kernel needs AMX, which this machine lacks or its system does not permit"

pytestmark = pytest.mark.skipif(not amx.runs_here(), reason=amx.missing())


def refusing():
    """An environment in which the system gives no permission."""
    return amx.refusing_environment()


def bytes_of(rng, *shape):
    return rng.integers(-128, 128, shape).astype(np.int8)


def product_by(environment, rng, directory, options=()):
    (directory / "k.tile").write_text(SOURCE)
    a, b = bytes_of(rng, 33, 70), bytes_of(rng, 70, 19)
    result = run(directory / "k.tile", "product", "cpu", ins={"A": a, "B": b}, outs={"C": "i32"},
                 options=[f"--arch={amx.ARCH}", *options], environment=environment, directory=directory)
    return result.arrays["C"], a.astype(np.int32) @ b.astype(np.int32)


@pytest.mark.parametrize("options", [["-O0"], ["-O3"], ["--threads=2", "--set=i=16,j=16"]], ids=" ".join)
def test_with_permission(options, rng, tmp_path):
    assert_equal("C", *product_by(amx.environment(), rng, tmp_path, options))


def test_a_refusal_is_a_status(rng, tmp_path):
    with pytest.raises(ToolError, match=REFUSAL):
        product_by(refusing(), rng, tmp_path)
    # A kernel of the same file that needs no tiles is executed.
    x = rng.integers(-100, 100, 50).astype(np.int32)
    result = run(tmp_path / "k.tile", "negative", "cpu", ins={"X": x}, outs={"Y": "i32"}, options=[f"--arch={amx.ARCH}"],
                 environment=refusing(), directory=tmp_path)
    assert_equal("Y", result.arrays["Y"], -x)


def test_objects_ask_themselves(tmp_path):
    (tmp_path / "k.tile").write_text(SOURCE)
    (tmp_path / "main.c").write_text(MAIN)
    call([tool("tile-cc"), tmp_path / "k.tile", f"--arch={amx.ARCH}", "-o", tmp_path / "k.o"])
    call(["clang-22", tmp_path / "main.c", tmp_path / "k.o", "-lm", "-o", tmp_path / "main"])
    a = ((np.arange(33 * 70) * 37) % 256 - 128).reshape(33, 70)
    b = ((np.arange(70 * 19) * 101) % 256 - 128).reshape(70, 19)
    status, *values = call([tmp_path / "main"], environment=amx.environment()).stdout.splitlines()
    assert status == "0 " and [int(value) for value in values] == (a @ b).ravel().tolist()
    status, *values = call([tmp_path / "main"], environment=refusing()).stdout.splitlines()
    assert status == f"13 {REFUSAL}" and set(values) == {"0"}


@pytest.mark.skipif(amx.is_native(), reason="this machine has AMX")
def test_a_machine_without_amx_refuses(tmp_path):
    """Without the emulator."""
    (tmp_path / "k.tile").write_text(SOURCE)
    for name, size in (("A", (3, 5)), ("B", (5, 2))):
        np.save(tmp_path / f"{name}.npy", np.zeros(size, np.int8))
    done = subprocess.run([tool("tile-run"), tmp_path / "k.tile", "product", "--exec=cpu", f"--arch={amx.ARCH}",
                           f"--in=A={tmp_path}/A.npy", f"--in=B={tmp_path}/B.npy"], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 1 and REFUSAL in done.stderr
