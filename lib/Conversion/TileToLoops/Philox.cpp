//===- Philox.cpp - counter-based random numbers ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011).

#include "Elements.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

Value loops::emitRandom(Code &c, Value seed, Value counter, bool isUnsigned) {
  Value wide = c.resize(counter, c.i64(), isUnsigned);
  Type words = Code::withElement(counter.getType(), c.i32());
  Value x0 = c.resize(wide, c.i32()), x1 = c.resize(c.lshr(wide, 32), c.i32());
  Value x2 = c.intLike(words, 0), x3 = x2;
  Value key0 = c.resize(seed, c.i32()), key1 = c.resize(c.lshr(seed, 32), c.i32());
  int64_t lanes = Code::lanes(counter);
  // The high and low words of a product.
  auto multiply = [&](Value x, int64_t factor) -> std::pair<Value, Value> {
    Value product = c.mulConst(c.resize(x, c.i64(), true), factor);
    return {c.resize(c.lshr(product, 32), c.i32()), c.resize(product, c.i32())};
  };
  for (int round = 0; round < 10; ++round) {
    auto [high0, low0] = multiply(x0, 0xD2511F53ll);
    auto [high1, low1] = multiply(x2, 0xCD9E8D57ll);
    x0 = c.bitXor(c.bitXor(high1, x1), c.splat(key0, lanes));
    x2 = c.bitXor(c.bitXor(high0, x3), c.splat(key1, lanes));
    x1 = low1;
    x3 = low0;
    key0 = c.addConst(key0, 0x9E3779B9ll);
    key1 = c.addConst(key1, 0xBB67AE85ll);
  }
  Type floats = Code::withElement(words, c.f32());
  return c.mulF(c.op<arith::UIToFPOp>(floats, c.lshr(x0, 8)), c.floatLike(floats, 0x1p-24));
}
