#===- test_zoo_compiled.py - zoo kernels compiled once for every shape -----------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles each zoo kernel to a shared object without saying its dims, and calls it through the C ABI at several shapes.

tile-run compiles for the arrays at hand, where every whole dim is known; here the compiler has to make loops of them.
Rows of the arrays are parts of longer ones, so that strides count.
"""

import ctypes
import re

import numpy as np
import pytest

from bounded import Bounded
from test_calls import KIND_CODE, Tensor, status, tensor
from tilec_testing import KERNELS, NUMPY, assert_result, call, spell, tool, type_name
from zoo import ENTRIES

# Dims whose values the kernel needs, as --dim wants them, and the extents that the reference takes for them.
NEEDED = {"attention": ({"D": 16}, {"D": 16}), "attention_any": ({"D": 16}, {"D": 16}), "rope": ({"D": 12}, {"half": 6})}

CODES = {"bf16": 4, "f8e4m3": 10, "f8e5m2": 12}
SCALARS = {"f32": ctypes.c_float, "f64": ctypes.c_double, "i32": ctypes.c_int32, "i64": ctypes.c_int64}
SHAPES = 4


def parameters(source, kernel):
    """[(name, type)] of what the C function takes, in order: no consts."""
    header = re.search(rf"\bkernel {kernel}(?:<[^>]*>)?\((.*?)\{{", source, re.S).group(1)
    return [(name, element) for const, name, element in re.findall(r"(const )?(\w+): *(\w+)", header) if not const]


def padded(array):
    """The same elements as part of an array with longer rows, or with a step between rows."""
    if array.ndim < 2:
        return array.copy()
    wide = np.zeros(array.shape[:-1] + (array.shape[-1] + 3,), array.dtype)
    view = wide[..., 1:1 + array.shape[-1]]
    view[...] = array
    return view


def argument(array):
    """A DLTensor of an array of any type."""
    name = type_name(array)
    if array.dtype.kind in KIND_CODE and name not in CODES:
        return tensor(array)
    result = tensor(array.view(f"u{array.dtype.itemsize}"), code=CODES[name])
    result.keep += (array,)
    return result


def scalar(value, name):
    """A scalar of the named type as C passes it: what C has no type for, as its bits."""
    if name in SCALARS:
        return SCALARS[name](value)
    return ctypes.c_uint16(int(NUMPY[name].type(value).view(np.uint16)))


def chosen():
    for entry in ENTRIES:
        for element in {entry.types[-1], *({"f32", "bf16"} & set(entry.types))}:
            yield pytest.param(entry, element, id=f"{entry.id}-{element}")


@pytest.mark.parametrize("entry, element", sorted(chosen(), key=lambda param: param.id))
def test_any_shape(entry, element, rng, tmp_path):
    given, extents = NEEDED.get(entry.kernel, ({}, {}))
    known = entry.make(rng, element, **{name: min(cap, 7) for name, cap in entry.dims.items()} | extents)
    source = (KERNELS / entry.file).read_text()
    names = parameters(source, entry.kernel)
    types = dict(known.types)
    generic = re.search(rf"\bkernel {entry.kernel}<([^>]*)>", source)
    for name in re.findall(r"(\w+) *:", generic.group(1)) if generic else []:
        types.setdefault(name, element)
    command = [tool("tile-cc"), KERNELS / entry.file, f"--kernel={entry.kernel}", "--emit=shared", "-o", tmp_path / "kernel.so"]
    for flag, values in (("--type", types), ("--const", known.consts), ("--dim", {**given, **known.dims})):
        for name, value in values.items():
            command += [flag, f"{name}={spell(value)}"]
    if entry.blocks:
        command += ["--set", ",".join(f"{name}={size}" for name, size in zip(entry.blocks, [8, 5, 7, 3]))]
    call(command)
    library = ctypes.CDLL(str(tmp_path / "kernel.so"))
    library.tilec_status_text.restype = ctypes.c_char_p
    for _ in range(SHAPES):
        dims = {name: min(cap, int(rng.choice([1, 2, 5, 8, 13, 17, 33]))) for name, cap in entry.dims.items()} | extents
        problem = entry.make(rng, element, **dims)
        arrays = {name: padded(array) for name, array in {**problem.ins, **problem.inouts}.items()}
        for name, value in problem.expect.items():
            if name not in arrays:
                dtype = NUMPY[value.type] if isinstance(value, Bounded) else value.dtype
                arrays[name] = padded(np.zeros(value.shape, dtype))
        arguments = [argument(arrays[name]) if name in arrays else scalar(problem.scalars[name], types.get(declared, declared))
                     for name, declared in names]
        code, text = status(library, entry.kernel, *arguments)
        assert code == 0, f"{text} at {dims}"
        for name, value in problem.expect.items():
            assert_result(f"{name} at {dims}", np.ascontiguousarray(arrays[name]), value)
