//===- SimplifyTokensTest.cpp - fewer tokens, the same order ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TokenPrograms.h"

#include "tilec/Analysis/TokenOrder.h"
#include "tilec/Transforms/Passes.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::test;

/// An instance by what it is in every version of a program.
using Key = std::pair<int64_t, std::vector<int>>;

static std::map<Key, std::set<Key>> keyed(const std::vector<Instance> &instances) {
  std::map<Key, std::set<Key>> order;
  for (const Instance &instance : instances) {
    std::set<Key> &after = order[{instance.id, instance.iterations}];
    for (unsigned number : instance.after)
      after.insert({instances[number].id, instances[number].iterations});
  }
  return order;
}

/// The relation that the analysis finds: one letter for each pair of accesses and loop.
static std::string foundOrder(tile::KernelOp kernel) {
  TokenOrder order(kernel);
  std::string text;
  for (Access a : order.getAccesses()) {
    for (Access b : order.getAccesses()) {
      text += order.isOrdered(a, b) ? '1' : '0';
      for (Operation *loop : TokenOrder::getCommonLoops(a.getOperation(), b.getOperation()))
        for (Distance distance : {Distance::Next, Distance::Later})
          text += order.isOrderedCarried(a, b, loop, distance) ? '1' : '0';
    }
  }
  return text;
}

static unsigned countTokens(tile::KernelOp kernel) {
  unsigned count = 0;
  kernel.walk([&](Operation *op) { count += llvm::count_if(op->getOperandTypes(), llvm::IsaPred<tile::TokenType>); });
  return count;
}

/// In every execution each access comes after exactly the accesses that it came after before, and the analysis finds at
/// least the same.
TEST(SimplifyTokensTest, KeepsTheOrderOfRandomPrograms) {
  std::unique_ptr<MLIRContext> context = makeContext();
  std::mt19937 random(sampleSeed() + 1);
  unsigned before = 0, after = 0;
  for (unsigned program = 0; program < 150; ++program) {
    std::string text = randomTokenProgram(random);
    OwningOpRef<ModuleOp> module = parse(text, *context), simplified = module->clone();
    ASSERT_TRUE(module);
    PassManager pm(context.get());
    pm.addNestedPass<tile::KernelOp>(createSimplifyTokens());
    ASSERT_TRUE(succeeded(pm.run(*simplified))) << text;
    before += countTokens(kernelOf(*module));
    after += countTokens(kernelOf(*simplified));
    for (unsigned run = 0; run < 8; ++run) {
      unsigned seed = random();
      ASSERT_EQ(keyed(runTokens(kernelOf(*module), seed)), keyed(runTokens(kernelOf(*simplified), seed))) << text;
    }
    std::string found = foundOrder(kernelOf(*module)), foundNow = foundOrder(kernelOf(*simplified));
    ASSERT_EQ(found.size(), foundNow.size());
    for (size_t i = 0; i < found.size(); ++i)
      ASSERT_LE(found[i], foundNow[i]) << text;
  }
  // It does something.
  EXPECT_LT(after, before);
}

/// A second run finds nothing more to do.
TEST(SimplifyTokensTest, IsIdempotent) {
  std::unique_ptr<MLIRContext> context = makeContext();
  std::mt19937 random(sampleSeed() + 2);
  for (unsigned program = 0; program < 100; ++program) {
    OwningOpRef<ModuleOp> module = parse(randomTokenProgram(random), *context);
    std::string texts[2];
    for (std::string &text : texts) {
      PassManager pm(context.get());
      pm.addNestedPass<tile::KernelOp>(createSimplifyTokens());
      ASSERT_TRUE(succeeded(pm.run(*module)));
      llvm::raw_string_ostream(text) << *module;
    }
    ASSERT_EQ(texts[0], texts[1]);
  }
}
