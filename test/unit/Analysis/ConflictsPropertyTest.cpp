//===- ConflictsPropertyTest.cpp - Never and Must against enumeration --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Random loops and subscripts. Every answer of the analysis is checked against all instances of the two accesses, for
/// extents and sizes from 0 on, ragged ones among them: Never and Must are claims about all of them.
//
//===----------------------------------------------------------------------===//
#include "AccessTrace.h"

#include "gtest/gtest.h"

#include <random>
#include <set>

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::test;
using Kind = Relation::Kind;

namespace {
/// Writes a kernel with some loads from C[P, Q] in up to two grids, with sequential loops inside.
class Generator {
public:
  explicit Generator(unsigned seed) : random(seed) {}

  std::string kernel() {
    text = "!c = memref<?x?xf32, strided<[?, 1]>>\n"
           "tile.kernel @k(%C: !c {tile.param = #tile.param<name = \"C\", kind = inout, type = \"f32\", dims = "
           "affine_map<()[s0, s1, s2, s3] -> (s0, s1)>>},\n"
           "  %X: !c {tile.param = #tile.param<name = \"X\", kind = array, type = \"f32\", dims = affine_map<()[s0, "
           "s1, s2, s3] -> (s2, s3)>>},\n"
           "  %s: i32 {tile.param = #tile.param<name = \"s\", kind = scalar, type = \"i32\", dims = affine_map<() -> "
           "()>>}) "
           "attributes {symbols = [\"P\", \"Q\", \"N\", \"M\"]} {\n"
           "%v = arith.constant 1.0 : f32\n";
    for (int64_t c : {-2, -1, 0, 1, 2, 3, 4, 5, 7})
      line("%c" + name(c) + " = arith.constant " + std::to_string(c) + " : index");
    line("%S = arith.index_cast %s : i32 to index");
    for (const char *dim : {"P %C, %c0", "Q %C, %c1", "N %X, %c0", "M %X, %c1"})
      line("%" + std::string(1, dim[0]) + " = memref.dim " + (dim + 2) + " : !c");
    line("%rows = tile.range %c0 to %P size %P : !tile.range<?>");
    line("%columns = tile.range %c0 to %Q size %Q : !tile.range<?>");
    line("%si = tile.size \"i\" in \"grid#0\"");
    line("%sj = tile.size \"j\" in \"grid#0\"");
    numbers = {"%c0", "%c1", "%c2", "%S", "%N", "%M"};
    ranges = {"%rows", "%columns"};
    for (unsigned g = 0, e = 1 + pick(2); g != e; ++g)
      grid();
    return text + "tile.return\n}\n";
  }

private:
  unsigned pick(unsigned count) { return random() % count; }
  template <typename T> T oneOf(std::vector<T> from) { return from[pick(from.size())]; }
  static std::string name(int64_t c) { return c < 0 ? "m" + std::to_string(-c) : std::to_string(c); }
  std::string fresh() { return "%x" + std::to_string(count++); }
  void line(const std::string &what) { text += "  " + what + "\n"; }
  std::string bound() { return oneOf<std::string>({"%N", "%M", "%N", "%c3", "%c5", "%c1", "%c7", "%S"}); }

  void grid() {
    auto outer = std::make_pair(numbers, ranges);
    std::vector<std::string> bounds;
    std::string dims, separator;
    for (unsigned d = 0, e = 1 + pick(2); d != e; ++d) {
      std::string index = fresh();
      bool isTile = pick(2);
      std::string lower = oneOf<std::string>({"%c0", "%c0", "%c1", "%cm1"});
      dims += separator + index + " \"" + (d ? "j" : "i") + "\" : ";
      if (isTile) {
        unsigned kind = pick(3);
        dims += kind == 0 ? "!tile.range<2> = " : "!tile.range<?> = ";
        dims += lower + " to " + bound() + " step " + (kind == 0 ? "%c2" : kind == 1 ? "%si" : "%sj");
        ranges.push_back(index);
        sizes[index] = kind == 0 ? "2" : "?";
      } else {
        bool isDown = pick(4) == 0;
        dims += "index = " + (isDown ? bound() + " to " + lower : lower + " to " + bound()) + " step ";
        dims += isDown ? oneOf<std::string>({"%cm1", "%cm2"}) : oneOf<std::string>({"%c1", "%c1", "%c2", "%c3"});
        numbers.push_back(index);
      }
      separator = ", ";
    }
    line("%g" + std::to_string(count++) + " = tile.grid \"grid#0\" (" + dims + ") entry %e {");
    body(0);
    line("tile.yield");
    line("}");
    std::tie(numbers, ranges) = outer;
  }

