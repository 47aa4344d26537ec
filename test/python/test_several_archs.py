#===- test_several_archs.py - one object for several machines -----------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""--arch with several archs: the object has code for each, and runs that of the last one that the machine can execute. The
machines: this one, whose abilities Linux lists in /proc/cpuinfo; the one that valgrind emulates, which has AVX2 and no
AVX-512."""

import re
import shutil
import subprocess

import pytest

import amx
from tilec_testing import ToolError, call, tool

SOURCE = """kernel norm(X: f32[M, N], scale: f32) -> Y: f32[M, N] {
  for i in tiles(M) {
    let x = X[i, :]
    Y[i, :] = (x - max(x, axis=1, keep=true)) * scale
  }
}
"""

MAIN = """#include "k.h"
#include <stdio.h>
int main(void) {
  static float x[7 * 133], y[7 * 133];
  for (int i = 0; i < 7 * 133; ++i) x[i] = (float)((i * 37) % 101);
  int64_t shape[2] = {7, 133}, strides[2] = {133, 1};
  DLTensor X = {x, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, strides, 0};
  DLTensor Y = {y, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, strides, 0};
  long long size = norm_workspace_size(&X, 0.5f, &Y);
  int status = norm(&X, 0.5f, &Y);
  if (status || size < 0) { printf("%d %lld %s", status, size, tilec_status_text(status)); return 3; }
  for (int r = 0; r < 7; ++r) {
    float most = 0;
    for (int i = 0; i < 133; ++i) if (x[r * 133 + i] > most) most = x[r * 133 + i];
    for (int i = 0; i < 133; ++i) if (y[r * 133 + i] != (x[r * 133 + i] - most) * 0.5f) return 4;
  }
  puts("right");
  return 0;
}
"""
ARCHS = "x86-64-v3,x86-64-v4,znver4,sapphirerapids"
V4 = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
ZNVER4 = V4 | {"avx512ifma", "avx512vbmi", "avx512_vbmi2", "avx512_vnni", "avx512_bitalg", "avx512_vpopcntdq", "gfni", "aes", "vaes",
               "pclmulqdq", "vpclmulqdq", "avx512_bf16", "3dnowprefetch"}
SAPPHIRE_RAPIDS = ZNVER4 | {"avx512_fp16", "amx_tile", "amx_int8", "amx_bf16"}


def best_arch_here():
    with open("/proc/cpuinfo", encoding="ascii") as text:
        flags = set(re.search(r"^flags\s*: (.*)$", text.read(), re.MULTILINE).group(1).split())
    if flags >= SAPPHIRE_RAPIDS and amx.is_native():
        return "sapphirerapids"
    return "znver4" if flags >= ZNVER4 else "x86-64-v4" if flags >= V4 else "x86-64-v3"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A program with an object of all archs."""
    path = tmp_path_factory.mktemp("archs")
    (path / "k.tile").write_text(SOURCE)
    (path / "main.c").write_text(MAIN)
    call([tool("tile-cc"), path / "k.tile", f"--arch={ARCHS}", "-o", path / "k.o"])
    call(["clang-22", "-g", path / "main.c", path / "k.o", "-lm", "-o", path / "main"])
    return path


def test_object_has_code_for_each(folder):
    symbols = call(["nm", folder / "k.o"]).stdout
    for arch in ARCHS.split(","):
        assert re.search(rf" t norm\.grid0\.{arch}$", symbols, re.MULTILINE)
    # Callers see the names that they see without archs.
    exported = re.findall(r" [TDR] (\S+)$", symbols, re.MULTILINE)
    assert sorted(exported) == ["norm", "norm_descriptor", "norm_with_workspace", "norm_workspace_size"]
    # zmm registers in the code of those archs alone, and no ymm where the choice is made.
    code = call(["llvm-objdump-22", "-d", "--no-show-raw-insn", folder / "k.o"]).stdout
    functions = dict(re.findall(r"^[0-9a-f]+ <([^>]+)>:\n((?:.+\n)*)", code, re.MULTILINE))
    assert "%zmm" not in functions["norm.grid0.x86-64-v3"] and "%ymm" in functions["norm.grid0.x86-64-v3"]
    assert all("%zmm" in functions[f"norm.grid0.{arch}"] for arch in ARCHS.split(",")[1:])
    for name in ("norm", "norm_with_workspace", "norm_workspace_size"):
        assert not re.search(r"%[yz]mm|\bv\w+ ", functions[name])


