//===- SymbolicAlgebra.cpp - Composition and tiles with symbols -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rules are those of Composition.cpp and Complement.cpp for integer strides. Where those compare and divide
// numbers, these ask whether it holds for all values of the symbols.

#include "SymbolicModes.h"
#include "TileModes.h"

#include "CheckedMath.h"

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Composition
//===----------------------------------------------------------------------===//

namespace {
class SymbolicComposer {
public:
  SymbolicComposer(const SymbolicLayout &a, const SymbolicLayout &b, const Assumptions &assumptions)
      : a(a), b(b), assumptions(assumptions) {
    for (const SymbolicMode &leaf : a.leaves())
      appendCoalesced(target, leaf);
    // The last mode says how A goes on beyond its size.
    if (!a.leaves().empty() && a.leaves().back().size.is(1) && !target.back().size.is(1))
      target.push_back(a.leaves().back());
    reach.resize(target.size());
  }

  Result<SymbolicLayout> run();

private:
  Error fail(const std::string &why) const {
    return Error{"composition of " + print(a) + " with " + print(b) + " is undefined: " + why};
  }
  Status use(size_t k, const SymbolicInt &size, const SymbolicInt &step, std::vector<SymbolicMode> &pieces);
  Status composeLeaf(SymbolicInt size, SymbolicInt step, std::vector<SymbolicMode> &pieces);

  const SymbolicLayout &a, &b;
  const Assumptions &assumptions;
  /// A as a function of one integer, and how far B's leaves together come in each of its modes.
  std::vector<SymbolicMode> target;
  std::vector<SymbolicInt> reach;
};
} // namespace

/// Takes `size` steps of `step` within mode k.
Status SymbolicComposer::use(size_t k, const SymbolicInt &size, const SymbolicInt &step,
                             std::vector<SymbolicMode> &pieces) {
  const SymbolicMode &mode = target[k];
  appendCoalesced(pieces, {size, step * mode.stride});
  reach[k] = reach[k] + (size - SymbolicInt(1)) * step;
  if (k + 1 < target.size() && !isNonNegative(mode.size - SymbolicInt(1) - reach[k], assumptions))
    return fail("the modes of the second layout reach " + print(reach[k]) + " together in the mode " +
                print(mode.size) + ":" + print(mode.stride) + " of the first, which needs " + print(mode.size) + " > " +
                print(reach[k]));
  return success();
}

Status SymbolicComposer::composeLeaf(SymbolicInt size, SymbolicInt step, std::vector<SymbolicMode> &pieces) {
  if (step.sign() < 0)
    return fail("the second layout has negative strides, and the first no negative indices");
  if (step.is(0) || target.empty()) {
    appendCoalesced(pieces, {size, 0});
    return success();
  }
  for (size_t k = 0, e = target.size(); k < e; ++k) {
    const SymbolicMode &mode = target[k];
    std::string where = print(mode.size) + ":" + print(mode.stride);
    if (k + 1 == e)
      return use(k, size, step, pieces);
    if (std::optional<SymbolicInt> rest = exactQuotient(step, mode.size, assumptions)) {
      step = *rest;
      continue;
    }
    // All steps stay within the mode.
    if (isNonNegative(mode.size - SymbolicInt(1) - (size - SymbolicInt(1)) * step, assumptions))
      return use(k, size, step, pieces);
    std::optional<SymbolicInt> taken = exactQuotient(mode.size, step, assumptions);
    if (!taken)
      return fail("the step " + print(step) + " through the mode " + where + " needs " +
                  missingFact(mode.size, step, assumptions));
    std::optional<SymbolicInt> rest = exactQuotient(size, *taken, assumptions);
    if (!rest)
      return fail("the first " + print(*taken) + " of " + print(size) + " steps lead through the mode " + where +
                  ", which needs " + missingFact(size, *taken, assumptions) + ", or " + print(*taken) +
                  " >= " + print(size));
    if (Status used = use(k, *taken, step, pieces); !used)
      return used;
    size = *rest;
    step = 1;
  }
  return success();
}

Result<SymbolicLayout> SymbolicComposer::run() {
  std::vector<int32_t> nodes;
  std::vector<SymbolicMode> leaves, pieces;
  size_t next = 0;
  for (int32_t node : b.profile().nodes) {
    if (node != Profile::leafNode) {
      nodes.push_back(node);
      continue;
    }
    const SymbolicMode &leaf = b.leaves()[next++];
    pieces.clear();
    if (Status done = composeLeaf(leaf.size, leaf.stride, pieces); !done)
      return done.error();
    if (pieces.size() != 1)
      nodes.push_back(static_cast<int32_t>(pieces.size()));
    nodes.insert(nodes.end(), pieces.size(), Profile::leafNode);
    leaves.insert(leaves.end(), pieces.begin(), pieces.end());
  }
  Result<SymbolicLayout> result = SymbolicLayout::make(Profile(std::move(nodes)), std::move(leaves), assumptions);
  if (!result)
    return fail(result.message());
  return result;
}

