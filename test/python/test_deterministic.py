#===- test_deterministic.py - the same bits, however many threads and rows ----------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""--deterministic: what a kernel computes has the same bits for every number of threads, and a row of it the same bits
whichever rows are computed beside it (batch invariance). Compared with a run of one thread on all rows."""

import numpy as np
import pytest

import amx
from tilec_testing import KERNELS, NUMPY, ROOT, run

THREADS = [2, 7]
ARCHS = ["native", "x86-64-v3"]
F32 = {"T": "f32"}


def uniform(rng, *shape, element="f32"):
    return (rng.random(shape) * 2 - 1).astype(NUMPY[element])


class Call:
    """A kernel of examples/kernels and its arguments, as `run` takes them. `batched` names those that have the batch as dim
    `axis`; `result` is the array that is compared."""

    def __init__(self, file, kernel, inputs, result, batched, axis=0, **more):
        self.file, self.kernel, self.inputs, self.result = file, kernel, inputs, result
        self.batched, self.axis, self.more = batched, axis, more

    @property
    def rows(self):
        return self.inputs[self.batched[0]].shape[self.axis]

    def run(self, folder, threads, arch, begin=0, end=None):
        part = (slice(None),) * self.axis + (slice(begin, end),)
        inputs = {name: np.ascontiguousarray(array[part]) if name in self.batched else array
                  for name, array in self.inputs.items()}
        outs = {} if self.result in self.more.get("inouts", {}) else {self.result: "f32"}
        options = ["--deterministic", f"--threads={threads}", f"--arch={arch}"]
        return run(KERNELS / f"{self.file}.tile", self.kernel, "cpu", ins=inputs, outs=outs, options=options, directory=folder,
                   environment=amx.environment_for(arch), **self.more).arrays[self.result]


def product(m, n, k, element="f32"):
    def make(rng):
        return Call("matmul_any", "matmul_any", {"A": uniform(rng, m, k, element=element), "B": uniform(rng, k, n, element=element)},
                    "C", ["A"], types={"T": element, "R": "f32"})
    return make


def product_of_all_ranges(rng):
    """Some rows have elements that no instruction for bf16 may multiply: they or their products are subnormal."""
    call = product(150, 300, 1100, "bf16")(rng)
    a = call.inputs["A"]
    for row, exponent in ((3, -60), (64, -70), (140, -130)):
        a[row] = np.ldexp(a[row].astype(np.float64), exponent).astype(a.dtype)
    return call


def layer(m, n, k):
    """Rows by weights that lie row by row: few of them are multiplied another way than many."""
    def make(rng):
        inputs = {"X": uniform(rng, m, k, element="bf16"), "W": uniform(rng, n, k, element="bf16")}
        return Call(ROOT / "benchmarks" / "kernels" / "linear", "linear", inputs, "Y", ["X"], types={"T": "bf16", "R": "f32"})
    return make


def rows(file, kernel, columns=(), scalars=None, types=F32):
    def make(rng):
        inputs = {"X": uniform(rng, 41, 1031)} | {name: uniform(rng, 1031) for name in columns}
        return Call(file, kernel, inputs, "Y", ["X"], scalars=scalars, types=types)
    return make


def bias_gelu(rng):
    inputs = {"A": uniform(rng, 70, 257), "B": uniform(rng, 257, 131), "bias": uniform(rng, 131)}
    return Call("matmul_bias_gelu", "matmul_bias_gelu", inputs, "C", ["A"], types=F32)


def attention(causal):
    def make(rng):
        inputs = {"Q": uniform(rng, 3, 70, 64), "K": uniform(rng, 3, 200, 64), "V": uniform(rng, 3, 200, 64)}
        # With a causal mask a query's place counts: then heads are the batch.
        return Call("attention_any", "attention_any", inputs, "O", ["Q", "K", "V"] if causal else ["Q"], 0 if causal else 1,
                    scalars={"scale": 0.125}, types={"U": "f32"}, dims={"D": 64}, consts={"causal": causal})
    return make


def convolution(rng):
    return Call("conv2d", "conv2d", {"X": uniform(rng, 5, 12, 13, 16), "W": uniform(rng, 3, 3, 16, 24)}, "Y", ["X"], types=F32)


CALLS = {
    "product": product(70, 131, 257), "large product": product(150, 300, 1100), "product of bf16": product(70, 131, 257, "bf16"),
    "layer": layer(60, 100, 1300), "layer of few rows": layer(30, 100, 1300), "product of all ranges": product_of_all_ranges, "large product of bf16": product(150, 300, 1100, "bf16"),
    "few columns": product(50, 5, 333), "long contraction": product(12, 17, 20000), "gelu": bias_gelu, "attention": attention(False), "causal attention": attention(True),
    "conv2d": convolution, "softmax": rows("softmax", "row_softmax", types=None),
    "long softmax": rows("softmax", "long_softmax"), "cumsum": rows("cumsum", "cumsum_rows"),
    "layernorm": rows("layernorm", "layernorm", ["gamma", "beta"], {"eps": 1e-5}),
    "rmsnorm": rows("rmsnorm", "rmsnorm", ["W"], {"eps": 1e-5}),
}


def cases():
    """Every call for every arch, and products of bf16, which have an order of their own there, for AMX."""
    yield from ((name, arch) for name in CALLS for arch in ARCHS)
    if amx.runs_here():
        yield from ((name, amx.ARCH) for name in ("product of bf16", "large product of bf16", "product of all ranges", "layer",
                                                 "layer of few rows"))


@pytest.mark.parametrize("name, arch", cases())
def test_threads_and_neighbours_change_no_bit(name, arch, rng, tmp_path):
    call = CALLS[name](rng)
    whole = call.run(tmp_path, 1, arch)
    assert np.isfinite(whole).all() and np.unique(whole).size > whole.size // 2
    for threads in THREADS:
        assert call.run(tmp_path, threads, arch).tobytes() == whole.tobytes(), f"{threads} threads"
    parts = [(0, 1), (call.rows - 1, call.rows), sorted(rng.choice(call.rows + 1, 2, replace=False))]
    for begin, end in parts:
        alone = call.run(tmp_path, 2, arch, begin, end)
        expected = whole[(slice(None),) * call.axis + (slice(begin, end),)]
        assert alone.tobytes() == expected.tobytes(), f"rows {begin} to {end} alone"


def scatter(rng):
    count = 20000
    ids = rng.integers(0, 3, count).astype(np.int32)
    return Call("scatter_add", "scatter_add", {"ids": ids, "X": uniform(rng, count, 9)}, "Y", ["ids", "X"], types=F32,
                inouts={"Y": np.zeros((3, 9), np.float32)})


def test_atomic_sums_have_the_order_of_the_iterations(rng, tmp_path):
    call = scatter(rng)
    expected = np.zeros((3, 9), np.float32)
    for number, row in zip(call.inputs["ids"], call.inputs["X"]):
        expected[number] += row
    for threads in [1, *THREADS, 3, 2, 2]:
        assert call.run(tmp_path, threads, "native").tobytes() == expected.tobytes(), f"{threads} threads"
