//===- ConfigKeys.h - names of entries of a config ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
///
/// What the passes over configs share.

#ifndef TILEC_LIB_TRANSFORMS_CONFIG_CONFIGKEYS_H
#define TILEC_LIB_TRANSFORMS_CONFIG_CONFIGKEYS_H

#include "dialects/Tile/Tile.h"

namespace tilec {

/// The keys under which the config may give the size of an index, the most specific first.
inline llvm::SmallVector<std::string> sizeKeys(tile::KernelOp kernel, tile::SizeOp size) {
  return {(size.getLoop() + "." + size.getIndex()).str(), (kernel.getSymName() + "." + size.getIndex()).str(),
          size.getIndex().str()};
}

} // namespace tilec

#endif // TILEC_LIB_TRANSFORMS_CONFIG_CONFIGKEYS_H
