//===- MatrixMultiply.h - forms of mma.sync ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_MATRIXMULTIPLY_H
#define TILEC_LIB_SIM_PTX_MATRIXMULTIPLY_H

#include "Fragments.h"

namespace tilec::sim::ptx {

/// Whether the words left are those of four products at once, `m8n8k4` of f16, and their decoder.
bool isQuads(const Decoder &d, const Shape &shape);
bool decodeQuads(Decoder &d);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_MATRIXMULTIPLY_H
