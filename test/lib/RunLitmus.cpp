//===- RunLitmus.cpp - a litmus test in many orders ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile-litmus FILE.mlir... [--schedules=N] [--seed=S]: interprets the one kernel of each file once in program order and
// N times in random orders, looking for races, and prints what happened and how often, a line each:
//
//   file FILE
//   12 printed r0=0 r1=1         what a run without a race printed, lines joined by spaces
//   3 race 21 30                 lines of the two accesses, the smaller first; in any run
//   1 error reads x[0], ...      a run that ended with an error
//
// Parameters are arrays of i32 with static shapes that start as zeros; those of one alias set are the same memory.

#include "tilec/Driver/CommandLine.h"
#include "tilec/Driver/InitAll.h"
#include "tilec/Interpreter/Interpreter.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <set>

using namespace mlir;
using namespace tilec;

static unsigned lineOf(Location location) {
  auto place = location->findInstanceOf<FileLineColLoc>();
  return place ? place.getLine() : 0;
}

/// Memory for the parameters: those of one alias set share theirs.
static SmallVector<InterpreterArgument> makeArguments(tile::KernelOp kernel,
                                                      std::map<int64_t, std::vector<int32_t>> &memory) {
  SmallVector<InterpreterArgument> arguments;
  for (unsigned i = 0; i < kernel.getNumArguments(); ++i) {
    auto type = cast<MemRefType>(kernel.getArgumentTypes()[i]);
    auto sets = kernel.getArgAttrOfType<ArrayAttr>(i, "tile.alias");
    int64_t key = sets ? cast<IntegerAttr>(sets[0]).getInt() : -1 - static_cast<int64_t>(i);
    std::vector<int32_t> &storage = memory[key];
    storage.assign(std::max<size_t>(storage.size(), type.getNumElements()), 0);
    auto [strides, offset] = type.getStridesAndOffset();
    arguments.push_back(InterpreterArgument::array(storage.data(), type.getShape(), strides));
  }
  return arguments;
}

/// Runs the kernel once and counts what happened.
static void run(tile::KernelOp kernel, std::optional<uint64_t> schedule, std::map<std::string, unsigned> &counts) {
  std::string printed;
  std::set<std::string> seen;
  bool failed = false;
  InterpreterOptions options;
  options.races = true;
  options.schedule = schedule;
  options.print = [&](StringRef line) { printed += (printed.empty() ? "" : " ") + line.rtrim().str(); };
  options.onRace = [&](const InterpreterError &race) {
    unsigned later = lineOf(race.location);
    unsigned earlier = race.notes.empty() ? later : lineOf(race.notes.front().location);
    seen.insert(("race " + Twine(std::min(earlier, later)) + " " + Twine(std::max(earlier, later))).str());
  };
  options.onError = [&](const InterpreterError &error) {
    failed = true;
    seen.insert("error " + error.message);
  };
  std::map<int64_t, std::vector<int32_t>> memory;
  if (succeeded(interpret(kernel, makeArguments(kernel, memory), options)) && seen.empty())
    seen.insert("printed " + printed);
  else if (seen.empty())
    seen.insert("error without a reason");
  for (const std::string &what : seen)
    ++counts[what];
}

int main(int argc, char **argv) {
  std::vector<std::string> files;
  StringRef name;
  uint64_t schedules = 0, seed = 0;
  for (StringRef argument : llvm::ArrayRef(argv + 1, argc - 1)) {
    bool isWrong = false;
    if (argument.consume_front("--schedules="))
      isWrong = argument.getAsInteger(10, schedules);
    else if (argument.consume_front("--seed="))
      isWrong = argument.getAsInteger(10, seed);
    else if (argument.consume_front("--kernel="))
      name = argument;
    else
      files.push_back(argument.str());
    if (isWrong) {
      llvm::errs() << "tile-litmus: '" << argument << "' is no number\n";
      return 1;
    }
  }
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  for (const std::string &file : files) {
    OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(file, &context);
    if (!module)
      return 1;
    llvm::outs() << "file " << file << "\n";
    std::map<std::string, unsigned> counts;
    for (auto kernel : module->getOps<tile::KernelOp>()) {
      if (!name.empty() && kernel.getName() != name)
        continue;
      run(kernel, std::nullopt, counts);
      for (uint64_t i = 0; i < schedules; ++i)
        run(kernel, seed + i, counts);
    }
    for (const auto &[what, count] : counts)
      llvm::outs() << count << " " << what << "\n";
  }
  return 0;
}
