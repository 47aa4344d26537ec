//===- ConflictsTest.cpp - what the conflict analysis can prove ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Pairs of accesses that the analysis has to tell apart, and pairs that it must not. Soundness over random programs is
/// ConflictsPropertyTest's.
//
//===----------------------------------------------------------------------===//
#include "AccessTrace.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::test;

namespace {
/// A kernel over C[N, M] and D[N, M] with a scalar s and data X, `body` in a grid over tiles of N (%i) and numbers
/// below M (%r).
class Pairs {
public:
  explicit Pairs(StringRef body, StringRef attributes = "") : parsed(text(body, attributes)), conflicts(parsed.get()) {}

  static std::string text(StringRef body, StringRef attributes) {
    std::string param = ", type = \"f32\", dims = affine_map<()[s0, s1] -> (s0, s1)>>" + attributes.str() + "}";
    return "!c = memref<?x?xf32, strided<[?, 1]>>\n!r = !tile.range<?>\n!w = !tile.window<?>\n"
           "tile.kernel @k(%C: !c {tile.param = #tile.param<name = \"C\", kind = inout" +
           param + ", %D: !c {tile.param = #tile.param<name = \"D\", kind = inout" + param +
           ", %s: i32 {tile.param = #tile.param<name = \"s\", kind = scalar, type = \"i32\", dims = affine_map<() -> "
           "()>>})"
           " attributes {symbols = [\"N\", \"M\"]} {\n"
           "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n%c2 = arith.constant 2 : index\n"
           "%one = arith.constant 1 : i32\n%two = arith.constant 2 : i32\n%v = arith.constant 1.0 : f32\n"
           "%N = memref.dim %C, %c0 : !c\n%M = memref.dim %C, %c1 : !c\n"
           "%S = arith.index_cast %s : i32 to index\n%all = tile.range %c0 to %M size %M : !r\n"
           "%si = tile.size \"i\" in \"grid#0\"\n%sk = tile.size \"k\" in \"loop#0\"\n"
           "%g = tile.grid \"grid#0\" (%i \"i\" : !r = %c0 to %N step %si, %r \"r\" : index = %c0 to %M step %c1) "
           "entry %e {\n" +
           body.str() + "\ntile.yield\n}\ntile.return\n}\n";
  }

  Overlap same(unsigned a, unsigned b) { return conflicts.overlap(access(a), access(b), Relation::same()); }
  Overlap across(unsigned a, unsigned b) {
    return conflicts.overlap(access(a), access(b),
                             Relation::across(access(a).getOperation()->getParentOfType<tile::GridOp>()));
  }
  /// By the innermost loop around the first access.
  Overlap carried(unsigned a, unsigned b) {
    Operation *loop = access(a).getOperation()->getParentOp();
    return conflicts.overlap(access(a), access(b), Relation::carriedBy(loop));
  }
  Access access(unsigned n) { return conflicts.accesses()[n]; }

  ParsedKernel parsed;
  Conflicts conflicts;
};

/// Loads of C (or D) by subscripts.
std::string load(StringRef subscripts, StringRef types, StringRef value, StringRef array = "C") {
  static int count = 0;
  std::string n = std::to_string(count++);
  return ("%l" + n + ", %t" + n + " = tile.load %" + array + "[" + subscripts + "] : !c[" + types + "] -> " + value +
          "\n")
      .str();
}
} // namespace

TEST(ConflictsTest, tilesOfAGrid) {
  Pairs pairs(load("%i, %r", "!r, index", "tensor<?xf32>") + load("%i, %all", "!r, !r", "tensor<?x?xf32>") +
              load("%i, %c0", "!r, index", "tensor<?xf32>"));
  EXPECT_EQ(pairs.same(0, 0), Overlap::Never); // Lanes.
  EXPECT_EQ(pairs.across(0, 0), Overlap::Never);
  EXPECT_EQ(pairs.same(0, 1), Overlap::Must);
  EXPECT_EQ(pairs.same(0, 2), Overlap::May);
  // Iterations that differ in r alone.
  EXPECT_EQ(pairs.across(1, 1), Overlap::Must);
  EXPECT_EQ(pairs.across(2, 2), Overlap::Must);
  EXPECT_EQ(pairs.across(0, 1), Overlap::Must);
}

