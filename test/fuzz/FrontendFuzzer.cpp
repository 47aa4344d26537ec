//===- FrontendFuzzer.cpp - libFuzzer over the syntax -----------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Feeds arbitrary bytes to the lexer, the parser and the printer of trees.
///
//===----------------------------------------------------------------------===//

#include "FrontendChecks.h"

#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <cstdlib>

using namespace tilec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  std::string wrong = fuzz::checkSyntax(text);
  if (wrong.empty())
    return 0;
  llvm::errs() << wrong << '\n';
  std::abort();
}
