//===- TokenOrderSnapshot.cpp - the order that a pass must keep -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the ids of accesses, and the comparison of what tokens order before and after a pass.

#include "tilec/Analysis/TokenOrderSnapshot.h"

#include "tilec/Analysis/OrderRules.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

//===----------------------------------------------------------------------===//
// Ids
//===----------------------------------------------------------------------===//

ArrayRef<int64_t> analysis::getAccessIds(Operation *access) {
  auto ids = access->getAttrOfType<DenseI64ArrayAttr>(kAccessIds);
  return ids ? ids.asArrayRef() : ArrayRef<int64_t>();
}

int64_t analysis::assignAccessIds(KernelOp kernel, int64_t first) {
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (Access(op) && getAccessIds(op).empty())
      op->setAttr(kAccessIds, DenseI64ArrayAttr::get(op->getContext(), {first++}));
  });
  return first;
}

int64_t analysis::firstFreeAccessId(Operation *op) {
  int64_t free = 0;
  op->walk([&](Operation *inner) {
    for (int64_t id : getAccessIds(inner))
      free = std::max(free, id + 1);
  });
  return free;
}

void analysis::removeAccessIds(Operation *op, int64_t first) {
  op->walk([&](Operation *inner) {
    SmallVector<int64_t> ids(getAccessIds(inner)), kept;
    llvm::copy_if(ids, std::back_inserter(kept), [&](int64_t id) { return id < first; });
    if (kept.empty())
      inner->removeAttr(kAccessIds);
    else if (kept.size() < ids.size())
      inner->setAttr(kAccessIds, DenseI64ArrayAttr::get(op->getContext(), kept));
  });
}

//===----------------------------------------------------------------------===//
// Words for messages
//===----------------------------------------------------------------------===//

static std::string spellNoun(Access access) { return !access.writes() ? "load" : !access.reads() ? "store" : "atomic"; }

//===----------------------------------------------------------------------===//
// Before the pass
//===----------------------------------------------------------------------===//

SmallVector<TokenOrderSnapshot::LoopKey, 4> TokenOrderSnapshot::keysOf(ArrayRef<Operation *> loops) {
  SmallVector<LoopKey, 4> keys;
  for (Operation *loop : loops) {
    Attribute place = LocationAttr(loop->getLoc());
    unsigned number = llvm::count_if(keys, [&](const LoopKey &key) { return key.place == place; });
    keys.push_back({place, number});
  }
  return keys;
}

TokenOrderSnapshot::TokenOrderSnapshot(KernelOp kernel) : original(kernel.clone()) {
  TokenOrder order(kernel);
  Conflicts conflicts(kernel);
  // Each access under each of its ids.
  SmallVector<std::pair<AccessKey, Access>> keyed;
  for (Access access : order.getAccesses()) {
    for (int64_t id : getAccessIds(access.getOperation())) {
      auto known = llvm::find_if(accesses, [&](const KnownAccess &other) { return other.id == id; });
      if (known == accesses.end()) {
        accesses.push_back({id, 0, access.getLoc(), spellNoun(access), access.writes() || access.isAtomic()});
        known = std::prev(accesses.end());
      }
      keyed.push_back({{id, known->copies++}, access});
    }
  }
  for (const auto &[earlierKey, earlier] : keyed) {
    for (const auto &[laterKey, later] : keyed) {
      SmallVector<Operation *> common = TokenOrder::getCommonLoops(earlier.getOperation(), later.getOperation());
      if (earlier != later && order.isOrdered(earlier, later) && needsOrder(conflicts, earlier, later, nullptr))
        pairs.push_back({earlierKey, laterKey, keysOf(common), std::nullopt, Distance::Next, ""});
      for (auto [number, loop] : llvm::enumerate(common))
        for (Distance distance : {Distance::Next, Distance::Later})
          if (order.isOrderedCarried(earlier, later, loop, distance) && needsOrder(conflicts, earlier, later, loop))
            pairs.push_back({earlierKey, laterKey, keysOf(common), number, distance, loopName(loop)});
    }
  }
}

