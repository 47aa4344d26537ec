//===- Passes.h - passes from one level to another --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_CONVERSION_PASSES_H
#define TILEC_CONVERSION_PASSES_H

#include "tilec/Target/TargetSpec.h"

#include "mlir/Pass/Pass.h"

#include <memory>

namespace tilec {

/// The pass `check-to-tile`: expectations become comparisons, prints of the first difference, and assertions. A tile that is
/// compared with a constant must have known dims.
std::unique_ptr<mlir::Pass> createCheckToTilePass();

/// The pass `tile-to-loops`: kernels become functions of loops over vectors and elements. `contract` allows `a*b+c` to
/// be computed with one rounding. With `deterministic`, grids whose iterations add floats to elements that they share
/// run them one after the other, and no contraction is cut into parts for several threads.
std::unique_ptr<mlir::Pass> createTileToLoopsPass(const TargetSpec &spec, bool contract = true,
                                                  bool deterministic = false);

/// Makes the conversion passes known by their flags.
void registerConversionPasses();

} // namespace tilec

#endif // TILEC_CONVERSION_PASSES_H
