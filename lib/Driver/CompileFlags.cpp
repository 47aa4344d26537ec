//===- CompileFlags.cpp - options that the tools share ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The options of tile-cc and tile-run that go into CompileOptions.

#include "CompileFlags.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec;

/// Parses "i=64,j=128" and gives each pair to `take`.
static llvm::Error
parseIntegers(llvm::StringRef text, llvm::StringRef what,
              llvm::function_ref<void(llvm::StringRef, int64_t)> take) {
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ',');
  for (llvm::StringRef part : parts) {
    auto pair = splitAssignment(part, what);
    if (!pair)
      return pair.takeError();
    int64_t value;
    if (llvm::StringRef(pair->second).getAsInteger(0, value))
      return llvm::createStringError("the value of '" + pair->first +
                                     "' is not an integer: '" + pair->second +
                                     "'");
    take(pair->first, value);
  }
  return llvm::Error::success();
}

/// A handler that stores "name=value" pairs.
static CommandLine::Handler storePairs(llvm::StringMap<std::string> &map,
                                       const char *what) {
  return [&map, what](llvm::StringRef text) -> llvm::Error {
    auto pair = splitAssignment(text, what);
    if (!pair)
      return pair.takeError();
    map[pair->first] = pair->second;
    return llvm::Error::success();
  };
}

void tilec::addCompileFlags(CommandLine &line, CompileOptions &options) {
  line.addOption("arch", "ARCH",
                 "native (default), x86-64-v3, x86-64-v4, znver4 or sapphirerapids; several with commas for one object that chooses",
                 options.arch);
  line.addOption("set", "i=64,j=64",
                 "Values of tile indices and tunables; grid#1.i or matmul.i "
                 "for one of them",
                 [&options](llvm::StringRef text) -> llvm::Error {
                   return parseIntegers(
                       text, "NAME=INTEGER",
                       [&](llvm::StringRef name, int64_t value) {
                         options.config.push_back({name.str(), value});
                       });
                 });
  line.addOption("config", "FILE.json", "The same from a file",
                 [&options](llvm::StringRef path) {
                   return readConfigFile(path, options);
                 });
  line.addOption("type", "T=f16", "What a type parameter stands for",
                 storePairs(options.types, "PARAMETER=TYPE"));
  line.addOption("const", "NAME=VALUE", "The value of a const parameter",
                 storePairs(options.consts, "PARAMETER=VALUE"));
  line.addOption("dim", "D=64", "Compile for this value of a dim",
                 [&options](llvm::StringRef text) -> llvm::Error {
                   return parseIntegers(
                       text, "DIM=INTEGER",
                       [&](llvm::StringRef name, int64_t value) {
                         options.dims[name] = value;
                       });
                 });
  line.addOption("O", "LEVEL", "Effort of optimisation, 0 to 3 (default 2)",
                 [&options](llvm::StringRef text) -> llvm::Error {
                   if (text.getAsInteger(10, options.optLevel) ||
                       options.optLevel > 3)
                     return llvm::createStringError(
                         "the optimisation level is 0 to 3, got '" + text +
                         "'");
                   return llvm::Error::success();
                 });
  line.addFlag("g", "Keep source lines, for debuggers and in printed IR",
               options.debugInfo);
  auto addNegative = [&](const char *name, const char *help, bool &value) {
    // Flags are set to true; these options switch something off.
    line.addOption(name, "", help, [&value](llvm::StringRef) -> llvm::Error {
      value = false;
      return llvm::Error::success();
    });
  };
  addNegative("no-fuse", "Keep grids as they are written", options.fuse);
  addNegative("no-excess-precision",
              "Round every operation; contract no a*b+c",
              options.excessPrecision);
  line.addFlag("deterministic",
               "Floating-point sums in one order, however many threads",
               options.deterministic);
  line.addOption("remarks", "races", "Say also what may be wrong: races, which cannot be ruled out",
                 [&options](llvm::StringRef text) -> llvm::Error {
                   if (text != "races")
                     return llvm::createStringError("there are remarks on races, none on '" + text + "'");
                   options.raceWarnings = options.raceRemarks = true;
                   return llvm::Error::success();
                 });
  line.addFlag("verify-each-order",
               "Check after each pass that it kept the order of memory accesses",
               options.verifyEachOrder);
}

void tilec::addLoadFlags(CommandLine &line, CompileOptions &options) {
  if (std::optional<std::string> folder = llvm::sys::Process::GetEnv("TILEC_CACHE"))
    options.cacheFolder = *folder;
  line.addOption("cache", "DIR",
                 "Keep compiled kernels in a folder, for later runs (default: $TILEC_CACHE, or nowhere)",
                 options.cacheFolder);
  std::optional<std::string> map = llvm::sys::Process::GetEnv("TILEC_PERF_MAP");
  options.perfMap = map && !map->empty() && *map != "0";
  line.addFlag("perf-map", "Name kernels for perf, in /tmp/perf-PID.map (default: if $TILEC_PERF_MAP is 1)",
               options.perfMap);
}

llvm::Error tilec::readPhase(llvm::StringRef name, Phase &phase) {
  std::vector<std::string> names;
  for (Phase known : allPhases())
    names.push_back(phaseName(known).str());
  std::optional<Phase> parsed = parsePhase(name);
  if (!parsed)
    return llvm::createStringError("unknown phase '" + name + "'" +
                                   suggest(name, names));
  phase = *parsed;
  return llvm::Error::success();
}

void tilec::printTimes(llvm::ArrayRef<StepTime> times) {
  double sum = 0;
  for (const StepTime &time : times) {
    llvm::errs() << llvm::format("%9.2f ms  ", time.milliseconds) << time.step
                 << "\n";
    sum += time.milliseconds;
  }
  llvm::errs() << llvm::format("%9.2f ms  ", sum) << "total\n";
}
