# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions of images, rows x columns x channels, with 3 x 3 filters: the layer that each of the four stages of
ResNet-50 repeats (He et al. 2016, table 1). Images come with their border of zeros."""

import numpy as np

from harness.case import Case, gamma, largest_excess, random_array, sampled_rows

IMAGES = 4
#: Images, rows and columns of the result, channels, filters.
SHAPES = [(IMAGES, extent, extent, channels, channels) for extent, channels in ((56, 64), (28, 128), (14, 256), (7, 512))]
FILTER = 3


def make_case(shape):
    images, rows, columns, channels, filters = shape
    taps = FILTER * FILTER * channels
    moved = images * (rows + 2) * (columns + 2) * channels + taps * filters + images * rows * columns * filters
    return Case("conv2d", "conv2d", "f32", shape, 2.0 * images * rows * columns * taps * filters, 4.0 * moved, "fma")


CASES = [make_case(shape) for shape in SHAPES]


def arrays(case):
    images, rows, columns, channels, filters = case.shape
    rng = np.random.default_rng(1)
    x = random_array(rng, (images, rows + 2, columns + 2, channels), "f32")
    for border in (x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]):
        border[...] = 0
    return {"X": x, "W": random_array(rng, (FILTER, FILTER, channels, filters), "f32")}


def check(case, given, result):
    """Compares some rows of the last image with float64. Winograd's algorithm, which a peer may take, computes with sums of
    at most 4 x 4 inputs and weights, so the bound is 16 times that of a plain sum (Barabasz et al. 2020, section 4)."""
    _, rows, columns, channels, filters = case.shape
    if result.shape != (*case.shape[:3], filters):
        return f"the result has the shape {result.shape}"
    image, w, worst = given["X"][-1].astype(np.float64), given["W"].astype(np.float64), 0.0
    for row in sampled_rows(rows, 3):
        values, magnitudes = np.zeros((columns, filters)), np.zeros((columns, filters))
        for r in range(FILTER):
            for s in range(FILTER):
                x = image[row + r, s:s + columns]
                values += x @ w[r, s]
                magnitudes += np.abs(x) @ np.abs(w[r, s])
        bound = 16 * gamma(FILTER * FILTER * channels, 2.0**-24) * magnitudes
        worst = max(worst, largest_excess(np.asarray(result[-1])[row], values, bound))
    return f"an error is {worst:.3g} times the bound" if worst else None
