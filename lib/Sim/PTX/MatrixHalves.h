//===- MatrixHalves.h - mma.sync of 16-bit floats, in vector code -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_MATRIXHALVES_H
#define TILEC_LIB_SIM_PTX_MATRIXHALVES_H

#include "Fragments.h"

namespace tilec::sim::ptx {

/// Executes a dense `mma.sync` of 16-bit floats with sums of f32, whose slots of d, a, b and c are a list of the op;
/// null for what takes the general form.
Execute multiplyOfHalves(const Shape &shape, Element a, Element b, Element c, Element d);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_MATRIXHALVES_H
