//===- CountersText.cpp - counters for people and for programs --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Sim/PTX/Counters.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec::sim::ptx;
using llvm::format;

/// `12,345,678`.
static std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number), text;
  for (auto [i, digit] : llvm::enumerate(digits)) {
    if (i && (digits.size() - i) % 3 == 0)
      text += ',';
    text += digit;
  }
  return text;
}

static std::string percent(double share) {
  std::string text;
  llvm::raw_string_ostream(text) << format("%.1f %%", 100 * share);
  return text;
}

static void row(llvm::raw_ostream &out, llvm::StringRef name, const llvm::Twine &value) {
  out << "  " << llvm::left_justify(name, 36) << value << "\n";
}

/// `bra  (k.ptx:41, k.cu:7)`.
static std::string nameOf(const Counters::Line &line, bool hasFunctions) {
  std::string text = std::to_string(line.line) + ": " + line.instruction;
  if (line.sourceLine)
    text += "  (" + line.sourceFile + ":" + std::to_string(line.sourceLine) + ")";
  return hasFunctions ? text + " in " + line.function : text;
}

/// The lines that lead in a number, which come with their other numbers.
template <typename Key, typename Print>
static void leaders(llvm::raw_ostream &out, const Counters &counters, unsigned most, llvm::StringRef title, Key key,
                    Print print) {
  std::vector<const Counters::Line *> order;
  for (const Counters::Line &line : counters.lines)
    if (key(line))
      order.push_back(&line);
  if (order.empty())
    return;
  // Equals stay in the order of the program.
  llvm::sort(order, [&](const auto *a, const auto *b) { return key(*a) != key(*b) ? key(*a) > key(*b) : a < b; });
  out << "\n" << title << "\n";
  bool hasFunctions = llvm::any_of(counters.lines, [&](const auto &line) { return line.function != counters.kernel; });
  for (const Counters::Line *line : llvm::ArrayRef(order).take_front(most)) {
    print(*line);
    out << "  " << nameOf(*line, hasFunctions) << "\n";
  }
  if (order.size() > most)
    out << "  and " << order.size() - most << " more lines\n";
}

