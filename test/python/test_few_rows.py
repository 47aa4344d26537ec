# ===- test_few_rows.py - products of few rows ------------------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products of few rows, which go a way of their own, on every instruction set that this machine has: up to eight, and by a
transposed matrix in AMX's tiles up to 32.

Every element is the chain of products and sums in ascending order that docs/numerics.md promises. The operands have so few
bits that products are exact in the type of the sums: fused or not makes no difference, and results are compared bit for bit.
"""

import numpy as np
import pytest

import amx
from numerics import FULL
from test_dot_groups import WITH_AMX, scaled
from tilec_testing import NUMPY, assert_equal, run

SOURCE = """
kernel few<T: number, U: number, R: number>(A: T[M, K], B: U[K, N], BT: U[N, K], S: R[M, N], scale: U[N])
    -> (C: R[M, N], D: R[M, N], E: R[M, N]) {
  for i, j in tiles(M, N) {
    var plain = S[i, j]
    var computed = S[i, j]
    var transposed = S[i, j]
    for k in tiles(K) {
      plain = dot(A[i, k], B[k, j], plain)
      computed = dot(max(A[i, k], A[i, k]), B[k, j] * scale[j], computed)
      transposed = dot(A[i, k], BT[j, k].T, transposed)
    }
    C[i, j] = plain
    D[i, j] = computed
    E[i, j] = transposed
  }
}
"""

# The same, each product in a kernel of its own: there is more code for one than for one of several.
APART = """
kernel few_plain<T: number, U: number, R: number>(A: T[M, K], B: U[K, N], S: R[M, N]) -> C: R[M, N] {
  for i, j in tiles(M, N) {
    var plain = S[i, j]
    for k in tiles(K) { plain = dot(A[i, k], B[k, j], plain) }
    C[i, j] = plain
  }
}
kernel few_computed<T: number, U: number, R: number>(A: T[M, K], B: U[K, N], S: R[M, N], scale: U[N]) -> D: R[M, N] {
  for i, j in tiles(M, N) {
    var computed = S[i, j]
    for k in tiles(K) { computed = dot(max(A[i, k], A[i, k]), B[k, j] * scale[j], computed) }
    D[i, j] = computed
  }
}
kernel few_transposed<T: number, U: number, R: number>(A: T[M, K], BT: U[N, K], S: R[M, N]) -> E: R[M, N] {
  for i, j in tiles(M, N) {
    var transposed = S[i, j]
    for k in tiles(K) { transposed = dot(A[i, k], BT[j, k].T, transposed) }
    E[i, j] = transposed
  }
}
"""

# K, N and tile sizes: one column, fewer than a vector, exactly vectors, one more and one less; contractions that end within
# a block or a group; several tiles.
SHAPES = [((1, 1), {}), ((5, 7), {}), ((9, 16), {}), ((33, 17), {}), ((130, 31), {}), ((8, 64), {}), ((67, 300), {}),
          ((259, 513), {}), ((50, 90), {"i": 3, "j": 40, "k": 13}), ((31, 77), {"i": 1, "j": 16, "k": 6}),
          ((40, 100), {"i": 8, "j": 20, "k": 16})]

TYPES = [("f32", "f32", "f32"), ("f64", "f64", "f64"), ("f16", "f16", "f32"), ("bf16", "bf16", "f32"), ("f8e4m3", "f8e4m3", "f32"),
         ("i8", "i8", "i32"), ("u8", "i8", "i32"), ("i8", "u8", "i32"), ("u8", "u8", "i32")]


# A kernel, its arguments and its results.
KERNELS = [("few", "A B BT S scale", "CDE"), ("few_plain", "A B S", "C"), ("few_computed", "A B S scale", "D"),
           ("few_transposed", "A BT S", "E")]


def numbers(rng, shape, name):
    """Whole numbers of a few bits; bytes of all values."""
    if name in ("i8", "u8"):
        return rng.integers(0, 256, shape, np.uint8).view(NUMPY[name])
    return rng.integers(-15, 16, shape).astype(np.float64).astype(NUMPY[name])


def powers(rng, shape, name):
    """Powers of two, which scale without rounding."""
    return (2.0 ** rng.integers(0, 3, shape)).astype(NUMPY[name])


def chain(a, b, start):
    """The products in ascending order, each sum rounded to the result's type, or wrapped to it."""
    total = start.copy()
    with np.errstate(all="ignore"):
        for k in range(a.shape[1]):
            total = total + a[:, k, None].astype(total.dtype) * b[k].astype(total.dtype)
    return total


