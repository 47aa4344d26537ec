#===- stencils.py - programs that look at neighbours ---------------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""In one to three dims: differences, images, cells."""

import numpy as np

from bounded import Bounded
from sim_programs import ByValue, InOut, Out, equal, program, small


@program
def heat_1d(run, rng):
    for n, threads in ((1, 32), (200, 224)):
        x = rng.standard_normal(n).astype(np.float32)
        (y,) = run("heat", 1, threads, InOut(x), n, 10, smem=4 * threads)
        zero = Bounded(np.zeros(1))
        u = Bounded(x)
        join = lambda *parts: Bounded(np.concatenate([p.value for p in parts]), np.concatenate([p.error for p in parts]))
        for _ in range(10):
            u = join(zero, u[:-1]) * 0.25 + u * 0.5 + join(u[1:], zero) * 0.25
        equal(y, u)


@program
def jacobi_2d(run, rng):
    for rows, columns in ((1, 1), (19, 50)):
        x = rng.integers(-1000, 1000, (rows, columns)).astype(np.int32)
        (y,) = run("jacobi", ((columns + 15) // 16, (rows + 7) // 8), (16, 8), x, Out(np.int32, x.shape), rows, columns)
        p = np.pad(x, 1)
        equal(y, p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * x)


@program
def laplace_3d(run, rng):
    nz, ny, nx = 5, 9, 11
    x = small(rng, np.float64, (nz, ny, nx), 1000)
    (y,) = run("laplace", (2, 3, 3), (8, 4, 2), x, Out(np.float64, x.shape), nx, ny, nz)
    p = np.pad(x, 1)
    inner = slice(1, -1)
    equal(y, p[inner, inner, :-2] + p[inner, inner, 2:] + p[inner, :-2, inner] + p[inner, 2:, inner] + p[:-2, inner, inner]
          + p[2:, inner, inner] - 6 * x)


@program
def game_of_life(run, rng):
    rows, words = 24, 3
    cells = rng.integers(0, 2, (rows, 32 * words)).astype(np.uint8)
    state = np.packbits(cells, axis=1, bitorder="little").view(np.uint32)
    for _ in range(3):
        (state,) = run("generation", (1, rows), 32, state, Out(np.uint32, state.shape), rows, words)
        around = sum(np.roll(cells, (dr, dc), (0, 1)) for dr in (-1, 0, 1) for dc in (-1, 0, 1) if dr or dc)
        cells = ((around == 3) | (cells == 1) & (around == 2)).astype(np.uint8)
        equal(state, np.packbits(cells, axis=1, bitorder="little").view(np.uint32))


@program
def convolution_1d(run, rng):
    x = small(rng, np.float32, 300, 1000)
    (y,) = run("convolve", 3, 128, x, Out(np.float32, 300), 300)
    equal(y, np.convolve(x, np.array([1, -2, 3, -4, 5, -4, 3, -2, 1], np.float32), "same"))


@program
def convolution_2d(run, rng):
    channels, rows, columns, filters, size = 3, 11, 14, 4, 3
    x = rng.integers(-128, 128, (channels, rows, columns)).astype(np.int8)
    w = rng.integers(-128, 128, (filters, channels, size, size)).astype(np.int8)
    for stride, border in ((1, 1), (2, 0), (3, 2)):
        p = np.pad(x.astype(np.int32), ((0, 0), (border, border), (border, border)))
        windows = np.lib.stride_tricks.sliding_window_view(p, (size, size), (1, 2))[:, ::stride, ::stride]
        expected = np.einsum("irckl,oikl->orc", windows, w.astype(np.int32))
        shape = np.array([channels, rows, columns, filters, size, stride, border], np.int32)
        (y,) = run("convolveImage", (2, 3, filters), (8, 4), x, w, Out(np.int32, expected.shape), ByValue(shape))
        equal(y, expected)


@program
def bilinear(run, rng):
    rows, columns, new_rows, new_columns = 13, 17, 20, 9
    x = rng.integers(0, 256, (rows, columns)).astype(np.uint8)
    (y,) = run("resize", (2, 3), (8, 8), x, rows, columns, Out(np.uint8, (new_rows, new_columns)), new_rows, new_columns)
    fr = np.arange(new_rows) * (rows - 1) * 256 // (new_rows - 1)
    fc = np.arange(new_columns) * (columns - 1) * 256 // (new_columns - 1)
    r, c, wr, wc = fr[:, None] // 256, fc // 256, fr[:, None] % 256, fc % 256
    r1, c1 = np.minimum(r + 1, rows - 1), np.minimum(c + 1, columns - 1)
    wide = x.astype(np.int64)
    top, bottom = (wide[i, c] * (256 - wc) + wide[i, c1] * wc for i in (r, r1))
    equal(y, top * (256 - wr) + bottom * wr + 32768 >> 16)
