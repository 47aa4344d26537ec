#===- test_debug_lines.py - compiled kernels in a debugger and a profiler ----------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""-g: gdb stops at lines of .tile source and steps through them, in kernels of tile-run (which are in no file) and in objects
of tile-cc, also where the lines are another file's. --perf-map: perf's map names the functions at the addresses of code."""

import ctypes
import os
import re
import subprocess
import sys

import pytest

from tilec_testing import call, tool

# The comments are the lines.
TWICE = """import "scaling.tile"                   // 1
kernel twice(X: f32[N]) -> Y: f32[N] {             // 2
  for i in tiles(N) {                              // 3
    let x = X[i]                                   // 4
    let y = scaled(x)                              // 5
    Y[i] = y - max(y, axis=0)                      // 6
  }                                                // 7
}                                                  // 8
"""
SCALING = """// What is imported.                  1
fn scaled(x) {                                    // 2
  let y = exp(x)                                  // 3
  return y + 1.0                                  // 4
}                                                 // 5
"""
MAIN = """#include "twice.h"
int main(void) {
  static float x[96], y[96];
  int64_t shape[1] = {96}, strides[1] = {1};
  DLTensor X = {x, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, shape, strides, 0};
  DLTensor Y = {y, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, shape, strides, 0};
  return twice(&X, &Y);
}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "twice.tile").write_text(TWICE)
    (tmp_path / "source" / "scaling.tile").write_text(SCALING)
    return tmp_path


def gdb(commands, program, folder):
    """What gdb prints for the commands."""
    settings = ["set confirm off", "set pagination off", "set debuginfod enabled off", "set breakpoint pending on",
                "set width 0", "set disable-randomization off"]
    words = ["gdb", "-q", "-nx", "-batch"]
    for command in settings + commands:
        words += ["-ex", command]
    done = subprocess.run([*words, "--args", *map(str, program)], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=300, check=False)
    return done.stdout


def run_words(*more):
    return [tool("tile-run"), "source/twice.tile", "--random=X=f32[96]", "--threads=1", "--set=i=32", *more]


def stops(text):
    """The source lines that gdb shows: (number, text)."""
    return [(int(number), line.strip()) for number, line in re.findall(r"^(\d+)\t(.*)$", text, re.MULTILINE)]


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_steps_through_a_kernel_in_memory(folder, level):
    out = gdb(["break twice.tile:4" if level == "-O0" else "break twice.tile:5", "run", "backtrace"] + ["step"] * 12,
              run_words("-g", level), folder)
    lines = {"twice.tile": dict(enumerate(TWICE.splitlines(), 1)), "scaling.tile": dict(enumerate(SCALING.splitlines(), 1))}
    seen = stops(out)
    assert seen, out
    source = {line.strip(): (name, number) for name, texts in lines.items() for number, line in texts.items()}
    # Each line that is shown is the source's, with its number; the fn's are those of the file that it is in.
    places = []
    for number, text in seen:
        if text in source:
            assert source[text][1] == number
            places.append(source[text])
    assert ("scaling.tile", 3) in places and ("twice.tile", 6) in places, out
    if level == "-O0":
        assert ("twice.tile", 4) in places and ("scaling.tile", 4) in places, out
        assert places.index(("twice.tile", 4)) < places.index(("scaling.tile", 3)) < places.index(("twice.tile", 6))
    assert re.search(r"^#0 .*twice.*twice\.tile:\d+", out, re.MULTILINE) or "scaling.tile" in out, out
    assert re.search(r"^#\d+ .*twice.* at .*twice\.tile:[23]", out, re.MULTILINE), out


def test_object_knows_where_its_source_is(folder):
    """A program elsewhere, which was linked with an object: the folder of the compilation is in it."""
    subprocess.run([tool("tile-cc"), "source/twice.tile", "-g", "-O0", "-o", "twice.o"], cwd=folder, check=True, timeout=120)
    (folder / "main.c").write_text(MAIN)
    call(["clang-22", "-I", folder, folder / "main.c", folder / "twice.o", "-lm", "-o", folder / "main"])
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    out = gdb(["break scaling.tile:3", "run", "next"], [folder / "main"], elsewhere)
    assert (3, SCALING.splitlines()[2].strip()) in stops(out), out
    assert f"{folder}/source/scaling.tile" in gdb(["break scaling.tile:3", "run", "info source"], [folder / "main"], elsewhere)


def test_without_g_there_are_no_lines(folder):
    out = gdb(["break twice.tile:4", "run"], run_words(), folder)
    assert not stops(out) and "exited normally" in out, out


PERF = """
import ctypes, os, re, sys
library = ctypes.CDLL(sys.argv[1])
library.tilec_compile.restype = ctypes.c_void_p
message = ctypes.c_char_p()
words = [w.encode() for w in sys.argv[2:]]
program = library.tilec_compile(b"k.tile", b"kernel named_kernel(X: f32[N]) -> Y: f32[N] { for i in tiles(N) { Y[i] = X[i] } }",
                                (ctypes.c_char_p * max(len(words), 1))(*words), ctypes.c_size_t(len(words)),
                                ctypes.byref(message))
assert program, message.value
path = f"/tmp/perf-{os.getpid()}.map"
if not os.path.exists(path):
    print("no map")
    sys.exit()
text = open(path).read()
os.remove(path)
code = [tuple(int(x, 16) for x in m.groups()) for m in re.finditer(r"^([0-9a-f]+)-([0-9a-f]+) r-xp", open("/proc/self/maps").read(), re.M)]
last = 0
for start, size, name in sorted((int(a, 16), int(b, 16), c) for a, b, c in (l.split(" ", 2) for l in text.splitlines())):
    assert size > 0 and start >= last, "functions overlap"
    last = start + size
    assert any(low <= start and last <= high for low, high in code), f"{name} is not in code"
    print(name)
"""


@pytest.mark.parametrize("words, environment, named", [
    (["--perf-map"], {}, True), ([], {"TILEC_PERF_MAP": "1"}, True), ([], {}, False), ([], {"TILEC_PERF_MAP": "0"}, False),
])
def test_perf_map_names_code(words, environment, named):
    library = tool("..") / "lib" / "libtilec.so"
    values = {k: v for k, v in os.environ.items() if k != "TILEC_PERF_MAP"} | environment
    done = subprocess.run([sys.executable, "-c", PERF, library, *words], env=values, capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 0, done.stderr
    names = done.stdout.split()
    if named:
        assert any(name.startswith("named_kernel.grid") for name in names), names
        assert any("packed_named_kernel" in name for name in names), names
    else:
        assert names == ["no", "map"]
