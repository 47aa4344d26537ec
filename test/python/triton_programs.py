#===- triton_programs.py - what the Triton kernels of test/sim/triton must compute -----------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The table of the variants in test/sim/triton: a function for each kernel makes arguments, runs it, and compares what it wrote
with NumPy. `run(name, grid, arguments...)` knows the size of a block and of shared memory, and passes the two pointers that
Triton adds. Values are whole numbers where that makes sums exact."""

import ml_dtypes
import numpy as np

import bounded
from bounded import Bounded
from sim_programs import InOut, Out, equal, integers, small

TABLE = {}
UNIT = 2.0**-24
# What ex2.approx may be off by, relatively (PTX manual).
EXP2 = 2.0**-22


def checks(*names):
    def add(function):
        for name in names:
            assert name not in TABLE
            TABLE[name] = function
        return function
    return add


#===--- elementwise.py


@checks("vector_add", "vector_add_f16_8")
def vector_add(run, name, rng):
    n, block, dtype = {"vector_add": (3 * 1024 + 512 + 16, 1024, np.float32), "vector_add_f16_8": (1001, 512, np.float16)}[name]
    x, y = rng.standard_normal((2, n)).astype(dtype)
    (o,) = run("vector_add", -(-n // block), x, y, Out(dtype, n), n)
    # One sum, rounded once.
    equal(o, x + y)


@checks("integer_ops")
def integer_ops(run, name, rng):
    n = 500
    x, y = integers(rng, np.int32, (2, n))
    y = np.where(rng.integers(0, 2, n), y, y >> rng.integers(16, 31, n)).astype(np.int32)
    # The quotient of the least number by -1 is none.
    y[(y == 0) | (y == -1)] = 7
    o, wide = run("integer_ops", 2, x, y, Out(np.int32, (7, n)), Out(np.int64, n), n)
    a, b = x.astype(object), y.astype(object)
    ua, ub = x.view(np.uint32).astype(object), y.view(np.uint32).astype(object)
    # Like C's, its quotients are cut towards zero.
    cut = np.array([abs(p) // abs(q) * (1 if (p < 0) == (q < 0) else -1) for p, q in zip(a, b)], object)
    rows = [cut, a - cut * b, [p >> (q & 31) for p, q in zip(ua, ub)], [p >> (q & 31) for p, q in zip(a, b)],
            [p * q >> 32 for p, q in zip(ua, ub)], [max(p, q) ^ 5 if p > q else min(p, q) | 3 for p, q in zip(a, b)],
            [p // q for p, q in zip(ua, ub)]]
    equal(o, np.array([[int(v) & 0xFFFFFFFF for v in row] for row in rows], np.uint32).view(np.int32))
    equal(wide, np.array([int(v) for v in a * b - cut], np.int64))


@checks("conversions", "conversions_e4m3")
def conversions(run, name, rng):
    n = 512
    x = (rng.standard_normal(n) * 2.0 ** rng.integers(-20, 8, n)).astype(np.float32)
    if name == "conversions_e4m3":
        # Within the range of e4m3: what is beyond is a matter of taste (saturation).
        e4, back = run("conversions_e4m3", 2, x.clip(-400, 400), Out(np.int8, n), Out(np.float16, n))
        expected = x.clip(-400, 400).astype(ml_dtypes.float8_e4m3fn)
        equal(e4, expected.view(np.int8))
        return equal(back, expected.astype(np.float16))
    half, brain, e5, whole, back = run("conversions", 2, x, Out(np.float16, n), Out(np.uint16, n), Out(np.int8, n),
                                       Out(np.int16, n), Out(np.float32, n))
    equal(half, x.astype(np.float16))
    equal(brain, x.astype(ml_dtypes.bfloat16).view(np.uint16))
    equal(e5, x.astype(ml_dtypes.float8_e5m2).view(np.int8))
    equal(whole, x.astype(np.int16))
    equal(back, x.astype(ml_dtypes.float8_e5m2).astype(np.float32) + x.astype(ml_dtypes.bfloat16).astype(np.float32))


def philox(seed, counters, rounds=10):
    """The first word of Philox 4x32 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3) for each counter."""
    c = [counters.astype(object) & 0xFFFFFFFF, 0 * counters.astype(object), 0 * counters.astype(object), 0 * counters.astype(object)]
    key = [seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF]
    for _ in range(rounds):
        first, second = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [(second >> 32) ^ c[1] ^ key[0], second & 0xFFFFFFFF, (first >> 32) ^ c[3] ^ key[1], first & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c[0].astype(np.uint32)


@checks("dropout")
def dropout(run, name, rng):
    n, seed = 1200, int(rng.integers(1, 2**31))
    x = rng.standard_normal(n).astype(np.float32)
    (o,) = run("dropout", 3, x, Out(np.float32, n), n, np.float32(0.4), seed)
    # tl.rand makes a number of [0, 1) of the word's absolute value as a signed one.
    word = philox(seed, np.arange(n)).view(np.int32)
    uniform = np.where(word < 0, -word - 1, word).astype(np.float32) * np.float32(4.6566127342e-10)
    equal(o, np.where(uniform > np.float32(0.4), x * 2, np.float32(0)))


@checks("functions")
def functions(run, name, rng):
    n = 300
    x = (rng.standard_normal(n) * 3).astype(np.float32)
    (o,) = run("functions", 2, x, Out(np.float32, (8, n)), n)
    wide = x.astype(np.longdouble)
    scaled = (x * np.float32(100)).astype(np.longdouble)
    exact = [bounded.erf(Bounded(x)).value, np.sin(wide), np.cos(scaled), np.log(np.abs(wide)), np.exp2(wide), np.floor(wide)]
    # Units of the device library's manual; ex2.approx and the rest of the machine's own are within 2^-22.
    for row, value, units in zip(o, exact, (2, 2, 2, 1, 2, 0)):
        equal(row, Bounded(value, np.abs(value) * units * 2 * UNIT + 2.0**-149))
    equal(o[6], np.float32(1) / x)
    equal(o[7], np.sqrt(np.abs(x)))


@checks("gather_rows")
def gather_rows(run, name, rng):
    table = rng.standard_normal((20, 300)).astype(np.float16)
    rows = rng.integers(0, 20, 7)
    (o,) = run("gather_rows", 7, table, rows, Out(np.float16, (7, 300)), 300)
    equal(o, table[rows])


@checks("transpose")
def transpose(run, name, rng):
    x = rng.standard_normal((70, 130)).astype(np.float32)
    (o,) = run("transpose", (3, 3), x, Out(np.float32, (130, 70)), 70, 130)
    equal(o, x.T)


@checks("print_values")
def print_values(run, name, rng):
    x = integers(rng, np.int32, 20)
    run("print_values", 1, x, 20)
    expected = [f"pid (0, 0, 0) idx ({i:2}) value: (operand {operand}) {value}" for i in range(32)
                for operand, value in enumerate([x[i] if i < 20 else -1, i])]
    squeezed = lambda lines: sorted(" ".join(line.split()) for line in lines)
    assert squeezed(run.stdout.splitlines()) == squeezed(expected)


@checks("assert_sorted")
def assert_sorted(run, name, rng):
    # In debug mode Triton asserts that the difference does not overflow, too.
    x = np.sort(integers(rng, np.int32, 100) >> 1)
    (o,) = run("assert_sorted", 1, x, Out(np.int32, 100), 100)
    equal(o, x.astype(np.int64) - 1)


#===--- reductions.py


@checks("softmax", "softmax_1")
def softmax(run, name, rng):
    columns = {"softmax": 777, "softmax_1": 33}[name]
    x = (rng.standard_normal((3, columns)) * 5).astype(np.float32)
    (o,) = run("softmax", 3, x, Out(np.float32, x.shape), columns)
    wide = x.astype(np.longdouble)
    most = wide.max(1, keepdims=True)
    powers = np.exp(wide - most)
    # The argument of a power has the roundings of the difference, of log2(e) and of the product with it, in proportion to
    # it; the sum has at most so many roundings as terms, the quotient (div.full) two units.
    relative = EXP2 + (most - wide.min(1, keepdims=True)) * 3 * UNIT
    relative = 2 * relative + (columns + 4) * UNIT
    assert relative.max() < 2.0**-10
    expected = powers / powers.sum(1, keepdims=True)
    # Products of such errors are below a thousandth of their sum.
    equal(o, Bounded(expected, expected * relative * 1.001))


@checks("layer_norm")
def layer_norm(run, name, rng):
    columns = 600
    x = rng.standard_normal((3, columns)).astype(np.float16)
    weight, bias = rng.standard_normal((2, columns)).astype(np.float32)
    (o,) = run("layer_norm", 3, x, weight, bias, Out(np.float16, x.shape), columns, np.float32(1e-2))
    exact = Bounded(x)
    d = exact - exact.mean(1, keepdims=True)
    root = bounded.sqrt((d * d).mean(1, keepdims=True) + float(np.float32(1e-2)))
    # The root is sqrt.approx and quotients are div.full, of 2 units each rather than half of one.
    scale = 1 / root
    scale = Bounded(scale.value, scale.error + np.abs(scale.value) * 8 * UNIT)
    equal(o, (d * scale * Bounded(weight) + Bounded(bias)).to("f16"))


@checks("reduce_axes", "reduce_axes_8")
def reduce_axes(run, name, rng):
    m, n = {"reduce_axes": (32, 64), "reduce_axes_8": (64, 128)}[name]
    x = integers(rng, np.int32, (m, n)) >> np.int32(rng.integers(0, 31))
    rows, columns, most, where = run("reduce_axes", 1, x, Out(np.int32, m), Out(np.int32, n), Out(np.int32, m), Out(np.int32, m))
    equal(rows, x.sum(1, dtype=np.int32))
    equal(columns, x.sum(0, dtype=np.int32))
    equal(most, x.max(1))
    equal(where, x.argmax(1))


@checks("moments")
def moments(run, name, rng):
    # Whole numbers up to 3, and 512 of them: after k joins means are multiples of 2^-k, so that differences have 3 + 9 bits, their
    # squares 24, and sums of squares 13 + 10. Nothing rounds. If something did, lanes that join the same numbers in
    # other orders would store different results to one place, which is a race and reported.
    x = small(rng, np.float32, 512, most=3)
    (o,) = run("moments", 1, x, Out(np.float32, 2), 512)
    wide = x.astype(np.float64)
    equal(o, np.array([wide.mean(), ((wide - wide.mean()) ** 2).sum()], np.float32))


@checks("recurrence", "recurrence_1")
def recurrence(run, name, rng):
    m, n = {"recurrence": (4, 256), "recurrence_1": (8, 32)}[name]
    a, b = integers(rng, np.int32, (2, m, n))
    o, back = run("recurrence", 1, a, b, Out(np.int32, (m, n)), Out(np.int32, (m, n)))
    for result, order in ((o, range(n)), (back, range(n - 1, -1, -1))):
        h, expected = np.zeros(m, np.uint32), np.zeros((m, n), np.uint32)
        for i in order:
            h = expected[:, i] = a[:, i].view(np.uint32) * h + b[:, i].view(np.uint32)
        equal(result, expected.view(np.int32))


@checks("prefix_sums")
def prefix_sums(run, name, rng):
    x = small(rng, np.float32, (128, 16))
    o, down = run("prefix_sums", 1, x, Out(np.float32, x.shape), Out(np.int32, x.shape))
    equal(o, np.cumsum(x, 1))
    equal(down, np.cumsum(x, 0).astype(np.int32))


@checks("sort")
def sort(run, name, rng):
    x = integers(rng, np.int32, (4, 128))
    x[:, :20] = x[:, 20:40]
    up, down = run("sort", 1, x, Out(np.int32, x.shape), Out(np.int32, x.shape))
    equal(up, np.sort(x, 1))
    equal(down, np.sort(x, 1)[:, ::-1])


@checks("histogram")
def histogram(run, name, rng):
    x = (rng.integers(0, 64, 1300) & rng.integers(0, 64, 1300)).astype(np.int32)
    (o,) = run("histogram", 3, x, Out(np.int32, 64), x.size)
    equal(o, np.bincount(x, minlength=64))


@checks("tile_gather")
def tile_gather(run, name, rng):
    x = small(rng, np.float32, (64, 32))
    index = rng.integers(0, 64, x.shape).astype(np.int32)
    o, pairs = run("tile_gather", 1, x, index, Out(np.float32, (2, 64, 32)), Out(np.float32, (64, 64)))
    picked = np.take_along_axis(x, index, 0)
    equal(o, np.stack([picked, x - picked]))
    equal(pairs, np.stack([x, picked], 2).reshape(64, 64))


#===--- atomics.py


@checks("atomic_kinds")
def atomic_kinds(run, name, rng):
    x = integers(rng, np.int32, 300) >> 6
    start = np.array([0, -2**31, 2**31 - 1, -1, 0, 0], np.int32)
    o, u, f, h, old = run("atomic_kinds", 3, x, InOut(start), Out(np.int32, 1), Out(np.float32, 2), Out(np.float16, 64),
                          Out(np.int32, 300), 300)
    reduce = lambda function: function.reduce(x)
    equal(o, [300, x.max(), x.min(), reduce(np.bitwise_and), reduce(np.bitwise_or), reduce(np.bitwise_xor)])
    equal(u, [x.view(np.uint32).max().view(np.int32)])
    # Integers of f32 have 24 bits, and sums of at most 64 * 15 are exact.
    equal(f, np.array([(x & 15).sum(), max(0, x.astype(np.float32).max())], np.float32))
    equal(h, np.bincount(np.arange(300) % 128 % 64, (x & 3), 64)[:64].astype(np.float16))
    equal(np.sort(old), np.arange(300))


@checks("locked_sum")
def locked_sum(run, name, rng):
    x = small(rng, np.float32, (6, 128))
    _, o = run("locked_sum", 6, x, InOut(np.zeros(1, np.int32)), Out(np.float32, 128), x.size)
    equal(o, x.sum(0))


@checks("last_program")
def last_program(run, name, rng):
    x = integers(rng, np.int32, 1000)
    _, count, o = run("last_program", 8, x, Out(np.int32, 8), Out(np.int32, 1), Out(np.int32, 1), x.size)
    equal(count, [8])
    equal(o, [x.sum(dtype=np.int32)])


#===--- products.py


def factors(rng, dtype, *shape, most=4):
    """Whole numbers, as the type and as f64; narrow types as their bits."""
    values = rng.integers(-most, most + 1, shape)
    narrow = values.astype(dtype)
    bits = {1: np.uint8, 2: np.uint16}.get(narrow.itemsize) if dtype not in (np.float16, np.int8) else None
    return (narrow.view(bits) if bits else narrow), values


MATMULS = {
    "matmul_f16": (np.float16, 64, 64, (70, 80, 96)), "matmul_f16_s1": (np.float16, 32, 32, (33, 48, 80)),
    "matmul_f16_s4": (np.float16, 64, 32, (65, 48, 144)), "matmul_f16_odd": (np.float16, 32, 64, (31, 67, 35)),
    "matmul_bf16": (ml_dtypes.bfloat16, 128, 64, (130, 64, 80)), "matmul_tf32": (np.float32, 64, 64, (64, 80, 112)),
    "matmul_f32": (np.float32, 32, 32, (40, 48, 64)), "matmul_tf32x3": (np.float32, 32, 32, (40, 48, 64)),
    "matmul_i8": (np.int8, 64, 64, (70, 80, 144)), "matmul_f8": (ml_dtypes.float8_e4m3fn, 64, 64, (70, 80, 144)),
    "matmul_f8e5": (ml_dtypes.float8_e5m2, 64, 32, (66, 48, 80)),
}


@checks(*MATMULS)
def matmul(run, name, rng):
    dtype, block_m, block_n, (m, n, k) = MATMULS[name]
    a, wide_a = factors(rng, dtype, m, k)
    b, wide_b = factors(rng, dtype, k, n)
    (c,) = run("matmul", (-(-m // block_m), -(-n // block_n)), a, b, Out(np.int32 if dtype == np.int8 else np.float32, (m, n)), m, n, k)
    equal(c, (wide_a @ wide_b).astype(c.dtype))


@checks("split_k", "persistent")
def shared_products(run, name, rng):
    m, n, k = 40, 80, 208
    a, wide_a = factors(rng, np.float16, m, k, most=2)
    b, wide_b = factors(rng, np.float16, k, n, most=2)
    grid, out = {"split_k": ((2, 3, 3), np.float32), "persistent": (3, np.float16)}[name]
    (c,) = run(name, grid, a, b, Out(out, (m, n)), m, n, k)
    # At most 4 * 208 in size: exact in f16, too.
    equal(c, (wide_a @ wide_b).astype(out))


@checks("batched_dot")
def batched_dot(run, name, rng):
    a, wide_a = factors(rng, np.float16, 4, 16, 64)
    b, wide_b = factors(rng, np.float16, 4, 64, 32)
    (c,) = run("batched_dot", 1, a, b, Out(np.float32, (4, 16, 32)))
    equal(c, (wide_a @ wide_b).astype(np.float32))


@checks("quantised")
def quantised(run, name, rng):
    a, wide_a = factors(rng, np.float16, 16, 96)
    weights = rng.integers(-8, 8, (96, 64))
    packed = ((weights[1::2] << 4) | (weights[::2] & 15)).astype(np.int8)
    (c,) = run("quantised", 1, a, packed, Out(np.float32, (16, 64)), 96)
    equal(c, (wide_a @ weights).astype(np.float32))


@checks("convolution")
def convolution(run, name, rng):
    height, width = 9, 13
    x, wide_x = factors(rng, np.float16, height, width, 16)
    w, wide_w = factors(rng, np.float16, 3, 3, 16, 32)
    (o,) = run("convolution", 2, x, w, Out(np.float32, (height, width, 32)), height, width)
    padded = np.pad(wide_x, ((1, 1), (1, 1), (0, 0)))
    equal(o, sum(padded[r:r + height, s:s + width] @ wide_w[r, s] for r in range(3) for s in range(3)).astype(np.float32))


#===--- attention.py


@checks("attention", "attention_causal")
def attention(run, name, rng):
    is_causal = name == "attention_causal"
    heads, count, depth, block = 2, 77, 64 if is_causal else 32, 64 if is_causal else 32
    q, k, v = rng.standard_normal((3, heads, count, depth)).astype(np.float16)
    scale = np.float32(0.18)
    (o,) = run("attention", (-(-count // block), heads), q, k, v, Out(np.float32, q.shape), count, scale)
    keep = np.arange(count) <= np.arange(count)[:, None] if is_causal else np.ones((count, count), bool)
    for h in range(heads):
        score = (Bounded(q[h]) @ Bounded(k[h]).T) * float(scale)
        value = np.where(keep, score.value, -np.inf)
        most = value.max(1, keepdims=True)
        power = np.exp2(value - most)
        size = np.abs(np.where(keep, score.value, 0)).max(1, keepdims=True)
        # A power's argument: errors of the score and of the maximum, and the rounding of their difference; the maxima of
        # three tiles. A power is rounded to f16 before the product with v (and below its normal numbers, to 2^-25), but
        # not in the sum that it is divided by.
        argument = np.log(2) * (2 * score.error.max(1, keepdims=True) + 8 * UNIT * size)
        relative = argument + 4 * EXP2 + (count + 6) * 2 * UNIT
        wide = v[h].astype(np.longdouble)
        total = power.sum(1, keepdims=True)
        error = (power @ np.abs(wide)) / total * (2 * relative + 2.0**-11) * 1.001 + 2.0**-25 * np.abs(wide).sum(0) / total
        equal(o[h], Bounded(power @ wide / total, error))
