//===- ClockTest.cpp - happens-before against reachability ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Random clocks against maps, and random programs of accesses, tokens and atomics against a graph: its edges are token
/// order and synchronisation, found by walking back from each read, and its paths are searched one by one.
//
//===----------------------------------------------------------------------===//
#include "KernelRun.h"

#include "lib/Interpreter/Races.h"

#include <map>
#include <random>
#include <set>

using namespace tilec;
using namespace tilec::test;
using namespace tilec::interpreter;

/// The seed of this run's samples; printed where a test fails.
static uint64_t sampleSeed() {
  const char *text = std::getenv("TILEC_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 1;
}

//===----------------------------------------------------------------------===//
// clocks
//===----------------------------------------------------------------------===//

namespace {
/// A clock and what it should hold.
struct Model {
  Clock clock;
  std::map<uint32_t, uint32_t> positions;
};
} // namespace

TEST(ClockTest, joinsAreMaxima) {
  std::mt19937_64 random(sampleSeed());
  SCOPED_TRACE("TILEC_SEED=" + std::to_string(sampleSeed()));
  constexpr uint32_t kChains = 1500;
  std::vector<Model> models(12);
  for (int step = 0; step != 20000; ++step) {
    Model &model = models[random() % models.size()], &other = models[random() % models.size()];
    switch (random() % 8) {
    case 0:
      model.clock.join(other.clock);
      for (auto [chain, position] : other.positions)
        model.positions[chain] = std::max(model.positions[chain], position);
      break;
    case 1:
      model.clock.freeze();
      break;
    case 2:
      model = other;
      break;
    case 3:
      if (random() % 20 == 0)
        model = Model();
      break;
    default:
      // Some chains are neighbours, so that pages fill.
      uint32_t chain = random() % 2 ? random() % kChains : random() % 40, position = 1 + random() % 50;
      model.clock.add({chain, position});
      model.positions[chain] = std::max(model.positions[chain], position);
    }
    uint32_t chain = random() % kChains;
    auto found = model.positions.find(chain);
    uint32_t expected = found == model.positions.end() ? 0 : found->second;
    ASSERT_EQ(model.clock.position(chain), expected) << "step " << step;
    ASSERT_TRUE(model.clock.covers({chain, expected}));
    ASSERT_FALSE(model.clock.covers({chain, expected + 1}));
  }
  for (const Model &model : models)
    for (uint32_t chain = 0; chain != kChains; ++chain) {
      auto found = model.positions.find(chain);
      ASSERT_EQ(model.clock.position(chain), found == model.positions.end() ? 0 : found->second);
    }
}

//===----------------------------------------------------------------------===//
// accesses
//===----------------------------------------------------------------------===//

static const char *const kOps = R"mlir(
tile.kernel @k() {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1 : i32
  %a = tile.array() "a" : memref<4xi32>
  %g = tile.grid "grid#0" () entry %e {
    %x, %t = tile.load %a[%c0] after (%e) : memref<4xi32>[index] -> i32
    %u = tile.store %x, %a[%c0] after (%t) : i32, memref<4xi32>[index]
    %o, %v = tile.atomic_rmw addi %one, %a[%c0] after (%u) relaxed device : i32, memref<4xi32>[index] -> i32
    tile.yield %v : !tile.token
  }
  tile.return
}
)mlir";

namespace {
/// One access of a random program, as the oracle knows it.
struct Node {
  AccessPtr access;
  /// The nodes right before it, by tokens or by synchronisation.
  std::set<size_t> before;
  /// What it wrote to its element replaced: the node that wrote it; -1 for the value from before.
  int source = -1;
  bool reads = false, writes = false;
};

class RandomProgram {
public:
  explicit RandomProgram(uint64_t seed) : random(seed), program(kOps), array("a", {4}, 4) {
    program.kernel().walk([&](mlir::Operation *op) {
      if (mlir::isa<tile::LoadOp, tile::StoreOp, tile::AtomicRMWOp>(op))
        ops.push_back(op);
    });
    races.addArray(&array);
    for (int i = 0; i != 3; ++i)
      iterations.push_back(races.addIteration({{}, 0, {i}}));
    lastWriter.assign(4, -1);
  }

