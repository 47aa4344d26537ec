#===- zoo.py - NumPy references of the kernels in examples/kernels ---------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""For each kernel of the conformance matrix (zoo_table.py): how to make its inputs at any shape and type, and what NumPy
says of the results.

A reference is written from what the kernel computes, not from how: in exact integers, exactly in the kernel's own type
where one operation rounds once, or in extended precision with a running error bound (bounded.py).
"""

from dataclasses import dataclass, field

import ml_dtypes
import numpy as np

import bounded
from bounded import Bounded
from tilec_testing import INTEGERS, NUMPY, SMALL_FLOATS
from zoo_table import Table


@dataclass
class Problem:
    """The arguments of one call, and the expected value of every array that it writes."""
    expect: dict
    ins: dict = field(default_factory=dict)
    inouts: dict = field(default_factory=dict)
    scalars: dict = field(default_factory=dict)
    consts: dict = field(default_factory=dict)
    types: dict = field(default_factory=dict)
    dims: dict = field(default_factory=dict)


TABLE = Table()
ENTRIES = list(TABLE.entries.values())


def zoo(name):
    """Registers `make(rng, type, **dims) -> Problem` for a row of the table."""

    def register(make):
        TABLE.entries[name].make = make
        return make

    return register


class Numbers(np.random.Generator):
    """A random generator that also says what `draw` is to fill arrays with: one of the table's `values`."""

    def __init__(self, seed, values="random"):
        super().__init__(np.random.PCG64(seed))
        self.values = values


def special_numbers(name, values):
    """The numbers of a type that `special` and `extreme` arrays are sprinkled with."""
    dtype = NUMPY[name]
    if name in INTEGERS:
        info = np.iinfo(dtype)
        return np.array([info.min, info.max, 0, 1], dtype)
    info = ml_dtypes.finfo(dtype)
    numbers = [np.nan, np.inf, -np.inf, 0.0, -0.0, info.smallest_subnormal, -info.smallest_subnormal, info.tiny]
    if values == "extreme":
        numbers += [info.max, info.min]
    # float64 holds them all.
    return np.array([float(number) for number in numbers]).astype(dtype)


def draw(rng, name, shape):
    """Elements of a type, as the generator's `values` say. Random ones are normally distributed floats, and integers over
    the whole range of the type."""
    dtype, values = NUMPY[name], getattr(rng, "values", "random")
    if name in INTEGERS:
        info = np.iinfo(dtype)
        array = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    elif values == "integers":
        # Sums of up to a million products of two of them are exact in f32, and of 128 of them in bf16.
        return rng.integers(-2, 2, shape, endpoint=True).astype(dtype)
    else:
        array = rng.standard_normal(shape).astype(dtype)
    if values in ("special", "extreme"):
        chosen = rng.random(shape) < 0.125
        array[chosen] = rng.choice(special_numbers(name, values), int(np.sum(chosen)))
    return array


def wide(array):
    """The elements in extended precision."""
    return array.astype(np.float64).astype(np.longdouble)


def f32(array):
    """The elements as exact operands of a computation in f32."""
    return Bounded(wide(array), 0.0, "f32")


def added(a, b, name):
    """a + b rounded once to their type: exact in a wider type, then converted."""
    if name in INTEGERS or name in ("f32", "f64"):
        return a + b
    total = a.astype(np.float64) + b.astype(np.float64)
    if name in SMALL_FLOATS:
        # Conversions to f8 saturate.
        limit = float(bounded.largest(NUMPY[name]))
        total = np.clip(total, -limit, limit)
    return total.astype(np.float32).astype(NUMPY[name])


@zoo("vector_add")
def vector_add(rng, t, N):
    a, b = draw(rng, t, N), draw(rng, t, N)
    return Problem({"C": added(a, b, t)}, ins={"A": a, "B": b})


@zoo("saxpy")
def saxpy(rng, t, N):
    x, y = draw(rng, t, N), draw(rng, t, N)
    total = Bounded(wide(x), 0.0, t) * 1.5 + Bounded(wide(y), 0.0, t)
    return Problem({"Y": total}, ins={"X": x}, inouts={"Y": y}, scalars={"a": 1.5})


