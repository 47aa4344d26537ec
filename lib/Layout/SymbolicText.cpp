//===- SymbolicText.cpp - Layouts with symbols as text ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The grammar of Layout.h, where a number may be a sum of products:
//
//   sum      := ['-'] product {('+' | '-') product}
//   product  := factor {'*' factor} ['/' number]
//   factor   := number | symbol

#include "CheckedMath.h"
#include "TextReader.h"

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

std::string tilec::layout::print(const SymbolicTuple &tuple) {
  return printTree(tuple.profile(), [&](size_t i) { return print(tuple.leaves()[i]); });
}

std::string tilec::layout::print(const SymbolicLayout &layout) {
  return print(layout.shape()) + ":" +
         printTree(layout.profile(), [&](size_t i) { return print(layout.leaves()[i].stride); });
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool isDigit(char c) { return c >= '0' && c <= '9'; }
static bool continuesWord(char c) { return isLetter(c) || isDigit(c) || c == '_'; }

std::optional<std::string> TextReader::symbol() {
  accept("");
  if (place == text.size() || !isLetter(text[place]))
    return std::nullopt;
  size_t start = place;
  while (place < text.size() && continuesWord(text[place]))
    ++place;
  return std::string(text.substr(start, place - start));
}

static Result<SymbolicInt> readProduct(TextReader &reader) {
  SymbolicInt product = 1;
  do {
    if (std::optional<std::string> symbol = reader.symbol()) {
      product = product * SymbolicInt::symbol(*symbol);
      continue;
    }
    Result<int64_t> number = reader.number();
    if (!number)
      return number.error();
    product = product * SymbolicInt(*number);
  } while (reader.accept("*"));
  if (!reader.accept("/"))
    return product;
  Result<int64_t> divisor = reader.number();
  if (!divisor)
    return divisor.error();
  if (*divisor < 1)
    return Error{"a divisor is positive, not " + std::to_string(*divisor)};
  return product.over(*divisor);
}

Result<SymbolicInt> TextReader::symbolicInt() {
  SymbolicInt sum = 0;
  bool negative = accept("-");
  while (true) {
    Result<SymbolicInt> product = readProduct(*this);
    if (!product)
      return product;
    sum = negative ? sum - *product : sum + *product;
    if (!sum.isValid())
      return Error{"an expression in '" + std::string(text) + "' exceeds 2^62, eight symbols or 64 terms"};
    negative = accept("-");
    if (!negative && !accept("+"))
      return sum;
  }
}

static Result<SymbolicTuple> readSymbolicTuple(TextReader &reader) {
  return readTuple<SymbolicInt>(reader, [](TextReader &r) { return r.symbolicInt(); });
}

Result<SymbolicLayout> TextReader::symbolicLayout(const Assumptions &assumptions) {
  Result<SymbolicTuple> shape = readSymbolicTuple(*this);
  if (!shape)
    return shape.error();
  if (!accept(":"))
    return columnMajor(*shape, assumptions);
  Result<SymbolicTuple> stride = readSymbolicTuple(*this);
  if (!stride)
    return stride.error();
  if (!congruent(*shape, *stride))
    return Error{"shape and stride differ in their nesting: " + print(*shape) + " and " + print(*stride)};
  std::vector<SymbolicMode> leaves;
  for (size_t i = 0, e = shape->leaves().size(); i < e; ++i)
    leaves.push_back({shape->leaves()[i], stride->leaves()[i]});
  return SymbolicLayout::make(shape->profile(), std::move(leaves), assumptions);
}

Result<SymbolicTuple> tilec::layout::parseSymbolicTuple(std::string_view text) {
  TextReader reader(text);
  Result<SymbolicTuple> tuple = readSymbolicTuple(reader);
  if (tuple && !reader.atEnd())
    return reader.expected("the end of the tuple");
  return tuple;
}

Result<SymbolicLayout> tilec::layout::parseSymbolicLayout(std::string_view text, const Assumptions &assumptions) {
  TextReader reader(text);
  Result<SymbolicLayout> layout = reader.symbolicLayout(assumptions);
  if (layout && !reader.atEnd())
    return reader.expected("the end of a layout with symbols, whose strides are integers");
  return layout;
}

static Result<SymbolicTiler> symbolicTilerOfShape(const SymbolicTuple &shape, const Assumptions &assumptions) {
  if (shape.isLeaf()) {
    Result<SymbolicLayout> tile = SymbolicLayout::make(Profile::leaf(), {{shape.leaf(), 1}}, assumptions);
    if (!tile)
      return tile.error();
    return SymbolicTiler(std::move(*tile));
  }
  std::vector<SymbolicTiler> modes;
  for (const SymbolicTuple &part : shape.modes()) {
    Result<SymbolicTiler> mode = symbolicTilerOfShape(part, assumptions);
    if (!mode)
      return mode;
    modes.push_back(std::move(*mode));
  }
  return SymbolicTiler(std::move(modes));
}

Result<SymbolicTiler> tilec::layout::parseSymbolicTiler(std::string_view text, const Assumptions &assumptions) {
  TextReader whole(text);
  return readWholeTiler<SymbolicLayout>(whole, [&](TextReader &reader) -> Result<SymbolicTiler> {
    size_t start = reader.position();
    Result<SymbolicTuple> shape = readSymbolicTuple(reader);
    if (!shape)
      return shape.error();
    if (!reader.accept(":"))
      return symbolicTilerOfShape(*shape, assumptions);
    reader.reset(start);
    Result<SymbolicLayout> layout = reader.symbolicLayout(assumptions);
    if (!layout)
      return layout.error();
    return SymbolicTiler(std::move(*layout));
  });
}

Result<SymbolicSlicer> tilec::layout::parseSymbolicSlicer(std::string_view text) {
  using Leaf = std::optional<SymbolicInt>;
  TextReader reader(text);
  Result<SymbolicSlicer> slicer = readTuple<Leaf>(reader, [](TextReader &r) -> Result<Leaf> {
    if (r.accept("_"))
      return Leaf();
    Result<SymbolicInt> coordinate = r.symbolicInt();
    if (!coordinate)
      return coordinate.error();
    return Leaf(*coordinate);
  });
  if (slicer && !reader.atEnd())
    return reader.expected("the end of the coordinate");
  return slicer;
}

std::optional<std::string> tilec::layout::findSymbol(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!isLetter(text[i]) || (i > 0 && continuesWord(text[i - 1])))
      continue;
    size_t end = i;
    while (end < text.size() && continuesWord(text[end]))
      ++end;
    std::string word(text.substr(i, end - i));
    // The words of swizzles, of basis vectors, and of composed layouts.
    bool isFunction = end < text.size() && text[end] == '<' && (word == "Sw" || word == "S" || word == "E");
    if (!isFunction && word != "o")
      return word;
    i = end;
  }
  return std::nullopt;
}
