#===- test_calls.py - wrong arguments of a call ----------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a call with wrong arguments gets: an error that names the argument, and no memory touched.

Through tile-run with files, on both executors; and through the C ABI of a shared object, where arrays can overlap, have
odd strides or lie on another device.
"""

import ctypes
import subprocess

import numpy as np
import pytest

from tilec_testing import EXECUTORS, ToolError, call, run, tool

NAN = float("nan")

SOURCE = """
kernel product(A: f32[M, K], B: f32[K, N]) -> C: f32[M, N] {
  for i, j in tiles(M, N) { C[i, j] = A[i, :] @ B[:, j] }
}

kernel add(X: f32[N], inout Y: f32[N], s: f32) {
  for i in tiles(N) { Y[i] += X[i] * s }
}

kernel scale(strided X: f32[M, N], s: f32) -> Y: f32[M, N] {
  for i, j in tiles(M, N) { Y[i, j] = X[i, j] * s }
}

kernel plain(X: f32[M, N]) -> Y: f32[M, N] {
  for i, j in tiles(M, N) { Y[i, j] = X[i, j] }
}

kernel longer(X: f32[N], Z: f32[M], n: i32) -> Y: f32[N] {
  for i in tiles(N) {
    var s = X[i]
    for k in tiles(n) { s += sum(Z[k]) }
    Y[i] = s
  }
}

kernel related(X: f32[2*N], W: f32[N + 1]) -> Y: f32[N] {
  for i in tiles(N) { Y[i] = X[2 * i.index] + W[i + 1] }
}

