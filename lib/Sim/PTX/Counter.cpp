//===- Counter.cpp - counts what a launch does ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Counter.h"
#include "MemoryCosts.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace tilec::sim::ptx;

Counter::Counter(const Launch &launch) : program(launch.program) {
  counters.kernel = launch.kernel.syntax->name.str();
  counters.grid = launch.shape.grid;
  counters.block = launch.shape.block;
  for (const Code &code : program.functions)
    codeOfNumber.resize(codeOfNumber.size() + code.ops.size(), &code);
  lineOfNumber.assign(codeOfNumber.size(), -1);
  declare(launch);
}

void Counter::declare(const Launch &launch) {
  const Function &kernel = *launch.kernel.syntax;
  for (const Register &reg : kernel.registers) {
    unsigned bits = bitWidth(reg.type);
    ++(bits == 1    ? counters.predicateRegisters
       : bits <= 16 ? counters.registers16
       : bits == 32 ? counters.registers32
                    : counters.registers64);
  }
  auto product = [](const unsigned (&extents)[3]) { return extents[0] * extents[1] * extents[2]; };
  counters.maxRegisters = kernel.maxRegisters;
  counters.maxThreads = product(kernel.maxThreads);
  counters.requiredThreads = product(kernel.requiredThreads);
  auto add = [&](llvm::ArrayRef<Variable> variables, Space space, uint64_t &bytes) {
    for (const Variable &variable : variables)
      if (variable.space == space)
        bytes = llvm::alignTo(bytes, variable.alignment) + variable.size;
  };
  add(program.module->variables, Space::Shared, counters.staticShared);
  for (const Function &function : program.module->functions)
    if (!function.isEntry || &function == &kernel)
      add(function.variables, Space::Shared, counters.staticShared);
  add(kernel.variables, Space::Local, counters.localBytes);
  counters.dynamicShared = launch.shape.dynamicShared;
}

Counters::Line &Counter::lineOf(const Op &op) {
  int64_t &index = lineOfNumber[op.number];
  if (index < 0) {
    index = counters.lines.size();
    numbers.push_back(op.number);
    Counters::Line &line = counters.lines.emplace_back();
    line.function = codeOfNumber[op.number]->syntax->name.str();
    line.instruction = op.syntax ? op.syntax->spelling() : "ret";
    line.kind = op.syntax ? classify(*op.syntax) : InstructionClass::Control;
    if (op.syntax) {
      line.line = op.syntax->place.line;
      auto file = program.module->files.find(op.syntax->source.file);
      if (op.syntax->source.line && file != program.module->files.end()) {
        line.sourceLine = op.syntax->source.line;
        line.sourceFile = file->second;
      }
    }
  }
  return counters.lines[index];
}

static void add(Counters::Global &sum, const Counters::Global &part) {
  sum.requests += part.requests;
  sum.sectors += part.sectors;
  sum.idealSectors += part.idealSectors;
}
static void add(Counters::Shared &sum, const Counters::Shared &part) {
  sum.requests += part.requests;
  sum.wavefronts += part.wavefronts;
  sum.idealWavefronts += part.idealWavefronts;
}

/// The class of an access by a generic address is that of where it went.
static InstructionClass dynamicClass(InstructionClass kind, llvm::ArrayRef<ObservedAccess> accesses) {
  bool isLoad = kind == InstructionClass::LoadGlobal;
  if (accesses.empty() || (!isLoad && kind != InstructionClass::StoreGlobal))
    return kind;
  switch (accesses.front().space) {
  case Space::Shared:
    return isLoad ? InstructionClass::LoadShared : InstructionClass::StoreShared;
  case Space::Local:
    return isLoad ? InstructionClass::LoadLocal : InstructionClass::StoreLocal;
  case Space::Param:
    return isLoad ? InstructionClass::LoadParam : InstructionClass::StoreParam;
  case Space::Const:
    return InstructionClass::LoadConst;
  case Space::Global:
    return kind;
  }
  llvm_unreachable("all spaces are there");
}

/// How many accesses of the list are one matrix; 0 for other instructions.
static size_t accessesPerPhase(const Op &op, size_t count) {
  if (op.syntax->opcode == "ldmatrix" || op.syntax->opcode == "stmatrix")
    return llvm::is_contained(op.syntax->modifiers, "trans") ? 2 * kLanes : kLanes;
  // Which lane accesses what in `wmma.load` is the machine's choice: at the best all of it is together.
  return op.syntax->opcode == "wmma" ? count : 0;
}

void Counter::executed(const Execution &execution) {
  const Op &op = execution.op;
  uint64_t threads = llvm::popcount(execution.lanes);
  Counters::Line &line = lineOf(op);
  auto count = [&](Counters::Executions &executions) {
    ++executions.warps;
    executions.threads += threads;
  };
  count(counters.total);
  count(counters.byClass[static_cast<size_t>(dynamicClass(line.kind, execution.accesses))]);
  count(line.executed);
  // An mbarrier that says "not yet".
  if (op.syntax && op.syntax->opcode == "mbarrier")
    for (const Use &use : execution.flow.uses)
      if (use.kind == Use::Kind::WritePredicate)
        counters.mbarrierWaits += llvm::popcount(execution.lanes & ~execution.warp.pred(use.slot));
  if (execution.accesses.empty() || !op.syntax)
    return;
  llvm::SmallVector<uint64_t, kLanes> touched;
  Counters::Global global = globalCost(execution.accesses, touched);
  Counters::Shared shared = sharedCost(execution.accesses, accessesPerPhase(op, execution.accesses.size()));
  add(line.global, global);
  add(counters.global, global);
  add(line.shared, shared);
  add(counters.shared, shared);
  auto &linesHere = linesOfBlock[&execution.warp.getBlock()];
  for (uint64_t sector : touched) {
    sectors.insert(sector);
    linesHere.insert(sector * kSectorBytes / kLineBytes);
  }
  for (const ObservedAccess &access : execution.accesses)
    if (access.isAsync && access.kind == Access::Kind::Write)
      counters.asyncCopyBytes += access.bytes;
}

void Counter::waits(Warp &, const Op &op, Mask) {
  ++counters.barrierWaits;
  ++lineOf(op).waits;
}

void Counter::blockEnds(const Block &block) {
  auto lines = linesOfBlock.find(&block);
  if (lines == linesOfBlock.end())
    return;
  uint64_t bytes = lines->second.size() * kLineBytes;
  counters.largestBlockLineBytes = std::max(counters.largestBlockLineBytes, bytes);
  counters.sumOfBlockLineBytes += bytes;
  linesOfBlock.erase(lines);
}

Counters Counter::finish() {
  counters.launchSectorBytes = sectors.size() * kSectorBytes;
  // Lines were met in the order of execution.
  std::vector<size_t> order(counters.lines.size());
  for (auto [i, index] : llvm::enumerate(order))
    index = i;
  llvm::sort(order, [&](size_t a, size_t b) { return numbers[a] < numbers[b]; });
  std::vector<Counters::Line> sorted;
  for (size_t index : order)
    sorted.push_back(std::move(counters.lines[index]));
  counters.lines = std::move(sorted);
  return std::move(counters);
}