TEST(ConflictsTest, rowsAndWindows) {
  std::string shifts = "%left = tile.shift %i by %c1 : !r -> !w\n%far = tile.shift %i by %si : !r -> !w\n"
                       "%any = tile.shift %i by %S : !r -> !w\n";
  Pairs pairs(shifts + load("%i, %c0", "!r, index", "tensor<?xf32>") +
              load("%left, %c0", "!w, index", "tensor<?xf32>") + load("%far, %c0", "!w, index", "tensor<?xf32>") +
              load("%any, %c0", "!w, index", "tensor<?xf32>") + load("%any, %c1", "!w, index", "tensor<?xf32>"));
  EXPECT_EQ(pairs.same(0, 1), Overlap::May);
  EXPECT_EQ(pairs.same(0, 2), Overlap::Never);
  EXPECT_EQ(pairs.same(0, 3), Overlap::May);
  EXPECT_EQ(pairs.same(3, 3), Overlap::Never);
  EXPECT_EQ(pairs.same(0, 4), Overlap::Never); // Columns 0 and 1.
  EXPECT_EQ(pairs.across(0, 2), Overlap::May);
}

TEST(ConflictsTest, sequentialLoops) {
  std::string row =
      "scf.for %k = %c0 to %M step %c1 {\n%k1 = arith.addi %k, %c1 : index\n%k2 = arith.muli %k, %c2 : index\n"
      "%k3 = arith.addi %k2, %c1 : index\n";
  Pairs pairs(row + load("%k, %c0", "index, index", "f32") + load("%k1, %c0", "index, index", "f32") +
              load("%k2, %c0", "index, index", "f32") + load("%k3, %c0", "index, index", "f32") +
              load("%c0, %S", "index, index", "f32") + "}");
  EXPECT_EQ(pairs.carried(0, 0), Overlap::Never);
  EXPECT_EQ(pairs.carried(0, 1), Overlap::Never); // Element k first, k + 2 or more later.
  EXPECT_EQ(pairs.carried(1, 0), Overlap::May);   // Element k + 1 is the next iteration's k.
  EXPECT_EQ(pairs.same(0, 1), Overlap::Never);
  EXPECT_EQ(pairs.carried(2, 3), Overlap::Never); // Even and odd.
  EXPECT_EQ(pairs.carried(3, 2), Overlap::Never);
  EXPECT_EQ(pairs.carried(4, 4), Overlap::Must);
  EXPECT_EQ(pairs.across(4, 4), Overlap::Must);
}

TEST(ConflictsTest, tilesOfALoopAndTriangles) {
  std::string tiles = "scf.for %k = %c0 to %M step %sk {\n%t = tile.range %k to %M size %sk : !r\n" +
                      load("%c0, %t", "index, !r", "tensor<?xf32>") + "}\n";
  std::string triangle = "scf.for %k = %c0 to %r step %c1 {\n" + load("%c1, %k", "index, index", "f32") + "}\n" +
                         load("%c1, %r", "index, index", "f32");
  Pairs pairs(tiles + triangle);
  EXPECT_EQ(pairs.carried(0, 0), Overlap::Never);
  EXPECT_EQ(pairs.same(1, 2), Overlap::Never); // k < r.
  EXPECT_EQ(pairs.across(1, 2), Overlap::May);
}

TEST(ConflictsTest, arithmeticThatWraps) {
  // s and s + 1 differ even where s + 1 wraps; 4 * k and 4 * k' may be one index once they wrap, 3 * k may not. Rows
  // from s on may wrap: only their distance counts.
  std::string body = R"mlir(
    %k = arith.index_cast %r : index to i32
    %four = arith.constant 4 : i32
    %three = arith.constant 3 : i32
    %k4 = arith.muli %k, %four : i32
    %k2 = arith.muli %k, %two : i32
    %s1 = arith.addi %s, %one : i32
    %K4 = arith.index_cast %k4 : i32 to index
    %K2 = arith.index_cast %k2 : i32 to index
    %S1 = arith.index_cast %s1 : i32 to index
    %wide = arith.muli %r, %c2 : index
  )mlir";
  Pairs pairs(body + load("%S, %c0", "index, index", "f32") + load("%S1, %c0", "index, index", "f32") +
              load("%i, %K4", "!r, index", "tensor<?xf32>") + load("%i, %K2", "!r, index", "tensor<?xf32>") +
              load("%i, %wide", "!r, index", "tensor<?xf32>"));
  EXPECT_EQ(pairs.same(0, 1), Overlap::Never);
  EXPECT_EQ(pairs.across(2, 2), Overlap::May);
  EXPECT_EQ(pairs.across(3, 3), Overlap::Never);
  EXPECT_EQ(pairs.across(4, 4), Overlap::Never);
}

