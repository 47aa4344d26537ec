//===- Counter.h - counts what a launch does --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_COUNTER_H
#define TILEC_LIB_SIM_PTX_COUNTER_H

#include "Observer.h"

#include "tilec/Sim/PTX/Counters.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace tilec::sim::ptx {

class Launch;

/// The class of an instruction, by its words; of loads and stores without a space, of global memory.
InstructionClass classify(const Instruction &instruction);

class Counter : public Observer {
public:
  explicit Counter(const Launch &launch);
  void executed(const Execution &execution) override;
  void waits(Warp &warp, const Op &op, Mask lanes) override;
  void blockEnds(const Block &block) override;
  /// After the launch.
  Counters finish();

private:
  void declare(const Launch &launch);
  Counters::Line &lineOf(const Op &op);

  const Program &program;
  Counters counters;
  /// By Op::number, where in the lines of the counters; -1 for what was not executed.
  std::vector<int64_t> lineOfNumber;
  std::vector<uint32_t> numbers;
  std::vector<const Code *> codeOfNumber;
  llvm::DenseSet<uint64_t> sectors;
  llvm::DenseMap<const Block *, llvm::DenseSet<uint64_t>> linesOfBlock;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_COUNTER_H
