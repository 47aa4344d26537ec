//===- Observer.h - who looks on while a kernel runs ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_OBSERVER_H
#define TILEC_LIB_SIM_PTX_OBSERVER_H

#include "Program.h"

#include "llvm/ADT/ArrayRef.h"

namespace tilec::sim::ptx {

class Block;

/// An access to memory by one lane.
struct ObservedAccess {
  /// Of the device for global and constant memory, otherwise an offset.
  uint64_t address;
  uint32_t bytes;
  uint8_t lane;
  Access::Kind kind;
  Space space;
  bool isAsync;
};

/// An instruction that a warp, or a part of it, has executed.
struct Execution {
  Warp &warp;
  const Op &op;
  const Dataflow &flow;
  /// None where the guard held for nobody.
  Mask lanes;
  llvm::ArrayRef<ObservedAccess> accesses;
};

/// Sees all that is executed and changes nothing.
class Observer {
public:
  virtual ~Observer() = default;
  virtual void executed(const Execution &execution) = 0;
  /// Lanes have come to a barrier of the block that they wait at.
  virtual void waits(Warp &, const Op &, Mask) {}
  virtual void blockEnds(const Block &) {}
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_OBSERVER_H
