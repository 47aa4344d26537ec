//===- Composition.cpp - One layout after another ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// composition(A, B) is found leaf by leaf of B. Three questions:
//
// 1. Where do B's steps lead in A? A leaf s:d of B with an integer stride d walks through A as a function of one
// integer;
//    one with a basis stride d@m walks through mode m of A. Each of these parts of A is coalesced once (a Target).
//
// 2. What is A along one leaf s:d? The index d has one digit in each mode of the target (mixed radix). If no digit,
// taken
//    s - 1 times, leaves its mode, each step adds the same: one mode of s steps. Otherwise the lowest mode, of size S,
//    is taken apart: if S divides d it is stepped over as a whole; if d divides S, the first S/d steps walk through it
//    and the rest go on at the next mode, for which S/d must divide s. The last mode is unbounded.
//
// 3. Is A(B(c)) the sum over B's leaves? Only if the indices that B's leaves contribute add up without carry from one
//    mode of A into the next: the sum of the largest digits must stay below each mode's size. CuTe takes this for
//    granted; here it is a precondition. For modes of A with masks the digits must not share bits.
//
// Where B has masks, its indices are sums under XOR, and A must be linear over F2 (second half of this file).

#include "FlatModes.h"
#include "tilec/Layout/Algebra.h"

#include "CheckedMath.h"

#include <algorithm>

using namespace tilec::layout;

namespace {
/// A part of A that leaves of B walk through, as a function of one integer.
struct Target {
  std::vector<int32_t> path;
  std::vector<Mode> modes;
  /// How far all leaves together come in each mode, and which bits of its coordinate they use.
  std::vector<int64_t> digits;
  std::vector<uint64_t> bits;

  Target(std::vector<int32_t> path, const Mode *first, const Mode *last)
      : path(std::move(path)), modes(coalesceUnbounded(first, last)), digits(modes.size()), bits(modes.size()) {}
};

class Composer {
public:
  Composer(const Layout &a, const Layout &b) : a(a), b(b) {}

  Result<Layout> run();

private:
  Error fail(const std::string &why) const {
    return Error{"composition of " + print(a) + " with " + print(b) + " is undefined: " + why};
  }
  Result<Target *> target(const std::vector<int32_t> &path);
  bool fits(const Target &target, size_t k, int64_t size, int64_t step) const;
  Status use(Target &target, size_t k, int64_t size, int64_t digit, Offset &stride);
  Status composeLeaf(Target &target, int64_t size, int64_t step, std::vector<Mode> &pieces);
  Status addTerm(const BasisTerm &term, int64_t size, std::vector<Mode> &pieces);
  Status composeModes();
  Status composeMasks();

