//===- Schedules.h - one launch in several orders ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What several seeds of a launch say together: each report once, and where memory differs at their ends.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_SIM_PTX_SCHEDULES_H
#define TILEC_SIM_PTX_SCHEDULES_H

#include "tilec/Sim/PTX/Simulator.h"

namespace tilec::sim::ptx {

/// What one run reported.
struct RunReports {
  /// Of races or, without any, of a value that nobody gave: the run went on.
  std::vector<std::string> findings;
  /// The error that ended the run; empty where it ended by itself.
  std::string error;
  /// All as one text, in which the error has a line if there is more.
  std::string toText() const;
};

/// A report that some schedules have in common: the same mistake at the same places.
struct ScheduleReport {
  /// As the first of them gave it.
  std::string text;
  uint64_t seed = 0;
  uint64_t schedules = 0;
};

/// Memory that schedules leave behind with other bytes than the first one.
struct ScheduleDifference {
  /// Of the allocation, and the first byte that differs, from its beginning.
  uint64_t address = 0, offset = 0;
  /// The first schedule, and the first that differs from it.
  uint64_t seed = 0, otherSeed = 0;
  /// What they have in the aligned 16 bytes around the offset.
  std::array<char, 16> bytes = {}, otherBytes = {};
  /// How many differ from the first.
  uint64_t schedules = 0;
};

/// The outcome of Device::launchSchedules.
struct SchedulesOutcome {
  uint64_t schedules = 0;
  /// Of the first schedule.
  LaunchStatistics statistics;
  std::vector<ScheduleReport> reports;
  /// Of allocations and variables that were there before; only schedules that ran to their ends are compared.
  std::vector<ScheduleDifference> differences;

  void add(uint64_t seed, const RunReports &run);
  /// The reports, each with the seed that repeats it. Those without a place of their own begin with `prefix`.
  std::string toText(llvm::StringRef prefix = "") const;

private:
  std::vector<std::string> keys;
};

} // namespace tilec::sim::ptx

#endif // TILEC_SIM_PTX_SCHEDULES_H