@zoo("saxpy_matrix")
def saxpy_matrix(rng, t, M, N):
    # Fortran order: the first dim has stride 1.
    x, y = np.asfortranarray(draw(rng, t, (M, N))), draw(rng, t, (M, N))
    total = Bounded(wide(x), 0.0, t) * -0.75 + Bounded(wide(y), 0.0, t)
    return Problem({"Y": total}, ins={"X": x}, inouts={"Y": y}, scalars={"a": -0.75})


@zoo("transpose")
def transpose(rng, t, M, N):
    a = draw(rng, t, (M, N))
    return Problem({"B": np.ascontiguousarray(a.T)}, ins={"A": a})


@zoo("matmul")
def matmul(rng, t, M, K, N):
    a, b = draw(rng, t, (M, K)), draw(rng, t, (K, N))
    return Problem({"C": (f32(a) @ f32(b)).to("f16")}, ins={"A": a, "B": b})


@zoo("matmul_any")
def matmul_any(rng, t, M, K, N):
    a, b = draw(rng, t, (M, K)), draw(rng, t, (K, N))
    r = "f64" if t == "f64" else "f32"
    return Problem({"C": Bounded(wide(a), 0.0, r) @ Bounded(wide(b), 0.0, r)}, ins={"A": a, "B": b}, types={"R": r})


@zoo("matmul_bias_gelu")
def matmul_bias_gelu(rng, t, M, K, N):
    a, b, bias = draw(rng, t, (M, K)), draw(rng, t, (K, N)), draw(rng, t, N)
    return Problem({"C": bounded.gelu(f32(a) @ f32(b) + f32(bias)).to(t)}, ins={"A": a, "B": b, "bias": bias})


@zoo("batched_matmul")
def batched_matmul(rng, t, L, M, K, N):
    a, b = draw(rng, t, (L, M, K)), draw(rng, t, (L, K, N))
    return Problem({"C": (f32(a) @ f32(b)).to(t)}, ins={"A": a, "B": b})


def softmax_reference(x, steps=1):
    """softmax of the rows of x. A running sum that is rescaled in each of `steps` steps has passed through as many
    products with an exponential (1.5 ulp, that is 3 u, and one u for the product) and as many sums: 5 u a step."""
    if x.shape[1] == 0:
        # Rows without elements have nothing to divide.
        return x, Bounded(np.ones((x.shape[0], 1)), 0.0, x.type)
    e = bounded.exp(x - x.max(axis=1, keepdims=True))
    total = e.sum(axis=1, keepdims=True)
    unit = bounded.FORMATS[x.type][0]
    # The argument m - m2 of each exponential is rounded too: u * |m - m2|, and the differences of all steps add up to
    # at most the row's spread.
    spread = np.max(x.value, axis=1, keepdims=True) - np.min(x.value, axis=1, keepdims=True)
    relative = bounded.gamma(5 * steps, unit) + np.expm1(2 * unit * spread) if steps > 1 else 0.0
    return e, Bounded(total.value, total.error + relative * (total.value + total.error), x.type)


@zoo("row_softmax")
def row_softmax(rng, t, M, N):
    x = draw(rng, t, (M, N))
    e, total = softmax_reference(f32(x))
    return Problem({"Y": e / total}, ins={"X": x})


@zoo("row_softmax_any")
def row_softmax_any(rng, t, M, N):
    x = draw(rng, t, (M, N))
    e, total = softmax_reference(f32(x))
    return Problem({"Y": (e / total).to(t)}, ins={"X": x})


@zoo("long_softmax")
def long_softmax(rng, t, M, N):
    x = draw(rng, t, (M, N))
    e, total = softmax_reference(f32(x), steps=N + 1)
    return Problem({"Y": (e / total).to(t)}, ins={"X": x})


@zoo("log_softmax")
def log_softmax(rng, t, M, N):
    x = draw(rng, t, (M, N))
    c = f32(x) - f32(x).max(axis=1, keepdims=True)
    return Problem({"Y": (c - bounded.log(bounded.exp(c).sum(axis=1, keepdims=True))).to(t)}, ins={"X": x})


def normalised(x, eps):
    """(x - mean) / sqrt(variance + eps) of each row."""
    c = x - x.mean(axis=1, keepdims=True)
    return c * bounded.rsqrt((c * c).mean(axis=1, keepdims=True) + eps)


EPS = 2.0**-10