  /// Performs one more access and compares what happens before it.
  void step() {
    Node node;
    node.access = new Access(ops[random() % ops.size()], &array);
    Access &access = *node.access;
    node.reads = access.kind != Access::Kind::Store;
    node.writes = access.kind != Access::Kind::Load;
    chooseOrder(access);
    access.iteration = iterations[random() % iterations.size()];
    int64_t element = random() % 4;
    access.lanes.push_back({0, element, element});
    llvm::SmallVector<TokenPtr> after;
    for (uint64_t n = random() % 3; n > 0 && !nodes.empty(); --n) {
      // Rather something recent.
      size_t from = nodes.size() - 1 - random() % std::min<size_t>(nodes.size(), 12);
      after.push_back(tokens[from]);
      node.before.insert(from);
    }
    access.after = joinTokens(after);
    races.issue(access);
    races.begin(access);
    // Which races there are is not the question here.
    (void)races.perform(access, 0, node.reads, node.writes);
    node.source = lastWriter[element];
    if (node.reads)
      synchronise(node);
    Clock clock = access.clock;
    clock.join(access.acquired);
    std::vector<bool> reached = reachable(node);
    for (size_t i = 0; i != nodes.size(); ++i)
      ASSERT_EQ(clock.covers(nodes[i].access->stamps.front()), reached[i]) << "access " << nodes.size() << " and " << i;
    llvm::IntrusiveRefCntPtr<Token> token(new Token);
    token->clock = clock;
    token->clock.add(access.stamps.front());
    tokens.push_back(token);
    if (node.writes)
      lastWriter[element] = nodes.size();
    nodes.push_back(std::move(node));
  }

private:
  void chooseOrder(Access &access) {
    using Order = tile::MemoryOrder;
    std::vector<Order> orders = {Order::weak, Order::relaxed, Order::acquire};
    if (access.kind == Access::Kind::Store)
      orders = {Order::weak, Order::relaxed, Order::release};
    if (access.kind == Access::Kind::RMW)
      orders = {Order::relaxed, Order::acquire, Order::release, Order::acq_rel};
    access.order = orders[random() % orders.size()];
    access.scope = random() % 4 ? tile::MemoryScope::device : tile::MemoryScope::block;
  }

  /// Adds the releases that a read acquires from: those among the write that it reads and, while that is a
  /// read-modify-write, the one that it read in turn.
  void synchronise(Node &reader) {
    for (int from = reader.source; from >= 0; from = nodes[from].source) {
      const Access &writer = *nodes[from].access;
      bool isNear = writer.iteration == reader.access->iteration;
      bool isWide = writer.scope != tile::MemoryScope::block && reader.access->scope != tile::MemoryScope::block;
      if (writer.releases() && reader.access->acquires() && (isNear || isWide))
        reader.before.insert(from);
      if (writer.kind != Access::Kind::RMW)
        return;
    }
  }

  /// Which nodes a path leads from to `node`.
  std::vector<bool> reachable(const Node &node) const {
    std::vector<bool> reached(nodes.size());
    std::vector<size_t> open(node.before.begin(), node.before.end());
    while (!open.empty()) {
      size_t at = open.back();
      open.pop_back();
      if (reached[at])
        continue;
      reached[at] = true;
      open.insert(open.end(), nodes[at].before.begin(), nodes[at].before.end());
    }
    return reached;
  }

  std::mt19937_64 random;
  Program program;
  std::vector<mlir::Operation *> ops;
  Array array;
  RaceDetector races;
  std::vector<uint32_t> iterations;
  std::vector<Node> nodes;
  std::vector<TokenPtr> tokens;
  std::vector<int> lastWriter;
};
} // namespace

TEST(ClockTest, clocksAreReachability) {
  for (uint64_t i = 0; i != 40; ++i) {
    uint64_t seed = sampleSeed() * 1000 + i;
    SCOPED_TRACE("program " + std::to_string(seed) + " of TILEC_SEED=" + std::to_string(sampleSeed()));
    RandomProgram program(seed);
    for (int step = 0; step != 150; ++step) {
      program.step();
      if (HasFatalFailure())
        return;
    }
  }
}
