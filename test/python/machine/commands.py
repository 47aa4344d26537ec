# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Command lines of tile-sim, carried out on a GPU: the same files, the same arrays."""

import os
import re
import tempfile
from pathlib import Path

import numpy as np

from sim_programs import Runner
from tilec_testing import NUMPY, STORED_AS, load


def sizes(text):
    return [int(size) for size in text.split(",")]


def stored(name):
    """The type of the elements in a .npy file."""
    return np.dtype(STORED_AS.get(name, NUMPY[name]))


def run(gpu, words):
    """Runs what the words say, after the tool's name; options that are tile-sim's own mean nothing here."""
    path, kernel, *rest = [str(word) for word in words]
    options = dict(word[2:].split("=", 1) for word in rest if word.startswith("--") and "=" in word)
    arguments = [rest[i + 1] for i, word in enumerate(rest) if word == "--arg"]
    module = gpu.load(Path(path).read_text())
    values, allocated, written = [], [], []
    for argument in arguments:
        match = re.fullmatch(r"(?:(in|inout|out|value):)?(\w+)(?:\[([\d,]*)\])?=(.*)", argument)
        kind, name, shape, text = match.groups()
        if shape is None:
            values.append(np.array(text, stored(name)).tobytes())
            continue
        if kind == "value":
            values.append(np.load(text).tobytes())
            continue
        if kind == "out":
            array = np.zeros(sizes(shape) if shape else (), stored(name))
        else:
            array = np.load(text)
        address = gpu.upload(array)
        values.append(address)
        allocated.append(address)
        if kind in ("out", "inout"):
            written.append((text, address, array))
    gpu.launch(module, kernel, sizes(options.get("grid", "1")), sizes(options.get("block", "1")), values, int(options.get("smem", 0)))
    for text, address, array in written:
        np.save(text, gpu.download(address, array.dtype, array.shape))
    gpu.free(allocated)
    # What kernels printed is written at the latest when their module goes.
    gpu.call("cuModuleUnload", module)


class GpuRunner(Runner):
    """Runs the kernels of a .ptx file on a GPU. What they print goes to the standard output of the process, which is a file
    meanwhile."""

    def __init__(self, gpu, ptx, directory):
        super().__init__(ptx, directory)
        self.gpu = gpu

    def __call__(self, kernel, grid, block, *arguments, smem=0, options=()):
        words, written = self.command(kernel, grid, block, arguments, smem, options)
        with tempfile.TemporaryFile() as text:
            kept = os.dup(1)
            os.dup2(text.fileno(), 1)
            try:
                run(self.gpu, words[1:])
            finally:
                os.dup2(kept, 1)
                os.close(kept)
            text.seek(0)
            self.stdout = text.read().decode("utf-8", "replace")
        return [load(path, name) for path, name in written]
