//===- FragmentLoadTest.cpp - ldmatrix, stmatrix, movmatrix, wmma -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.14.5.15 to 9.7.14.5.17: the rows of matrix m are where lanes 8 m to 8 m + 7 point; four neighbouring
// lanes hold a row, two elements each (lane 0 the first two of row 0). Every element is another number. Of wmma
// (9.7.14.4) the manual leaves open which lane holds what: there the matrices in memory are compared.

#include "WarpRunner.h"

#include "gtest/gtest.h"

#include <bit>
#include <random>

using namespace tilec::sim::ptx;

//===----------------------------------------------------------------------===//
// 8 x 8 matrices
//===----------------------------------------------------------------------===//

/// Where row r of matrix m is: rows of 16 bytes in an order of no pattern, all 32 places different.
static unsigned placeOfRow(unsigned row) { return (row * 11 + 5) % 32 * 16; }

/// The number of an element, never 0.
static unsigned numberOf(unsigned matrix, unsigned row, unsigned column) { return 1 + matrix * 64 + row * 8 + column; }

/// The figure: row and column of the element `half` that a lane holds, or the other way round.
static std::pair<unsigned, unsigned> placeInFigure(unsigned lane, unsigned half, bool isTransposed) {
  unsigned row = lane / 4, column = lane % 4 * 2 + half;
  return isTransposed ? std::pair(column, row) : std::pair(row, column);
}

/// Statements that move all of the shared memory, a word of 4 bytes at a time, from or to registers w0 to w3 of lanes.
static std::string moveMemory(bool toMemory) {
  std::string text = "mov.u32 %at, memory; mad.lo.u32 %at, %lane, 16, %at;\n";
  for (int i = 0; i < 4; ++i) {
    std::string reg = "%w" + std::to_string(i), at = "[%at+" + std::to_string(4 * i) + "]";
    text += toMemory ? "st.shared.b32 " + at + ", " + reg + ";\n" : "ld.shared.b32 " + reg + ", " + at + ";\n";
  }
  return text;
}

static const std::string kAddress = ".reg .b32 %at, %row;\nmov.u32 %row, memory; add.u32 %row, %row, %p0;\n";

TEST(Fragments, LdmatrixIsTheManuals) {
  for (unsigned count : {1, 2, 4})
    for (bool isTransposed : {false, true})
      for (const char *space : {"", ".shared"}) {
        WarpRegisters p{"p", "b32", 1}, w{"w", "b32", 4}, d{"d", "b32", count};
        std::string pointer = *space ? "%row" : "%generic";
        std::string text =
            kAddress + moveMemory(true) + "bar.warp.sync 0xffffffff;\n" +
            (*space ? "" : ".reg .b64 %generic; cvt.u64.u32 %generic, %row; cvta.shared.u64 %generic, %generic;\n") +
            "ldmatrix.sync.aligned.m8n8.x" + std::to_string(count) + (isTransposed ? ".trans" : "") + space + ".b16 " +
            operandOf(d) + ", [" + pointer + "];";
        // The memory holds the rows of all four matrices; lanes that name no row point to where no row begins.
        WarpValues values(5 * 32);
        for (unsigned row = 0; row != 32; ++row) {
          values[row] = row < 8 * count ? placeOfRow(row) : 0;
          for (unsigned column = 0; column != 8; ++column) {
            unsigned byte = placeOfRow(row) + 2 * column;
            values[(1 + byte % 16 / 4) * 32 + byte / 16] |= uint64_t(numberOf(row / 8, row % 8, column))
                                                            << byte % 4 * 8;
          }
        }
        std::vector<WarpValues> results = runWarps(text, {p, w}, {d}, {values}, 512);
        ASSERT_EQ(results.size(), 1u);
        for (unsigned lane = 0; lane != 32; ++lane)
          for (unsigned matrix = 0; matrix != count; ++matrix)
            for (unsigned half = 0; half != 2; ++half) {
              auto [row, column] = placeInFigure(lane, half, isTransposed);
              EXPECT_EQ(results[0][matrix * 32 + lane] >> 16 * half & 0xffff, numberOf(matrix, row, column))
                  << "x" << count << " " << isTransposed << " lane " << lane << " register " << matrix;
            }
      }
}

