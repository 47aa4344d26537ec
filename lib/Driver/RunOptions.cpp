//===- RunOptions.cpp - what a user says to tile-run ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Declares tile-run's options and parses what stands in them.

#include "RunOptions.h"

using namespace tilec;

static constexpr const char *kExamples = R"(Examples:
  tile-run matmul.tile matmul --in A=a.npy --in B=b.npy --out C=c.npy
  tile-run attention.tile attention --in Q=q.npy --in K=k.npy --in V=v.npy --scalar scale=0.125 --const causal=true --out O=o.npy
  tile-run matmul.tile matmul --random A=f16[512,256] --random B=f16[256,512] --seed 7 --verify
  tile-run matmul.tile matmul --random A=f32[1024,1024] --random B=f32[1024,1024] --threads=1 --bench
  tile-run add.tile add --in X=x.npy:bf16 --in Y=y.npy:bf16 --out Z=z.npy
  tile-run scan.tile scan --random X=i32[1000] --races
  tile-run scan.tile scan --random X=i32[1000] --schedules=100 --seed=7

Elements of bf16 and f8, which NumPy lacks, travel in .npy files as any type of their size: 'A=a.npy:bf16' reads 2-byte,
':f8e4m3' 1-byte elements. Random floats are uniform in [-1, 1), integers in [0, 16); 'A=i32[64]:0..1000' gives other
bounds. Dims that a kernel uses whole are compiled for the arrays at hand.

The order of a kernel's accesses is checked by the interpreter: --races finds two accesses of one element that no order
connects, and runs program order and 3 random orders, or those that --schedules asks for; --schedules=N runs N random
legal orders and compares what they leave in the arrays and print. The orders are numbered from --seed on, and
--schedules=1 --seed=S runs order S alone.
)";

/// Parses "FILE.npy" or "FILE.npy:bf16".
static ArrayFile parseFile(llvm::StringRef text) {
  auto [path, type] = text.rsplit(':');
  std::optional<DType> as = parseDType(type);
  if (!as)
    return {text.str(), std::nullopt}; // a path may have colons
  return {path.str(), as};
}

static CommandLine::Handler
storeFiles(std::map<std::string, ArrayFile> &map) {
  return [&map](llvm::StringRef text) -> llvm::Error {
    auto pair = splitAssignment(text, "ARRAY=FILE.npy");
    if (!pair)
      return pair.takeError();
    if (!map.insert({pair->first, parseFile(pair->second)}).second)
      return llvm::createStringError("array '" + pair->first +
                                     "' is given twice");
    return llvm::Error::success();
  };
}

/// Parses "f16[512,256]" and "i32[64]:0..1000".
static llvm::Expected<RandomArray> parseRandom(llvm::StringRef text) {
  auto fail = [&] {
    return llvm::createStringError(
        "expected TYPE[EXTENTS] or TYPE[EXTENTS]:LOW..HIGH, such as "
        "f16[512,256], got '" +
        text + "'");
  };
  RandomArray array;
  auto [type, rest] = text.split('[');
  auto [extents, bounds] = rest.split(']');
  std::optional<DType> dtype = parseDType(type.trim());
  if (!dtype || !text.contains('[') || !rest.contains(']'))
    return fail();
  array.dtype = *dtype;
  llvm::SmallVector<llvm::StringRef> parts;
  if (!extents.trim().empty())
    extents.split(parts, ',');
  for (llvm::StringRef part : parts) {
    int64_t extent;
    if (part.trim().getAsInteger(10, extent) || extent < 0)
      return fail();
    array.shape.push_back(extent);
  }
  bool isBool = *dtype == DType::Bool;
  array.low = isFloat(*dtype) ? -1 : 0;
  array.high = isFloat(*dtype) ? 1 : isBool ? 2 : 16;
  if (bounds.empty())
    return array;
  auto [low, high] = bounds.drop_front(1).split("..");
  if (bounds[0] != ':' || low.getAsDouble(array.low) ||
      high.getAsDouble(array.high) || !(array.low < array.high))
    return fail();
  return array;
}

