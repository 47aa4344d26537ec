//===- PictureTest.cpp - Layouts as SVG pictures ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pictures are read back: what stands in the cell at a row and a column, and which cells have one colour.

#include "tilec/Layout/Picture.h"

#include "gtest/gtest.h"

#include <map>
#include <regex>
#include <set>

using namespace tilec::layout;

namespace {
struct Cell {
  std::string text, colour;
};
using Grid = std::map<std::pair<int64_t, int64_t>, Cell>;
} // namespace

/// The cells of a picture by row and column.
static Grid read(const std::string &svg) {
  std::regex cell("<rect x=\"(\\d+)\" y=\"(\\d+)\" width=\"(\\d+)\" height=\"(\\d+)\" fill=\"([^\"]*)\"[^>]*/>\n"
                  "<text x=\"(\\d+)\" y=\"(\\d+)\"[^>]*>([^<]*)</text>");
  Grid grid;
  for (std::sregex_iterator match(svg.begin(), svg.end(), cell), end; match != end; ++match) {
    auto number = [&](size_t group) { return std::stoll((*match)[group]); };
    int64_t x = number(1), y = number(2), width = number(3), height = number(4);
    EXPECT_EQ(x % width, 0);
    EXPECT_EQ(y % height, 0);
    // The text stands in its cell.
    EXPECT_TRUE(x < number(6) && number(6) < x + width && y < number(7) && number(7) < y + height);
    EXPECT_TRUE(grid.emplace(std::pair(y / height - 1, x / width - 1), Cell{(*match)[8], (*match)[5]}).second);
  }
  return grid;
}

TEST(Picture, Offsets) {
  for (const char *text : {"(4,8):(8,1)", "((2,4),8):((1,16),2)", "(4,4):(^1,^5)", "Sw<2,0,2> o 0 o (4,4):(4,1)",
                           "5 o (3,5):(5,1)", "12:1", "(2,(3,2)):(1,(2,6))"}) {
    ComposedLayout layout = *parseComposed(text);
    Grid grid = read(*drawOffsets(layout));
    ASSERT_EQ(int64_t(grid.size()), layout.inner.size()) << text;
    int64_t numRows = layout.inner.rank() == 1 ? 1 : layout.inner.mode(0).size();
    std::map<int64_t, std::set<std::string>> colours;
    for (const auto &[place, cell] : grid) {
      int64_t value = *layout.at(place.first + numRows * place.second)->asNumber();
      EXPECT_EQ(cell.text, std::to_string(value)) << text;
      colours[value % 8].insert(cell.colour);
    }
    std::set<std::string> all;
    for (const auto &[value, set] : colours) {
      EXPECT_EQ(set.size(), 1u);
      all.insert(set.begin(), set.end());
    }
    EXPECT_EQ(all.size(), colours.size()) << "eight shades differ";
  }
  Grid coordinates = read(*drawOffsets(*parseComposed("(2,3):(1@0,1@1)")));
  EXPECT_EQ((coordinates[{1, 2}].text), "1@0+2@1");
  EXPECT_NE(drawOffsets(*parseComposed("Sw<2,0,2> o 0 o (4,4):(4,1)"))->find("<title>Sw&lt;2,0,2&gt; o 0 o"),
            std::string::npos);
  EXPECT_EQ(drawOffsets(*parseComposed("(128,129):(129,1)")).message(),
            "a picture of 16512 cells is too large; at most 16384 are drawn");
}

TEST(Picture, Threads) {
  DistributedLayout threads = *DistributedLayout::make(*parseLayout("((2,2),(4,8)):((1@1,8@0),(2@1,1@0))"));
  Grid grid = read(*drawThreads(threads));
  ASSERT_EQ(grid.size(), 128u);
  // The figure of the accumulator of m16n8.
  EXPECT_EQ((grid[{0, 0}].text), "T0 R0");
  EXPECT_EQ((grid[{0, 1}].text), "T0 R1");
  EXPECT_EQ((grid[{0, 2}].text), "T1 R0");
  EXPECT_EQ((grid[{1, 0}].text), "T4 R0");
  EXPECT_EQ((grid[{8, 0}].text), "T0 R2");
  EXPECT_EQ((grid[{15, 7}].text), "T31 R3");
  EXPECT_EQ((grid[{0, 0}].colour), (grid[{2, 1}].colour)); // threads 0 and 8
  EXPECT_NE((grid[{0, 0}].colour), (grid[{1, 1}].colour)); // threads 0 and 4
  // Of several holders the first.
  EXPECT_EQ((read(*drawThreads(*DistributedLayout::make(*parseLayout("(2,4):(1,0)"))))[{0, 1}].text), "T0 R1");
  EXPECT_EQ(drawThreads(*DistributedLayout::make(*parseLayout("(2,4):(1@0,1@2)"))).message(),
            "a picture has two dims, and the tile of (2,4):(1@0,1@2) has 3");
}

TEST(Picture, Banks) {
  // A column of 8 rows of 128 bytes is one bank; with the swizzle each row has another one.
  for (bool swizzled : {false, true}) {
    ComposedLayout layout = *parseComposed(swizzled ? "Sw<3,2,3> o 0 o (8,32):(32,1)" : "(8,32):(32,1)");
    Grid grid = read(*drawBanks(layout, 4));
    std::set<std::string> column, row;
    for (int64_t i = 0; i < 8; ++i)
      column.insert(grid[{i, 0}].colour);
    for (int64_t j = 0; j < 32; ++j)
      row.insert(grid[{0, j}].colour);
    EXPECT_EQ(column.size(), swizzled ? 8u : 1u);
    EXPECT_EQ(row.size(), 32u);
  }
  // Two elements of 16 bits share a bank.
  Grid halves = read(*drawBanks(*parseComposed("(1,64):(64,1)"), 2));
  EXPECT_EQ((halves[{0, 0}].colour), (halves[{0, 1}].colour));
  EXPECT_NE((halves[{0, 1}].colour), (halves[{0, 2}].colour));
  EXPECT_EQ(drawBanks(*parseComposed("(2,2):(1@0,1@1)"), 4).message(),
            "the value 1@0 of (2,2):(1@0,1@1) is no offset in memory");
}
