//===- PTXSparseTest.cpp - mma.sp and mma.m8n8k4 ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sparse product is compared with the product of the full matrices, which are laid out in registers by hand from the
// manual's figures, one function a figure, and computed in integers: all values are small ones.

#include "WarpRunner.h"

#include "gtest/gtest.h"

#include <array>
#include <functional>
#include <random>

using namespace tilec::sim::ptx;

/// Registers of a warp, of so many bits: `values[register][lane]`.
namespace {
struct Registers {
  unsigned bits = 32;
  std::vector<std::array<uint64_t, 32>> values;
};
} // namespace

/// Runs `INSTRUCTION d, OPERANDS TAIL` once, and returns the d; the fourth operand, metadata, is one register.
static Registers runMatrix(const std::string &instruction, unsigned results, unsigned resultBits,
                           const std::vector<Registers> &operands, const std::string &tail, std::string &error) {
  WarpRegisters d{"d", "b" + std::to_string(resultBits), results};
  std::string text = instruction + " " + operandOf(d);
  std::vector<WarpRegisters> sources;
  WarpValues values;
  for (const Registers &operand : operands) {
    const WarpRegisters &source = sources.emplace_back(WarpRegisters{std::string(1, char('e' + sources.size())),
                                                                     "b" + std::to_string(operand.bits),
                                                                     static_cast<unsigned>(operand.values.size())});
    text += ", " + (sources.size() == 4 ? "%" + source.name + "0" : operandOf(source));
    for (const auto &lanes : operand.values)
      values.insert(values.end(), lanes.begin(), lanes.end());
  }
  std::vector<WarpValues> left = runWarps(text + tail + ";", sources, {d}, {values}, 0, &error);
  Registers result{resultBits, std::vector<std::array<uint64_t, 32>>(results)};
  for (unsigned i = 0; !left.empty() && i != results; ++i)
    std::copy_n(left.front().begin() + i * 32, 32, result.values[i].begin());
  return result;
}

