//===- Scheduler.h - what runs next ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Runs the kernel and the iterations of its grids. In program order a grid's iterations run one after another where
/// the kernel reaches the grid. In a random order the kernel goes on at once; a grid starts when all that its tokens
/// stand for has been performed, so that grids without an order overlap; and some iterations of a grid run interleaved.
/// They start in row-major order, and each that has started gets its turn, so that one that waits for an earlier one
/// does not wait forever.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_SCHEDULER_H
#define TILEC_LIB_INTERPRETER_SCHEDULER_H

#include "Datum.h"

#include "mlir/Support/LLVM.h"

#include <memory>

namespace tilec::interpreter {

struct Agent;
class Dice;
class Machine;

/// The bounds of a grid's dims.
struct GridBounds {
  llvm::SmallVector<int64_t, 4> lower, upper, step, counts;
};

/// One execution of a grid.
struct GridRun {
  GridRun(tile::GridOp op, uint32_t number, GridBounds bounds, TokenPtr after);
  ~GridRun();

  bool hasRun() const { return hasStarted && !next && active.empty(); }

  tile::GridOp op;
  uint32_t number;
  GridBounds bounds;
  /// The first iteration that has not started.
  Odometer next;
  TokenPtr after, entry;
  /// The kernel's values when it reached the grid, where it has gone on since.
  std::vector<Datum> kernelValues;
  std::vector<std::unique_ptr<Agent>> active;
  bool hasStarted = false, isDone = false;
  /// Whether an iteration has run; what happened before the tokens that they yielded, and those whose accesses wait.
  bool hasIterations = false;
  Clock clock;
  std::vector<TokenPtr> yielded;
};

class Scheduler {
public:
  /// Without dice everything runs in program order.
  Scheduler(Machine &machine, Dice *dice);
  ~Scheduler();

  /// Runs the whole kernel, whose arguments are bound in `kernel`.
  mlir::LogicalResult run(Agent &kernel);
  /// Runs a grid that the kernel reaches, or keeps it for later; returns its token.
  mlir::FailureOr<TokenPtr> reach(tile::GridOp op, GridBounds bounds, TokenPtr after);

private:
  mlir::LogicalResult runInRandomOrder(Agent &kernel);
  bool tryToStart(GridRun &grid);
  void start(GridRun &grid);
  std::unique_ptr<Agent> takeIteration(GridRun &grid);
  mlir::LogicalResult endIteration(GridRun &grid, Agent &agent);
  bool tryToEnd(GridRun &grid);
  void updateGrids();

  Machine &machine;
  Dice *dice;
  /// By number. Those that are done keep their clock.
  std::vector<std::unique_ptr<GridRun>> grids;
  /// The numbers of those that are not.
  std::vector<uint32_t> unfinished;
  /// What the dice chose for this run: how many iterations of a grid are active, how often the same goes on after an
  /// access, and how often an access is performed in between, in percent.
  unsigned window = 1, goOnChance = 0, performChance = 0;
};

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_SCHEDULER_H
