//===- Access.h - accesses and the tokens that stand for them ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// An access is one execution of a load, a store or an atomic. It is issued where its op runs, and performed, lane by
/// lane, at that moment or at a later one (AccessQueue.h).
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_ACCESS_H
#define TILEC_LIB_INTERPRETER_ACCESS_H

#include "Clock.h"
#include "Tile.h"

#include "dialects/Tile/Tile.h"

#include <functional>

namespace tilec::interpreter {

class Array;
struct Access;
using AccessPtr = llvm::IntrusiveRefCntPtr<Access>;

/// What a token stands for; a null pointer is a token that stands for nothing.
struct Token : llvm::RefCountedBase<Token> {
  /// What was known to happen before when the token was made (empty unless races are looked for).
  Clock clock;
  /// The accesses among them that had not been performed, in the order in which they were issued.
  llvm::SmallVector<AccessPtr, 2> pending;
  /// The grids among them that had not ended, by number. Only tokens outside grids have any.
  llvm::SmallVector<uint32_t, 1> grids;
};

using TokenPtr = llvm::IntrusiveRefCntPtr<const Token>;

/// One execution of a load, a store or an atomic.
struct Access : llvm::RefCountedBase<Access> {
  enum class Kind : uint8_t { Load, Store, RMW, CAS };

  /// A lane that accesses an element.
  struct Lane {
    /// Its position in the value, the element's in row-major order, and the element's in memory, counted in elements.
    int64_t lane, element, offset;
    /// What is stored or combined, and what a CAS expects.
    uint64_t value = 0, expected = 0;
  };

  /// The order and scope of `op`, an access in a run's iteration.
  Access(mlir::Operation *op, Array *array);

  bool isWeak() const { return order == tile::MemoryOrder::weak; }
  bool acquires() const { return order == tile::MemoryOrder::acquire || order == tile::MemoryOrder::acq_rel; }
  bool releases() const { return order == tile::MemoryOrder::release || order == tile::MemoryOrder::acq_rel; }
  bool isPerformed() const { return performed == lanes.size(); }

  mlir::Operation *op;
  Kind kind;
  tile::MemoryOrder order;
  tile::MemoryScope scope;
  Array *array;
  std::vector<Lane> lanes;
  /// What a read-modify-write leaves in an element: a function of the old bits and the lane's.
  std::function<uint64_t(uint64_t, uint64_t)> combine;
  /// For an atomic that adds floats, the magnitude of the number that bits stand for.
  std::function<double(uint64_t)> magnitude;
  /// The value read, a tile without dims for a scalar; null for a store.
  TilePtr result;
  /// What comes before; forgotten when the access has been performed.
  TokenPtr after;
  /// How many of `lanes` have been performed, the first ones. All are forgotten when the last one has been.
  size_t performed = 0;
  /// The least and the greatest element index in each dim of the array, and where it waits; set where accesses wait.
  llvm::SmallVector<int64_t, 4> least, greatest;
  size_t place = 0;

  /// The load whose result is stored, where that has not been performed yet.
  AccessPtr source;

  /// What follows serves the search for races (Races.h). The iteration that issued it, and its number among all
  /// accesses.
  uint32_t iteration = 0, number = 0;
  /// Its members of chains: one, or one for each lane of a release; none where no race is possible.
  llvm::SmallVector<Stamp, 1> stamps;
  /// What happened before it, and what its acquires added to that.
  Clock clock, acquired;
};

/// The token that stands for all that `tokens` stand for.
TokenPtr joinTokens(llvm::ArrayRef<TokenPtr> tokens);

/// What happens before something that comes after `token` now: its pending acquires may have been performed since.
Clock clockOf(const TokenPtr &token);

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_ACCESS_H
