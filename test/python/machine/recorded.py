# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a machine computed, in test/sim/machine: for each row of the battery a digest of its name and one of its values.

    instructions.txt  all values of an instruction's form, to the bit
    matrices.txt      of a matrix instruction the same where sums are exact or of f64, and else which results are NaN or infinite
    sums.txt          results of some sums that are not exact

The first line of each names the machine. A row that ends in `differs` is not what tile-sim computes, and is in `DIFFERENT`,
which has the reasons; approximate functions are not recorded."""

import hashlib
import json
import re
import tempfile
from pathlib import Path

import numpy as np

from machine import battery, matrices

FOLDER = Path(__file__).resolve().parents[2] / "sim" / "machine"

# Forms (a pattern of their names) of which some have other values on a machine than tile-sim computes, and why.
DIFFERENT = {
    r"cvt\.r[mp]\.ftz(\.sat)?\.f16\.f32 ": "the machine does not flush an operand here, as `.ftz` says",
    r"cvt\.rna(\.satfinite)?\.tf32\.f32 ": "the machine drops lower bits of a NaN, which may make it another one or an infinity",
    r"v(add|sub|absdiff|min|max|shl|shr|set|mad)\.": "assemblers replace these by instructions that do not saturate where the "
                                                     "sum has more than 32 bits, merge another half into `.h1`, or extend `c` otherwise",
    r"wmma\S*\.m16n16k8\.f32\.tf32\.tf32\.f32, c \w+ \(adverse\)": "the first four products are added first, and may be infinite",
    r"mma\.sync\S*\.f16\.e[45]m[23]\.e[45]m[23]\.f16 .*\(adverse\)": "a sum of f16 that is more than f16 holds, before c is added",
}


def reason(name):
    """Why a row differs; None where it must not."""
    return next((why for pattern, why in DIFFERENT.items() if re.match(pattern, name)), None)


def digest(data, digits):
    return hashlib.sha256(data).hexdigest()[:digits]


def classes(values, result):
    """Which elements are NaN (2), or infinite (1, or 3 where negative)."""
    bits = values.view({"f16": np.uint16, "f32": np.uint32, "f64": np.uint64}[result])
    exponent = {"f16": 0x7C00, "f32": 0x7F800000, "f64": 0x7FF << 52}[result]
    top = bits.dtype.type(1) << bits.dtype.type(8 * bits.dtype.itemsize - 1)
    magnitude, sign = bits & (top - 1), bits >= top
    return np.where(magnitude > exponent, 2, np.where(magnitude == exponent, 1 + 2 * sign, 0)).astype(np.uint8)


def is_approximate(name):
    return ".approx" in name or ".full" in name


def instruction_rows(kernel, output):
    """(name, bytes that are compared) of each form that is recorded."""
    for name, row in zip(kernel.names, output):
        if not is_approximate(name):
            yield name, np.ascontiguousarray(row).tobytes()


def matrix_rows(matrix, kernel, output):
    """The same of a matrix instruction: a row for each kind of values."""
    output = np.ascontiguousarray(output)
    for i, kind in enumerate(matrices.kinds(matrix)):
        values = output[i * matrices.CASES:(i + 1) * matrices.CASES]
        is_exact = kind == "exact" or matrix.result == "f64"
        yield kernel.names[i * matrices.CASES], (values if is_exact else classes(values, matrix.result)).tobytes()


def key(name):
    return digest(name.encode(), 10)


def load(file):
    """{key of a name: (digest of its values, whether tile-sim's differ)}."""
    lines = [line.split() for line in (FOLDER / file).read_text().splitlines() if not line.startswith("#")]
    return {key: (digest, rest == ["differs"]) for key, digest, *rest in lines}


#===- Sums -----------------------------------------------------------------------------------------------------===#

# Instructions of which results are kept, with values of these kinds.
SUMS = ("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32", "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32",
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32", "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32",
        "mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32", "mma.sync.aligned.m16n8k16.row.col.f32.e4m3.e4m3.f32",
        "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32", "mma.sync.aligned.m16n8k32.row.col.f32.e5m2.e5m2.f32")
SUM_KINDS = ("random", "spread")


def sum_cases():
    """(name, matrix, index of the kernel, index of the case) of each."""
    for i, matrix in enumerate(matrices.instructions()):
        if matrix.name.split()[0] in SUMS:
            for kind in SUM_KINDS:
                yield f"{matrix.name.split()[0]} {kind}", matrix, i, matrices.kinds(matrix).index(kind) * matrices.CASES


def load_sums():
    """{name: words of a warp's result}."""
    lines = [line for line in (FOLDER / "sums.txt").read_text().splitlines() if not line.startswith("#")]
    return {line.rsplit(" ", 1)[0]: np.frombuffer(bytes.fromhex(line.rsplit(" ", 1)[1]), "<u4") for line in lines}


#===- Writing --------------------------------------------------------------------------------------------------===#

def lines_of(rows, ours):
    """A line for each row of the machine's, beside tile-sim's."""
    for (name, data), (_, here) in zip(rows, ours, strict=True):
        assert data == here or reason(name), f"{name} differs, and there is no reason: see DIFFERENT"
        yield f"{key(name)} {digest(data, 10)}{'' if data == here else ' differs'}"


def write(source):
    """Makes the files from the folder that `compare_with_gpu.py run` left, and by tile-sim."""
    scratch = tempfile.TemporaryDirectory()
    answers = json.loads((source / "answers.json").read_text())
    head = f"# {answers['machine']}"
    FOLDER.mkdir(exist_ok=True)
    files = {"instructions.txt": [], "matrices.txt": [], "sums.txt": []}
    for kernel in battery.instructions():
        there, here = np.load(source / f"{kernel.name}.npy"), battery.on_simulator(kernel, scratch.name)
        files["instructions.txt"] += lines_of(instruction_rows(kernel, there), instruction_rows(kernel, here))
    for matrix, kernel in zip(matrices.instructions(), battery.products()):
        there, here = np.load(source / f"{kernel.name}.npy"), battery.on_simulator(kernel, scratch.name)
        files["matrices.txt"] += lines_of(matrix_rows(matrix, kernel, there), matrix_rows(matrix, kernel, here))
    for name, _, i, case in sum_cases():
        words = np.load(source / f"matrix{i}.npy")[case].astype("<u4")
        files["sums.txt"].append(f"{name} {words.tobytes().hex()}")
    for file, lines in files.items():
        assert len({line.split()[0] for line in lines}) == len(lines) or file == "sums.txt", "two names have one digest"
        (FOLDER / file).write_text("\n".join([head, *lines]) + "\n")
