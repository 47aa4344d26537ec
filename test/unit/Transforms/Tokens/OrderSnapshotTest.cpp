//===- OrderSnapshotTest.cpp - programs before and after a pass -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TokenPrograms.h"

#include "tilec/Analysis/TokenOrderSnapshot.h"

#include "mlir/IR/Diagnostics.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::test;

/// A kernel whose one grid runs `body`, over an array X of 8 elements and an array Y; accesses write the value %v.
static std::string program(StringRef body) {
  auto param = [](StringRef name) {
    return ("%" + name + ": memref<8xf32> {tile.param = #tile.param<name = \"" + name +
            "\", kind = inout, type = \"f32\", dims = affine_map<() -> (8)>>}")
        .str();
  };
  return "tile.kernel @k(" + param("X") + ", " + param("Y") +
         ") {\n%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n%c2 = arith.constant 2 : index\n"
         "%c8 = arith.constant 8 : index\n%v = arith.constant 1.0 : f32\n"
         "%g = tile.grid \"g\" () entry %e {\n" +
         body.str() + "\n}\ntile.return\n}\n";
}

/// `store X[%index] after (after)` with an id.
static std::string store(StringRef token, StringRef index, StringRef after, StringRef id, StringRef array = "X") {
  return ("%" + token + " = tile.store %v, %" + array + "[%" + index + "]" +
          (after.empty() ? "" : " after(" + after.str() + ")") + " {tile.access = array<i64: " + id +
          ">} : f32, memref<8xf32>[index]\n")
      .str();
}

static std::string load(StringRef token, StringRef index, StringRef after, StringRef id) {
  return ("%x" + token + ", %" + token + " = tile.load %X[%" + index + "]" +
          (after.empty() ? "" : " after(" + after.str() + ")") + " {tile.access = array<i64: " + id +
          ">} : memref<8xf32>[index] -> f32\n")
      .str();
}

/// A loop over k in [0, 8) that carries %t and yields `yielded`; its place is `place`.
static std::string loop(StringRef result, StringRef init, StringRef body, StringRef yielded, StringRef place) {
  return ("%" + result + " = scf.for %k = %c0 to %c8 step %c1 iter_args(%t = " + init + ") -> (!tile.token) {\n" +
          body + "scf.yield " + yielded + " : !tile.token\n} loc(\"" + place + "\":1:1)\n")
      .str();
}

/// The first thing that a pass from `before` to `after` loses; empty if nothing.
static std::string lost(StringRef before, StringRef after) {
  std::unique_ptr<MLIRContext> context = makeContext();
  OwningOpRef<ModuleOp> from = parse(program(before), *context), to = parse(program(after), *context);
  std::string message;
  ScopedDiagnosticHandler handler(context.get(), [&](Diagnostic &diagnostic) {
    if (message.empty())
      message = diagnostic.str();
  });
  bool isLost = failed(TokenOrderSnapshot(kernelOf(*from)).compare(kernelOf(*to), "p"));
  EXPECT_EQ(isLost, !message.empty());
  return message;
}

/// Whether the message speaks of a lost order.
static bool isLostOrder(const std::string &message) { return StringRef(message).contains("lost the order of"); }

TEST(OrderSnapshotTest, KeepsItself) {
  std::string body = loop("l", "%e", load("a", "c0", "%t", "0") + store("b", "c0", "%a", "1"), "%b", "k");
  EXPECT_EQ(lost(body, body), "");
}

TEST(OrderSnapshotTest, MoreOrderIsNoLoss) {
  std::string free = store("a", "c0", "", "0", "Y") + store("b", "c0", "", "1");
  std::string ordered = store("a", "c0", "", "0", "Y") + store("b", "c0", "%a", "1");
  EXPECT_EQ(lost(free, ordered), "");
  // Different arrays: that order need not stay.
  EXPECT_EQ(lost(ordered, free), "");
}

TEST(OrderSnapshotTest, OrderThroughAnotherAccessIsKept) {
  // X[0] is stored, then Y[0], then X[0] again. Without its token the middle store no longer passes the order on.
  std::string chain = store("a", "c0", "", "0") + store("b", "c0", "%a", "1", "Y") + store("c", "c0", "%b", "2");
  std::string broken = store("a", "c0", "", "0") + store("b", "c0", "", "1", "Y") + store("c", "c0", "%b", "2");
  std::string direct = store("a", "c0", "", "0") + store("b", "c0", "", "1", "Y") + store("c", "c0", "%a", "2");
  EXPECT_TRUE(isLostOrder(lost(chain, broken)));
  EXPECT_EQ(lost(chain, direct), "");
}

