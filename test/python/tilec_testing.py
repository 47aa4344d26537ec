#===- tilec_testing.py - run .tile kernels and judge their results --------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs kernels through the command line tools on .npy files, and compares arrays with expected values.

The tools are found in the directory that the environment variable TILEC_BIN names.
"""

import multiprocessing
import os
import subprocess
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import ml_dtypes
import numpy as np

from bounded import Bounded

ROOT = Path(__file__).resolve().parents[2]
KERNELS = ROOT / "examples" / "kernels"
EXECUTORS = ["interp", "cpu"]

# A process that runs longer than this hangs: the cases are sized to take seconds at most.
TIMEOUT_SECONDS = 120

# The NumPy type of each element type of the language.
NUMPY = {
    "bool": np.dtype(np.bool_),
    "i8": np.dtype(np.int8), "i16": np.dtype(np.int16), "i32": np.dtype(np.int32), "i64": np.dtype(np.int64),
    "u8": np.dtype(np.uint8), "u16": np.dtype(np.uint16), "u32": np.dtype(np.uint32), "u64": np.dtype(np.uint64),
    "f16": np.dtype(np.float16), "f32": np.dtype(np.float32), "f64": np.dtype(np.float64),
    "bf16": np.dtype(ml_dtypes.bfloat16),
    "f8e4m3": np.dtype(ml_dtypes.float8_e4m3fn), "f8e5m2": np.dtype(ml_dtypes.float8_e5m2),
}
NAMES = {dtype: name for name, dtype in NUMPY.items()}

INTEGERS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"]
FLOATS = ["f16", "bf16", "f32", "f64"]
SMALL_FLOATS = ["f8e4m3", "f8e5m2"]

# The types that a .npy file cannot name: their elements are stored as integers of the same width.
STORED_AS = {"bf16": np.uint16, "f8e4m3": np.uint8, "f8e5m2": np.uint8}


class ToolError(Exception):
    """A tool ended with an exit status other than 0. `status` is that status, `text` what it wrote on stderr."""

    def __init__(self, command, status, text):
        super().__init__(f"exit status {status} from: {' '.join(map(str, command))}\n{text}")
        self.status = status
        self.text = text


@dataclass
class Result:
    """What a run left behind: the arrays it wrote, by parameter name, and the text of its two streams."""
    arrays: dict
    stdout: str
    stderr: str


def type_name(array):
    """The language's name of an array's element type."""
    return NAMES[array.dtype]


def tool(name):
    """The path of a command line tool."""
    directory = os.environ.get("TILEC_BIN")
    if not directory:
        raise RuntimeError("set TILEC_BIN to the directory of tile-run and tile-cc")
    return Path(directory) / name


def _tell_errors(function, *arguments):
    try:
        function(*arguments)
    except BaseException:
        traceback.print_exc()
        raise


def call_in_child(seconds, function, *arguments):
    """Calls a function in a process of its own, which a kernel that goes too far ends, and fails unless it ends well within
    so many seconds."""
    child = multiprocessing.get_context("fork").Process(target=_tell_errors, args=(function, *arguments))
    child.start()
    child.join(seconds)
    assert child.exitcode == 0, f"the process that called the kernels ended with {child.exitcode}"


def call(command, check=True, environment=None):
    """Runs a command without a terminal, in this process' environment or another one. Raises ToolError where `check` is set
    and its status is not 0."""
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=TIMEOUT_SECONDS, check=False, env=environment)
    done.stdout = done.stdout.decode("utf-8", "replace")
    done.stderr = done.stderr.decode("utf-8", "replace")
    if check and done.returncode != 0:
        raise ToolError(command, done.returncode, done.stderr)
    return done


def save(path, array):
    """Writes a .npy file and returns the suffix that tells tile-run how to read it ('' or ':bf16', ...).

    An array in Fortran order stays in it: this is how a .npy file carries strides.
    """
    name = type_name(array)
    stored = STORED_AS.get(name)
    np.save(path, array if stored is None else array.view(stored))
    return "" if stored is None else ":" + name


def load(path, name):
    """Reads a .npy file whose elements are of the named type."""
    array = np.load(path)
    expected = NUMPY[name]
    if name in STORED_AS:
        assert array.dtype.itemsize == expected.itemsize, f"{path}: {array.dtype} elements where {name} was written"
        return array.view(expected)
    assert array.dtype == expected, f"{path}: {array.dtype} elements where {name} was written"
    return array


def command_line(program, source, kernel, executor, *, ins, inouts, outs, scalars, consts, types, dims, config, directory):
    """(words, written): what to start so that `program`, the words that start tile-run or stand in for it, runs a kernel,
    and the element types of the arrays that it will leave in `directory` as NAME.npy. The arguments are those of `run`;
    `executor` is a list of options."""
    command = [*program, source, kernel, *executor]
    written = {}
    for flag, arrays in (("--in", ins or {}), ("--inout", inouts or {})):
        for name, array in arrays.items():
            path = directory / f"{name}.npy"
            command += [flag, f"{name}={path}{save(path, array)}"]
            if flag == "--inout":
                written[name] = type_name(array)
    for name, element in (outs or {}).items():
        command += ["--out", f"{name}={directory / f'{name}.npy'}"]
        written[name] = element
    for flag, values in (("--scalar", scalars), ("--const", consts), ("--type", types), ("--dim", dims)):
        for name, value in (values or {}).items():
            command += [flag, f"{name}={spell(value)}"]
    if config:
        command += ["--set", ",".join(f"{name}={value}" for name, value in config.items())]
    return [str(word) for word in command], written


def run(source, kernel, executor, *, ins=None, inouts=None, outs=None, scalars=None, consts=None, types=None, dims=None,
        config=None, options=(), environment=None, directory):
    """Runs one kernel with tile-run and returns its Result.

    source: the .tile file. ins, inouts: arrays by parameter name. outs: the element type's name by result name.
    scalars, consts, types, dims: values by name. config: tile sizes and tunables by name. environment: the process', if
    not this one's. directory: where to put files.
    Raises ToolError if the tool reports an error.
    """
    work = Path(tempfile.mkdtemp(dir=directory))
    command, written = command_line([tool("tile-run")], source, kernel, [f"--exec={executor}"], ins=ins, inouts=inouts,
                                    outs=outs, scalars=scalars, consts=consts, types=types, dims=dims, config=config,
                                    directory=work)
    done = call(command + list(options), environment=environment)
    return Result({name: load(work / f"{name}.npy", element) for name, element in written.items()}, done.stdout,
                  done.stderr)


def spell(value):
    """A value as an option spells it."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    return str(value)


