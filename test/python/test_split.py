#===- test_split.py - contractions that several iterations of a grid share ----------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products of few elements and a long contraction, which is cut into parts where there are workers for them.

Kernels are linked with a threading runtime of the tests' own, which says how many workers there are, runs the iterations in
any order or on threads, and counts them. The oracle is the promise of docs/numerics.md: each part is the chain of products
and sums of its terms in ascending order, or for bf16 by AMX in its order, and the parts are added in ascending order. The
operands have so few bits that products are exact in the type of the sums, while sums are rounded: results are compared bit
for bit.
"""

import ctypes
import subprocess

import numpy as np
import pytest

import amx
from numerics import FULL
from test_zoo_compiled import argument
from tilec_testing import NUMPY, assert_equal, call, run, tool

RUNTIME = """
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

int32_t test_workers = 1, test_threads = 0;
uint64_t test_order = 0;
int64_t test_iterations = 0;

typedef void (*Body)(void *, int64_t, int64_t, int32_t);
typedef struct { Body body; void *context; int64_t count; int64_t *next; int32_t worker; } Share;

int32_t tilec_rt_max_workers(void) { return test_workers; }

static void *draw(void *argument) {
  Share *share = argument;
  for (;;) {
    int64_t i = __atomic_fetch_add(share->next, 1, __ATOMIC_RELAXED);
    if (i >= share->count)
      return NULL;
    share->body(share->context, i, i + 1, share->worker);
  }
}