def test_chooses_by_the_machine(folder):
    # Names as they are: gdb takes some of them for Ada's.
    commands = ["set confirm off", "set debuginfod enabled off", "set breakpoint pending on", "set print demangle off"]
    commands += [f"break 'norm.{arch}'" for arch in ARCHS.split(",")] + ["run", "backtrace 1", "continue"]
    words = ["gdb", "-q", "-nx", "-batch"] + [word for command in commands for word in ("-ex", command)]
    out = subprocess.run([*words, folder / "main"], capture_output=True, text=True, timeout=300, check=False,
                         stdin=subprocess.DEVNULL).stdout
    hits = re.findall(r"^#0 .*?\bnorm\.([\w-]+) \(", out, re.MULTILINE)
    assert hits == [best_arch_here()] and "right" in out, out


def test_chooses_avx2_on_a_machine_without_avx512(folder):
    """valgrind would end the program at the first instruction of AVX-512."""
    done = call(["valgrind", "-q", "--tool=none", folder / "main"])
    assert done.stdout == "right\n"
    # That it would: the same program for AVX-512 only.
    if best_arch_here() != "x86-64-v3":
        call([tool("tile-cc"), folder / "k.tile", "--arch=x86-64-v4", "-o", folder / "v4.o"])
        call(["clang-22", folder / "main.c", folder / "v4.o", "-lm", "-o", folder / "v4"])
        with pytest.raises(ToolError):
            call(["valgrind", "-q", "--tool=none", folder / "v4"])


def test_says_that_a_machine_cannot(folder):
    """An object for AVX-512 only, of two archs, where there is none: a status with its text, and a negative size."""
    call([tool("tile-cc"), folder / "k.tile", "--arch=x86-64-v4,sapphirerapids", "-o", folder / "new.o"])
    call(["clang-22", folder / "main.c", folder / "new.o", "-lm", "-o", folder / "new"])
    done = call(["valgrind", "-q", "--tool=none", folder / "new"], check=False)
    assert done.returncode == 3
    assert done.stdout == "13 -13 this machine lacks instructions that the kernel needs at least, those of x86-64-v4"


def test_shared_library_and_debug_lines(folder):
    call([tool("tile-cc"), folder / "k.tile", f"--arch={ARCHS}", "-g", "--emit=shared", "-o", folder / "libk.so"])
    call([tool("tile-cc"), folder / "k.tile", "--emit=header", "-o", folder / "libk.h"])
    shutil.copy(folder / "libk.h", folder / "k.h")
    call(["clang-22", folder / "main.c", folder / "libk.so", f"-Wl,-rpath,{folder}", "-o", folder / "shared"])
    assert call([folder / "shared"]).stdout == "right\n"
    assert call(["valgrind", "-q", "--tool=none", folder / "shared"]).stdout == "right\n"


@pytest.mark.parametrize("archs, sentence", [
    ("native,x86-64-v3", "it cannot ask a machine for 'native'"),
    ("x86-64-v3,x86-64-v3", "the arch 'x86-64-v3' is given twice"),
    ("x86-64-v3,", "it cannot ask a machine for ''"),
    ("x86-64-v3,znver9", "it cannot ask a machine for 'znver9'"),
])
def test_wrong_lists(folder, archs, sentence):
    with pytest.raises(ToolError, match=re.escape(sentence)):
        call([tool("tile-cc"), folder / "k.tile", f"--arch={archs}", "-o", folder / "wrong.o"])
    assert not (folder / "wrong.o").exists()


def test_order_of_the_list_is_free(folder):
    for archs in (ARCHS, ",".join(reversed(ARCHS.split(",")))):
        call([tool("tile-cc"), folder / "k.tile", f"--arch={archs}", "-o", folder / f"{len(archs)}{archs[0]}.o"])
    first, second = sorted(folder.glob(f"{len(ARCHS)}[sx].o"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("arch", ARCHS.split(","))
def test_loading_says_what_the_machine_lacks(arch, folder):
    """f16 has instructions of its own on Sapphire Rapids."""
    (folder / "f16.tile").write_text("kernel add(X: f16[N]) -> Y: f16[N] {\n  for i in tiles(N) { Y[i] = sqrt(X[i]) + X[i] }\n}\n")
    done = call([tool("tile-run"), folder / "f16.tile", "--random=X=f16[100]", f"--arch={arch}"], check=False)
    order = ARCHS.split(",")
    if order.index(arch) <= order.index(best_arch_here()):
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 1 and f"this machine cannot execute code for '{arch}': it has no " in done.stderr


def test_loading_takes_one(folder):
    with pytest.raises(ToolError, match="several archs are for objects and libraries"):
        call([tool("tile-run"), folder / "k.tile", "--random=X=f32[7,133]", "--scalar=scale=2.0", f"--arch={ARCHS}"])