def assert_equal(name, actual, expected):
    """Asserts that two arrays have one type, one shape and the same elements: NaNs are one value, -0.0 is not 0.0."""
    assert actual.dtype == expected.dtype, f"{name}: type {actual.dtype}, expected {expected.dtype}"
    assert actual.shape == expected.shape, f"{name}: shape {actual.shape}, expected {expected.shape}"
    if actual.dtype.kind in "biu":
        same = actual == expected
    else:
        bits = np.dtype(f"u{actual.dtype.itemsize}")
        same = np.ascontiguousarray(actual).view(bits) == np.ascontiguousarray(expected).view(bits)
        # float64 holds every value of every type here.
        with np.errstate(invalid="ignore"):  # some conversions of NaNs complain
            same |= np.isnan(actual.astype(np.float64)) & np.isnan(expected.astype(np.float64))
    if not np.all(same):
        at = tuple(int(i) for i in np.argwhere(~same)[0])
        raise AssertionError(f"{name}: {int(np.sum(~same))} of {same.size} elements differ, first at {list(at)}: "
                             f"{actual[at]}, expected {expected[at]}")


def assert_bounded(name, actual, expected):
    """Asserts that an array lies within the bound of each expected value (see bounded.py)."""
    assert actual.shape == expected.shape, f"{name}: shape {actual.shape}, expected {expected.shape}"
    got = actual.astype(np.longdouble)
    distance = np.abs(got - expected.value)
    good = distance <= expected.error
    if not np.all(good):
        excess = np.where(good, 0, np.nan_to_num(distance, nan=np.inf) / np.maximum(expected.error, 1e-300))
        at = tuple(int(i) for i in np.unravel_index(np.argmax(excess), excess.shape))
        raise AssertionError(f"{name}: {int(np.sum(~good))} of {good.size} elements are out of bounds, worst at "
                             f"{list(at)}: {got[at]}, expected {expected.value[at]} within {float(expected.error[at]):.3g}")


