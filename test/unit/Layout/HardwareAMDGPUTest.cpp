//===- HardwareAMDGPUTest.cpp - Fragments of MFMA and WMMA ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The manuals say for each element of a matrix in which lane and which register it lies; the library says for each
// register of each lane which element it holds. Below are the tables of the manuals, by what they have in common.

#include "FragmentCheck.h"

#include "tilec/Layout/HardwareAMDGPU.h"

#include <set>

using namespace tilec::layout;
using namespace tilec::layout::amdgpu;
using namespace tilec::layout::test;

namespace {
/// Element (i, k) of A, or (j, k) of B, of block b: its lane, and the index among the lane's elements.
using Input = Holder (*)(int64_t i, int64_t k, int64_t b);
/// Element (i, j) of the accumulator of block b.
using Output = Holder (*)(int64_t i, int64_t j, int64_t b);

struct Manual {
  std::string_view name;
  /// Elements a lane.
  int64_t inputs, outputs;
  Input input;
  Output output;
};
} // namespace

// The accumulators by the matrix's shape.
static Holder output32(int64_t i, int64_t j, int64_t b) { return {j + 32 * (i / 4 % 2), 16 * b + i / 8 * 4 + i % 4}; }
static Holder output16(int64_t i, int64_t j, int64_t b) { return {j + 16 * (i / 4), 4 * b + i % 4}; }
static Holder output4(int64_t i, int64_t j, int64_t b) { return {j + 4 * b, i}; }
static Holder output16f64(int64_t i, int64_t j, int64_t) { return {j + 16 * (i % 4), i / 4}; }
static Holder output4f64(int64_t i, int64_t j, int64_t b) { return {j + 4 * b + 16 * i, 0}; }

#define INPUT(lane, element)                                                                                           \
  [](int64_t i, int64_t k, int64_t b) -> Holder {                                                                      \
    (void)i, (void)k, (void)b;                                                                                         \
    return {lane, element};                                                                                            \
  }

static const Manual manuals[] = {
    {"f32_32x32x1_2b_f32", 1, 32, INPUT(i + 32 * b, 0), output32},
    {"f32_16x16x1_4b_f32", 1, 16, INPUT(i + 16 * b, 0), output16},
    {"f32_4x4x1_16b_f32", 1, 4, INPUT(i + 4 * b, 0), output4},
    {"f32_32x32x2_f32", 1, 16, INPUT(i + 32 * k, 0), output32},
    {"f32_16x16x4_f32", 1, 4, INPUT(i + 16 * k, 0), output16},
    {"f32_32x32x4_xf32", 2, 16, INPUT(i + 32 * (k / 2), k % 2), output32},
    {"f32_16x16x8_xf32", 2, 4, INPUT(i + 16 * (k / 2), k % 2), output16},
    {"f32_32x32x4_2b_f16", 4, 32, INPUT(i + 32 * b, k), output32},
    {"f32_16x16x4_4b_f16", 4, 16, INPUT(i + 16 * b, k), output16},
    {"f32_4x4x4_16b_f16", 4, 4, INPUT(i + 4 * b, k), output4},
    {"f32_32x32x8_f16", 4, 16, INPUT(i + 32 * (k / 4), k % 4), output32},
    {"f32_16x16x16_f16", 4, 4, INPUT(i + 16 * (k / 4), k % 4), output16},
    {"i32_32x32x4_2b_i8", 4, 32, INPUT(i + 32 * b, k), output32},
    {"i32_16x16x4_4b_i8", 4, 16, INPUT(i + 16 * b, k), output16},
    {"i32_4x4x4_16b_i8", 4, 4, INPUT(i + 4 * b, k), output4},
    {"i32_32x32x16_i8", 8, 16, INPUT(i + 32 * (k / 8), k % 8), output32},
    {"i32_16x16x32_i8", 8, 4, INPUT(i + 16 * (k / 8), k % 8), output16},
    {"f32_32x32x16_fp8_fp8", 8, 16, INPUT(i + 32 * (k / 8), k % 8), output32},
    {"f32_16x16x32_fp8_fp8", 8, 4, INPUT(i + 16 * (k / 8), k % 8), output16},
    {"f64_16x16x4_f64", 1, 4, INPUT(i + 16 * k, 0), output16f64},
    {"f64_4x4x4_4b_f64", 1, 1, INPUT(i + 4 * b + 16 * k, 0), output4f64},
};

