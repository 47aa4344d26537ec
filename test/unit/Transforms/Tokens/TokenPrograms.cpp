//===- TokenPrograms.cpp - random programs of tokens, and their runs -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TokenPrograms.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <cstdlib>

using namespace mlir;
using namespace tilec;
using namespace tilec::test;

std::unique_ptr<MLIRContext> test::makeContext() {
  DialectRegistry registry;
  registry.insert<tile::TileDialect, arith::ArithDialect, math::MathDialect, memref::MemRefDialect, scf::SCFDialect>();
  auto context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

OwningOpRef<ModuleOp> test::parse(StringRef text, MLIRContext &context) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  EXPECT_TRUE(module) << text.str();
  return module;
}

tile::KernelOp test::kernelOf(ModuleOp module) { return *module.getOps<tile::KernelOp>().begin(); }

unsigned test::sampleSeed() {
  const char *seed = std::getenv("TILEC_SEED");
  return seed ? std::strtoul(seed, nullptr, 10) : 0;
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

namespace {
class TokenRun {
public:
  explicit TokenRun(unsigned seed) : seed(seed) {}

  void runBlock(Block &block) {
    for (Operation &op : block.without_terminator())
      runOp(&op);
  }

  std::vector<Instance> instances;

private:
  using Set = std::set<unsigned>;

  /// A number below `limit` that the kernel argument `value` has in this iteration.
  unsigned decide(Value value, unsigned limit) {
    std::seed_seq sequence = [&] {
      std::vector<unsigned> parts = {seed, cast<BlockArgument>(value).getArgNumber()};
      parts.insert(parts.end(), path.begin(), path.end());
      return std::seed_seq(parts.begin(), parts.end());
    }();
    std::mt19937 random(sequence);
    return random() % limit;
  }

  Set unite(ValueRange tokens) {
    Set all;
    for (Value token : tokens)
      all.insert(known[token].begin(), known[token].end());
    return all;
  }

  std::vector<Set> valuesOf(ValueRange tokens) {
    std::vector<Set> sets;
    for (Value token : tokens)
      sets.push_back(known[token]);
    return sets;
  }

  void assign(ValueRange values, const std::vector<Set> &sets) {
    for (auto [value, set] : llvm::zip_equal(values, sets))
      known[value] = set;
  }

  void access(Operation *op, ValueRange after, Value token) {
    Instance instance{op, op->getAttrOfType<DenseI64ArrayAttr>("tile.access").asArrayRef().front(), path, unite(after)};
    Set all = instance.after;
    all.insert(instances.size());
    known[token] = all;
    instances.push_back(instance);
  }

  void runFor(scf::ForOp loop) {
    std::vector<Set> carried = valuesOf(loop.getInitArgs());
    unsigned count = decide(loop.getUpperBound(), 4);
    for (unsigned i = 0; i < count; ++i) {
      path.push_back(i);
      assign(loop.getRegionIterArgs(), carried);
      runBlock(*loop.getBody());
      carried = valuesOf(loop.getYieldedValues());
      path.pop_back();
    }
    assign(loop.getResults(), carried);
  }

  void runWhile(scf::WhileOp loop) {
    std::vector<Set> carried = valuesOf(loop.getInits());
    for (unsigned i = 0;; ++i) {
      path.push_back(i);
      assign(loop.getBeforeArguments(), carried);
      runBlock(*loop.getBeforeBody());
      std::vector<Set> passed = valuesOf(loop.getConditionOp().getArgs());
      bool goesOn = i < 3 && decide(loop.getConditionOp().getCondition(), 3) != 0;
      if (goesOn) {
        assign(loop.getAfterArguments(), passed);
        runBlock(*loop.getAfterBody());
        carried = valuesOf(loop.getYieldOp().getOperands());
      } else {
        assign(loop.getResults(), passed);
      }
      path.pop_back();
      if (!goesOn)
        return;
    }
  }

  void runGrid(tile::GridOp grid) {
    Set entry = unite(grid.getAfter()), result;
    unsigned count = decide(grid.getUpper().front(), 4);
    for (unsigned i = 0; i < count; ++i) {
      path.push_back(i);
      known[grid.getEntry()] = entry;
      runBlock(grid.getBody().front());
      Set yielded = unite(grid.getBody().front().getTerminator()->getOperands());
      result.insert(yielded.begin(), yielded.end());
      path.pop_back();
    }
    known[grid.getToken()] = count == 0 ? entry : result;
  }

  void runOp(Operation *op) {
    if (auto load = dyn_cast<tile::LoadOp>(op))
      return access(op, load.getAfter(), load.getToken());
    if (auto store = dyn_cast<tile::StoreOp>(op))
      return access(op, store.getAfter(), store.getToken());
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return runFor(loop);
    if (auto loop = dyn_cast<scf::WhileOp>(op))
      return runWhile(loop);
    if (auto grid = dyn_cast<tile::GridOp>(op))
      return runGrid(grid);
    if (auto select = dyn_cast<arith::SelectOp>(op)) {
      known[select.getResult()] =
          known[decide(select.getCondition(), 2) ? select.getTrueValue() : select.getFalseValue()];
    } else if (isa<scf::IfOp, scf::IndexSwitchOp>(op)) {
      Region &region = op->getRegion(decide(op->getOperand(0), op->getNumRegions()));
      if (region.empty())
        return;
      runBlock(region.front());
      assign(op->getResults(), valuesOf(region.front().getTerminator()->getOperands()));
    } else if (isa<tile::TokenOp, tile::JoinOp>(op)) {
      known[op->getResult(0)] = unite(op->getOperands());
    }
  }

  unsigned seed;
  std::map<void *, Set> sets;
  struct ByPointer {
    bool operator()(Value a, Value b) const { return a.getAsOpaquePointer() < b.getAsOpaquePointer(); }
  };
  std::map<Value, Set, ByPointer> known;
  std::vector<int> path;
};
} // namespace

std::vector<Instance> test::runTokens(tile::KernelOp kernel, unsigned seed) {
  TokenRun run(seed);
  run.runBlock(kernel.getBody().front());
  return run.instances;
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

namespace {
class Generator {
public:
  explicit Generator(std::mt19937 &random) : random(random) {}

  std::string run() {
    std::vector<std::string> tokens;
    kernelBody(tokens, pick(3) + 2);
    std::string text = "tile.kernel @k(%X: memref<8xf32> {tile.param = #tile.param<name = \"X\", kind = inout, type = "
                       "\"f32\", dims = affine_map<() -> (8)>>}";
    for (const auto &[name, type] : arguments)
      text += ", " + name + ": " + type + " {tile.param = #tile.param<name = \"" + name.substr(1) +
              "\", kind = scalar, type = \"i64\", dims = affine_map<() -> ()>>}";
    return text +
           ") {\n%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n%v = arith.constant 1.0 : f32\n" +
           body + "tile.return\n}\n";
  }

private:
  using Tokens = std::vector<std::string>;

  unsigned pick(unsigned limit) { return random() % limit; }
  std::string fresh(const char *letter) { return "%" + std::string(letter) + std::to_string(counter++); }
  std::string argument(const char *letter, const char *type) {
    arguments.emplace_back(fresh(letter), type);
    return arguments.back().first;
  }
  /// A list of up to `most` tokens in scope, with repetitions.
  std::string some(const Tokens &tokens, unsigned most, unsigned least = 0) {
    std::string list;
    for (unsigned i = 0, count = least + pick(most - least + 1); i < count && !tokens.empty(); ++i)
      list += (list.empty() ? "" : ", ") + oneOf(tokens);
    return list;
  }
  /// A token in scope, more likely one of the last.
  std::string oneOf(const Tokens &tokens) {
    size_t recent = std::min<size_t>(tokens.size(), 4);
    return pick(3) ? tokens[tokens.size() - 1 - pick(recent)] : tokens[pick(tokens.size())];
  }
  std::string tokenTypes(unsigned count) {
    std::string list;
    for (unsigned i = 0; i < count; ++i)
      list += i ? ", !tile.token" : "!tile.token";
    return list;
  }
  /// "%g1 = %t4, %g2 = %t0"; the names are added to `inner`.
  std::string carry(unsigned count, const Tokens &outer, Tokens &inner) {
    std::string list;
    for (unsigned i = 0; i < count; ++i) {
      inner.push_back(fresh("g"));
      list += (i ? ", " : "") + inner.back() + " = " + oneOf(outer);
    }
    return list;
  }
  std::string give(unsigned count, const Tokens &tokens) {
    std::string list;
    for (unsigned i = 0; i < count; ++i)
      list += (i ? ", " : "") + oneOf(tokens);
    return list + " : " + tokenTypes(count);
  }
  void addResults(const std::string &name, unsigned count, Tokens &tokens) {
    for (unsigned i = 0; i < count; ++i)
      tokens.push_back(name + "#" + std::to_string(i));
  }

  void access(Tokens &tokens) {
    std::string after = some(tokens, 3), token = fresh("t"), id = std::to_string(accesses++);
    std::string order =
        (after.empty() ? "" : " after(" + after + ")") + std::string(" {tile.access = array<i64: ") + id + ">}";
    if (pick(2))
      body += token + " = tile.store %v, %X[%c0]" + order + " : f32, memref<8xf32>[index]\n";
    else
      body += fresh("x") + ", " + token + " = tile.load %X[%c0]" + order + " : memref<8xf32>[index] -> f32\n";
    tokens.push_back(token);
  }

  void branch(Tokens &tokens, unsigned depth) {
    unsigned count = 1 + pick(2);
    std::string name = fresh("r");
    auto emitRegion = [&] {
      Tokens inner = tokens;
      statements(inner, depth + 1);
      body += "scf.yield " + give(count, inner) + "\n}\n";
    };
    if (pick(2)) {
      body += name + ":" + std::to_string(count) + " = scf.if " + argument("b", "i1") + " -> (" + tokenTypes(count) +
              ") {\n";
      emitRegion();
      body += "else {\n";
      emitRegion();
    } else {
      body += name + ":" + std::to_string(count) + " = scf.index_switch " + argument("n", "index") + " -> " +
              tokenTypes(count) + "\ncase 0 {\n";
      emitRegion();
      body += "case 1 {\n";
      emitRegion();
      body += "default {\n";
      emitRegion();
    }
    addResults(name, count, tokens);
  }

  void forLoop(Tokens &tokens, unsigned depth) {
    unsigned count = 1 + pick(3);
    Tokens inner = tokens;
    std::string name = fresh("r"), iv = fresh("i");
    body += name + ":" + std::to_string(count) + " = scf.for " + iv + " = %c0 to " + argument("n", "index") +
            " step %c1 iter_args(" + carry(count, tokens, inner) + ") -> (" + tokenTypes(count) + ") {\n";
    statements(inner, depth + 1);
    body += "scf.yield " + give(count, inner) + "\n}\n";
    addResults(name, count, tokens);
  }

  void whileLoop(Tokens &tokens, unsigned depth) {
    unsigned count = 1 + pick(2), passed = 1 + pick(2);
    Tokens before = tokens, after = tokens;
    std::string name = fresh("r"), arguments;
    body += name + ":" + std::to_string(passed) + " = scf.while (" + carry(count, tokens, before) + ") : (" +
            tokenTypes(count) + ") -> (" + tokenTypes(passed) + ") {\n";
    statements(before, depth + 1);
    body += "scf.condition(" + argument("b", "i1") + ") " + give(passed, before) + "\n} do {\n";
    for (unsigned i = 0; i < passed; ++i) {
      after.push_back(fresh("h"));
      arguments += (i ? ", " : "") + after.back() + ": !tile.token";
    }
    body += "^bb0(" + arguments + "):\n";
    statements(after, depth + 1);
    body += "scf.yield " + give(count, after) + "\n}\n";
    addResults(name, passed, tokens);
  }

  void statements(Tokens &tokens, unsigned depth) {
    for (unsigned i = 0, count = 1 + pick(depth ? 3 : 5); i < count; ++i) {
      unsigned kind = pick(depth < 3 ? 10 : 7);
      if (kind < 5 || tokens.empty()) {
        access(tokens);
      } else if (kind == 5) {
        std::string name = fresh("j");
        body += name + " = tile.join " + some(tokens, 3, 1) + "\n";
        tokens.push_back(name);
      } else if (kind == 6) {
        std::string name = fresh("s");
        if (pick(3))
          body += name + " = arith.select " + argument("b", "i1") + ", " + oneOf(tokens) + ", " + oneOf(tokens) +
                  " : !tile.token\n";
        else
          body += name + " = tile.token\n";
        tokens.push_back(name);
      } else if (kind == 7) {
        branch(tokens, depth);
      } else if (kind == 8) {
        forLoop(tokens, depth);
      } else {
        whileLoop(tokens, depth);
      }
    }
  }

  void grid(Tokens &tokens) {
    std::string name = fresh("q"), entry = fresh("e"), iv = fresh("i"), after = some(tokens, 3);
    body += name + " = tile.grid \"" + name.substr(1) + "\" (" + iv + " \"i\" : index = %c0 to " +
            argument("n", "index") + " step %c1) entry " + entry + (after.empty() ? "" : " after (" + after + ")") +
            " {\n";
    // Inside a grid, tokens of the kernel's level are in scope as well.
    Tokens inner = tokens;
    inner.push_back(entry);
    statements(inner, 0);
    std::string yielded = some(inner, 3);
    unsigned count = yielded.empty() ? 0 : std::count(yielded.begin(), yielded.end(), ',') + 1;
    body += "tile.yield" + (count ? " " + yielded + " : " + tokenTypes(count) : std::string()) + "\n}\n";
    tokens.push_back(name);
  }

  void kernelBody(Tokens &tokens, unsigned count, unsigned depth = 0) {
    for (unsigned i = 0; i < count; ++i) {
      unsigned kind = depth < 1 && !tokens.empty() ? pick(5) : 0;
      if (kind < 3) {
        grid(tokens);
        continue;
      }
      std::string name = fresh("r");
      Tokens inner = tokens;
      if (kind == 3) {
        body += name + ":2 = scf.for " + fresh("i") + " = %c0 to " + argument("n", "index") + " step %c1 iter_args(" +
                carry(2, tokens, inner) + ") -> (!tile.token, !tile.token) {\n";
        kernelBody(inner, 2, depth + 1);
        body += "scf.yield " + give(2, inner) + "\n}\n";
      } else {
        body += name + ":2 = scf.if " + argument("b", "i1") + " -> (!tile.token, !tile.token) {\n";
        kernelBody(inner, 2, depth + 1);
        body += "scf.yield " + give(2, inner) + "\n} else {\nscf.yield " + give(2, tokens) + "\n}\n";
      }
      addResults(name, 2, tokens);
    }
  }

  std::mt19937 &random;
  std::string body;
  std::vector<std::pair<std::string, std::string>> arguments;
  unsigned counter = 0, accesses = 0;
};
} // namespace

std::string test::randomTokenProgram(std::mt19937 &random) { return Generator(random).run(); }
