//===- CallTest.cpp - arguments, options and errors of a call ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What a caller sees of the interpreter: arguments that do not fit, strided arrays, elements that must not be touched,
/// configs, limits, and the kinds and places of errors.
//
//===----------------------------------------------------------------------===//
#include "KernelRun.h"

using namespace tilec;
using namespace tilec::test;
using Kind = InterpreterError::Kind;

/// `Y = X` with tiles of `i`, where X may have any stride.
static const char *const kCopy = R"mlir(
!x = memref<?xi16, strided<[?]>>
tile.kernel @copy(%X: !x {tile.param = #tile.param<name = "X", kind = array, type = "i16", dims = affine_map<()[s0] -> (s0)>, strided = true>},
                  %Y: memref<?xi16, strided<[1]>> {tile.param = #tile.param<name = "Y", kind = result, type = "i16", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %N = memref.dim %X, %c0 : !x
  %s = tile.size "i" in "grid#0"
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %N step %s) entry %e {
    %x, %t0 = tile.load %X[%i] : !x[!tile.range<?>] -> tensor<?xi16>
    %t1 = tile.store %x, %Y[%i] after (%e) : tensor<?xi16>, memref<?xi16, strided<[1]>>[!tile.range<?>]
    tile.yield %t1 : !tile.token
  }
  tile.return
}
)mlir";

static InterpreterArgument view(std::vector<int16_t> &data, int64_t first, int64_t extent, int64_t stride) {
  return InterpreterArgument::array(data.data() + first, extent, stride);
}

TEST(CallTest, stridedAndReversedArrays) {
  std::vector<int16_t> data = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<int16_t> result(6, -1);
  ASSERT_TRUE(Program(kCopy).run({view(data, 1, 4, 2), view(result, 1, 4, 1)}).ok());
  EXPECT_EQ(result, (std::vector<int16_t>{-1, 1, 3, 5, 7, -1}));
  ASSERT_TRUE(Program(kCopy).run({view(data, 9, 4, -3), view(result, 1, 4, 1)}).ok());
  EXPECT_EQ(result, (std::vector<int16_t>{-1, 9, 6, 3, 0, -1}));
}

TEST(CallTest, argumentsThatDoNotFit) {
  std::vector<int16_t> data(4);
  Program program(kCopy);
  EXPECT_EQ(program.run({view(data, 0, 4, 1)}).message(), "kernel 'copy' takes 2 arguments, got 1");
  EXPECT_EQ(program.run({InterpreterArgument::scalar(1), view(data, 0, 4, 1)}).message(), "array 'X' gets a scalar");
  EXPECT_EQ(program.run({InterpreterArgument::array(data.data(), {2, 2}, {2, 1}), view(data, 0, 4, 1)}).message(),
            "array 'X' has 2 dims, the kernel takes 1");
  EXPECT_EQ(program.run({InterpreterArgument::array(nullptr, {4}, {1}), view(data, 0, 4, 1)}).message(), "array 'X' has no data");
  EXPECT_EQ(program.run({InterpreterArgument::array(data.data(), {-1}, {1}), view(data, 0, 4, 1)}).message().substr(0, 24),
            "array 'X' has extent -1 ");
  EXPECT_EQ(program.run({view(data, 0, 4, 1), InterpreterArgument::scalar(1)}).error->kind, Kind::Call);
}

TEST(CallTest, aResultThatIsTooSmallIsReportedBeforeItIsWritten) {
  std::vector<int16_t> data = {1, 2, 3, 4}, result(4, -1);
  Outcome outcome = Program(kCopy).run({view(data, 0, 4, 1), view(result, 0, 3, 1)});
  EXPECT_EQ(outcome.message(), "index 3 is out of range for dim 0 of 'Y', which has 3 elements");
  EXPECT_EQ(outcome.error->kind, Kind::Program);
  EXPECT_EQ(result[3], -1);
}

TEST(CallTest, emptyArraysNeedNoData) {
  EXPECT_TRUE(Program(kCopy).run({InterpreterArgument::array(nullptr, {0}, {1}), InterpreterArgument::array(nullptr, {0}, {1})}).ok());
}

TEST(CallTest, sizesComeFromTheKernelThenTheOptionsThenTheDefault) {
  llvm::StringRef body = R"mlir(
    %s = tile.size "i" in "grid#0"
    %i = arith.index_cast %s : index to i32
    tile.print "{}" (%i : i32) types ["i32"])mlir";
  EXPECT_EQ(runBody(body), "16\n");
  InterpreterOptions options;
  options.defaultSize = 3;
  EXPECT_EQ(runBody(body, options), "3\n");
  options.config["i"] = 5;
  EXPECT_EQ(runBody(body, options), "5\n");
  options.config["k.i"] = 6;
  EXPECT_EQ(runBody(body, options), "6\n");
  options.config["grid#0.i"] = 7;
  EXPECT_EQ(runBody(body, options), "7\n");
  std::string text = kernelText(body);
  text.replace(text.find("() {"), 4, "() attributes {config = {i = 9 : i64}} {");
  EXPECT_EQ(Program(text).run({}, options).printed, "9\n");
  options.config["grid#0.i"] = 0;
  EXPECT_EQ(runBody(body, options), "[the size of tile index 'i' must be positive, not 0]");
}

