//===- PTXFuzzer.cpp - libFuzzer over PTX -----------------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Feeds texts to the PTX simulator: they are refused with a place, or their
/// kernels run to an end, to a report, or to the bound on their steps.
///
//===----------------------------------------------------------------------===//

#include "PTXRuns.h"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  // Launches differ from text to text, and are the same for one.
  uint64_t state = size;
  for (char c : text)
    state = state * 31 + static_cast<unsigned char>(c);
  auto below = [&](uint64_t count) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % count;
  };
  tilec::sim::ptx::PTXRun run = tilec::sim::ptx::runPTX(text, /*maxSteps=*/2000, below);
  if (!run.wrong.empty()) {
    std::fprintf(stderr, "%s\n", run.wrong.c_str());
    std::abort();
  }
  return 0;
}
