//===- PTXRuns.cpp - PTX of unknown origin, loaded and run ------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PTXRuns.h"

#include "tilec/Sim/PTX/Simulator.h"

#include <cstring>

using namespace tilec::sim::ptx;

/// Most kernels of a module that are launched, and bytes of the array that each pointer points to.
static constexpr unsigned kKernels = 8;
static constexpr uint64_t kBytes = 4096;

PTXRun tilec::sim::ptx::runPTX(llvm::StringRef text, uint64_t maxSteps,
                               const std::function<uint64_t(uint64_t)> &below) {
  PTXRun run;
  Device device;
  llvm::Expected<LoadedModule *> module = device.load("text.ptx", text);
  if (!module) {
    std::string errors = llvm::toString(module.takeError());
    if (errors.find("text.ptx:") == std::string::npos)
      run.wrong = "an error without a place: " + errors;
    return run;
  }
  run.isLoaded = true;
  for (const Function &function : (*module)->getSyntax().functions) {
    if (!function.isEntry || !function.hasBody)
      continue;
    if (run.launched == kKernels)
      break;
    uint64_t array = llvm::cantFail(device.allocate(kBytes));
    llvm::cantFail(device.fill(array, below(3), kBytes));
    LaunchArguments arguments;
    for (const Variable &param : function.signature.params) {
      std::vector<char> bytes(param.size);
      uint64_t value = param.size == 8 ? array : below(40);
      std::memcpy(bytes.data(), &value, std::min<size_t>(bytes.size(), 8));
      arguments.addBytes(bytes.data(), bytes.size());
    }
    LaunchOptions options;
    options.seed = below(100);
    options.maxSteps = maxSteps;
    // All arguments are one array, so that most kernels have races.
    options.checks.races = below(2);
    options.print = [](llvm::StringRef) {};
    LaunchShape shape{{2, 1, 1}, {unsigned(1 + below(70)), unsigned(1 + below(2)), 1}, 1024};
    ++run.launched;
    llvm::Expected<LaunchStatistics> result = device.launch(**module, function.name, shape, arguments, options);
    if (result)
      ++run.ended;
    else if (llvm::toString(result.takeError()).empty())
      run.wrong = "a report without words";
    llvm::cantFail(device.release(array));
  }
  return run;
}
