//===- Access.cpp - accesses and the tokens that stand for them ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What an access's op says about it, and joins of tokens.
//
//===----------------------------------------------------------------------===//
#include "Access.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

Access::Access(Operation *op, Array *array) : op(op), array(array) {
  auto read = [&](auto access, Kind accessKind) {
    kind = accessKind;
    order = access.getOrdering();
    scope = access.getScope().value_or(tile::MemoryScope::block);
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](tile::LoadOp load) { read(load, Kind::Load); })
      .Case([&](tile::StoreOp store) { read(store, Kind::Store); })
      .Case([&](tile::AtomicRMWOp rmw) { read(rmw, Kind::RMW); })
      .Case([&](tile::AtomicCASOp cas) { read(cas, Kind::CAS); });
}

TokenPtr tilec::interpreter::joinTokens(ArrayRef<TokenPtr> tokens) {
  SmallVector<TokenPtr, 4> distinct;
  for (const TokenPtr &token : tokens)
    if (token && !llvm::is_contained(distinct, token))
      distinct.push_back(token);
  if (distinct.size() <= 1)
    return distinct.empty() ? nullptr : distinct.front();
  llvm::IntrusiveRefCntPtr<Token> joined(new Token);
  for (const TokenPtr &token : distinct) {
    joined->clock.join(token->clock);
    for (const AccessPtr &access : token->pending) {
      if (access->isPerformed())
        joined->clock.join(access->acquired);
      else if (!llvm::is_contained(joined->pending, access))
        joined->pending.push_back(access);
    }
    for (uint32_t grid : token->grids)
      if (!llvm::is_contained(joined->grids, grid))
        joined->grids.push_back(grid);
  }
  return joined;
}

Clock tilec::interpreter::clockOf(const TokenPtr &token) {
  if (!token)
    return Clock();
  Clock clock = token->clock;
  for (const AccessPtr &access : token->pending)
    clock.join(access->acquired);
  return clock;
}