TEST(ConflictsTest, boundsAreExact) {
  // The last element below r is r - 1; rows from 1 on leave out row 0; 3k and 3k' + 1 meet where they wrap.
  std::string body = R"mlir(
    %last = arith.subi %r, %c1 : index
    %from1 = tile.range %c1 to %M size %M : !r
    %next = arith.addi %r, %c1 : index
    %three = arith.constant 3 : i32
    %k = arith.index_cast %r : index to i32
    %k3 = arith.muli %k, %three : i32
    %k31 = arith.addi %k3, %one : i32
    %K3 = arith.index_cast %k3 : i32 to index
    %K31 = arith.index_cast %k31 : i32 to index
  )mlir";
  Pairs pairs(body + "scf.for %q = %c0 to %r step %c1 {\n" + load("%i, %q", "!r, index", "tensor<?xf32>") + "}\n" +
              load("%i, %last", "!r, index", "tensor<?xf32>") + load("%c0, %from1", "index, !r", "tensor<?xf32>") +
              load("%c0, %c0", "index, index", "f32") + load("%i, %r", "!r, index", "tensor<?xf32>") +
              load("%i, %next", "!r, index", "tensor<?xf32>") + load("%i, %K3", "!r, index", "tensor<?xf32>") +
              load("%i, %K31", "!r, index", "tensor<?xf32>"));
  EXPECT_EQ(pairs.same(0, 1), Overlap::May);
  EXPECT_EQ(pairs.same(0, 4), Overlap::Never);
  EXPECT_EQ(pairs.same(2, 3), Overlap::Never);
  // Either iteration may be the later one.
  EXPECT_EQ(pairs.across(4, 5), Overlap::May);
  EXPECT_EQ(pairs.across(5, 4), Overlap::May);
  EXPECT_EQ(pairs.same(6, 7), Overlap::Never);
  EXPECT_EQ(pairs.across(6, 7), Overlap::May);
}

TEST(ConflictsTest, integerTiles) {
  std::string body = R"mlir(
    %n = tile.iota %i : !r -> tensor<?xi32>
    %ten = arith.constant 10 : i32
    %tens = tile.full %ten(%i) : i32, (!r) -> tensor<?xi32>
    %moved = arith.addi %n, %tens : tensor<?xi32>
    %i32 = tile.range %c0 to %c2 size %c2 : !tile.range<2>
    %twice = arith.constant dense<[1, 1]> : tensor<2xi32>
    %odd = arith.constant dense<[5, 3]> : tensor<2xi32>
  )mlir";
  Pairs pairs(body + load("%n, %r", "tensor<?xi32>, index", "tensor<?xf32>") +
              load("%moved, %r", "tensor<?xi32>, index", "tensor<?xf32>") +
              load("%twice, %r", "tensor<2xi32>, index", "tensor<2xf32>") +
              load("%odd, %r", "tensor<2xi32>, index", "tensor<2xf32>"));
  EXPECT_EQ(pairs.same(0, 0), Overlap::Never);
  EXPECT_EQ(pairs.same(1, 1), Overlap::Never);
  EXPECT_EQ(pairs.across(1, 1), Overlap::Never);
  EXPECT_EQ(pairs.across(0, 1), Overlap::May);
  EXPECT_EQ(pairs.same(2, 2), Overlap::May); // Element 1 twice.
  EXPECT_EQ(pairs.same(2, 3), Overlap::Never);
}

