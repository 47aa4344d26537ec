#===- test_amx_emulator.py - what executes AMX where the processor does not ----------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The emulator of test/amx, or a processor that has AMX: assembled instructions, with NumPy as the oracle.

A case is a function in assembly that gets the address of some memory in rdi. Tiles are stored with all rows and columns, so
that what must be zero is seen."""

import signal
import subprocess

import numpy as np
import pytest

import amx
from tilec_testing import NUMPY, ROOT, assert_equal, call

# Where things are in memory.
FULL_CONFIG, CONFIG, DATA = 0, 64, 4096


def configuration(shapes, palette=1):
    """The bytes that LDTILECFG reads for tiles of (rows, bytes of a row)."""
    config = np.zeros(64, np.uint8)
    config[0] = palette
    for tile, (rows, columns) in enumerate(shapes):
        config[16 + 2 * tile:18 + 2 * tile] = [columns & 255, columns >> 8]
        config[48 + tile] = rows
    return config


FULL_TILES = configuration([(16, 64)] * 8)


@pytest.fixture(scope="module")
def execute(tmp_path_factory):
    """A function that assembles cases of one program and runs one of them: (status, memory behind it)."""
    folder = tmp_path_factory.mktemp("amx")

    def compiled(name, cases):
        program = folder / name
        if not program.exists():
            text = "".join(f"case{number}:\n{body}\nret\n" for number, body in enumerate(cases))
            table = "".join(f".quad case{number}\n" for number in range(len(cases)))
            (folder / f"{name}.s").write_text(f".text\n{text}.section .data.rel.ro\n.balign 8\n.globl cases\ncases:\n{table}"
                                              ".section .note.GNU-stack,\"\",@progbits\n")
            call(["clang-22", "-O1", ROOT / "test" / "amx" / "main.c", folder / f"{name}.s", "-o", program])
        return program

    def run(name, cases, number, memory):
        path = folder / "memory"
        path.write_bytes(memory.tobytes())
        done = subprocess.run([compiled(name, cases), str(number), path], env=amx.environment(), timeout=60, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True)
        return done.returncode, np.frombuffer(path.read_bytes(), np.uint8)

    return run


def memory_with(config=FULL_TILES, pages=4):
    memory = np.zeros(4096 * pages, np.uint8)
    memory[FULL_CONFIG:FULL_CONFIG + 64] = FULL_TILES
    memory[CONFIG:CONFIG + 64] = config
    return memory


#===----------------------------------------------------------------------------------------------------------------===#
# Products
#===----------------------------------------------------------------------------------------------------------------===#

# In tiles 0 to 2 are C, A and B of some shape. Tiles 3 to 5 are theirs in other registers.
PRODUCT = """ldtilecfg 64(%rdi)
mov $64, %eax
tileloadd 4096(%rdi,%rax), %tmm{c}
tileloaddt1 5120(%rdi,%rax), %tmm{a}
tileloadd 6144(%rdi,%rax), %tmm{b}
{instruction} %tmm{b}, %tmm{a}, %tmm{c}
tilestored %tmm{c}, 8192(%rdi,%rax)
tilerelease"""
INSTRUCTIONS = {"tdpbssd": ("i8", "i8"), "tdpbsud": ("i8", "u8"), "tdpbusd": ("u8", "i8"), "tdpbuud": ("u8", "u8"),
                "tdpbf16ps": ("bf16", "bf16")}
REGISTERS = [(0, 1, 2), (5, 3, 7), (7, 6, 4)]
CASES = [(instruction, registers) for instruction in INSTRUCTIONS for registers in REGISTERS]
PROGRAM = [PRODUCT.format(instruction=instruction, c=c, a=a, b=b) for instruction, (c, a, b) in CASES]


def product_memory(registers, m, n, k, c, a, b):
    """Memory with C [m, n], A [m, k words] and B [k, n words] as bytes, and a configuration for them."""
    shapes = [(0, 0)] * 8
    for register, shape in zip(registers, ((m, 4 * n), (m, 4 * k), (k, 4 * n))):
        shapes[register] = shape
    memory = memory_with(configuration(shapes))
    for at, tile in ((4096, c), (5120, a), (6144, b)):
        memory[at:at + 1024].reshape(16, 64)[:tile.shape[0], :tile.shape[1]] = tile
    return memory


def flushed(x):
    return np.where(np.abs(x) < 2.0**-126, np.copysign(np.float32(0), x), x).astype(np.float32)


def multiply_bf16(c, a, b):
    """C + A B as the manual has it, for operands of so few bits that sums of two are exact in f64: C [m, n], A [m, 2k], B [k, 2n]."""
    a, b = flushed(a.astype(np.float32)), flushed(b.astype(np.float32))
    parts = []
    for odd in (0, 1):
        total = np.zeros(c.shape, np.float32)
        for k in range(b.shape[0]):
            term = a[:, 2 * k + odd, None].astype(np.float64) * b[k, odd::2].astype(np.float64)
            total = flushed((total.astype(np.float64) + term).astype(np.float32))
        parts.append(total)
    return flushed(flushed(c) + flushed(parts[0] + parts[1]))


def multiply_bytes(c, a, b):
    """C + A B, wrapped: C [m, n], A [m, 4k], B [k, 4n]."""
    right = b.reshape(b.shape[0], -1, 4).transpose(0, 2, 1).reshape(4 * b.shape[0], -1)
    return (c.astype(np.int64) + a.astype(np.int64) @ right.astype(np.int64)).astype(np.int32)


def numbers(rng, shape, name, exponents):
    if name != "bf16":
        return rng.integers(0, 256, shape, np.uint8).view(NUMPY[name])
    return np.ldexp(rng.integers(-255, 256, shape).astype(np.float64), rng.integers(*exponents, shape)).astype(NUMPY[name])


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{CASES[number][0]}{CASES[number][1]}")
def test_products(number, execute, rng):
    """Exponents: ordinary ones; so small that operands, products and sums are subnormal."""
    instruction, registers = CASES[number]
    left, right = INSTRUCTIONS[instruction]
    is_bf16 = left == "bf16"
    width = 2 if is_bf16 else 4
    for (m, n, k), exponents in (((16, 16, 16), (-9, -4)), ((1, 1, 1), (-9, -4)), ((7, 16, 3), (-9, -4)), ((16, 5, 16), (-75, -69)),
                                 ((11, 9, 13), (-140, -120))):
        a = numbers(rng, (m, width * k), left, exponents)
        b = numbers(rng, (k, width * n), right, exponents if exponents[0] > -100 else (-10, 0))
        if is_bf16:
            c = numbers(rng, (m, n), "bf16", (2 * exponents[0], 2 * exponents[0] + 5) if exponents[0] > -100 else (-140, -120))
            c = c.astype(np.float32)
        else:
            c = rng.integers(-2**31, 2**31, (m, n)).astype(np.int32)
        expected = (multiply_bf16 if is_bf16 else multiply_bytes)(c, a, b)
        status, memory = execute("products", PROGRAM, number, product_memory(registers, m, n, k, *(x.view(np.uint8) for x in (c, a, b))))
        assert status == 0
        stored = memory[8192:8192 + 1024].reshape(16, 64)
        assert_equal(f"{instruction} {m}x{n}x{k}", stored[:m, :4 * n].copy().view(c.dtype), expected)
        assert not stored[m:].any() and not stored[:, 4 * n:].any()


def test_order_of_bf16(execute):
    """Even and odd terms apart, from zero on, then what was there: 2^24 + (1 + 1) + 1, whose last sum rounds to even. In one
    chain all ones would be lost."""
    a, b = np.zeros((1, 32), NUMPY["bf16"]), np.zeros((16, 2), NUMPY["bf16"])
    a[0, [0, 1, 3]] = 2.0**24, 1, 1
    b[:] = 1
    c = np.array([[1]], np.float32)
    memory = product_memory((0, 1, 2), 1, 1, 16, *(x.view(np.uint8) for x in (c, a, b)))
    number = CASES.index(("tdpbf16ps", (0, 1, 2)))
    status, memory = execute("products", PROGRAM, number, memory)
    assert status == 0 and memory[8192:8196].copy().view(np.float32)[0] == 2.0**24 + 4


#===----------------------------------------------------------------------------------------------------------------===#
# Addresses
#===----------------------------------------------------------------------------------------------------------------===#

# Each loads a tile, of which row r is where `place(r)` says, and stores it densely at 8192.
LOADS = [
    ("mov $96, %eax\ntileloadd 4096(%rdi,%rax), %tmm1", lambda r: 4096 + 96 * r),
    ("mov $24, %r9d\nlea 4096(%rdi), %r12\ntileloadd (%r12,%r9,4), %tmm1", lambda r: 4096 + 96 * r),
    ("mov $48, %r15d\nlea 4100(%rdi), %r13\ntileloadd -4(%r13,%r15,2), %tmm1", lambda r: 4096 + 96 * r),
    ("mov $-128, %rcx\nlea 8000(%rdi), %rbp\ntileloadd -100(%rbp,%rcx), %tmm1", lambda r: 7900 - 128 * r),
    ("mov $8, %ebx\ntileloadd 4096(%rdi,%rbx,8), %tmm1", lambda r: 4096 + 64 * r),
    ("tileloadd 4096(%rdi), %tmm1", lambda r: 4096),
    ("mov %rsp, %r8\nlea 5000(%rdi), %rsp\nmov $64, %edx\ntileloadd 8(%rsp,%rdx), %tmm1\nmov %r8, %rsp", lambda r: 5008 + 64 * r),
    ("mov $64, %r14d\nlea 4096(%rdi), %rsi\ntileloaddt1 (%rsi,%r14), %tmm1", lambda r: 4096 + 64 * r),
]
SAVED = "push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\n"
RESTORED = "\npop %r15\npop %r14\npop %r13\npop %r12\npop %rbp\npop %rbx"
ADDRESSES = [f"{SAVED}ldtilecfg (%rdi)\n{load}\nlea 8192(%rdi), %r10\nmov $64, %r11d\ntilestored %tmm1, (%r10,%r11){RESTORED}"
             for load, _ in LOADS]


@pytest.mark.parametrize("number", range(len(LOADS)))
def test_addresses(number, execute, rng):
    memory = memory_with()
    memory[4096:8192] = rng.integers(0, 256, 4096, np.uint8)
    status, after = execute("addresses", ADDRESSES, number, memory)
    assert status == 0
    rows = np.stack([memory[at:at + 64] for at in map(LOADS[number][1], range(16))])
    assert np.array_equal(after[8192:9216].reshape(16, 64), rows)
    after = after.copy()
    after[8192:9216] = 0
    assert np.array_equal(after, memory)


CONFIGURATIONS = [
    # Tiles are zero behind a configuration, behind TILEZERO and behind a release with a configuration.
    "ldtilecfg (%rdi)\nmov $64, %eax\ntileloadd 4096(%rdi,%rax), %tmm3\ntilezero %tmm3\ntilestored %tmm3, 8192(%rdi,%rax)",
    "ldtilecfg (%rdi)\nmov $64, %eax\ntileloadd 4096(%rdi,%rax), %tmm3\nldtilecfg (%rdi)\ntilestored %tmm3, 8192(%rdi,%rax)",
    "ldtilecfg (%rdi)\nmov $64, %eax\ntileloadd 4096(%rdi,%rax), %tmm3\ntilerelease\nldtilecfg (%rdi)\ntilestored %tmm3, 8192(%rdi,%rax)",
    # What is stored is what was loaded, and zeros without one.
    "mov %r12, %rdx\nlea 100(%rdi), %r12\nldtilecfg -36(%r12)\nmov $8, %eax\nsttilecfg 8192(%rdi,%rax,4)\nmov %rdx, %r12",
    "ldtilecfg (%rdi)\ntilerelease\nsttilecfg 8192(%rdi)",
    "ldtilecfg here(%rip)\nsttilecfg 8192(%rdi)\nret\nhere: .byte 1\n.zero 15\n.short 8,0,0,0,0,0,0,0\n.zero 16\n.byte 3\n.zero 15",
]


def test_configurations(execute):
    config = configuration([(3, 8), (16, 64), (0, 0), (16, 64), (1, 4), (9, 60), (0, 0), (2, 64)])
    memory = memory_with(config)
    memory[4096:] = 77
    for number in range(3):
        status, after = execute("configurations", CONFIGURATIONS, number, memory)
        assert status == 0 and not after[8192:9216].any()
    assert np.array_equal(execute("configurations", CONFIGURATIONS, 3, memory)[1][8224:8288], config)
    assert not execute("configurations", CONFIGURATIONS, 4, memory)[1][8192:8256].any()
    assert np.array_equal(execute("configurations", CONFIGURATIONS, 5, memory)[1][8192:8256], configuration([(3, 8)]))


#===----------------------------------------------------------------------------------------------------------------===#
# Faults
#===----------------------------------------------------------------------------------------------------------------===#

def changed(at, value):
    config = FULL_TILES.copy()
    config[at] = value
    return config


def shaped(**shapes):
    """Full tiles but for some, as t0=(rows, bytes)."""
    all_shapes = [(16, 64)] * 8
    for name, shape in shapes.items():
        all_shapes[int(name[1])] = shape
    return configuration(all_shapes)


CONFIGURE = "ldtilecfg 64(%rdi)\n"
MULTIPLY = CONFIGURE + "tdpbssd %tmm2, %tmm1, %tmm0"
FAULTS = {
    # Configurations: palettes, what is reserved, sizes, and one of rows and columns alone.
    "palette": (CONFIGURE, changed(0, 2), "SIGSEGV"), "reserved": (CONFIGURE, changed(5, 1), "SIGSEGV"),
    "ninth tile": (CONFIGURE, changed(32, 64), "SIGSEGV"), "ninth rows": (CONFIGURE, changed(56, 1), "SIGSEGV"),
    "rows": (CONFIGURE, shaped(t4=(17, 64)), "SIGSEGV"), "columns": (CONFIGURE, shaped(t7=(16, 65)), "SIGSEGV"),
    "no rows": (CONFIGURE, shaped(t1=(0, 64)), "SIGSEGV"), "no columns": (CONFIGURE, shaped(t1=(16, 0)), "SIGSEGV"),
    # Products of shapes that do not fit, and of a tile by itself.
    "rows of A": (MULTIPLY, shaped(t1=(15, 64)), "SIGILL"), "columns of B": (MULTIPLY, shaped(t2=(16, 60)), "SIGILL"),
    "depth": (MULTIPLY, shaped(t2=(15, 64)), "SIGILL"), "no tile": (MULTIPLY, shaped(t0=(0, 0)), "SIGILL"),
    "words": (MULTIPLY, shaped(t0=(16, 62), t2=(16, 62)), "SIGILL"),
    "same": (CONFIGURE + ".byte 0xc4,0xe2,0x73,0x5e,0xc1", FULL_TILES, "SIGILL"),
    # Without a configuration.
    "unconfigured product": ("tdpbssd %tmm2, %tmm1, %tmm0", FULL_TILES, "SIGILL"),
    "unconfigured load": ("tileloadd (%rdi), %tmm0", FULL_TILES, "SIGILL"),
    "unconfigured zero": ("tilezero %tmm0", FULL_TILES, "SIGILL"),
    "released": (CONFIGURE + "tilerelease\ntilestored %tmm0, (%rdi)", FULL_TILES, "SIGILL"),
    "palette 0": (CONFIGURE + "tilezero %tmm0", np.zeros(64, np.uint8), "SIGILL"),
    # Rows beyond memory.
    "load": (CONFIGURE + "mov $64, %eax\ntileloadd 16384-960(%rdi,%rax), %tmm0", FULL_TILES, "SIGSEGV"),
    "store": (CONFIGURE + "mov $64, %eax\ntilestored %tmm0, 16384-960(%rdi,%rax)", FULL_TILES, "SIGSEGV"),
    "unknown": ("ud2", FULL_TILES, "SIGILL"),
}
HARMLESS = [CONFIGURE + "mov $64, %eax\ntileloadd 16384-960(%rdi,%rax), %tmm0\ntilestored %tmm0, 16384-960(%rdi,%rax)", MULTIPLY]


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name, execute):
    _, config, expected = FAULTS[name]
    status, _ = execute("faults", [body for body, _, _ in FAULTS.values()], list(FAULTS).index(name), memory_with(config))
    assert status == -getattr(signal, expected)


def test_what_fits_is_no_fault(execute):
    """Neighbours of the faults: fifteen rows up to the end of memory, and a product of shapes that fit."""
    assert execute("harmless", HARMLESS, 0, memory_with(shaped(t0=(15, 64))))[0] == 0
    assert execute("harmless", HARMLESS, 1, memory_with(shaped(t0=(3, 8), t1=(3, 20), t2=(5, 8))))[0] == 0