  void body(unsigned depth) {
    // Numbers of the tiles around.
    for (const std::string &range : std::vector<std::string>(ranges)) {
      if (pick(3) != 0)
        continue;
      std::string begin = fresh();
      line(begin + " = tile.begin " + range + " : !tile.range<" + size(range) + ">");
      numbers.push_back(begin);
      if (pick(2)) {
        std::string extent = fresh();
        line(extent + " = tile.extent " + range + " : !tile.range<" + size(range) + ">");
        numbers.push_back(extent);
      }
    }
    for (unsigned i = 0, e = 1 + pick(2); i != e; ++i) {
      if (depth < 2 && pick(3) == 0)
        loop(depth);
      else if (pick(4) == 0)
        digits();
      else
        access();
    }
  }

  void loop(unsigned depth) {
    auto outer = std::make_pair(numbers, ranges);
    std::string index = fresh();
    bool isTile = pick(2);
    std::string step =
        isTile ? oneOf<std::string>({"%c2", "%si", "%sj"}) : oneOf<std::string>({"%c1", "%c1", "%c2", "%c3"});
    std::string upper = pick(3) ? bound() : oneOf(numbers), lower = pick(3) ? "%c0" : oneOf(numbers);
    line("scf.for " + index + " = " + lower + " to " + upper + " step " + step + " {");
    if (isTile) {
      std::string range = fresh();
      sizes[range] = step == "%c2" ? "2" : "?";
      line(range + " = tile.range " + index + " to " + upper + " size " + step + " : !tile.range<" + sizes[range] +
           ">");
      ranges.push_back(range);
    }
    numbers.push_back(index);
    body(depth + 1);
    line("}");
    std::tie(numbers, ranges) = outer;
  }

  std::string size(const std::string &range) { return sizes.count(range) ? sizes[range] : "?"; }

  /// A linear expression, computed as index or as i32, which may wrap and come back.
  std::string number() {
    // The innermost ones more often.
    std::string value = pick(2) ? numbers.back() : oneOf(numbers);
    if (pick(3) == 0)
      return value;
    bool isNarrow = pick(2);
    std::string type = isNarrow ? "i32" : "index";
    auto constant = [&](int64_t c) {
      std::string result = fresh();
      line(result + " = arith.constant " + std::to_string(c) + " : " + type);
      return result;
    };
    auto apply = [&](const char *op, const std::string &lhs, const std::string &rhs) {
      std::string result = fresh();
      line(result + " = arith." + op + " " + lhs + ", " + rhs + " : " + type);
      return result;
    };
    auto cast = [&](const std::string &from, const char *types) {
      std::string result = fresh();
      line(result + " = arith.index_cast " + from + " : " + types);
      return result;
    };
    if (isNarrow)
      value = cast(value, "index to i32");
    if (pick(3) == 0) {
      value = apply("muli", value, constant(oneOf<int64_t>({2, 3, 4, -1, 1 << 16})));
      if (isNarrow && pick(2))
        value = apply("muli", value, constant(oneOf<int64_t>({2, 1 << 15, 1 << 16})));
    }
    if (pick(3) == 0) {
      std::string other = oneOf(numbers);
      value = apply(pick(2) ? "addi" : "subi", value, isNarrow ? cast(other, "index to i32") : other);
    }
    value = apply(pick(2) ? "addi" : "subi", value, constant(oneOf<int64_t>({0, 1, 2, 5, 1, INT32_MAX})));
    if (isNarrow && pick(4) == 0)
      value = apply("addi", value, constant(oneOf<int64_t>({1, INT32_MIN, INT32_MAX})));
    return isNarrow ? cast(value, "i32 to index") : value;
  }

  /// Divides or adds to a tile of `range`, by a number or by the scalar S.
  std::string digit(const std::string &tile, const std::string &type, const std::string &op, const std::string &by,
                    const std::string &range) {
    std::string all = fresh(), result = fresh();
    line(all + " = tile.full " + by + "(" + range + ") : i32, (!tile.range<" + size(range) + ">) -> " + type);
    line(result + " = " + op + " " + tile + ", " + all + " : " + type);
    return result;
  }