kernel fixed(X: f32[8]) -> Y: f32[8] {
  for i in tiles(8) { Y[i] = X[i] }
}
"""


def zeros(*shape, dtype=np.float32):
    return np.zeros(shape, dtype)


@pytest.fixture(name="source")
def source_file(tmp_path):
    path = tmp_path / "calls.tile"
    path.write_text(SOURCE)
    return path


# Kernel, what differs from a correct call, and words that the message must have.
WRONG = [
    ("dtype", "product", {"ins": {"A": zeros(4, 5, dtype=np.float64), "B": zeros(5, 6)}}, ["'A'", "f32", "f64"]),
    ("integer_dtype", "product", {"ins": {"A": zeros(4, 5), "B": zeros(5, 6, dtype=np.int32)}}, ["'B'", "f32", "i32"]),
    ("rank", "product", {"ins": {"A": zeros(4, 5), "B": zeros(5)}}, ["'B'", "2", "1"]),
    ("extent", "product", {"ins": {"A": zeros(4, 5), "B": zeros(7, 6)}}, ["'B'", "K", "5", "7"]),
    ("extent_of_inout", "add", {"ins": {"X": zeros(4)}, "inouts": {"Y": zeros(9)}, "scalars": {"s": 1.0}}, ["'Y'", "N", "4", "9"]),
    ("fixed_extent", "fixed", {"ins": {"X": zeros(9)}}, ["'X'", "8", "9"]),
    ("odd_extent", "related", {"ins": {"X": zeros(7), "W": zeros(4)}}, ["'X'", "2*N", "7"]),
    ("related_extent", "related", {"ins": {"X": zeros(8), "W": zeros(4)}}, ["'W'", "5", "4"]),
    ("missing_array", "product", {"ins": {"A": zeros(4, 5)}}, ["'B'"]),
    ("unknown_array", "product", {"ins": {"A": zeros(4, 5), "B": zeros(5, 6), "D": zeros(2)}}, ["'D'"]),
    ("missing_scalar", "add", {"ins": {"X": zeros(4)}, "inouts": {"Y": zeros(4)}}, ["'s'"]),
    ("unknown_scalar", "plain", {"ins": {"X": zeros(4, 5)}, "scalars": {"q": 1.0}}, ["'q'"]),
    ("scalar_that_is_no_number", "add", {"ins": {"X": zeros(4)}, "inouts": {"Y": zeros(4)}, "scalars": {"s": "much"}}, ["--scalar s", "much"]),
    ("inout_given_as_input", "add", {"ins": {"X": zeros(4), "Y": zeros(4)}, "scalars": {"s": 1.0}}, ["'Y'", "inout"]),
    ("unknown_kernel", "produkt", {"ins": {}}, ["'produkt'", "product"]),
    ("unknown_tile_size", "plain", {"ins": {"X": zeros(4, 5)}, "config": {"q": 4}}, ["'q'"]),
    ("tile_size_of_zero", "plain", {"ins": {"X": zeros(4, 5)}, "config": {"i": 0}}, ["'i'"]),
    ("index_beyond_array", "longer", {"ins": {"X": zeros(4), "Z": zeros(6)}, "scalars": {"n": 7}}, ["'k' runs to n", "'Z'", "M elements"]),
    ("dim_against_array", "plain", {"ins": {"X": zeros(4, 5)}, "dims": {"M": 6}}, ["M", "6", "4"]),
]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("kernel, arguments, words", [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_wrong_call(kernel, arguments, words, executor, source, tmp_path):
    outs = {"product": "C", "scale": "Y", "plain": "Y", "longer": "Y", "related": "Y", "fixed": "Y"}.get(kernel)
    with pytest.raises(ToolError) as caught:
        run(source, kernel, executor, outs={outs: "f32"} if outs else None, directory=tmp_path, **arguments)
    assert caught.value.status == 1
    for word in words:
        assert word in caught.value.text, f"no {word} in: {caught.value.text}"
    assert not list(tmp_path.glob(f"*/{outs}.npy")), "a result was written"


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("length, n", [(4, 6), (4, -3), (0, 7)])
def test_index_inside_the_array_or_never(length, n, executor, source, tmp_path):
    """An index may run to the end of a dim, and beyond it in a loop that never does."""
    result = run(source, "longer", executor, ins={"X": zeros(length), "Z": np.ones(6, np.float32)}, scalars={"n": n}, outs={"Y": "f32"},
                 directory=tmp_path)
    assert np.array_equal(result.arrays["Y"], np.full(length, max(n, 0), np.float32))


@pytest.mark.parametrize("executor", EXECUTORS)
def test_failed_call_leaves_inouts_alone(executor, source, tmp_path):
    y = np.arange(9, dtype=np.float32)
    with pytest.raises(ToolError):
        run(source, "add", executor, ins={"X": zeros(4)}, inouts={"Y": y}, scalars={"s": 1.0}, directory=tmp_path)
    (written,) = tmp_path.glob("*/Y.npy")
    assert np.array_equal(np.load(written), y)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("kernel, scalars", [("plain", {}), ("scale", {"s": 1.0})])
def test_fortran_order(kernel, scalars, executor, source, tmp_path):
    """A file in Fortran order has the elements that NumPy sees: copied where the parameter wants rows, as strides where
    it takes any."""
    x = np.asfortranarray(np.arange(20, dtype=np.float32).reshape(4, 5))
    result = run(source, kernel, executor, ins={"X": x}, outs={"Y": "f32"}, scalars=scalars, directory=tmp_path)
    assert np.array_equal(result.arrays["Y"], x)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_inout_in_fortran_order(executor, source, tmp_path):
    source.write_text("kernel more(inout X: f32[M, N]) {\n  for i, j in tiles(M, N) { X[i, j] += 1.0 }\n}\n")
    x = np.asfortranarray(np.arange(20, dtype=np.float32).reshape(4, 5))
    result = run(source, "more", executor, inouts={"X": x}, directory=tmp_path)
    assert np.array_equal(result.arrays["X"], x + 1)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_one_file_for_two_written_arrays(executor, source, tmp_path):
    """Both would be written back to it."""
    text = "kernel two(inout X: f32[N], inout Y: f32[N]) {\n  for i in tiles(N) { X[i] += 1.0; Y[i] += 2.0 }\n}\n"
    source.write_text(text)
    path = tmp_path / "x.npy"
    np.save(path, zeros(4))
    done = call([tool("tile-run"), source, "two", f"--exec={executor}", "--inout", f"X={path}", "--inout", f"Y={path}"], check=False)
    assert done.returncode == 1
    assert "'X'" in done.stderr and "'Y'" in done.stderr


def damaged_files():
    good = zeros(4, 5)
    yield "not_npy", b"\x7fELF" + bytes(100), ["npy"]
    yield "empty", b"", ["npy"]
    header = b"\x93NUMPY\x01\x00"
    yield "truncated_header", header + b"\x76\x00{'descr': '<f4'", ["header"]
    yield "truncated_data", bytes_of(good)[:-4], ["4"]
    yield "huge_shape", bytes_of(good).replace(b"(4, 5)", b"(4000000000000, 5000000)")[:200], []
    yield "negative_shape", bytes_of(good).replace(b"(4, 5)", b"(-4, 5)"), []
    yield "big_endian", bytes_of(good.astype(">f4")), ["endian"]
    yield "object_array", bytes_of(good).replace(b"'<f4'", b"'|O' "), []
    yield "complex", bytes_of(good.astype(np.complex64)), ["c8"]


def bytes_of(array):
    import io
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.mark.parametrize("content, words", [d[1:] for d in damaged_files()], ids=[d[0] for d in damaged_files()])
def test_damaged_file(content, words, source, tmp_path):
    path = tmp_path / "x.npy"
    path.write_bytes(content)
    done = call([tool("tile-run"), source, "plain", "--exec=interp", "--in", f"X={path}", "--out", f"Y={tmp_path / 'y.npy'}"], check=False)
    assert done.returncode == 1, f"exit status {done.returncode}\n{done.stderr}"
    assert "x.npy" in done.stderr
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "y.npy").exists()


# --- The C ABI -----------------------------------------------------------------------------------------------------

class Tensor(ctypes.Structure):
    """DLPack's DLTensor."""
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


