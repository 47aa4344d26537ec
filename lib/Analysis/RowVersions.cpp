//===- RowVersions.cpp - grids of few rows, and of more ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Analysis/RowVersions.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;

static constexpr StringLiteral kRows = "tile.rows", kFew = "few", kMany = "many";

RowVersion analysis::rowVersion(tile::GridOp grid) {
  auto name = grid ? grid->getAttrOfType<StringAttr>(kRows) : StringAttr();
  if (!name)
    return RowVersion::any;
  return name == kFew ? RowVersion::few : name == kMany ? RowVersion::many : RowVersion::any;
}

void analysis::setRowVersion(tile::GridOp grid, RowVersion version) {
  if (version == RowVersion::any)
    grid->removeAttr(kRows);
  else
    grid->setAttr(kRows, StringAttr::get(grid.getContext(), version == RowVersion::few ? kFew : kMany));
}

bool analysis::mayCutAnywhere(Value range) {
  return llvm::all_of(range.getUsers(), [](Operation *user) {
    if (auto load = dyn_cast<tile::LoadOp>(user))
      return load.getOrdering() == tile::MemoryOrder::weak;
    if (auto store = dyn_cast<tile::StoreOp>(user))
      return store.getOrdering() == tile::MemoryOrder::weak;
    return isa<tile::FullOp, tile::BroadcastOp, tile::IotaOp>(user);
  });
}
