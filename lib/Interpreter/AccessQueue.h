//===- AccessQueue.h - when accesses are performed ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The one place through which every element is read and written. In program order an access is performed where it is
/// issued. In a random order it waits, and is performed at some later moment, all lanes at once or some at a time: when
/// its value is used, when dice say so, or at the end.
///
/// What comes before an access by tokens is performed before it if both may touch one element (unless both only read
/// and one is weak), if the earlier acquires, or if the later releases. All other orders are free, as the memory model
/// says.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_ACCESSQUEUE_H
#define TILEC_LIB_INTERPRETER_ACCESSQUEUE_H

#include "Datum.h"

#include "mlir/Support/LLVM.h"

namespace tilec::interpreter {

class Dice;
class Machine;

class AccessQueue {
public:
  /// Without dice accesses are performed in program order.
  AccessQueue(Machine &machine, Dice *dice);

  /// Issues an access of the agent that runs. Binds `value`, which may be null, to what it reads, and `token`.
  mlir::LogicalResult issue(AccessPtr access, mlir::Value value, mlir::Value token, mlir::ValueRange after);
  /// Performs what is left of an access, because its value is used.
  mlir::LogicalResult force(Access &access) { return perform(access, access.lanes.size()); }

  bool isEmpty() const { return pending.empty(); }
  /// Performs some lanes of an access that waits, or all.
  mlir::LogicalResult performSome();

private:
  mlir::LogicalResult perform(Access &access, size_t count);
  mlir::LogicalResult performLane(Access &access, size_t position);
  TokenPtr makeToken(const AccessPtr &access, const TokenPtr &after) const;

  Machine &machine;
  Dice *dice;
  /// How often some lanes of an access are performed alone, in percent.
  unsigned splitChance = 0;
  /// Atomic reads since memory changed last.
  uint64_t readsWithoutNews = 0;
  /// Accesses that wait, in no order.
  std::vector<AccessPtr> pending;
};

/// What a performed access read.
Datum readValue(const Access &access);

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_ACCESSQUEUE_H
