# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One thing to measure: an operation on arrays of one type and shape."""

import dataclasses
import math

import numpy as np

#: Peak rates that a case can be bound by, each of which the probe measures.
CEILINGS = ("fma", "bf16", "int8", "read", "write", "copy")


@dataclasses.dataclass(frozen=True)
class Case:
    """A case of a suite. Peers have a method `op`, which takes the case and its arrays."""
    suite: str
    op: str
    type: str
    #: The extents that the operation's name calls for: M, N, K of a product.
    shape: tuple
    #: Operations that the result needs, multiplications and additions counted apart; 0 where bandwidth is the bound.
    flops: float
    #: Bytes that must be moved: each array once.
    bytes: float
    #: One of CEILINGS, or None where nothing of the machine is the bound.
    ceiling: str | None

    @property
    def name(self):
        parts = [self.suite, self.op, self.type, "x".join(str(extent) for extent in self.shape)]
        return "/".join(part for part in parts if part)

    @property
    def is_bound_by_memory(self):
        return self.ceiling in ("read", "write", "copy")

    @property
    def work(self):
        """What the ceiling counts: operations or bytes."""
        return self.bytes if self.is_bound_by_memory else self.flops


def numpy_type(name):
    """The NumPy type of a tilec type."""
    if name == "bf16":
        import ml_dtypes
        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype({"f64": np.float64, "f32": np.float32, "f16": np.float16, "i8": np.int8, "u8": np.uint8,
                     "i32": np.int32}[name])


def aligned_empty(shape, dtype):
    """An array whose data start at a page, like those of every allocator that peers have."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.empty(size + 4096, np.uint8)
    start = -raw.ctypes.data % 4096
    return raw[start:start + size].view(dtype).reshape(shape)


def random_array(rng, shape, type_name):
    """Uniform in [-1, 1), integers in [-8, 8)."""
    dtype = numpy_type(type_name)
    result = aligned_empty(shape, dtype)
    if dtype.kind in "iu":
        result[...] = rng.integers(0 if dtype.kind == "u" else -8, 8, shape, dtype=np.int8)
    else:
        result[...] = rng.random(shape, dtype=np.float32) * 2 - 1
    return result


def sampled_rows(extent, count=8):
    """Rows to check: the first, the last, and some between."""
    return np.unique(np.linspace(0, extent - 1, min(count, extent)).astype(int))


def exact_gelu(x):
    """Gelu by the error function, in float64."""
    return x / 2 * (1 + np.vectorize(math.erf)(x / np.sqrt(2)))


def gamma(n, unit):
    """The bound on the relative error of n roundings (Higham, section 3.1)."""
    return n * unit / (1 - n * unit)


def largest_excess(actual, expected, bound):
    """By what factor the error exceeds the bound at most; NaN counts as infinite."""
    error = np.abs(np.asarray(actual, np.float64) - expected)
    ratio = np.where(error <= bound, 0.0, error / np.maximum(bound, np.finfo(np.float64).tiny))
    return float(np.max(np.where(np.isnan(error), np.inf, ratio), initial=0.0))
