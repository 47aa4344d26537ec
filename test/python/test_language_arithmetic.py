#===- test_language_arithmetic.py - what operators and conversions give ----------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Elementwise semantics: integers, floats, promotion, conversion, special values."""

import itertools

import numpy as np
import pytest

import bounded
from bounded import Bounded
from rounding import converted
from tilec_testing import EXECUTORS, FLOATS, INTEGERS, NUMPY, array, elementwise

SIGNED = ["i8", "i16", "i32", "i64"]
UNSIGNED = ["u8", "u16", "u32", "u64"]

NAN, INF = float("nan"), float("inf")


def corners(name):
    """Pairs of a type's interesting integers, as two arrays."""
    info = np.iinfo(NUMPY[name])
    values = sorted({info.min, info.min + 1, -7, -2, -1, 0, 1, 2, 3, 7, info.max - 1, info.max})
    values = [v for v in values if info.min <= v <= info.max]
    pairs = list(itertools.product(values, values))
    return array_of(name, [p[0] for p in pairs]), array_of(name, [p[1] for p in pairs])


def array_of(name, values):
    return np.array(values, dtype=NUMPY[name])


def wrapped(values, name):
    """Python integers modulo the width of a type."""
    bits = NUMPY[name].itemsize * 8
    low = [int(v) & ((1 << bits) - 1) for v in values]
    return np.array(low, dtype=np.uint64).astype(f"u{bits // 8}").view(NUMPY[name])


