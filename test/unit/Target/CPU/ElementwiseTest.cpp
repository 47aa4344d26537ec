//===- ElementwiseTest.cpp - conversions and elementwise ops on the CPU ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every conversion between element types and every elementwise op, on ordinary and on special numbers, against the
// interpreter.

#include "Differential.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec;
using namespace tilec::test;

static const std::vector<DType> kAll = {DType::I8,  DType::I16, DType::I32,  DType::I64, DType::U8,     DType::U16,   DType::U32,
                                        DType::U64, DType::F16, DType::BF16, DType::F32, DType::F64, DType::F8E4M3, DType::F8E5M2};

static bool isUnsigned(DType type) {
  return type == DType::U8 || type == DType::U16 || type == DType::U32 || type == DType::U64;
}

TEST(ElementwiseTest, everyConversion) {
  for (DType from : kAll) {
    std::vector<DType> results;
    std::string body;
    for (DType to : kAll) {
      bool fromInt = llvm::StringRef(irType(from)).starts_with("i"), toInt = llvm::StringRef(irType(to)).starts_with("i");
      if (from == to || (irType(from) == irType(to)))
        continue;
      std::string number = std::to_string(results.size());
      body += "    %r" + number + " = tile.cast %a0" + (fromInt && isUnsigned(from) ? " from_unsigned" : "") +
              (toInt && isUnsigned(to) ? " to_unsigned" : "") + " : T<" + irType(from) + "> to T<" + irType(to) + ">\n";
      results.push_back(to);
    }
    SCOPED_TRACE(getName(from));
    compareWithInterpreter(elementwiseKernel({from}, results, body), {from}, results, {11, 90}, 0);
  }
}

TEST(ElementwiseTest, conversionsOfEverySmallFloat) {
  for (DType from : {DType::F16, DType::BF16, DType::F8E4M3, DType::F8E5M2}) {
    std::string body = "    %r0 = tile.cast %a0 : T<" + irType(from) + "> to T<f32>\n    %r1 = tile.cast %r0 : T<f32> to T<" +
                       irType(from) + ">\n";
    compareWithInterpreter(elementwiseKernel({from}, {DType::F32, from}, body), {from}, {DType::F32, from}, {256, 256}, 0,
                           [](std::vector<Tensor> &arrays) {
                             for (int64_t n = 0; n < 65536; ++n)
                               if (getSize(arrays[0].getDType()) == 2)
                                 data<uint16_t>(arrays[0])[n] = static_cast<uint16_t>(n);
                               else
                                 data<uint8_t>(arrays[0])[n] = static_cast<uint8_t>(n);
                           });
  }
}

TEST(ElementwiseTest, roundingOfFloatsNearTies) {
  for (DType to : {DType::F16, DType::BF16, DType::F8E4M3, DType::F8E5M2}) {
    std::string body = "    %r0 = tile.cast %a0 : T<f32> to T<" + irType(to) + ">\n";
    compareWithInterpreter(elementwiseKernel({DType::F32}, {to}, body), {DType::F32}, {to}, {64, 640}, 0,
                           [](std::vector<Tensor> &arrays) {
                             std::mt19937_64 random(7);
                             auto *bits = data<uint32_t>(arrays[0]);
                             for (int64_t n = 0; n < 64 * 640; ++n) {
                               // Exponents around those of the small types, few mantissa bits, one off or exact.
                               uint32_t value = 0x30000000u + (random() % 0x200) * 0x00100000u;
                               value ^= static_cast<uint32_t>(random() % 3) - 1;
                               bits[n] = value ^ (random() % 2 ? 0x80000000u : 0);
                             }
                           });
  }
}

/// An op on two tiles of a type, with what follows the operands.
static std::string binary(const std::string &op, DType type, const std::string &more = "") {
  return "    %r0 = " + op + " %a0, %a1" + more + " : T<" + irType(type) + ">\n";
}

TEST(ElementwiseTest, integerOps) {
  for (DType type : {DType::I8, DType::I16, DType::I32, DType::I64}) {
    std::string types = irType(type), body;
    std::vector<std::string> ops = {"arith.addi", "arith.subi", "arith.muli",  "arith.maxsi", "arith.minui",
                                    "arith.xori", "arith.andi", "arith.maxui", "arith.minsi", "tile.shl",   "tile.shr"};
    std::vector<DType> results;
    for (const std::string &op : ops) {
      body += "    %r" + std::to_string(results.size()) + " = " + op + " %a0, %a1 : T<" + types + ">\n";
      results.push_back(type);
    }
    for (const char *op : {"tile.shr", "tile.shl"}) {
      body += "    %r" + std::to_string(results.size()) + " = " + op + " %a0, %a1 unsigned : T<" + types + ">\n";
      results.push_back(type);
    }
    SCOPED_TRACE(types);
    auto smallCounts = [&](std::vector<Tensor> &arrays) {
      // Half of the shift counts lie around the width.
      size_t bytes = getSize(type);
      for (int64_t n = 0; n < arrays[1].getNumElements(); n += 2) {
        int64_t count = n % 19;
        std::memcpy(static_cast<char *>(arrays[1].getData()) + n * bytes, &count, bytes);
      }
    };
    compareWithInterpreter(elementwiseKernel({type, type}, results, body), {type, type}, results, {7, 80}, 0, smallCounts);
  }
}

