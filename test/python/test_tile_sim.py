#===- test_tile_sim.py - PTX of other compilers, executed --------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""tile-sim on what nvcc made of the programs in test/sim, compared with NumPy and with Python's integers.

The PTX is committed; scripts/compile_sim_programs.sh makes it anew.
"""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tilec_testing import tool

PROGRAMS = Path(__file__).resolve().parent.parent / "sim"
ARCHITECTURES = ["sm_75", "sm_80", "sm_89"]


def simulate(directory, program, kernel, grid, block, arguments, *options, check=True):
    """Runs a kernel. `arguments` are (kind, type, array) or (type, value); returns the written arrays, and the process."""
    words, written = [], []
    for i, argument in enumerate(arguments):
        if len(argument) == 2:
            words += ["--arg", f"{argument[0]}={argument[1]}"]
            continue
        kind, type, array = argument
        path = directory / f"{i}.npy"
        np.save(path, array)
        if kind != "in":
            written.append(path)
        words += ["--arg", f"{kind}:{type}[{','.join(map(str, array.shape))}]={path}"]
    done = subprocess.run([tool("tile-sim"), PROGRAMS / program, kernel, f"--grid={grid}", f"--block={block}", *words, *options],
                          capture_output=True, text=True, timeout=120, check=False)
    if check:
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
    return [np.load(path) for path in written] if done.returncode == 0 else [], done


@pytest.fixture(params=ARCHITECTURES)
def basics(request):
    return f"basics.{request.param}.ptx"


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize("n", [1, 127, 1000])
def test_saxpy(basics, n, rng, tmp_path):
    x, y = rng.standard_normal((2, n)).astype(np.float32)
    a = np.float32(0.37)
    (result,), _ = simulate(tmp_path, basics, "saxpy", 8, 128, [("in", "f32", x), ("inout", "f32", y), ("f32", a), ("i32", n)])
    # One rounding: the compiler contracts the product and the sum. In f64 the product is exact, and so is the sum but for
    # a rounding 2^29 times finer; where that decides, this test would say so by one unit in the last place.
    assert np.array_equal(result, (a.astype(np.float64) * x + y).astype(np.float32))


@pytest.mark.parametrize("threads", [32, 96, 1024])
def test_block_sums(basics, threads, rng, tmp_path):
    n = 3 * threads - 5
    x = rng.integers(-2**31, 2**31, n).astype(np.int32)
    (sums,), _ = simulate(tmp_path, basics, "blockSums", 3, threads, [("in", "i32", x), ("out", "i32", np.zeros(3, np.int32)), ("i32", n)])
    expected = [int(part.astype(np.int64).sum()) for part in np.split(x, [threads, 2 * threads])]
    assert sums.tolist() == np.array(expected).astype(np.int32).tolist()


@pytest.mark.parametrize("n", [16, 50])
def test_matmul(basics, n, rng, tmp_path):
    a, b = rng.integers(-9, 9, (2, n, n)).astype(np.float32)
    blocks = (n + 15) // 16
    (c,), _ = simulate(tmp_path, basics, "matmul", f"{blocks},{blocks}", "16,16", [("in", "f32", a), ("in", "f32", b), ("out", "f32", np.zeros((n, n), np.float32)), ("i32", n)])
    assert np.array_equal(c, a @ b)


def test_histogram(basics, rng, tmp_path):
    x = rng.integers(0, 256, 5000).astype(np.uint8)
    (counts,), _ = simulate(tmp_path, basics, "histogram", 4, 96, [("in", "u8", x), ("out", "u32", np.zeros(256, np.uint32)), ("i32", x.size)], "--smem=1024")
    assert np.array_equal(counts, np.bincount(x, minlength=256))


def test_recursion_of_each_thread_its_own(basics, tmp_path):
    (out,), _ = simulate(tmp_path, basics, "fibonaccis", 1, 64, [("out", "i32", np.zeros(64, np.int32))])
    assert out.tolist() == [[0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89][i % 12] for i in range(64)]


@pytest.mark.parametrize("seed", range(4))
def test_lanes_of_a_warp_take_a_lock(basics, seed, tmp_path):
    (count,), _ = simulate(tmp_path, basics, "spin", 3, 64, [("inout", "i32", np.zeros(1, np.int32))], f"--seed={seed}")
    assert count.tolist() == [192]


def test_blocks_wait_for_blocks(basics, tmp_path):
    (order,), _ = simulate(tmp_path, basics, "chain", 40, 32, [("out", "i32", np.zeros(40, np.int32))], "--resident=7")
    assert order.tolist() == [i * i for i in range(40)]


def expected_mixed(i, v):
    """What the kernel `mixed` computes, on Python's integers."""
    def signed(x, bits=64):
        return (x + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))
    quotient = lambda a, b: int(abs(a) // b) * (1 if a >= 0 else -1)
    low = v & 0xFFFFFFFF
    match i % 9:
        case 0:
            return signed((v - 7 * quotient(v, 7)) ** 11)
        case 1:
            return quotient(v, 3) - (v - 7 * quotient(v, 7))
        case 2:
            return signed(v << 33) >> 31
        case 3:
            bits = v & (2**64 - 1)
            return bin(bits).count("1") * 100 + (64 - bits.bit_length())
        case 4:
            return v * [1, -2, 3, -4, 5][i % 5]
        case 5:
            return low * 0x9E3779B9 >> 32
        case 6:
            return (low & -low).bit_length()
        case 7:
            both = (0xA1B2C3D4 << 32 | low).to_bytes(8, "little")
            return int(f"{low:032b}"[::-1], 2) ^ int.from_bytes(bytes(both[j] for j in (1, 3, 5, 7)), "little")
        case 8:
            return max(min(v, 1000), -1000)


def test_integers(basics, rng, tmp_path):
    x = np.concatenate([rng.integers(-2**31, 2**31, 500), rng.integers(-5, 5, 200), [0, -1, 2**31 - 1, -2**31] * 9]).astype(np.int32)
    (y,), _ = simulate(tmp_path, basics, "mixed", 8, 128, [("in", "i32", x), ("out", "i64", np.zeros(x.size, np.int64)), ("i32", x.size)])
    assert y.tolist() == [expected_mixed(i, int(v)) for i, v in enumerate(x)]


def test_print(basics, tmp_path):
    _, done = simulate(tmp_path, basics, "greet", 3, 32, [("i32", 3)])
    assert sorted(done.stdout.splitlines()) == [f"block {i} of 3: {1.5 * i:5.2f} text c 123456789ab" for i in range(3)]


@pytest.mark.parametrize("offset", [1, 40])
def test_out_of_bounds(basics, offset, tmp_path):
    _, done = simulate(tmp_path, basics, "beyond", 1, 32, [("out", "f32", np.zeros(32, np.float32)), ("i32", offset)], check=False)
    assert done.returncode == 1
    first = done.stderr.splitlines()[0]
    assert "out of bounds" in first and re.search(r"basics\.cu:\d+", first)
    assert "an array of 128 bytes" in first and "kernel 'beyond', block (0, 0, 0), thread (" in done.stderr


def test_deadlock_of_a_warp_that_spins(basics, tmp_path):
    _, done = simulate(tmp_path, basics, "oneSided", 1, 64, [("in", "i32", np.zeros(1, np.int32))], check=False)
    assert done.returncode == 1
    assert "deadlock" in done.stderr.splitlines()[0]
    assert "barrier 0, where 32 of 64 threads are" in done.stderr and "in a loop until memory changes" in done.stderr


@pytest.mark.parametrize("check", ["none", "races,init,bounds,sync"])
@pytest.mark.parametrize("body", ["add.u32 %r, %r, 1;", "st.global.u32 [%a], %r;", "atom.global.add.u32 %r, [%a], 1;", "mov.u32 %r, %clock;", ""],
                         ids=["counts", "stores", "adds", "clock", "nothing"])
def test_an_endless_kernel_stops(body, check, tmp_path):
    path = tmp_path / "endless.ptx"
    path.write_text(".version 8.0\n.target sm_80\n.address_size 64\n.entry endless(.param .u64 x) {\n  .reg .b32 %r;\n  .reg .b64 %a;\n"
                    f"  ld.param.u64 %a, [x];\n  mov.u32 %r, 0;\nAGAIN:\n  {body}\n  bra AGAIN;\n}}\n")
    _, done = simulate(tmp_path, path, "endless", 2, 1, [("in", "i32", np.zeros(1, np.int32))], "--max-steps=200000", f"--check={check}", check=False)
    assert done.returncode == 1
    # What changes nothing, not even a register, is known to go on forever; what stores is a race, as well.
    words = "deadlock" if not body and check != "none" else "has not ended after 200000 instructions"
    assert words in done.stderr


def test_deadlock_of_two_barriers(basics, tmp_path):
    _, done = simulate(tmp_path, basics, "stuck", 1, 64, [("in", "i32", np.zeros(1, np.int32))], check=False)
    assert done.returncode == 1
    assert "deadlock" in done.stderr.splitlines()[0]
    assert "barrier 1, where 32 of 64 threads are" in done.stderr and "barrier 2, where 32 of 64 threads are" in done.stderr


@pytest.mark.parametrize("words, message", [
    (["--arg", "f32=1"], "takes 1 arguments, got 2"),
    (["--block=2000"], "a block of 2000 x 1 x 1 threads"),
    (["--grid=0"], "expected positive numbers"),
    (["--check=races,speed"], "'speed' is no check; there are races, init, bounds and sync"),
    (["--arg", "f31=1"], "'f31' is no type"),
    (["--arg", "value:i32=1"], "'value:' is for arrays, with a shape in brackets"),
])
def test_wrong_launch(words, message, tmp_path):
    _, done = simulate(tmp_path, "basics.sm_80.ptx", "fibonaccis", 1, 1, [("out", "i32", np.zeros(1, np.int32))], *words, check=False)
    assert done.returncode == 1 and message in done.stderr


def test_unknown_kernel_and_instruction(tmp_path):
    _, done = simulate(tmp_path, "basics.sm_80.ptx", "nothing", 1, 1, [], check=False)
    assert done.returncode == 1 and "there is no kernel 'nothing'; there is saxpy" in done.stderr
    path = tmp_path / "k.ptx"
    path.write_text(".version 8.0\n.target sm_90\n.address_size 64\n.entry k() {\n  frobnicate.u32;\n  ret;\n}\n")
    _, done = simulate(tmp_path, path, "k", 1, 1, [], check=False)
    assert done.returncode == 1 and f"{path}:5:3: error: unknown instruction 'frobnicate.u32'" in done.stderr


#===- matrices -------------------------------------------------------------------------------------------------===#

@pytest.fixture(params=["sm_80", "sm_89"])
def matrix(request):
    return f"matrix.{request.param}.ptx"


def test_gemm_of_f16(matrix, rng, tmp_path):
    m, n, k = 32, 24, 48
    a, b = rng.integers(-8, 9, (m, k)).astype(np.float16), rng.integers(-8, 9, (k, n)).astype(np.float16)
    (c,), _ = simulate(tmp_path, matrix, "gemmF16", f"{n // 8},{m // 16}", 32,
                       [("in", "f16", a), ("in", "f16", b), ("out", "f32", np.zeros((m, n), np.float32)), ("i32", n), ("i32", k)])
    assert np.array_equal(c, a.astype(np.float32) @ b.astype(np.float32))


def test_mma_of_bytes(matrix, rng, tmp_path):
    a, b = rng.integers(-128, 128, (16, 32)).astype(np.int8), rng.integers(0, 256, (8, 32)).astype(np.uint8)
    (c,), _ = simulate(tmp_path, matrix, "mmaI8", 1, 32, [("in", "u32", a.view(np.uint32)), ("in", "u32", b.view(np.uint32)), ("out", "i32", np.zeros((16, 8), np.int32))])
    assert np.array_equal(c, a.astype(np.int32) @ b.astype(np.int32).T + 7)


def test_mma_of_f64(matrix, rng, tmp_path):
    a, b = rng.integers(-99, 99, (8, 4)).astype(np.float64), rng.integers(-99, 99, (4, 8)).astype(np.float64)
    (c,), _ = simulate(tmp_path, matrix, "mmaF64", 1, 32, [("in", "f64", a), ("in", "f64", b), ("out", "f64", np.zeros((8, 8)))])
    assert np.array_equal(c, a @ b)


def test_wmma(matrix, rng, tmp_path):
    a, b, c = rng.integers(-8, 9, (3, 16, 16))
    (d,), _ = simulate(tmp_path, matrix, "wmmaF16", 1, 32, [("in", "f16", a.astype(np.float16)), ("in", "f16", b.astype(np.float16)), ("inout", "f32", c.astype(np.float32))])
    # b is read column by column, and d written so.
    assert np.array_equal(d, (a @ b.T + c).T.astype(np.float32))


def test_transpose_of_a_matrix_in_registers(matrix, rng, tmp_path):
    x = rng.integers(0, 65536, (8, 8)).astype(np.uint16)
    (y,), _ = simulate(tmp_path, matrix, "transpose", 1, 32, [("in", "u32", x.view(np.uint32).reshape(32)), ("out", "u32", np.zeros(32, np.uint32))])
    assert np.array_equal(y.view(np.uint16).reshape(8, 8), x.T)


def test_matrix_instruction_of_half_a_warp(matrix, tmp_path):
    _, done = simulate(tmp_path, matrix, "alone", 1, 32, [("out", "f64", np.zeros(16))], check=False)
    assert done.returncode == 1 and "sync: only 16 of the 32 threads of the warp are at this" in done.stderr.splitlines()[0]
    assert "by 'mma.sync" in done.stderr


#===- asynchronous copies --------------------------------------------------------------------------------------===#

@pytest.fixture(params=["sm_80", "sm_89"])
def asynchronous(request):
    return f"async.{request.param}.ptx"


def sums_of_tiles(program, kernel, seed, directory, *options):
    tiles = 7
    x = np.arange(tiles * 128, dtype=np.float32)
    (y,), _ = simulate(directory, program, kernel, 1, 32, [("in", "f32", x), ("out", "f32", np.zeros((tiles, 32), np.float32)), ("i32", tiles)], f"--seed={seed}", *options)
    return np.array_equal(y, x.reshape(tiles, 32, 4).sum(2)[:, np.arange(32) ^ 1])


@pytest.mark.parametrize("seed", range(6))
def test_copies_that_are_awaited(asynchronous, seed, tmp_path):
    assert sums_of_tiles(asynchronous, "staged", seed, tmp_path)


def test_copies_that_nobody_awaits_come_late(asynchronous, tmp_path):
    """That they may come early is no excuse: each of some orders shows that they need not."""
    assert not any(sums_of_tiles(asynchronous, "notAwaited", seed, tmp_path, "--check=none") for seed in range(4))


@pytest.mark.parametrize("valid", [0, 5, 16, 100, 512])
def test_copies_of_a_part(asynchronous, valid, rng, tmp_path):
    x = rng.integers(1, 127, 512).astype(np.int8)
    (y,), _ = simulate(tmp_path, asynchronous, "clipped", 1, 32, [("in", "i8", x), ("out", "i8", np.zeros(512, np.int8)), ("i32", valid)])
    assert np.array_equal(y, np.where(np.arange(512) < valid, x, 0))


@pytest.mark.parametrize("seed", range(4))
def test_mbarriers_hand_slots_over(asynchronous, seed, rng, tmp_path):
    x = rng.standard_normal((9, 32)).astype(np.float32)
    (y,), _ = simulate(tmp_path, asynchronous, "handover", 1, 64, [("in", "f32", x), ("out", "f32", np.zeros((9, 32), np.float32)), ("i32", 9)], f"--seed={seed}")
    assert np.array_equal(y, 2 * x[:, ::-1])