@zoo("layernorm")
def layernorm(rng, t, M, N):
    x, gamma, beta = draw(rng, t, (M, N)), draw(rng, t, N), draw(rng, t, N)
    y = normalised(f32(x), EPS) * f32(gamma) + f32(beta)
    return Problem({"Y": y.to(t)}, ins={"X": x, "gamma": gamma, "beta": beta}, scalars={"eps": EPS})


@zoo("rmsnorm")
def rmsnorm(rng, t, M, N):
    x, w = draw(rng, t, (M, N)), draw(rng, t, N)
    r = bounded.rsqrt((f32(x) * f32(x)).sum(axis=1, keepdims=True) / max(N, 1) + EPS)
    return Problem({"Y": (f32(x) * r * f32(w)).to(t)}, ins={"X": x, "W": w}, scalars={"eps": EPS})


def times_half_and_one_more(x, y):
    return x * 0.5 * (y + 1.0)


@zoo("gelu")
def gelu(rng, t, M, N):
    x = draw(rng, t, (M, N))
    a, unit = f32(np.maximum(wide(x), -16.0)), 2.0**-24
    y = bounded.erf(a * Bounded(np.sqrt(0.5), unit * np.sqrt(0.5), "f32"))
    return Problem({"Y": times_half_and_one_more(a, y).to(t)}, ins={"X": x})


@zoo("gelu_tanh")
def gelu_tanh(rng, t, M, N):
    x = draw(rng, t, (M, N))
    a, unit = f32(np.maximum(wide(x), -16.0)), 2.0**-24
    root, cubic = (Bounded(c, unit * c, "f32") for c in (np.sqrt(2 / np.pi), 0.044715))
    y = bounded.tanh(root * a * (cubic * a * a + 1.0))
    return Problem({"Y": times_half_and_one_more(a, y).to(t)}, ins={"X": x})


@zoo("add_layernorm")
def add_layernorm(rng, t, M, N):
    x, r, gamma, beta = draw(rng, t, (M, N)), draw(rng, t, (M, N)), draw(rng, t, N), draw(rng, t, N)
    s = f32(x) + f32(r)
    return Problem({"Y": (normalised(s, EPS) * f32(gamma) + f32(beta)).to(t), "S": s.to(t)},
                   ins={"X": x, "R": r, "gamma": gamma, "beta": beta}, scalars={"eps": EPS})


@zoo("cross_entropy")
def cross_entropy(rng, t, M, C):
    z = draw(rng, t, (M, C))
    labels = rng.integers(0, C, M, dtype=np.int32)
    _, total = softmax_reference(f32(z), steps=C + 1)
    loss = f32(z).max(axis=1) + bounded.log(total.reshape(M)) - f32(z)[np.arange(M), labels]
    return Problem({"loss": loss}, ins={"Z": z, "labels": labels})


def attention_problem(rng, t, H, T, S, D, causal):
    q, k, v = draw(rng, t, (H, T, D)), draw(rng, t, (H, S, D)), draw(rng, t, (H, S, D))
    scale = 0.25
    hidden = (np.arange(T)[:, None] < np.arange(S)[None, :]) & causal
    heads, errors = [], []
    for h in range(H):
        p = (f32(q[h]) @ f32(k[h]).T) * scale
        # What is hidden weighs exp(-inf) = 0, and takes no part in the maximum.
        m = np.max(np.where(hidden, -np.inf, p.value), axis=1, keepdims=True)
        # The running maximum is one of the computed scores, so it is off by at most the largest error of its row.
        e = bounded.exp(p - Bounded(m, np.max(p.error, axis=1, keepdims=True)))
        e = Bounded(np.where(hidden, 0, e.value), np.where(hidden, 0, e.error))
        # At most S steps rescale l and o: see softmax_reference. What the rescaled sums hold is positive for l, and for
        # o bounded by the sum of absolute values.
        unit = bounded.FORMATS["f32"][0]
        spread = m - np.min(np.where(hidden, np.inf, p.value), axis=1, keepdims=True)
        relative = bounded.gamma(5 * (S + 1), unit) + np.expm1(2 * unit * spread)
        l = e.sum(axis=1, keepdims=True)
        l = Bounded(l.value, l.error + relative * (l.value + l.error))
        # The exponentials are rounded to t before the product, relative to a maximum that may since have grown: the
        # rounding's relative error stays, but one that was subnormal was larger then, by at most the final scale 1.
        weights = e.to(t).to("f32") if t != "f32" else e
        o = Bounded(weights.value, weights.error, "f32") @ f32(v[h])
        size = weights.value @ np.abs(wide(v[h]))
        o = Bounded(o.value, o.error + relative * (size + o.error))
        result = (o / l).to(t)
        heads.append(result.value)
        errors.append(result.error)
    return Problem({"O": Bounded(np.stack(heads), np.stack(errors), t)}, ins={"Q": q, "K": k, "V": v},
                   scalars={"scale": scale}, consts={"causal": True} if causal else {})


