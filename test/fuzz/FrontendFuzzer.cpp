//===- FrontendFuzzer.cpp - libFuzzer over the front end -------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Feeds arbitrary bytes to the stages of the front end, one after the other. A
/// further stage joins by adding its check to the list.
///
//===----------------------------------------------------------------------===//

#include "FrontendChecks.h"

#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <cstdlib>

using namespace tilec;

/// Each takes the text and returns what does not hold, or an empty string.
static constexpr std::string (*stages[])(llvm::StringRef) = {
    fuzz::checkSyntax,
};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  for (auto *stage : stages) {
    std::string wrong = stage(text);
    if (wrong.empty())
      continue;
    llvm::errs() << wrong << '\n';
    std::abort();
  }
  return 0;
}
