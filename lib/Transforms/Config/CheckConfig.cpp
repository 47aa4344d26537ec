//===- CheckConfig.cpp - does each key of a config name something? ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the CheckConfig pass. It runs before anything is folded, when every loop of the source is there to be
// named, and once more afterwards, to drop the keys of loops that turned out to compute nothing.

#include "tilec/Transforms/Passes.h"

#include "ConfigKeys.h"

#include "llvm/ADT/StringSet.h"

namespace tilec {
#define GEN_PASS_DEF_CHECKCONFIG
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::tile;

/// Collects every key that means something to `kernel`.
static void collectKeys(KernelOp kernel, llvm::StringSet<> &keys) {
  // What compile-time conditions left out of the IR may be set all the same: whether it is there depends on values.
  if (auto unreached = kernel->getAttrOfType<ArrayAttr>("tile.unreached"))
    for (StringRef name : unreached.getAsValueRange<StringAttr>())
      keys.insert(name);
  kernel.walk([&](Operation *op) {
    if (auto size = dyn_cast<SizeOp>(op))
      for (const std::string &key : sizeKeys(kernel, size))
        keys.insert(key);
    if (auto tunable = dyn_cast<TunableOp>(op))
      keys.insert(tunable.getName());
  });
}

static std::string listKeys(KernelOp kernel) {
  llvm::StringSet<> seen;
  std::string list;
  auto add = [&](StringRef key) {
    if (seen.insert(key).second)
      list += (list.empty() ? "" : ", ") + key.str();
  };
  kernel.walk([&](Operation *op) {
    if (auto size = dyn_cast<SizeOp>(op))
      add(size.getIndex());
    if (auto tunable = dyn_cast<TunableOp>(op))
      add(tunable.getName());
  });
  return list.empty() ? "nothing to set" : list;
}

namespace {
struct CheckConfig : tilec::impl::CheckConfigBase<CheckConfig> {
  using tilec::impl::CheckConfigBase<CheckConfig>::CheckConfigBase;

  void runOnOperation() override {
    // One config serves all kernels of a module: a key must mean something to one of them.
    llvm::StringSet<> keys;
    for (const std::string &key : targetKeys)
      keys.insert(key);
    for (auto kernel : getOperation().getOps<KernelOp>())
      collectKeys(kernel, keys);
    for (auto kernel : getOperation().getOps<KernelOp>()) {
      if (!kernel.getConfigAttr())
        continue;
      NamedAttrList known;
      for (NamedAttribute entry : kernel.getConfigAttr()) {
        if (keys.contains(entry.getName())) {
          known.push_back(entry);
        } else if (!drop) {
          kernel.emitError() << "config key '" << entry.getName().getValue() << "' names no tile index and no tunable of kernel '"
                             << kernel.getSymName() << "', which has " << listKeys(kernel);
          return signalPassFailure();
        }
      }
      kernel.setConfigAttr(known.getDictionary(&getContext()));
    }
  }
};
} // namespace
