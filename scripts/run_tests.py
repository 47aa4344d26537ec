#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the test suites of a build and counts over all of them.

    run_tests.py [--build DIR] [--suite NAME]... [--full] [--seed N] [--verify-each-order]

Suites: scripts (checks of the source tree), lit, order (lit again, while every pass is checked for the order of memory
accesses), unit (GoogleTest), python (pytest over the tools), conformance (the matrix of kernels and executors), fuzz,
embed (an installed tilec used by programs of its own), tree (the run left no file behind). --verify-each-order checks
the passes in all suites. The last line reads `N passed, N failed`; the exit status is 0 only if nothing failed. A suite
that runs no test, or that breaks before it can count, is a failure: silence is not success."""

import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIT = "/usr/lib/llvm-22/bin/lit"


class Count:
    """How many tests of a suite passed, failed and were not run, and what to say about them."""

    def __init__(self, passed=0, failed=0, skipped=0, notes=()):
        self.passed, self.failed, self.skipped, self.notes = passed, failed, skipped, list(notes)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.notes += other.notes


def failure(note):
    return Count(failed=1, notes=[note])


class Runner:
    def __init__(self, build, full, seed, verify_each_order=False):
        self.build, self.full, self.seed = build, full, seed
        self.results = build / "test-results"
        self.results.mkdir(parents=True, exist_ok=True)
        self.jobs = os.environ.get("TILEC_JOBS") or str(os.cpu_count() or 2)
        self.env = dict(os.environ, TILEC_SEED=str(seed), TILEC_BIN=str(build / "bin"), PYTHONDONTWRITEBYTECODE="1")
        self.env.pop("TILEC_FULL", None)
        if full:
            self.env["TILEC_FULL"] = "1"
        if verify_each_order:
            self.env["TILEC_BIN"] = str(self.order_verifying_tools())
        self.tree_before = self.untracked()

    def order_verifying_tools(self):
        """A folder with all tools, of which those that compile are run with --verify-each-order."""
        # Beside `bin`, from where tests find the build's other folders.
        folder = self.build / "verify-each-order"
        folder.mkdir(exist_ok=True)
        for program in (self.build / "bin").glob("tile-*"):
            option = "--verify-each-order " if program.name in ("tile-opt", "tile-cc", "tile-run") else ""
            tool = folder / program.name
            tool.write_text(f'#!/bin/sh\nexec "{program}" {option}"$@"\n')
            tool.chmod(0o755)
        return folder

    def run(self, command, timeout, quiet=False, **options):
        """Runs a command with its output going to ours (if `quiet`, only if it fails); returns its status, or None where
        it ran out of time."""
        sys.stdout.flush()
        command, output = [str(word) for word in command], None
        if quiet:
            options.update(stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        try:
            result = subprocess.run(command, env=self.env, timeout=timeout, stdin=subprocess.DEVNULL, **options)
            status, output = result.returncode, result.stdout
        except subprocess.TimeoutExpired as error:
            print(f"{command[0]}: stopped after {timeout} s")
            status, output = None, error.stdout
        except OSError as error:
            print(f"{command[0]}: {error.strerror}")
            status = None
        if status != 0 and output:
            print(output if isinstance(output, str) else output.decode(errors="replace"))
        return status

    def manifest(self, kind):
        """The executables of one kind that the build declares (test/CMakeLists.txt writes the list)."""
        path = self.build / "test" / "manifest.txt"
        lines = path.read_text().splitlines() if path.is_file() else []
        return [pathlib.Path(line.split(" ", 1)[1]) for line in lines if line.startswith(kind + " ")]

    def pytest(self, name, paths, timeout, parallel=False):
        report = self.results / f"{name}.xml"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "-rfEs", "-p", "no:cacheprovider", f"--junitxml={report}"]
        if parallel:
            command += ["-n", self.jobs]
        status = self.run(command + paths, timeout, cwd=ROOT)
        if not report.is_file():
            return failure(f"pytest gave no report (status {status})")
        suite = xml.etree.ElementTree.parse(report).getroot().find("testsuite")
        tests, skipped = int(suite.get("tests")), int(suite.get("skipped"))
        failed = int(suite.get("failures")) + int(suite.get("errors"))
        count = Count(max(tests - failed - skipped, 0), failed, skipped)
        if status and not failed:
            count.add(failure(f"pytest ended with status {status}"))
        return count

    def scripts(self):
        return self.pytest("scripts", [ROOT / "test" / "scripts"], 300)

    def python(self):
        return self.pytest("python", [ROOT / "test" / "python"], 14400 if self.full else 1500, parallel=True)

    def conformance(self):
        report = self.results / "conformance.json"
        report.unlink(missing_ok=True)
        command = [sys.executable, ROOT / "scripts" / "conformance.py", "--json", report, "--seed", self.seed,
                   "--jobs", self.jobs]
        status = self.run(command + (["--full"] if self.full else []), 14400 if self.full else 900)
        if not report.is_file():
            return failure(f"conformance.py gave no report (status {status})")
        data, count, not_run = json.loads(report.read_text()), Count(), {}
        for cell in data["references"] + data["cells"]:
            if cell["status"] == "not run":
                key = cell["executor"], cell["why"]
                not_run[key] = not_run.get(key, 0) + 1
            elif cell["status"] == "passed":
                count.passed += 1
            else:
                count.failed += 1
        count.skipped = sum(not_run.values())
        count.notes += [f"not run here: {number} cells of {name}: {why}" for (name, why), number in not_run.items()]
        if status and not count.failed:
            count.add(failure(f"conformance.py ended with status {status}"))
        return count

    def lit(self, name="lit"):
        report = self.results / f"{name}.json"
        report.unlink(missing_ok=True)
        command = [sys.executable, LIT, "-sv", "--no-progress-bar", "-j", self.jobs, "-o", report]
        status = self.run(command + [self.build / "test"], 3600)
        if not report.is_file():
            return failure(f"lit gave no report (status {status})")
        count = Count()
        for test in json.loads(report.read_text())["tests"]:
            if test["code"] in ("PASS", "XFAIL", "FLAKYPASS"):
                count.passed += 1
            elif test["code"] in ("UNSUPPORTED", "SKIPPED", "EXCLUDED"):
                count.skipped += 1
                count.notes.append(f"not run here ({test['code'].lower()}): {test['name']}")
            else:
                count.failed += 1
                count.notes.append(f"{test['code']}: {test['name']}")
        if status and not count.failed:
            count.add(failure(f"lit ended with status {status}"))
        return count

    def order(self):
        """The lit suite, with tools that check each pass."""
        plain = self.env
        self.env = dict(plain, TILEC_BIN=str(self.order_verifying_tools()))
        count = self.lit("order")
        self.env = plain
        return count

    def unit(self):
        count = Count()
        for program in self.manifest("unit"):
            report = self.results / f"{program.name}.json"
            report.unlink(missing_ok=True)
            status = self.run([program, "--gtest_brief=1", f"--gtest_output=json:{report}"], 3600 if self.full else 600)
            if not report.is_file():
                count.add(failure(f"{program.name} broke off (status {status})"))
                continue
            result = json.loads(report.read_text())
            failed = result["failures"] + result.get("errors", 0)
            ran = result["tests"] - result.get("disabled", 0)
            count.add(Count(ran - failed, failed, result.get("disabled", 0)))
            if not ran:
                count.add(failure(f"{program.name} has no test"))
            elif status and not failed:
                count.add(failure(f"{program.name} ended with status {status}"))
        return count

    def fuzz(self):
        count = Count()
        for program in self.manifest("fuzz"):
            scratch = self.results / program.name
            (scratch / "corpus").mkdir(parents=True, exist_ok=True)
            seeds = [ROOT / "examples" / "kernels", ROOT / "test" / "errors", ROOT / "test" / "unit" / "Layout" / "vectors"]
            if program.name == "PTXFuzzer":
                seeds = [ROOT / "test" / "sim"]
            seeds = [folder for folder in seeds if folder.is_dir()]
            command = [program, f"-max_total_time={600 if self.full else 15}", f"-seed={self.seed}", "-timeout=10",
                       "-rss_limit_mb=4096", f"-artifact_prefix={scratch}/", scratch / "corpus"]
            # The limit is well above the fuzzer's own, which stops it between two inputs.
            if self.run(command + seeds, 1200, quiet=True) == 0:
                count.passed += 1
            else:
                count.add(failure(f"{program.name} found a crash: its input is in {scratch}"))
        return count

    def embed(self):
        """Installs tilec into a folder of the build, then builds and tests examples/embed against nothing but that."""
        source, prefix, build = ROOT / "examples" / "embed", self.build / "test-install", self.build / "test-embed"
        steps = [
            ["cmake", "--install", self.build, "--prefix", prefix],
            ["cmake", "-G", "Ninja", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
             "-DCMAKE_C_COMPILER=clang-22", "-DCMAKE_CXX_COMPILER=clang++-22"],
            ["cmake", "--build", build],
        ]
        for step in steps:
            if self.run(step, 900, quiet=True) != 0:
                return failure("failed: " + " ".join(str(word) for word in step))
        report = self.results / "embed.xml"
        report.unlink(missing_ok=True)
        self.run(["ctest", "--test-dir", build, "--output-on-failure", "--timeout", "120", "--output-junit", report], 900)
        if not report.is_file():
            return failure("ctest gave no report")
        suite = xml.etree.ElementTree.parse(report).getroot()
        failed = int(suite.get("failures"))
        skipped = int(suite.get("skipped")) + int(suite.get("disabled"))
        return Count(int(suite.get("tests")) - failed - skipped, failed, skipped)

    def untracked(self):
        """What git calls new, or None outside a checkout."""
        try:
            status = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True)
        except OSError:
            return None
        return set(status.stdout.splitlines()) if status.returncode == 0 else None

    def tree(self):
        after = self.untracked()
        if self.tree_before is None or after is None:
            return Count(skipped=1, notes=["this is no git checkout, so what the run left behind was not checked"])
        left = sorted(after - self.tree_before)
        return failure("the tests left behind or changed: " + ", ".join(left)) if left else Count(passed=1)


SUITES = ["scripts", "lit", "order", "unit", "python", "conformance", "fuzz", "embed", "tree"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--suite", action="append", choices=SUITES, help="run only this suite (may be repeated)")
    parser.add_argument("--full", action="store_true", help="the long versions: every combination, no sampling")
    parser.add_argument("--seed", type=int, help="of everything sampled (default: TILEC_SEED, or today's date)")
    parser.add_argument("--verify-each-order", action="store_true",
                        help="check after each pass that it kept the order of memory accesses, in every suite")
    options = parser.parse_args()
    seed = options.seed
    if seed is None:
        # The date: everybody samples the same cases today and others tomorrow.
        seed = int(os.environ.get("TILEC_SEED") or datetime.date.today().strftime("%Y%m%d"))
    runner = Runner(options.build.resolve(), options.full, seed, options.verify_each_order)
    print(f"seed {seed} (repeat this run's samples with --seed {seed})")
    total, rows = Count(), []
    for name in options.suite or SUITES:
        print(f"== {name}")
        start = time.monotonic()
        count = getattr(runner, name)()
        if not count.passed and not count.failed and not (name == "tree" and count.skipped):
            count.add(failure("no test ran"))
        for note in count.notes:
            print(f"{name}: {note}")
        rows.append(f"{name:11} {count.passed:6} passed {count.failed:5} failed {count.skipped:5} not run "
                    f"{time.monotonic() - start:7.1f} s")
        total.add(count)
    print(*rows, sep="\n")
    print(f"{total.passed} passed, {total.failed} failed", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
