//===- EmitterImpl.h - what only the emitter's own files need ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_EMITTERIMPL_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_EMITTERIMPL_H

#include "Emitter.h"

namespace tilec::loops {

/// Bytes of a line of the caches: temporaries, buffers and the workers' parts start at one.
inline constexpr int64_t lineBytes = 64;

/// The columns of a square of lanes whose rows are vectors, by exchanges in registers (Transpose.cpp).
SmallVector<Value> transposeLanes(Code &c, ArrayRef<Value> rows);

/// Transposes within groups of lanes: the group g of the k-th result holds the k-th units of the groups g of all rows.
SmallVector<Value> transposeGroups(Code &c, ArrayRef<Value> rows, int64_t unit, int64_t group);

class Emitter::Root {
public:
  explicit Root(Emitter &emitter);
  ~Root();

private:
  Emitter &emitter;
  SmallVector<Level> saved;
};

/// Whether nothing in the kernel accesses the array of a store but the store itself and `other`, if it is given; what
/// stands in another branch than the store does not count.
bool isOnlyAccess(tile::StoreOp store, tile::StoreOp other = {});

/// Whether neither the op nor those inside of it write memory or order accesses.
bool isReadOnly(Operation *op);

/// Whether iterations may wait for others: they would have to look at what those write.
bool mayWait(tile::GridOp grid);

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_EMITTERIMPL_H
