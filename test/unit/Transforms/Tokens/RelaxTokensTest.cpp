//===- RelaxTokensTest.cpp - the order that is kept, by enumeration ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Random programs of accesses, tokens, loops and branches are run before and after tile-relax-tokens, and the order of
/// every two access instances is compared. What instances touch is enumerated, too, so a pair that really conflicts is
/// known without the analysis that the pass asks.
//
//===----------------------------------------------------------------------===//
#include "AccessTrace.h"

#include "tilec/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::test;

namespace {
/// Writes a kernel over arrays C, D and flags F with random tokens between its accesses.
class Generator {
public:
  explicit Generator(unsigned seed) : random(seed) {}

  std::string kernel() {
    text = "!c = memref<?xi32, strided<[1]>>\ntile.kernel @k(";
    for (StringRef array : {"C", "D", "F"})
      text += (array == "C" ? "" : ", ") +
              ("%" + array + ": !c {tile.param = #tile.param<name = \"" + array +
               "\", kind = inout, type = \"i32\", dims = affine_map<()[s0] -> (s0)>>")
                  .str() +
              (pick(6) == 0 && array != "F" ? ", tile.alias = [1]}" : "}");
    text += ") attributes {symbols = [\"N\"]} {\n  %v = arith.constant 1 : i32\n";
    for (int c = 0; c != 5; ++c)
      line("%c" + std::to_string(c) + " = arith.constant " + std::to_string(c) + " : index");
    line("%none = tile.token");
    tokens = {"%none"};
    numbers = {"%c0", "%c1", "%c2"};
    for (unsigned g = 0, e = 1 + pick(3); g != e; ++g)
      kernelLevel(0);
    return text + "  tile.return\n}\n";
  }

private:
  using Names = std::vector<std::string>;
  unsigned pick(unsigned count) { return random() % count; }
  std::string oneOf(const Names &from) { return from[pick(from.size())]; }
  std::string fresh() { return "%x" + std::to_string(count++); }
  void line(const std::string &what) { text += "  " + what + "\n"; }
  /// A recent one more often than not.
  std::string token() {
    return pick(3) ? tokens[tokens.size() - 1 - pick(std::min<size_t>(tokens.size(), 4))] : oneOf(tokens);
  }
  static std::string list(const Names &names, StringRef separator = ", ") { return llvm::join(names, separator); }
  Names someTokens(unsigned atMost) {
    Names some;
    for (unsigned i = 0, e = pick(atMost + 1); i != e; ++i)
      some.push_back(token());
    return some;
  }
  static std::string types(size_t count) { return list(Names(count, "!tile.token")); }

  void kernelLevel(unsigned depth) {
    if (depth < 2 && pick(4) == 0)
      return branchOrLoop(depth, /*inGrid=*/false);
    std::string result = fresh(), entry = fresh(), index = fresh();
    Names after = someTokens(3);
    line(result + " = tile.grid \"grid#0\" (" + index + " \"i\" : index = %c0 to %c2 step %c1) entry " + entry +
         (after.empty() ? "" : " after (" + list(after) + ")") + " {");
    inScope([&] {
      tokens.push_back(entry);
      numbers.push_back(index);
      for (unsigned i = 0, e = 2 + pick(4); i != e; ++i)
        statement(0);
      Names yielded = someTokens(3);
      line("tile.yield" + (yielded.empty() ? "" : " " + list(yielded) + " : " + types(yielded.size())));
    });
    line("}");
    tokens.push_back(result);
  }

  void inScope(llvm::function_ref<void()> body) {
    Names outerTokens = tokens, outerNumbers = numbers;
    body();
    tokens = outerTokens;
    numbers = outerNumbers;
  }

  void statement(unsigned depth) {
    unsigned kind = pick(depth < 3 ? 8 : 5);
    if (kind < 4)
      access();
    else if (kind == 4)
      merge();
    else
      branchOrLoop(depth, /*inGrid=*/true);
  }

  void access() {
    std::string array = oneOf({"%C", "%C", "%D", "%F"}), token = fresh(), value = fresh(), subscript = oneOf(numbers);
    if (pick(3) == 0) {
      std::string moved = fresh();
      line(moved + " = arith.addi " + subscript + ", %c1 : index");
      subscript = moved;
    }
    Names after = someTokens(3);
    std::string suffix = after.empty() ? "" : " after (" + list(after) + ")";
    bool isSync = pick(6) == 0;
    std::string place = array + "[" + subscript + "]";
    unsigned kind = pick(5);
    if (kind < 2)
      line(value + ", " + token + " = tile.load " + place + suffix +
           (isSync ? oneOf({" acquire device", " relaxed device"}) : "") + " : !c[index] -> i32");
    else if (kind < 4)
      line(token + " = tile.store %v, " + place + suffix + (isSync ? " release device" : "") + " : i32, !c[index]");
    else
      line(value + ", " + token + " = tile.atomic_rmw addi %v, " + place + suffix + " " +
           oneOf({"relaxed", "relaxed", "acquire", "release", "acq_rel"}) + " device : i32, !c[index] -> i32");
    tokens.push_back(token);
  }