namespace {

/// The bits of a small integer, and how many they are.
struct Element {
  const char *name;
  unsigned bits;
  bool isSigned;
  uint64_t (*encode)(int);
};

uint64_t floatBits(int value, unsigned mantissa, unsigned bias) {
  if (value == 0)
    return 0;
  uint64_t magnitude = std::abs(value);
  int exponent = 31 - __builtin_clz(unsigned(magnitude));
  uint64_t fraction = (magnitude << mantissa >> exponent) & ((1ull << mantissa) - 1);
  unsigned exponentBits = bias == 127 ? 8 : bias == 15 ? 5 : 4;
  return uint64_t(value < 0) << (mantissa + exponentBits) | uint64_t(exponent + int(bias)) << mantissa | fraction;
}

const Element kF16 = {"f16", 16, true, [](int v) { return floatBits(v, 10, 15); }},
              kBF16 = {"bf16", 16, true, [](int v) { return floatBits(v, 7, 127); }},
              kTF32 = {"tf32", 32, true, [](int v) { return floatBits(v, 23, 127); }},
              kE4M3 = {"e4m3", 8, true, [](int v) { return floatBits(v, 3, 7); }},
              kE5M2 = {"e5m2", 8, true, [](int v) { return floatBits(v, 2, 15); }},
              kS8 = {"s8", 8, true, [](int v) -> uint64_t { return uint8_t(v); }},
              kU8 = {"u8", 8, false, [](int v) -> uint64_t { return uint8_t(v); }},
              kS4 = {"s4", 4, true, [](int v) -> uint64_t { return v & 15; }},
              kU4 = {"u4", 4, false, [](int v) -> uint64_t { return v & 15; }};

/// What the manual says of a shape: chunks of `chunk` elements of which half are stored, `pair` at a time; and which
/// bits of which thread say where those of row 0 or 8, chunk i, are (figures 119, 122, 125, 127, 129, 136, 137, 139,
/// 146, 147). `selectors` is how many values the selector may have.
struct Sparse {
  unsigned k;
  const Element &a, &b;
  unsigned chunk, pair, selectors;
  /// thread of the group of four for (is row 8, chunk, selector), and the lowest bit.
  std::function<std::pair<unsigned, unsigned>(bool, unsigned, unsigned)> place;
  bool isInteger = false;
};

/// One thread has both rows, 16 bits each.
std::pair<unsigned, unsigned> oneThread(bool isLower, unsigned chunk, unsigned selector) {
  return {selector, 4 * chunk + (isLower ? 16 : 0)};
}
/// Two threads have both rows, each half of the columns.
std::pair<unsigned, unsigned> twoByColumns(bool isLower, unsigned chunk, unsigned selector) {
  return {2 * selector + (chunk < 4 ? 0 : 1), 4 * (chunk % 4) + (isLower ? 16 : 0)};
}
/// Two threads have a row each.
std::pair<unsigned, unsigned> twoByRows(bool isLower, unsigned chunk, unsigned selector) {
  return {2 * selector + isLower, 4 * chunk};
}
/// Four threads: row 0 and row 8 of the left half, then of the right half.
std::pair<unsigned, unsigned> fourThreads(bool isLower, unsigned chunk, unsigned) {
  return {(chunk < 8 ? 0u : 2u) + isLower, 4 * (chunk % 8)};
}

std::vector<Sparse> shapes() {
  return {{16, kF16, kF16, 4, 1, 4, oneThread},        {32, kF16, kF16, 4, 1, 2, twoByColumns},
          {16, kBF16, kBF16, 4, 1, 4, oneThread},      {32, kBF16, kBF16, 4, 1, 2, twoByColumns},
          {8, kTF32, kTF32, 2, 1, 4, oneThread},       {16, kTF32, kTF32, 2, 1, 2, twoByColumns},
          {32, kS8, kU8, 4, 1, 2, twoByRows, true},    {32, kU8, kU8, 4, 1, 2, twoByRows, true},
          {64, kU8, kS8, 4, 1, 1, fourThreads, true},  {64, kS8, kS8, 4, 1, 1, fourThreads, true},
          {64, kS4, kU4, 8, 2, 2, twoByRows, true},    {64, kU4, kS4, 8, 2, 2, twoByRows, true},
          {128, kS4, kS4, 8, 2, 1, fourThreads, true}, {64, kE4M3, kE5M2, 4, 1, 1, fourThreads},
          {64, kE5M2, kE4M3, 4, 1, 1, fourThreads}};
}

int randomValue(std::mt19937_64 &engine, const Element &element) {
  // Small enough for every format; never 0 where something is stored.
  int value = 1 + int(engine() % 3);
  return element.isSigned && engine() % 2 ? -value : value;
}

struct Case {
  std::vector<Registers> operands;
  std::vector<std::vector<int>> expected;
};

/// A random product: its registers, and the matrix that it is.
Case build(const Sparse &shape, unsigned selector, bool isOrdered, std::mt19937_64 &engine) {
  Case made;
  std::vector<std::vector<int>> full(16, std::vector<int>(shape.k)), stored(16), b(shape.k, std::vector<int>(8)),
      c(16, std::vector<int>(8));
  Registers metadata;
  metadata.values.resize(1);
  for (auto &lane : metadata.values[0])
    lane = engine() & UINT32_MAX;
  for (unsigned row = 0; row != 16; ++row)
    for (unsigned chunk = 0; chunk != shape.k / shape.chunk; ++chunk) {
      unsigned bits;
      if (shape.chunk == 2) {
        unsigned place = engine() % 2;
        bits = place ? 0b1110 : 0b0100;
        int value = randomValue(engine, shape.a);
        full[row][2 * chunk + place] = value;
        stored[row].push_back(value);
      } else {
        unsigned first = engine() % 4, second = engine() % 4;
        while (second == first)
          second = engine() % 4;
        if (isOrdered && second < first)
          std::swap(first, second);
        bits = first | second << 2;
        for (unsigned place : {first, second})
          for (unsigned i = 0; i != shape.pair; ++i) {
            int value = randomValue(engine, shape.a);
            full[row][shape.chunk * chunk + place * shape.pair + i] = value;
            stored[row].push_back(value);
          }
      }
      auto [thread, bit] = shape.place(row >= 8, chunk, selector);
      uint64_t &word = metadata.values[0][row % 8 * 4 + thread];
      word = (word & ~(15ull << bit)) | uint64_t(bits) << bit;
    }
  for (auto &line : b)
    for (int &value : line)
      value = randomValue(engine, shape.b);
  for (auto &line : c)
    for (int &value : line)
      value = int(engine() % 9) - 4;

  // Registers: a is stored in pieces of 32 bits; the four threads of a group have one behind the other, first of the
  // upper row, then of the lower, then of what is to the right.
  unsigned each = 32 / shape.a.bits, registersA = 16 * shape.k / 2 / 32 / each, registersB = shape.k * 8 / 32 / each;
  Registers left, right, sum;
  left.values.resize(registersA);
  right.values.resize(registersB);
  sum.values.resize(4);
  for (unsigned lane = 0; lane != 32; ++lane) {
    for (unsigned r = 0; r != registersA; ++r) {
      left.values[r][lane] = 0;
      for (unsigned j = 0; j != each; ++j)
        left.values[r][lane] |=
            shape.a.encode(stored[lane / 4 + (r % 2 ? 8 : 0)][r / 2 * 4 * each + lane % 4 * each + j])
            << (j * shape.a.bits);
    }
    for (unsigned r = 0; r != registersB; ++r) {
      right.values[r][lane] = 0;
      for (unsigned j = 0; j != each; ++j)
        right.values[r][lane] |= shape.b.encode(b[r * 4 * each + lane % 4 * each + j][lane / 4]) << (j * shape.b.bits);
    }
    for (unsigned i = 0; i != 4; ++i) {
      int value = c[lane / 4 + (i < 2 ? 0 : 8)][lane % 4 * 2 + i % 2];
      sum.values[i][lane] = shape.isInteger ? uint32_t(value) : floatBits(value, 23, 127);
    }
  }
  made.operands = {left, right, sum, metadata};
  made.expected = c;
  for (unsigned row = 0; row != 16; ++row)
    for (unsigned column = 0; column != 8; ++column)
      for (unsigned k = 0; k != shape.k; ++k)
        made.expected[row][column] += full[row][k] * b[k][column];
  return made;
}

std::string instructionOf(const Sparse &shape, bool isOrdered) {
  std::string sum = shape.isInteger ? ".s32" : ".f32";
  return std::string("mma.sp") + (isOrdered ? "::ordered_metadata" : "") + ".sync.aligned.m16n8k" +
         std::to_string(shape.k) + ".row.col" + sum + "." + shape.a.name + "." + shape.b.name + sum;
}

TEST(PTXSparse, everyShapeAndSelector) {
  std::mt19937_64 engine(23);
  for (const Sparse &shape : shapes())
    for (unsigned selector = 0; selector != shape.selectors; ++selector)
      for (bool isOrdered : {false, true}) {
        Case made = build(shape, selector, isOrdered, engine);
        std::string error, instruction = instructionOf(shape, isOrdered);
        Registers d = runMatrix(instruction, 4, 32, made.operands, ", " + std::to_string(selector), error);
        ASSERT_EQ(error, "") << instruction;
        for (unsigned lane = 0; lane != 32; ++lane)
          for (unsigned i = 0; i != 4; ++i) {
            int value = made.expected[lane / 4 + (i < 2 ? 0 : 8)][lane % 4 * 2 + i % 2];
            ASSERT_EQ(d.values[i][lane], shape.isInteger ? uint32_t(value) : floatBits(value, 23, 127))
                << instruction << " selector " << selector << " lane " << lane << " element " << i;
          }
      }
}

TEST(PTXSparse, wrongMetadata) {
  std::mt19937_64 engine(29);
  for (const Sparse &shape : shapes()) {
    Case made = build(shape, 0, /*isOrdered=*/true, engine);
    auto [thread, bit] = shape.place(true, 1, 0);
    uint64_t &word = made.operands[3].values[0][5 * 4 + thread];
    std::string error;
    // Two elements in one place.
    word = (word & ~(15ull << bit)) | 0b0101ull << bit;
    runMatrix(instructionOf(shape, false), 4, 32, made.operands, ", 0", error);
    EXPECT_NE(error.find("metadata 0x5 for row 13"), std::string::npos) << error;
    if (shape.chunk == 2)
      continue;
    // The wrong way round.
    word = (word & ~(15ull << bit)) | 0b0001ull << bit;
    error.clear();
    runMatrix(instructionOf(shape, true), 4, 32, made.operands, ", 0", error);
    EXPECT_NE(error.find("metadata 0x1 for row 13"), std::string::npos) << error;
    error.clear();
    runMatrix(instructionOf(shape, false), 4, 32, made.operands, ", 0", error);
    EXPECT_EQ(error, "");
    error.clear();
    runMatrix(instructionOf(shape, false), 4, 32, made.operands, ", " + std::to_string(shape.selectors), error);
    EXPECT_NE(error.find("the selector of the threads with metadata"), std::string::npos) << error;
  }
}

/// Figures 46 to 52: for an element of a lane of the first product, its row and column.
struct Layout {
  const char *name;
  std::function<std::pair<unsigned, unsigned>(unsigned, unsigned)> at;
};

TEST(PTXSparse, fourProducts) {
  std::mt19937_64 engine(31);
  // A lane of a group, 0 to 3, and whether it is one of the upper 16.
  auto low = [](unsigned lane) { return lane % 4; };
  auto high = [](unsigned lane) { return lane / 16 * 4; };
  using Place = std::pair<unsigned, unsigned>;
  Layout layoutsA[] = {{"row", [&](unsigned lane, unsigned i) { return Place(low(lane) + high(lane), i); }},
                       {"col", [&](unsigned lane, unsigned i) { return Place(i + high(lane), low(lane)); }}};
  Layout layoutsB[] = {{"row", [&](unsigned lane, unsigned i) { return Place(low(lane), i + high(lane)); }},
                       {"col", [&](unsigned lane, unsigned i) { return Place(i, low(lane) + high(lane)); }}};
  auto halfSum = [&](unsigned lane, unsigned i) { return Place(low(lane) + high(lane), i); };
  // Figures 51 and 52, as they are drawn: rows of lane 0, 2: elements 0 1 4 5 in row 0, 2 3 6 7 in row 2.
  auto singleSum = [&](unsigned lane, unsigned i) {
    static constexpr unsigned rows[] = {0, 0, 2, 2, 0, 0, 2, 2}, columns[] = {0, 1, 0, 1, 4, 5, 4, 5};
    return Place(rows[i] + lane % 2 + high(lane), columns[i] + low(lane) / 2 * 2);
  };
  for (const Layout &layoutA : layoutsA)
    for (const Layout &layoutB : layoutsB)
      for (auto [d, c] : {std::pair("f32", "f32"), std::pair("f32", "f16"), std::pair("f16", "f16")}) {
        bool isSingleD = d[1] == '3', isSingleC = c[1] == '3';
        int a[4][8][4], b[4][4][8], sums[4][8][8];
        Registers left, right, sum;
        left.values.resize(2);
        right.values.resize(2);
        sum.values.resize(isSingleC ? 8 : 4);
        auto put = [&](Registers &into, unsigned lane, unsigned i, int value) {
          uint64_t &word = into.values[i / 2][lane];
          word = i % 2 ? word | kF16.encode(value) << 16 : kF16.encode(value);
        };
        for (unsigned lane = 0; lane != 32; ++lane) {
          unsigned quad = lane % 16 / 4;
          for (unsigned i = 0; i != 4; ++i) {
            auto [rowA, columnA] = layoutA.at(lane, i);
            auto [rowB, columnB] = layoutB.at(lane, i);
            put(left, lane, i, a[quad][rowA][columnA] = int(engine() % 15) - 7);
            put(right, lane, i, b[quad][rowB][columnB] = int(engine() % 15) - 7);
          }
          for (unsigned i = 0; i != 8; ++i) {
            auto [row, column] = isSingleC ? singleSum(lane, i) : halfSum(lane, i);
            int value = sums[quad][row][column] = int(engine() % 101) - 50;
            if (isSingleC)
              sum.values[i][lane] = floatBits(value, 23, 127);
            else
              put(sum, lane, i, value);
          }
        }
        std::string instruction =
            std::string("mma.sync.aligned.m8n8k4.") + layoutA.name + "." + layoutB.name + "." + d + ".f16.f16." + c;
        std::string error;
        Registers results = runMatrix(instruction, isSingleD ? 8 : 4, 32, {left, right, sum}, "", error);
        ASSERT_EQ(error, "") << instruction;
        for (unsigned lane = 0; lane != 32; ++lane)
          for (unsigned i = 0; i != 8; ++i) {
            unsigned quad = lane % 16 / 4;
            auto [row, column] = isSingleD ? singleSum(lane, i) : halfSum(lane, i);
            int value = sums[quad][row][column];
            for (unsigned k = 0; k != 4; ++k)
              value += a[quad][row][k] * b[quad][k][column];
            uint64_t got = isSingleD ? results.values[i][lane] : results.values[i / 2][lane] >> (i % 2 * 16) & 0xffff;
            ASSERT_EQ(got, isSingleD ? floatBits(value, 23, 127) : kF16.encode(value))
                << instruction << " lane " << lane;
          }
      }
}

} // namespace