def product(a, b, start, element, arch, config):
    """The same, or the sums of bf16 in AMX's order where that is the arch's. Default tiles are multiples of 32."""
    if element == "bf16" and amx.has_order(arch, config=config):
        return amx.sum_in_order(a, b, start, config.get("k", 32))
    return chain(a, b, start)


def cases():
    """Every type for every arch; those that AMX multiplies for AMX."""
    for arch in WITH_AMX:
        for types in TYPES:
            if arch != amx.ARCH or types[0] in ("i8", "u8", "bf16"):
                yield *types, arch


@pytest.mark.parametrize("left, right, result, arch", cases())
def test_few_rows(left, right, result, arch, rng, tmp_path):
    source = tmp_path / "few.tile"
    source.write_text(SOURCE + APART)
    shapes = SHAPES if FULL else [SHAPES[index] for index in rng.choice(len(SHAPES), 2, replace=False)]
    for (k, n), config in shapes:
        for m in range(1, 10) if FULL else [rng.integers(1, 10)]:
            a, b, scale = numbers(rng, (m, k), left), numbers(rng, (k, n), right), powers(rng, (n,), right)
            # Sums that round: their last bit is worth more than the products'.
            start = (rng.integers(-2**30, 2**30, (m, n)) * (1 if result == "i32" else 1 / 3)).astype(NUMPY[result])
            ins = {"A": a, "B": b, "BT": np.ascontiguousarray(b.T), "S": start, "scale": scale}
            given = {}
            for kernel, names, out in KERNELS if FULL else [KERNELS[rng.integers(len(KERNELS))]]:
                given |= {(kernel, name): array for name, array in
                          run(source, kernel, "cpu", ins={name: ins[name] for name in names.split()}, outs=dict.fromkeys(out, result),
                              config=config, options=(f"--arch={arch}",), environment=amx.environment_for(arch),
                              directory=tmp_path).arrays.items()}
            name = f"{m}x{k}x{n} {config}"
            expected = product(a, b, start, left, arch, config)
            scaled_expected = product(a, b * scale, start, left, arch, config)
            for (kernel, out), array in given.items():
                assert_equal(f"{out} of {kernel}, {name}", array, scaled_expected if out == "D" else expected)


# A layer whose weights lie along the contraction, and a plain product: sums begin as zero, and nothing else is in the loop.
PLAIN = """
kernel linear<T: number, R: number>(X: T[M, K], W: T[N, K]) -> Y: R[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    for k in tiles(K) { sums = dot(X[i, k], W[j, k].T, sums) }
    Y[i, j] = sums
  }
}
kernel plain<T: number, R: number>(X: T[M, K], W: T[K, N]) -> Y: R[M, N] {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    for k in tiles(K) { sums = dot(X[i, k], W[k, j], sums) }
    Y[i, j] = sums
  }
}
"""

# The same beside a second product, for which there is less code.
PAIRS = """
kernel linear_pair<T: number, R: number>(X: T[M, K], W: T[N, K], V: T[N, K]) -> (Y: R[M, N], Z: R[M, N]) {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    var more = zeros(R, i, j)
    for k in tiles(K) {
      sums = dot(X[i, k], W[j, k].T, sums)
      more = dot(X[i, k], V[j, k].T, more)
    }
    Y[i, j] = sums
    Z[i, j] = more
  }
}
kernel plain_pair<T: number, R: number>(X: T[M, K], W: T[K, N], V: T[K, N]) -> (Y: R[M, N], Z: R[M, N]) {
  for i, j in tiles(M, N) {
    var sums = zeros(R, i, j)
    var more = zeros(R, i, j)
    for k in tiles(K) {
      sums = dot(X[i, k], W[k, j], sums)
      more = dot(X[i, k], V[k, j], more)
    }
    Y[i, j] = sums
    Z[i, j] = more
  }
}
"""
LAYERS = ["linear", "plain", "linear_pair", "plain_pair"]