  std::string condition() {
    std::string result = fresh();
    line(result + " = arith.cmpi " + oneOf({"eq", "slt", "sgt"}) + ", " + oneOf(numbers) + ", " + oneOf(numbers) +
         " : index");
    return result;
  }

  void merge() {
    std::string result;
    if (pick(2)) {
      result = fresh();
      line(result + " = tile.join " + list({token(), token()}));
    } else {
      std::string chosen = condition();
      result = fresh();
      line(result + " = arith.select " + chosen + ", " + token() + ", " + token() + " : !tile.token");
    }
    tokens.push_back(result);
  }

  void body(unsigned depth, bool inGrid) {
    for (unsigned i = 0, e = 1 + pick(3); i != e; ++i)
      inGrid ? statement(depth + 1) : kernelLevel(depth + 1);
  }

  Names exactTokens(unsigned count) {
    Names some;
    for (unsigned i = 0; i != count; ++i)
      some.push_back(token());
    return some;
  }

  /// Adds the results of the op that was written as `name`:count.
  void addResults(const std::string &name, unsigned count, unsigned first = 0) {
    for (unsigned i = 0; i != count; ++i)
      tokens.push_back(name + "#" + std::to_string(first + i));
  }

  void region(unsigned depth, bool inGrid, unsigned results) {
    inScope([&] {
      body(depth, inGrid);
      line("scf.yield " + list(exactTokens(results)) + " : " + types(results));
    });
  }

  void branchOrLoop(unsigned depth, bool inGrid) {
    unsigned results = 1 + pick(2);
    std::string name, head, ofTypes = types(results);
    unsigned kind = pick(5);
    if (kind == 0) {
      std::string chosen = condition();
      name = fresh();
      line(name + ":" + std::to_string(results) + " = scf.if " + chosen + " -> (" + ofTypes + ") {");
      region(depth, inGrid, results);
      line("} else {");
      region(depth, inGrid, results);
      line("}");
      addResults(name, results);
    } else if (kind == 1) {
      std::string number = oneOf(numbers);
      name = fresh();
      line(name + ":" + std::to_string(results) + " = scf.index_switch " + number + " -> " + ofTypes);
      line("case 1 {");
      region(depth, inGrid, results);
      line("} default {");
      region(depth, inGrid, results);
      line("}");
      addResults(name, results);
    } else if (kind == 2) {
      name = fresh();
      line(name + ":" + std::to_string(results) + " = scf.execute_region -> (" + ofTypes + ") {");
      region(depth, inGrid, results);
      line("}");
      addResults(name, results);
    } else {
      loop(depth, inGrid, results, /*isWhile=*/kind == 4);
    }
  }

  void loop(unsigned depth, bool inGrid, unsigned results, bool isWhile) {
    std::string name = fresh(), index = fresh(), carried, again;
    Names inits = exactTokens(results), arguments, inner;
    for (unsigned i = 0; i != results; ++i) {
      arguments.push_back(fresh());
      inner.push_back(fresh());
      carried += (i ? ", " : "") + arguments[i] + " = " + inits[i];
      again += ", " + inner[i] + " : !tile.token";
    }
    std::string bound = oneOf({"%c1", "%c2", "%c3", "%c0"});
    if (!isWhile) {
      line(name + ":" + std::to_string(results) + " = scf.for " + index + " = %c0 to " + bound +
           " step %c1 iter_args(" + carried + ") -> (" + types(results) + ") {");
      inScope([&] {
        tokens.insert(tokens.end(), arguments.begin(), arguments.end());
        numbers.push_back(index);
        body(depth, inGrid);
        line("scf.yield " + list(exactTokens(results)) + " : " + types(results));
      });
      line("}");
      return addResults(name, results);
    }
    // Counts in the first carried value.
    line(name + ":" + std::to_string(results + 1) + " = scf.while (" + index + " = %c0, " + carried + ") : (index, " +
         types(results) + ") -> (index, " + types(results) + ") {");
    inScope([&] {
      tokens.insert(tokens.end(), arguments.begin(), arguments.end());
      numbers.push_back(index);
      body(depth, inGrid);
      std::string goesOn = fresh();
      line(goesOn + " = arith.cmpi slt, " + index + ", " + bound + " : index");
      line("scf.condition(" + goesOn + ") " + index + ", " + list(exactTokens(results)) + " : index, " +
           types(results));
    });
    std::string second = fresh(), next = fresh();
    line("} do {");
    line("^bb0(" + second + ": index" + again + "):");
    inScope([&] {
      tokens.insert(tokens.end(), inner.begin(), inner.end());
      numbers.push_back(second);
      body(depth, inGrid);
      line(next + " = arith.addi " + second + ", %c1 : index");
      line("scf.yield " + next + ", " + list(exactTokens(results)) + " : index, " + types(results));
    });
    line("}");
    addResults(name, results, 1);
  }