@zoo("attention")
def attention(rng, t, H, T, S, D):
    return attention_problem(rng, t, H, T, S, D, causal=False)


@zoo("attention.causal")
def attention_causal(rng, t, H, T, S, D):
    return attention_problem(rng, t, H, T, S, D, causal=True)


@zoo("attention_any")
def attention_any(rng, t, H, T, S, D):
    return attention_problem(rng, t, H, T, S, D, causal=False)


@zoo("attention_any.causal")
def attention_any_causal(rng, t, H, T, S, D):
    return attention_problem(rng, t, H, T, S, D, causal=True)


@zoo("rope")
def rope(rng, t, S, H, half):
    x = draw(rng, t, (S, H, 2 * half))
    angle = np.arange(S)[:, None] * 10000.0 ** (-np.arange(half) / half)
    cos, sin = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
    a, b, c, s = f32(x[..., :half]), f32(x[..., half:]), f32(cos)[:, None, :], f32(sin)[:, None, :]
    lo, hi = (a * c - b * s).to(t), (a * s + b * c).to(t)
    y = Bounded(np.concatenate([lo.value, hi.value], 2), np.concatenate([lo.error, hi.error], 2), t)
    return Problem({"Y": y}, ins={"X": x, "Cos": cos, "Sin": sin})


@zoo("embedding")
def embedding(rng, t, N, V, D):
    ids, table = rng.integers(0, V, N, dtype=np.int32), draw(rng, t, (V, D))
    return Problem({"Y": table[ids]}, ins={"ids": ids, "table": table})


@zoo("scatter_add")
def scatter_add(rng, t, N, V, D):
    # An f16 or bf16 element that takes hundreds of additions has no digit left to check.
    N = min(N, 16 * V) if t in ("f16", "bf16") else N
    ids, x, y = rng.integers(0, V, N, dtype=np.int32), draw(rng, t, (N, D)), draw(rng, t, (V, D))
    if t in INTEGERS:
        total = y.copy()
        np.add.at(total, ids, x)
        return Problem({"Y": total}, ins={"ids": ids, "X": x}, inouts={"Y": y})
    value, size, count = wide(y), np.abs(wide(y)), np.zeros(V)
    np.add.at(value, ids, wide(x))
    np.add.at(size, ids, np.abs(wide(x)))
    np.add.at(count, ids, 1)
    # An element with c additions, in any order, is off by at most gamma(c) times the sum of its terms' sizes.
    unit, eta = bounded.FORMATS[t]
    grown = np.array([bounded.gamma(c, unit + bounded.REFERENCE) for c in count])[:, None]
    return Problem({"Y": Bounded(value, grown * size + eta * count[:, None], t)}, ins={"ids": ids, "X": x},
                   inouts={"Y": y})


@zoo("histogram")
def histogram(rng, t, N, B):
    lo, width = -37, 5
    x = rng.integers(lo - 20, lo + width * B + 20, N, dtype=np.int32)
    h = rng.integers(0, 10, B, dtype=np.int32)
    bins = np.floor_divide(x.astype(np.int64) - lo, width)
    counts = np.bincount(bins[(bins >= 0) & (bins < B)], minlength=B)
    return Problem({"H": (h + counts).astype(np.int32)}, ins={"X": x}, inouts={"H": h},
                   scalars={"lo": lo, "width": width})


@zoo("histogram_u8")
def histogram_u8(rng, t, N):
    x = draw(rng, "u8", N)
    return Problem({"H": np.bincount(x, minlength=256).astype(np.int32)}, ins={"X": x})


def prefix_sums(x, t, axis):
    """Running sums: exact with wraparound for integers, bounded for floats. An f16 or bf16 tile's sums are rounded to
    the type once, and so is the carry after each of at most N tiles: the type's own unit covers both, and f32 what a
    sum does inside."""
    if t in INTEGERS:
        return np.cumsum(x, axis=axis, dtype=NUMPY[t])
    return Bounded(wide(x), 0.0, t).cumsum(axis)


