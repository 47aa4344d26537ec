//===- SchedulesTest.cpp - random legal orders ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Orders replay by their number; results are compared, and arrays are as before each run.
//
//===----------------------------------------------------------------------===//
#include "KernelRun.h"

using namespace tilec;
using namespace tilec::test;
using Kind = InterpreterError::Kind;

/// Each iteration exchanges its number for Y[0], adds the old one to Y[1], and prints it.
static const char *const kExchange = R"mlir(
!y = memref<?xi32, strided<[?]>>
tile.kernel @k(%Y: !y {tile.param = #tile.param<name = "Y", kind = inout, type = "i32", dims = affine_map<()[s0] -> (s0)>, strided = true>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c5 step %c1) entry %e {
    %v = arith.index_cast %n : index to i32
    %old, %t = tile.atomic_rmw xchg %v, %Y[%c0] after (%e) relaxed device : i32, !y[index] -> i32
    %sum, %u = tile.atomic_rmw addi %old, %Y[%c1] after (%e) relaxed device : i32, !y[index] -> i32
    tile.print "{}" (%old : i32) types ["i32"]
    tile.yield %t, %u : !tile.token, !tile.token
  }
  tile.return
}
)mlir";

TEST(SchedulesTest, aNumberReplaysItsOrder) {
  Program program(kExchange);
  std::set<std::string> texts;
  for (uint64_t schedule = 100; schedule != 160; ++schedule) {
    InterpreterOptions options;
    options.schedule = schedule;
    std::string printed[2];
    for (std::string &text : printed) {
      Tensor<int32_t> y({2}, {-1, 0});
      text = program.run({y}, options).printed;
    }
    EXPECT_EQ(printed[0], printed[1]) << schedule;
    texts.insert(printed[0]);
  }
  EXPECT_GT(texts.size(), 20u) << "orders differ";
}

/// The orders are fixed by the number alone, on every machine: this one is written down.
TEST(SchedulesTest, anOrderIsTheSameEverywhere) {
  Tensor<int32_t> y({2}, {-1, 0});
  InterpreterOptions options;
  options.schedule = 7;
  EXPECT_EQ(Program(kExchange).run({y}, options).printed, "-1\n1\n2\n0\n3\n");
}

static Outcome runSchedules(llvm::StringRef text, llvm::ArrayRef<InterpreterArgument> arguments,
                            const ScheduleOptions &schedules) {
  Outcome outcome;
  InterpreterOptions options;
  options.print = [&](llvm::StringRef line) { outcome.printed += line; };
  options.onError = [&](const InterpreterError &error) { outcome.error.emplace(error); };
  mlir::LogicalResult result = interpretSchedules(Program(text).kernel(), arguments, options, schedules);
  EXPECT_EQ(succeeded(result), outcome.ok());
  return outcome;
}

TEST(SchedulesTest, resultsAreCompared) {
  // A reversed view with gaps: nothing beside its elements changes.
  std::vector<int32_t> memory = {5, 0, 5, -1, 5};
  ScheduleOptions schedules;
  schedules.count = 50;
  schedules.programOrder = true;
  schedules.replay = [](uint64_t schedule) { return "order " + std::to_string(schedule); };
  Outcome outcome = runSchedules(kExchange, InterpreterArgument::array(&memory[3], {2}, {-2}), schedules);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error->kind, Kind::Order);
  std::string start = "two legal orders give different results: Y[0] is 4 in program order and ";
  EXPECT_EQ(outcome.message().substr(0, start.size()), start);
  ASSERT_EQ(outcome.error->notes.size(), 1u);
  EXPECT_EQ(outcome.error->notes[0].message.substr(0, 6), "order ");
  EXPECT_EQ((std::vector<int32_t>{memory[0], memory[2], memory[4]}), (std::vector<int32_t>{5, 5, 5}));
}

