# ===- test_row_versions.py - products of few rows and of more in one kernel ------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A grid whose product may have few rows has two versions, of which the call's number of rows chooses one
(VersionFewRows.cpp): both compute the same bits.

Where results are compared with NumPy's, all sums are exact, in whatever order they are added: threads may share contractions.
"""

import numpy as np
import pytest

import amx
from numerics import FULL
from test_dot_groups import WITH_AMX
from tilec_testing import NUMPY, assert_equal, call, run, tool

SOURCE = """
kernel plain<T: number, U: number, R: number>(X: T[M, K], W: U[K, N]) -> Y: R[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    for k in tiles(K) { sums = dot(X[i, k], W[k, j], sums) }
    Y[i, j] = sums
  }
}
kernel fused<T: number, U: number, R: number>(X: T[M, K], W: U[K, N], bias: R[N]) -> Y: R[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    for k in tiles(K) { sums = dot(X[i, k], W[k, j], sums) }
    Y[i, j] = max(sums + bias[j], 0)
  }
}
kernel added<T: number, U: number, R: number>(X: T[M, K], W: U[K, N], inout Y: R[M, N]) {
  for i, j in tiles(M, N) {
    var sums = Y[i, j]
    for k in tiles(K) { sums = dot(X[i, k], W[k, j] + W[k, j], sums) }
    Y[i, j] = sums
  }
}
kernel batch<T: number, U: number, R: number>(X: T[B, M, K], W: U[B, K, N]) -> Y: R[B, M, N] {
  for b, i, j in tiles(B, M, N) {
    var sums = zeros(R, b, i, j)
    for k in tiles(K) { sums = dot(X[b, i, k], W[b, k, j], sums) }
    Y[b, i, j] = sums
  }
}
kernel later<T: number, U: number, R: number>(X: T[M, K], W: U[K, N]) -> (Y: R[M, N], Z: R[M, N]) {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    for k in tiles(K) { sums = dot(X[i, k], W[k, j], sums) }
    Y[i, j] = sums
  }
  for i, j in tiles(M, N) { Z[i, j] = Y[i, j] + Y[i, j] }
}
"""
KERNELS = ["plain", "fused", "added", "batch", "later"]
TYPES = [("f32", "f32", "f32"), ("f64", "f64", "f64"), ("f16", "f16", "f32"), ("bf16", "bf16", "f32"), ("i8", "i8", "i32"),
         ("u8", "i8", "i32")]

#: Around the most rows that are few, by vectors, by one register of rows and by two.
ROWS = [0, 1, 2, 3, 7, 8, 9, 16, 17, 32, 33]
#: Fewer columns than a vector has, a few more; tiles whose last one would have less than a vector; several wide tiles.
COLUMNS = [0, 1, 7, 8, 15, 16, 17, 33, 65, 100, 257, 999, 2049, 4100]
DEPTHS = [0, 1, 3, 64, 257, 600]


def small(rng, shape, name):
    """Whole numbers of a few bits."""
    return rng.integers(0 if name == "u8" else -3, 4, shape).astype(np.float64).astype(NUMPY[name])


def exact(x, w, result):
    return (x.astype(np.float64) @ w.astype(np.float64)).astype(NUMPY[result])


def call_kernel(kernel, types, x, w, more, tmp_path, **options):
    """The kernel's results by their names."""
    source = tmp_path / "versions.tile"
    source.write_text(SOURCE)
    result = types[2]
    ins = {"X": x, "W": w} | ({"bias": more} if kernel == "fused" else {})
    inouts = {"Y": more.copy()} if kernel == "added" else {}
    outs = {} if kernel == "added" else dict.fromkeys("YZ" if kernel == "later" else "Y", result)
    return run(source, kernel, options.pop("executor", "cpu"), ins=ins, inouts=inouts, outs=outs, types={"R": result},
               directory=tmp_path, **options).arrays


def expected_results(kernel, x, w, more, result):
    if kernel == "batch":
        return {"Y": np.stack([exact(*pair, result) for pair in zip(x, w)])}
    y = exact(x, w, result)
    if kernel == "fused":
        return {"Y": np.maximum(y + more, 0).astype(y.dtype)}
    if kernel == "added":
        return {"Y": more + y + y}
    return {"Y": y} | ({"Z": y + y} if kernel == "later" else {})


