#!/usr/bin/env python3
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares tile-sim with a GPU: a battery of instructions and matrix instructions, element by element, and the programs of
test/sim, whose references judge the GPU as they judge tile-sim.

    compare_with_gpu.py run --to=DIR [--parts=LIST] [--jobs=N] [--programs=DIR] [--kernels=FIRST:END] [--seconds=N]    on a machine with a GPU
    compare_with_gpu.py compare --from=DIR [--verbose]                             on one with tile-sim; the same or another
    compare_with_gpu.py write --from=DIR [--parts=LIST]                            test/sim/machine: the recorded values

`run` needs Python, NumPy, ml_dtypes and the CUDA driver, and no tilec. Parts are instructions, matrices, programs, bugs
(the correct kernels of test/sim/bugs), random (the random kernels of --kernels, each as the assembler makes it with all
optimisations and with none); --programs is a folder of PTX of the programs that are compiled by the tests. A job
that ends its process or takes too long is reported, and the others go on. TILEC_BIN is the folder of tile-sim (default:
build/bin)."""

import argparse
import json
import os
import pathlib
import queue
import select
import subprocess
import sys
import tempfile
import threading
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "python"))
os.environ.setdefault("TILEC_BIN", str(ROOT / "build" / "bin"))

import numpy as np  # noqa: E402
import sim_programs  # noqa: E402
from machine import battery, commands, forms, random_kernels, recorded  # noqa: E402
from machine.driver import CudaError, Gpu, library  # noqa: E402
from planted_bugs import planted_bugs  # noqa: E402

PARTS = ("instructions", "matrices", "programs", "bugs", "random")
# Random kernels in one module.
TOGETHER = 4
# A job takes milliseconds, and a compiler's module some seconds.
SECONDS, RANDOM_SECONDS = 40, 20


#===- Jobs -----------------------------------------------------------------------------------------------------===#

def kernels(part):
    return {kernel.name: kernel for kernel in (battery.instructions() if part == "instructions" else battery.products())}


def jobs(parts, compiled, seeds):
    """All jobs: a part and a name each."""
    for part in parts:
        if part == "random":
            yield from (("random", f"{first}:{min(first + TOGETHER, seeds.stop)}") for first in seeds[::TOGETHER])
            continue
        if part in ("instructions", "matrices"):
            yield from ((part, name) for name in kernels(part))
        elif part == "bugs":
            yield from (("bugs", bug.name) for bug in planted_bugs())
        else:
            for key, program in sim_programs.load_programs().items():
                for compiler in program.compilers():
                    for arch in program.architectures():
                        if not program.is_library() and program.committed(compiler, arch)[1] == arch:
                            yield "programs", f"{key} {compiler} {arch}"
            for path in sorted(compiled.glob("*.ptx")) if compiled else ():
                yield "programs", f"{path}"


class Worker:
    """Carries out jobs that it is told, on one GPU, and answers each with a line of JSON."""

    def __init__(self, directory):
        self.directory, self.gpu = pathlib.Path(directory), Gpu()
        self.kernels = {}

    def random_results(self, members, levels=(0, 4)):
        """What random kernels store, for each level of optimisation."""
        text = forms.HEADER + "".join(kernel.ptx for kernel in members)
        for level in levels:
            module = self.gpu.load(text, level)
            for kernel in members:
                # Where a process ends, or is ended, this says in which kernel.
                (self.directory / f"now.{os.getpid()}").write_text(f"{kernel.name} {level}\n")
                yield kernel, level, random_kernels.on_gpu(self.gpu, kernel, module)
            self.gpu.call("cuModuleUnload", module)

    def do_random(self, name):
        """Kernels of some seeds; what they store goes to a file. Those that optimisations change are made smaller."""
        found, changed = {}, []
        for kernel, level, (stored, sums) in self.random_results([random_kernels.generate(seed) for seed in range(*map(int, name.split(":")))]):
            same = level and np.array_equal(stored, found[f"{kernel.name} out"]) and np.array_equal(sums, found[f"{kernel.name} acc"])
            end = " optimised" if level else ""
            if not same:
                found[f"{kernel.name} out{end}"], found[f"{kernel.name} acc{end}"] = stored, sums
                changed += [int(kernel.name.removeprefix("random"))] if level else []
        np.savez(self.directory / f"random.{name.replace(':', '.')}.npz", **found)
        for seed in changed:
            random_kernels.reduce(seed, self.is_changed)
        (self.directory / f"now.{os.getpid()}").unlink()

    def is_changed(self, kernel):
        """Whether optimisations change what a kernel stores. The last one of which they do stays in a file."""
        if len({random_kernels.digest(result) for _, _, result in self.random_results([kernel])}) == 1:
            return False
        (self.directory / f"{kernel.name}.reduced.ptx").write_text(kernel.ptx)
        return True

    def do(self, part, name):
        if part == "random":
            self.do_random(name)
            return
        if part in ("instructions", "matrices"):
            if part not in self.kernels:
                self.kernels[part] = kernels(part)
            output = battery.on_gpu(self.gpu, self.kernels[part][name])
            np.save(self.directory / f"{name}.npy", output)
            return
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            if part == "bugs":
                bug = next(bug for bug in planted_bugs() if bug.name == name)
                words, expected = bug.arguments(scratch)
                commands.run(self.gpu, [bug.ptx, "correct", *bug.launch, *words])
                for path, values in expected:
                    assert np.array_equal(np.load(path), values), f"{path.name} differs"
                return
            if name.endswith(".ptx"):
                path = pathlib.Path(name)
                key = path.name.split(".")[0].replace("--", "/")
            else:
                key, compiler, arch = name.split()
                path = scratch / "program.ptx"
                path.write_text(sim_programs.PROGRAMS[key].ptx(compiler, arch))
            rng = np.random.default_rng(zlib.crc32(key.encode()))
            sim_programs.PROGRAMS[key].check(commands.GpuRunner(self.gpu, path, scratch), rng)

    def serve(self):
        sim_programs.load_programs()
        # Kernels print to the standard output: answers go elsewhere.
        answers = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)
        for line in sys.stdin:
            part, name = json.loads(line)
            answer = {"part": part, "name": name, "status": "same"}
            try:
                self.do(part, name)
            except CudaError as error:
                answer.update(status="error", text=str(error)[:1500])
            except Exception as error:  # Whatever a check raises is what differs.
                answer.update(status="differs", text=f"{type(error).__name__}: {error}"[:1500])
            print(json.dumps(answer), file=answers)
            if answer["status"] == "error":
                # After an error of a kernel nothing works in this process.
                return


def feed(pending, answers, directory, end):
    """Keeps one worker at work until no job is left, or it is late."""
    process = None
    while time.time() < end:
        try:
            job = pending.get_nowait()
        except queue.Empty:
            break
        if process is None or process.poll() is not None:
            process = subprocess.Popen([sys.executable, __file__, "worker", f"--to={directory}"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, bufsize=1)
        ready = True
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], RANDOM_SECONDS if job[0] == "random" else SECONDS)
            line = process.stdout.readline() if ready else ""
        except BrokenPipeError:
            line = ""
        if line:
            answers.append(json.loads(line))
            if answers[-1]["status"] == "error":
                process.wait()
        else:
            process.kill()
            process.wait()
            answers.append({"part": job[0], "name": job[1], "status": "lost", "text": "no answer in time" if not ready else "the process ended"})
    if process is not None:
        process.stdin.close()
        process.wait()


def run(arguments):
    if not library():
        sys.exit("there is no CUDA driver on this machine")
    directory = pathlib.Path(arguments.to)
    directory.mkdir(parents=True, exist_ok=True)
    start = time.time()
    pending, answers = queue.Queue(), []
    for job in jobs(arguments.parts.split(","), arguments.programs and pathlib.Path(arguments.programs), arguments.kernels):
        pending.put(job)
    print(f"{pending.qsize()} jobs", flush=True)
    threads = [threading.Thread(target=feed, args=(pending, answers, directory, start + arguments.seconds)) for _ in range(arguments.jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gpu = Gpu()
    summary = {"machine": gpu.describe(), "seconds": round(time.time() - start, 1), "answers": answers}
    (directory / "answers.json").write_text(json.dumps(summary, indent=0))
    print(summary["machine"], f"{summary['seconds']} s")
    for answer in answers:
        if answer["status"] != "same":
            print(answer["part"], answer["name"], answer["status"], answer["text"].splitlines()[0][:200])
    counts = {}
    for answer in answers:
        key = (answer["part"], answer["status"])
        counts[key] = counts.get(key, 0) + 1
    print(counts)


#===- Comparison -----------------------------------------------------------------------------------------------===#

def machine_results(path):
    """(kernel, the machine's results, those without optimisations) of a file of random kernels."""
    with np.load(path) as found:
        for name in sorted({key.split()[0] for key in found}):
            plain = found[f"{name} out"], found[f"{name} acc"]
            optimised = tuple(found[f"{name} {what} optimised"] for what in ("out", "acc")) if f"{name} out optimised" in found else plain
            yield random_kernels.generate(int(name.removeprefix("random"))), optimised, plain


def compare_random(path, scratch, examples):
    """Prints kernels that differ: behind which statement, and in which threads."""
    for kernel, optimised, plain in machine_results(path):
        ours = random_kernels.on_simulator(kernel, scratch)
        for title, theirs in (("optimised", optimised), ("plain", plain)):
            if random_kernels.digest(ours) == random_kernels.digest(theirs):
                continue
            rows, columns = np.nonzero(ours[0] != theirs[0])
            print(f"{kernel.name}, {title}: accumulators {np.flatnonzero(ours[1] != theirs[1])}, {len(set(rows))} of {len(ours[0])} threads")
            for row, column in sorted(zip(columns, rows))[:examples]:
                print(f"    checkpoint {row}, thread {column}: tile-sim {ours[0][column, row]:#x}, machine {theirs[0][column, row]:#x}")


def write_random(source):
    """Makes test/sim/machine/random.txt: what the machine computed without optimisations, and where tile-sim differs."""
    scratch = tempfile.TemporaryDirectory()
    lines = []
    for path in sorted(source.glob("random.*.npz")):
        for kernel, _, plain in machine_results(path):
            here, there = (random_kernels.digest(result) for result in (random_kernels.on_simulator(kernel, scratch.name), plain))
            seed = int(kernel.name.removeprefix("random"))
            lines.append((seed, f"{seed} {kernel.digest()} {there}{'' if here == there else ' differs'}"))
    head = f"# {json.loads((source / 'answers.json').read_text())['machine']}"
    (recorded.FOLDER / "random.txt").write_text("\n".join([head, *(line for _, line in sorted(lines))]) + "\n")


def compare(arguments):
    """Runs tile-sim on what was run on the GPU, and prints each form that differs with its first differences."""
    source = pathlib.Path(getattr(arguments, "from"))
    forms = values = different = 0
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(source.glob("random.*.npz")):
            compare_random(path, scratch, arguments.examples)
        for part in ("instructions", "matrices"):
            if part not in arguments.parts.split(","):
                continue
            for kernel in kernels(part).values():
                path = source / f"{kernel.name}.npy"
                if not path.exists():
                    print(f"{kernel.name} was not run")
                    continue
                here, there = battery.on_simulator(kernel, scratch), np.load(path)
                forms += len(kernel.names)
                values += here.size
                for row in np.flatnonzero((here != there).any(axis=1)):
                    different += 1
                    at = np.flatnonzero(here[row] != there[row])
                    print(f"{kernel.names[row]}: {len(at)} of {here.shape[1]} differ")
                    for i in at[:arguments.examples] if part == "instructions" else ():
                        operands = " ".join(f"{array[i]:#x}" for array in kernel.inputs)
                        print(f"    [{i}] {operands}: tile-sim {here[row][i]:#x}, machine {there[row][i]:#x}")
    print(f"{forms} rows, {values} values, {different} rows differ")


def seeds(text):
    return range(*map(int, text.split(":")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["run", "compare", "write", "worker"])
    parser.add_argument("--to", help="where results go")
    parser.add_argument("--from", help="where results of a run are")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--programs", help="a folder of PTX, named TOPIC--NAME.COMPILER.ARCH.ptx")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--kernels", type=seeds, default=range(200), help="seeds of random kernels, FIRST:END")
    parser.add_argument("--seconds", type=float, default=1e9, help="no job starts later")
    parser.add_argument("--examples", type=int, default=4)
    arguments = parser.parse_args()
    if arguments.command == "worker":
        Worker(arguments.to).serve()
    elif arguments.command == "run":
        run(arguments)
    elif arguments.command == "compare":
        compare(arguments)
    else:
        source = pathlib.Path(getattr(arguments, "from"))
        parts = arguments.parts.split(",")
        if "random" in parts:
            write_random(source)
        if "instructions" in parts and "matrices" in parts:
            recorded.write(source)


if __name__ == "__main__":
    main()
