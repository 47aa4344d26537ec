//===- RunOptions.h - what a user says to tile-run --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_RUNOPTIONS_H
#define TILEC_LIB_DRIVER_RUNOPTIONS_H

#include "CompileFlags.h"

#include "tilec/Runtime/DType.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tilec {

/// Where an array's values come from or go to: `NAME=FILE.npy[:TYPE]`.
struct ArrayFile {
  std::string path;
  /// The type as which the file's elements are read, such as bf16.
  std::optional<DType> as;
};

/// Random values: `NAME=TYPE[EXTENTS]`, or `NAME=TYPE[EXTENTS]:LOW..HIGH`.
struct RandomArray {
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  double low = 0, high = 0;
};

/// The options of tile-run. Maps are sorted: their order reaches messages.
struct RunOptions {
  CompileOptions compile;
  std::string input, kernel;
  /// Empty where the options leave the choice to tile-run.
  std::string executor;
  std::map<std::string, ArrayFile> ins, inouts, outs;
  std::map<std::string, RandomArray> randoms;
  std::map<std::string, std::string> scalars;
  uint64_t seed = 0;
  /// The seed of random arrays, where it is not `seed`.
  std::optional<uint64_t> arraySeed;
  unsigned threads = 0;
  /// How many random legal orders; none were asked for where it is 0.
  unsigned schedules = 0;
  bool verify = false, bench = false, races = false, counters = false,
       timing = false;
};

/// Declares the options of tile-run on a command line.
void addRunOptions(CommandLine &line, RunOptions &options);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_RUNOPTIONS_H