def layer_of(rng, kernel):
    """The kernel, in the short version perhaps its pair."""
    return kernel if FULL or rng.integers(2) else f"{kernel}_pair"


def chosen(rng, cases):
    """All of them in the long version, else two."""
    return cases if FULL else [cases[index] for index in rng.choice(len(cases), 2, replace=False)]


def layer(kernel, x, w, result, arch, tmp_path, *, config=None, options=()):
    """The product of x by w[K, N], which `linear` gets transposed; of a pair, which has the same weights twice, either."""
    source = tmp_path / "plain.tile"
    source.write_text(PLAIN + PAIRS)
    weights = np.ascontiguousarray(w.T) if kernel.startswith("linear") else w
    is_pair = kernel.endswith("pair")
    given = run(source, kernel, "cpu", ins={"X": x, "W": weights} | ({"V": weights} if is_pair else {}),
                outs=dict.fromkeys("YZ" if is_pair else "Y", result), types={"R": result}, config=config or {},
                options=(f"--arch={arch}", *options), environment=amx.environment_for(arch), directory=tmp_path).arrays
    if is_pair:
        assert_equal(f"{kernel} of {x.shape} and {w.shape}", given["Z"], given["Y"])
    return given["Y"]


@pytest.mark.parametrize("arch", WITH_AMX)
@pytest.mark.parametrize("kernel", LAYERS)
def test_tiles_keep_their_order(kernel, arch, rng, tmp_path):
    """Where several tiles of a row are taken at once, terms that AMX adds apart are still those of one tile. Sums are rounded."""
    for config in ({"k": 1}, {"k": 24}, {"k": 33}, {"k": 64}) if FULL else ({"k": 24}, {"k": 64}):
        m, k, n = int(rng.integers(1, 9)), 200, 70
        x, w = (np.ldexp(rng.integers(-15, 16, shape), rng.integers(-9, 10, shape)).astype(NUMPY["bf16"]) for shape in ((m, k), (k, n)))
        expected = product(x, w, np.zeros((m, n), np.float32), "bf16", arch, config)
        given = layer(kernel, x, w, "f32", arch, tmp_path, config=config)
        assert_equal(f"{m} rows, {config}", given, expected)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("kernel", LAYERS if FULL else LAYERS[:2])
@pytest.mark.parametrize("element, result", [("f32", "f32"), ("bf16", "f32"), ("i8", "i32")])
def test_tiles_of_the_contraction(element, result, kernel, threads, rng, tmp_path):
    """Several tiles of a row are taken at once, in contractions that end within a tile, within a run of tiles, or at its end,
    and that threads share: sums are exact, in whatever order they are added."""
    for k, config in chosen(rng, [(4096, {}), (5000, {}), (70001, {}), (1000, {"k": 24}), (2000, {"k": 64}),
                                  (513, {"k": 128, "j": 16})]):
        m, n = rng.integers(1, 9), rng.integers(16, 70)
        x, w = (rng.integers(-3, 4, shape).astype(np.float64).astype(NUMPY[element]) for shape in ((m, k), (k, n)))
        given = layer(layer_of(rng, kernel), x, w, result, "native", tmp_path, config=config, options=(f"--threads={threads}",))
        assert_equal(f"{m}x{k}x{n} {config}", given, (x.astype(np.float64) @ w.astype(np.float64)).astype(given.dtype))