std::string Counters::toText(unsigned most) const {
  std::string text;
  llvm::raw_string_ostream out(text);
  auto extents = [](const std::array<unsigned, 3> &e) {
    return std::to_string(e[0]) + " x " + std::to_string(e[1]) + " x " + std::to_string(e[2]);
  };
  out << "kernel " << kernel << ", grid " << extents(grid) << ", block " << extents(block) << "\n";
  row(out, "warp instructions", grouped(total.warps));
  row(out, "thread instructions", grouped(total.threads));
  row(out, "warp efficiency", percent(warpEfficiency()));
  row(out, "global sectors, ideal, efficiency",
      grouped(global.sectors) + ", " + grouped(global.idealSectors) + ", " + percent(global.efficiency()));
  row(out, "shared wavefronts, conflicts", grouped(shared.wavefronts) + ", " + grouped(shared.conflicts()));
  row(out, "working set of the launch", grouped(launchSectorBytes) + " bytes in sectors of 32");
  row(out, "working set of a block, at most", grouped(largestBlockLineBytes) + " bytes in lines of 128");
  row(out, "bytes by cp.async", grouped(asyncCopyBytes));
  row(out, "waits at barriers, at mbarriers", grouped(barrierWaits) + ", " + grouped(mbarrierWaits));
  row(out, "virtual registers: 64, 32, 16, 1 bit",
      llvm::Twine(registers64) + ", " + llvm::Twine(registers32) + ", " + llvm::Twine(registers16) + ", " +
          llvm::Twine(predicateRegisters));
  if (maxRegisters)
    row(out, "registers at most (.maxnreg)", llvm::Twine(maxRegisters));
  if (maxThreads)
    row(out, "threads at most (.maxntid)", llvm::Twine(maxThreads));
  if (requiredThreads)
    row(out, "threads (.reqntid)", llvm::Twine(requiredThreads));
  row(out, "shared bytes: static, dynamic", grouped(staticShared) + ", " + grouped(dynamicShared));
  row(out, "local bytes of a thread", grouped(localBytes));

  out << "\n            warps          threads  class\n";
  for (size_t i = 0; i != kInstructionClasses; ++i)
    if (byClass[i].warps)
      out << format("%17s", grouped(byClass[i].warps).c_str()) << format("%17s", grouped(byClass[i].threads).c_str())
          << "  " << sim::ptx::nameOf(static_cast<InstructionClass>(i)) << "\n";

  leaders(
      out, *this, most, "           warps  threads of 32  line", [](const Line &line) { return line.executed.warps; },
      [&](const Line &line) {
        out << format("%17s", grouped(line.executed.warps).c_str())
            << format("%14.1f", double(line.executed.threads) / line.executed.warps);
      });
  leaders(
      out, *this, most, "         sectors     efficiency  line", [](const Line &line) { return line.global.sectors; },
      [&](const Line &line) {
        out << format("%17s", grouped(line.global.sectors).c_str())
            << format("%14s", percent(line.global.efficiency()).c_str());
      });
  leaders(
      out, *this, most, "       conflicts     wavefronts  line",
      [](const Line &line) { return line.shared.conflicts(); },
      [&](const Line &line) {
        out << format("%17s", grouped(line.shared.conflicts()).c_str())
            << format("%14s", grouped(line.shared.wavefronts).c_str());
      });
  return text;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Value number(uint64_t value) { return llvm::json::Value(value); }

static llvm::json::Object object(const Counters::Executions &executions) {
  return llvm::json::Object{{"warp_instructions", number(executions.warps)},
                            {"thread_instructions", number(executions.threads)}};
}

static llvm::json::Object object(const Counters::Global &global) {
  return llvm::json::Object{{"requests", number(global.requests)},
                            {"sectors", number(global.sectors)},
                            {"ideal_sectors", number(global.idealSectors)},
                            {"efficiency", global.efficiency()}};
}

static llvm::json::Object object(const Counters::Shared &shared) {
  return llvm::json::Object{{"requests", number(shared.requests)},
                            {"wavefronts", number(shared.wavefronts)},
                            {"ideal_wavefronts", number(shared.idealWavefronts)},
                            {"conflicts", number(shared.conflicts())}};
}

std::string Counters::toJSON() const {
  llvm::json::Object classes;
  for (size_t i = 0; i != kInstructionClasses; ++i)
    if (byClass[i].warps)
      classes[sim::ptx::nameOf(static_cast<InstructionClass>(i))] = object(byClass[i]);
  llvm::json::Array rows;
  for (const Line &line : lines) {
    llvm::json::Object row = object(line.executed);
    row["function"] = line.function;
    row["instruction"] = line.instruction;
    row["line"] = number(line.line);
    row["class"] = sim::ptx::nameOf(line.kind);
    if (line.sourceLine) {
      row["source_file"] = line.sourceFile;
      row["source_line"] = number(line.sourceLine);
    }
    if (line.global.requests)
      row["global"] = object(line.global);
    if (line.shared.requests)
      row["shared"] = object(line.shared);
    if (line.waits)
      row["barrier_waits"] = number(line.waits);
    rows.push_back(std::move(row));
  }
  llvm::json::Object all = object(total);
  all["kernel"] = kernel;
  all["grid"] = llvm::json::Array{grid[0], grid[1], grid[2]};
  all["block"] = llvm::json::Array{block[0], block[1], block[2]};
  all["warp_efficiency"] = warpEfficiency();
  all["classes"] = std::move(classes);
  all["global"] = object(global);
  all["shared"] = object(shared);
  all["working_set"] = llvm::json::Object{{"launch_sector_bytes", number(launchSectorBytes)},
                                          {"largest_block_line_bytes", number(largestBlockLineBytes)},
                                          {"sum_of_block_line_bytes", number(sumOfBlockLineBytes)}};
  all["async_copy_bytes"] = number(asyncCopyBytes);
  all["barrier_waits"] = number(barrierWaits);
  all["mbarrier_waits"] = number(mbarrierWaits);
  all["declared"] = llvm::json::Object{{"predicate_registers", number(predicateRegisters)},
                                       {"registers_16", number(registers16)},
                                       {"registers_32", number(registers32)},
                                       {"registers_64", number(registers64)},
                                       {"max_registers", number(maxRegisters)},
                                       {"max_threads", number(maxThreads)},
                                       {"required_threads", number(requiredThreads)},
                                       {"static_shared_bytes", number(staticShared)},
                                       {"dynamic_shared_bytes", number(dynamicShared)},
                                       {"local_bytes", number(localBytes)}};
  all["lines"] = std::move(rows);
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}", llvm::json::Value(std::move(all))) << "\n";
  return text;
}