TEST(Fragments, StmatrixIsTheManuals) {
  for (unsigned count : {1, 2, 4})
    for (bool isTransposed : {false, true}) {
      WarpRegisters p{"p", "b32", 1}, w{"w", "b32", 4}, a{"a", "b32", count}, out{"w", "b32", 4};
      std::string text = kAddress + moveMemory(true) + "bar.warp.sync 0xffffffff;\nstmatrix.sync.aligned.m8n8.x" +
                         std::to_string(count) + (isTransposed ? ".trans" : "") + ".shared.b16 [%row], " +
                         operandOf(a) + ";\nbar.warp.sync 0xffffffff;\n" + moveMemory(false) +
                         "mov.b32 %v0, %w0; mov.b32 %v1, %w1; mov.b32 %v2, %w2; mov.b32 %v3, %w3;";
      out.name = "v";
      WarpValues values((5 + count) * 32);
      for (unsigned lane = 0; lane != 32; ++lane) {
        values[lane] = lane < 8 * count ? placeOfRow(lane) : 0;
        for (unsigned matrix = 0; matrix != count; ++matrix)
          for (unsigned half = 0; half != 2; ++half) {
            auto [row, column] = placeInFigure(lane, half, isTransposed);
            values[(5 + matrix) * 32 + lane] |= uint64_t(numberOf(matrix, row, column)) << 16 * half;
          }
      }
      std::vector<WarpValues> results = runWarps(text, {p, w, a}, {out}, {values}, 512);
      ASSERT_EQ(results.size(), 1u);
      // What no row is written to stays 0.
      std::vector<unsigned> expected(256);
      for (unsigned row = 0; row != 8 * count; ++row)
        for (unsigned column = 0; column != 8; ++column)
          expected[placeOfRow(row) / 2 + column] = numberOf(row / 8, row % 8, column);
      for (unsigned i = 0; i != 256; ++i)
        EXPECT_EQ(results[0][i % 8 / 2 * 32 + i / 8] >> i % 2 * 16 & 0xffff, expected[i])
            << "x" << count << " " << isTransposed << " at " << 2 * i;
    }
}

TEST(Fragments, MovmatrixIsTheManuals) {
  WarpRegisters a{"a", "b32", 1}, d{"d", "b32", 1};
  WarpValues values(32);
  for (unsigned lane = 0; lane != 32; ++lane)
    for (unsigned half = 0; half != 2; ++half) {
      auto [row, column] = placeInFigure(lane, half, false);
      values[lane] |= uint64_t(numberOf(0, row, column)) << 16 * half;
    }
  std::vector<WarpValues> results = runWarps("movmatrix.sync.aligned.m8n8.trans.b16 %d0, %a0;", {a}, {d}, {values});
  ASSERT_EQ(results.size(), 1u);
  for (unsigned lane = 0; lane != 32; ++lane)
    for (unsigned half = 0; half != 2; ++half) {
      auto [row, column] = placeInFigure(lane, half, false);
      EXPECT_EQ(results[0][lane] >> 16 * half & 0xffff, numberOf(0, column, row)) << "lane " << lane;
    }
}

//===----------------------------------------------------------------------===//
// wmma
//===----------------------------------------------------------------------===//

namespace {
struct WmmaShape {
  unsigned m, n, k, bits;
  std::vector<std::string> factors;
  /// The type of C and D, and the registers of A, B, and C and D (tables of section 9.7.14.4.1).
  std::string sum;
  unsigned a, b, c;
};
} // namespace

static const WmmaShape wmmaShapes[] = {
    {16, 16, 16, 16, {"f16"}, "f32", 8, 8, 8},     {32, 8, 16, 16, {"f16"}, "f32", 8, 8, 8},
    {8, 32, 16, 16, {"f16"}, "f32", 8, 8, 8},      {16, 16, 16, 16, {"f16"}, "f16", 8, 8, 4},
    {32, 8, 16, 16, {"f16"}, "f16", 8, 8, 4},      {8, 32, 16, 16, {"f16"}, "f16", 8, 8, 4},
    {16, 16, 16, 16, {"bf16"}, "f32", 4, 4, 8},    {32, 8, 16, 16, {"bf16"}, "f32", 8, 2, 8},
    {8, 32, 16, 16, {"bf16"}, "f32", 2, 8, 8},     {16, 16, 8, 32, {"tf32"}, "f32", 4, 4, 8},
    {16, 16, 16, 8, {"s8", "u8"}, "s32", 2, 2, 8}, {32, 8, 16, 8, {"s8", "u8"}, "s32", 4, 1, 8},
    {8, 32, 16, 8, {"s8", "u8"}, "s32", 1, 4, 8},  {8, 8, 32, 4, {"s4", "u4"}, "s32", 1, 1, 2},
    {8, 8, 128, 1, {"b1"}, "s32", 1, 1, 2},        {8, 8, 4, 64, {"f64"}, "f64", 1, 1, 2},
};

