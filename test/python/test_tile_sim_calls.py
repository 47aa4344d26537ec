#===- test_tile_sim_calls.py - how tile-sim is called ----------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Command lines that make no sense, files that are no PTX, outputs that cannot be written: each is one sentence that names
the option or the file, and status 1."""

import subprocess

import numpy as np
import pytest

from tilec_testing import tool

SCALE = """.version 8.0
.target sm_80
.address_size 64
.visible .entry scale(.param .u64 x, .param .f32 a, .param .u32 n) {
  .reg .b64 %rd<4>;
  .reg .b32 %r<4>;
  .reg .f32 %f<4>;
  .reg .pred %p;
  ld.param.u64 %rd1, [x];
  ld.param.f32 %f1, [a];
  ld.param.u32 %r1, [n];
  mov.u32 %r2, %tid.x;
  setp.ge.u32 %p, %r2, %r1;
  @%p ret;
  mul.wide.u32 %rd2, %r2, 4;
  add.u64 %rd3, %rd1, %rd2;
  ld.global.f32 %f2, [%rd3];
  mul.f32 %f3, %f1, %f2;
  st.global.f32 [%rd3], %f3;
  ret;
}
"""
PASSED = ["--arg", "inout:f32[4]=x.npy", "--arg", "f32=2", "--arg", "u32=4"]


@pytest.fixture
def call(tmp_path):
    (tmp_path / "k.ptx").write_text(SCALE)

    def run(*words, text=None, stdout=subprocess.PIPE):
        np.save(tmp_path / "x.npy", np.arange(4, dtype=np.float32))
        if text is not None:
            (tmp_path / "k.ptx").write_bytes(text)
        done = subprocess.run([tool("tile-sim"), "k.ptx", *words], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=stdout,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        return done, np.load(tmp_path / "x.npy")
    return run


@pytest.mark.parametrize("option, value, message", [
    ("--grid", "1,0", "--grid: expected positive numbers such as 8,4,1, got '1,0'"),
    ("--grid", "1,1,1,1", "--grid: expected at most three sizes, got '1,1,1,1'"),
    ("--grid", "1,65536", "a grid of 1 x 65536 x 1 blocks is not possible"),
    ("--block", "8x4", "--block: expected positive numbers such as 8,4,1, got '8x4'"),
    ("--block", "1,1,65", "a block of 1 x 1 x 65 threads; there are from 1 to 1024"),
    ("--smem", "1k", "--smem: expected a number from 0 to 4294967295, got '1k'"),
    ("--smem", "232449", "232449 bytes of dynamic shared memory; a block has at most 232448"),
    ("--seed", "-1", "--seed: expected a number from 0 to 18446744073709551615, got '-1'"),
    ("--seed", "18446744073709551616", "--seed: expected a number"),
    ("--max-steps", "many", "--max-steps: expected a number"),
    ("--resident", "", "--resident: expected a number"),
    ("--jobs", "-4", "--jobs: expected a number"),
    ("--schedules", "0", "--schedules: expected a positive number, got '0'"),
    ("--trace-block", "0,x", "--trace-block: expected numbers such as 8,4,1, got '0,x'"),
    ("--trace-block", "5", "--trace-block: block 5,0,0 is not in the grid"),
    ("--trace", "/dev/full", "cannot write '/dev/full': No space left on device"),
])
def test_options(call, option, value, message):
    done, x = call("scale", "--block=4", *PASSED, f"{option}={value}")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("tile-sim: error: ") and message in done.stderr and done.stderr.count("\n") == 1
    if option != "--trace":
        assert np.array_equal(x, np.arange(4))


@pytest.mark.parametrize("words, message", [
    (["inout:f32[4]=x.npy", "i32=2", "u32=4"], "argument 1 of kernel 'scale' is a floating-point number, and 'i32=2' is none"),
    (["inout:f32[4]=x.npy", "f32=2", "f32=4"], "argument 2 of kernel 'scale' is an integer, and 'f32=4' is none"),
    (["inout:f32[4]=x.npy", "f32=2", "i32=99999999999"], "--arg: '99999999999' is not an integer of type i32"),
    (["inout:f32[4]=x.npy", "f32=two", "i32=4"], "--arg: 'two' is not a number of type f32"),
    (["inout:f32[4]=x.npy", "f64=2", "i32=4"], "argument 1 of kernel 'scale' has 4 bytes, got 8"),
    (["inout:f32[4]=x.npy", "f32=2"], "kernel 'scale' takes 3 arguments, got 2"),
    (["inout:f32[4]=x.npy", "inout:f32[4]=x.npy", "i32=4"], "'x.npy' is written by two parameters"),
    (["inout:f32[5]=x.npy", "f32=2", "i32=4"], "x.npy is f32[4], and f32[5] was asked for"),
    (["inout:f32[4]=y.npy", "f32=2", "i32=4"], "y.npy: No such file or directory"),
])
def test_arguments(call, words, message):
    done, _ = call("scale", "--block=4", *(word for argument in words for word in ("--arg", argument)))
    assert done.returncode == 1 and done.stderr.startswith("tile-sim: error: ") and message in done.stderr


@pytest.mark.parametrize("change", [
    lambda text: text, lambda text: text.replace(b"\n", b"\r\n"), lambda text: b"\xef\xbb\xbf" + text,
    lambda text: text + b"\0", lambda text: text.rstrip(), lambda text: "// Größe\n".encode() + text,
], ids=["as it is", "CRLF", "byte order mark", "NUL at the end", "no end of line", "UTF-8"])
def test_texts_that_run(call, change):
    done, x = call("scale", "--block=4", *PASSED, text=change(SCALE.encode()))
    assert done.returncode == 0 and done.stderr == ""
    assert np.array_equal(x, 2 * np.arange(4))


@pytest.mark.parametrize("text, message", [
    (b"", "k.ptx:1:1: error: a PTX module starts with '.version', and the text ends here"),
    (bytes(range(1, 256)), "k.ptx:1:1: error: a PTX module starts with '.version'"),
    (SCALE.encode("utf-16"), "'k.ptx' is no PTX text: byte 3 is NUL"),
    (b"\x7fELF\2\1\1", "'k.ptx' is no PTX text; code objects are not supported yet"),
], ids=["empty", "bytes", "UTF-16", "code object"])
def test_texts_that_do_not(call, text, message):
    done, _ = call("scale", "--block=4", *PASSED, text=text)
    assert done.returncode == 1 and message in done.stderr


@pytest.mark.parametrize("name, message", [
    ("scael", "there is no kernel 'scael'; did you mean scale?"),
    ("SCALE", "there is no kernel 'SCALE'; did you mean scale?"),
    ("product", "there is no kernel 'product'; there is scale, _Z3addv, twice0, twice1, twice2, twice3, twice4, twice5 and 3 more"),
    ("add", "there is no kernel 'add'; did you mean _Z3addv?"),
    ("", "there is no kernel ''; there is scale"),
])
def test_names_of_kernels(call, name, message):
    others = "".join(f".visible .entry {other}() {{ ret; }}\n" for other in ["_Z3addv", *(f"twice{i}" for i in range(9))])
    done, _ = call(name, *PASSED, text=(SCALE + others).encode())
    assert done.returncode == 1 and message in done.stderr


@pytest.mark.parametrize("words", [["scale", "--block=4", *PASSED, "--counters"], ["--help"]])
def test_standard_output_that_is_full(call, words):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done, _ = call(*words, stdout=full)
    assert done.returncode == 1
    assert done.stderr == "tile-sim: error: cannot write what is printed: No space left on device\n"


def test_out_of_bounds_names_the_argument(call):
    done, _ = call("scale", "--block=8", "--arg", "inout:f32[4]=x.npy", "--arg", "f32=2", "--arg", "u32=8")
    assert done.returncode == 1
    assert "out of bounds" in done.stderr and "16 bytes after the start of an array of 16 bytes (argument 0)" in done.stderr


PARAMETERS = """.version 7.0
.target sm_80
.address_size 64
.visible .entry read(.param .align 4 .b8 first[8], .param .u32 second, .param .u64 out, .param .u32 offset) {
  .reg .b32 %r<4>;
  .reg .b64 %rd<5>;
  mov.b64 %rd1, first;
  ld.param.u32 %r1, [offset];
  cvt.u64.u32 %rd2, %r1;
  add.s64 %rd3, %rd1, %rd2;
  ld.param.u32 %r2, [%rd3];
  ld.param.u64 %rd4, [out];
  st.global.u32 [%rd4], %r2;
  ret;
}
"""


@pytest.mark.parametrize("offset", [0, 4, 8, 12, 1 << 20])
def test_arrays_among_the_parameters_have_an_end(tmp_path, offset):
    (tmp_path / "k.ptx").write_text(PARAMETERS)
    np.save(tmp_path / "x.npy", np.arange(8, dtype=np.uint8))
    done = subprocess.run([tool("tile-sim"), "k.ptx", "read", "--arg", "value:u8[8]=x.npy", "--arg", "u32=7", "--arg", "out:u32[1]=y.npy",
                           "--arg", f"u32={offset}"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    if offset < 8:
        assert done.returncode == 0 and done.stderr == ""
        assert np.load(tmp_path / "y.npy").tobytes() == bytes(range(offset, offset + 4))
    else:
        assert done.returncode == 1
        assert "k.ptx:11: error: out of bounds: 4 bytes at param address" in done.stderr
        if offset < 16:
            assert f"{offset} bytes after the start of argument 0 of 8 bytes" in done.stderr
