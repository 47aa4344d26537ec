#===- test_code_size.py - how much code kernels are compiled to --------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""No kernel of examples/kernels has more LLVM instructions than scripts/count_code.py allows, on any arch: compiling takes time
in proportion."""

import sys

import pytest

from tilec_testing import ROOT, call, tool

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


@pytest.mark.parametrize("arch", count_code.BF16_ARCHS)
@pytest.mark.parametrize("file", count_code.BF16_FILES)
def test_kernels_of_bf16_are_small(file, arch):
    """Products of bf16 have an instruction and code for what it must not multiply."""
    for counts in count_code.count_all(tool("tile-cc"), {file: count_code.BF16_FILES[file]}, [arch]).values():
        assert 0 < counts[arch] <= count_code.LIMIT


# Kernels of several products with more around them than the examples have.
MASKED = """kernel masked(Q: f32[H, T, D], K: f32[H, S, D], V: f32[H, S, D], mask: bool[T, S], bias: f32[H, T, S], scale: f32) -> O: f32[H, T, D] {
  for h, t in tiles(H, T, size=[1, auto]) {
    let q = Q[h.begin, t, :]
    var m = full(f32, -1e30, t)
    var l = zeros(f32, t)
    var o = zeros(f32, t, D)
    for s in tiles(S) {
      let p = where(mask[t, s], (q @ K[h.begin, s, :].T) * scale + bias[h.begin, t, s], -1e30)
      let m2 = max(m, max(p, axis=1))
      let e = exp(p - m2[:, None])
      let c = exp(m - m2)
      l = l * c + sum(e, axis=1)
      o = o * c[:, None] + e @ V[h.begin, s, :]
      m = m2
    }
    O[h.begin, t, :] = o / l[:, None]
  }
}
"""
LOW_RANK = """kernel low_rank<U: float>(X: U[M, K], W: U[K, N], A: U[K, R], B: U[R, N], alpha: f32) -> Y: f32[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(f32, i, j)
    var low = zeros(f32, i, R)
    for k in tiles(K) {
      let x = X[i, k]
      sums += x @ W[k, j]
      low += x @ A[k, :]
    }
    Y[i, j] = sums + alpha * ((low as U) @ B[:, j])
  }
}
"""


GATED = """kernel gated(X: bf16[M, K], G: bf16[K, N], W: bf16[K, N]) -> Y: bf16[M, N] {
  for i, j in tiles(M, N) {
    var g = zeros(f32, i, j)
    var w = zeros(f32, i, j)
    for k in tiles(K) {
      let x = X[i, k]
      g += x @ G[k, j]
      w += x @ W[k, j]
    }
    Y[i, j] = (g / (1.0 + exp(-g)) * w) as bf16
  }
}
"""
# The derivatives of attention by its keys and values, from the logarithms L of the sums and the products E of each row.
BACKWARD = """kernel backward<U: float>(Q: U[H, T, D], K: U[H, S, D], V: U[H, S, D], dO: U[H, T, D], L: f32[H, T], E: f32[H, T], scale: f32)
    -> (dK: f32[H, S, D], dV: f32[H, S, D]) {
  for h, s in tiles(H, S, size=[1, auto]) {
    let k = K[h.begin, s, :]
    let v = V[h.begin, s, :]
    var dk = zeros(f32, s, D)
    var dv = zeros(f32, s, D)
    for t in tiles(T) {
      let q = Q[h.begin, t, :]
      let o = dO[h.begin, t, :]
      let p = exp((k @ q.T) * scale - L[h.begin, t][None, :])
      dv = dv + (p as U) @ o
      dk = dk + ((p * (v @ o.T - E[h.begin, t][None, :]) * scale) as U) @ q
    }
    dK[h.begin, s, :] = dk
    dV[h.begin, s, :] = dv
  }
}
"""
# The derivatives by its queries.
QUERIES = """kernel queries(Q: bf16[H, T, D], K: bf16[H, S, D], V: bf16[H, S, D], dO: bf16[H, T, D], L: f32[H, T], E: f32[H, T],
    scale: f32) -> dQ: f32[H, T, D] {
  for h, t in tiles(H, T, size=[1, auto]) {
    let q = Q[h.begin, t, :]
    let o = dO[h.begin, t, :]
    var dq = zeros(f32, t, D)
    for s in tiles(S) {
      let k = K[h.begin, s, :]
      let p = exp((q @ k.T) * scale - L[h.begin, t][:, None])
      dq = dq + ((p * (o @ V[h.begin, s, :].T - E[h.begin, t][:, None]) * scale) as bf16) @ k
    }
    dQ[h.begin, t, :] = dq
  }
}
"""
# Two gated products, and a third one of what they give.
LAYER = """kernel layer(X: bf16[M, K], G: bf16[K, N], W: bf16[K, N], V: bf16[N, P]) -> Y: f32[M, P] {
  for i in tiles(M) {
    var y = zeros(f32, i, P)
    for j in tiles(N) {
      var g = zeros(f32, i, j)
      var w = zeros(f32, i, j)
      for k in tiles(K) {
        let x = X[i, k]
        g += x @ G[k, j]
        w += x @ W[k, j]
      }
      y += ((g / (1.0 + exp(-g)) * w) as bf16) @ V[j, :]
    }
    Y[i, :] = y
  }
}
"""


def counts_of(source, options, archs, tmp_path):
    """The instructions of the only kernel of a source for each arch."""
    path = tmp_path / "kernel.tile"
    path.write_text(source)
    counts = []
    for arch in archs:
        count, = count_code.count_kernels(call([tool("tile-cc"), path, *options, f"--arch={arch}", "--emit=llvm"]).stdout).values()
        counts.append(count)
    return counts


BF16 = ("x86-64-v4", *count_code.BF16_ARCHS)


@pytest.mark.parametrize("source, options", [(BACKWARD, ["--dim=D=64", "--type=U=bf16"]), (QUERIES, ["--dim=D=64"]),
                                             (LAYER, ["--dim=P=128"]), (LOW_RANK, ["--dim=R=16", "--type=U=bf16"])],
                         ids=["backward", "queries", "layer", "low_rank"])
def test_large_kernels_are_small_enough(source, options, tmp_path):
    assert all(count <= count_code.LIMIT for count in counts_of(source, options, BF16, tmp_path))


@pytest.mark.parametrize("source, options, archs", [(MASKED, ["--dim=D=64"], count_code.ARCHS),
                                                    (LOW_RANK, ["--dim=R=16", "--type=U=f32"], count_code.ARCHS),
                                                    (BACKWARD, ["--dim=D=64", "--type=U=f32"], count_code.ARCHS),
                                                    (GATED, [], BF16)], ids=["masked", "low_rank", "backward", "gated"])
def test_kernels_of_several_products_are_small(source, options, archs, tmp_path):
    """By a fifth, so that there is room for more."""
    assert all(count <= 0.8 * count_code.LIMIT for count in counts_of(source, options, archs, tmp_path))