@zoo("cumsum_rows")
def cumsum_rows(rng, t, M, N):
    x = draw(rng, t, (M, N))
    return Problem({"Y": prefix_sums(x, t, 1)}, ins={"X": x})


@zoo("cumsum_chained")
def cumsum_chained(rng, t, N):
    x = draw(rng, t, N)
    return Problem({"Y": prefix_sums(x, t, 0)}, ins={"X": x})


def argmax_problem(rng, t, M, N):
    # Few values, so that ties are common; integers that every type holds.
    x = rng.integers(-3 if t not in INTEGERS or t[0] == "i" else 0, 4, (M, N)).astype(NUMPY[t])
    order = x.astype(np.float64)
    if t not in INTEGERS and M > 1:
        x[1, N // 2:] = np.nan
        order[1, N // 2:] = np.inf
    index = np.argmax(order, axis=1).astype(np.int32)
    return Problem({"V": x[np.arange(M), index], "I": index}, ins={"X": x})


@zoo("argmax_rows")
def argmax_rows(rng, t, M, N):
    return argmax_problem(rng, t, M, N)


@zoo("argmax_long")
def argmax_long(rng, t, M, N):
    return argmax_problem(rng, t, M, N)


@zoo("conv1d")
def conv1d(rng, t, C, L, F, R):
    x, w = draw(rng, t, (C, L)), draw(rng, t, (F, C, R))
    half = R // 2
    padded = np.zeros((C, L + R), x.dtype)
    padded[:, half:half + L] = x
    # Every position's patch as a row: the sum over channels and taps is one dot product.
    patches = np.stack([padded[:, i:i + R].reshape(-1) for i in range(L)], axis=1)
    y = (f32(w.reshape(F, C * R)) @ f32(patches))
    # The kernel sums R * ceil(C / c) products of tiles: no more roundings than one for each of the C * R terms and one
    # for each of at most C * R accumulations.
    return Problem({"Y": twice_summed(y, f32(w.reshape(F, C * R)), f32(patches)).to(t)}, ins={"X": x, "W": w})


def twice_summed(y, a, b):
    """The bound of a product y = a @ b whose partial products are summed separately and then added up: at most twice
    as many roundings."""
    unit, _ = bounded.FORMATS[y.type]
    size = (np.abs(a.value) + a.error) @ (np.abs(b.value) + b.error)
    return Bounded(y.value, y.error + bounded.gamma(a.shape[-1] + 1, unit + bounded.REFERENCE) * size, y.type)


@zoo("conv2d")
def conv2d(rng, t, B, H, L, C, R, S, F):
    # The filter fits into the image.
    R, S = min(R, H), min(S, L)
    x, w = draw(rng, t, (B, H, L, C)), draw(rng, t, (R, S, C, F))
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), (R, S), axis=(1, 2))
    # [b, y, x, c, r, s] -> rows of r, s, c.
    rows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(B * (H - R + 1) * (L - S + 1), R * S * C)
    a, b = f32(rows), f32(w.reshape(R * S * C, F))
    y = twice_summed(a @ b, a, b).reshape(B, H - R + 1, L - S + 1, F)
    return Problem({"Y": y.to(t)}, ins={"X": x, "W": w})


@zoo("matmul_i8")
def matmul_i8(rng, t, M, K, N):
    a, b = draw(rng, "i8", (M, K)), draw(rng, "i8", (K, N))
    return Problem({"C": a.astype(np.int32) @ b.astype(np.int32)}, ins={"A": a, "B": b})


@zoo("matmul_u8i8_scaled")
def matmul_u8i8_scaled(rng, t, M, K, N):
    a, b = draw(rng, "u8", (M, K)), draw(rng, "i8", (K, N))
    sa, sb = draw(rng, "f32", M), draw(rng, "f32", N)
    product = f32(a.astype(np.int64) @ b.astype(np.int64)).to("f32")
    # i32 to f32 rounds once.
    product = Bounded(product.value, np.abs(product.value) * bounded.FORMATS["f32"][0])
    return Problem({"C": product * f32(sa)[:, None] * f32(sb)}, ins={"A": a, "B": b, "sa": sa, "sb": sb})
