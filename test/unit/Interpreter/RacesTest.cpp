//===- RacesTest.cpp - races as the library reports them ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Arrays that share memory, and runs that go on after a race.
//
//===----------------------------------------------------------------------===//
#include "KernelRun.h"

using namespace tilec;
using namespace tilec::test;
using Kind = InterpreterError::Kind;

/// Each iteration stores to X and then, with or without a token, loads from Y.
static std::string copyText(llvm::StringRef yType, llvm::StringRef after) {
  return (R"mlir(
tile.kernel @k(%X: memref<4xi32> {tile.alias = [0, 1], tile.param = #tile.param<name = "X", kind = inout, type = "i32", dims = affine_map<() -> (4)>>},
               %Y: memref<4x)mlir" +
          yType + R"mlir(> {tile.alias = [1], tile.param = #tile.param<name = "Y", kind = inout, type = ")mlir" +
          yType +
          R"mlir(", dims = affine_map<() -> (4)>>}) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %one = arith.constant 1 : i32
  %g = tile.grid "grid#0" () entry %e {
    %i = tile.range %c0 to %c4 size %c4 : !tile.range<4>
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %t = tile.store %x, %X[%i] after (%e) : tensor<4xi32>, memref<4xi32>[!tile.range<4>]
    %y, %u = tile.load %Y[%i] after ()mlir" +
          after + R"mlir() : memref<4x)mlir" + yType + R"mlir(>[!tile.range<4>] -> tensor<4x)mlir" + yType + R"mlir(>
    tile.print "{}" (%y : tensor<4x)mlir" +
          yType + R"mlir(>) over (%i : !tile.range<4>) types [")mlir" + yType + R"mlir("]
    tile.yield %u : !tile.token
  }
  tile.return
}
)mlir")
      .str();
}

static InterpreterArgument view(void *data, int64_t stride = 1) {
  return InterpreterArgument::array(data, {4}, {stride});
}

/// The message without the places.
static std::string withoutPlaces(std::string text) {
  for (size_t at; (at = text.find(" at -:")) != std::string::npos;)
    text.erase(at, text.find(' ', at + 4) - at);
  return text;
}

static InterpreterOptions withRaces(std::optional<uint64_t> schedule = std::nullopt) {
  InterpreterOptions options;
  options.races = true;
  options.schedule = schedule;
  return options;
}

TEST(RacesTest, arraysThatShareMemoryRaceByAddress) {
  std::vector<int32_t> memory(12);
  Program unordered(copyText("i32", "%e")), ordered(copyText("i32", "%t"));
  // Two elements in common.
  Outcome outcome = unordered.run({view(&memory[0]), view(&memory[2])}, withRaces());
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error->kind, Kind::Race);
  EXPECT_EQ(
      withoutPlaces(outcome.message()),
      "race: this load of Y[0] in the iteration has no token path from the store through 'X' in the same iteration");
  ASSERT_EQ(outcome.error->notes.size(), 1u);
  EXPECT_EQ(outcome.error->notes[0].message, "the store through 'X' in the iteration is here");
  // Ordered, and none in common: next to one another, or every other element.
  EXPECT_EQ(ordered.run({view(&memory[0]), view(&memory[2])}, withRaces()).printed, "[2 3 0 0]\n");
  EXPECT_TRUE(unordered.run({view(&memory[0]), view(&memory[4])}, withRaces()).ok());
  EXPECT_TRUE(unordered.run({view(&memory[0], 2), view(&memory[1], 2)}, withRaces()).ok());
  EXPECT_FALSE(unordered.run({view(&memory[0], 2), view(&memory[6], -2)}, withRaces()).ok());
  // An array whose elements are one place is in a race with itself.
  outcome = unordered.run({view(&memory[0], 0), view(&memory[4])}, withRaces());
  EXPECT_EQ(outcome.message(),
            "race: this store writes X[1] more than once in the iteration; the elements of one store have no order");
}