  const Layout &a, &b;
  std::vector<Target> targets;
  /// The result: B's nodes with the leaves taken apart.
  std::vector<int32_t> nodes;
  std::vector<Mode> leaves;
  /// The leaves of B are replaced by these lists, in order.
  void append(const std::vector<Mode> &pieces) {
    if (pieces.size() != 1)
      nodes.push_back(static_cast<int32_t>(pieces.size()));
    nodes.insert(nodes.end(), pieces.size(), Profile::leafNode);
    leaves.insert(leaves.end(), pieces.begin(), pieces.end());
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Integer and basis strides
//===----------------------------------------------------------------------===//

static bool isPrefix(const std::vector<int32_t> &a, const std::vector<int32_t> &b) {
  return a.size() <= b.size() && std::equal(a.begin(), a.end(), b.begin());
}

Result<Target *> Composer::target(const std::vector<int32_t> &path) {
  for (Target &known : targets) {
    if (known.path == path)
      return &known;
    if (isPrefix(known.path, path) || isPrefix(path, known.path))
      return fail("strides of the second layout address a mode of the first and a part of it at once");
  }
  // The mode that the path names, as ranges of nodes and leaves.
  Profile profile = a.profile();
  size_t first = 0, last = a.leaves().size();
  for (int32_t i : path) {
    bool exists = !profile.isLeaf() && static_cast<size_t>(i) < profile.rank();
    if (!exists)
      return fail("a stride addresses a mode '" + print(Offset::basis(path)) + "' that the first layout does not have");
    Profile::Span span = profile.mode(static_cast<size_t>(i));
    last = first + span.lastLeaf;
    first += span.firstLeaf;
    profile = profile.slice(span);
  }
  targets.emplace_back(path, a.leaves().data() + first, a.leaves().data() + last);
  return &targets.back();
}

/// Whether each step of `size` steps of `step` adds the same, from mode k of the target on.
bool Composer::fits(const Target &target, size_t k, int64_t size, int64_t step) const {
  for (size_t e = target.modes.size(); k < e && step; ++k) {
    const Mode &mode = target.modes[k];
    bool isLast = k + 1 == e;
    int64_t digit = isLast ? step : step % mode.size;
    if (!isLast && digit && size - 1 > (mode.size - 1) / digit)
      return false;
    if (mode.stride.mask() && size > 2 && digit && !isPowerOfTwo(digit))
      return false;
    step /= mode.size;
  }
  return true;
}

/// Takes `size` steps of `digit` in mode k, whose stride is added to `stride`.
Status Composer::use(Target &target, size_t k, int64_t size, int64_t digit, Offset &stride) {
  if (!digit)
    return success();
  const Mode &mode = target.modes[k];
  if (!stride.addMultiple(mode.stride, digit))
    return fail("a stride of the result exceeds 2^62");
  int64_t reach;
  if (!multiply(size - 1, digit, reach) || !add(target.digits[k], reach, target.digits[k]))
    return fail("an index exceeds 64 bits");
  if (k + 1 < target.modes.size() && target.digits[k] >= mode.size)
    return fail("the modes of the second layout reach " + std::to_string(target.digits[k]) + " together in the mode " +
                std::to_string(mode.size) + ":" + print(mode.stride) + " of the first, where their sum would carry");
  if (mode.stride.mask() && size > 1) {
    uint64_t bits =
        size == 2 ? static_cast<uint64_t>(digit) : ((uint64_t(1) << bitsOf(size)) - 1) * static_cast<uint64_t>(digit);
    if (bits & target.bits[k])
      return fail("modes of the second layout share bits of the index into the mode " + std::to_string(mode.size) +
                  ":" + print(mode.stride) + " of the first, whose stride is a mask");
    target.bits[k] |= bits;
  }
  return success();
}

Status Composer::composeLeaf(Target &target, int64_t size, int64_t step, std::vector<Mode> &pieces) {
  if (step < 0)
    return fail("the second layout has negative strides, and the first no negative indices");
  if (size == 1) {
    Offset value;
    if (!evaluate(target.modes, step, value))
      return fail("a stride of the result exceeds 2^62");
    appendCoalesced(pieces, {1, value});
    return success();
  }
  for (size_t k = 0, e = target.modes.size(); k < e; ++k) {
    if (fits(target, k, size, step)) {
      Offset stride;
      for (; k < e; ++k) {
        int64_t digit = k + 1 < e ? step % target.modes[k].size : step;
        step /= target.modes[k].size;
        if (Status used = use(target, k, size, digit, stride); !used)
          return used;
      }
      appendCoalesced(pieces, {size, stride});
      return success();
    }
    const Mode &mode = target.modes[k];
    std::string where = std::to_string(mode.size) + ":" + print(mode.stride);
    if (k + 1 == e)
      return fail("every " + std::to_string(step) + "th of " + std::to_string(size) + " steps of the mode " + where +
                  " is no multiple of one mask (the step must be a power of two)");
    if (step % mode.size == 0) {
      step /= mode.size;
      continue;
    }
    if (mode.size % step)
      return fail("neither the step " + std::to_string(step) + " nor the size of the mode " + where +
                  " divides the other");
    int64_t taken = mode.size / step;
    if (size % taken)
      return fail("after " + std::to_string(taken) + " steps through the mode " + where +
                  " the next mode follows, but " + std::to_string(taken) + " does not divide the " +
                  std::to_string(size) + " steps to take");
    std::optional<Offset> stride = mode.stride.everyNth(step, taken);
    if (!stride)
      return fail("every " + std::to_string(step) + "th step of the mode " + where + " is no multiple of one mask");
    Offset checked;
    if (Status used = use(target, k, taken, step, checked); !used)
      return used;
    appendCoalesced(pieces, {taken, *stride});
    size /= taken;
    step = 1;
  }
  // A has no leaves: the one coordinate of () has the value 0.
  appendCoalesced(pieces, {size, 0});
  return success();
}

/// Adds the modes `other` to `modes`, two lists of one size, after splitting both where either is split.
static bool addRefined(std::vector<Mode> &modes, std::vector<Mode> other) {
  std::vector<Mode> sum;
  size_t i = 0, j = 0;
  while (i < modes.size() && j < other.size()) {
    Mode &x = modes[i], &y = other[j];
    int64_t size = std::min(x.size, y.size);
    if (x.size % size || y.size % size)
      return false;
    std::optional<Offset> restX = x.stride.everyNth(size, x.size / size);
    std::optional<Offset> restY = y.stride.everyNth(size, y.size / size);
    Offset stride = x.stride;
    bool masksSplit = (!x.stride.mask() && !y.stride.mask()) || isPowerOfTwo(size);
    if (!restX || !restY || !masksSplit || !stride.addMultiple(y.stride, 1))
      return false;
    sum.push_back({size, stride});
    x = {x.size / size, *restX};
    y = {y.size / size, *restY};
    i += x.size == 1;
    j += y.size == 1;
  }
  modes.clear();
  for (const Mode &mode : sum)
    appendCoalesced(modes, mode);
  return true;
}

Status Composer::addTerm(const BasisTerm &term, int64_t size, std::vector<Mode> &pieces) {
  Result<Target *> place = target(term.path);
  if (!place)
    return place.error();
  std::vector<Mode> more;
  if (Status done = composeLeaf(**place, size, term.coefficient, more); !done)
    return done;
  if (pieces.empty())
    pieces = std::move(more);
  else if (!addRefined(pieces, std::move(more)))
    return fail("the modes into which the parts of a stride fall have no common refinement");
  return success();
}

Status Composer::composeModes() {
  targets.reserve(b.leaves().size() + 1);
  nodes.reserve(2 * b.profile().nodes.size());
  leaves.reserve(2 * b.leaves().size());
  size_t next = 0;
  std::vector<Mode> pieces;
  for (int32_t node : b.profile().nodes) {
    if (node != Profile::leafNode) {
      nodes.push_back(node);
      continue;
    }
    const Mode &leaf = b.leaves()[next++];
    pieces.clear();
    if (leaf.stride.isZero()) {
      pieces.push_back(leaf);
    } else if (std::optional<int64_t> step = leaf.stride.asNumber()) {
      Result<Target *> place = target({});
      if (!place)
        return place.error();
      if (Status done = composeLeaf(**place, leaf.size, *step, pieces); !done)
        return done;
    } else {
      if (!leaf.stride.isCoordinate())
        return fail("the stride " + print(leaf.stride) + " is an index and a coordinate at once");
      // Several terms may name more parts of A than there are leaves; targets are held by reference only within
      // addTerm.
      for (const BasisTerm &term : leaf.stride.terms())
        if (Status done = addTerm(term, leaf.size, pieces); !done)
          return done;
    }
    append(pieces);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Masks in the second layout
//===----------------------------------------------------------------------===//

Status Composer::composeMasks() {
  // The bits that each leaf's coordinate sets in the index, and whether any two overlap.
  std::vector<std::vector<uint64_t>> images;
  uint64_t seen = 0, integers = 0;
  bool disjoint = true;
  for (const Mode &leaf : b.leaves()) {
    std::vector<uint64_t> &columns = images.emplace_back();
    if (!leaf.stride.terms().empty() || leaf.stride.integer() < 0)
      return fail("the stride " + print(leaf.stride) + " stands beside masks and is not a number");
    for (int bit = 0; bit < bitsOf(leaf.size); ++bit) {
      uint64_t integer = static_cast<uint64_t>(leaf.stride.integer()) << bit, mask = leaf.stride.mask() << bit;
      disjoint = disjoint && !((integer | mask) & seen) && !(integer & mask);
      if (integer & (seen | mask) || mask & integers)
        return fail("integer strides and masks of the second layout share bits of the index");
      seen |= integer | mask;
      integers |= integer;
      columns.push_back(integer | mask);
    }
  }
  std::vector<uint64_t> outer;
  Target whole({}, a.leaves().data(), a.leaves().data() + a.leaves().size());
  if (!disjoint) {
    Result<std::vector<uint64_t>> columns = linearColumns(whole.modes, bitWidth(seen));
    if (!columns)
      return fail("indices are sums under XOR, and the first layout is " + columns.message());
    outer = std::move(*columns);
  }
  size_t next = 0;
  for (int32_t node : b.profile().nodes) {
    if (node != Profile::leafNode) {
      nodes.push_back(node);
      continue;
    }
    const Mode &leaf = b.leaves()[next];
    std::vector<Mode> pieces;
    for (uint64_t column : images[next++]) {
      if (disjoint) {
        // No bit is set twice: XOR is a sum, and two steps are a mode for any index.
        if (Status done = composeLeaf(whole, 2, static_cast<int64_t>(column), pieces); !done)
          return done;
        continue;
      }
      uint64_t value = 0;
      for (uint64_t rest = column; rest; rest &= rest - 1)
        if (static_cast<size_t>(std::countr_zero(rest)) < outer.size())
          value ^= outer[static_cast<size_t>(std::countr_zero(rest))];
      appendCoalesced(pieces, {2, Offset::bits(value)});
    }
    if (pieces.empty())
      pieces.push_back({1, 0});
    if (!isPowerOfTwo(leaf.size)) {
      if (pieces.size() != 1)
        return fail("the mode " + std::to_string(leaf.size) + ":" + print(leaf.stride) +
                    " of the second layout would fall apart, and its size is not a power of two");
      pieces.front().size = leaf.size;
    }
    append(pieces);
  }
  return success();
}

Result<Layout> Composer::run() {
  bool hasMasks = std::any_of(b.leaves().begin(), b.leaves().end(),
                              [](const Mode &leaf) { return leaf.stride.mask() && leaf.size > 1; });
  Status done = hasMasks ? composeMasks() : composeModes();
  if (!done && !hasMasks) {
    // Indices without carries may also be taken bit by bit; the first error says more than a second one would.
    Composer bitwise(a, b);
    if (bitwise.composeMasks()) {
      nodes = std::move(bitwise.nodes);
      leaves = std::move(bitwise.leaves);
      done = success();
    }
  }
  if (!done)
    return done.error();
  Result<Layout> result = Layout::make(Profile(std::move(nodes)), std::move(leaves));
  if (!result)
    return fail(result.message());
  return result;
}

Result<Layout> tilec::layout::composition(const Layout &a, const Layout &b) { return Composer(a, b).run(); }

Result<Layout> tilec::layout::sum(const Layout &a, const Layout &b) {
  if (a.size() != b.size())
    return Error{"the sum of " + print(a) + " and " + print(b) + " is undefined: they differ in size"};
  std::vector<Mode> modes = coalesceModes(a.leaves());
  if (!addRefined(modes, coalesceModes(b.leaves())))
    return Error{"the sum of " + print(a) + " and " + print(b) +
                 " is undefined: their modes have no common refinement"};
  return layoutOf(std::move(modes));
}