/// The bits of 0, 1 or 2.
static uint64_t numberBits(const std::string &type, unsigned value) {
  if (type == "f64")
    return std::bit_cast<uint64_t>(double(value));
  if (type == "f32" || type == "tf32")
    return std::bit_cast<uint32_t>(float(value));
  if (type == "f16")
    return value == 0 ? 0 : value == 1 ? 0x3c00 : 0x4000;
  if (type == "bf16")
    return value == 0 ? 0 : value == 1 ? 0x3f80 : 0x4000;
  return value;
}

static double numberOfBits(const std::string &type, uint64_t bits) {
  if (type == "f64")
    return std::bit_cast<double>(bits);
  if (type == "f32")
    return std::bit_cast<float>(uint32_t(bits));
  if (type == "f16")
    return bits ? std::ldexp(double((bits & 0x3ff) | 0x400), int(bits >> 10 & 31) - 25) : 0;
  return int32_t(bits);
}

namespace {
/// A matrix in shared memory: its first byte, its elements' bits, and how far its rows (or columns) are apart.
struct InMemory {
  unsigned at, rows, columns, bits, stride;
  bool isColumnMajor;
  unsigned bit(unsigned row, unsigned column) const {
    return at * 8 + (isColumnMajor ? column * stride + row : row * stride + column) * bits;
  }
  unsigned bytes() const { return (isColumnMajor ? columns : rows) * stride * bits / 8; }
};
} // namespace

static void putBits(std::vector<uint32_t> &memory, unsigned bit, unsigned width, uint64_t value) {
  for (unsigned done = 0; done < width; done += 32)
    memory[(bit + done) / 32] |= uint32_t(value >> done) << bit % 32;
}

static uint64_t getBits(const std::vector<uint32_t> &memory, unsigned bit, unsigned width) {
  uint64_t value = 0;
  for (unsigned done = 0; done < width; done += 32)
    value |= uint64_t(memory[(bit + done) / 32]) << done;
  value >>= width < 32 ? bit % 32 : 0;
  return width == 64 ? value : value & ((uint64_t(1) << width) - 1);
}

