#===- test_errors.py - wrong programs and what the compiler says of them ---------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles each program of test/errors, and damaged copies of good programs.

A program states the errors that it must get: `// error@COL: TEXT` on the line that the error concerns, or
`// error@LINE:COL: TEXT` anywhere, where TEXT is part of the message; `// note@...` in the same way. Lines and columns
count from 1.
"""

import os
import re

import numpy as np
import pytest

from tilec_testing import KERNELS, ROOT, call, tool

PROGRAMS = sorted((ROOT / "test" / "errors").glob("*.tile"))

EXPECTATION = re.compile(r"// (error|note)@(?:(\d+):)?(\d+): (.*?)(?= // (?:error|note)@|$)")
DIAGNOSTIC = re.compile(r"^(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<severity>error|warning|note|remark): (?P<text>.*)$")


def expectations(source):
    """[(severity, line, column, text)] of a program, in the order of lines."""
    return sorted((severity, int(line or at), int(column), text.strip())
                  for at, row in enumerate(source.split("\n"), start=1)
                  for severity, line, column, text in EXPECTATION.findall(row))


def diagnostics(stderr):
    """[(severity, line, column, text, the two lines after it)] of a tool's output."""
    lines = stderr.split("\n") + ["", ""]
    found = []
    for at, line in enumerate(lines):
        match = DIAGNOSTIC.match(line)
        if match:
            found.append((match["severity"], int(match["line"]), int(match["column"]), match["text"],
                          lines[at + 1:at + 3]))
    return found


def assert_shown(source, diagnostic):
    """The line that a diagnostic speaks of follows it, with a caret under its column."""
    _, line, column, _, (shown, marks) = diagnostic
    assert source.split("\n")[line - 1].replace("\t", " ").rstrip() in shown.replace("\t", " ")
    # The source may be indented or numbered: the caret's distance from the line's start counts.
    text = source.split("\n")[line - 1].rstrip()
    start = shown.replace("\t", " ").find(text.replace("\t", " ")) if text else shown.find("|") + 2 if "|" in shown else 0
    assert marks.find("^") == start + column - 1, f"the caret is not under column {column}:\n{shown}\n{marks}"


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_wrong_program(path, tmp_path):
    source = path.read_text()
    wanted = expectations(source)
    assert any(severity == "error" for severity, *_ in wanted), "the program expects no error"
    done = call([tool("tile-cc"), path, "--emit=tile", "-o", tmp_path / "out"], check=False)
    found = diagnostics(done.stderr)
    summary = f"expected {wanted}\n{done.stderr}"
    assert done.returncode == 1, f"exit status {done.returncode}: {summary}"
    errors = sorted(d[1:4] for d in found if d[0] == "error")
    expected = sorted(w[1:] for w in wanted if w[0] == "error")
    assert [e[:2] for e in errors] == [w[:2] for w in expected], summary
    for error, (_, _, text) in zip(errors, expected):
        assert text in error[2], summary
    for _, line, column, text in (w for w in wanted if w[0] == "note"):
        assert any(d[:3] == ("note", line, column) and text in d[3] for d in found), summary
    for diagnostic in found:
        if diagnostic[0] == "error":
            assert_shown(source, diagnostic)
    assert list(tmp_path.iterdir()) == [], "an output was written"


def test_corpus_is_complete():
    assert len(PROGRAMS) >= 100


def damaged(kind, rng):
    """A zoo program cut short, with a token's worth of bytes replaced, or with a stretch of it taken out."""
    files = sorted(KERNELS.glob("*.tile"))
    text = bytearray(files[int(rng.integers(len(files)))].read_bytes())
    at = int(rng.integers(len(text)))
    if kind == "truncated":
        return bytes(text[:at])
    if kind == "spliced":
        return bytes(text[:at] + text[at + int(rng.integers(1, 12)):])
    text[at:at + 3] = rng.bytes(3)
    return bytes(text)


@pytest.mark.parametrize("number", range(200 if os.environ.get("TILEC_FULL") == "1" else 8))
@pytest.mark.parametrize("kind", ["truncated", "spliced", "bytes"])
def test_damaged_program(kind, number, rng, tmp_path):
    source = tmp_path / "damaged.tile"
    source.write_bytes(damaged(kind, rng))
    done = call([tool("tile-cc"), source, "--emit=tile", "-o", tmp_path / "out", "--type", "T=f32", "--type", "R=f32",
                 "--type", "U=f32"], check=False)
    # The damage may leave a correct program (in a comment, say): then there is output; otherwise there are errors.
    assert done.returncode in (0, 1), f"exit status {done.returncode}\n{done.stderr}"
    if done.returncode == 1:
        assert "error:" in done.stderr
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name, content", [
    ("empty", b""),
    ("zeros", bytes(4096)),
    ("elf", b"\x7fELF\x02\x01\x01" + bytes(57)),
    ("invalid_utf8", b"kernel k(A: f32[N]) -> C: f32[N] {\n  // \xff\xfe\n  for i in tiles(N) { C[i] = A[i] \xc3( }\n}\n"),
    ("deep_parentheses", b"const X = " + b"(" * 100_000),
    ("deep_blocks", b"fn f() " + b"{ if true " * 50_000),
    ("deep_minus", b"const X = " + b"-" * 100_000 + b"1"),
    ("long_sum", b"const X = 1" + b" + 1" * 100_000),
    ("long_name", b"const " + b"x" * 1_000_000 + b" = y"),
    ("nested_comments", b"/*" * 100_000),
], ids=lambda value: value if isinstance(value, str) else "")
def test_input_that_is_no_program(name, content, tmp_path):
    source = tmp_path / f"{name}.tile"
    source.write_bytes(content)
    done = call([tool("tile-cc"), source, "--emit=tile", "-o", tmp_path / "out"], check=False)
    if name == "empty":
        assert done.returncode in (0, 1)
        return
    if name == "long_sum" and done.returncode == 0:
        return
    assert done.returncode == 1, f"exit status {done.returncode}\n{done.stderr[:2000]}"
    assert "error:" in done.stderr
    assert len([d for d in diagnostics(done.stderr) if d[0] == "error"]) <= 20
    assert np.all([line < 1_100_000 for line in map(len, done.stderr.split("\n"))])


def test_missing_file(tmp_path):
    done = call([tool("tile-cc"), tmp_path / "none.tile", "--emit=tile"], check=False)
    assert done.returncode == 1 and "none.tile" in done.stderr


def test_at_most_twenty_errors(tmp_path):
    source = tmp_path / "many.tile"
    lines = "\n".join(f"    C[i] = unknown{n}" for n in range(50))
    source.write_text(f"kernel k(A: f32[N]) -> C: f32[N] {{\n  for i in tiles(N) {{\n{lines}\n  }}\n}}\n")
    done = call([tool("tile-cc"), source, "--emit=tile"], check=False)
    assert done.returncode == 1
    assert [d[1] for d in diagnostics(done.stderr) if d[0] == "error"] == list(range(3, 23))
