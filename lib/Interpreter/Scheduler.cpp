//===- Scheduler.cpp - what runs next ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The order of grids and of their iterations.
//
//===----------------------------------------------------------------------===//
#include "Scheduler.h"

#include "Machine.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

/// So many grids may wait for earlier ones before the kernel has to.
static constexpr size_t kMaxUnfinished = 8;

GridRun::GridRun(tile::GridOp op, uint32_t number, GridBounds bounds, TokenPtr after)
    : op(op), number(number), bounds(std::move(bounds)), next(this->bounds.counts), after(std::move(after)) {}
GridRun::~GridRun() = default;

Scheduler::Scheduler(Machine &machine, Dice *dice) : machine(machine), dice(dice) {
  if (!dice)
    return;
  window = dice->oneOf({1, 2, 4, 8});
  goOnChance = dice->oneOf({0, 50, 90});
  performChance = dice->oneOf({5, 30, 60, 90});
}

Scheduler::~Scheduler() = default;

//===----------------------------------------------------------------------===//
// grids and iterations
//===----------------------------------------------------------------------===//

FailureOr<TokenPtr> Scheduler::reach(tile::GridOp op, GridBounds bounds, TokenPtr after) {
  uint32_t number = grids.size();
  GridRun &grid = *grids.emplace_back(std::make_unique<GridRun>(op, number, std::move(bounds), std::move(after)));
  Agent &kernel = machine.getAgent();
  llvm::IntrusiveRefCntPtr<Token> token(new Token);
  if (dice) {
    grid.kernelValues = kernel.values;
    unfinished.push_back(number);
    token->grids.push_back(number);
    return TokenPtr(token);
  }
  start(grid);
  while (grid.next) {
    std::unique_ptr<Agent> agent = takeIteration(grid);
    agent->kernelValues = &kernel.values;
    if (failed(machine.run(*agent, /*pauses=*/false)) || failed(endIteration(grid, *agent)))
      return failure();
  }
  (void)tryToEnd(grid);
  token->clock = grid.clock;
  return TokenPtr(token);
}

/// Starts a grid unless something that its tokens stand for has not ended.
bool Scheduler::tryToStart(GridRun &grid) {
  auto isDone = [&](uint32_t number) { return grids[number]->isDone; };
  if (grid.after && !llvm::all_of(grid.after->grids, isDone))
    return false;
  start(grid);
  return true;
}

void Scheduler::start(GridRun &grid) {
  grid.hasStarted = true;
  if (!machine.getRaces())
    return;
  llvm::IntrusiveRefCntPtr<Token> entry(new Token);
  entry->clock = clockOf(grid.after);
  if (grid.after)
    for (uint32_t number : grid.after->grids)
      entry->clock.join(grids[number]->clock);
  // Every iteration starts with a copy.
  entry->clock.freeze();
  grid.entry = entry;
}

/// The next iteration, at its start.
std::unique_ptr<Agent> Scheduler::takeIteration(GridRun &grid) {
  tile::GridOp op = grid.op;
  auto agent = std::make_unique<Agent>();
  agent->kernelValues = &grid.kernelValues;
  Block &body = op.getBody().front();
  machine.enter(*agent, body);
  IterationInfo info{op, grid.number, {}};
  machine.runAs(*agent, [&] {
    for (unsigned d = 0, e = op.getRank(); d != e; ++d) {
      int64_t number = (*grid.next)[d], begin = grid.bounds.lower[d] + number * grid.bounds.step[d];
      bool isTile = isa<tile::RangeType>(op.getIndex(d).getType());
      RangeValue range = clippedRange(begin, grid.bounds.upper[d], grid.bounds.step[d]);
      machine.set(op.getIndex(d), isTile ? Datum(range) : Datum(static_cast<uint64_t>(begin)));
      info.index.push_back(isTile ? number : begin);
    }
    machine.set(op.getEntry(), Datum(grid.entry));
    return 0;
  });
  if (RaceDetector *races = machine.getRaces())
    agent->iteration = races->addIteration(std::move(info));
  ++grid.next;
  grid.hasIterations = true;
  return agent;
}

/// Keeps what an iteration yielded.
LogicalResult Scheduler::endIteration(GridRun &grid, Agent &agent) {
  if (!dice && !machine.getRaces())
    return success();
  TokenPtr yielded =
      machine.runAs(agent, [&] { return machine.getToken(grid.op.getBody().front().getTerminator()->getOperands()); });
  if (!yielded)
    return success();
  if (yielded->pending.empty())
    grid.clock.join(yielded->clock);
  else
    grid.yielded.push_back(std::move(yielded));
  return success();
}

/// Ends a grid if all that its token stands for has been performed.
bool Scheduler::tryToEnd(GridRun &grid) {
  if (!grid.hasRun())
    return false;
  for (const TokenPtr &token : grid.yielded)
    for (const AccessPtr &access : token->pending)
      if (!access->isPerformed())
        return false;
  for (const TokenPtr &token : grid.yielded)
    grid.clock.join(clockOf(token));
  // A grid without iterations passes on what it comes after.
  if (!grid.hasIterations && grid.entry)
    grid.clock.join(grid.entry->clock);
  grid.clock.freeze();
  grid.isDone = true;
  grid.yielded.clear();
  grid.kernelValues.clear();
  grid.after = grid.entry = nullptr;
  return true;
}

//===----------------------------------------------------------------------===//
// random orders
//===----------------------------------------------------------------------===//

/// Starts what may start and ends what has ended, in the order in which the kernel reached the grids.
void Scheduler::updateGrids() {
  llvm::erase_if(unfinished, [&](uint32_t number) {
    GridRun &grid = *grids[number];
    if (!grid.hasStarted && !tryToStart(grid))
      return false;
    while (grid.next && grid.active.size() < window)
      grid.active.push_back(takeIteration(grid));
    return tryToEnd(grid);
  });
}

LogicalResult Scheduler::runInRandomOrder(Agent &kernel) {
  AccessQueue &accesses = machine.getAccesses();
  while (true) {
    updateGrids();
    // Who may run, and the grid of each.
    SmallVector<std::pair<Agent *, GridRun *>> runnable;
    if (!kernel.hasEnded() && unfinished.size() < kMaxUnfinished)
      runnable.push_back({&kernel, nullptr});
    for (uint32_t number : unfinished)
      for (std::unique_ptr<Agent> &agent : grids[number]->active)
        runnable.push_back({agent.get(), grids[number].get()});
    if (runnable.empty() && accesses.isEmpty())
      return success();
    if (!runnable.empty()) {
      Agent *agent;
      GridRun *grid;
      std::tie(agent, grid) = runnable[dice->below(runnable.size())];
      do {
        if (failed(machine.run(*agent, /*pauses=*/true)))
          return failure();
      } while (!agent->hasEnded() && dice->chance(goOnChance));
      if (grid && agent->hasEnded()) {
        if (failed(endIteration(*grid, *agent)))
          return failure();
        llvm::erase_if(grid->active, [&](const std::unique_ptr<Agent> &other) { return other.get() == agent; });
      }
    }
    while (!accesses.isEmpty() && (runnable.empty() || dice->chance(performChance)))
      if (failed(accesses.performSome()))
        return failure();
  }
}

LogicalResult Scheduler::run(Agent &kernel) {
  return dice ? runInRandomOrder(kernel) : machine.run(kernel, /*pauses=*/false);
}
