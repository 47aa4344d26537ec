# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A worker as its caller sees it. Workers that do not measure are stopped, so that no pool of waiting threads takes the
cores from the one that does."""

import json
import os
import pathlib
import signal
import subprocess
import sys

from harness.report import OWN

HERE = pathlib.Path(__file__).resolve().parent
#: Variables that change how a peer chooses its kernels.
UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_DEBUG_CPU_TYPE", "ONEDNN_MAX_CPU_ISA", "XLA_FLAGS")


def environment(name, venv, threads, inherited):
    """The environment of a worker. Only peers find the libraries of their environment, which has a oneTBB, too."""
    result = {variable: value for variable, value in inherited.items() if variable not in UNSET}
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        result[variable] = str(threads)
    # What a peer frees stays with it: those that allocate their results would measure the system's fresh pages.
    result |= {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40), "MALLOC_TOP_PAD_": str(1 << 26)}
    result["JAX_PLATFORMS"] = "cpu"
    result["CUDA_VISIBLE_DEVICES"] = ""
    if name not in OWN:
        result["LD_LIBRARY_PATH"] = os.pathsep.join([str(venv / "cuda-stubs"), str(venv / "lib")])
    return result


def enter_peers_python(parser, venv, threads):
    """Runs this program anew by the Python of the peers, which has NumPy, in a worker's environment; returns where it is there
    already."""
    python = venv / "bin" / "python"
    if not python.exists():
        parser.error(f"there is no {python}: run benchmarks/install_peers.py")
    if pathlib.Path(sys.prefix).resolve() != venv.resolve():
        os.execve(python, [str(python), *sys.argv], environment("tilec", venv, threads, os.environ))


class WorkerProcess:
    """One peer's worker. `skip` says why there is none, where there is none."""

    def __init__(self, name, venv, threads, cores, log):
        self.name, self.skip, self.version = name, None, None
        self.process = subprocess.Popen(
            [str(venv / "bin" / "python"), str(HERE / "worker.py"), name, str(threads)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=log, text=True, env=environment(name, venv, threads, os.environ),
            preexec_fn=lambda: os.sched_setaffinity(0, cores))
        first = self.read()
        self.skip, self.version = first.get("skip"), first.get("version")
        self.pause()

    def read(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"skip": "its process ended"}

    def set_realtime(self, on):
        """Real-time priority for all threads that the worker has, or the usual one."""
        policy, priority = (os.SCHED_RR, 10) if on else (os.SCHED_OTHER, 0)
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            os.sched_setscheduler(int(thread), policy, os.sched_param(priority))

    def pause(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)

    def ask(self, **request):
        """Lets the worker run until it has answered."""
        if self.process.poll() is not None:
            return {"skip": "its process ended"}
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except OSError:
            return {"skip": "its process ended"}
        answer = self.read()
        self.pause()
        return answer

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
