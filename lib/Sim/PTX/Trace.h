//===- Trace.h - writes down what a launch does -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_TRACE_H
#define TILEC_LIB_SIM_PTX_TRACE_H

#include "Observer.h"

#include "tilec/Sim/PTX/Simulator.h"

namespace tilec::sim::ptx {

/// One line of JSON for each instruction of a warp, of all blocks or of one, up to a limit.
class Trace : public Observer {
public:
  explicit Trace(const TraceOptions &options) : options(options) {}
  void executed(const Execution &execution) override;
  /// Whether the limit was reached, and something was not written.
  bool isCut() const { return cut; }

private:
  const TraceOptions &options;
  uint64_t written = 0;
  bool cut = false;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_TRACE_H