/// Each iteration adds a number, as a float, to S[0], and exchanges it for X[0]; then it adds the old one to S[1].
static const char *const kSums = R"mlir(
!a = memref<?xf32, strided<[1]>>
tile.kernel @k(%S: !a {tile.param = #tile.param<name = "S", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
               %X: !a {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %third = arith.constant 0.333333343 : f32
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c9 step %c1) entry %e {
    %i = arith.index_cast %n : index to i32
    %f = tile.cast %i : i32 to f32
    %v = arith.mulf %f, %third : f32
    %sum, %s = tile.atomic_rmw addf %v, %S[%c0] after (%e) relaxed device : f32, !a[index] -> f32
    %old, %t = tile.atomic_rmw xchg %v, %X[%c0] after (%e) relaxed device : f32, !a[index] -> f32
    %other, %u = tile.atomic_rmw addf %old, %S[%c1] after (%e) relaxed device : f32, !a[index] -> f32
    tile.yield %s, %t, %u : !tile.token, !tile.token, !tile.token
  }
  tile.return
}
)mlir";

TEST(SchedulesTest, sumsMayDifferByTheirRoundingsAlone) {
  std::vector<std::string> remarks;
  ScheduleOptions schedules;
  schedules.count = 60;
  schedules.onRemark = [&](llvm::StringRef remark) { remarks.push_back(remark.str()); };
  // S[0] is a sum in some order; S[1] has other addends in each.
  Tensor<float> s({2}, 0), x({1}, 100);
  Outcome outcome = runSchedules(kSums, {s, x}, schedules);
  ASSERT_FALSE(outcome.ok());
  std::string end = ", further apart than the roundings of its additions allow",
              start = "two legal orders give different results: S[1] is ";
  EXPECT_EQ(outcome.message().substr(0, start.size()), start);
  EXPECT_EQ(outcome.message().substr(outcome.message().size() - end.size()), end);
  EXPECT_TRUE(remarks.empty());
  // Where all exchanged numbers are one, the sums differ by roundings at most.
  std::string text = kSums;
  text.replace(text.find("xchg %v"), 7, "xchg %third");
  s = Tensor<float>({2}, 0);
  x = Tensor<float>({1}, 1.0f / 3);
  outcome = runSchedules(text, {s, x}, schedules);
  EXPECT_TRUE(outcome.ok()) << outcome.message();
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_NE(remarks[0].find("(S[0])"), std::string::npos) << remarks[0];
}

TEST(SchedulesTest, eachRunStartsFromTheSameArrays) {
  std::string text = kExchange;
  // The old numbers do not depend on the order any more.
  text.replace(text.find("xchg %v"), 7, "xchg %c");
  text.replace(text.find("%v = arith.index_cast"), 2, "%c = arith.constant 3 : i32\n    %v");
  Tensor<int32_t> y({2}, {3, 10});
  ScheduleOptions schedules;
  schedules.count = 20;
  Outcome outcome = runSchedules(text, {y}, schedules);
  EXPECT_TRUE(outcome.ok()) << outcome.message();
  EXPECT_EQ(y.elements, (std::vector<int32_t>{3, 25}));
  EXPECT_EQ(outcome.printed, "3\n3\n3\n3\n3\n") << "the lines of one run";
}

TEST(SchedulesTest, argumentsThatDoNotFit) {
  Tensor<int32_t> y({2, 2}, 0);
  EXPECT_EQ(runSchedules(kExchange, {y}, {}).error->kind, Kind::Call);
  EXPECT_EQ(runSchedules(kExchange, {InterpreterArgument::scalar(1)}, {}).error->kind, Kind::Call);
  EXPECT_EQ(runSchedules(kExchange, {}, {}).error->kind, Kind::Call);
  EXPECT_EQ(runSchedules(kExchange, InterpreterArgument::array(nullptr, {2}, {1}), {}).error->kind, Kind::Call);
  EXPECT_EQ(runSchedules(kExchange, InterpreterArgument::array(nullptr, {-2}, {1}), {}).error->kind, Kind::Call);
}