@pytest.mark.parametrize("kernel", LAYERS if FULL else LAYERS[:2])
@pytest.mark.parametrize("arch", WITH_AMX)
def test_bf16_of_all_ranges(arch, kernel, rng, tmp_path):
    """Pairs that the instruction would take for zero, or overflow: on the left or the right, in all blocks, in one of them or in
    its last pair, and in the sums alone."""
    for k, n, config in chosen(rng, [(300, 90, {}), (333, 33, {"k": 48}), (40, 64, {})]):
        for m in (1, 3, 4, 5, 8, 12, 18) if FULL else rng.choice([3, 4, 5, 8, 12, 18], 1):
            x, w = scaled(rng, (m, k), -3), scaled(rng, (k, n), -4)
            small = [scaled(rng, shape, exponent) for shape, exponent in (((k,), -80), ((), -133), ((n,), -70), ((), 61))]
            for change in range(6):
                x2, w2 = x.copy(), w.copy()
                if change == 1:
                    x2[m - 1] = small[0]
                elif change == 2:
                    w2[k - 1, n - 1] = small[1]
                elif change == 3:
                    w2[k // 2] = small[2]
                elif change == 4:
                    w2[3, 1] = small[3]
                elif change == 5:
                    x2, w2 = scaled(rng, (m, k), -50), scaled(rng, (k, n), -55)
                given = layer(layer_of(rng, kernel), x2, w2, "f32", arch, tmp_path, config=config, options=("--deterministic",))
                assert_equal(f"{m}x{k}x{n} {config}, {change}", given,
                             product(x2, w2, np.zeros((m, n), np.float32), "bf16", arch, config))


@pytest.mark.skipif(not amx.runs_here(), reason=amx.missing())
@pytest.mark.parametrize("left, right, result", [("bf16", "bf16", "f32"), ("i8", "i8", "i32"), ("u8", "i8", "i32"), ("i8", "u8", "i32"),
                                                 ("u8", "u8", "i32")])
def test_rows_in_tiles(left, right, result, rng, tmp_path):
    """All numbers of rows for which a transposed matrix may be AMX's left operand, and one more: in contractions that end
    within a tile, and are short or long, by columns that are no multiple of 16. Sums begin as anything and are rounded;
    rows are computed on the way, too. Some bf16 are no numbers, or -0, or such as AMX takes for zero."""
    source = tmp_path / "few.tile"
    source.write_text(APART.replace("dot(A[i, k], BT", "dot(-A[i, k], BT").replace("few_transposed", "few_negative")
                      + APART[APART.index("kernel few_transposed"):])
    is_float = result == "f32"
    for k, n, config in chosen(rng, [(31, 17, {}), (512, 32, {}), (1025, 40, {}), (4500, 50, {}), (700, 33, {"k": 64, "i": 16}),
                                     (1100, 16, {"k": 24, "i": 20})]):
        for m in range(1, 34) if FULL else rng.integers(1, 34, 2):
            if is_float:
                a, b = (np.ldexp(rng.integers(-15, 16, shape), rng.integers(-9, 10, shape)).astype(NUMPY["bf16"])
                        for shape in ((m, k), (k, n)))
                for array, value in ((a, rng.choice([1, 1e-39, np.inf])), (b, rng.choice([1, 1e-39, np.nan, -0.0]))):
                    array[tuple(rng.integers(array.shape))] = value
            else:
                a, b = numbers(rng, (m, k), left), numbers(rng, (k, n), right)
            start = (rng.integers(-2**30, 2**30, (m, n)) * (1 / 3 if is_float else 1)).astype(NUMPY[result])
            for kernel in ("few_transposed", "few_negative"):
                given = run(source, kernel, "cpu", ins={"A": a, "BT": np.ascontiguousarray(b.T), "S": start}, outs={"E": result},
                            config=config, options=(f"--arch={amx.ARCH}",), environment=amx.environment(), directory=tmp_path)
                expected = product(a if kernel == "few_transposed" else -a, b, start, left, amx.ARCH, config)
                assert_equal(f"{kernel}, {m}x{k}x{n} {config}", given.arrays["E"], expected)


# Kernels by a matrix in rows, and what follows the product.
ENDED = """
kernel few_ended<T: number, U: number, R: number>(A: T[M, K], B: U[K, N], S: R[M, N], bias: R[N]) -> C: R[M, N] {
  for i, j in tiles(M, N) {
    var sums = S[i, j]
    for k in tiles(K) { sums = dot(A[i, k], B[k, j], sums) }
    C[i, j] = max(sums + bias[j], 0)
  }
}
"""


@pytest.mark.skipif(not amx.runs_here(), reason=amx.missing())
@pytest.mark.parametrize("arch", [arch for arch in WITH_AMX if amx.is_used(arch)])
@pytest.mark.parametrize("left, right, result", [("bf16", "bf16", "f32"), ("i8", "i8", "i32"), ("u8", "i8", "i32"), ("i8", "u8", "i32"),
                                                 ("u8", "u8", "i32")])
def test_rows_in_panels(left, right, result, arch, rng, tmp_path):
    """The same by a matrix in rows, which registers multiply in pieces of 64 or 128 columns: columns and contractions that end
    within a register, a piece or a step, tiles of which some have few columns, and long rows, for which fewer rows are enough.
    Some bf16 are such as AMX takes for zero, or infinite, or overflow, in one step and the sums that later ones begin with."""
    source = tmp_path / "few.tile"
    source.write_text(APART.replace("dot(A[i, k], B[", "dot(-A[i, k], B[").replace("few_plain", "few_negative")
                      + APART[APART.index("kernel few_plain"):APART.index("kernel few_computed")] + ENDED)
    is_float = result == "f32"
    columns, terms = [15, 16, 17, 31, 100, 129, 999, 2049], [1, 2, 3, 31, 33, 63, 65, 257, 1000]
    for config in chosen(rng, [{}, {"j": 2048}, {"k": 96, "j": 80}, {"i": 18, "k": 64, "j": 256}]):
        for m in range(1, 34) if FULL else rng.integers(1, 34, 2):
            n, k = rng.choice(columns), rng.choice(terms)
            if is_float:
                a, b = (np.ldexp(rng.integers(-15, 16, shape), rng.integers(-9, 10, shape)).astype(NUMPY["bf16"])
                        for shape in ((m, k), (k, n)))
                for array, value in ((a, rng.choice([1, 1, 1e-39, np.inf])), (b, rng.choice([1, 1e-39, 2e38, np.nan, -0.0]))):
                    array[tuple(rng.integers(array.shape))] = value
            else:
                a, b = numbers(rng, (m, k), left), numbers(rng, (k, n), right)
            start = (rng.integers(-2**30, 2**30, (m, n)) * (1 / 3 if is_float else 1)).astype(NUMPY[result])
            if is_float and rng.integers(2):
                start[tuple(rng.integers(start.shape))] = 1e-40
            bias = rng.integers(-2**28, 2**28, n).astype(NUMPY[result])
            for kernel in ("few_plain", "few_negative", "few_ended"):
                ins = {"A": a, "B": b, "S": start} | ({"bias": bias} if kernel == "few_ended" else {})
                given = run(source, kernel, "cpu", ins=ins, outs={"C": result}, config=config, options=(f"--arch={arch}",),
                            environment=amx.environment_for(arch), directory=tmp_path)
                expected = product(-a if kernel == "few_negative" else a, b, start, left, arch, config)
                if kernel == "few_ended":
                    expected = np.maximum(expected + bias, 0)
                assert_equal(f"{kernel}, {m}x{k}x{n} {config}", given.arrays["C"], expected)


@pytest.mark.parametrize("options", [(), ("--deterministic",)], ids=["shared", "whole"])
@pytest.mark.parametrize("element, result", [("f32", "f32"), ("bf16", "f32"), ("i8", "i32")])
def test_tiles_that_end_behind_the_loop(element, result, options, rng, tmp_path):
    """A loop over where tiles begin, whose last one ends behind the loop's bound, at the end of the array or before; and one
    over some of the tiles."""
    source = tmp_path / "tiles.tile"
    # The first tile's begin and the distance of tiles, for each result.
    loops = {"Y": (8, 64), "Z": (0, 128)}
    grids = "".join(f"""
  for i, j in tiles(M, N) {{
    var sums = zeros(R, i, j)
    for b in range({first}, n, {distance}) {{
      let k = tile(b..K, size=64)
      sums = dot(X[i, k], W[j, k].T, sums)
    }}
    {name}[i, j] = sums
  }}""" for name, (first, distance) in loops.items())
    source.write_text("kernel tiles_from<T: number, R: number>(X: T[M, K], W: T[N, K], n: i64) -> (Y: R[M, N], Z: R[M, N]) {"
                      + grids + "\n}\n")
    for n, k in chosen(rng, [(100, 200), (65, 66), (8 + 64 * 40 + 1, 8 + 64 * 40 + 30), (20000, 30000), (72, 500)]):
        for m in (3, 8, 12, 25) if FULL else rng.choice([8, 12, 25], 1):
            x, w = (rng.integers(-3, 4, shape).astype(np.float64).astype(NUMPY[element]) for shape in ((m, k), (40, k)))
            given = run(source, "tiles_from", "cpu", ins={"X": x, "W": w}, outs={"Y": result, "Z": result}, types={"R": result},
                        scalars={"n": n}, options=("--threads=3", *options), directory=tmp_path).arrays
            for name, (first, distance) in loops.items():
                terms = np.concatenate([np.arange(begin, min(begin + 64, k)) for begin in range(first, n, distance)])
                expected = x[:, terms].astype(np.float64) @ w[:, terms].T.astype(np.float64)
                assert_equal(f"{name} of {m} rows, {n} of {k}", given[name], expected.astype(given[name].dtype))


@pytest.mark.parametrize("element, result", [("f32", "f32"), ("bf16", "f32"), ("i8", "i32")])
def test_tiles_that_end_before_they_begin(element, result, rng, tmp_path):
    """Tiles that lie behind their end have no elements, in whatever order the loop reads their rows."""
    source = tmp_path / "empty.tile"
    source.write_text("""
kernel product<T: number, R: number>(X: T[M, K], W: T[N, K], begin: i32, n: i32, end: i32) -> Y: R[M, N] {
  for i, j in tiles(M, N) {
    var sums = full(R, 3, i, j)
    for b in range(begin, n, 64) {
      let k = tile(b..end, size=64)
      sums = dot(X[i, k], W[j, k].T, sums)
    }
    Y[i, j] = sums
  }
}
""")
    x, w = (rng.integers(-3, 4, shape).astype(np.float64).astype(NUMPY[element]) for shape in ((3, 400), (40, 400)))
    for begin, n, end in [(5, 50, 1), (0, 5500, 300), (70, 400, 70)]:
        given = run(source, "product", "cpu", ins={"X": x, "W": w}, outs={"Y": result}, types={"R": result},
                    scalars={"begin": begin, "n": n, "end": end}, directory=tmp_path).arrays["Y"]
        terms = slice(begin, max(begin, min(end, begin + -(-(n - begin) // 64) * 64)))
        expected = 3 + x[:, terms].astype(np.float64) @ w[:, terms].T.astype(np.float64)
        assert_equal(f"{begin} to {n}, end {end}", given, expected.astype(given.dtype))


@pytest.mark.parametrize("end", ["b + 50", "min(b + 50, K)", "E[b // 64]"])
@pytest.mark.parametrize("element, result", [("f32", "f32"), ("bf16", "f32"), ("i8", "i32")])
def test_tiles_that_end_each_on_its_own(element, result, end, rng, tmp_path):
    """Tiles of a loop whose ends depend on where they begin."""
    source = tmp_path / "ends.tile"
    source.write_text(f"""
kernel product<T: number, R: number>(X: T[M, K], W: T[N, K], E: i32[L], n: i32) -> Y: R[M, N] {{
  for i, j in tiles(M, N) {{
    var sums = zeros(R, i, j)
    for b in range(0, n, 64) {{
      let k = tile(b..{end}, size=64)
      sums = dot(X[i, k], W[j, k].T, sums)
    }}
    Y[i, j] = sums
  }}
}}
""")
    ends = (64 * np.arange(20) + rng.integers(0, 65, 20)).astype(np.int32)
    for m in (1, 8):
        x, w = (rng.integers(-3, 4, shape).astype(np.float64).astype(NUMPY[element]) for shape in ((m, 1280), (40, 1280)))
        given = run(source, "product", "cpu", ins={"X": x, "W": w, "E": ends}, outs={"Y": result}, types={"R": result},
                    scalars={"n": 1200}, directory=tmp_path).arrays["Y"]
        terms = np.concatenate([np.arange(b, ends[b // 64] if "E" in end else b + 50) for b in range(0, 1200, 64)])
        expected = x[:, terms].astype(np.float64) @ w[:, terms].T.astype(np.float64)
        assert_equal(f"{m} rows", given, expected.astype(given.dtype))