TEST(Mfma, FragmentsAreTheManuals) {
  std::set<std::string_view> seen;
  for (const Mfma &instruction : mfmaInstructions()) {
    const Manual *manual = nullptr;
    for (const Manual &candidate : manuals)
      if (candidate.name == instruction.name)
        manual = &candidate;
    ASSERT_TRUE(manual) << instruction.name;
    EXPECT_TRUE(seen.insert(instruction.name).second) << instruction.name;
    auto shape = [&](int64_t rows, int64_t columns) {
      return instruction.blocks == 1 ? std::vector<int64_t>{rows, columns}
                                     : std::vector<int64_t>{rows, columns, instruction.blocks};
    };
    auto [m, n, k] = std::array{instruction.m, instruction.n, instruction.k};
    expectHolders(mfmaFragment(instruction, MatrixOperand::A), shape(m, k), 64, manual->inputs,
                  [&](const Place &place) { return manual->input(place[0], place[1], place[2]); });
    expectHolders(mfmaFragment(instruction, MatrixOperand::B), shape(k, n), 64, manual->inputs,
                  [&](const Place &place) { return manual->input(place[1], place[0], place[2]); });
    expectHolders(mfmaFragment(instruction, MatrixOperand::Accumulator), shape(m, n), 64, manual->outputs,
                  [&](const Place &place) { return manual->output(place[0], place[1], place[2]); });
  }
  EXPECT_EQ(seen.size(), std::size(manuals));
}

/// The blocks (or groups of lanes) whose values count in place of each, a letter each.
static std::string sources(const ComposedLayout &lanes, int64_t size, int64_t count) {
  std::string text;
  for (int64_t part = 0; part < 64 / size; ++part) {
    int64_t source = *lanes.at(part * size)->asNumber();
    EXPECT_EQ(source % size, 0);
    text += char('a' + source / size % count);
    // A part moves as a whole, and among those of its place along k.
    for (int64_t i = 0; i < size; ++i) {
      EXPECT_EQ(*lanes.at(part * size + i)->asNumber(), source + i);
      EXPECT_TRUE(count * size == 64 || source / (count * size) == part / count);
    }
  }
  return text.substr(0, static_cast<size_t>(count));
}

TEST(Mfma, BroadcastsOfA) {
  struct {
    std::string_view name;
    int64_t cbsz, abid;
    const char *blocks;
  } const table[] = {
      {"f32_32x32x1_2b_f32", 0, 0, "ab"},
      {"f32_32x32x1_2b_f32", 1, 0, "aa"},
      {"f32_32x32x1_2b_f32", 1, 1, "bb"},
      {"f32_16x16x4_4b_f16", 0, 0, "abcd"},
      {"f32_16x16x4_4b_f16", 1, 0, "aacc"},
      {"f32_16x16x4_4b_f16", 1, 1, "bbdd"},
      {"f32_16x16x4_4b_f16", 2, 0, "aaaa"},
      {"f32_16x16x4_4b_f16", 2, 3, "dddd"},
      {"i32_4x4x4_16b_i8", 2, 1, "bbbbffffjjjjnnnn"},
      {"i32_4x4x4_16b_i8", 3, 5, "ffffffffnnnnnnnn"},
      {"i32_4x4x4_16b_i8", 4, 15, "pppppppppppppppp"},
      {"f64_4x4x4_4b_f64", 2, 2, "cccc"},
  };
  for (const Mfma &instruction : mfmaInstructions())
    for (const auto &row : table)
      if (row.name == instruction.name)
        EXPECT_EQ(sources(*mfmaBroadcastA(instruction, row.cbsz, row.abid), instruction.m, instruction.blocks),
                  row.blocks)
            << row.name << " " << row.cbsz << " " << row.abid;
  Mfma two = mfmaInstructions().front();
  EXPECT_EQ(mfmaBroadcastA(two, 2, 0).message(), "v_mfma_f32_32x32x1_2b_f32 has 2 blocks, and CBSZ is 2");
  EXPECT_EQ(mfmaBroadcastA(two, 1, 2).message(), "ABID is a number below 2 where CBSZ is 1, not 2");
  EXPECT_FALSE(mfmaBroadcastA(two, -1, 0));
  EXPECT_FALSE(mfmaBroadcastA(two, 100, 0));
}

TEST(Mfma, PatternsOfB) {
  const char *patterns[] = {"abcd", "abab", "cdcd", "bcda", "aaaa", "bbbb", "cccc", "dddd"};
  Mfma first = mfmaInstructions().front(), f64 = mfmaInstructions().back();
  for (int64_t blgp = 0; blgp < 8; ++blgp)
    EXPECT_EQ(sources(*mfmaPatternB(first, blgp), 16, 4), patterns[blgp]) << blgp;
  EXPECT_EQ(mfmaPatternB(first, 8).message(), "BLGP is a number from 0 to 7, not 8");
  EXPECT_EQ(mfmaPatternB(f64, 1).message(), "BLGP negates operands of v_mfma_f64_4x4x4_4b_f64, and moves none");
}

TEST(Mfma, TextsInTheDocuments) {
  EXPECT_EQ(print(mfmaFragment({"f32_32x32x8_f16", 32, 32, 8, 1, 16}, MatrixOperand::Accumulator)),
            "((4,4),(32,2)):((1@0,8@0),(1@1,4@0))");
  EXPECT_EQ(print(*wmmaFragment({"f32_16x16x16_f16", 11, 16, 16}, MatrixOperand::A, 32)), "(16,(16,2)):(1@1,(1@0,0))");
}