  /// Two or three digits of one index, of which two are subscripts: some of these determine it.
  void digits() {
    std::string range = oneOf(ranges), type = "tensor<" + size(range) + "xi32>", index = fresh();
    line(index + " = tile.iota " + range + " : !tile.range<" + size(range) + "> -> " + type);
    std::vector<std::string> radices;
    for (unsigned n = 0; n != 2; ++n) {
      std::string narrow = fresh();
      line(narrow + " = arith.index_cast " +
           oneOf<std::string>({"%c1", "%c2", "%c2", "%c3", "%S", "%N", "%cm2", pick(2) ? number() : "%c4"}) +
           " : index to i32");
      radices.push_back(narrow);
    }
    std::vector<std::string> made = {index};
    for (unsigned n = 0, e = 2 + pick(3); n != e; ++n)
      made.push_back(digit(pick(2) ? index : oneOf(made), type,
                           oneOf<std::string>({"tile.floordiv", "tile.floormod", "tile.floormod", "arith.addi"}),
                           oneOf(radices), range));
    std::string value = fresh(), token = fresh();
    line(value + ", " + token + " = tile.load %C[" + made.back() + ", " + made[made.size() - 2] + "] : !c[" + type +
         ", " + type + "] -> tensor<" + size(range) + "xf32>");
  }

  void access() {
    std::string subscripts, types, valueType;
    std::vector<std::string> kept;
    bool hasTile = false;
    for (unsigned dim = 0; dim != 2; ++dim) {
      std::string subscript, type;
      std::string range = oneOf(ranges);
      unsigned kind = pick(hasTile ? 6 : 7);
      if (dim == 1 && pick(2)) {
        // The first dim alone has to tell the accesses apart.
        subscript = "%c0";
        type = "index";
      } else if (kind < 2) {
        subscript = number();
        type = "index";
      } else if (kind < 4) {
        subscript = pick(4) ? range : dim ? "%columns" : "%rows";
        type = "!tile.range<" + size(subscript) + ">";
        kept.push_back(size(subscript));
      } else if (kind < 6) {
        subscript = fresh();
        type = "!tile.window<" + size(range) + ">";
        line(subscript + " = tile.shift " + range + " by " + number() + " : !tile.range<" + size(range) + "> -> " +
             type);
        kept.push_back(size(range));
      } else {
        hasTile = true;
        subscript = fresh();
        type = "tensor<" + size(range) + "xi32>";
        line(subscript + " = tile.iota " + range + " : !tile.range<" + size(range) + "> -> " + type);
        std::string by = fresh(), narrow = fresh(), result = fresh();
        line(narrow + " = arith.index_cast " + number() + " : index to i32");
        line(by + " = tile.full " + narrow + "(" + range + ") : i32, (!tile.range<" + size(range) + ">) -> " + type);
        line(result + " = arith." + oneOf<std::string>({"addi", "subi", "muli"}) + " " + subscript + ", " + by + " : " +
             type);
        subscript = result;
        kept.push_back(size(range));
      }
      subscripts += (dim ? ", " : "") + subscript;
      types += (dim ? ", " : "") + type;
    }
    std::string value = fresh();
    std::string tile = "tensor<";
    for (const std::string &dim : kept)
      tile += dim + "x";
    tile = kept.empty() ? "f32" : tile + "f32>";
    std::string token = fresh();
    line(value + ", " + token + " = tile.load %C[" + subscripts + "] : !c[" + types + "] -> " + tile);
  }