Result<SymbolicLayout> tilec::layout::composition(const SymbolicLayout &a, const SymbolicLayout &b,
                                                  const Assumptions &assumptions) {
  return SymbolicComposer(a, b, assumptions).run();
}

//===----------------------------------------------------------------------===//
// Complement
//===----------------------------------------------------------------------===//

/// Takes the mode out of `modes` whose stride is at most that of each other mode.
static Result<SymbolicMode> takeSmallest(std::vector<SymbolicMode> &modes, const Assumptions &assumptions) {
  for (size_t i = 0; i < modes.size(); ++i) {
    bool smallest = true;
    for (const SymbolicMode &other : modes)
      smallest = smallest && isNonNegative(other.stride - modes[i].stride, assumptions);
    if (!smallest)
      continue;
    SymbolicMode mode = modes[i];
    modes.erase(modes.begin() + static_cast<long>(i));
    return mode;
  }
  return Error{"which of the strides " + print(modes[0].stride) + " and " + print(modes[1].stride) +
               " is smaller depends on the symbols"};
}

/// How many copies of what ends at `end` reach `extent`.
static Result<SymbolicInt> copiesUpTo(const SymbolicInt &extent, const SymbolicInt &end,
                                      const Assumptions &assumptions) {
  std::optional<int64_t> number = extent.asNumber(), step = end.asNumber();
  if (number && step)
    return SymbolicInt(ceilDiv(*number, *step));
  if (extent.is(1))
    return SymbolicInt(1);
  if (std::optional<SymbolicInt> quotient = exactQuotient(extent, end, assumptions))
    return *quotient;
  return Error{"the extent needs " + missingFact(extent, end, assumptions)};
}

/// The modes of what lies between those of the layout; `end` is where the last of these ends.
static Result<std::vector<SymbolicMode>> gaps(const SymbolicLayout &layout, SymbolicInt &end,
                                              const Assumptions &assumptions) {
  std::vector<SymbolicMode> modes, result;
  for (const SymbolicMode &leaf : layout.leaves()) {
    if (leaf.stride.sign() < 0)
      return Error{"the stride " + print(leaf.stride) + " is negative"};
    if (!leaf.stride.is(0) && !leaf.size.is(1))
      modes.push_back(leaf);
  }
  end = 1;
  while (!modes.empty()) {
    Result<SymbolicMode> mode = takeSmallest(modes, assumptions);
    if (!mode)
      return mode.error();
    // What does not divide leaves a rest, which is no gap if the mode has one element.
    std::optional<int64_t> step = mode->stride.asNumber(), below = end.asNumber();
    bool roundDown = step && below && isNonNegative(mode->size - SymbolicInt(2), assumptions);
    std::optional<SymbolicInt> copies =
        roundDown ? SymbolicInt(*step / *below) : exactQuotient(mode->stride, end, assumptions);
    if (!copies || copies->is(0))
      return Error{"the modes below the step " + print(mode->stride) + " end at " + print(end) + ", which needs " +
                   missingFact(mode->stride, end, assumptions)};
    appendCoalesced(result, {*copies, end});
    end = mode->stride * mode->size;
  }
  return result;
}

