//===- Picture.cpp - Layouts as SVG pictures --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Picture.h"

#include <algorithm>

using namespace tilec::layout;

namespace {
/// A cell's text and its colour in CSS.
struct Cell {
  std::string text, colour;
};
} // namespace

static std::string hsl(int64_t hue, int64_t saturation, int64_t lightness) {
  return "hsl(" + std::to_string(hue) + "," + std::to_string(saturation) + "%," + std::to_string(lightness) + "%)";
}

/// A grid of cells, column by column, with the row and column numbers at its edges. Texts have no character that XML
/// reserves.
static std::string drawGrid(int64_t numRows, const std::vector<Cell> &cells, const std::string &title) {
  constexpr int64_t height = 20;
  size_t longest = 2;
  for (const Cell &cell : cells)
    longest = std::max(longest, cell.text.size());
  int64_t width = 7 * static_cast<int64_t>(longest) + 6, numColumns = static_cast<int64_t>(cells.size()) / numRows;
  auto number = [](int64_t value) { return "\"" + std::to_string(value) + "\""; };
  auto text = [&](int64_t column, int64_t row, const std::string &content, const char *colour) {
    return "<text x=" + number(column * width + width / 2) + " y=" + number(row * height + 14) + " fill=\"" + colour +
           "\">" + content + "</text>\n";
  };
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=" + number((numColumns + 1) * width + 1) +
                    " height=" + number((numRows + 1) * height + 1) +
                    " font-family=\"monospace\" font-size=\"11\" text-anchor=\"middle\">\n<title>" + title +
                    "</title>\n";
  for (int64_t column = 0; column < numColumns; ++column)
    svg += text(column + 1, 0, std::to_string(column), "gray");
  for (int64_t row = 0; row < numRows; ++row)
    svg += text(0, row + 1, std::to_string(row), "gray");
  for (int64_t column = 0; column < numColumns; ++column)
    for (int64_t row = 0; row < numRows; ++row) {
      const Cell &cell = cells[static_cast<size_t>(row + column * numRows)];
      svg += "<rect x=" + number((column + 1) * width) + " y=" + number((row + 1) * height) +
             " width=" + number(width) + " height=" + number(height) + " fill=\"" + cell.colour +
             "\" stroke=\"black\"/>\n";
      svg += text(column + 1, row + 1, cell.text, "black");
    }
  return svg + "</svg>\n";
}

/// The title's swizzles have angle brackets.
static std::string escaped(const std::string &text) {
  std::string result;
  for (char c : text)
    result += c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return result;
}

static Status checkSize(int64_t cells) {
  if (cells > maxPictureCells)
    return Error{"a picture of " + std::to_string(cells) + " cells is too large; at most " +
                 std::to_string(maxPictureCells) + " are drawn"};
  return success();
}

/// The cells of all values, coloured by `colour`.
template <class Colour> static Result<std::string> drawValues(const ComposedLayout &layout, Colour colour) {
  if (Status size = checkSize(layout.inner.size()); !size)
    return size.error();
  std::vector<Cell> cells;
  for (int64_t index = 0; index < layout.inner.size(); ++index) {
    Result<Offset> value = layout.at(index);
    if (!value)
      return value.error();
    std::optional<int64_t> offset = value->asNumber();
    Result<std::string> fill = colour(*value, offset);
    if (!fill)
      return fill.error();
    cells.push_back({offset ? std::to_string(*offset) : print(*value), std::move(*fill)});
  }
  // A layout of one mode is one row.
  bool oneMode = layout.inner.rank() < 2;
  return drawGrid(oneMode ? 1 : layout.inner.mode(0).size(), cells, escaped(print(layout)));
}

Result<std::string> tilec::layout::drawOffsets(const ComposedLayout &layout) {
  return drawValues(layout, [](const Offset &, std::optional<int64_t> offset) -> Result<std::string> {
    return offset ? hsl(0, 0, 100 - 6 * ((*offset % 8 + 8) % 8)) : std::string("white");
  });
}

Result<std::string> tilec::layout::drawBanks(const ComposedLayout &layout, int64_t elementBytes, int64_t numBanks,
                                             int64_t bankBytes) {
  return drawValues(layout, [&](const Offset &value, std::optional<int64_t> offset) -> Result<std::string> {
    if (!offset || *offset < 0)
      return Error{"the value " + print(value) + " of " + print(layout) + " is no offset in memory"};
    int64_t period = numBanks * bankBytes, address = *offset % period * elementBytes % period;
    return hsl(address / bankBytes * 360 / numBanks, 70, 80);
  });
}

Result<std::string> tilec::layout::drawThreads(const DistributedLayout &threads) {
  if (Status size = checkSize(threads.numElements()); !size)
    return size.error();
  if (threads.shape().size() > 2)
    return Error{"a picture has two dims, and the tile of " + print(threads.layout()) + " has " +
                 std::to_string(threads.shape().size())};
  int64_t numRows = threads.shape().size() == 1 ? 1 : threads.shape()[0];
  int64_t numColumns = threads.numElements() / numRows;
  std::vector<Cell> cells(static_cast<size_t>(threads.numElements()));
  for (int64_t thread = 0; thread < threads.numThreads(); ++thread)
    for (int64_t reg = 0; reg < threads.numRegisters(); ++reg) {
      int64_t element = threads.element(reg, thread);
      Cell &cell = cells[static_cast<size_t>(element / numColumns + element % numColumns * numRows)];
      if (cell.text.empty())
        cell = {"T" + std::to_string(thread) + " R" + std::to_string(reg), hsl(thread % 8 * 45, 70, 85)};
    }
  return drawGrid(numRows, cells, print(threads.layout()));
}
