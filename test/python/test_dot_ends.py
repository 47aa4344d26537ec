# ===- test_dot_ends.py - where sums of products begin and end ------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products whose sums begin as one value and are stored by the last step of the contraction, beside others that only look like
them, on every instruction set that this machine has and whose sums are such chains.

Every element is the chain of products and sums in ascending order that docs/numerics.md promises. The operands have so few
bits that products are exact in the type of the sums: fused or not makes no difference, and results are compared bit for bit.
"""

import numpy as np
import pytest

import amx
from numerics import FULL
from test_dot_groups import ARCHS, WITH_AMX, expected_bf16, scaled
from test_few_rows import chain, numbers
from tilec_testing import NUMPY, assert_equal, call, run, tool

# C: the sums as they are. D: they begin as another value, and are stored to a part of an array. E: stored twice. F: computed
# with first. G: stored where the kernel reads. H: there is something else to store before.
SOURCE = """
kernel ends<T: number, R: number>(A: T[M, K], B: T[K, N], inout G: R[M, N], start: R)
    -> (C: R[M, N], D: R[3, M, N], E: R[M, N], E2: R[M, N], F: R[M, N], H: R[M, N]) {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    var others = full(R, start, i, j)
    for k in tiles(K) {
      sums = dot(A[i, k], B[k, j], sums)
    }
    C[i, j] = sums
    for k in tiles(K) {
      others = dot(A[i, k], B[k, j], others)
    }
    D[1, i, j] = others
  }
  for i, j in tiles(M, N) {
    var twice = zeros(R, i, j)
    for k in tiles(K) {
      twice = dot(A[i, k], B[k, j], twice)
    }
    E[i, j] = twice
    E2[i, j] = twice
    var scaled = full(R, start, i, j)
    for k in tiles(K) {
      scaled = dot(A[i, k], B[k, j], scaled)
    }
    F[i, j] = scaled + scaled
  }
  for i, j in tiles(M, N) {
    let before = G[i, j]
    var sums = zeros(R, i, j)
    for k in tiles(K) {
      sums = dot(A[i, k], B[k, j], sums)
    }
    H[i, j] = before
    G[i, j] = sums
  }
}
kernel product<T: number, R: number>(A: T[M, K], B: T[K, N]) -> C: R[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    for k in tiles(K) {
      sums += dot(A[i, k], B[k, j])
    }
    C[i, j] = sums
  }
}
"""

# M, K, N and tile sizes: no contraction at all, one step, several; few rows and many; blocks of all heights; columns of whole
# vectors and others.
SHAPES = [((20, 0, 40), {}), ((3, 0, 40), {}), ((15, 9, 64), {}), ((9, 40, 33), {"k": 8}), ((8, 40, 33), {"k": 8}),
          ((2, 70, 100), {"k": 16}), ((31, 129, 47), {"i": 16, "j": 32, "k": 32}), ((17, 30, 5), {"k": 12}),
          ((12, 33, 130), {"i": 4, "j": 48, "k": 4}), ((300, 20, 300), {})]

TYPES = [("f32", "f32"), ("f64", "f64"), ("bf16", "f32"), ("i8", "i32"), ("u8", "i32")]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "ends.tile"
    path.write_text(SOURCE)
    return path


@pytest.mark.parametrize("arch", [arch for arch in ARCHS if arch != "sapphirerapids"])
@pytest.mark.parametrize("operand, result", TYPES)
def test_sums_begin_and_end(operand, result, arch, source, rng, tmp_path):
    shapes = SHAPES if FULL else [SHAPES[index] for index in rng.choice(len(SHAPES), 3, replace=False)]
    for (m, k, n), config in shapes:
        a, b = numbers(rng, (m, k), operand), numbers(rng, (k, n), operand)
        # A sum that rounds: its last bit is worth more than the products'.
        start = np.array(12345678 if result == "i32" else 1e7 / 3, NUMPY[result])[()]
        zeros, old = np.zeros((m, n), NUMPY[result]), numbers(rng, (m, n), "i8").astype(NUMPY[result])
        given = run(source, "ends", "cpu", ins={"A": a, "B": b}, inouts={"G": old}, scalars={"start": start},
                    outs=dict.fromkeys(["C", "D", "E", "E2", "F", "H"], result), config=config, options=(f"--arch={arch}",),
                    directory=tmp_path).arrays
        name, plain = f"{m}x{k}x{n} {config}", chain(a, b, zeros)
        started = chain(a, b, np.full((m, n), start, NUMPY[result]))
        for array in ("C", "E", "E2", "G"):
            assert_equal(f"{array} of {name}", given[array], plain)
        assert_equal(f"D of {name}", given["D"][1], started)
        assert_equal(f"F of {name}", given["F"], started + started)
        assert_equal(f"H of {name}", given["H"], old)


# More than 32 MiB, with rows that are whole lines of the caches and others.
@pytest.mark.parametrize("columns", [4096, 4100])
def test_large_results(columns, source, rng, tmp_path):
    a, b = numbers(rng, (2100, 3), "i8"), numbers(rng, (3, columns), "i8")
    given = run(source, "product", "cpu", ins={"A": a, "B": b}, outs={"C": "i32"}, types={"R": "i32"},
                directory=tmp_path).arrays
    assert_equal("C", given["C"], chain(a, b, np.zeros((2100, columns), np.int32)))


# A program that links an object, and says itself how large the last cache is: results are larger. Reads A and B from a file,
# and writes to another one an array that the result is somewhere in.
MAIN = """#include "k.h"
#include <stdio.h>
#include <stdlib.h>
int64_t tilec_last_cache_bytes(void) { return 1000; }
static _Alignas(64) char a[1 << 18], b[1 << 18];
static _Alignas(64) int32_t c[1 << 16];
int main(int argc, char **argv) {
  int64_t m = atoi(argv[3]), k = atoi(argv[4]), n = atoi(argv[5]), offset = atoi(argv[6]);
  FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "wb");
  int read = argc == 7 && fread(a, ELEMENT_BYTES, m * k, in) == m * k && fread(b, ELEMENT_BYTES, k * n, in) == k * n;
  for (int i = 0; i < 1 << 16; ++i) c[i] = 12345;
  int64_t shapes[3][2] = {{m, k}, {k, n}, {m, n}}, strides[3][2] = {{k, 1}, {n, 1}, {n, 1}};
  DLTensor A = {a, {kDLCPU, 0}, 2, {KIND, 8 * ELEMENT_BYTES, 1}, shapes[0], strides[0], 0};
  DLTensor B = {b, {kDLCPU, 0}, 2, {KIND, 8 * ELEMENT_BYTES, 1}, shapes[1], strides[1], 0};
  DLTensor C = {c + offset, {kDLCPU, 0}, 2, {KIND == kDLInt ? kDLInt : kDLFloat, 32, 1}, shapes[2], strides[2], 0};
  int status = product(&A, &B, &C);
  if (status) puts(tilec_status_text(status));
  return !read || fwrite(c, 4, 1 << 16, out) != 1 << 16 || fclose(out) || status;
}
"""

# Where the result begins: at a line of the caches, or behind it.
OFFSETS = [0, 16, 3]


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("element, result", [("i8", "i32"), ("bf16", "f32")])
def test_results_larger_than_the_last_cache(element, result, arch, source, rng, tmp_path):
    """Whole vectors of them pass by the caches: blocks of one vector and more, rows that are left, and sums of bf16 that no
    instruction may add."""
    (tmp_path / "main.c").write_text(MAIN)
    call([tool("tile-cc"), source, "--kernel=product", f"--arch={arch}", "--set=k=32", f"--type=T={element}", f"--type=R={result}",
          "-o", tmp_path / "k.o"])
    call(["clang-22", f"-DELEMENT_BYTES={NUMPY[element].itemsize}", f"-DKIND={'kDLInt' if element == 'i8' else 'kDLBfloat'}",
          tmp_path / "main.c", tmp_path / "k.o", "-lm", "-o", tmp_path / "main"])
    for m, k, n in [(37, 70, 64), (64, 20, 48), (75, 33, 112), (9, 40, 37), (5, 65, 80)]:
        # Of bf16 also such that products are subnormal.
        exponents = [-4, -74] if element == "bf16" else [0]
        for offset, exponent in zip(rng.permutation(OFFSETS), exponents):
            if element == "bf16":
                a, b = scaled(rng, (m, k), exponent), scaled(rng, (k, n), exponent)
                expected = expected_bf16(a, b, np.zeros((m, n), np.float32), arch, config={"k": 32})
            else:
                a, b = numbers(rng, (m, k), element), numbers(rng, (k, n), element)
                expected = chain(a, b, np.zeros((m, n), np.int32))
            (tmp_path / "in").write_bytes(a.tobytes() + b.tobytes())
            call([tmp_path / "main", tmp_path / "in", tmp_path / "out", m, k, n, offset], environment=amx.environment_for(arch))
            given = np.fromfile(tmp_path / "out", np.int32)
            whole = np.full(1 << 16, 12345, np.int32)
            whole[offset:offset + m * n] = expected.ravel().view(np.int32)
            assert_equal(f"{m}x{k}x{n} at {offset}", given, whole)
