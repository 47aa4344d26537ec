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

#include "tilec/Layout/SymbolicLayout.h"

namespace tilec::layout {

/// Deeper than any sensible layout, and shallow enough for recursion.
inline constexpr int maxDepth = 64;

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
  /// A letter, then letters, digits and underscores; nothing where something else comes next.
  std::optional<std::string> symbol();
  /// A sum of products of numbers and symbols, each over a number or not.
  Result<SymbolicInt> symbolicInt();
  Result<SymbolicLayout> symbolicLayout(const Assumptions &assumptions);

  /// Where the reader is, to come back to.
  size_t position() const { return place; }
  void reset(size_t position) { place = position; }

private:
  std::string_view text;
  size_t place = 0;
};

/// A nested tuple whose leaves `leaf` reads.
template <class T, class Leaf> Result<Tuple<T>> readTuple(TextReader &reader, Leaf leaf, int depth = 0) {
  if (!reader.accept("(")) {
    Result<T> value = leaf(reader);
    if (!value)
      return value.error();
    return Tuple<T>(std::move(*value));
  }
  if (depth == maxDepth)
    return Error{"tuples are nested deeper than " + std::to_string(maxDepth)};
  std::vector<Tuple<T>> modes;
  if (reader.accept(")"))
    return Tuple<T>::of(modes);
  do {
    Result<Tuple<T>> mode = readTuple<T>(reader, leaf, depth + 1);
    if (!mode)
      return mode;
    modes.push_back(std::move(*mode));
  } while (reader.accept(","));
  if (!reader.accept(")"))
    return reader.expected("',' or ')'");
  return Tuple<T>::of(modes);
}

/// '_', '<' tilers '>', or what `leaf` reads.
template <class L, class Leaf> Result<TilerOf<L>> readTiler(TextReader &reader, Leaf leaf, int depth = 0) {
  if (reader.accept("_"))
    return TilerOf<L>();
  if (!reader.accept("<"))
    return leaf(reader);
  if (depth == maxDepth)
    return Error{"tilers are nested deeper than " + std::to_string(maxDepth)};
  std::vector<TilerOf<L>> modes;
  if (reader.accept(">"))
    return TilerOf<L>(modes);
  do {
    Result<TilerOf<L>> mode = readTiler<L>(reader, leaf, depth + 1);
    if (!mode)
      return mode;
    modes.push_back(std::move(*mode));
  } while (reader.accept(","));
  if (Status closed = reader.expect(">"); !closed)
    return closed.error();
  return TilerOf<L>(std::move(modes));
}

/// A tiler and nothing behind it.
template <class L, class Leaf> Result<TilerOf<L>> readWholeTiler(TextReader &reader, Leaf leaf) {
  Result<TilerOf<L>> tiler = readTiler<L>(reader, leaf);
  if (tiler && !reader.atEnd())
    return reader.expected("the end of the tiler");
  return tiler;
}

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_TEXTREADER_H
