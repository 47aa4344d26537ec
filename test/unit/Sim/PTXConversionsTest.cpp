//===- PTXConversionsTest.cpp - cvt, against LLVM's APFloat -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The simulator rounds numbers with its own arithmetic; APFloat is another one. Where an operand has 16 bits, all of
// its values are converted.

#include "InstructionRunner.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APSInt.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;
using llvm::APFloat;

namespace {

struct FloatType {
  const char *name;
  const llvm::fltSemantics &semantics;
  unsigned bits;
  uint64_t nan;
};

const FloatType kFloats[] = {{"f16", APFloat::IEEEhalf(), 16, 0x7fff},
                             {"bf16", APFloat::BFloat(), 16, 0x7fff},
                             {"f32", APFloat::IEEEsingle(), 32, 0x7fffffff},
                             {"f64", APFloat::IEEEdouble(), 64, 0x7ff8000000000000}};

struct Mode {
  const char *name;
  APFloat::roundingMode mode;
};
constexpr Mode kModes[] = {{"rn", APFloat::rmNearestTiesToEven},
                           {"rz", APFloat::rmTowardZero},
                           {"rm", APFloat::rmTowardNegative},
                           {"rp", APFloat::rmTowardPositive}};

struct IntegerType {
  const char *name;
  unsigned bits;
  bool isSigned;
};
constexpr IntegerType kIntegers[] = {{"u8", 8, false},   {"s8", 8, true},   {"u16", 16, false}, {"s16", 16, true},
                                     {"u32", 32, false}, {"s32", 32, true}, {"u64", 64, false}, {"s64", 64, true}};

std::string registerOf(unsigned bits) { return bits < 16 ? "b16" : "b" + std::to_string(bits); }

std::vector<uint64_t> valuesOf(const FloatType &type) {
  return type.bits == 16 ? allOf(16) : type.bits == 32 ? specialF32(20000) : specialF64(10000);
}
std::vector<uint64_t> valuesOf(const IntegerType &type) {
  return type.bits <= 16 ? allOf(type.bits) : specialIntegers(type.bits, 10000);
}

APFloat floatOf(const FloatType &type, uint64_t bits) { return APFloat(type.semantics, llvm::APInt(type.bits, bits)); }
uint64_t bitsOf(const FloatType &type, const APFloat &value) {
  return value.isNaN() ? type.nan : value.bitcastToAPInt().getZExtValue();
}
/// The same where one of the types is f64: there a NaN keeps its sign and what there is room for of its payload, and is
/// made quiet, as APFloat does.
uint64_t bitsWithNaN(const APFloat &value) { return value.bitcastToAPInt().getZExtValue(); }

/// Compares all results, and says the first few that differ.
template <typename Expected>
void compare(const std::string &instruction, const std::vector<uint64_t> &operands,
             const std::vector<uint64_t> &results, Expected expected) {
  ASSERT_EQ(operands.size(), results.size()) << instruction;
  unsigned wrong = 0;
  for (size_t i = 0; i != operands.size() && wrong < 4; ++i)
    if (uint64_t right = expected(operands[i]); right != results[i]) {
      ADD_FAILURE() << instruction << " of 0x" << std::hex << operands[i] << " is 0x" << results[i] << ", not 0x"
                    << right;
      ++wrong;
    }
}

TEST(PTXConversions, floatToFloat) {
  for (const FloatType &from : kFloats)
    for (const FloatType &to : kFloats) {
      bool isExact = from.bits < to.bits;
      if (from.name == to.name)
        continue;
      std::vector<uint64_t> operands = valuesOf(from);
      for (const Mode &mode : kModes) {
        std::string instruction =
            std::string("cvt.") + (isExact ? "" : mode.name + std::string(".")) + to.name + "." + from.name;
        auto results = runOnAll(instruction + " %d, %a;", registerOf(to.bits), {{registerOf(from.bits), operands}});
        compare(instruction, operands, results, [&](uint64_t bits) {
          APFloat value = floatOf(from, bits);
          bool loses;
          bool isNaN = value.isNaN();
          value.convert(to.semantics, mode.mode, &loses);
          // Widening a bf16 is a shift, whatever it is.
          if (isNaN && from.bits == 16 && from.nan == to.nan >> 16 && from.name == kFloats[1].name)
            return bits << 16;
          return from.bits == 64 || to.bits == 64 ? bitsWithNaN(value) : bitsOf(to, value);
        });
        if (isExact)
          break;
      }
    }
}

TEST(PTXConversions, clamped) {
  const FloatType &single = kFloats[2];
  for (const FloatType &to : {kFloats[0], kFloats[1]})
    for (const Mode &mode : {kModes[0], kModes[1]})
      for (const char *modifier : {".relu", ".satfinite", ".relu.satfinite", ".sat"}) {
        // `.sat` is of f16, f32 and f64.
        std::string word = modifier;
        if (word == ".sat" && to.name == kFloats[1].name)
          continue;
        std::string instruction = std::string("cvt.") + mode.name + modifier + "." + to.name + ".f32";
        std::vector<uint64_t> operands = specialF32(20000);
        auto results = runOnAll(instruction + " %d, %a;", "b16", {{"b32", operands}});
        compare(instruction, operands, results, [&](uint64_t bits) -> uint64_t {
          APFloat value = floatOf(single, bits);
          if (value.isNaN())
            return word == ".sat" ? 0 : to.nan;
          bool loses;
          value.convert(to.semantics, mode.mode, &loses);
          APFloat largest = APFloat::getLargest(to.semantics, value.isNegative());
          if (word.find("satfinite") != std::string::npos && value.isInfinity())
            value = largest;
          if ((word.find("relu") != std::string::npos || word == ".sat") && value.isNegative())
            return 0;
          if (word == ".sat" && value > APFloat::getOne(to.semantics))
            value = APFloat::getOne(to.semantics);
          return bitsOf(to, value);
        });
      }
}

TEST(PTXConversions, flushed) {
  auto flush = [](uint64_t bits) { return bits & 0x7f800000 ? bits : bits & 0x80000000; };
  std::vector<uint64_t> singles = specialF32(5000), doubles = specialF64(5000);
  auto results = runOnAll("cvt.rn.ftz.f16.f32 %d, %a;", "b16", {{"b32", singles}});
  compare("cvt.rn.ftz.f16.f32", singles, results, [&](uint64_t bits) {
    APFloat value = floatOf(kFloats[2], flush(bits));
    bool loses;
    value.convert(APFloat::IEEEhalf(), APFloat::rmNearestTiesToEven, &loses);
    return bitsOf(kFloats[0], value);
  });
  results = runOnAll("cvt.rp.ftz.f32.f64 %d, %a;", "b32", {{"b64", doubles}});
  compare("cvt.rp.ftz.f32.f64", doubles, results, [&](uint64_t bits) {
    APFloat value = floatOf(kFloats[3], bits);
    bool loses;
    // Rounded as if there were smaller exponents: scaled by 2^64.
    APFloat scaled = scalbn(value, 64, APFloat::rmTowardPositive);
    scaled.convert(APFloat::IEEEsingle(), APFloat::rmTowardPositive, &loses);
    value.convert(APFloat::IEEEsingle(), APFloat::rmTowardPositive, &loses);
    uint64_t result = bitsWithNaN(value);
    return (bitsWithNaN(scaled) & 0x7fffffff) < uint64_t(65) << 23 ? result & 0x80000000 : result;
  });
  results = runOnAll("cvt.rpi.ftz.u32.f32 %d, %a;", "b32", {{"b32", singles}});
  compare("cvt.rpi.ftz.u32.f32", singles, results, [&](uint64_t bits) -> uint64_t {
    APFloat value = floatOf(kFloats[2], flush(bits));
    if (value.isNaN())
      return 0;
    llvm::APSInt integer(32, true);
    bool isExact;
    value.convertToInteger(integer, APFloat::rmTowardPositive, &isExact);
    return integer.getZExtValue();
  });
}

TEST(PTXConversions, floatToInteger) {
  for (const FloatType &from : kFloats) {
    std::vector<uint64_t> operands = valuesOf(from);
    for (const IntegerType &to : kIntegers)
      for (const Mode &mode : kModes) {
        std::string instruction = std::string("cvt.") + mode.name + "i." + to.name + "." + from.name;
        auto results = runOnAll(instruction + " %d, %a;", registerOf(to.bits), {{registerOf(from.bits), operands}});
        compare(instruction, operands, results, [&](uint64_t bits) -> uint64_t {
          APFloat value = floatOf(from, bits);
          uint64_t mask = ~uint64_t(0) >> (64 - std::max(16u, to.bits));
          llvm::APSInt integer(to.bits, !to.isSigned);
          if (value.isNaN() && (from.bits == 64 || to.bits == 64)) {
            integer = llvm::APSInt(llvm::APInt::getSignMask(to.bits), !to.isSigned);
          } else if (!value.isNaN()) {
            // Beyond the range APFloat gives the nearest end of it.
            bool isExact;
            value.convertToInteger(integer, mode.mode, &isExact);
          }
          return (to.isSigned ? integer.sextOrTrunc(64) : integer.zextOrTrunc(64)).getRawData()[0] & mask;
        });
      }
  }
}

TEST(PTXConversions, integerToFloat) {
  for (const IntegerType &from : kIntegers) {
    std::vector<uint64_t> operands = valuesOf(from);
    for (const FloatType &to : kFloats)
      for (const Mode &mode : kModes) {
        std::string instruction = std::string("cvt.") + mode.name + "." + to.name + "." + from.name;
        auto results = runOnAll(instruction + " %d, %a;", registerOf(to.bits), {{registerOf(from.bits), operands}});
        compare(instruction, operands, results, [&](uint64_t bits) {
          llvm::APSInt integer(llvm::APInt(from.bits, bits), !from.isSigned);
          APFloat value(to.semantics);
          value.convertFromAPInt(integer, from.isSigned, mode.mode);
          return bitsOf(to, value);
        });
      }
  }
}

TEST(PTXConversions, integerToInteger) {
  for (const IntegerType &from : kIntegers)
    for (const IntegerType &to : kIntegers)
      for (bool saturates : {false, true}) {
        // `.sat` where something can be beyond the range.
        bool holdsAll = to.isSigned == from.isSigned ? to.bits >= from.bits : to.isSigned && to.bits > from.bits;
        if (saturates && holdsAll)
          continue;
        std::vector<uint64_t> operands = valuesOf(from);
        std::string instruction = std::string("cvt.") + (saturates ? "sat." : "") + to.name + "." + from.name;
        auto results = runOnAll(instruction + " %d, %a;", registerOf(to.bits), {{registerOf(from.bits), operands}});
        compare(instruction, operands, results, [&](uint64_t bits) {
          llvm::APSInt value = llvm::APSInt(llvm::APInt(from.bits, bits), !from.isSigned).extend(130);
          value.setIsSigned(true);
          llvm::APSInt least = llvm::APSInt::getMinValue(to.bits, !to.isSigned).extend(130),
                       most = llvm::APSInt::getMaxValue(to.bits, !to.isSigned).extend(130);
          least.setIsSigned(true);
          most.setIsSigned(true);
          if (saturates)
            value = value < least ? least : value > most ? most : value;
          llvm::APInt low = value.trunc(to.bits);
          unsigned width = std::max(16u, to.bits);
          return (to.isSigned ? low.sextOrTrunc(width) : low.zextOrTrunc(width)).getZExtValue();
        });
      }
}

TEST(PTXConversions, toIntegralInPlace) {
  for (const FloatType &type : kFloats) {
    // bf16 has no such form.
    if (std::string(type.name) == "bf16")
      continue;
    std::vector<uint64_t> operands = valuesOf(type);
    for (const Mode &mode : kModes) {
      std::string instruction = std::string("cvt.") + mode.name + "i." + type.name + "." + type.name;
      auto results = runOnAll(instruction + " %d, %a;", registerOf(type.bits), {{registerOf(type.bits), operands}});
      compare(instruction, operands, results, [&](uint64_t bits) {
        APFloat value = floatOf(type, bits);
        value.roundToIntegral(mode.mode);
        return type.bits == 64 ? bitsWithNaN(value) : bitsOf(type, value);
      });
    }
  }
}

} // namespace