TEST(OrderSnapshotTest, CarriedOrder) {
  std::string carried = loop("l", "%e", store("a", "c0", "%t", "0"), "%a", "k");
  std::string dropped = loop("l", "%e", store("a", "c0", "%e", "0"), "%a", "k");
  EXPECT_TRUE(StringRef(lost(carried, dropped)).contains("carried by the loop at k:1:1"));
  // Each iteration has an element of its own.
  carried = loop("l", "%e", store("a", "k", "%t", "0"), "%a", "k");
  dropped = loop("l", "%e", store("a", "k", "%e", "0"), "%a", "k");
  EXPECT_EQ(lost(carried, dropped), "");
}

TEST(OrderSnapshotTest, MergedLoads) {
  std::string two = store("s", "c0", "", "0") + load("a", "c0", "%s", "1") + load("b", "c0", "%s", "2") +
                    store("u", "c0", "%a, %b", "3");
  std::string merged = store("s", "c0", "", "0") + load("a", "c0", "%s", "1, 2") + store("u", "c0", "%a", "3");
  std::string tooEarly = load("a", "c0", "", "1, 2") + store("s", "c0", "%a", "0") + store("u", "c0", "%s", "3");
  EXPECT_EQ(lost(two, merged), "");
  EXPECT_TRUE(isLostOrder(lost(two, tooEarly)));
}

TEST(OrderSnapshotTest, LoadsMayVanishAndWritesNot) {
  std::string all = load("a", "c0", "", "0") + store("b", "c0", "%a", "1");
  EXPECT_EQ(lost(all, store("b", "c0", "", "1")), "");
  EXPECT_TRUE(StringRef(lost(all, load("a", "c0", "", "0"))).contains("dropped the store"));
  EXPECT_TRUE(StringRef(lost(all, all + store("c", "c0", "%b", "1"))).contains("made copies of the store"));
}

TEST(OrderSnapshotTest, FusedLoops) {
  // Two loops, the second reads what the first wrote.
  std::string apart = loop("l", "%e", store("a", "k", "%t", "0"), "%a", "first") +
                      loop("m", "%l", load("b", "k", "%t", "1"), "%b", "second");
  std::string fused = loop("l", "%e", store("a", "k", "%t", "0") + load("b", "k", "%a", "1"), "%b", "first");
  EXPECT_EQ(lost(apart, fused), "");
  std::string unordered = loop("l", "%e", store("a", "k", "%t", "0") + load("b", "k", "%t", "1"), "%a", "first");
  EXPECT_TRUE(isLostOrder(lost(apart, unordered)));
  // The second reads from X[0] what the last iteration of the first wrote there, and may not come into its loop.
  apart = loop("l", "%e", store("a", "c0", "%t", "0"), "%a", "first") +
          loop("m", "%l", load("b", "c0", "%t", "1"), "%b", "second");
  fused = loop("l", "%e", store("a", "c0", "%t", "0") + load("b", "c0", "%a", "1"), "%b", "first");
  EXPECT_TRUE(isLostOrder(lost(apart, fused)));
}

TEST(OrderSnapshotTest, LoopsThatAreGone) {
  std::string once = "%l = scf.for %k = %c0 to %c1 step %c1 iter_args(%t = %e) -> (!tile.token) {\n" +
                     load("a", "c0", "%t", "0") + store("b", "c0", "%a", "1") +
                     "scf.yield %b : !tile.token\n} loc(\"k\":1:1)\n";
  EXPECT_EQ(lost(once, load("a", "c0", "%e", "0") + store("b", "c0", "%a", "1")), "");
  // Copies of the iterations, in order and not. Loads may be copied; that of a store has to be made known.
  std::string rolled = store("s", "c0", "%e", "0") + loop("l", "%s", load("a", "c0", "%t", "1"), "%a", "k") +
                       store("z", "c0", "%l", "2");
  auto unrolled = [&](StringRef second, StringRef last) {
    return store("s", "c0", "%e", "0") + load("a", "c0", "%s", "1") + load("b", "c0", second, "1") +
           store("z", "c0", last, "2");
  };
  EXPECT_EQ(lost(rolled, unrolled("%s", "%a, %b")), "");
  EXPECT_TRUE(isLostOrder(lost(rolled, unrolled("%e", "%a, %b"))));
  EXPECT_TRUE(isLostOrder(lost(rolled, unrolled("%s", "%b"))));
}

TEST(OrderSnapshotTest, MovedOutOfALoop) {
  std::string inside = loop("l", "%e", load("a", "c0", "%t", "0") + store("b", "c1", "%a", "1"), "%b", "k");
  // X[0] is not what the loop stores to: the load may move before it.
  EXPECT_EQ(lost(inside, load("a", "c0", "%e", "0") + loop("l", "%a", store("b", "c1", "%t", "1"), "%b", "k")), "");
  inside = loop("l", "%e", load("a", "c0", "%t", "0") + store("b", "c0", "%a", "1"), "%b", "k");
  EXPECT_TRUE(
      isLostOrder(lost(inside, load("a", "c0", "%e", "0") + loop("l", "%a", store("b", "c0", "%t", "1"), "%b", "k"))));
}
