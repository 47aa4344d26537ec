//===- Table.cpp - Layouts as tables of text --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Table.h"

#include <algorithm>

using namespace tilec::layout;

/// The modes that a layout's values may have, nested: what a coordinate looks like.
namespace {
struct Coordinate {
  std::vector<Coordinate> modes;
  int64_t value = 0;
};
} // namespace

static Coordinate &place(Coordinate &root, const std::vector<int32_t> &path) {
  Coordinate *at = &root;
  for (int32_t mode : path) {
    if (at->modes.size() <= static_cast<size_t>(mode))
      at->modes.resize(static_cast<size_t>(mode) + 1);
    at = &at->modes[static_cast<size_t>(mode)];
  }
  return *at;
}

/// No table has more numbers in its coordinates.
static constexpr int64_t maxPlaces = int64_t(1) << 22;

static int64_t countPlaces(const Coordinate &coordinate) {
  int64_t count = coordinate.modes.empty() ? 1 : 0;
  for (const Coordinate &mode : coordinate.modes)
    count += countPlaces(mode);
  return count;
}

static std::string printCoordinate(const Coordinate &coordinate) {
  if (coordinate.modes.empty())
    return std::to_string(coordinate.value);
  std::string text = "(";
  for (const Coordinate &mode : coordinate.modes) {
    if (text.size() > 1)
      text += ',';
    text += printCoordinate(mode);
  }
  return text + ')';
}

Result<std::vector<std::string>> tilec::layout::valuesAsText(const ComposedLayout &layout) {
  if (layout.inner.size() > maxTableSize)
    return Error{print(layout) + " has " + std::to_string(layout.inner.size()) + " elements, more than a table of " +
                 std::to_string(maxTableSize) + " can hold"};
  // The nesting of all coordinates, with zeros.
  Coordinate shape;
  for (const Mode &leaf : layout.inner.leaves())
    for (const BasisTerm &term : leaf.stride.terms())
      place(shape, term.path);
  // A coordinate is printed with all its modes, up to the largest that occurs at each level.
  int64_t places = countPlaces(shape);
  if (places * layout.inner.size() > maxPlaces)
    return Error{print(layout) + " has " + std::to_string(layout.inner.size()) + " coordinates of " +
                 std::to_string(places) + " places each, more than the 2^22 that are printed"};
  std::vector<std::string> texts;
  for (int64_t i = 0; i < layout.inner.size(); ++i) {
    Result<Offset> value = layout.at(i);
    if (!value)
      return value.error();
    if (shape.modes.empty()) {
      texts.push_back(std::to_string(*value->asNumber()));
    } else if (value->isCoordinate()) {
      Coordinate coordinate = shape;
      for (const BasisTerm &term : value->terms())
        place(coordinate, term.path).value = term.coefficient;
      texts.push_back(printCoordinate(coordinate));
    } else {
      texts.push_back(print(*value));
    }
  }
  return texts;
}

Result<std::string> tilec::layout::printTable(const ComposedLayout &layout) {
  Result<std::vector<std::string>> values = valuesAsText(layout);
  if (!values)
    return values.error();
  size_t rows = layout.inner.rank() > 1 ? static_cast<size_t>(layout.inner.mode(0).size()) : 1;
  size_t columns = values->size() / rows;
  size_t width = std::to_string(columns - 1).size(), edge = std::to_string(rows - 1).size();
  for (const std::string &value : *values)
    width = std::max(width, value.size());
  auto cell = [](const std::string &text, size_t size) { return std::string(size - text.size(), ' ') + text; };
  // A layout of one row needs no number for it.
  std::string margin = rows > 1 ? std::string(edge + 3, ' ') : "", text = margin;
  for (size_t column = 0; column < columns; ++column)
    text += (column ? "  " : "") + cell(std::to_string(column), width);
  text += '\n';
  if (rows > 1)
    text += std::string(edge + 1, ' ') + '+';
  text += std::string(columns * (width + 2) - 1 - (rows == 1), '-') + '\n';
  for (size_t row = 0; row < rows; ++row) {
    if (rows > 1)
      text += cell(std::to_string(row), edge) + " | ";
    for (size_t column = 0; column < columns; ++column)
      text += (column ? "  " : "") + cell((*values)[row + rows * column], width);
    text += '\n';
  }
  return text;
}