void tilec::addRunOptions(CommandLine &line, RunOptions &options) {
  line.addPositional("FILE", "A .tile file, or IR with --compile-from; - reads "
                             "standard input",
                     options.input);
  line.addPositional("KERNEL", "The kernel to run; may be left out if the file "
                               "has one only",
                     options.kernel, /*required=*/false);
  line.addOption("compile-from", "PHASE",
                 "The input is IR at the end of this phase",
                 [&options](llvm::StringRef text) {
                   return readPhase(text, options.compile.compileFrom);
                 });
  line.addOption("exec", "EXECUTOR",
                 "cpu (default) or interp (default with --races and --schedules)",
                 options.executor);
  line.addOption("in", "A=a.npy", "An input array", storeFiles(options.ins));
  line.addOption("inout", "X=x.npy",
                 "An array that is read, and written back to its file",
                 storeFiles(options.inouts));
  line.addOption("out", "C=c.npy", "Where a result goes",
                 storeFiles(options.outs));
  line.addOption("scalar", "NAME=VALUE", "A scalar argument",
                 [&options](llvm::StringRef text) -> llvm::Error {
                   auto pair = splitAssignment(text, "SCALAR=VALUE");
                   if (!pair)
                     return pair.takeError();
                   if (!options.scalars.insert(*pair).second)
                     return llvm::createStringError("scalar '" + pair->first +
                                                    "' is given twice");
                   return llvm::Error::success();
                 });
  line.addOption("random", "A=f16[512,256]", "An array of random values",
                 [&options](llvm::StringRef text) -> llvm::Error {
                   auto pair = splitAssignment(text, "ARRAY=TYPE[EXTENTS]");
                   if (!pair)
                     return pair.takeError();
                   auto array = parseRandom(pair->second);
                   if (!array)
                     return array.takeError();
                   options.randoms[pair->first] = *array;
                   return llvm::Error::success();
                 });
  auto parseSeed = [](llvm::StringRef text, uint64_t &seed) -> llvm::Error {
    if (text.getAsInteger(0, seed))
      return llvm::createStringError("the seed is not a number: '" + text +
                                     "'");
    return llvm::Error::success();
  };
  line.addOption("seed", "N",
                 "Seed of random arrays, and number of the first random order "
                 "(default 0)",
                 [&options, parseSeed](llvm::StringRef text) {
                   return parseSeed(text, options.seed);
                 });
  line.addOption("array-seed", "N",
                 "Seed of random arrays where it is not that of the orders",
                 [&options, parseSeed](llvm::StringRef text) {
                   return parseSeed(text, options.arraySeed.emplace(0));
                 });
  line.addOption("schedules", "N",
                 "(interp) Run N random legal orders; fail if results differ",
                 [&options](llvm::StringRef text) -> llvm::Error {
                   if (text.getAsInteger(10, options.schedules) ||
                       options.schedules < 1 || options.schedules > 1000000)
                     return llvm::createStringError(
                         "the number of schedules is 1 to 1000000, got '" +
                         text + "'");
                   return llvm::Error::success();
                 });
  addCompileFlags(line, options.compile);
  addLoadFlags(line, options.compile);
  line.addOption("threads", "N", "Threads that run grids (default: all)",
                 [&options](llvm::StringRef text) -> llvm::Error {
                   if (text.getAsInteger(10, options.threads) ||
                       options.threads < 1 || options.threads > 4096)
                     return llvm::createStringError(
                         "the number of threads is 1 to 4096, got '" + text +
                         "'");
                   return llvm::Error::success();
                 });
  line.addFlag("verify",
               "Compare with the interpreter; print the largest errors",
               options.verify);
  line.addFlag("bench", "Median and spread of repeated runs", options.bench);
  line.addFlag("races", "(interp) Report the first race", options.races);
  line.addFlag("counters", "(simulators; not built yet) Count events",
               options.counters);
  line.addFlag("timing", "Print the time of every step of the compilation",
               options.timing);
  line.addEpilogue(kExamples);
}
