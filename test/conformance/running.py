#===- running.py - run the cells of a problem and judge them ---------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs one problem on the reference and on the executors of its cells, a process each, and compares the arrays.

The reference is compared with NumPy, as far as zoo.py says what to expect: within the bound on its roundings. The cells are
compared with the reference. Both are off by at most the bound, so that they differ by at most twice that; and not at all
where nothing rounds. An element that is NaN or infinite in one is so in the other.
"""

import shlex
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from bounded import Bounded
from tilec_testing import KERNELS, NUMPY, assert_bounded, assert_equal, assert_result, command_line, load, type_name, tool
from zoo import Numbers


class Failure(Exception):
    """What is wrong with a cell."""


def run(executor, problem, arguments, dims, sizes, limit, directory):
    """The arrays that an executor writes; raises Failure."""
    work = Path(tempfile.mkdtemp(dir=directory))
    entry = problem.entry
    outs = {name: value.type if isinstance(value, Bounded) else type_name(value)
            for name, value in arguments.expect.items() if name not in arguments.inouts}
    seed = str(problem.seed(0)[1] % 2**31)
    options = [option.replace("{seed}", seed) for option in executor.options]
    words, written = command_line(
        executor.command or [tool("tile-run")], KERNELS / entry.file, entry.kernel, options, ins=arguments.ins,
        inouts=arguments.inouts, outs=outs, scalars=arguments.scalars, consts=arguments.consts, types=arguments.types,
        dims=arguments.dims, config=sizes, directory=work)
    command = shlex.join(words)
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, check=False,
                              env=executor.environment)
    except subprocess.TimeoutExpired:
        raise Failure(f"hangs: no result after {limit:g} s: {command}") from None
    except OSError as error:
        raise Failure(f"cannot be started: {error.strerror}: {words[0]}") from None
    text = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode < 0:
        raise Failure(f"crashes (signal {-done.returncode}) at {dims}: {text}: {command}")
    if done.returncode:
        raise Failure(f"fails at {dims}: {text}: {command}")
    arrays = {}
    for name, element in written.items():
        try:
            arrays[name] = load(work / f"{name}.npy", element)
        except (OSError, ValueError, AssertionError) as error:
            raise Failure(f"leaves no array '{name}': {error}: {command}") from None
    return arrays


def compare(name, actual, reference, expected, exact):
    """Fails unless two executors agree on an array that ought to be `expected`; `exact`: bit for bit."""
    if exact or not isinstance(expected, Bounded):
        return assert_equal(name, actual, reference)
    assert actual.dtype == reference.dtype and actual.shape == reference.shape, \
        f"{name}: {actual.dtype}{list(actual.shape)}, the reference has {reference.dtype}{list(reference.shape)}"
    # float64 holds every value of every type here.
    with np.errstate(invalid="ignore"):
        a, b = actual.astype(np.float64), reference.astype(np.float64)
        finite = np.isfinite(b)
        assert_equal(f"{name} (what is not finite)", np.where(np.isfinite(a) & finite, 0.0, a), np.where(finite, 0.0, b))
        error = np.where(finite, expected.error, 0)
    assert np.all(np.isfinite(error)), f"{name}: zoo.py gives no bound for a finite element"
    return assert_bounded(name, np.where(finite, a, 0), Bounded(np.where(finite, b, 0), 2 * error, expected.type))


def judge(arrays, check, dims):
    """Checks every array with `check(name, array)`."""
    try:
        for name, array in arrays.items():
            check(name, array)
    except AssertionError as error:
        raise Failure(f"at {dims}: {error}") from None


class ProblemRun:
    """The runs of one problem. `reference_status` and `reference_why` say how the reference itself did."""

    def __init__(self, problem, reference, seed, limit, directory):
        self.problem, self.limit, self.directory = problem, limit, directory
        self.reference_status, self.reference_why, self.expected = "passed", "", None
        rng = Numbers(problem.seed(seed), problem.values)
        self.dims = problem.dims(rng)
        try:
            self.arguments = self.make(rng)
            self.expected = run(reference, problem, self.arguments, self.dims, {}, limit, directory)
            if problem.values in ("random", "integers"):
                judge(self.expected, lambda name, array: assert_result(name, array, self.arguments.expect[name]), self.dims)
        except Failure as failure:
            self.reference_status, self.reference_why = "failed", str(failure)

    def make(self, rng):
        """The arguments."""
        try:
            # Sums of infinities and the like are meant.
            with np.errstate(all="ignore"):
                return self.problem.entry.make(rng, self.problem.element, **self.dims)
        except Exception as error:
            raise Failure(f"zoo.py makes no arguments at {self.dims}: {type(error).__name__}: {error}") from error

    def run(self, cell):
        """Runs a cell and notes its outcome."""
        tags = [*self.problem.entry.tags, self.problem.element]
        reasons = [cell.executor.cannot[tag] for tag in tags if tag in cell.executor.cannot]
        reason = cell.executor.unavailable or ", ".join(reasons)
        if reason:
            cell.status, cell.why = "not run", reason
            return
        if self.expected is None:
            cell.status, cell.why = "failed", "there is nothing to compare with: the reference failed"
            return
        start = time.monotonic()
        try:
            sizes = cell.config.sizes(self.problem.entry)
            arrays = run(cell.executor, self.problem, self.arguments, self.dims, sizes, self.limit, self.directory)
            exact = self.problem.values == "integers"
            judge(arrays, lambda name, array: compare(name, array, self.expected[name], self.arguments.expect[name], exact),
                  self.dims)
            cell.status = "passed"
        except Failure as failure:
            cell.status, cell.why = "failed", str(failure)
        cell.seconds = time.monotonic() - start