void tilec_rt_parallel_for(int64_t n, Body body, void *context, int32_t in_order) {
  (void)in_order;
  test_iterations += n;
  if (test_threads) {
    pthread_t threads[16];
    Share shares[16];
    int64_t next = 0;
    for (int32_t worker = 0; worker < test_workers; ++worker) {
      shares[worker] = (Share){body, context, n, &next, worker};
      pthread_create(&threads[worker], NULL, draw, &shares[worker]);
    }
    for (int32_t worker = 0; worker < test_workers; ++worker)
      pthread_join(threads[worker], NULL);
    return;
  }
  int64_t *order = malloc(n * sizeof *order);
  for (int64_t i = 0; i < n; ++i)
    order[i] = i;
  uint64_t state = test_order;
  for (int64_t i = n - 1; test_order && i > 0; --i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    int64_t other = (int64_t)((state >> 33) % (uint64_t)(i + 1)), kept = order[i];
    order[i] = order[other], order[other] = kept;
  }
  for (int64_t i = 0; i < n; ++i)
    body(context, order[i], order[i] + 1, (int32_t)(i % test_workers));
  free(order);
}
"""

PRODUCT = """
kernel product<T: number, U: number, R: number>(A: T[M, K], B: U[K, N]) -> C: R[M, N] {
  for i, j in tiles(M, N) {
    var acc = zeros(R, i, j)
    for k in tiles(K) { acc = dot(A[i, k], B[k, j], acc) }
    C[i, j] = acc
  }
}
"""

# What an iteration stores depends on where it begins: it takes all of a tile, so that there are as many parts as iterations
# where there is one tile, for which nothing is added.
WHOLE = PRODUCT.replace("C[i, j] = acc", "C[i, j] = acc + ((i.begin + j.begin) as R)")

TRANSPOSED = WHOLE.replace("B: U[K, N]", "B: U[N, K]").replace("B[k, j]", "B[j, k].T")

# Two sums in one loop, behind which each is read more than once, whole rows too; a tile that is read before the loop.
EPILOGUE = """
kernel product<T: number, U: number, R: number>(A: T[M, K], B: U[K, N], G: U[K, N], bias: R[N]) -> (C: R[M, N], S: R[M]) {
  for i in tiles(M) {
    let b = bias[:]
    var x = zeros(R, i, N)
    var y = zeros(R, i, N)
    for k in tiles(K) {
      x = dot(A[i, k], B[k, :], x)
      y = dot(A[i, k], G[k, :], y)
    }
    C[i, :] = max(x, y) + min(x, b)
    S[i] = max(max(x, y), axis=1) + (i.begin as R)
  }
}
"""

TYPES = [("f32", "f32", "f32"), ("f64", "f64", "f64"), ("f16", "f16", "f32"), ("bf16", "bf16", "f32"), ("f8e4m3", "f8e4m3", "f32"),
         ("i8", "i8", "i32"), ("u8", "i8", "i32"), ("i8", "u8", "i32"), ("u8", "u8", "i32")]

# M, N, K: one row, few rows and more, of few columns and many, ragged in all ways. The first contraction is cut in any case.
SHAPES = [(9, 17, 12345), (1, 16, 30000), (8, 8, 20000), (3, 5, 20011), (33, 40, 9000), (2, 100, 12000), (20, 1, 40000)]


def numbers(rng, shape, name):
    """Bytes of all values; others of four bits and some exponent, whose products fit in the type of the sums."""
    if name in ("i8", "u8"):
        return rng.integers(0, 256, shape, np.uint8).view(NUMPY[name])
    most = {"f64": 200, "f8e4m3": 4}.get(name, 6)
    # Of f64 a few columns of the contraction are far from the others, so that sums are rounded.
    exponents = rng.integers(-most, most + 1, shape)
    return np.ldexp(rng.integers(-15, 16, shape).astype(np.float64), exponents // (20 if name == "f64" else 1)).astype(NUMPY[name])


class Library:
    """A kernel, linked with the runtime above."""

    def __init__(self, folder, source, types, options=()):
        (folder / "rt.c").write_text(RUNTIME)
        (folder / "product.tile").write_text(source)
        command = [tool("tile-cc"), folder / "product.tile", "-o", folder / "product.o", *options]
        for name, value in zip("TUR", types):
            command += ["--type", f"{name}={value}"]
        call(command)
        subprocess.run(["clang-22", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread", folder / "rt.c",
                        folder / "product.o", "-lm", "-o", folder / "product.so"], check=True, stdin=subprocess.DEVNULL)
        self.library = ctypes.CDLL(str(folder / "product.so"))
        self.library.tilec_status_text.restype = ctypes.c_char_p

    def set(self, name, kind, value):
        kind.in_dll(self.library, name).value = value

    def __call__(self, arrays, results, workers, order=0, threads=False):
        """Fills the results; returns the number of iterations."""
        self.set("test_workers", ctypes.c_int32, workers)
        self.set("test_threads", ctypes.c_int32, threads)
        self.set("test_order", ctypes.c_uint64, order)
        self.set("test_iterations", ctypes.c_int64, 0)
        for result in results:
            result.view(np.uint8)[:] = 0xa5
        status = self.library.product(*[ctypes.byref(argument(array)) for array in [*arrays, *results]])
        assert status == 0, self.library.tilec_status_text(status).decode()
        return ctypes.c_int64.in_dll(self.library, "test_iterations").value


def chain(a, b):
    """The sums of the products in ascending order, which does not matter for integers."""
    if a.dtype.kind == "i":
        return a @ b
    total = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for column, row in zip(np.ascontiguousarray(a.T), b):
        total += column[:, None] * row
    return total


def sums_of_parts(a, b, parts, step, result, arch="native"):
    """The sums of so many parts of whole steps, added in ascending order."""
    steps = -(-a.shape[1] // step)
    bounds = [min(part * steps // parts * step, a.shape[1]) for part in range(parts + 1)]
    is_by_pairs = a.dtype == NUMPY["bf16"] and amx.has_order(arch)
    a, b = a.astype(NUMPY[result]), b.astype(NUMPY[result])

    def sums(x, y):
        return amx.sum_in_order(x, y, np.zeros((x.shape[0], y.shape[1]), x.dtype), step) if is_by_pairs else chain(x, y)

    chains = [sums(a[:, begin:end], b[begin:end]) for begin, end in zip(bounds, bounds[1:])]
    total = chains[0]
    for one in chains[1:]:
        total = total + one
    return total


def length(k, types, arch="native"):
    """A contraction that takes as long as one of k elements of f32: bytes are multiplied four by an instruction, and sixteen
    times as fast by AMX, as bf16 are."""
    is_by_tiles = types[0] in ("bf16", "i8", "u8") and amx.is_used(arch)
    return k * (4 if types[2] == "i32" else 1) * (16 if is_by_tiles else 1)


def archs(left):
    """Every type for this machine; for AVX2 those whose products have instructions of their own, or none at all."""
    return ["native", "x86-64-v3"] if FULL or left in ("f32", "bf16", "i8") else ["native"]


@pytest.mark.parametrize("left, right, result, arch", [(*types, arch) for types in TYPES for arch in archs(types[0])])
def test_parts_are_chains_that_are_added_in_order(left, right, result, arch, rng, tmp_path):
    transposed = bool(rng.integers(2))
    step = int(rng.choice([16, 100, 257]))
    library = Library(tmp_path, TRANSPOSED if transposed else WHOLE, (left, right, result),
                      [f"--set=i=64,j=128,k={step}", f"--arch={arch}"])
    cut = False
    for m, n, k in SHAPES if FULL else [SHAPES[0], SHAPES[rng.integers(1, len(SHAPES))]]:
        k = length(k, (left, right, result), arch)
        a, b = numbers(rng, (m, k), left), numbers(rng, (k, n), right)
        c, again = np.empty((m, n), NUMPY[result]), np.empty((m, n), NUMPY[result])
        arrays = [a, np.ascontiguousarray(b.T) if transposed else b]
        for workers in range(1, 6) if FULL else [1, int(rng.integers(2, 6))]:
            iterations = library(arrays, [c], workers)
            name = f"{m}x{n}x{k}, {workers} workers, {iterations} iterations, steps of {step}"
            assert iterations == 1 or workers > 1, name
            cut |= iterations > 1
            assert_equal(name, c, sums_of_parts(a, b, iterations, step, result, arch))
            for order in rng.integers(1, 2**63, 3):
                library(arrays, [again], workers, int(order))
                assert_equal(f"{name}, order {order}", again, c)
    assert cut, "no contraction was cut"


def test_threads_give_the_same_bits_every_time(rng, tmp_path):
    library = Library(tmp_path, PRODUCT, ("f32", "f32", "f32"), ["--set=k=64"])
    a, b = numbers(rng, (70, 6000), "f32"), numbers(rng, (6000, 90), "f32")
    c, again = np.empty((70, 90), np.float32), np.empty((70, 90), np.float32)
    for workers in (2, 5, 16):
        alone = library([a, b], [c], workers)
        for _ in range(50):
            assert library([a, b], [again], workers, threads=True) == alone
            assert_equal(f"{workers} workers", again, c)


@pytest.mark.parametrize("types", [("f32", "f32", "f32"), ("i8", "i8", "i32")])
def test_what_stands_behind_the_loop_reads_all_parts(types, rng, tmp_path):
    step = 50
    library = Library(tmp_path, EPILOGUE, types, [f"--set=i=16,k={step}", "--dim=N=24"])
    left, right, result = types
    m, n, k = 11, 24, length(5000, types)
    a, b, g = numbers(rng, (m, k), left), numbers(rng, (k, n), right), numbers(rng, (k, n), right)
    bias = numbers(rng, (n,), "f32").astype(NUMPY[result])
    c, s = np.empty((m, n), NUMPY[result]), np.empty(m, NUMPY[result])
    counts = []
    for workers in range(1, 6):
        counts.append(library([a, b, g, bias], [c, s], workers, order=workers))
        x, y = (sums_of_parts(a, other, counts[-1], step, result) for other in (b, g))
        assert_equal(f"C, {workers} workers", c, np.maximum(x, y) + np.minimum(x, bias))
        assert_equal(f"S, {workers} workers", s, np.maximum(x, y).max(axis=1))
    assert counts[0] == 1 and max(counts) > 1


def test_tiles_are_counted_apart(rng, tmp_path):
    """Several tiles, each cut: the rows and columns of a tile are not all of the array's. Integers are exact."""
    types = ("i8", "i8", "i32")
    library = Library(tmp_path, PRODUCT, types, ["--set=i=16,j=16,k=128"])
    k = length(7500, types)
    a, b = numbers(rng, (40, k), "i8"), numbers(rng, (k, 20), "i8")
    expected = a.astype(np.int32) @ b.astype(np.int32)
    c = np.empty((40, 20), np.int32)
    counts = set()
    for workers in range(1, 17):
        counts.add(library([a, b], [c], workers, order=workers))
        assert_equal(f"{workers} workers", c, expected)
    # The six tiles, and more.
    assert max(counts) > 6