/// A, B and C from memory, each with rows that are further apart than they are long, D back to memory.
static void checkWmma(const WmmaShape &shape, const std::string &factor, bool isColumnA, bool isColumnB, bool isColumnC,
                      std::mt19937 &random) {
  std::string sumRegister = shape.sum == "f16" || shape.sum == "s32" ? "b32" : shape.sum,
              factorRegister = factor == "f64" ? "f64" : "b32";
  unsigned sumBits = shape.sum == "f64" ? 64 : shape.sum == "f16" ? 16 : 32;
  // Strides are multiples of 16 bytes here, as the alignment of wmma asks for.
  auto place = [](unsigned at, unsigned rows, unsigned columns, unsigned bits, bool isColumn) {
    unsigned length = (isColumn ? rows : columns) * bits, stride = (length + 127) / 128 * 128 + 128;
    return InMemory{at, rows, columns, bits, stride / bits, isColumn};
  };
  InMemory a = place(0, shape.m, shape.k, shape.bits, isColumnA);
  InMemory b = place(a.at + a.bytes(), shape.k, shape.n, shape.bits, isColumnB);
  InMemory c = place(b.at + b.bytes(), shape.m, shape.n, sumBits, isColumnC);
  InMemory d = place(c.at + c.bytes(), shape.m, shape.n, sumBits, !isColumnC);
  unsigned bytes = d.at + d.bytes(), words = (bytes / 4 + 31) / 32;
  std::string size = ".m" + std::to_string(shape.m) + "n" + std::to_string(shape.n) + "k" + std::to_string(shape.k);
  WarpRegisters fa{"fa", factorRegister, shape.a}, fb{"fb", factorRegister, shape.b}, fc{"fc", sumRegister, shape.c},
      fd{"fd", sumRegister, shape.c}, w{"w", "b32", words}, v{"v", "b32", words};
  auto order = [](bool isColumn) { return std::string(isColumn ? ".col" : ".row"); };
  auto load = [&](const std::string &which, const WarpRegisters &into, const InMemory &matrix,
                  const std::string &type) {
    return "add.u32 %row, %memory, " + std::to_string(matrix.at) + "; mov.u32 %stride, " +
           std::to_string(matrix.stride) + ";\nwmma.load." + which + ".sync.aligned" + order(matrix.isColumnMajor) +
           size + ".shared." + type + " " + operandOf(into) + ", [%row], %stride;\n";
  };
  std::string text = ".reg .b32 %memory, %at, %row, %stride;\nmov.u32 %memory, memory;\nmad.lo.u32 %at, %lane, 4, "
                     "%memory;\n";
  for (const WarpRegisters *registers : {&fa, &fb, &fc, &fd})
    text += ".reg ." + registers->type + " %" + registers->name + "<" + std::to_string(registers->count) + ">;\n";
  for (unsigned i = 0; i != words; ++i)
    text += "st.shared.b32 [%at+" + std::to_string(128 * i) + "], %w" + std::to_string(i) + ";\n";
  text +=
      "bar.warp.sync 0xffffffff;\n" + load("a", fa, a, factor) + load("b", fb, b, factor) + load("c", fc, c, shape.sum);
  std::string types = factor == "f16" ? "." + shape.sum + "." + shape.sum
                                      : "." + shape.sum + "." + factor + "." + factor + "." + shape.sum;
  text += "wmma.mma" + std::string(factor == "b1" ? ".and.popc" : "") + ".sync.aligned" + order(isColumnA) +
          order(isColumnB) + size + types + " " + operandOf(fd) + ", " + operandOf(fa) + ", " + operandOf(fb) + ", " +
          operandOf(fc) + ";\nadd.u32 %row, %memory, " + std::to_string(d.at) + "; mov.u32 %stride, " +
          std::to_string(d.stride) + ";\nwmma.store.d.sync.aligned" + order(d.isColumnMajor) + size + ".shared." +
          shape.sum + " [%row], " + operandOf(fd) + ", %stride;\nbar.warp.sync 0xffffffff;\n";
  for (unsigned i = 0; i != words; ++i)
    text += "ld.shared.b32 %v" + std::to_string(i) + ", [%at+" + std::to_string(128 * i) + "];\n";

  // Random factors, and a C whose elements all differ.
  unsigned largest = shape.bits == 1 ? 1 : 2;
  std::vector<unsigned> left(shape.m * shape.k), right(shape.k * shape.n);
  std::vector<uint32_t> memory(words * 32);
  for (unsigned i = 0; i != left.size(); ++i) {
    left[i] = random() % (largest + 1);
    putBits(memory, a.bit(i / shape.k, i % shape.k), shape.bits, numberBits(factor, left[i]));
  }
  for (unsigned i = 0; i != right.size(); ++i) {
    right[i] = random() % (largest + 1);
    putBits(memory, b.bit(i / shape.n, i % shape.n), shape.bits, numberBits(factor, right[i]));
  }
  auto addend = [&](unsigned i) -> uint64_t {
    if (shape.sum == "f16") // 1024 + i, of which the spacing is 1.
      return 0x6400 + i;
    return numberBits(shape.sum, 1000 + i);
  };
  for (unsigned i = 0; i != shape.m * shape.n; ++i)
    putBits(memory, c.bit(i / shape.n, i % shape.n), sumBits, addend(i));
  WarpValues values(words * 32);
  for (unsigned i = 0; i != values.size(); ++i)
    values[i] = memory[i];
  std::vector<WarpValues> results = runWarps(text, {w}, {v}, {values}, words * 128);
  ASSERT_EQ(results.size(), 1u);
  for (unsigned i = 0; i != memory.size(); ++i)
    memory[i] = uint32_t(results[0][i]);
  for (unsigned row = 0; row != shape.m; ++row)
    for (unsigned column = 0; column != shape.n; ++column) {
      double sum = numberOfBits(shape.sum, addend(row * shape.n + column));
      for (unsigned k = 0; k != shape.k; ++k)
        sum += left[row * shape.k + k] * right[k * shape.n + column];
      ASSERT_EQ(numberOfBits(shape.sum, getBits(memory, d.bit(row, column), sumBits)), sum)
          << size << types << " at " << row << ", " << column;
    }
}

TEST(Fragments, WmmaKeepsMatricesInMemory) {
  std::mt19937 random(7);
  unsigned count = 0;
  for (const WmmaShape &shape : wmmaShapes)
    for (const std::string &factor : shape.factors)
      for (unsigned orders = 0; orders != 8; ++orders) {
        bool isColumnA = orders & 1, isColumnB = orders & 2, isColumnC = orders & 4;
        // Elements of less than a byte have one order.
        if (shape.bits < 8 && (isColumnA || !isColumnB))
          continue;
        ++count;
        ASSERT_NO_FATAL_FAILURE(checkWmma(shape, factor, isColumnA, isColumnB, isColumnC, random));
      }
  EXPECT_EQ(count, 8 * 17 + 3 * 2u);
}
