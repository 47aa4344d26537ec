#===- test_order_verifier.py - races that the compiler finds without running anything ---------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `--remarks=races` says of the planted bugs of test/races, and of the zoo.

Each file of test/races has a kernel `broken`, whose racing accesses are on the lines marked `// race`, and a kernel
`correct`.
"""

import re

import pytest

from tilec_testing import KERNELS, ROOT, call, tool

PLANTED = sorted((ROOT / "test" / "races").glob("*.tile"))
REPORT = re.compile(r"^[^\n]*?:(\d+):\d+: (error|warning|remark|note): (.*)$", re.M)

# What stays unproven of the kernels of the zoo: pairs of accesses that only a release and an acquire order.
UNPROVEN = {"cumsum": ["a release and an acquire"]}


def reports(path, *options):
    """The exit status, and [(severity, the lines of both accesses, text)]."""
    command = [tool("tile-cc"), path, "--emit=tile", "--remarks=races", "-o", "/dev/null", *options]
    if path.suffix == ".mlir":
        command = [tool("tile-opt"), path, "-o", "/dev/null", *options,
                   "--pass-pipeline=builtin.module(tile.kernel(tile-verify-order{remarks=true}))"]
    done = call(command, check=False)
    found = []
    for line, severity, text in REPORT.findall(done.stderr):
        if severity != "note":
            found.append((severity, {int(line)}, text))
        elif text.endswith(" is here"):
            found[-1][1].add(int(line))
    return done.returncode, found


@pytest.mark.parametrize("path", PLANTED, ids=lambda path: path.stem)
def test_planted_bug(path):
    marked = {number for number, line in enumerate(path.read_text().split("\n"), start=1) if "// race" in line}
    status, found = reports(path, "--kernel", "broken")
    assert any("race" in text and lines <= marked for _, lines, text in found), found
    assert status == any(severity == "error" for severity, *_ in found)
    # Nothing is claimed of the correct kernel; where a release and an acquire are needed, that is said.
    status, found = reports(path, "--kernel", "correct")
    assert status == 0 and all(severity == "remark" for severity, *_ in found), found


@pytest.mark.parametrize("path", sorted((ROOT / "test" / "races").glob("*.mlir")), ids=lambda path: path.stem)
def test_planted_bug_in_ir(path):
    """The same for what the source cannot say; both kernels are compiled at once."""
    source = path.read_text().split("\n")
    marked = {number for number, line in enumerate(source, start=1) if "// race" in line}
    correct = next(number for number, line in enumerate(source, start=1) if "@correct" in line)
    _, found = reports(path)
    assert any("race" in text and lines <= marked for _, lines, text in found), found
    assert all(severity == "remark" for severity, lines, _ in found if min(lines) > correct), found


def test_most_planted_bugs_are_told_from_correct_kernels():
    """Of at least 30 of them the compiler says nothing once they are corrected."""
    silent = [path for path in PLANTED if not reports(path, "--kernel", "correct")[1]]
    assert len(silent) >= 30, f"{len(silent)} of {len(PLANTED)}"


@pytest.mark.parametrize("path", sorted(KERNELS.glob("*.tile")), ids=lambda path: path.stem)
def test_zoo(path):
    source = path.read_text()
    options = [f"--type={name}=f32" for name in "TUR" if re.search(rf"kernel \w+<[^>]*\b{name}:", source)]
    options += ["--dim=D=8"] if "split(" in source else []
    status, found = reports(path, *options)
    assert status == 0, found
    expected = UNPROVEN.get(path.stem, [])
    assert [severity for severity, *_ in found] == ["remark"] * len(expected), found
    assert all(reason in text for reason, (*_, text) in zip(expected, found)), found


def test_a_run_is_refused_unless_it_is_to_find_the_race():
    """A certain race is an error of tile-run as well; with --races the run itself reports it, at the same places."""
    path = ROOT / "test" / "races" / "store_then_load.tile"
    command = [tool("tile-run"), path, "broken", "--exec=interp", "--random", "P=f32[3,10]", "--set", "j=4"]
    compiled, run = call(command, check=False), call([*command, "--races"], check=False)
    assert compiled.returncode == 1 and "race: no token orders" in compiled.stderr
    assert run.returncode == 1 and "race: this load" in run.stderr
    assert all("store_then_load.tile:9:15" in text and "store_then_load.tile:10:20" in text
               for text in (compiled.stderr, run.stderr))


def test_kernels_of_many_accesses_are_not_looked_into(tmp_path):
    """All pairs of them would take long; that they are left out is said."""
    source = tmp_path / "many.tile"
    lines = "\n".join(f"    S[0] = {n}.0" for n in range(501))
    source.write_text(f"kernel k() -> S: f32[1] {{\n  for i in range(8) {{\n{lines}\n  }}\n}}\n")
    status, found = reports(source)
    assert status == 0 and [text for *_, text in found] == [
        "this kernel has too many accesses to look for races in all pairs of them"], found
