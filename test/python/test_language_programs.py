#===- test_language_programs.py - loops, functions and atomics in small programs -------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Semantics of control flow, items, configurations, atomics and messages, each in one small program."""

import numpy as np
import pytest

from tilec_testing import EXECUTORS, NUMPY, Case, ToolError, array, program, shifted

NAN, INF = float("nan"), float("inf")
RNG = np.random.default_rng(4)


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def control_cases():
    starts = array("i32", range(1, 30))
    yield program("while_loop", """
  for r in range(N) {
    var n = X[r]
    var steps = 0
    while n != 1 {
      if n % 2 == 0 { n = n // 2 } else { n = 3 * n + 1 }
      steps += 1
    }
    Y[r] = steps
  }
""", {"X": starts}, {"Y": ("i32[N]", array("i32", [collatz(int(n)) for n in starts]))}, params="X: i32[N]")
    yield program("break_and_continue", """
  for r in range(N) {
    var s = 0
    for n in range(100) {
      if n % 3 == 0 { continue }
      if n > X[r] { break }
      s += n
    }
    Y[r] = s
    var t = 0
    while true {
      t += 1
      if t < 4 { continue }
      if t * t > X[r] { break }
    }
    Z[r] = t
  }
""", {"X": starts}, {"Y": ("i32[N]", array("i32", [sum(n for n in range(100) if n % 3 and n <= x) for x in starts])),
                     "Z": ("i32[N]", array("i32", [next(t for t in range(4, 99) if t * t > x) for x in starts]))}, params="X: i32[N]")
    yield program("break_leaves_the_inner_loop", """
  for r in range(N) {
    var s = 0
    for a in range(5) {
      for b in range(5) {
        if b > a { break }
        s += 10 * a + b
      }
      if a == 3 { break }
    }
    Y[r] = s
  }
""", {"X": starts[:2].copy()}, {"Y": ("i32[N]", array("i32", [sum(10 * a + b for a in range(4) for b in range(a + 1))] * 2))},
                    params="X: i32[N]")
    yield program("continue_ends_an_iteration", """
  for i in tiles(N) {
    Y[i] = X[i]
    if i.id % 2 == 1 { continue }
    Y[i] = X[i] + 100
  }
""", {"X": starts}, {"Y": ("i32[N]", starts + np.where(np.arange(29) // 4 % 2 == 1, 0, 100).astype(np.int32))}, params="X: i32[N]",
                    config={"i": 4})
    yield program("break_in_a_loop_over_tiles", """
  for r in range(1) {
    var s = 0
    var last = 0
    for i in tiles(N) {
      last = i.begin
      if i.begin >= 10 { break }
      s += sum(X[i])
    }
    Y[0] = s
    Y[1] = last
  }
""", {"X": starts}, {"Y": ("i32[2]", array("i32", [starts[:12].sum(), 12]))}, params="X: i32[N]", config={"i": 4})
    yield program("ranges", """
  for r in range(1) {
    var n = 0
    for a in range(3) { Y[n] = a ; n += 1 }
    for a in range(5, 7) { Y[n] = a ; n += 1 }
    for a in range(9, 2, -3) { Y[n] = a ; n += 1 }
    for a in range(0, 7, 3) { Y[n] = a ; n += 1 }
    for a in range(4, 4) { Y[n] = 77 ; n += 1 }
    for a in range(4, 2) { Y[n] = 77 ; n += 1 }
    for a in range(0, 2, s) { Y[n] = a ; n += 1 }
    for a in range(2, 0, -s) { Y[n] = a ; n += 1 }
    Y[n] = n
  }
""", {}, {"Y": ("i32[16]", array("i32", [0, 1, 2, 5, 6, 9, 6, 3, 0, 3, 6, 0, 1, 2, 1, 15]))}, params="s: i32", scalars={"s": 1})
    yield program("grid_over_a_range_with_a_step", """
  for r in range(N) { Y[r] = 0 }
  for r in range(1, N, 3) { Y[r] = X[r] }
""", {"X": starts}, {"Y": ("i32[N]", np.where(np.arange(29) % 3 == 1, starts, 0).astype(np.int32))}, params="X: i32[N]")
    at = np.arange(29)
    yield program("grids_that_count_down", """
  for r in range(N) { Y[r] = 0; Z[r] = 0 }
  for r in range(N - 1, -1, -3) { Y[r] = X[r] }
  for r in range(N - 1, 4, s) { Z[r] = X[r] }
  for r in range(0, N, -1) { Y[r] = 99 }
  for r in range(3, 3, s) { Z[r] = 99 }
""", {"X": starts}, {"Y": ("i32[N]", np.where(at % 3 == 1, starts, 0).astype(np.int32)),
                     "Z": ("i32[N]", np.where((at > 4) & (at % 5 == 3), starts, 0).astype(np.int32))}, params="X: i32[N], s: i32",
                    scalars={"s": -5})
    yield program("last_index_is_fastest", """
  for r in range(1) {
    var n = 0
    for i, j in tiles(5, 6) {
      Y[n] = 100 * i.begin + j.begin
      n += 1
    }
  }
""", {}, {"Y": ("i32[6]", array("i32", [0, 3, 200, 203, 400, 403]))}, params="s: i32", scalars={"s": 0}, config={"i": 2, "j": 3})
    x = array("f32", range(12))
    yield program("if_at_kernel_level", """
  let n = N // 2
  if flag {
    for i in tiles(N) { Y[i] = X[i] }
  } else {
    for i in tiles(N) { Y[i] = X[i] * s + (n as f32) }
  }
  if N > 100 {
    for i in tiles(N) { Y[i] = 0.0 }
  } else if s > 1.0 {
    for i in tiles(N) { Y[i] += 1.0 }
  }
""", {"X": x}, {"Y": ("f32[N]", x * 2 + 6 + 1)}, params="X: f32[N], s: f32, flag: bool", scalars={"s": 2.0, "flag": False})
    yield program("and_and_or_stop_early", """
  for r in range(N) {
    Y[r] = 0
    if r > 0 and X[r - 1] > 10 { Y[r] = 1 }
    if r == 0 or X[r - 1] == 3 { Y[r] = 2 }
  }
""", {"X": starts}, {"Y": ("i32[N]", array("i32", [2 if r == 0 or starts[r - 1] == 3 else int(starts[r - 1] > 10) for r in range(29)]))},
                    params="X: i32[N]")
    yield program("vars_of_tiles_in_ifs", """
  for i in tiles(N) {
    var a = X[i]
    var b = zeros(f32, i)
    for n in range(4) {
      if n % 2 == 0 { a = a + 1.0 } else { b = b + a }
      let (p, q) = swap(a, b)
      if n == 3 { a = p }
    }
    Y[i] = a
    Z[i] = b
  }
}

fn swap(a, b) {
  return (b, a)
""", {"X": x}, {"Y": ("f32[N]", (x + 1) + (x + 2)), "Z": ("f32[N]", (x + 1) + (x + 2))}, config={"i": 5})
    yield program("shadowing", """
  for i in tiles(N) {
    let a = X[i]
    var s = zeros(f32, i)
    for n in range(2) {
      let a = X[i] * 10.0
      s += a
    }
    Y[i] = a + s
  }
""", {"X": x}, {"Y": ("f32[N]", x + 20 * x)})


def item_cases():
    x = array("f32", range(10))
    yield program("helpers", """
  for i in tiles(N) {
    let (s, d) = both(X[i], 3.0)
    Y[i] = twice(s) + d
    Z[i] = converted(X[i], f16)
    W[i] = at(X, i) + first(X)
  }
}

fn both(a, b) { return (a + b, a - b) }
fn twice(v) {
  let w = v
  return w + v
}
fn converted(v, T) { return (v + 0.5) as T }
fn at(array, index) { return array[index] }
fn first(array) {
  return array[0]
""", {"X": x}, {"Y": ("f32[N]", 2 * (x + 3) + x - 3), "Z": ("f16[N]", (x + np.float32(0.5)).astype(np.float16)), "W": ("f32[N]", x)})
    yield Case("consts", """
const WIDTH = 3
const HALF = WIDTH // 2
const SCALE = 0.5
const NEGATE = true
kernel k(X: f32[N], W: f32[WIDTH]) -> (Y: f32[N], Z: f64[N]) {
  for i in tiles(N, size=WIDTH + 1) {
    var s = zeros(f32, i)
    for n in range(WIDTH) { s += X[i + (n - HALF)] * W[n] }
    if NEGATE { s = -s }
    Y[i] = s * SCALE
    Z[i] = (X[i] as f64) * SCALE
  }
}
""", {"Y": -0.5 * (shifted(x, -1) + 2 * x + 4 * shifted(x, 1)), "Z": 0.5 * x.astype(np.float64)},
               ins={"X": x, "W": array("f32", [1, 2, 4])})
    text = """
kernel k(X: f32[N], const mode: i32 = 1, const neg: bool = false) -> Y: f32[N] {
  for i in tiles(N) {
    var x = X[i]
    if mode == 2 { x = x * 2.0 }
    if neg { x = -x }
    Y[i] = x
  }
}
"""
    yield Case("const_defaults", text, {"Y": x}, ins={"X": x})
    yield Case("const_parameters", text, {"Y": -2 * x}, ins={"X": x}, consts={"mode": 2, "neg": True})
    yield Case("const_dim", """
kernel k(X: f32[N, D], const D: i32 = 3) -> Y: f32[N] {
  for i in tiles(N) { Y[i] = sum(X[i, :] * (arange(0, D) as f32), axis=1) }
}
""", {"Y": np.arange(12, dtype=np.float32).reshape(4, 3) @ array("f32", [0, 1, 2])}, ins={"X": array("f32", np.arange(12).reshape(4, 3))})
    for name in ("i16", "f64", "bf16"):
        values = array(name, range(7))
        yield Case(f"type_parameter_{name}", """
kernel k<T: number>(X: T[N], s: T) -> Y: T[N] {
  for i in tiles(N) {
    let z = full(T, 2, i)
    Y[i] = X[i] * z + s
  }
}
""", {"Y": array(name, np.arange(7) * 2 + 3)}, ins={"X": values}, scalars={"s": 3 if name[0] == "i" else 3.0})
    yield Case("tunables", """
kernel k(X: i32[N]) -> (Y: i32[N], Z: i32[N]) {
  tune unroll in [1, 2, 4]
  tune width in pow2(8, 64)
  for i in tiles(N) {
    Y[i] = X[i] * unroll
    Z[i] = X[i] + width
  }
}
""", {"Y": array("i32", np.arange(9) * 4), "Z": array("i32", np.arange(9) + 32)}, ins={"X": array("i32", range(9))},
               config={"unroll": 4, "width": 32})
    yield Case("config_attribute", """
@config(target="cpu", i=3, step=5)
kernel k(X: i32[N]) -> (Y: i32[N], S: i32[1]) {
  tune step in [1, 5]
  for i in tiles(N) {
    Y[i] = X[i] + step
    if i.id == 0 { S[0] = i.size }
  }
}
""", {"Y": array("i32", np.arange(9) + 5), "S": array("i32", [3])}, ins={"X": array("i32", range(9))})
    yield Case("import_file", """
import "helpers.tile"
kernel k(X: f32[N]) -> Y: f32[N] {
  for i in tiles(N) { Y[i] = scaled(X[i]) + OFFSET }
}
""", {"Y": x * 3 + 1}, ins={"X": x},
               files={"helpers.tile": "const OFFSET = 1.0\nconst FACTOR = 3.0\nfn scaled(x) { return x * FACTOR }\n"})
    yield Case("file_hides_builtin", """
fn relu(x) { return x + 1.0 }
kernel k(X: f32[N]) -> Y: f32[N] {
  for i in tiles(N) { Y[i] = relu(X[i]) }
}
""", {"Y": x + 1}, ins={"X": x})
    yield Case("scalars_of_every_kind", """
kernel k(a: i8, b: u16, c: i64, d: f64, e: f16, f: bool, g: u64) -> (I: i64[3], F: f64[2], B: bool[1], U: u64[1]) {
  for r in range(1) {
    I[0] = a
    I[1] = b as i64
    I[2] = c
    F[0] = d
    F[1] = e
    B[0] = f
    U[0] = g
  }
}
""", {"I": array("i64", [-7, 65535, -2**62]), "F": np.array([0.1, float(np.float16(0.1))]), "B": np.array([True]),
      "U": np.array([2**64 - 1], np.uint64)},
               scalars={"a": -7, "b": 65535, "c": -2**62, "d": 0.1, "e": 0.1, "f": True, "g": 2**64 - 1})
    yield Case("punctuation", """
/* a comment /* in a comment */ still */
kernel k(
    X: f32[N],  // an input
    s: f32,
) -> Y: f32[N] {
  for i in tiles(N,) {
    let a = X[i] +
        s; let b = (a
        * 2.0)
    if N > 0 { Y[i] = b }
    else { Y[i] = a }
  }
}
""", {"Y": (x + 1) * 2}, ins={"X": x}, scalars={"s": 1.0})
    yield Case("numbers", """
kernel k() -> (I: i32[4], F: f32[5]) {
  for r in range(1) {
    I[0] = 0x1F
    I[1] = 2 ** 3 ** 1
    I[2] = -7 // 2
    I[3] = -7 % 3
    F[0] = 1.5
    F[1] = 1e-5
    F[2] = inf
    F[3] = -nan
    F[4] = 2
  }
}
""",
               {"I": array("i32", [31, 8, -4, 2]), "F": array("f32", [1.5, 1e-5, INF, NAN, 2])})


def atomic_cases():
    n = 50
    ids = RNG.integers(0, 6, n).astype(np.int32)
    for name in ("i32", "u32", "i64", "u64"):
        info = np.iinfo(NUMPY[name])
        x = RNG.integers(info.min, info.max, n, dtype=NUMPY[name], endpoint=True)
        start = RNG.integers(info.min, info.max, 6, dtype=NUMPY[name], endpoint=True)
        expect = {}
        for key, ufunc in (("A", np.add), ("L", np.minimum), ("H", np.maximum), ("D", np.bitwise_and), ("O", np.bitwise_or),
                           ("E", np.bitwise_xor)):
            total = start.copy()
            ufunc.at(total, ids, x)
            expect[key] = ("", total)
        yield program(f"atomics_{name}", """
  for i in tiles(N) {
    let x = X[i]
    let n = I[i]
    atomic_add(A[n], x)
    atomic_min(L[n], x)
    atomic_max(H[n], x)
    atomic_and(D[n], x)
    atomic_or(O[n], x)
    atomic_xor(E[n], x)
  }
""", {"X": x, "I": ids}, expect, params=f"X: {name}[N], I: i32[N], " + ", ".join(f"inout {key}: {name}[6]" for key in expect),
                        inouts={key: start.copy() for key in expect}, config={"i": 8})
    for name in ("f32", "f64", "f16", "bf16"):
        x = RNG.integers(-3, 4, n).astype(NUMPY[name])
        total = np.zeros(6)
        np.add.at(total, ids, x.astype(np.float64))
        yield program(f"atomic_add_{name}", "  for i in tiles(N) { atomic_add(A[I[i]], X[i]) }", {"X": x, "I": ids},
                        {"A": ("", total.astype(NUMPY[name]))}, params=f"X: {name}[N], I: i32[N], inout A: {name}[6]",
                        inouts={"A": np.zeros(6, NUMPY[name])}, config={"i": 8})
    for name in ("f32", "f64"):
        x = RNG.standard_normal(n).astype(NUMPY[name])
        low, high = np.zeros(6, NUMPY[name]), np.zeros(6, NUMPY[name])
        np.minimum.at(low, ids, x)
        np.maximum.at(high, ids, x)
        yield program(f"atomic_min_max_{name}", """
  for i in tiles(N) {
    atomic_min(L[I[i]], X[i])
    atomic_max(H[I[i]], X[i])
  }
""", {"X": x, "I": ids}, {"L": ("", low), "H": ("", high)}, params=f"X: {name}[N], I: i32[N], inout L: {name}[6], inout H: {name}[6]",
                        inouts={"L": np.zeros(6, NUMPY[name]), "H": np.zeros(6, NUMPY[name])}, config={"i": 8})
    x = array("i32", range(20))
    yield program("atomics_return_the_old_value", """
  for i in tiles(N) {
    A[i] = atomic_add(C[i], 5)
    B[i] = atomic_xchg(C[i], X[i], order=acq_rel)
    D[i] = atomic_cas(C[i], 3, 1000)
    E[i] = atomic_cas(C[i], X[i], 7, order=acquire, scope=system)
    F[i] = C[i]
  }
""", {"X": x}, {"A": ("i32[N]", x * 10), "B": ("i32[N]", x * 10 + 5), "D": ("i32[N]", x),
                "E": ("i32[N]", np.where(x == 3, 1000, x).astype(np.int32)),
                "F": ("i32[N]", np.where(x == 3, 1000, 7).astype(np.int32)), "C": ("", np.where(x == 3, 1000, 7).astype(np.int32))},
                    params="X: i32[N], inout C: i32[N]", inouts={"C": x * 10}, config={"i": 8})
    yield program("atomics_with_masks", """
  for i in tiles(N) {
    let ok = X[i] % 2 == 0
    atomic_add(C[X[i] * 100], 5, mask=X[i] == 0)
    atomic_add(D[i], 1, mask=ok)
  }
""", {"X": x}, {"C": ("", array("i32", [5])), "D": ("", (x % 2 == 0).astype(np.int32))},
                    params="X: i32[N], inout C: i32[1], inout D: i32[N]", inouts={"C": np.zeros(1, np.int32), "D": np.zeros(20, np.int32)},
                    config={"i": 8})


with np.errstate(all="ignore"):
    CASES = [case for cases in (control_cases, item_cases, atomic_cases) for case in cases()]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_program(case, executor, tmp_path):
    case.check(executor, tmp_path)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_atomic_counter_gives_each_value_once(executor, tmp_path):
    """Iterations and elements in any order: the old values are a permutation of what one after another would see."""
    case = program("counter", "  for i in tiles(N) { Y[i] = atomic_add(C[X[i]], 1) }", {"X": np.zeros(333, np.int32)},
                     {"Y": ("i32[N]", np.arange(333, dtype=np.int32)), "C": ("", array("i32", [333]))},
                     params="X: i32[N], inout C: i32[1]", inouts={"C": np.zeros(1, np.int32)}, config={"i": 10})
    result = case.run(executor, tmp_path)
    assert sorted(result.arrays["Y"]) == list(range(333))
    assert result.arrays["C"][0] == 333


@pytest.mark.parametrize("executor", EXECUTORS)
def test_print(executor, tmp_path):
    case = program("printing", """
  for i in tiles(N) {
    if i.id == 1 { print("tile {} begins at {}", i.id, i.begin) }
    Y[i] = X[i]
  }
  for r in range(1) {
    print("row {}", X[0] + 0.5)
    print("all {}", sum(X[:]))
    print("no braces")
  }
""", {"X": array("f32", range(8))}, {"Y": ("f32[N]", array("f32", range(8)))}, config={"i": 4})
    result = case.run(executor, tmp_path)
    text = result.stdout + result.stderr
    for line in ("tile 1 begins at 4", "row 0.5", "all 28", "no braces"):
        assert text.count(line) == 1, f"{line!r} is not in {text!r}"


@pytest.mark.parametrize("executor", EXECUTORS)
def test_print_of_a_clipped_tile(executor, tmp_path):
    """Elements outside of the range do not exist: a tile of 3 in a block of 8 prints three numbers."""
    case = program("printing_clipped", """
  for i in tiles(N) {
    print("x = {}", X[i])
    Y[i] = X[i]
  }
""", {"X": array("i32", [11, 12, 13])}, {"Y": ("i32[N]", array("i32", [11, 12, 13]))}, params="X: i32[N]", config={"i": 8})
    result = case.run(executor, tmp_path)
    line = next(line for line in (result.stdout + result.stderr).split("\n") if "x = " in line)
    assert [int(word) for word in line.split("=")[1].replace("[", " ").replace("]", " ").replace(",", " ").split()] == [11, 12, 13]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_assert(executor, tmp_path):
    text = """
  for i in tiles(N) {
    assert(all(X[i] < 7.0), "an element is too large")
    Y[i] = X[i]
  }
"""
    small, large = array("f32", range(7)), array("f32", range(12))
    program("asserting", text, {"X": small}, {"Y": ("f32[N]", small)}, config={"i": 4}).check(executor, tmp_path)
    with pytest.raises(ToolError) as caught:
        program("asserting", text, {"X": large}, {"Y": ("f32[N]", large)}, config={"i": 4}).check(executor, tmp_path)
    assert caught.value.status == 1
    assert "an element is too large" in caught.value.text


@pytest.mark.parametrize("executor", EXECUTORS)
def test_whole_tiles_demanded(executor, tmp_path):
    with pytest.raises(ToolError) as caught:
        program("exactly", "  for i in tiles(N, size=8, exact=true) { Y[i] = X[i] }", {"X": array("f32", range(12))},
                  {"Y": ("f32[N]", array("f32", range(12)))}).check(executor, tmp_path)
    assert caught.value.status == 1
    # What the range is the call knows, and the message, which is the kernel's, does not.
    assert "'i'" in caught.value.text and "8" in caught.value.text


@pytest.mark.parametrize("executor", EXECUTORS)
def test_deterministic(executor, tmp_path):
    """One build, one configuration, one shape: one order of a reduction, so the same bits."""
    x = RNG.standard_normal(5003).astype(np.float32)
    case = program("summing", """
  for i in tiles(N) { t[i.id] = sum(X[i]) }
  for r in range(1) { Y[0] = sum(t[:]) }
""", {"X": x}, {"Y": ("f32[1]", np.zeros(1, np.float32))}, params="X: f32[N], inout t: f32[51]",
                     inouts={"t": np.zeros(51, np.float32)}, config={"i": 100})
    runs = [case.run(executor, tmp_path).arrays for _ in range(3)]
    for other in runs[1:]:
        assert runs[0]["Y"].tobytes() == other["Y"].tobytes() and runs[0]["t"].tobytes() == other["t"].tobytes()