TEST(CallTest, tunables) {
  llvm::StringRef body = R"mlir(
    %s = tile.tunable "stages" of [3, 4]
    tile.print "{}" (%s : i32) types ["i32"])mlir";
  EXPECT_EQ(runBody(body), "3\n");
  InterpreterOptions options;
  options.config["stages"] = 4;
  EXPECT_EQ(runBody(body, options), "4\n");
}

TEST(CallTest, endlessLoopsEnd) {
  InterpreterOptions options;
  options.maxSteps = 1000;
  Outcome outcome = Program(kernelText(R"mlir(
    %true = arith.constant true
    scf.while : () -> () {
      scf.condition(%true)
    } do {
      scf.yield
    })mlir")).run({}, options);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error->kind, Kind::Limit);
  EXPECT_EQ(outcome.message(), "the kernel has not ended after 1000 steps; a loop here may wait for something that never happens");
}

/// A loop that waits for a flag which nobody sets: in program order, and where iterations take turns.
TEST(CallTest, waitingInVainEnds) {
  for (bool isRandom : {false, true}) {
    InterpreterOptions options;
    options.maxIdleReads = 1000;
    if (isRandom)
      options.schedule = 7;
    Outcome outcome = Program(kernelText(R"mlir(
    %flag = tile.array() "flag" : memref<1xi32>
    %zero = arith.constant 0 : i32
    %init = tile.grid "init" () entry %e {
      %t = tile.store %zero, %flag[%c0] after (%e) : i32, memref<1xi32>[index]
      tile.yield %t : !tile.token
    }
    %wait = tile.grid "wait" () entry %e after (%init) {
      %t = scf.while (%last = %e) : (!tile.token) -> (!tile.token) {
        %v, %u = tile.load %flag[%c0] after (%last) acquire device : memref<1xi32>[index] -> i32
        %isUnset = arith.cmpi eq, %v, %zero : i32
        scf.condition(%isUnset) %u : !tile.token
      } do {
      ^bb0(%u: !tile.token):
        scf.yield %u : !tile.token
      }
      tile.yield %t : !tile.token
    })mlir")).run({}, options);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error->kind, Kind::Limit);
    EXPECT_EQ(outcome.message(), "the kernel has not ended after 1001 atomic reads during which nothing was written; this waits for "
                                 "something that never happens");
  }
}

TEST(CallTest, tooLargeTilesAreNotAllocated) {
  Outcome outcome = Program(kernelText(R"mlir(
    %huge = arith.constant 1099511627776 : index
    %r = tile.range %c0 to %huge size %huge : !tile.range<?>
    %x = tile.iota %r : !tile.range<?> -> tensor<?xi32>)mlir")).run();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error->kind, Kind::Limit);
}

TEST(CallTest, errorsCarryThePlaceOfTheOp) {
  Outcome outcome = Program(kernelText(R"mlir(
    %false = arith.constant false
    tile.assert %false, "never" : i1 loc("a.tile":7:5))mlir")).run();
  ASSERT_FALSE(outcome.ok());
  auto location = llvm::dyn_cast<mlir::FileLineColLoc>(outcome.error->location);
  ASSERT_TRUE(location);
  EXPECT_EQ(location.getLine(), 7u);
  EXPECT_EQ(location.getColumn(), 5u);
  EXPECT_EQ(outcome.message(), "assertion failed: never");
}

TEST(CallTest, scalarsAndUnknownOps) {
  Program program(R"mlir(
tile.kernel @k(%x: i8 {tile.param = #tile.param<name = "x", kind = scalar, type = "u8", dims = affine_map<() -> ()>>}) {
  tile.print "{}" (%x : i8) types ["u8"]
  tile.return
}
)mlir");
  EXPECT_EQ(program.run({InterpreterArgument::scalar(200)}).printed, "200\n");
  int8_t element = 1;
  EXPECT_EQ(program.run({InterpreterArgument::array(&element, {}, {})}).message(), "scalar 'x' gets an array");
  Outcome outcome = Program(kernelText("%m = memref.alloc() : memref<4xf32>")).run();
  EXPECT_EQ(outcome.message(), "internal error of the compiler: the interpreter has no meaning for 'memref.alloc'");
  EXPECT_EQ(outcome.error->kind, Kind::Internal);
}