  std::mt19937 random;
  std::string text;
  Names tokens, numbers;
  unsigned count = 0;
};

/// For each instance, those before it by tokens, also through others.
std::vector<std::set<unsigned>> orderOf(const std::vector<Instance> &instances) {
  std::vector<std::set<unsigned>> before(instances.size());
  for (size_t i = 0; i != instances.size(); ++i)
    for (unsigned direct : instances[i].after) {
      before[i].insert(direct);
      before[i].insert(before[direct].begin(), before[direct].end());
    }
  return before;
}

bool haveCommonElement(const Instance &a, const Instance &b) {
  return llvm::any_of(a.elements, [&](const auto &element) { return llvm::is_contained(b.elements, element); });
}

/// The outermost sequential loop around both in which the instances are at different iterations.
Relation relationOf(const Instance &first, const Instance &second) {
  for (const auto &[op, iteration] : first.iterations)
    for (const auto &[other, otherIteration] : second.iterations)
      if (op == other && iteration != otherIteration)
        return Relation::carriedBy(op);
  return Relation::same();
}

/// The grid iteration of an instance: what is not in one is ordered by whole grids.
bool areInOneIteration(const Instance &first, const Instance &second) {
  for (const auto &[op, iteration] : first.iterations)
    if (isa<tile::GridOp>(op))
      for (const auto &[other, otherIteration] : second.iterations)
        if (op == other)
          return iteration == otherIteration;
  return false;
}

/// The instances of the loop around a grid count, too.
bool isInTheSameRun(const Instance &first, const Instance &second) {
  Relation relation = relationOf(first, second);
  return areInOneIteration(first, second) &&
         (relation.kind == Relation::Kind::Same || relation.loop->getParentOfType<tile::GridOp>());
}

struct Tally {
  unsigned kept = 0, dropped = 0;
};

void checkSeed(unsigned seed, Tally &tally) {
  std::string text = Generator(seed).kernel();
  ParsedKernel parsed(text);
  ASSERT_TRUE(parsed.get());
  Numbers numbers;
  numbers.extents = {{0, {9}}, {1, {9}}, {2, {9}}};
  auto before = traceAccesses(parsed.get(), numbers);
  ASSERT_TRUE(before) << text;
  PassManager manager(parsed.get().getContext(), tile::KernelOp::getOperationName());
  RelaxTokensOptions options;
  options.maxAccesses = 10000;
  manager.addPass(createRelaxTokens(options));
  ASSERT_TRUE(succeeded(manager.run(parsed.get()))) << text;
  auto after = traceAccesses(parsed.get(), numbers);
  ASSERT_TRUE(after);
  ASSERT_EQ(before->size(), after->size());

  std::string relaxed;
  llvm::raw_string_ostream(relaxed) << "seed " << seed << "\n" << text << "\nrelaxed:\n" << parsed.get();
  Conflicts conflicts(parsed.get());
  std::vector<std::set<unsigned>> orderBefore = orderOf(*before), orderAfter = orderOf(*after);
  for (unsigned i = 0; i != before->size(); ++i) {
    const Instance &second = (*after)[i];
    ASSERT_EQ((*before)[i].op, second.op);
    Access b(second.op);
    // What is needed is kept: pairs that meet in an element, and what synchronisation asks for.
    for (unsigned j : orderBefore[i]) {
      const Instance &first = (*after)[j];
      Access a(first.op);
      bool matters = a.writes() || b.writes() || (a.isAtomic() && b.isAtomic());
      bool meets = matters && Conflicts::mayAlias(a.getArray(), b.getArray()) &&
                   (a.getArray() != b.getArray() || haveCommonElement(first, second));
      bool isKept = orderAfter[i].count(j);
      if (meets || b.releases() || a.acquires())
        ASSERT_TRUE(isKept) << describe(a) << " (" << j << ") before " << describe(b) << " (" << i << ")\n" << relaxed;
      ++(isKept ? tally.kept : tally.dropped);
    }
    // Inside an iteration of a grid, nothing else becomes ordered, and every edge is needed.
    for (unsigned j : orderAfter[i])
      if (isInTheSameRun((*after)[j], second))
        ASSERT_TRUE(orderBefore[i].count(j)) << j << " before " << i << "\n" << relaxed;
    for (unsigned j : second.after) {
      Access a((*after)[j].op);
      if (isInTheSameRun((*after)[j], second))
        ASSERT_TRUE(conflicts.isOrderNeeded(a, b, relationOf((*after)[j], second)))
            << describe(a) << " (" << j << ") directly before " << describe(b) << " (" << i << ")\n"
            << relaxed;
    }
  }
}
} // namespace

TEST(RelaxTokensTest, neededPairsStayAndOtherEdgesGo) {
  Tally tally;
  for (unsigned seed = 0; seed != 400 && !HasFatalFailure(); ++seed)
    checkSeed(seed, tally);
  // Both happen often.
  EXPECT_GT(tally.kept, 10000u);
  EXPECT_GT(tally.dropped, 10000u);
  RecordProperty("kept", tally.kept);
  RecordProperty("dropped", tally.dropped);
}