Result<SymbolicLayout> tilec::layout::complement(const SymbolicLayout &layout, const SymbolicInt &extent,
                                                 const Assumptions &assumptions) {
  auto fail = [&](const std::string &why) { return Error{"complement of " + print(layout) + " is undefined: " + why}; };
  if (!extent.isMonomial() || extent.sign() <= 0)
    return fail("the extent is a positive product, not " + print(extent));
  SymbolicInt end;
  Result<std::vector<SymbolicMode>> modes = gaps(layout, end, assumptions);
  if (!modes)
    return fail(modes.message());
  // A mode that may have one element may leave no gap below it, which only the extent makes up for.
  for (const SymbolicMode &leaf : layout.leaves())
    if (extent.is(1) && !end.asNumber() && !leaf.stride.is(0) && !leaf.size.is(1) &&
        !isNonNegative(leaf.size - SymbolicInt(2), assumptions))
      return fail("the gap below the mode " + print(leaf.size) + ":" + print(leaf.stride) + " needs " +
                  print(leaf.size) + " > 1");
  Result<SymbolicInt> copies = copiesUpTo(extent, end, assumptions);
  if (!copies)
    return fail(copies.message());
  appendCoalesced(*modes, {*copies, end});
  SymbolicLayout rest = layoutOf(std::move(*modes));
  return SymbolicLayout::make(rest.profile(), rest.leaves(), assumptions);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

Result<SymbolicLayout> tilec::layout::composition(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                                  const Assumptions &assumptions) {
  return byMode(a, tiler,
                [&](const SymbolicLayout &x, const SymbolicLayout &y) { return composition(x, y, assumptions); });
}

/// A o (B, B*).
static auto division(const Assumptions &assumptions) {
  return [&assumptions](const SymbolicLayout &a, const SymbolicLayout &b) -> Result<SymbolicLayout> {
    auto fail = [&](const std::string &why) {
      return Error{"division of " + print(a) + " by " + print(b) + " is undefined: " + why};
    };
    Result<SymbolicLayout> rest = complement(b, a.size(), assumptions);
    if (!rest)
      return fail(rest.message());
    Result<SymbolicLayout> result = composition(a, *SymbolicLayout::make({b, *rest}), assumptions);
    if (!result)
      return fail(result.message());
    return result;
  };
}

/// A* o B, where A* goes on as far as copies are wanted.
static Result<SymbolicLayout> copies(const SymbolicLayout &a, const SymbolicLayout &b, const Assumptions &assumptions) {
  auto fail = [&](const std::string &why) {
    return Error{"product of " + print(a) + " with " + print(b) + " is undefined: " + why};
  };
  SymbolicInt end;
  Result<std::vector<SymbolicMode>> rest = gaps(a, end, assumptions);
  if (!rest)
    return fail(rest.message());
  // The last mode is unbounded, so its size does not matter: beyond the gaps the copies follow each other.
  if (rest->empty() || !(rest->back().stride * rest->back().size == end))
    rest->push_back({1, end});
  Result<SymbolicLayout> result = composition(layoutOf(std::move(*rest)), b, assumptions);
  if (!result)
    return fail(result.message());
  return result;
}

static auto multiplication(const Assumptions &assumptions) {
  return [&assumptions](const SymbolicLayout &a, const SymbolicLayout &b) -> Result<SymbolicLayout> {
    Result<SymbolicLayout> grid = copies(a, b, assumptions);
    if (!grid)
      return grid;
    return SymbolicLayout::make({a, *grid});
  };
}

Result<SymbolicLayout> tilec::layout::logicalDivide(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                                    const Assumptions &assumptions) {
  return byMode(a, tiler, division(assumptions));
}
Result<SymbolicLayout> tilec::layout::zippedDivide(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                                   const Assumptions &assumptions) {
  return zipped(a, tiler, division(assumptions));
}
Result<SymbolicLayout> tilec::layout::tiledDivide(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                                  const Assumptions &assumptions) {
  return unpack(zippedDivide(a, tiler, assumptions), /*first=*/false);
}
Result<SymbolicLayout> tilec::layout::flatDivide(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                                 const Assumptions &assumptions) {
  return unpack(zippedDivide(a, tiler, assumptions), /*first=*/true);
}
Result<SymbolicLayout> tilec::layout::logicalProduct(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                                     const Assumptions &assumptions) {
  return byMode(a, tiler, multiplication(assumptions));
}
Result<SymbolicLayout> tilec::layout::zippedProduct(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                                    const Assumptions &assumptions) {
  return zipped(a, tiler, multiplication(assumptions));
}
Result<SymbolicLayout> tilec::layout::tiledProduct(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                                   const Assumptions &assumptions) {
  return unpack(zippedProduct(a, tiler, assumptions), /*first=*/false);
}
Result<SymbolicLayout> tilec::layout::flatProduct(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                                  const Assumptions &assumptions) {
  return unpack(zippedProduct(a, tiler, assumptions), /*first=*/true);
}
Result<SymbolicLayout> tilec::layout::blockedProduct(const SymbolicLayout &a, const SymbolicLayout &b,
                                                     const Assumptions &assumptions) {
  return pairModes(a, b, copies(a, b, assumptions), /*blockFirst=*/true);
}
Result<SymbolicLayout> tilec::layout::rakedProduct(const SymbolicLayout &a, const SymbolicLayout &b,
                                                   const Assumptions &assumptions) {
  return pairModes(a, b, copies(a, b, assumptions), /*blockFirst=*/false);
}