def given(rng, kernel, types, m, k, n):
    left, right, result = types
    batch = (2,) if kernel == "batch" else ()
    more = small(rng, (n,) if kernel == "fused" else (m, n), result)
    return small(rng, (*batch, m, k), left), small(rng, (*batch, k, n), right), more


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("types", TYPES, ids=lambda types: "-".join(types))
def test_rows_and_columns(types, arch, rng, tmp_path):
    """Every number of rows, by some number of columns."""
    for m in ROWS if FULL else rng.choice(ROWS, 3, replace=False):
        for n in COLUMNS if FULL else rng.choice(COLUMNS, 2, replace=False):
            kernel, k, threads = rng.choice(KERNELS), rng.choice(DEPTHS), rng.integers(1, 5)
            x, w, more = given(rng, kernel, types, m, k, n)
            options = (f"--arch={arch}", f"--threads={threads}", *(["--deterministic"] if rng.integers(2) else []))
            results = call_kernel(kernel, types, x, w, more, tmp_path, options=options, environment=amx.environment_for(arch))
            for name, expected in expected_results(kernel, x, w, more, types[2]).items():
                assert_equal(f"{name} of {kernel}, {m}x{k}x{n}, {options}", results[name], expected)


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("element, result", [("f32", "f32"), ("bf16", "f32"), ("f64", "f64")])
def test_last_columns(element, result, arch, rng, tmp_path):
    """Tiles of so few columns that the last one has but some, for which there is code for single elements. Sums round."""
    types = element, element, result
    for n in (17, 33, 34, 65, 97, 129) if FULL else rng.choice([17, 33, 34, 65, 97, 129], 2, replace=False):
        m, k = int(rng.integers(1, 9)), 100
        x, w = (rng.standard_normal(shape).astype(NUMPY[element]) for shape in ((m, k), (k, n)))
        results = [call_kernel("plain", types, x, w, None, tmp_path, environment=amx.environment_for(arch),
                               options=(f"--arch={arch}", f"--threads={threads}", "--deterministic"))["Y"] for threads in (1, 2, 4, 8)]
        for threads, array in zip((2, 4, 8), results[1:]):
            assert_equal(f"{m}x{k}x{n}, {threads} threads", array, results[0])


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("kernel", ["plain", "fused"])
@pytest.mark.parametrize("element", ["f32", "bf16", "f16"])
def test_rows_have_the_same_bits(element, kernel, arch, rng, tmp_path):
    """A row alone, among as many as are few, one more and many, whose sums round. Some bf16 are such as no instruction may
    multiply."""
    types, k = (element, element, "f32"), 700
    for n in (20, 333, 1000, 2100) if FULL else rng.choice([20, 333, 1000, 2100], 1):
        x, w = rng.standard_normal((40, k)), rng.standard_normal((k, n))
        if rng.integers(2):
            x[rng.integers(8)] *= 2.0**-100 if element == "bf16" else 1e-3
        x, w, bias = x.astype(NUMPY[element]), w.astype(NUMPY[element]), rng.standard_normal(n).astype(np.float32)
        options = {"options": (f"--arch={arch}", "--deterministic", f"--threads={rng.integers(1, 5)}"),
                   "environment": amx.environment_for(arch)}
        whole = call_kernel(kernel, types, x, w, bias, tmp_path, **options)["Y"]
        for first, count in ((0, 1), (5, 1), (0, 7), (0, 8), (1, 8), (0, 9), (1, 16), (0, 17), (2, 32), (0, 33)):
            part = call_kernel(kernel, types, np.ascontiguousarray(x[first:first + count]), w, bias, tmp_path, **options)["Y"]
            assert_equal(f"{count} rows of {k}x{n}", part, whole[first:first + count])


@pytest.mark.parametrize("m", [3, 8])
def test_known_rows(m, rng, tmp_path):
    """Few rows whose number the compiler knows."""
    for types in TYPES:
        x, w, more = given(rng, "fused", types, m, 300, 1000)
        results = call_kernel("fused", types, x, w, more, tmp_path, dims={"M": m}, options=("--threads=2",))
        assert_equal(f"{m} rows of {types}", results["Y"], expected_results("fused", x, w, more, types[2])["Y"])


@pytest.mark.parametrize("kernel", KERNELS)
def test_interpreter_takes_both(kernel, rng, tmp_path):
    """What the IR of both versions means, in random orders, while each pass is checked for the order of memory accesses."""
    types = "f32", "f32", "f32"
    source, configured = tmp_path / "versions.tile", tmp_path / "versions.mlir"
    source.write_text(SOURCE)
    words = [f"--type={name}=f32" for name in "TUR"]
    call([tool("tile-cc"), source, f"--kernel={kernel}", *words, "--verify-each-order", "--emit=configured", "-o", configured])
    assert configured.read_text(encoding="utf-8").count("tile.rows") == 2
    for m in (1, 8, 9):
        x, w, more = given(rng, kernel, types, m, 20, 40)
        ins = {"X": x, "W": w} | ({"bias": more} if kernel == "fused" else {})
        inouts = {"Y": more.copy()} if kernel == "added" else {}
        outs = {} if inouts else dict.fromkeys("YZ" if kernel == "later" else "Y", "f32")
        for executor, options in (("interp", ["--races", "--schedules=3"]), ("cpu", [])):
            results = run(configured, kernel, executor, ins=ins, inouts=inouts, outs=outs, directory=tmp_path,
                          options=("--compile-from=configured", *options)).arrays
            for name, expected in expected_results(kernel, x, w, more, "f32").items():
                assert_equal(f"{name} of {m} rows, {executor}", results[name], expected)


def test_sizes_that_are_given(tmp_path):
    """Where the config has one of the sizes, the grid has but one version; so it has for a transposed matrix."""
    source = tmp_path / "versions.tile"
    source.write_text(SOURCE + SOURCE.replace("kernel plain", "kernel turned").replace("W: U[K, N]", "W: U[N, K]")
                      .replace("W[k, j]", "W[j, k].T").split("kernel fused")[0])
    words = [f"--type={name}=f32" for name in "TUR"]
    for kernel, options, versions in (("plain", [], 2), ("plain", ["--set=i=32"], 0), ("plain", ["--set=j=64"], 0),
                                      ("plain", ["--set=k=64"], 2), ("plain", ["--dim=M=40"], 0), ("turned", [], 0)):
        text = call([tool("tile-cc"), source, f"--kernel={kernel}", *words, *options, "--emit=configured", "-o", "-"]).stdout
        assert text.count("tile.rows") == versions, (kernel, options)
