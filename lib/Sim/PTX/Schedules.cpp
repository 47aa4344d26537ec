//===- Schedules.cpp - one launch in several orders -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Sim/PTX/Schedules.h"

#include "Memory.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cstring>

using namespace tilec::sim::ptx;
using llvm::StringRef;

std::string RunReports::toText() const {
  std::string text = llvm::join(findings, "\n");
  if (!error.empty())
    text += text.empty() ? error : "\nthen the run ended: " + StringRef(error).split('\n').first.str();
  return text;
}

/// What reports of one mistake have in common, whichever threads and addresses it meets: its word, and the places of
/// the instructions that it points at. Which of two is the later one is the schedule's choice.
static std::string keyOf(StringRef report) {
  llvm::SmallVector<StringRef> lines;
  report.split(lines, '\n');
  std::vector<std::string> places, waits;
  StringRef message;
  for (StringRef line : lines) {
    // Of a deadlock.
    if (auto [who, place] = line.split(" on wait at "); !place.empty())
      waits.push_back(place.split(": ").first.str());
    for (StringRef mark : {": error: ", ": note: "})
      if (size_t at = line.find(mark); at != StringRef::npos) {
        places.push_back(line.take_front(at).trim().str());
        if (message.empty())
          message = line.drop_front(at + mark.size());
      }
  }
  if (places.empty()) {
    message = lines.front();
    // However many threads wait there.
    llvm::sort(waits);
    waits.erase(llvm::unique(waits), waits.end());
    places = std::move(waits);
  } else if (auto [word, rest] = message.split(": "); !rest.empty()) {
    message = word;
  }
  llvm::sort(places);
  // Numbers are those of threads.
  std::string words = message.str();
  llvm::erase_if(words, llvm::isDigit);
  return llvm::join(places, "\n") + "\n" + words;
}

void SchedulesOutcome::add(uint64_t seed, const RunReports &run) {
  ++schedules;
  std::vector<std::string> texts = run.findings;
  if (!run.error.empty())
    texts.push_back(run.error);
  std::vector<std::string> seen;
  for (std::string &text : texts) {
    std::string key = keyOf(text);
    if (llvm::is_contained(seen, key))
      continue;
    seen.push_back(key);
    size_t at = llvm::find(keys, key) - keys.begin();
    if (at == keys.size()) {
      keys.push_back(std::move(key));
      reports.push_back({std::move(text), seed, 0});
    }
    ++reports[at].schedules;
  }
}

std::string SchedulesOutcome::toText(StringRef prefix) const {
  std::string text;
  for (const ScheduleReport &report : reports) {
    if (!text.empty())
      text += "\n";
    if (!StringRef(report.text).contains(": error: "))
      text += prefix;
    text += report.text + "\n  in " + std::to_string(report.schedules) + " of " + std::to_string(schedules) +
            " schedules, first in that of --seed=" + std::to_string(report.seed);
  }
  return text;
}

//===----------------------------------------------------------------------===//
// memory
//===----------------------------------------------------------------------===//

Allocation Allocation::clone() const {
  Allocation copy;
  copy.base = base;
  copy.size = size;
  copy.name = name;
  copy.data = std::make_unique_for_overwrite<char[]>(std::max<uint64_t>(size, 1));
  std::memcpy(copy.data.get(), data.get(), size);
  copy.defined = defined.clone();
  copy.isOfHeap = isOfHeap;
  return copy;
}

SavedMemory Memory::save() const {
  std::shared_lock<std::shared_mutex> lock(mutex);
  SavedMemory saved;
  for (const auto &[base, allocation] : allocations)
    saved.allocations.emplace(base, allocation->clone());
  saved.nextGlobal = nextGlobal;
  saved.nextConstant = nextConstant;
  return saved;
}

void Memory::restore(const SavedMemory &saved) {
  std::lock_guard<std::shared_mutex> lock(mutex);
  generation.fetch_add(1, std::memory_order_relaxed);
  released.clear();
  allocations.clear();
  for (const auto &[base, allocation] : saved.allocations)
    allocations.emplace(base, std::make_unique<Allocation>(allocation.clone()));
  nextGlobal = saved.nextGlobal;
  nextConstant = saved.nextConstant;
}

void Memory::compare(const SavedMemory &before, const SavedMemory &reference, uint64_t seed, uint64_t otherSeed,
                     std::vector<ScheduleDifference> &differences) const {
  std::shared_lock<std::shared_mutex> lock(mutex);
  for (const auto &[base, allocation] : allocations) {
    auto found = reference.allocations.find(base);
    if (!before.allocations.count(base) || found == reference.allocations.end() ||
        !std::memcmp(allocation->data.get(), found->second.data.get(), allocation->size))
      continue;
    const char *mine = allocation->data.get(), *theirs = found->second.data.get();
    auto known = llvm::find_if(differences, [&](const ScheduleDifference &each) { return each.address == base; });
    if (known == differences.end()) {
      ScheduleDifference difference;
      difference.address = base;
      difference.offset = std::mismatch(mine, mine + allocation->size, theirs).first - mine;
      difference.seed = seed;
      difference.otherSeed = otherSeed;
      uint64_t begin = difference.offset / 16 * 16, bytes = std::min<uint64_t>(16, allocation->size - begin);
      std::memcpy(difference.bytes.data(), theirs + begin, bytes);
      std::memcpy(difference.otherBytes.data(), mine + begin, bytes);
      known = differences.insert(differences.end(), difference);
    }
    ++known->schedules;
  }
}