const TokenOrderSnapshot::KnownAccess *TokenOrderSnapshot::find(int64_t id) const {
  return llvm::find_if(accesses, [&](const KnownAccess &known) { return known.id == id; });
}

std::string TokenOrderSnapshot::describe(const OrderedPair &pair) const {
  const KnownAccess *earlier = find(pair.earlier.id), *later = find(pair.later.id);
  std::string text = "lost the order of the " + earlier->noun + " at " + placeName(earlier->place) + " before the " +
                     later->noun + " at " + placeName(later->place);
  if (pair.loop)
    text += ", carried by " + pair.loopName;
  return text;
}

//===----------------------------------------------------------------------===//
// After the pass
//===----------------------------------------------------------------------===//

/// What there is after the pass.
struct TokenOrderSnapshot::Now {
  explicit Now(KernelOp kernel) : order(kernel), conflicts(kernel) {
    for (Access access : order.getAccesses())
      for (int64_t id : getAccessIds(access.getOperation()))
        byId[id].push_back(access);
  }

  ArrayRef<Access> find(int64_t id) const {
    auto it = byId.find(id);
    return it == byId.end() ? ArrayRef<Access>() : ArrayRef<Access>(it->second);
  }

  /// Whether `a` stands before `b` in the text.
  bool isBefore(Access a, Access b) const {
    ArrayRef<Access> all = order.getAccesses();
    return llvm::find(all, a) < llvm::find(all, b);
  }

  TokenOrder order;
  Conflicts conflicts;
  DenseMap<int64_t, SmallVector<Access, 1>> byId;
};

/// Whether a pass has lowered the kernel: what is left has neither grids nor accesses, and functions stand beside it.
static bool isLowered(KernelOp kernel) {
  WalkResult found = kernel.walk(
      [&](Operation *op) { return isa<GridOp>(op) || Access(op) ? WalkResult::interrupt() : WalkResult::advance(); });
  return !found.wasInterrupted() && llvm::any_of(*kernel->getBlock(), [](Operation &beside) {
    return isa<FunctionOpInterface>(beside) && !isa<KernelOp>(beside);
  });
}

