//===- FrontendChecks.h - what holds for every input -----------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Properties of the front end that hold for every sequence of bytes. The
/// fuzzer and the mutation test check the same ones.
///
//===----------------------------------------------------------------------===//

#ifndef TILEC_TEST_FUZZ_FRONTENDCHECKS_H
#define TILEC_TEST_FUZZ_FRONTENDCHECKS_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace tilec {
class DiagnosticEngine;
} // namespace tilec

namespace tilec::fuzz {

/// Checks that there are at most 20 errors, each with a sentence and places
/// inside the text, and that they can be printed, as valid UTF-8.
/// Returns what does not hold, or an empty string.
std::string checkDiagnostics(const DiagnosticEngine &diags);

/// Parses `text`. Checks its errors, and, where there are none, that the printed
/// tree has every token of the text, and parses and prints as itself.
/// Returns what does not hold, or an empty string.
std::string checkSyntax(llvm::StringRef text);

} // namespace tilec::fuzz

#endif // TILEC_TEST_FUZZ_FRONTENDCHECKS_H