def integer_cases():
    for name in INTEGERS:
        a, b = corners(name)
        x, y = [int(v) for v in a], [int(v) for v in b]
        yield elementwise(f"wraparound_{name}", {"S": "a + b", "D": "a - b", "P": "a * b", "M": "-a", "C": "~a"},
                          {"A": a, "B": b},
                          {"S": wrapped([p + q for p, q in zip(x, y)], name), "D": wrapped([p - q for p, q in zip(x, y)], name),
                           "P": wrapped([p * q for p, q in zip(x, y)], name), "M": wrapped([-p for p in x], name),
                           "C": wrapped([~p for p in x], name)})
        divisible = [(p, q) for p, q in zip(x, y) if q != 0]
        # Python's integers divide as the language does. A tile size of 64 leaves lanes behind the end, whose divisors
        # are anything.
        yield elementwise(f"floor_division_{name}", {"Q": "a // b", "R": "a % b"},
                          {"A": array_of(name, [p for p, _ in divisible]), "B": array_of(name, [q for _, q in divisible])},
                          {"Q": wrapped([p // q for p, q in divisible], name),
                           "R": wrapped([p % q for p, q in divisible], name)}, config={"i": 64})
        yield elementwise(f"bitwise_{name}", {"A_": "a & b", "O": "a | b", "X": "a ^ b", "L": "min(a, b)", "H": "max(a, b)"},
                          {"A": a, "B": b}, {"A_": a & b, "O": a | b, "X": a ^ b, "L": np.minimum(a, b), "H": np.maximum(a, b)})
        yield elementwise(f"comparisons_{name}", {"E": "a == b", "N_": "a != b", "L": "a < b", "G": "a >= b"},
                          {"A": a, "B": b}, {"E": a == b, "N_": a != b, "L": a < b, "G": a >= b})
        bits = NUMPY[name].itemsize * 8
        shifts = [0, 1, bits - 1, bits, bits + 1, 100]
        pairs = [(p, s) for p in sorted(set(x)) for s in shifts]
        yield elementwise(f"shifts_{name}", {"L": "a << s", "R": "a >> s"},
                          {"A": array_of(name, [p for p, _ in pairs]), "S": array_of(name, [s for _, s in pairs])},
                          {"L": wrapped([p << s for p, s in pairs], name), "R": wrapped([p >> s for p, s in pairs], name)})
    for name in SIGNED:
        a = array_of(name, sorted(set(int(v) for v in corners(name)[0])))
        yield elementwise(f"absolute_{name}", {"Y": "abs(a)", "S": "sign(a)"}, {"A": a},
                          {"Y": wrapped([abs(int(v)) for v in a], name), "S": np.sign(a)})
    a = array_of("i32", [-3, -1, 0, 1, 2, 5, 46341])
    yield elementwise("power_i32", {"Y": "a ** 2", "Z": "a ** 3", "R": "2 ** 3 ** 2 + a", "M": "-a ** 2"}, {"A": a},
                      {"Y": wrapped([int(v) ** 2 for v in a], "i32"), "Z": wrapped([int(v) ** 3 for v in a], "i32"),
                       "R": a + 512, "M": wrapped([-(int(v) ** 2) for v in a], "i32")})
    yield elementwise("precedence", {"P": "1 + a * 2 << 1", "Q": "a & 3 == 3", "R": "a | 1 ^ 3 & 2", "S": "-a as f32",
                                     "T": "not a > 2 and a < 9 or a == 100"}, {"A": array("i32", [0, 1, 3, 7, 100])},
                      {"P": array("i32", [2, 6, 14, 30, 402]), "Q": np.array([False, False, True, True, False]),
                       "R": array("i32", [v | 1 ^ 3 & 2 for v in [0, 1, 3, 7, 100]]),
                       "S": array("f32", [-0.0, -1, -3, -7, -100]) + np.float32(0),
                       "T": np.array([True, True, False, False, True])})


VALUES = [0.0, -0.0, 1.0, -1.5, 2.5, 3.0, 1e-3, INF, -INF, NAN]


def float_pairs(name):
    pairs = list(itertools.product(VALUES, VALUES))
    return array(name, [p[0] for p in pairs]), array(name, [p[1] for p in pairs])


def through_f32(a, b, operation, name):
    """An operation whose one rounding is that of the type: f16, bf16 and f8 operations are exact enough in f32 that
    rounding twice is rounding once (24 >= 2 * 11 + 2 bits)."""
    if name in ("f32", "f64"):
        return operation(a, b)
    return converted(operation(a.astype(np.float32), b.astype(np.float32)), name)


def float_cases():
    for name in FLOATS:
        a, b = float_pairs(name)
        yield elementwise(f"float_operators_{name}", {"S": "a + b", "D": "a - b", "P": "a * b", "Q": "a / b"},
                          {"A": a, "B": b},
                          {"S": through_f32(a, b, np.add, name), "D": through_f32(a, b, np.subtract, name),
                           "P": through_f32(a, b, np.multiply, name), "Q": through_f32(a, b, np.divide, name)})
        yield elementwise(f"float_comparisons_{name}", {"E": "a == b", "N_": "a != b", "L": "a < b", "G": "a >= b"},
                          {"A": a, "B": b}, {"E": a == b, "N_": a != b, "L": a < b, "G": a >= b})
        # Which zero min(0.0, -0.0) gives is not said, so zeros stand on one side only.
        keep = ~((a == 0) & (b == 0))
        p, q = a[keep], b[keep]
        either = np.isnan(p) | np.isnan(q)
        yield elementwise(f"float_min_max_{name}", {"L": "min(a, b)", "H": "max(a, b)"}, {"A": p, "B": q},
                          {"L": np.where(either, array(name, NAN), np.where(p < q, p, q)),
                           "H": np.where(either, array(name, NAN), np.where(p > q, p, q))})
        halves = array(name, [-2.5, -1.5, -0.5, -0.25, 0.5, 1.5, 2.5, 3.5, 0.75, -0.0, INF, -INF, NAN, 7.0])
        y = halves.astype(np.float64)
        yield elementwise(f"rounding_functions_{name}",
                          {"R": "round(a)", "F": "floor(a)", "C": "ceil(a)", "T": "trunc(a)", "B": "abs(a)", "M": "-a"},
                          {"A": halves}, {"R": np.rint(y).astype(NUMPY[name]), "F": np.floor(y).astype(NUMPY[name]),
                                          "C": np.ceil(y).astype(NUMPY[name]), "T": np.trunc(y).astype(NUMPY[name]),
                                          "B": np.abs(y).astype(NUMPY[name]), "M": (-y).astype(NUMPY[name])})
        yield elementwise(f"classification_{name}", {"N_": "isnan(a)", "I": "isinf(a)", "Z": "a == 0.0"}, {"A": halves},
                          {"N_": np.isnan(y), "I": np.isinf(y), "Z": y == 0})
    tiny = np.array([1, 3, 0x7FFFFF, 0x800000], np.uint32).view(np.float32)
    yield elementwise("subnormals_f32", {"Y": "a + a", "Z": "a * 0.5", "M": "max(a, 0.0)"}, {"A": tiny},
                      {"Y": tiny + tiny, "Z": tiny * np.float32(0.5), "M": tiny})
    yield elementwise("floor_division_f32", {"Q": "a // b", "R": "a % b"},
                      {"A": array("f32", [7, -7, 7, -7, 0.5]), "B": array("f32", [2, 2, -2, -2, 0.25])},
                      {"Q": array("f32", [3, -4, -4, 3, 2]), "R": array("f32", [1, 1, -1, -1, 0])})
    yield elementwise("clamp_sign_fma", {"C": "clamp(a, -1.0, 2.0)", "S": "sign(a)", "F": "fma(a, 2.0, 1.0)"},
                      {"A": array("f32", [-3, -1, -0.5, 0.5, 2, 5])},
                      {"C": array("f32", [-1, -1, -0.5, 0.5, 2, 2]), "S": array("f32", [-1, -1, -1, 1, 1, 1]),
                       "F": array("f32", [-5, -1, 0, 2, 5, 11])})
    yield elementwise("float_power_exact", {"Y": "a ** 2.0", "P": "pow(a, 0.5)"}, {"A": array("f32", [0, 1, 4, 9, 2.25])},
                      {"Y": bounded.elementary("pow", [0] * 5, [0, 1, 16, 81, 5.0625], "f32"),
                       "P": bounded.elementary("pow", [0] * 5, [0, 1, 2, 3, 1.5], "f32")})


def function_cases():
    """Elementary functions within the ulps of bounded.ULP, in f32 and f64; the narrow types compute in f32."""
    rng = np.random.default_rng(2)
    spread = np.concatenate([rng.uniform(-4, 4, 60), rng.uniform(-80, 80, 30), [0.0, 1.0, -1.0, 1e-6]])
    positive = np.abs(spread) + 1e-4
    wide = np.longdouble
    functions = {
        "exp": (spread, np.exp), "exp2": (spread, np.exp2), "expm1": (spread, np.expm1),
        "log": (positive, np.log), "log2": (positive, np.log2), "log1p": (positive, np.log1p),
        "sqrt": (positive, np.sqrt), "rsqrt": (positive, lambda x: 1 / np.sqrt(x)),
        "sin": (spread, np.sin), "cos": (spread, np.cos), "tan": (spread, np.tan), "tanh": (spread, np.tanh),
    }
    for name in ("f32", "f64"):
        for group in (["exp", "exp2", "expm1"], ["log", "log2", "log1p"], ["sqrt", "rsqrt"], ["sin", "cos", "tan", "tanh"]):
            ins, outs, texts = {}, {}, {}
            for at, function in enumerate(group):
                values, reference = functions[function]
                x = values.astype(NUMPY[name])
                ins["ABCD"[at]] = x
                outs[f"Y{at}"] = bounded.elementary(function, x, reference(x.astype(wide)), name)
                texts[f"Y{at}"] = f"{function}({'abcd'[at]})"
            yield elementwise(f"functions_{group[0]}_{name}", texts, ins, outs)
    x = spread.astype(np.float32)
    b = Bounded(x, 0.0, "f32")
    yield elementwise("functions_activations", {"S": "sigmoid(a)", "L": "silu(a)", "R": "relu(a)"}, {"A": x},
                      {"S": bounded.sigmoid(b), "L": bounded.silu(b), "R": np.maximum(x, np.float32(0))})
    moderate = rng.uniform(-4, 4, 90).astype(np.float32)
    m = Bounded(moderate, 0.0, "f32")
    yield elementwise("functions_gelu_erf", {"G": "gelu(a)", "E": "erf(a)"}, {"A": moderate},
                      {"G": bounded.gelu(m), "E": bounded.erf(m)})
    for name in ("f16", "bf16"):
        x = rng.uniform(-4, 4, 90).astype(NUMPY[name])
        narrow = Bounded(x.astype(np.float64), 0.0, "f32")
        yield elementwise(f"functions_exp_{name}", {"Y": "exp(a)", "T": "tanh(a)"}, {"A": x},
                          {"Y": bounded.exp(narrow).to(name), "T": bounded.tanh(narrow).to(name)})
    yield elementwise("functions_special_values", {"E": "exp(a)", "T": "tanh(a)", "S": "sqrt(b)", "L": "log(b)"},
                      {"A": array("f32", [INF, -INF, NAN, 0.0, -0.0]), "B": array("f32", [INF, -1.0, NAN, 0.0, 1.0])},
                      {"E": array("f32", [INF, 0, NAN, 1, 1]), "T": array("f32", [1, -1, NAN, 0.0, -0.0]),
                       "S": array("f32", [INF, NAN, NAN, 0, 1]), "L": array("f32", [INF, NAN, NAN, -INF, 0])})


def to_integer(values, name):
    """Truncated and saturated; NaN gives 0."""
    info = np.iinfo(NUMPY[name])
    result = []
    for v in values.astype(np.float64):
        if np.isnan(v):
            result.append(0)
        elif np.isinf(v):
            result.append(info.max if v > 0 else info.min)
        else:
            result.append(min(max(int(v), info.min), info.max))
    return np.array(result, dtype=NUMPY[name])


def conversion_cases():
    floats = [0.0, -0.0, 0.5, -0.5, 0.999, -0.999, 1.5, -1.5, 2.5, 127.5, 128.0, -128.5, -129.0, 255.9, 256.0, 3e4, -4e4,
              7e4, 2147483520.0, 2147483648.0, -2147483648.0, -2147483904.0, 4294967040.0, 4294967296.0, 9.3e18, -9.3e18,
              1.9e19, 1e30, -1e30, INF, -INF, NAN]
    for name in FLOATS + ["f8e4m3", "f8e5m2"]:
        values = converted(floats, name) if name != "f64" else np.array(floats)
        for group in (SIGNED, UNSIGNED):
            yield elementwise(f"{name}_to_{group[0]}_and_wider", {f"Y{t.upper()}": f"a as {t}" for t in group}, {"A": values},
                              {f"Y{t.upper()}": to_integer(values, t) for t in group})
    # Ties, double roundings by way of f32, overflow, subnormals.
    hard = [0.0, -0.0, 1.0, 1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-40, 1 + 3 * 2.0**-11, 1 + 2.0**-8, 1 + 2.0**-8 + 2.0**-40,
            1 + 2.0**-4, 1 + 2.0**-4 + 2.0**-40, 1 + 2.0**-3, 1.5, 65504.0, 65519.9, 65520.0, 7e4, 448.0, 464.0, 465.0,
            480.0, 57344.0, 61440.0, 61441.0, 2.0**-24, 2.0**-25, 2.0**-25 + 2.0**-60, 1.5 * 2.0**-24, 2.0**-9, 2.0**-10,
            2.0**-10 * 1.01, 2.0**-16, 2.0**-17, 2.0**-17 * 1.01, 3.3895313892515355e38, 3.4e38, 1e39, 1e300, 2.0**-133,
            2.0**-134, 2.0**-134 * 1.01, 2.0**-149, 2.0**-150, 1e-310, 5e-324, INF, NAN]
    hard = np.array(hard + [-v for v in hard])
    narrow = ["f8e4m3", "f8e5m2", "f16", "bf16", "f32"]
    yield elementwise("f64_to_narrower", {f"Y{t.upper()}": f"a as {t}" for t in narrow}, {"A": hard},
                      {f"Y{t.upper()}": converted(hard, t) for t in narrow})
    single = converted(hard, "f32")
    yield elementwise("f32_to_narrower", {f"Y{t.upper()}": f"a as {t}" for t in narrow[:4]}, {"A": single},
                      {f"Y{t.upper()}": converted(single, t) for t in narrow[:4]})
    for name in ["f16", "bf16", "f8e4m3", "f8e5m2"]:
        # Every f8, and every 37th of the 65536 others.
        size = NUMPY[name].itemsize
        values = np.arange(0, 2 ** (8 * size), 1 if size == 1 else 37).astype(f"u{size}").view(NUMPY[name])
        wide = values.astype(np.float64)
        others = [t for t in ("f8e4m3", "f8e5m2", "f16", "bf16") if t != name]
        expect = {f"Y{t.upper()}": converted(wide, t) for t in others}
        expect |= {"YF32": wide.astype(np.float32), "YF64": wide}
        yield elementwise(f"{name}_to_floats", {key: f"a as {key[1:].lower()}" for key in expect}, {"A": values}, expect)
    integers = [0, 1, -1, 17, 127, 255, 2049, 2051, -2049, 65504, 65519, 65520, 2**24 + 1, 2**24 + 2**16, 2**24 + 2**16 + 1,
                2**31 - 1, -2**31, 2**31 - 129, 449, 465]
    yield elementwise("i32_to_floats", {f"Y{t.upper()}": f"a as {t}" for t in ("f16", "bf16", "f32", "f64")},
                      {"A": array("i32", integers)},
                      {"YF16": converted(array("i32", integers), "f16"), "YBF16": converted(array("i32", integers), "bf16"),
                       "YF32": converted(array("i32", integers), "f32"), "YF64": array("f64", integers)})
    long = np.array([0, 1, -1, 2**53 + 1, 2**53 + 3, 2**63 - 1, -2**63, 2**40 + 2**16, 2**40 + 2**16 + 1, 2**62 + 2**38], np.int64)
    yield elementwise("i64_to_floats", {f"Y{t.upper()}": f"a as {t}" for t in ("bf16", "f32", "f64")}, {"A": long},
                      {"YBF16": converted(long, "bf16"), "YF32": converted(long, "f32"), "YF64": long.astype(np.float64)})
    big = np.array([0, 1, 2**63, 2**64 - 1, 2**53 + 1, 2**63 + 2**10, 2**63 + 2**39 + 1], np.uint64)
    yield elementwise("u64_to_floats", {f"Y{t.upper()}": f"a as {t}" for t in ("f32", "f64")}, {"A": big},
                      {"YF32": converted(big, "f32"), "YF64": big.astype(np.float64)})
    source = array("i32", [0, 1, -1, 127, 128, 255, 256, -129, 32768, 65535, 65536, 2**31 - 1, -2**31])
    targets = [t for t in INTEGERS if t != "i32"]
    yield elementwise("i32_to_integers", {f"Y{t.upper()}": f"a as {t}" for t in targets}, {"A": source},
                      {f"Y{t.upper()}": source.astype(NUMPY[t]) for t in targets})
    unsigned = array("u32", [0, 1, 127, 128, 255, 256, 2**31, 2**32 - 1])
    yield elementwise("u32_to_integers", {f"Y{t.upper()}": f"a as {t}" for t in ("i8", "i32", "i64", "u16", "u64")},
                      {"A": unsigned}, {f"Y{t.upper()}": unsigned.astype(NUMPY[t]) for t in ("i8", "i32", "i64", "u16", "u64")})
    flags = np.array([True, False, True])
    yield elementwise("bool_to_numbers", {"I": "a as i32", "U": "a as u8", "F": "a as f32", "H": "a as f16"}, {"A": flags},
                      {"I": array("i32", flags), "U": array("u8", flags), "F": array("f32", flags), "H": array("f16", flags)})
    yield elementwise("numbers_to_bool", {"F": "a as bool", "I": "b as bool"},
                      {"A": array("f32", [0.0, -0.0, 0.1, -2.0, NAN, INF]), "B": array("i32", [0, 1, -1, 256, 65536, 0])},
                      {"F": np.array([False, False, True, True, True, True]),
                       "I": np.array([False, True, True, True, True, False])})
    words = np.array([0, 0x3F800000, 0x80000000, 0x7FC00000, 0xFFFFFFFF, 1], np.uint32)
    yield elementwise("bitcasts", {"F": "bitcast(a, f32)", "I": "bitcast(a, i32)", "H": "bitcast(b, f16)", "U": "bitcast(c, u32)"},
                      {"A": words, "B": array("u16", [0, 0x3C00, 0x8000, 1, 0x7BFF, 0xFC00]), "C": array("f32", [0.0, -0.0, 1, -2, INF, 0.1])},
                      {"F": words.view(np.float32), "I": words.view(np.int32),
                       "H": array("u16", [0, 0x3C00, 0x8000, 1, 0x7BFF, 0xFC00]).view(np.float16),
                       "U": array("f32", [0.0, -0.0, 1, -2, INF, 0.1]).view(np.uint32)})


def promotion_cases():
    yield elementwise("promotion_of_floats", {"Y": "a + b", "Z": "a + c", "W": "b * c", "V": "c + d"},
                      {"A": array("f16", [1, 2, 0.1]), "B": array("bf16", [2.0**-9, 3, 0.1]), "C": array("f32", [2.0**-20, 1, 0.3]),
                       "D": array("f64", [2.0**-40, 1e-9, 0.7])},
                      {"Y": array("f32", array("f16", [1, 2, 0.1])) + array("f32", array("bf16", [2.0**-9, 3, 0.1])),
                       "Z": array("f32", array("f16", [1, 2, 0.1])) + array("f32", [2.0**-20, 1, 0.3]),
                       "W": array("f32", array("bf16", [2.0**-9, 3, 0.1])) * array("f32", [2.0**-20, 1, 0.3]),
                       "V": array("f64", array("f32", [2.0**-20, 1, 0.3])) + array("f64", [2.0**-40, 1e-9, 0.7])})
    a, b = array("f8e4m3", [1.125, 448, 0.5]), array("f8e5m2", [2.0**-10, 57344, 3])
    yield elementwise("promotion_of_f8", {"Y": "a + b", "Z": "a + h"}, {"A": a, "B": b, "H": array("f16", [2.0**-9, 1, 0.1])},
                      {"Y": array("f32", a) + array("f32", b),
                       "Z": (array("f32", a) + array("f32", array("f16", [2.0**-9, 1, 0.1]))).astype(np.float16)})
    yield elementwise("promotion_of_integers", {"Y": "a + b", "Z": "u * w"},
                      {"A": array("i8", [127, -128, 5]), "B": array("i32", [1, -1, 100000]),
                       "U": array("u8", [255, 2, 3]), "W": array("u16", [300, 4, 5])},
                      {"Y": array("i32", [128, -129, 100005]), "Z": array("u16", [(255 * 300) % 65536, 8, 15])})
    yield elementwise("literals_take_the_other_side",
                      {"Y": "a + 1", "Z": "h * 2.0", "U_": "u + 255", "X": "h + 1", "V": "d * 0.1"},
                      {"A": array("i8", [127, -1, 5]), "H": array("f16", [0.1, 2048, 3]), "U": array("u8", [1, 2, 3]),
                       "D": array("f64", [1, 3, 7])},
                      {"Y": array("i8", [-128, 0, 6]), "Z": array("f16", [0.1, 2048, 3]) * np.float16(2),
                       "U_": array("u8", [0, 1, 2]), "X": array("f16", [0.1, 2048, 3]) + np.float16(1),
                       "V": array("f64", [1, 3, 7]) * 0.1})
    yield elementwise("stores_widen", {"Y": "h", "Z": "a", "W": "f + h"},
                      {"H": array("f16", [0.1, 65504, -0.0]), "A": array("i8", [-128, 0, 127]), "F": array("f32", [1, 2, 3])},
                      {"Y": array("f32", array("f16", [0.1, 65504, -0.0])), "Z": array("i64", [-128, 0, 127]),
                       "W": array("f64", array("f32", [1, 2, 3]) + array("f32", array("f16", [0.1, 65504, -0.0])))})
    yield elementwise("bool_operators", {"A_": "a and b", "O": "a or b", "N_": "not a", "X": "a ^ b", "E": "a == b", "I": "a & b"},
                      {"A": np.array([True, True, False, False]), "B": np.array([True, False, True, False])},
                      {"A_": np.array([True, False, False, False]), "O": np.array([True, True, True, False]),
                       "N_": np.array([False, False, True, True]), "X": np.array([False, True, True, False]),
                       "E": np.array([True, False, False, True]), "I": np.array([True, False, False, False])})
    yield elementwise("where_selects", {"Y": "where(c, a, b)", "Z": "where(c, a, -inf)", "W": "where(a > b, a, b)"},
                      {"C": np.array([True, False, True]), "A": array("f32", [1, NAN, -0.0]), "B": array("f32", [NAN, 2, 3])},
                      {"Y": array("f32", [1, 2, -0.0]), "Z": array("f32", [1, -INF, -0.0]), "W": array("f32", [NAN, 2, 3])})
    a8, b8 = array("f8e4m3", [1, 448, -448, 0.001953125, 16, NAN]), array("f8e4m3", [0.0625, 448, -448, 0.001953125, 1.5, 1])
    yield elementwise("f8e4m3_operators", {"S": "a + b", "P": "a * b", "L": "max(a, b)", "G": "a < b"}, {"A": a8, "B": b8},
                      {"S": converted(a8.astype(np.float64) + b8.astype(np.float64), "f8e4m3"),
                       "P": converted(a8.astype(np.float64) * b8.astype(np.float64), "f8e4m3"),
                       "L": np.array([1, 448, -448, 0.001953125, 16, NAN]).astype(NUMPY["f8e4m3"]),
                       "G": np.array([False, False, False, False, False, False])})
    x = np.array([0.1, 0.7, 1.3, 3000.0], np.float16)
    yield elementwise("no_excess_precision", {"Y": "a * a + a", "Z": "a * a * a"}, {"A": x},
                      {"Y": x * x + x, "Z": x * x * x}, options=("--no-excess-precision",))


with np.errstate(all="ignore"):
    CASES = [case for cases in (integer_cases, float_cases, function_cases, conversion_cases, promotion_cases) for case in cases()]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_arithmetic(case, executor, tmp_path):
    case.check(executor, tmp_path)
