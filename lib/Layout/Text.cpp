//===- Text.cpp - Layouts as text -------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TextReader.h"

#include "tilec/Layout/Algebra.h"

#include "CheckedMath.h"

using namespace tilec::layout;

std::string tilec::layout::print(const Layout &layout) {
  return printTree(layout.profile(), [&](size_t i) { return std::to_string(layout.leaves()[i].size); }) + ':' +
         printTree(layout.profile(), [&](size_t i) { return print(layout.leaves()[i].stride); });
}

//===----------------------------------------------------------------------===//
// The reader
//===----------------------------------------------------------------------===//

Error TextReader::expected(const std::string &what) const {
  std::string found = place < text.size() ? "'" + std::string(text.substr(place, 12)) + "'" : "the end";
  return Error{"expected " + what + " at column " + std::to_string(place + 1) + " of '" + std::string(text) +
               "', found " + found};
}

bool TextReader::accept(std::string_view symbol) {
  while (place < text.size() && (text[place] == ' ' || text[place] == '\t'))
    ++place;
  if (text.substr(place, symbol.size()) != symbol)
    return false;
  place += symbol.size();
  return true;
}

Status TextReader::expect(std::string_view symbol) {
  if (!accept(symbol))
    return expected("'" + std::string(symbol) + "'");
  return success();
}

bool TextReader::atEnd() {
  accept("");
  return place == text.size();
}

/// The value of a digit in base 16, or -1.
static int digitOf(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

Result<int64_t> TextReader::number() {
  bool negative = accept("-");
  int base = accept("0x") ? 16 : 10;
  size_t start = place;
  int64_t value = 0;
  for (; place < text.size(); ++place) {
    int digit = digitOf(text[place]);
    if (digit < 0 || digit >= base)
      break;
    if (!multiply(value, base, value) || !add(value, digit, value) || value > maxSize)
      return Error{"a number in '" + std::string(text) + "' exceeds 2^62"};
  }
  if (place == start)
    return expected("a number");
  return negative ? -value : value;
}

/// A mode's place in a path: small and not negative.
static Result<int32_t> modeNumber(TextReader &reader) {
  Result<int64_t> mode = reader.number();
  if (!mode)
    return mode.error();
  if (*mode < 0 || *mode > 1023)
    return Error{"a mode of a basis vector is between 0 and 1023, not " + std::to_string(*mode)};
  return static_cast<int32_t>(*mode);
}

/// The modes from the outside in a nesting that is not absurd.
static Status checkPath(const std::vector<int32_t> &path) {
  if (path.size() > maxDepth)
    return Error{"a basis vector is nested deeper than " + std::to_string(maxDepth)};
  return success();
}

/// E<1,0>, after the E.
static Result<Offset> readUnitVector(TextReader &reader, int64_t coefficient) {
  std::vector<int32_t> path;
  do {
    Result<int32_t> mode = modeNumber(reader);
    if (!mode)
      return mode.error();
    path.push_back(*mode);
  } while (reader.accept(","));
  if (Status closed = reader.expect(">"); !closed)
    return closed.error();
  if (Status valid = checkPath(path); !valid)
    return valid.error();
  return Offset::basis(std::move(path), coefficient);
}

static Result<Offset> readTerm(TextReader &reader) {
  if (reader.accept("E<"))
    return readUnitVector(reader, 1);
  if (reader.accept("^")) {
    Result<int64_t> mask = reader.number();
    if (!mask)
      return mask.error();
    if (*mask < 0)
      return Error{"a mask is not negative, but " + std::to_string(*mask) + " is"};
    return Offset::bits(static_cast<uint64_t>(*mask));
  }
  Result<int64_t> coefficient = reader.number();
  if (!coefficient)
    return coefficient.error();
  if (reader.accept("*")) {
    if (!reader.accept("E<"))
      return reader.expected("a basis vector E<...>");
    return readUnitVector(reader, *coefficient);
  }
  std::vector<int32_t> path;
  while (reader.accept("@")) {
    Result<int32_t> mode = modeNumber(reader);
    if (!mode)
      return mode.error();
    path.insert(path.begin(), *mode);
  }
  if (path.empty())
    return Offset(*coefficient);
  if (Status valid = checkPath(path); !valid)
    return valid.error();
  return Offset::basis(std::move(path), *coefficient);
}

static Result<Offset> readOffset(TextReader &reader) {
  Offset sum;
  do {
    Result<Offset> term = readTerm(reader);
    if (!term)
      return term;
    if (!sum.addMultiple(*term, 1))
      return Error{"the stride '" + print(sum) + "' exceeds 2^62"};
  } while (reader.accept("+"));
  return sum;
}

Result<IntTuple> TextReader::tuple() {
  return readTuple<int64_t>(*this, [](TextReader &reader) { return reader.number(); });
}

Result<Layout> TextReader::layout() {
  Result<IntTuple> shape = tuple();
  if (!shape)
    return shape.error();
  if (!accept(":"))
    return columnMajor(*shape);
  Result<StrideTuple> stride = readTuple<Offset>(*this, readOffset);
  if (!stride)
    return stride.error();
  return Layout::make(*shape, *stride);
}

Result<IntTuple> tilec::layout::parseTuple(std::string_view text) {
  TextReader reader(text);
  Result<IntTuple> tuple = reader.tuple();
  if (tuple && !reader.atEnd())
    return reader.expected("the end of the tuple");
  return tuple;
}

Result<Layout> tilec::layout::parseLayout(std::string_view text) {
  TextReader reader(text);
  Result<Layout> layout = reader.layout();
  if (layout && !reader.atEnd())
    return reader.expected("the end of the layout");
  return layout;
}

Result<Slicer> tilec::layout::parseSlicer(std::string_view text) {
  TextReader reader(text);
  Result<Slicer> slicer =
      readTuple<std::optional<int64_t>>(reader, [](TextReader &reader) -> Result<std::optional<int64_t>> {
        if (reader.accept("_"))
          return std::optional<int64_t>();
        Result<int64_t> coordinate = reader.number();
        if (!coordinate)
          return coordinate.error();
        return std::optional<int64_t>(*coordinate);
      });
  if (slicer && !reader.atEnd())
    return reader.expected("the end of the coordinate");
  return slicer;
}