TEST(Wmma, Gfx11) {
  int count = 0;
  for (const Wmma &instruction : wmmaInstructions()) {
    if (instruction.generation != 11)
      continue;
    ++count;
    for (int64_t wave : {32, 64}) {
      // Lane l holds row (column) l % 16, all of k.
      expectFragment(*wmmaFragment(instruction, MatrixOperand::A, wave), {16, 16}, wave,
                     [](int64_t lane, int64_t i) { return Place{lane % 16, i, 0}; });
      expectFragment(*wmmaFragment(instruction, MatrixOperand::B, wave), {16, 16}, wave,
                     [](int64_t lane, int64_t i) { return Place{i, lane % 16, 0}; });
    }
    // Two rows a register in a wave of 32, four in one of 64.
    expectHolders(*wmmaFragment(instruction, MatrixOperand::Accumulator, 32), {16, 16}, 32, 8,
                  [](const Place &place) { return Holder{place[1] + 16 * (place[0] % 2), place[0] / 2}; });
    expectHolders(*wmmaFragment(instruction, MatrixOperand::Accumulator, 64), {16, 16}, 64, 4,
                  [](const Place &place) { return Holder{place[1] + 16 * (place[0] % 4), place[0] / 4}; });
  }
  EXPECT_EQ(count, 4);
}

/// The groups of sixteen lanes that hold k = 0, 1, 2, ... of a row, a digit each.
static std::string groupsAlongK(const Layout &layout, bool isA) {
  DistributedLayout fragment = *DistributedLayout::make(layout);
  std::string groups(size_t(fragment.shape()[isA ? 1 : 0]), '?');
  for (int64_t thread = 0; thread < fragment.numThreads(); ++thread)
    for (int64_t reg = 0; reg < fragment.numRegisters(); ++reg) {
      Place place = placeOf(fragment, reg, thread);
      EXPECT_EQ(place[isA ? 0 : 1], thread % 16);
      if (thread % 16 == 0)
        groups[size_t(place[isA ? 1 : 0])] = char('0' + thread / 16);
    }
  // The registers of a lane follow k.
  for (int64_t reg = 1; reg < fragment.numRegisters(); ++reg)
    EXPECT_LT(placeOf(fragment, reg - 1, 0)[isA ? 1 : 0], placeOf(fragment, reg, 0)[isA ? 1 : 0]);
  return groups;
}

TEST(Wmma, Gfx12) {
  struct {
    std::string_view name;
    const char *wave32, *wave64;
  } const figures[] = {
      {"f32_16x16x16_f16", "0000111100001111", "0000111122223333"},
      {"f16_16x16x16_f16", "0000111100001111", "0000111122223333"},
      {"i32_16x16x16_iu8", "0000000011111111", "0000222211113333"},
      {"f32_16x16x16_fp8_fp8", "0000000011111111", "0000222211113333"},
      {"i32_16x16x16_iu4", "0000000011111111", nullptr},
      {"i32_16x16x32_iu4", "00000000000000001111111111111111", "00000000222222221111111133333333"},
  };
  size_t count = 0;
  for (const Wmma &instruction : wmmaInstructions()) {
    if (instruction.generation != 12)
      continue;
    ++count;
    for (const auto &figure : figures) {
      if (figure.name != instruction.name)
        continue;
      for (bool isA : {true, false}) {
        MatrixOperand operand = isA ? MatrixOperand::A : MatrixOperand::B;
        EXPECT_EQ(groupsAlongK(*wmmaFragment(instruction, operand, 32), isA), figure.wave32) << instruction.name;
        Result<Layout> large = wmmaFragment(instruction, operand, 64);
        if (figure.wave64)
          EXPECT_EQ(groupsAlongK(*large, isA), figure.wave64) << instruction.name;
        else
          EXPECT_EQ(large.message(), "v_wmma_i32_16x16x16_iu4 in a wave of 64 leaves lanes without elements");
      }
    }
    expectHolders(*wmmaFragment(instruction, MatrixOperand::Accumulator, 32), {16, 16}, 32, 8,
                  [](const Place &place) { return Holder{place[1] + 16 * (place[0] / 8), place[0] % 8}; });
    // Rows 0-3 in lanes 0-15, 8-11 in 16-31, 4-7 in 32-47, 12-15 in 48-63.
    expectHolders(*wmmaFragment(instruction, MatrixOperand::Accumulator, 64), {16, 16}, 64, 4, [](const Place &place) {
      static const int64_t group[] = {0, 2, 1, 3};
      return Holder{place[1] + 16 * group[place[0] / 4], place[0] % 4};
    });
    EXPECT_EQ(wmmaFragment(instruction, MatrixOperand::A, 16).message(), "waves have 32 or 64 lanes, not 16");
  }
  EXPECT_EQ(count, std::size(figures));
}