/// Whether folding constants alone takes the access away: it stands in a branch or a loop that never runs.
bool TokenOrderSnapshot::foldsAway(int64_t id) const {
  OwningOpRef<KernelOp> folded(original.get().clone());
  MLIRContext *context = folded.get().getContext();
  RewritePatternSet patterns(context);
  for (Dialect *dialect : context->getLoadedDialects())
    dialect->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName op : context->getRegisteredOperations())
    op.getCanonicalizationPatterns(patterns, context);
  if (failed(applyPatternsGreedily(folded.get().getBody(), std::move(patterns))))
    return false;
  WalkResult found = folded.get().walk([&](Operation *op) {
    return llvm::is_contained(getAccessIds(op), id) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return !found.wasInterrupted();
}

/// Finds writes that vanished, or that run twice where they ran once.
void TokenOrderSnapshot::checkAccesses(Now &now, SmallVectorImpl<std::pair<Location, std::string>> &lost) const {
  for (const KnownAccess &known : accesses) {
    if (!known.mustStay)
      continue;
    std::string what = "the " + known.noun + " at " + placeName(known.place);
    ArrayRef<Access> copies = now.find(known.id);
    if (copies.empty() && !foldsAway(known.id))
      lost.emplace_back(known.place, "dropped " + what);
    if (copies.size() <= known.copies)
      continue;
    for (auto [number, copy] : llvm::enumerate(copies)) {
      if (llvm::any_of(copies.take_front(number), [&, copy = copy](Access other) {
            return !TokenOrder::areExclusive(copy.getOperation(), other.getOperation());
          })) {
        lost.emplace_back(known.place, "made copies of " + what + " that run in one iteration");
        break;
      }
    }
  }
}

bool TokenOrderSnapshot::isKept(Now &now, const OrderedPair &pair, Access earlier, Access later, bool areCopies) const {
  Operation *first = earlier.getOperation(), *second = later.getOperation();
  SmallVector<Operation *> common = TokenOrder::getCommonLoops(first, second);
  SmallVector<LoopKey, 4> keys = keysOf(common);
  // Where all loops are others by their places, as many loops are taken for the same.
  bool sameNumber = keys.size() == pair.common.size();
  bool noneKnown = llvm::none_of(pair.common, [&](const LoopKey &key) { return llvm::is_contained(keys, key); });
  if (sameNumber && noneKnown)
    keys = pair.common;

  if (pair.loop) {
    const LoopKey &key = pair.common[*pair.loop];
    if (auto it = llvm::find(keys, key); it != keys.end())
      return now.order.isOrderedCarried(earlier, later, common[it - keys.begin()], pair.distance);
    bool inFirst = llvm::is_contained(keysOf(TokenOrder::getLoops(first)), key);
    bool inSecond = llvm::is_contained(keysOf(TokenOrder::getLoops(second)), key);
    // Around one of them only, all its iterations stand against the other access. Around none, it ran once; copies are
    // its iterations, in the order of the text.
    bool mustBeOrdered = inFirst || inSecond || (areCopies && now.isBefore(earlier, later));
    return !mustBeOrdered || now.order.isOrdered(earlier, later);
  }

  if (first == second || TokenOrder::areExclusive(first, second) || (areCopies && !now.isBefore(earlier, later)))
    return true;
  if (!now.order.isOrdered(earlier, later))
    return false;
  // Further loops around both: what was wholly before must stay before in later iterations, and may not come later.
  for (auto [loop, key] : llvm::zip_equal(common, keys)) {
    if (llvm::is_contained(pair.common, key))
      continue;
    if ((needsOrder(now.conflicts, earlier, later, loop) && !now.order.isOrderedCarried(earlier, later, loop)) ||
        findConflict(now.conflicts, later, earlier, loop) != Overlap::Never)
      return false;
  }
  return true;
}

LogicalResult TokenOrderSnapshot::compare(KernelOp kernel, StringRef pass) const {
  if (isLowered(kernel))
    return success();
  Now now(kernel);
  SmallVector<std::pair<Location, std::string>> lost;
  checkAccesses(now, lost);
  for (const OrderedPair &pair : pairs) {
    ArrayRef<Access> earlier = now.find(pair.earlier.id), later = now.find(pair.later.id);
    // With as many accesses as before, each is compared with itself; otherwise all copies with all copies.
    bool areCopies = earlier.size() != find(pair.earlier.id)->copies || later.size() != find(pair.later.id)->copies;
    bool isKeptByAll = true;
    for (auto [i, a] : llvm::enumerate(earlier))
      for (auto [j, b] : llvm::enumerate(later))
        if (areCopies || (i == pair.earlier.number && j == pair.later.number))
          isKeptByAll &= isKept(now, pair, a, b, areCopies);
    if (!isKeptByAll)
      lost.emplace_back(find(pair.later.id)->place, describe(pair));
  }
  // One mistake loses many pairs; the first ones tell.
  constexpr size_t kShown = 4;
  std::string reported;
  size_t shown = 0, all = 0;
  for (auto &[place, text] : lost) {
    if (text == reported)
      continue; // The other distance of the same loop.
    reported = text;
    ++all;
    if (shown == kShown)
      continue;
    ++shown;
    emitError(place) << "pass '" << pass << "' " << text;
  }
  if (all > shown)
    emitError(kernel.getLoc()) << "pass '" << pass << "' lost " << all - shown << " more";
  return success(lost.empty());
}