TEST(RacesTest, elementsOfOtherWidthsShareBytes) {
  std::vector<int32_t> memory(6);
  Program program(copyText("i16", "%e"));
  char *bytes = reinterpret_cast<char *>(memory.data());
  // The last half of X[3].
  EXPECT_EQ(withoutPlaces(program.run({view(bytes), view(bytes + 14)}, withRaces()).message()).substr(0, 23),
            "race: this load of Y[0]");
  // X[0]'s first half is Y[3].
  EXPECT_EQ(withoutPlaces(program.run({view(bytes + 6), view(bytes)}, withRaces()).message()).substr(0, 23),
            "race: this load of Y[3]");
  EXPECT_TRUE(program.run({view(bytes + 8), view(bytes)}, withRaces()).ok());
}

TEST(RacesTest, orderedAccessesOfSharedMemoryKeepTheirOrder) {
  Program program(copyText("i32", "%t"));
  for (uint64_t schedule = 0; schedule != 200; ++schedule) {
    std::vector<int32_t> memory(8, 9);
    EXPECT_EQ(program.run({view(&memory[0]), view(&memory[1])}, withRaces(schedule)).printed, "[1 2 3 9]\n")
        << schedule;
  }
}

/// Three stores and a load of one element, unordered.
static const char *const kFour = R"mlir(
tile.kernel @k() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %one = arith.constant 1 : i32
  %a = tile.array() "a" : memref<1xi32>
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c3 step %c1) entry %e {
    %t = tile.store %one, %a[%c0] after (%e) : i32, memref<1xi32>[index]
    %u = tile.store %one, %a[%c0] after (%e) : i32, memref<1xi32>[index]
    %x, %v = tile.load %a[%c0] after (%u) : memref<1xi32>[index] -> i32
    tile.yield %v : !tile.token
  }
  tile.return
}
)mlir";

TEST(RacesTest, aCallbackGetsEachPairOfOpsOnce) {
  std::vector<std::string> races;
  InterpreterOptions options = withRaces();
  options.onRace = [&](const InterpreterError &race) {
    EXPECT_EQ(race.kind, Kind::Race);
    races.push_back(withoutPlaces(race.message));
  };
  EXPECT_TRUE(Program(kFour).run({}, options).ok());
  // A store with the one before it; the first store with the load of the iteration before. The load of the iteration
  // after has its own store in between.
  EXPECT_EQ(races,
            (std::vector<std::string>{
                "race: this store to a[0] in iteration (0) has no token path from the store in the same iteration",
                "race: this store to a[0] in iteration (1) has no token path from the store in iteration (0); "
                "iterations of one "
                "grid have no order",
            }));
}

/// Two loads, one after the other, and a store that comes after the first alone.
static const char *const kTwoLoads = R"mlir(
tile.kernel @k() {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1 : i32
  %a = tile.array() "a" : memref<1xi32>
  %f = tile.grid "grid#0" () entry %e {
    %t = tile.store %one, %a[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %t : !tile.token
  }
  %g = tile.grid "grid#1" () entry %e after (%f) {
    %x, %t = tile.load %a[%c0] after (%e) : memref<1xi32>[index] -> i32
    %y, %u = tile.load %a[%c0] after (%t) : memref<1xi32>[index] -> i32
    %v = tile.store %one, %a[%c0] after (%t) : i32, memref<1xi32>[index]
    tile.yield %u, %v : !tile.token, !tile.token
  }
  tile.return
}
)mlir";

TEST(RacesTest, anyOrderOfTheAccessesShowsARace) {
  Program program(kTwoLoads);
  EXPECT_EQ(program.run({}, withRaces()).error->kind, Kind::Race);
  for (uint64_t schedule = 0; schedule != 200; ++schedule) {
    Outcome outcome = program.run({}, withRaces(schedule));
    ASSERT_FALSE(outcome.ok()) << "schedule " << schedule;
    EXPECT_EQ(outcome.error->kind, Kind::Race);
  }
}

TEST(RacesTest, aliasSetsAreListsOfNumbers) {
  std::string text = copyText("i32", "%t");
  text.replace(text.find("[0, 1]"), 6, "\"X\"   ");
  std::vector<int32_t> memory(8);
  Outcome outcome = Program(text).run({view(&memory[0]), view(&memory[4])});
  EXPECT_EQ(outcome.error->kind, Kind::Internal);
  EXPECT_NE(outcome.message().find("'tile.alias' of parameter 'X' is not a list of set numbers"), std::string::npos);
}
