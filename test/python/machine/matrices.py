# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrix instructions up to sm_89: `mma.sync` dense and sparse, `wmma`, `ldmatrix`, `stmatrix`, `movmatrix`. A case is a
warp: it loads the words of its registers, or the matrices, executes one instruction, and stores what came of it. Values
are whole numbers whose sums are exact in every type and order (`exact`), or any (`random`, `adverse`)."""

import itertools
import zlib
from dataclasses import dataclass

import numpy as np

from machine.values import below, floats, random_bits

BITS = {"f16": 16, "bf16": 16, "tf32": 32, "f32": 32, "f64": 64, "s32": 32, "e4m3": 8, "e5m2": 8, "u8": 8, "s8": 8, "u4": 4, "s4": 4,
        "b1": 1}
CASES = 16


@dataclass(frozen=True)
class Matrix:
    """An instruction. `reads` has the type and number of 32-bit words that a lane loads, for each operand; `stores` the words
    of a lane's result. `{a}`, `{b}`, ... in the text are lists of registers."""
    name: str
    text: str
    reads: tuple
    stores: int
    # The type of the result's elements.
    result: str
    # "memory": the operands are matrices there; "shared": `row` is an address in shared memory; "ordered": so is metadata.
    kind: str = ""


def wide(t):
    """Words in a register of a type."""
    return 2 if t == "f64" else 1


def fields(t, words, prefix):
    """The registers of an operand of so many words."""
    count = words // wide(t)
    return "{" + ", ".join(f"{prefix}{i}" for i in range(count)) + "}"


#===- The list -------------------------------------------------------------------------------------------------===#

def words_of(rows, columns, t):
    return rows * columns * BITS[t] // 32 // 32


FLOATS_16 = [("f16", "f16", c) for c in ("f16", "f32")]
BYTES = [(a, b, "s32") for a in ("u8", "s8") for b in ("u8", "s8")]
NIBBLES = [(a, b, "s32") for a in ("u4", "s4") for b in ("u4", "s4")]
F8 = [(a, b, c) for a in ("e4m3", "e5m2") for b in ("e4m3", "e5m2") for c in ("f16", "f32")]
DENSE = [((16, 8, 8), FLOATS_16), ((16, 8, 16), FLOATS_16), ((16, 8, 8), [("bf16", "bf16", "f32")]),
         ((16, 8, 16), [("bf16", "bf16", "f32")]), ((16, 8, 4), [("tf32", "tf32", "f32")]), ((16, 8, 8), [("tf32", "tf32", "f32")]),
         ((16, 8, 16), F8), ((16, 8, 32), F8), ((8, 8, 4), [("f64", "f64", "f64")]), ((16, 8, 4), [("f64", "f64", "f64")]),
         ((16, 8, 8), [("f64", "f64", "f64")]), ((16, 8, 16), [("f64", "f64", "f64")]), ((8, 8, 16), BYTES), ((16, 8, 16), BYTES),
         ((16, 8, 32), BYTES), ((8, 8, 32), NIBBLES), ((16, 8, 32), NIBBLES), ((16, 8, 64), NIBBLES)]
SPARSE = [((16, 8, 16), FLOATS_16, 4), ((16, 8, 32), FLOATS_16, 2), ((16, 8, 16), [("bf16", "bf16", "f32")], 4),
          ((16, 8, 32), [("bf16", "bf16", "f32")], 2), ((16, 8, 8), [("tf32", "tf32", "f32")], 4),
          ((16, 8, 16), [("tf32", "tf32", "f32")], 2), ((16, 8, 32), BYTES, 2), ((16, 8, 64), BYTES, 1), ((16, 8, 64), NIBBLES, 2),
          ((16, 8, 128), NIBBLES, 1),
          # With sums of f16 these are of sm_89 and not of sm_90.
          ((16, 8, 64), [types for types in F8 if types[2] == "f32"], 1)]


def multiply(shape, types, word="", more="", sparse=None, rounding=""):
    """`mma.sync`; `sparse` is None or (spelling, selector)."""
    m, n, k = shape
    a, b, c = types
    stored = k // 2 if sparse else k
    reads = [(a, words_of(m, stored, a)), (b, words_of(k, n, b)), (c, words_of(m, n, c))]
    operands = "{d}, {a}, {b}, {c}"
    head = "mma"
    if sparse:
        head += "." + sparse[0]
        operands += f", meta0, {sparse[1]}"
        reads.append(("metadata", 1))
    text = f"{head}.sync.aligned.m{m}n{n}k{k}.row.col{rounding}{word}.{c}.{a}.{b}.{c}{more} {operands};"
    return Matrix(text.replace("{d}, {a}, {b}, {c}", "d, a, b, c"), text, tuple(reads), words_of(m, n, c), c,
                  "ordered" if sparse and "ordered" in sparse[0] else "")


