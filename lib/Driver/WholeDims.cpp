//===- WholeDims.cpp - dims that a kernel uses whole ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A whole dim is a range of unknown static size that comes from no tile index:
// its size follows from the extents of arrays.

#include "WholeDims.h"

#include "dialects/Tile/Tile.h"
#include "tilec/Target/CPU/Signature.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace tilec;

/// Adds the positions of the symbols that array extents behind `value` depend
/// on.
static void collectSymbols(Value value, tile::KernelOp kernel,
                           llvm::SmallSetVector<unsigned, 4> &symbols,
                           llvm::SmallPtrSetImpl<Operation *> &seen) {
  Operation *op = value.getDefiningOp();
  if (!op || isa<tile::SizeOp, tile::TunableOp>(op) || !seen.insert(op).second)
    return;
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    auto argument = dyn_cast<BlockArgument>(dim.getSource());
    std::optional<int64_t> index = dim.getConstantIndex();
    if (!argument || argument.getOwner()->getParentOp() != kernel || !index)
      return;
    AffineMap dims = kernel.getParam(argument.getArgNumber()).getDims();
    if (*index < 0 || *index >= dims.getNumResults())
      return;
    dims.getResult(*index).walk([&](AffineExpr expr) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
        symbols.insert(symbol.getPosition());
    });
    return;
  }
  for (Value operand : op->getOperands())
    collectSymbols(operand, kernel, symbols, seen);
}

bool tilec::bindWholeDims(ModuleOp module, const GivenArrays &arrays,
                          CompileOptions &options) {
  bool any = false;
  module.walk([&](tile::KernelOp kernel) {
    if (kernel.getSymName() != options.kernel)
      return;
    llvm::SmallSetVector<unsigned, 4> symbols;
    llvm::SmallPtrSet<Operation *, 16> seen;
    kernel.walk([&](tile::RangeOp range) {
      if (range.getRange().getType().isDynamic())
        collectSymbols(range.getSize(), kernel, symbols, seen);
    });
    // What a draft left out, it names.
    if (auto missing = module->getAttrOfType<ArrayAttr>("tile.draft"))
      for (auto [position, symbol] : llvm::enumerate(kernel.getSymbols()))
        if (llvm::is_contained(missing, symbol))
          symbols.insert(position);
    FailureOr<KernelSignature> signature = buildSignature(kernel);
    if (symbols.empty() || failed(signature))
      return;
    std::vector<std::optional<std::vector<int64_t>>> extents;
    for (const KernelParam &param : signature->params) {
      auto tensor = arrays.tensors.find(param.name);
      if (tensor == arrays.tensors.end())
        extents.emplace_back();
      else
        extents.emplace_back(tensor->second.getShape());
    }
    std::vector<std::optional<int64_t>> values =
        signature->bindSymbols(extents);
    for (unsigned symbol : symbols) {
      // Values that no dim can have are left to the checks of the call.
      std::optional<int64_t> value = values[symbol];
      if (!value || *value < 0 || *value > INT32_MAX)
        continue;
      any |= options.dims.try_emplace(signature->symbols[symbol], *value).second;
    }
  });
  return any;
}