/// Digits of one index by two radices, in both orders, beside what are none.
TEST(ConflictsTest, digitsOfAnIndex) {
  std::string body = R"mlir(
    %n = tile.iota %i : !r -> tensor<?xi32>
    %three = arith.constant 3 : i32
    %a = tile.full %s(%i) : i32, (!r) -> tensor<?xi32>
    %b = tile.full %three(%i) : i32, (!r) -> tensor<?xi32>
    %high = tile.floordiv %n, %a : tensor<?xi32>
    %low = tile.floormod %n, %a : tensor<?xi32>
    %middle = tile.floordiv %low, %b : tensor<?xi32>
    %last = tile.floormod %n, %b : tensor<?xi32>
    %lastOfLow = tile.floormod %low, %b : tensor<?xi32>
    %moved = arith.addi %last, %a : tensor<?xi32>
    %rest = tile.floordiv %n, %b : tensor<?xi32>
    %restLow = tile.floormod %rest, %a : tensor<?xi32>
    %ri = arith.index_cast %r : index to i32
    %rs = tile.full %ri(%i) : i32, (!r) -> tensor<?xi32>
    %byR = tile.floordiv %n, %rs : tensor<?xi32>
    %lowByR = tile.floormod %n, %rs : tensor<?xi32>
  )mlir";
  auto two = [](StringRef first, StringRef second) {
    return load((first + ", " + second).str(), "tensor<?xi32>, tensor<?xi32>", "tensor<?xf32>");
  };
  Pairs pairs(body + two("%high", "%low") + two("%rest", "%moved") + two("%high", "%last") + two("%middle", "%last") +
              two("%low", "%rest") + two("%byR", "%lowByR") + two("%low", "%lastOfLow"));
  for (unsigned number : {0u, 1u, 5u})
    EXPECT_EQ(pairs.same(number, number), Overlap::Never) << number;
  // Not all digits, or not of one index.
  for (unsigned number : {2u, 3u, 4u, 6u})
    EXPECT_EQ(pairs.same(number, number), Overlap::May) << number;
  // Iterations of %r touch the same elements, though that is not told of tiles.
  EXPECT_EQ(pairs.across(0, 0), Overlap::May);
}

/// Three digits, the least significant one of the whole index: what a convolution's positions are.
TEST(ConflictsTest, threeDigits) {
  std::string text = R"mlir(
    !y = memref<?x?x?xf32, strided<[?, ?, 1]>>
    !r = !tile.range<?>
    tile.kernel @k(%Y: !y {tile.param = #tile.param<name = "Y", kind = inout, type = "f32",
                                                    dims = affine_map<()[s0, s1, s2] -> (s0, s1, s2)>>},
                   %m: i32 {tile.param = #tile.param<name = "m", kind = scalar, type = "i32",
                                                     dims = affine_map<() -> ()>>},
                   %n: i32 {tile.param = #tile.param<name = "n", kind = scalar, type = "i32",
                                                     dims = affine_map<() -> ()>>})
        attributes {symbols = ["A", "B", "C"]} {
      %c0 = arith.constant 0 : index
      %v = arith.constant 1.0 : f32
      %mn = arith.muli %m, %n : i32
      %end = arith.index_cast %mn : i32 to index
      %si = tile.size "i" in "grid#0"
      %g = tile.grid "grid#0" (%i "i" : !r = %c0 to %end step %si) entry %e {
        %p = tile.iota %i : !r -> tensor<?xi32>
        %both = tile.full %mn(%i) : i32, (!r) -> tensor<?xi32>
        %one = tile.full %n(%i) : i32, (!r) -> tensor<?xi32>
        %high = tile.floordiv %p, %both : tensor<?xi32>
        %rest = tile.floormod %p, %both : tensor<?xi32>
        %middle = tile.floordiv %rest, %one : tensor<?xi32>
        %low = tile.floormod %p, %one : tensor<?xi32>
        %l, %t = tile.load %Y[%high, %middle, %low] : !y[tensor<?xi32>, tensor<?xi32>, tensor<?xi32>] -> tensor<?xf32>
        tile.yield
      }
      tile.return
    })mlir";
  ParsedKernel parsed(text);
  ASSERT_TRUE(parsed.get());
  Conflicts conflicts(parsed.get());
  Access access = conflicts.accesses()[0];
  EXPECT_EQ(conflicts.overlap(access, access, Relation::same()), Overlap::Never);
  auto grid = access.getOperation()->getParentOfType<tile::GridOp>();
  EXPECT_EQ(conflicts.overlap(access, access, Relation::across(grid)), Overlap::Never);
}

