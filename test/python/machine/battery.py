# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All of the battery: what there is to run, and how a part of it runs on a GPU and on tile-sim."""

import importlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from machine import forms, matrices
from tilec_testing import TIMEOUT_SECONDS, tool

LISTS = ("integers", "video", "floats", "conversions", "warps")
# Matrix instructions in one module.
MODULE = 32
NUMPY = {"u1": "u8", "u2": "u16", "u4": "u32", "u8": "u64"}


@dataclass(frozen=True)
class Kernel:
    """A kernel, its arguments (arrays, and (type, shape) of the result) and how it is launched. `names` says what the rows of
    the result are."""
    name: str
    ptx: str
    inputs: tuple
    output: tuple
    grid: int
    block: int
    names: tuple
    scratch: int = 0


def instructions(chosen=LISTS):
    """Kernels of plain forms, by list: each list is one module."""
    for name in chosen:
        members = forms.groups(list(importlib.import_module(f"machine.{name}").forms()), name)
        for group in members:
            yield Kernel(group.kernel, forms.HEADER + group.ptx() + "\n", tuple(group.inputs()), group.output(),
                         group.count // forms.BLOCK, forms.BLOCK, tuple(form.name for form in group.forms), 16 * group.count)


def products():
    """Kernels of matrix instructions: one for each instruction, whose cases of all kinds are one launch."""
    for i, matrix in enumerate(matrices.instructions()):
        kinds = matrices.kinds(matrix)
        words = np.concatenate([matrices.words(matrix, kind, matrices.CASES) for kind in kinds])
        names = tuple(f"{matrix.name} ({kind})" for kind in kinds for _ in range(matrices.CASES))
        name = f"matrix{i}"
        yield Kernel(name, forms.HEADER + matrices.kernel(matrix, name) + "\n", (words,),
                     (np.dtype(np.uint32), (len(words), 32 * matrix.stores)), len(words), 32, names)


def on_gpu(gpu, kernel):
    """What a GPU computes."""
    module = gpu.load(kernel.ptx)
    dtype, shape = kernel.output
    arrays = [gpu.upload(array) for array in kernel.inputs]
    result = gpu.zeros(dtype.itemsize * int(np.prod(shape)))
    arrays.append(result)
    if kernel.scratch:
        arrays.append(gpu.zeros(kernel.scratch))
    gpu.launch(module, kernel.name, kernel.grid, kernel.block, arrays)
    output = gpu.download(result, dtype, shape)
    gpu.free(arrays)
    gpu.call("cuModuleUnload", module)
    return output


def on_simulator(kernel, directory, options=("--check=none",)):
    """What tile-sim computes."""
    directory = Path(directory)
    path = directory / f"{kernel.name}.ptx"
    path.write_text(kernel.ptx)
    words = [tool("tile-sim"), path, kernel.name, f"--grid={kernel.grid}", f"--block={kernel.block}"]
    for i, array in enumerate(kernel.inputs):
        np.save(directory / f"{kernel.name}.{i}.npy", array)
        shape = ",".join(map(str, array.shape))
        words += ["--arg", f"{NUMPY[array.dtype.str[1:]]}[{shape}]={directory / f'{kernel.name}.{i}.npy'}"]
    dtype, shape = kernel.output
    result = directory / f"{kernel.name}.out.npy"
    words += ["--arg", f"out:{NUMPY[dtype.str[1:]]}[{','.join(map(str, shape))}]={result}"]
    if kernel.scratch:
        words += ["--arg", f"out:u8[{kernel.scratch}]={directory / f'{kernel.name}.scratch.npy'}"]
    done = subprocess.run([str(word) for word in [*words, *options]], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=TIMEOUT_SECONDS, check=False)
    assert done.returncode == 0 and not done.stderr, f"{kernel.name}\n{done.stderr[:2000]}"
    return np.load(result)
