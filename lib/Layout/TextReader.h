//===- TextReader.h - Reads the text of layouts -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The symbols of which tuples, layouts, swizzles and tilers are made.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_TEXTREADER_H
#define TILEC_LIB_LAYOUT_TEXTREADER_H

#include "tilec/Layout/Layout.h"

namespace tilec::layout {

/// Reads from left to right; blanks before a symbol do not count.
class TextReader {
public:
  explicit TextReader(std::string_view text) : text(text) {}

  /// Steps over `symbol` if it comes next.
  bool accept(std::string_view symbol);
  Status expect(std::string_view symbol);
  bool atEnd();
  /// The error that something else was expected here.
  Error expected(const std::string &what) const;

  /// A decimal or hexadecimal number of at most 2^62, perhaps negative.
  Result<int64_t> number();
  Result<IntTuple> tuple();
  Result<Layout> layout();

  /// Where the reader is, to come back to.
  size_t position() const { return place; }
  void reset(size_t position) { place = position; }

private:
  std::string_view text;
  size_t place = 0;
};

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_TEXTREADER_H