TEST(ElementwiseTest, integerDivision) {
  for (DType type : {DType::I8, DType::I32, DType::I64})
    for (const char *sign : {"", " unsigned"}) {
      std::string types = irType(type);
      std::string body = "    %r0 = tile.floordiv %a0, %a1" + std::string(sign) + " : T<" + types +
                         ">\n    %r1 = tile.floormod %a0, %a1" + sign + " : T<" + types + ">\n";
      auto noZeros = [&](std::vector<Tensor> &arrays) {
        size_t bytes = getSize(type);
        for (int64_t n = 0; n < arrays[1].getNumElements(); ++n) {
          int64_t value = 0;
          char *at = static_cast<char *>(arrays[1].getData()) + n * bytes;
          std::memcpy(&value, at, bytes);
          if (n % 3 == 0)
            value = n % 7 - 3;
          if (value == 0)
            value = -1;
          std::memcpy(at, &value, bytes);
        }
        // The most negative number by -1.
        int64_t lowest = int64_t(1) << (bytes * 8 - 1), minusOne = -1;
        std::memcpy(arrays[0].getData(), &lowest, bytes);
        std::memcpy(arrays[1].getData(), &minusOne, bytes);
      };
      compareWithInterpreter(elementwiseKernel({type, type}, {type, type}, body), {type, type}, {type, type}, {7, 80}, 0,
                             noZeros);
    }
}

TEST(ElementwiseTest, floatArithmetic) {
  for (DType type : {DType::F32, DType::F64, DType::F16, DType::BF16, DType::F8E4M3}) {
    std::string types = irType(type), body;
    std::vector<DType> results;
    auto one = [&](const std::string &text) {
      body += "    %r" + std::to_string(results.size()) + " = " + text + " : T<" + types + ">\n";
      results.push_back(type);
    };
    bool isByte = type == DType::F8E4M3;
    for (const char *op : {"arith.addf", "arith.subf", "arith.mulf", "arith.divf"})
      if (!isByte)
        one(std::string(op) + " %a0, %a1");
    for (const char *op : {"arith.maximumf", "arith.minimumf"})
      one(std::string(op) + " %a0, %a1");
    for (const char *op : {"arith.negf", "math.absf"})
      one(std::string(op) + " %a0");
    if (!isByte)
      for (const char *op : {"math.floor", "math.ceil", "math.trunc", "math.roundeven", "math.sqrt"})
        one(std::string(op) + " %a0");
    SCOPED_TRACE(types);
    compareWithInterpreter(elementwiseKernel({type, type}, results, body), {type, type}, results, {7, 110}, 0);
  }
}

TEST(ElementwiseTest, mathFunctions) {
  for (DType type : {DType::F32, DType::F64}) {
    // The one is within 3 ulp, the other within 1/2 (docs/numerics.md): at most 4 numbers apart. erfc is within 6.
    for (const char *op :
         {"exp", "exp2", "expm1", "log", "log2", "log1p", "sin", "cos", "tan", "tanh", "erf", "erfc", "rsqrt"}) {
      SCOPED_TRACE(op);
      int64_t numbers = llvm::StringRef(op) == "erfc" ? 7 : 4;
      std::string body = "    %r0 = math." + std::string(op) + " %a0 : T<" + irType(type) + ">\n";
      compareWithInterpreter(elementwiseKernel({type}, {type}, body), {type}, {type}, {30, 500}, numbers);
    }
    SCOPED_TRACE("powf");
    compareWithInterpreter(elementwiseKernel({type, type}, {type}, binary("math.powf", type)), {type, type}, {type},
                           {20, 100}, 4);
  }
}

TEST(ElementwiseTest, random) {
  std::string body = "    %seed = arith.constant 1234567890123 : i64\n"
                     "    %r0 = tile.rand %seed, %a0 : T<i32> -> T<f32>\n"
                     "    %r1 = tile.rand %seed, %a1 : T<i64> -> T<f32>\n";
  compareWithInterpreter(elementwiseKernel({DType::I32, DType::I64}, {DType::F32, DType::F32}, body),
                         {DType::I32, DType::I64}, {DType::F32, DType::F32}, {6, 70}, 0);
}