def products():
    for shape, types in DENSE:
        for each in types:
            yield multiply(shape, each)
            if each[2] == "s32":
                yield multiply(shape, each, ".satfinite")
            if each[0] == "f64":
                for rounding in ("rz", "rm", "rp"):
                    yield multiply(shape, each, rounding="." + rounding)
    for shape in ((8, 8, 128), (16, 8, 128), (16, 8, 256)):
        for operation in ("xor", "and"):
            yield multiply(shape, ("b1", "b1", "s32"), more=f".{operation}.popc")
    for shape, types, choices in SPARSE:
        for each, selector, spelling in itertools.product(types, range(choices), ("sp", "sp::ordered_metadata")):
            yield multiply(shape, each, sparse=(spelling, selector))
        for each in types:
            if each[2] == "s32":
                yield multiply(shape, each, ".satfinite", sparse=("sp", choices - 1))


def quads():
    """m8n8k4 of f16: four products."""
    for left, right, (d, c) in itertools.product(("row", "col"), ("row", "col"), (("f16", "f16"), ("f32", "f16"), ("f32", "f32"))):
        of = lambda t: 8 if t == "f32" else 4
        text = f"mma.sync.aligned.m8n8k4.{left}.{right}.{d}.f16.f16.{c} {{d}}, {{a}}, {{b}}, {{c}};"
        yield Matrix(text, text, (("f16", 2), ("f16", 2), (c, of(c))), of(d), d)


LARGE = ((16, 16, 16), (8, 32, 16), (32, 8, 16))
WMMA = [(LARGE, "f16", ("f16", "f32")), (LARGE, "bf16", ("f32",)), (LARGE, "u8", ("s32",)), (LARGE, "s8", ("s32",)),
        (((16, 16, 8),), "tf32", ("f32",)), (((8, 8, 4),), "f64", ("f64",)), (((8, 8, 32),), "u4", ("s32",)),
        (((8, 8, 32),), "s4", ("s32",)), (((8, 8, 128),), "b1", ("s32",))]