  std::mt19937 random;
  std::string text;
  std::vector<std::string> numbers, ranges;
  std::map<std::string, std::string> sizes;
  unsigned count = 0;
};

/// The iteration of `loop` in which an instance is.
const std::vector<int64_t> *iterationOf(const Instance &instance, Operation *loop) {
  for (const auto &[op, iteration] : instance.iterations)
    if (op == loop)
      return &iteration;
  return nullptr;
}

/// True if the instances stand in `relation`.
bool areRelated(const Instance &a, const Instance &b, Relation relation) {
  for (const auto &[op, iteration] : a.iterations) {
    const std::vector<int64_t> *other = iterationOf(b, op);
    if (op == relation.loop)
      return relation.kind == Kind::Carried ? iteration < *other : iteration != *other;
    if (other && *other != iteration)
      return false;
  }
  return relation.kind == Kind::Same;
}

bool haveCommonElement(const Instance &a, const Instance &b) {
  std::set<std::vector<int64_t>> elements(a.elements.begin(), a.elements.end());
  return llvm::any_of(b.elements, [&](const auto &element) { return elements.count(element); });
}

/// Counts how often each answer was given.
struct Tally {
  unsigned never = 0, may = 0, must = 0;
};

/// Checks an answer against the instances of one run. For Across, Must is about one dim: `meetsOnly[d]` stays true
/// while all pairs that differ in dim d alone have a common element.
void check(Access a, Access b, Relation relation, Overlap answer, const std::vector<Instance> &instances,
           std::vector<bool> &meetsOnly, const std::string &text) {
  for (const Instance &first : instances) {
    if (first.op != a.getOperation())
      continue;
    if (relation.kind == Kind::Same && a == b) {
      std::set<std::vector<int64_t>> distinct(first.elements.begin(), first.elements.end());
      if (answer == Overlap::Never)
        ASSERT_EQ(distinct.size(), first.elements.size()) << text;
      continue;
    }
    for (const Instance &second : instances) {
      if (second.op != b.getOperation() || !areRelated(first, second, relation))
        continue;
      bool meets = haveCommonElement(first, second);
      if (answer == Overlap::Never)
        ASSERT_FALSE(meets) << describe(a) << " and " << describe(b) << "\n" << text;
      if (answer != Overlap::Must || first.elements.empty() || second.elements.empty() || meets)
        continue;
      ASSERT_EQ(relation.kind, Kind::Across) << describe(a) << " and " << describe(b) << "\n" << text;
      const auto &one = *iterationOf(first, relation.loop), &other = *iterationOf(second, relation.loop);
      for (size_t dim = 0; dim != one.size(); ++dim) {
        std::vector<int64_t> moved = one;
        moved[dim] = other[dim];
        if (moved == other)
          meetsOnly[dim] = false;
      }
    }
  }
}
} // namespace

TEST(ConflictsPropertyTest, answersHoldForEveryInstance) {
  Tally tally;
  unsigned runs = 0;
  for (unsigned seed = 0; seed != 200; ++seed) {
    std::string text = Generator(seed).kernel();
    ParsedKernel parsed(text);
    ASSERT_TRUE(parsed.get());
    Conflicts conflicts(parsed.get());
    std::vector<std::vector<Instance>> traces;
    for (int64_t n : {0, 1, 2, 5})
      for (int64_t m : {1, 3, 6})
        for (int64_t s : {0, 4, -3})
          for (int64_t i : {1, 2, 3}) {
            Numbers numbers;
            // One time in three the array is as small as the loops' bounds.
            bool isTight = (n + m + i) % 3 == 0;
            numbers.extents = {{0, {isTight ? n : 17, isTight ? m : 19}}, {1, {n, m}}};
            numbers.scalars = {{2, s}};
            numbers.sizes = {{"i", i}, {"j", 4 - i}};
            if (auto trace = traceAccesses(parsed.get(), numbers))
              traces.push_back(*trace);
          }
    runs += traces.size();
    for (Access a : conflicts.accesses())
      for (Access b : conflicts.accesses()) {
        SmallVector<Relation> relations = Conflicts::relationsOf(a, b);
        if (a == b)
          relations.push_back(Relation::same());
        for (Relation relation : relations) {
          Overlap answer = conflicts.overlap(a, b, relation);
          ++(answer == Overlap::Never ? tally.never : answer == Overlap::May ? tally.may : tally.must);
          auto grid = dyn_cast_or_null<tile::GridOp>(relation.loop);
          std::vector<bool> meetsOnly(grid ? grid.getRank() : 0, true);
          for (const std::vector<Instance> &trace : traces) {
            check(a, b, relation, answer, trace, meetsOnly, "seed " + std::to_string(seed) + "\n" + text);
            if (HasFatalFailure())
              return;
          }
          if (grid && answer == Overlap::Must)
            ASSERT_TRUE(llvm::is_contained(meetsOnly, true)) << describe(a) << " and " << describe(b) << "\n" << text;
        }
      }
  }
  // The programs give every answer, and most of them run.
  EXPECT_GT(tally.never, 500u);
  EXPECT_GT(tally.may, 500u);
  EXPECT_GT(tally.must, 200u);
  EXPECT_GT(runs, 2000u);
  RecordProperty("never", tally.never);
  RecordProperty("may", tally.may);
  RecordProperty("must", tally.must);
  RecordProperty("runs", runs);
}
