//===- TokenOrderTest.cpp - what tokens order, against executions -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TokenPrograms.h"

#include "tilec/Analysis/TokenOrder.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::test;

/// Whether the analysis says that instance `a` is ordered before instance `b`, by the relation in which they are.
static bool isSaidOrdered(const TokenOrder &order, const Instance &a, const Instance &b) {
  SmallVector<Operation *> common = TokenOrder::getCommonLoops(a.op, b.op);
  for (auto [depth, loop] : llvm::enumerate(common)) {
    int distance = b.iterations[depth] - a.iterations[depth];
    if (distance < 0)
      return false;
    if (distance > 0)
      return order.isOrderedCarried(Access(a.op), Access(b.op), loop, distance == 1 ? Distance::Next : Distance::Later);
  }
  return a.op != b.op && order.isOrdered(Access(a.op), Access(b.op));
}

/// Every order that the analysis finds is there in every execution.
TEST(TokenOrderTest, AgreesWithExecutions) {
  std::unique_ptr<MLIRContext> context = makeContext();
  std::mt19937 random(sampleSeed());
  unsigned numClaims = 0;
  for (unsigned program = 0; program < 150; ++program) {
    std::string text = randomTokenProgram(random);
    OwningOpRef<ModuleOp> module = parse(text, *context);
    ASSERT_TRUE(module);
    TokenOrder order(kernelOf(*module));
    for (unsigned run = 0; run < 8; ++run) {
      std::vector<Instance> instances = runTokens(kernelOf(*module), random());
      for (auto [number, earlier] : llvm::enumerate(instances)) {
        for (const Instance &later : instances) {
          if (!isSaidOrdered(order, earlier, later))
            continue;
          ++numClaims;
          ASSERT_TRUE(later.after.count(number))
              << "access " << earlier.id << " is not before access " << later.id << " in\n"
              << text;
        }
      }
    }
  }
  EXPECT_GT(numClaims, 3000u);
}
