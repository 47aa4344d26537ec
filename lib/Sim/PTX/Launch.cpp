//===- Launch.cpp - the blocks of a launch, on threads of the host -===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each host thread has some blocks in residence, and gives them turns. A block stays with its thread, so that shared
// memory, barriers and the order of its warps are a matter of one thread, and the same whatever the others do.

#include "Standstill.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"

#include <thread>

using namespace tilec::sim::ptx;

/// Turns that a host thread still gives to blocks below one that has failed, so that the lowest error is found; they
/// may wait for the one that failed.
static constexpr unsigned kPatience = 256;

/// A host thread offers its core to others after so many turns of its blocks.
static constexpr unsigned kRounds = 16;
/// Turns that a block has, one after another, when it was held up.
static constexpr unsigned kLongTurn = 64;
/// Most blocks that a report of a deadlock describes.
static constexpr size_t kDescribed = 4;

/// The host threads of a launch: one where the order of events counts.
static unsigned chooseJobs(const Launch &launch, uint64_t blocks) {
  const Checks &checks = launch.options.checks;
  if (launch.isMonitored || checks.races || checks.init || checks.sync)
    return 1;
  uint64_t wanted = launch.options.jobs ? launch.options.jobs : std::max(1u, std::thread::hardware_concurrency());
  // Nobody is idle: a thread has a block at least.
  return std::min({wanted, blocks, uint64_t(std::max(1u, launch.options.residentBlocks))});
}

void Launch::fail(uint64_t block, std::string message) {
  std::lock_guard<std::mutex> lock(mutex);
  if (failedBlock != kNone && (jobs == 1 || failedBlock <= block))
    return;
  failedBlock = block;
  error = std::move(message);
  firstOver.store(jobs == 1 ? 0 : block, std::memory_order_relaxed);
}

bool Launch::takeTurn(Block &block) {
  if (isOver(block.number))
    return false;
  uint64_t before = block.statistics.warpInstructions, sum = getSteps();
  block.most = before + (options.maxSteps > sum ? options.maxSteps - sum : 0);
  bool hasRun = block.run();
  uint64_t done = block.statistics.warpInstructions - before,
           total = steps.fetch_add(done, std::memory_order_relaxed) + done;
  if (block.hasEnded() || isOver(block.number))
    return true;
  if (total >= options.maxSteps)
    fail(block.number, "kernel '" + kernel.syntax->name.str() + "' has not ended after " +
                           std::to_string(options.maxSteps) +
                           " instructions of warps, the most that it may execute (--max-steps)" +
                           block.describeThreads(/*isStill=*/false) + "\n  it may need more, or a loop may not end");
  // Only threads of a block wake others of it, so that nothing can help this one.
  else if (!hasRun && !block.reportApart())
    fail(block.number,
         "deadlock in kernel '" + kernel.syntax->name.str() + "': no thread can go on" + block.describeThreads());
  return hasRun;
}

void Launch::takeTurnsAdversely(llvm::ArrayRef<std::unique_ptr<Block>> resident, Hold &held, Random &random) {
  const size_t count = resident.size(), starved = Schedule::starvedOf(schedule.block, count);
  bool haveOthersRun = false;
  for (size_t i = 0; i != count; ++i) {
    size_t at = schedule.order == Schedule::Order::Descending ? count - 1 - i : i;
    if (at != starved)
      haveOthersRun |= takeTurn(*resident[at]);
  }
  if (starved == count || !held.isOver(haveOthersRun, random))
    return;
  for (unsigned turn = 0; turn != kLongTurn && !resident[starved]->hasEnded() && !hasFailed(); ++turn)
    takeTurn(*resident[starved]);
}

void Launch::runBlocks(unsigned capacity) {
  const auto &grid = shape.grid;
  const uint64_t count = uint64_t(grid[0]) * grid[1] * grid[2];
  std::vector<std::unique_ptr<Block>> resident;
  auto hasNext = [&] { return next.load(std::memory_order_relaxed) < count && !hasFailed(); };
  LaunchStatistics sum;
  unsigned rounds = 0;
  Standstill standstill;
  // Of an adversary; blocks have random numbers of their own.
  Random random(options.seed, kNone - 1);
  Hold held;
  for (unsigned patience = kPatience; patience; patience -= hasFailed()) {
    // Beside other threads one takes a block at a time, so that none is left without.
    do {
      if (resident.size() >= capacity || !hasNext())
        break;
      uint64_t number = next.fetch_add(1, std::memory_order_relaxed);
      if (number < count)
        resident.push_back(std::make_unique<Block>(*this, number));
    } while (jobs == 1);
    if (resident.empty())
      break;
    // Blocks here may wait for what another thread's do, which may wait for a core.
    if (jobs > 1 && ++rounds % kRounds == 0)
      std::this_thread::yield();
    if (isAdverseNow())
      takeTurnsAdversely(resident, held, random);
    else
      for (auto &block : resident)
        takeTurn(*block);
    llvm::erase_if(resident, [&](const auto &block) {
      bool isGone = block->hasEnded() || isOver(block->number);
      if (isGone)
        sum += block->statistics;
      if (isGone)
        for (Observer *observer : observers)
          observer->blockEnds(*block);
      return isGone;
    });
    if (jobs > 1 || !isMonitored || !options.checks.sync || hasFailed())
      continue;
    const bool isStill = standstill.observe(resident, changes);
    isQuiet = standstill.isQuiet();
    if (isStill && llvm::none_of(resident, [](const auto &block) { return block->reportApart(); })) {
      std::string text = "deadlock in kernel '" + kernel.syntax->name.str() + "': threads wait for what never happens";
      for (const auto &block : llvm::ArrayRef(resident).take_front(std::min(kDescribed, resident.size())))
        text += block->describeThreads();
      fail(resident.front()->number, std::move(text));
    }
  }
  std::lock_guard<std::mutex> lock(mutex);
  statistics += sum;
}

void Launch::run() {
  uint64_t blocks = uint64_t(shape.grid[0]) * shape.grid[1] * shape.grid[2];
  jobs = chooseJobs(*this, blocks);
  unsigned resident = std::max(1u, options.residentBlocks);
  auto capacityOf = [&](unsigned job) { return resident / jobs + (job < resident % jobs); };
  std::vector<std::thread> threads;
  for (unsigned job = 1; job < jobs; ++job)
    threads.emplace_back([&, job] { runBlocks(capacityOf(job)); });
  runBlocks(capacityOf(0));
  for (std::thread &thread : threads)
    thread.join();
  memory.discardReleased();
}