def fragment(shape, t, which):
    """Registers of a fragment."""
    m, n, k = shape
    rows, columns = {"a": (m, k), "b": (k, n), "c": (m, n)}[which]
    if t == "f16" and which != "c":
        return 8
    return max(1, rows * columns * BITS[t] // 32 // (64 if t == "f64" else 32))


def fragments():
    """Loads of a, b and c in a layout each, the product, and a store of d in that of c. Matrices are in memory one behind
    the other, with no gaps; the result is a matrix too."""
    for shapes, t, sums in WMMA:
        for shape, d, c in itertools.product(shapes, sums, sums):
            m, n, k = shape
            small = t in ("u4", "s4", "b1")
            layouts = [("row", "col", "row"), ("row", "col", "col")] if small else itertools.product(("row", "col"), repeat=3)
            for left, right, last in layouts:
                for word in ("", ".satfinite") if t in ("u8", "s8", "u4", "s4") else (".xor.popc", ".and.popc") if t == "b1" else ("",):
                    shape_word = f"m{m}n{n}k{k}"
                    # f16 names the types of d and c only.
                    words = f"{d}.{c}" if t == "f16" else f"{d}.{t}.{t}.{c}"
                    before = word if word.endswith("popc") else ""
                    after = word if word == ".satfinite" else ""
                    rounding = ".rn" if t == "f64" else ""
                    lists = {x: "{" + ", ".join(f"{x}{i}" for i in range(fragment(shape, kind, x if x != "d" else "c"))) + "}"
                             for x, kind in (("a", t), ("b", t), ("c", c), ("d", d))}
                    strides = {"a": k if left == "row" else m, "b": n if right == "row" else k, "c": n if last == "row" else m}
                    text = "\n    ".join([
                        f"wmma.load.a.sync.aligned.{left}.{shape_word}.global.{t} {lists['a']}, [pa], {strides['a']};",
                        f"wmma.load.b.sync.aligned.{right}.{shape_word}.global.{t} {lists['b']}, [pb], {strides['b']};",
                        f"wmma.load.c.sync.aligned.{last}.{shape_word}.global.{c} {lists['c']}, [pc], {strides['c']};",
                        f"wmma.mma{before}.sync.aligned.{left}.{right}.{shape_word}{rounding}.{words}{after} "
                        f"{lists['d']}, {lists['a']}, {lists['b']}, {lists['c']};",
                        f"wmma.store.d.sync.aligned.{last}.{shape_word}.global.{d} [pd], {lists['d']}, {strides['c']};"])
                    name = f"wmma{before}.{left}.{right}.{shape_word}{rounding}.{words}{after}, c {last}"
                    yield Matrix(name, text, ((t, words_of(m, k, t)), (t, words_of(k, n, t)), (c, words_of(m, n, c))),
                                 words_of(m, n, d), d, "memory")


def moves():
    """What goes between shared memory and fragments: 16 words a lane are in shared memory, and `row` is a lane's address."""
    for count, trans in itertools.product((1, 2, 4), ("", ".trans")):
        d = "{" + ", ".join(f"d{i}" for i in range(count)) + "}"
        yield Matrix(f"ldmatrix.x{count}{trans}", f"ldmatrix.sync.aligned.m8n8.x{count}{trans}.shared.b16 {d}, [row];",
                     (("bits", 4),), count, "bits", "shared")
        s = "{" + ", ".join(f"a{i}" for i in range(count)) + "}"
        yield Matrix(f"stmatrix.x{count}{trans}", f"stmatrix.sync.aligned.m8n8.x{count}{trans}.shared.b16 [row], {s};",
                     (("bits", 4),), 4, "bits", "shared")
    yield Matrix("movmatrix", "movmatrix.sync.aligned.m8n8.trans.b16 d0, a0;", (("bits", 1),), 1, "bits")


def instructions():
    yield from products()
    yield from quads()
    yield from fragments()
    yield from moves()


#===- Kernels --------------------------------------------------------------------------------------------------===#

def kernel(matrix, name):
    """PTX of a kernel: a block of 32 threads a case. Parameters: what is read, what is stored. The words of a case are
    those of its operands, one operand behind the other; in each, lane by lane, or for "memory" the matrix."""
    letters = ["a", "b", "c", "meta"]
    total, offset = sum(words for _, words in matrix.reads), 0
    lines = [f".visible .entry {name}(.param .u64 p_in, .param .u64 p_out)", "{",
             "  .reg .b32 %case, %lane, %shared, row; .reg .b64 %in, %out, %at, pa, pb, pc, pd;",
             "  .shared .align 16 .b8 tile[2048];",
             "  mov.u32 %case, %ctaid.x; mov.u32 %lane, %tid.x;",
             f"  ld.param.u64 %in, [p_in]; mad.wide.u32 %in, %case, {128 * total}, %in;",
             f"  ld.param.u64 %out, [p_out]; mad.wide.u32 %out, %case, {128 * matrix.stores}, %out;"]
    lists = {}
    for letter, (t, words) in zip(letters, matrix.reads):
        size, step = 32 * wide(t), 4 * wide(t)
        if matrix.kind == "memory":
            lines.append(f"  add.u64 p{letter}, %in, {offset}; .reg .b{size} {letter}<{max(8, words) + 1}>;")
        else:
            lines.append(f"  mad.wide.u32 %at, %lane, {4 * words}, %in; .reg .b{size} {letter}<{words + 1}>;")
            lines += [f"  ld.global.b{size} {letter}{i}, [%at + {offset + step * i}];" for i in range(words // wide(t))]
            lists[letter] = fields(t, words, letter)
        offset += 128 * words
    result = "f64" if "f64" in str(matrix.reads) else "f32"
    size, step = 32 * wide(result), 4 * wide(result)
    lines.append(f"  .reg .b{size} d<{max(8, matrix.stores) + 1}>;")
    lists["d"] = fields(result, matrix.stores, "d")
    if matrix.kind == "memory":
        lines.append("  mov.u64 pd, %out;")
        lines.append("    " + matrix.text)
    else:
        if matrix.kind == "shared":
            # Rows are taken in another order than lanes have.
            lines += ["  mov.u32 %shared, tile; mad.lo.u32 row, %lane, 16, %shared;",
                      "  st.shared.v4.b32 [row], {a0, a1, a2, a3}; bar.warp.sync -1;",
                      "  mad.lo.u32 row, %lane, 5, 3; and.b32 row, row, 31; mad.lo.u32 row, row, 16, %shared;"]
        text = matrix.text
        for key, registers in lists.items():
            text = text.replace("{" + key + "}", registers)
        lines.append("  " + text)
        if matrix.text.startswith("stmatrix"):
            lines += ["  bar.warp.sync -1; mad.lo.u32 row, %lane, 16, %shared;", "  ld.shared.v4.b32 {d0, d1, d2, d3}, [row];"]
        lines.append(f"  mad.wide.u32 %out, %lane, {4 * matrix.stores}, %out;")
        lines += [f"  st.global.b{size} [%out + {step * i}], d{i};" for i in range(matrix.stores // wide(result))]
    return "\n".join([*lines, "  ret;", "}"])


#===- Values ---------------------------------------------------------------------------------------------------===#

# The bits of -4 to 4.
WHOLE = {"f16": [0xC400, 0xC200, 0xC000, 0xBC00, 0, 0x3C00, 0x4000, 0x4200, 0x4400],
         "bf16": [0xC080, 0xC040, 0xC000, 0xBF80, 0, 0x3F80, 0x4000, 0x4040, 0x4080],
         "e4m3": [0xC8, 0xC4, 0xC0, 0xB8, 0, 0x38, 0x40, 0x44, 0x48],
         "e5m2": [0xC4, 0xC2, 0xC0, 0xBC, 0, 0x3C, 0x40, 0x42, 0x44]}
ORDERED = [0x4, 0x8, 0x9, 0xC, 0xD, 0xE]
UNORDERED = [*ORDERED, 0x1, 0x2, 0x6, 0x3, 0x7, 0xB]


def whole(t, seed, count):
    """`count` elements whose sums are exact, as bits."""
    if t in WHOLE:
        return np.array(WHOLE[t], np.uint64)[below(seed, count, 9)]
    numbers = below(seed, count, 9).astype(np.int64) - 4
    if t in ("f32", "tf32"):
        return numbers.astype(np.float32).view(np.uint32).astype(np.uint64)
    if t == "f64":
        return numbers.astype(np.float64).view(np.uint64)
    return random_bits(seed, count)


def elements(t, seed, count, kind):
    """Elements of any values: `random` ones that are near each other, `spread` ones that are not, or `adverse` ones: any bits,
    and a few specials."""
    if t not in ("f16", "bf16", "tf32", "f32", "f64", "e4m3", "e5m2"):
        return random_bits(seed, count)
    if kind != "adverse":
        most = 3 if kind == "random" else 6 if t in ("f16", "e4m3", "e5m2") else 12
        sign = below(seed + "s", count, 2).astype(np.float64) * 2 - 1
        numbers = sign * (1 + below(seed + "m", count, 1 << 30) / 2.0**30) * 2.0 ** (below(seed + "e", count, 2 * most + 1).astype(np.float64) - most)
        return encode(numbers, t)
    return floats(seed, count, t)


def encode(numbers, t):
    """Bits of numbers, cut to the type's mantissa: no rounding is needed here."""
    if t == "f64":
        return numbers.view(np.uint64)
    bits = numbers.astype(np.float32).view(np.uint32).astype(np.uint64)
    if t in ("f32", "tf32"):
        return bits
    if t == "bf16":
        return bits >> np.uint64(16)
    exponent, mantissa = {"f16": (5, 10), "e4m3": (4, 3), "e5m2": (5, 2)}[t]
    sign, biased = bits >> np.uint64(31), (bits >> np.uint64(23) & np.uint64(255)) + np.uint64((1 << (exponent - 1)) - 1) - np.uint64(127)
    return (sign << np.uint64(exponent + mantissa)) | biased << np.uint64(mantissa) | (bits >> np.uint64(23 - mantissa)) & np.uint64((1 << mantissa) - 1)


def words(matrix, kind, cases):
    """The words that the cases read: an array [cases, words]."""
    columns = []
    for i, (t, count) in enumerate(matrix.reads):
        seed = f"{matrix.name} {i} {kind}"
        if t == "bits":
            bits = random_bits(seed, cases * 32 * count).astype(np.uint32)
        elif t == "metadata":
            bits = metadata(matrix, seed, cases * 32)
        else:
            size, total = BITS[t], cases * 32 * count * 32 // BITS[t]
            values = whole(t, seed, total) if kind == "exact" else elements(t, seed, total, kind)
            bits = pack(values, size)
        columns.append(bits.reshape(cases, 32 * count))
    return np.concatenate(columns, axis=1)


def pack(values, size):
    """Elements of so many bits in words of 32, the first one lowest."""
    if size == 64:
        return values.astype(np.uint64).view(np.uint32)
    each = 32 // size
    parts = (values & np.uint64((1 << size) - 1)).reshape(-1, each)
    return sum(parts[:, i] << np.uint64(size * i) for i in range(each)).astype(np.uint32)


def metadata(matrix, seed, count):
    """Eight places each, of those that the manual allows: tf32 has two of them."""
    choices = [0x4, 0xE] if "tf32" in matrix.name else ORDERED if matrix.kind == "ordered" else UNORDERED
    return pack(np.array(choices, np.uint64)[below(seed, 8 * count, len(choices))], 4)


def kinds(matrix):
    """Which values a matrix is tried with."""
    return ("exact",) if all(t in ("bits", "u8", "s8", "u4", "s4", "b1", "s32", "metadata") for t, _ in matrix.reads) else \
        ("exact", "random", "spread", "adverse")