/// Tiles of one index whose radix is another in each iteration: the elements of one are distinct, but iterations meet.
TEST(ConflictsTest, digitsByRadicesThatVary) {
  auto text = [](StringRef radix) {
    return R"mlir(
    !y = memref<?x?xf32, strided<[?, 1]>>
    !r = !tile.range<?>
    tile.kernel @k(%Y: !y {tile.param = #tile.param<name = "Y", kind = inout, type = "f32",
                                                    dims = affine_map<()[s0, s1] -> (s0, s1)>>},
                   %m: i32 {tile.param = #tile.param<name = "m", kind = scalar, type = "i32",
                                                     dims = affine_map<() -> ()>>})
        attributes {symbols = ["A", "B"]} {
      %c0 = arith.constant 0 : index
      %N = memref.dim %Y, %c0 : !y
      %si = tile.size "i" in "grid#0"
      %g = tile.grid "grid#0" (%i "i" : !r = %c0 to %N step %si) entry %e {
        %begin = tile.begin %i : !r
        %first = arith.index_cast %begin : index to i32
        %p = tile.iota %i : !r -> tensor<?xi32>
        %by = tile.full )mlir" +
           radix.str() + R"mlir((%i) : i32, (!r) -> tensor<?xi32>
        %high = tile.floordiv %p, %by : tensor<?xi32>
        %low = tile.floormod %p, %by : tensor<?xi32>
        %l, %t = tile.load %Y[%high, %low] : !y[tensor<?xi32>, tensor<?xi32>] -> tensor<?xf32>
        tile.yield
      }
      tile.return
    })mlir";
  };
  for (auto [radix, iterations] : {std::pair("%m", Overlap::Never), std::pair("%first", Overlap::May)}) {
    ParsedKernel parsed(text(radix));
    ASSERT_TRUE(parsed.get());
    Conflicts conflicts(parsed.get());
    Access access = conflicts.accesses()[0];
    auto grid = access.getOperation()->getParentOfType<tile::GridOp>();
    EXPECT_EQ(conflicts.overlap(access, access, Relation::same()), Overlap::Never);
    EXPECT_EQ(conflicts.overlap(access, access, Relation::across(grid)), iterations) << radix;
  }
}

TEST(ConflictsTest, complementaryMasks) {
  std::string body = R"mlir(
    %n = tile.iota %i : !r -> tensor<?xi32>
    %limit = tile.full %s(%i) : i32, (!r) -> tensor<?xi32>
    %low = arith.cmpi slt, %n, %limit : tensor<?xi32>
    %high = arith.cmpi sge, %n, %limit : tensor<?xi32>
    %x = tile.full %v(%i) : f32, (!r) -> tensor<?xf32>
    %t0 = tile.store %x, %C[%i, %r] mask %low : tensor<?xi1> : tensor<?xf32>, !c[!r, index]
    %t1 = tile.store %x, %C[%i, %r] mask %high : tensor<?xi1> : tensor<?xf32>, !c[!r, index]
    %t2 = tile.store %x, %C[%i, %r] : tensor<?xf32>, !c[!r, index]
  )mlir";
  Pairs pairs(body);
  EXPECT_EQ(pairs.same(0, 1), Overlap::Never);
  EXPECT_EQ(pairs.same(0, 2), Overlap::May);
  EXPECT_EQ(pairs.same(2, 2), Overlap::Never);
}

TEST(ConflictsTest, arraysAndAliasSets) {
  std::string body = load("%i, %r", "!r, index", "tensor<?xf32>") + load("%i, %r", "!r, index", "tensor<?xf32>", "D");
  Pairs distinct(body), overlapping(body, ", tile.alias = [3, 5]");
  EXPECT_EQ(distinct.same(0, 1), Overlap::Never);
  EXPECT_EQ(overlapping.same(0, 1), Overlap::May);
  EXPECT_EQ(overlapping.across(0, 0), Overlap::Never);
  EXPECT_EQ(overlapping.conflicts.explain(overlapping.access(0), overlapping.access(1), Relation::same()),
            "'C' and 'D' may overlap in memory");
}

TEST(ConflictsTest, branchesExcludeEachOther) {
  std::string body = "%q = arith.cmpi slt, %r, %c1 : index\nscf.if %q {\n" +
                     load("%i, %r", "!r, index", "tensor<?xf32>") + "} else {\n" +
                     load("%i, %r", "!r, index", "tensor<?xf32>") + "}\n" +
                     load("%i, %r", "!r, index", "tensor<?xf32>");
  Pairs pairs(body);
  EXPECT_EQ(pairs.same(0, 1), Overlap::Never);
  EXPECT_EQ(pairs.same(0, 2), Overlap::Must);
  EXPECT_EQ(pairs.conflicts.explain(pairs.access(0), pairs.access(2), Relation::same()),
            "both touch the same elements of 'C'");
  EXPECT_EQ(describe(pairs.access(0)), "the load from C[i, r]");
}
