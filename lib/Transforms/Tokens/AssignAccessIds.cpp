//===- AssignAccessIds.cpp - ids by which accesses are known ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the AssignAccessIds pass. The order verifier compares relations between accesses before and
// after a pass, and recognises them by these ids.

#include "tilec/Transforms/Passes.h"

#include "tilec/Analysis/TokenOrderSnapshot.h"

namespace tilec {
#define GEN_PASS_DEF_ASSIGNACCESSIDS
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;

namespace {
struct AssignAccessIds : tilec::impl::AssignAccessIdsBase<AssignAccessIds> {
  void runOnOperation() override {
    int64_t free = analysis::firstFreeAccessId(getOperation());
    for (auto kernel : getOperation().getOps<tile::KernelOp>())
      free = analysis::assignAccessIds(kernel, free);
  }
};
} // namespace