CPU, CUDA = 1, 2
KIND_CODE = {"i": 0, "u": 1, "f": 2, "b": 6}


def tensor(array, strides=True, **changes):
    """A view of a NumPy array, with fields changed. It keeps the array and its dims alive."""
    size = array.dtype.itemsize
    shape = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
    steps = (ctypes.c_int64 * max(array.ndim, 1))(*[s // size for s in array.strides])
    result = Tensor(array.ctypes.data, CPU, 0, array.ndim, KIND_CODE[array.dtype.kind], size * 8, 1,
                    ctypes.cast(shape, ctypes.POINTER(ctypes.c_int64)),
                    ctypes.cast(steps, ctypes.POINTER(ctypes.c_int64)) if strides else None, 0)
    for name, value in changes.items():
        setattr(result, name, value)
    result.keep = (array, shape, steps)
    return result


@pytest.fixture(name="library", scope="module")
def shared_library(tmp_path_factory):
    """The kernels of SOURCE as a shared object. K of `product` is given, so that its whole dim is known."""
    directory = tmp_path_factory.mktemp("shared")
    source = directory / "calls.tile"
    source.write_text(SOURCE)
    path = directory / "libcalls.so"
    call([tool("tile-cc"), source, "--emit=shared", "--dim", "K=5", "-o", path])
    loaded = ctypes.CDLL(str(path))
    loaded.tilec_status_text.restype = ctypes.c_char_p
    return loaded


def status(library, kernel, *arguments):
    """Calls a kernel; returns (status, text)."""
    code = getattr(library, kernel)(*[ctypes.byref(a) if isinstance(a, Tensor) else a for a in arguments])
    return code, library.tilec_status_text(code).decode()


def test_abi_call(library):
    x, y = np.arange(1000, dtype=np.float32), np.ones(1000, np.float32)
    assert status(library, "add", tensor(x), tensor(y), ctypes.c_float(2))[0] == 0
    assert np.array_equal(y, 1 + 2 * np.arange(1000, dtype=np.float32))
    a, b, c = np.ones((4, 5), np.float32), np.ones((5, 6), np.float32), np.full((4, 6), NAN, np.float32)
    assert status(library, "product", tensor(a), tensor(b, strides=False), tensor(c))[0] == 0
    assert np.array_equal(c, np.full((4, 6), 5, np.float32))


def test_abi_views(library):
    """Rows of a wider matrix, a transposed and a reversed input, and an offset into the data."""
    base = np.arange(200, dtype=np.float32).reshape(10, 20)
    y = np.full((10, 20), NAN, np.float32)
    assert status(library, "plain", tensor(base[2:7, 3:9]), tensor(y[1:6, 2:8]))[0] == 0
    assert np.array_equal(y[1:6, 2:8], base[2:7, 3:9])
    assert np.isnan(y).sum() == 200 - 30
    for view in (base.T, base[::-1], base[::3, ::-2], base[:, ::5].T):
        y = np.full(view.shape, NAN, np.float32)
        assert status(library, "scale", tensor(view), ctypes.c_float(2), tensor(y))[0] == 0
        assert np.array_equal(y, view * 2)
    x, y = np.arange(10, dtype=np.float32), np.zeros(8, np.float32)
    assert status(library, "add", tensor(x[:8], byte_offset=8), tensor(y), ctypes.c_float(1))[0] == 0
    assert np.array_equal(y, x[2:])


def test_abi_empty_arrays(library):
    """Where there are no elements, strides may be anything: NumPy's are 0."""
    for shape in ((9, 0), (0, 9), (0, 0)):
        x, y = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        code, text = status(library, "plain", tensor(x), tensor(y))
        assert code == 0, text
        code, text = status(library, "plain", tensor(x.T), tensor(y.T))
        assert code == 0, text


def wrong_abi_calls():
    """Name, kernel, arguments and the words of the message; arguments are made anew for each test."""
    x, one = np.arange(8, dtype=np.float32), ctypes.c_float(1)
    m, r = np.zeros((4, 6), np.float32), np.zeros((4, 6), np.float32)
    yield "device", "add", [tensor(x, device_type=CUDA), tensor(x.copy()), one], ["'X'", "device"]
    yield "null_data", "add", [tensor(x, data=None), tensor(x.copy()), one], ["'X'"]
    yield "null_array", "add", [None, tensor(x.copy()), one], ["'X'"]
    yield "null_shape", "add", [tensor(x, shape=None), tensor(x.copy()), one], ["'X'"]
    yield "dtype", "add", [tensor(x), tensor(x.astype(np.int32)), one], ["'Y'", "f32", "i32"]
    yield "lanes", "add", [tensor(x, lanes=2), tensor(x.copy()), one], ["'X'", "lanes"]
    yield "rank", "add", [tensor(m), tensor(x.copy()), one], ["'X'", "1", "2"]
    yield "negative_rank", "add", [tensor(x, ndim=-1), tensor(x.copy()), one], ["'X'"]
    yield "extent", "add", [tensor(x[:7]), tensor(x.copy()), one], ["'Y'", "N", "7", "8"]
    yield "misaligned", "add", [tensor(x[:4], byte_offset=2), tensor(x[:4].copy()), one], ["'X'", "align"]
    yield "last_stride", "plain", [tensor(m.T), tensor(np.zeros((6, 4), np.float32))], ["'X'", "stride"]
    yield "same_array", "add", [tensor(x), tensor(x), one], ["'X'", "'Y'", "overlap"]
    yield "shifted_overlap", "add", [tensor(x[:5]), tensor(x[3:]), one], ["'X'", "'Y'", "overlap"]
    yield "rows_overlap", "plain", [tensor(m[:3]), tensor(m[1:])], ["'X'", "'Y'", "overlap"]
    broadcast = np.lib.stride_tricks.as_strided(r, (4, 6), (0, 4))
    yield "written_array_overlaps_itself", "plain", [tensor(m), tensor(broadcast)], ["'Y'"]


@pytest.mark.parametrize("kernel, arguments, words", [w[1:] for w in wrong_abi_calls()], ids=[w[0] for w in wrong_abi_calls()])
def test_wrong_abi_call(kernel, arguments, words, library):
    before = [a.keep[0].copy() for a in arguments if isinstance(a, Tensor)]
    code, text = status(library, kernel, *arguments)
    assert code != 0
    for word in words:
        assert word in text, f"no {word} in: {text}"
    after = [a.keep[0] for a in arguments if isinstance(a, Tensor)]
    assert all(np.array_equal(b, a) for b, a in zip(before, after)), "memory was touched"


def test_arrays_that_do_not_overlap(library):
    """Halves of one array, and interleaved columns: no element is shared."""
    x = np.arange(16, dtype=np.float32)
    assert status(library, "add", tensor(x[:8]), tensor(x[8:]), ctypes.c_float(1))[0] == 0
    m = np.arange(48, dtype=np.float32).reshape(4, 12)
    left = m[:, :6].copy()
    assert status(library, "plain", tensor(m[:, :6]), tensor(m[:, 6:]))[0] == 0
    assert np.array_equal(m[:, 6:], left)


def test_two_read_arrays_may_overlap(library):
    a, c = np.arange(25, dtype=np.float32).reshape(5, 5), np.zeros((5, 5), np.float32)
    assert status(library, "product", tensor(a), tensor(a), tensor(c))[0] == 0
    assert np.array_equal(c, a @ a)


def test_object_links_into_a_c_program(tmp_path, source):
    """The C program of the getting-started page: an object, its header, and no library but libc and libm."""
    call([tool("tile-cc"), source, "--dim", "K=5", "-o", tmp_path / "calls.o"])
    call([tool("tile-cc"), source, "--dim", "K=5", "--emit=header", "-o", tmp_path / "calls.h"])
    (tmp_path / "main.c").write_text("""
#include "calls.h"
#include <stdio.h>
int main(void) {
  float x[5] = {1, 2, 3, 4, 5}, y[5] = {0, 0, 0, 0, 1};
  int64_t n = 5;
  DLTensor tx = {x, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, &n, NULL, 0};
  DLTensor ty = {y, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, &n, NULL, 0};
  int32_t status = add(&tx, &ty, 2.0f);
  if (status) { puts(tilec_status_text(status)); return 1; }
  printf("%g %g %g\\n", y[0], y[1], y[4]);
  return 0;
}
""")
    include = next(p for p in [tool("tile-cc").parents[1] / "include", *[parent / "include" for parent in tool("tile-cc").parents]]
                   if (p / "tilec" / "Runtime" / "DLPack.h").exists())
    program = tmp_path / "main"
    subprocess.run(["clang-22", "-I", tmp_path, "-I", include, tmp_path / "main.c", tmp_path / "calls.o", "-lm", "-o", program], check=True)
    assert call([program]).stdout == "2 4 11\n"


@pytest.mark.parametrize("compiler", [["clang-22", "-std=c99", "-xc"], ["clang-22", "-std=c++98", "-xc++"], ["clang-22", "-std=c++20", "-xc++"]],
                         ids=["C99", "C++98", "C++20"])
def test_headers_are_clean_c_and_cpp(tmp_path, compiler):
    """Without a warning, two in one file, with every scalar type and with names that are words of C."""
    scalars = ", ".join(f"{name}: {type_name}" for name, type_name in
                        zip(["long", "long_", "class", "workspace", *"efghijklmno"],
                            ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f16", "bf16", "f32", "f64", "f8e4m3", "f8e5m2", "bool"]))
    for name in ("one", "two"):
        (tmp_path / f"{name}.tile").write_text(f"kernel {name}({scalars}, X: f32[N]) -> Y: f32[N] {{\n"
                                               "  for t in tiles(N) { Y[t] = X[t] }\n}\n")
        # By way of standard output, where no file names the header.
        (tmp_path / f"{name}.h").write_text(call([tool("tile-cc"), tmp_path / f"{name}.tile", "--emit=header"]).stdout)
    (tmp_path / "main.c").write_text('#include "one.h"\n#include "two.h"\n#include "one.h"\n'
                                     "int main(void) { return &one == &two; }\n")
    call([*compiler, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", tmp_path / "main.c"])
