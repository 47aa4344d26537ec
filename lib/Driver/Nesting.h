//===- Nesting.h - how deep a text is nested --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's parsers of IR and of JSON recurse without a limit, so what would
// exhaust the stack is refused before they see it.

#ifndef TILEC_LIB_DRIVER_NESTING_H
#define TILEC_LIB_DRIVER_NESTING_H

#include "llvm/ADT/StringRef.h"

#include <algorithm>

namespace tilec {

/// More than any IR or configuration needs, and little enough for every parser.
constexpr int64_t maxNesting = 256;

/// Whether brackets are nested deeper than maxNesting. Strings do not count, nor
/// do the arrows and comparisons of IR; bytecode has no brackets to count.
inline bool isNestedTooDeep(llvm::StringRef text) {
  if (text.starts_with("ML\xefR"))
    return false;
  int64_t depth = 0;
  bool isString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (isString) {
      if (c == '\\')
        ++i;
      isString = c != '"' && c != '\n';
      continue;
    }
    isString = c == '"';
    bool isOperator = (i > 0 && text[i - 1] == '-' && c == '>') ||
                      ((c == '<' || c == '>') && i + 1 < text.size() && text[i + 1] == '=');
    if (isOperator)
      continue;
    if (llvm::StringRef("([{<").contains(c))
      ++depth;
    else if (llvm::StringRef(")]}>").contains(c))
      depth = std::max<int64_t>(depth - 1, 0);
    if (depth > maxNesting)
      return true;
  }
  return false;
}

} // namespace tilec

#endif // TILEC_LIB_DRIVER_NESTING_H
