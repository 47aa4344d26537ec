//===- RunPTXLitmus.cpp - litmus tests of PTX in many orders -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile-ptx-litmus FILE.ptx... [--schedules=N] [--seed=S]: runs the kernel `k` of each file with N seeds, looking for
// races. The first line of a file is `// BLOCKS THREADS WORDS`: the shape, and how many words of results there are. The
// kernel's parameters are 4096 bytes of zeros and the results, zeros as well. For each run there are, a line each:
//
//   run FILE SEED
//   ! TEXT                 of the report, if there is one
//   {...}                  of the trace
//   results 0 1 0          as they are behind the run
//
//===----------------------------------------------------------------------===//

#include "tilec/Sim/PTX/Simulator.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec::sim::ptx;

/// Runs a file with one seed.
static llvm::Error run(llvm::StringRef path, llvm::StringRef text, uint64_t seed) {
  llvm::SmallVector<llvm::StringRef> words;
  text.split('\n').first.split(words, ' ', -1, false);
  unsigned numbers[3];
  if (words.size() != 4 || words[0] != "//" ||
      llvm::any_of(llvm::seq(3), [&](int i) { return words[i + 1].getAsInteger(10, numbers[i]); }))
    return llvm::createStringError("the first line is not '// BLOCKS THREADS WORDS'");
  Device device;
  llvm::Expected<LoadedModule *> module = device.load(path, text);
  if (!module)
    return module.takeError();
  std::vector<uint32_t> results(numbers[2]);
  llvm::Expected<uint64_t> memory = device.allocate(4096);
  if (!memory)
    return memory.takeError();
  llvm::Expected<uint64_t> out = device.allocate(4 * results.size());
  if (!out)
    return out.takeError();
  if (llvm::Error error = device.fill(*memory, 0, 4096))
    return error;
  if (llvm::Error error = device.fill(*out, 0, 4 * results.size()))
    return error;
  LaunchShape shape;
  shape.grid[0] = numbers[0];
  shape.block[0] = numbers[1];
  LaunchOptions options;
  options.seed = seed;
  options.maxSteps = 1000000;
  options.checks = llvm::cantFail(Checks::parse("races"));
  options.trace.out = &llvm::outs();
  llvm::outs() << "run " << path << " " << seed << "\n";
  llvm::Expected<LaunchStatistics> done =
      device.launch(**module, "k", shape, LaunchArguments().add(*memory).add(*out), options);
  if (!done) {
    std::string report = llvm::toString(done.takeError());
    for (llvm::StringRef line : llvm::split(llvm::StringRef(report).rtrim(), '\n'))
      llvm::outs() << "! " << line << "\n";
  }
  if (llvm::Error error = device.read(*out, results.data(), 4 * results.size()))
    return error;
  llvm::outs() << "results";
  for (uint32_t result : results)
    llvm::outs() << " " << result;
  llvm::outs() << "\n";
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  std::vector<llvm::StringRef> files;
  uint64_t schedules = 1, seed = 0;
  for (llvm::StringRef argument : llvm::ArrayRef(argv + 1, argc - 1)) {
    bool isWrong = false;
    if (argument.consume_front("--schedules="))
      isWrong = argument.getAsInteger(10, schedules);
    else if (argument.consume_front("--seed="))
      isWrong = argument.getAsInteger(10, seed);
    else
      files.push_back(argument);
    if (isWrong) {
      llvm::errs() << "tile-ptx-litmus: '" << argument << "' is no number\n";
      return 1;
    }
  }
  for (llvm::StringRef file : files) {
    auto buffer = llvm::MemoryBuffer::getFile(file);
    if (!buffer) {
      llvm::errs() << "tile-ptx-litmus: " << file << ": " << buffer.getError().message() << "\n";
      return 1;
    }
    for (uint64_t i = 0; i != schedules; ++i)
      if (llvm::Error error = run(file, (*buffer)->getBuffer(), seed + i)) {
        llvm::errs() << "tile-ptx-litmus: " << file << ": " << llvm::toString(std::move(error)) << "\n";
        return 1;
      }
  }
  return 0;
}