@pytest.mark.parametrize("k", [0, 1, 64, 65])
def test_short_contractions_are_whole(k, rng, tmp_path):
    library = Library(tmp_path, PRODUCT, ("f32", "f32", "f32"), ["--set=k=64"])
    a, b, c = numbers(rng, (5, k), "f32"), numbers(rng, (k, 7), "f32"), np.empty((5, 7), np.float32)
    assert library([a, b], [c], 5) == 1
    assert_equal("C", c, chain(a, b))


def test_deterministic_kernels_are_never_cut(rng, tmp_path):
    library = Library(tmp_path, PRODUCT, ("f32", "f32", "f32"), ["--set=k=64", "--deterministic"])
    a, b, c = numbers(rng, (5, 30000), "f32"), numbers(rng, (30000, 7), "f32"), np.empty((5, 7), np.float32)
    for workers in (1, 3, 5):
        assert library([a, b], [c], workers) == 1
        assert_equal(f"{workers} workers", c, chain(a, b))


@pytest.mark.parametrize("types", [("i8", "i8", "i32"), ("bf16", "bf16", "f32")])
def test_matrix_registers_take_parts(types, rng, tmp_path):
    """AMX, which loads and stores sums in memory, adds bf16 in an order of its own: whole numbers of few bits are exact."""
    if not amx.runs_here():
        pytest.skip(amx.missing())
    source = tmp_path / "product.tile"
    source.write_text(PRODUCT)
    a, b = (rng.integers(-4, 5, shape).astype(NUMPY[types[0]]) for shape in ((17, 60000), (60000, 33)))
    given = run(source, "product", "cpu", ins={"A": a, "B": b}, outs={"C": types[2]}, types={"U": types[1], "R": types[2]},
                config={"k": 256}, options=(f"--arch={amx.ARCH}",), environment=amx.environment_for(amx.ARCH), directory=tmp_path)
    expected = a.astype(np.float64) @ b.astype(np.float64)
    assert_equal("C", given.arrays["C"], expected.astype(NUMPY[types[2]]))