def assert_result(name, actual, expected):
    """Asserts one result: against a Bounded with its bound, against an array exactly."""
    if isinstance(expected, Bounded):
        assert_bounded(name, actual, expected)
    else:
        assert_equal(name, actual, np.asarray(expected))


@dataclass
class Case:
    """One small program with its inputs and expected results.

    source: the program's text. ins, inouts: arrays by name. expect: an array (compared exactly) or a Bounded by name, for
    results and for inouts; the type of a Bounded result is its `type`. files: further source files by name.
    """
    name: str
    source: str
    expect: dict
    ins: dict = field(default_factory=dict)
    inouts: dict = field(default_factory=dict)
    scalars: dict = field(default_factory=dict)
    consts: dict = field(default_factory=dict)
    types: dict = field(default_factory=dict)
    dims: dict = field(default_factory=dict)
    config: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    kernel: str = "k"
    options: tuple = ()

    def run(self, executor, directory):
        """Runs the program and returns its Result."""
        source = Path(directory) / f"{self.name}.tile"
        source.write_text(self.source)
        for name, text in self.files.items():
            (Path(directory) / name).write_text(text)
        outs = {name: value.type if isinstance(value, Bounded) else type_name(value)
                for name, value in self.expect.items() if name not in self.inouts}
        return run(source, self.kernel, executor, ins=self.ins, inouts=self.inouts, outs=outs, scalars=self.scalars,
                   consts=self.consts, types=self.types, dims=self.dims, config=self.config, options=self.options,
                   directory=directory)

    def check(self, executor, directory):
        """Runs the program and asserts every expected result."""
        result = self.run(executor, directory)
        assert self.expect, "a case without an expected result would assert nothing"
        for name, value in self.expect.items():
            assert_result(name, result.arrays[name], value)


def elementwise(name, results, ins, expect, config=None, **more):
    """A Case for a kernel over one tile index `i`: each parameter P of `ins` is read as the tile p, and each result
    gets the expression that `results` gives for it, of the type that `expect` has."""
    ins = {key: np.asarray(value) for key, value in ins.items()}
    expect = {key: value if isinstance(value, Bounded) else np.asarray(value) for key, value in expect.items()}
    params = ", ".join(f"{key}: {type_name(value)}[N]" for key, value in ins.items())
    outs = ", ".join(f"{key}: {value.type if isinstance(value, Bounded) else type_name(value)}[N]"
                     for key, value in expect.items())
    body = [f"    let {key.lower()} = {key}[i]" for key in ins]
    body += [f"    {key}[i] = {text}" for key, text in results.items()]
    source = f"kernel k({params}) -> ({outs}) {{\n  for i in tiles(N) {{\n" + "\n".join(body) + "\n  }\n}\n"
    return Case(name, source, expect, ins=ins, config=config or {}, **more)


def program(name, statements, ins, expect, params="X: f32[N]", config=None, **more):
    """A Case whose kernel has the given statements at kernel level. Results are declared by (type and dims, value)."""
    results = ", ".join(f"{key}: {declared}" for key, (declared, _) in expect.items() if key not in more.get("inouts", {}))
    arrow = f" -> ({results})" if results else ""
    return Case(name, f"kernel k({params}){arrow} {{\n{statements.strip(chr(10))}\n}}\n",
                {key: value for key, (_, value) in expect.items()}, ins=ins, config=config or {}, **more)


def shifted(x, by, pad=0.0):
    """y[n] = x[n + by], with `pad` outside."""
    y = np.full_like(x, pad)
    for n in range(len(x)):
        if 0 <= n + by < len(x):
            y[n] = x[n + by]
    return y


def array(name, values):
    """An array of the language's type `name`."""
    return np.asarray(values).astype(NUMPY[name])
