//===- InitRules.cpp - how bits without a value go on -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the results of an instruction lose when operands have lost something. A rule may lose too much, which reports
// code that is right, or too little, which misses code that is not; those here are exact for moves and for logic, and
// where they are not lose whole elements.

#include "InitCheck.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

static uint64_t lowBits(unsigned count) { return count >= 64 ? ~uint64_t(0) : (uint64_t(1) << count) - 1; }

/// All bits from the lowest on: where carries may go.
static uint64_t upwards(uint64_t bits) { return bits | (~bits + 1); }

static bool isPredicate(const Use &use) {
  return use.kind == Use::Kind::ReadPredicate || use.kind == Use::Kind::WritePredicate;
}

/// The operands that are read, constants among them, but addresses.
static llvm::SmallVector<const Use *, 4> readsOf(const Dataflow &flow) {
  llvm::SmallVector<const Use *, 4> reads;
  for (const Use &use : flow.uses)
    if (use.kind == Use::Kind::Read && use.role != Use::Role::Address)
      reads.push_back(&use);
  return reads;
}

static const Use *predicateOf(const Dataflow &flow) {
  const Use *found = llvm::find_if(flow.uses, [](const Use &use) { return use.kind == Use::Kind::ReadPredicate; });
  return found == flow.uses.end() ? nullptr : found;
}

//===----------------------------------------------------------------------===//
// execution on other operands
//===----------------------------------------------------------------------===//

const Lanes &InitCheck::saved(const Use &use) const {
  if (use.slot < 0)
    return warp.source(use.slot);
  return llvm::find_if(operands,
                       [&](const Saved &s) { return s.slot == use.slot && s.isPredicate == isPredicate(use); })
      ->value;
}

static Lanes current(Warp &warp, const Use &use) {
  if (!isPredicate(use))
    return warp.reg(use.slot);
  Lanes lanes;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    lanes.v[lane] = warp.pred(use.slot) >> lane & 1;
  return lanes;
}

static void put(Warp &warp, Slot slot, bool isPredicate, const Lanes &value) {
  if (!isPredicate) {
    warp.reg(slot) = value;
    return;
  }
  Mask bits = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    bits |= Mask(value.v[lane] & 1) << lane;
  warp.pred(slot) = bits;
}

std::vector<Lanes> InitCheck::again(const Op &op, const Dataflow &flow, Mask mask,
                                    llvm::function_ref<void(const Use &, Lanes &)> change, bool invertsMemory) {
  std::vector<std::pair<const Use *, Lanes>> results;
  for (const Use &use : flow.uses)
    if (use.isWrite())
      results.emplace_back(&use, current(warp, use));
  for (const Saved &operand : operands) {
    Lanes value = operand.value;
    const Use *first = llvm::find_if(flow.uses, [&](const Use &use) {
      return !use.isWrite() && use.slot == operand.slot && isPredicate(use) == operand.isPredicate;
    });
    change(*first, value);
    put(warp, operand.slot, operand.isPredicate, value);
  }
  copies.clear();
  isAgain = true;
  inverts = invertsMemory;
  (void)op.execute(warp, op, mask);
  isAgain = false;
  std::vector<Lanes> written;
  for (const auto &[use, value] : results)
    written.push_back(current(warp, *use));
  for (const Saved &operand : operands)
    put(warp, operand.slot, operand.isPredicate, operand.value);
  for (const auto &[use, value] : results)
    put(warp, use->slot, isPredicate(*use), value);
  return written;
}

//===----------------------------------------------------------------------===//
// rules
//===----------------------------------------------------------------------===//

/// Loses all bits of a lane.
void InitCheck::lose(Loss &loss, unsigned lane, uint32_t origin) {
  loss.bits.v[lane] = ~uint64_t(0);
  loss.origin[lane] = origin;
}

/// The first operand of a lane that has lost something; null where there is none.
const Use *InitCheck::firstLost(const Dataflow &flow, unsigned lane) {
  for (const Use &use : flow.uses)
    if (!use.isWrite() && lostBits(use, lane))
      return &use;
  return nullptr;
}

uint32_t InitCheck::originIn(const Op &op, const Dataflow &flow, unsigned lane) {
  if (const Use *use = firstLost(flow, lane))
    return originOf(*use, lane);
  if (flow.readsCarry && lostCarry >> lane & 1)
    return carryOrigin[lane];
  for (bool isOwn : {true, false}) {
    for (const Touch &touch : touches) {
      const DefinedBits *memory = memoryOf(touch);
      if (!memory || touch.kind == Access::Kind::Write || (isOwn && touch.lane != lane))
        continue;
      for (unsigned byte = 0; byte != touch.bytes; ++byte)
        if (!memory->areDefined(touch.target.offset + byte, 1))
          return originOf(op, touch, byte, 0);
    }
    if (flow.isAcrossLanes)
      for (unsigned other = 0; other != kLanes; ++other)
        if (const Use *use = firstLost(flow, other))
          return originOf(*use, other);
  }
  return Origins::otherThread;
}

InitCheck::Losses InitCheck::followAny(const Dataflow &flow, Mask mask) {
  Losses losses(flow.results);
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    const Use *use = mask >> lane & 1 ? firstLost(flow, lane) : nullptr;
    bool isCarryLost = flow.readsCarry && lostCarry >> lane & 1 && mask >> lane & 1;
    if (use || isCarryLost)
      for (Loss &loss : losses)
        lose(loss, lane, use ? originOf(*use, lane) : carryOrigin[lane]);
  }
  return losses;
}

/// Of an element of a vector that is loaded.
uint32_t InitCheck::originOfElement(const Op &op, const Touch &touch, size_t index, unsigned bytes) {
  const DefinedBits *memory = memoryOf(touch);
  std::optional<unsigned> lost;
  bool hasValue = false;
  for (unsigned byte = index * bytes; byte != (index + 1) * bytes; ++byte) {
    if (memory->areDefined(touch.target.offset + byte, 1))
      hasValue = true;
    else if (!lost)
      lost = byte;
  }
  return originOf(op, touch, lost.value_or(0), hasValue ? 8 * bytes : 0);
}

/// Inverts what the operands have lost, and looks at which bits of the results change.
InitCheck::Losses InitCheck::followMoves(const Op &op, const Dataflow &flow, Mask mask) {
  bool isShuffle = flow.isAcrossLanes && !flow.accessesMemory;
  std::vector<Lanes> real;
  for (const Use &use : flow.uses)
    if (use.isWrite())
      real.push_back(current(warp, use));
  std::vector<Lanes> other = again(
      op, flow, mask,
      [&](const Use &use, Lanes &value) {
        if (use.role != Use::Role::Value)
          return;
        for (unsigned lane = 0; lane != kLanes; ++lane)
          value.v[lane] ^= isShuffle && !(mask >> lane & 1) ? lowBits(use.bits) : lostBits(use, lane);
      },
      /*invertsMemory=*/true);
  Losses losses(real.size());
  for (size_t i = 0; i != real.size(); ++i)
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      if (!(mask >> lane & 1))
        continue;
      losses[i].bits.v[lane] = real[i].v[lane] ^ other[i].v[lane];
      for (const Use &use : flow.uses)
        if (use.role == Use::Role::Selector && !use.isWrite() && lostBits(use, lane))
          losses[i].bits.v[lane] = ~uint64_t(0);
      if (!losses[i].bits.v[lane])
        continue;
      auto touch = llvm::find_if(touches, [&](const Touch &touch) { return touch.lane == lane; });
      losses[i].origin[lane] = flow.isAcrossLanes || touch == touches.end()
                                   ? originIn(op, flow, lane)
                                   : originOfElement(op, *touch, i, touch->bytes / real.size());
    }
  return losses;
}

/// For every choice of operands, inverts what these have lost: a bit that depends on any of them changes at least once.
InitCheck::Losses InitCheck::followBitwise(const Op &op, const Dataflow &flow, Mask mask) {
  llvm::SmallVector<size_t, 4> lost;
  for (auto [i, operand] : llvm::enumerate(operands))
    for (const Use &use : flow.uses)
      if (!use.isWrite() && use.slot == operand.slot && isPredicate(use) == operand.isPredicate &&
          lanesOf(use) & mask && !llvm::is_contained(lost, i))
        lost.push_back(i);
  std::vector<Lanes> real;
  for (const Use &use : flow.uses)
    if (use.isWrite())
      real.push_back(current(warp, use));
  Losses losses(real.size());
  for (unsigned choice = 1; choice < 1u << lost.size(); ++choice) {
    std::vector<Lanes> other = again(
        op, flow, mask,
        [&](const Use &use, Lanes &value) {
          for (auto [bit, i] : llvm::enumerate(lost))
            if (choice >> bit & 1 && operands[i].slot == use.slot && operands[i].isPredicate == isPredicate(use))
              for (unsigned lane = 0; lane != kLanes; ++lane)
                value.v[lane] ^= lostBits(use, lane);
        },
        /*invertsMemory=*/false);
    for (size_t i = 0; i != real.size(); ++i)
      for (unsigned lane = 0; lane != kLanes; ++lane)
        if (mask >> lane & 1)
          losses[i].bits.v[lane] |= real[i].v[lane] ^ other[i].v[lane];
  }
  for (Loss &loss : losses)
    for (unsigned lane = 0; lane != kLanes; ++lane)
      if (loss.bits.v[lane])
        loss.origin[lane] = originIn(op, flow, lane);
  return losses;
}

/// Sums and products: a bit of the result depends on those below. A factor of 0 makes the other one meaningless, and
/// `a - a` is 0.
InitCheck::Losses InitCheck::followSum(const Op &op, const Dataflow &flow, Mask mask) {
  auto reads = readsOf(flow);
  bool isProduct = flow.rule == FlowRule::Product;
  bool isSubtraction = op.syntax->opcode == "sub" || op.syntax->opcode == "subc";
  Losses losses(flow.results);
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    if (!(mask >> lane & 1))
      continue;
    uint64_t lost = 0;
    for (auto [i, use] : llvm::enumerate(reads)) {
      uint64_t bits = lostBits(*use, lane);
      if (isProduct && i < 2 && !lostBits(*reads[1 - i], lane)) {
        // Times 2^k they are k places higher; times 0 they are nowhere.
        uint64_t factor = saved(*reads[1 - i]).v[lane] & lowBits(reads[1 - i]->bits);
        bits = factor ? bits << llvm::countr_zero(factor) : 0;
      }
      lost |= bits;
    }
    if (isSubtraction && reads.size() == 2 && reads[0]->slot == reads[1]->slot)
      lost = 0;
    bool isCarryLost = flow.readsCarry && lostCarry >> lane & 1;
    if (isCarryLost)
      lost = ~uint64_t(0);
    if (lost)
      for (Loss &loss : losses) {
        loss.bits.v[lane] = upwards(lost);
        loss.origin[lane] = originIn(op, flow, lane);
      }
  }
  return losses;
}

/// Elements of packed registers, each on its own.
InitCheck::Losses InitCheck::followElements(const Op &op, const Dataflow &flow, Mask mask) {
  auto reads = readsOf(flow);
  unsigned bits = flow.elementBits, from = flow.sourceElementBits;
  Losses losses(flow.results);
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    if (!(mask >> lane & 1))
      continue;
    for (unsigned i = 0; i * bits < 64; ++i) {
      uint64_t lost = 0;
      if (flow.rule == FlowRule::PairOfOperands) {
        // The first operand is the upper element.
        lost = i < 2 && i < reads.size() ? lostBits(*reads[1 - i], lane) : 0;
      } else {
        for (const Use *use : reads)
          lost |= i * from < 64 ? lostBits(*use, lane) >> (i * from) & lowBits(from) : 0;
      }
      if (lost)
        for (Loss &loss : losses) {
          loss.bits.v[lane] |= lowBits(bits) << (i * bits);
          loss.origin[lane] = originIn(op, flow, lane);
        }
    }
  }
  return losses;
}

/// `setp` and `set`. Integers that differ in a bit that both have are different, whatever the rest is; and what a
/// comparison gives does not matter where the predicate that it is combined with decides.
InitCheck::Losses InitCheck::followComparison(const Op &op, const Dataflow &flow, Mask mask) {
  auto reads = readsOf(flow);
  const Use *with = predicateOf(flow);
  const auto &words = op.syntax->modifiers;
  auto has = [&](llvm::StringRef word) { return llvm::is_contained(words, word); };
  llvm::StringRef type = words.empty() ? llvm::StringRef() : words.back();
  bool isEquality = (has("eq") || has("ne")) && !type.contains('f');
  unsigned bits = flow.sourceElementBits ? flow.sourceElementBits : 64;
  bool isNegated = with && op.syntax->operands.back().isNegated;
  auto isLost = [&](unsigned lane, unsigned element) {
    uint64_t lost = lostBits(*reads[0], lane) | lostBits(*reads[1], lane);
    uint64_t known = ~lost & lowBits(reads[0]->bits);
    lost = lost >> (element * bits) & lowBits(bits);
    if (isEquality && (saved(*reads[0]).v[lane] ^ saved(*reads[1]).v[lane]) & known)
      lost = 0;
    return lost != 0;
  };
  std::vector<Lanes> real, other;
  for (const Use &use : flow.uses)
    if (use.isWrite())
      real.push_back(current(warp, use));
  if (with)
    other = again(
        op, flow, mask,
        [&](const Use &use, Lanes &value) {
          if (use.kind == Use::Kind::ReadPredicate)
            for (uint64_t &lane : value.v)
              lane ^= 1;
        },
        /*invertsMemory=*/false);
  Losses losses(real.size());
  for (size_t i = 0; i != real.size(); ++i)
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      if (!(mask >> lane & 1))
        continue;
      // Of packed types the second predicate is that of the upper element, and a register has both.
      bool isRegister = llvm::any_of(flow.uses, [](const Use &use) { return use.kind == Use::Kind::Write; });
      for (unsigned element = 0; element != (isRegister && bits == 16 ? 2 : 1); ++element) {
        bool comparison = isLost(lane, isRegister ? element : bits == 16 ? i : 0), lost = comparison;
        if (with) {
          bool predicate = lostBits(*with, lane), value = (saved(*with).v[lane] & 1) != isNegated;
          if (comparison && !predicate)
            lost = has("xor") || (has("and") ? value : !value);
          else if (predicate && !comparison)
            lost = real[i].v[lane] != other[i].v[lane];
          else
            lost = comparison || predicate;
        }
        if (!lost)
          continue;
        losses[i].bits.v[lane] |= isRegister && bits == 16 ? uint64_t(0xffff) << (16 * element) : ~uint64_t(0);
        losses[i].origin[lane] = originIn(op, flow, lane);
      }
    }
  return losses;
}

/// A ballot has one bit of each lane; `all` and `any` are decided by one lane that is known.
InitCheck::Losses InitCheck::followVote(const Op &op, const Dataflow &flow, Mask mask) {
  const Use &use = *predicateOf(flow);
  bool isNegated = op.syntax->operands[1].isNegated;
  auto has = [&](llvm::StringRef word) { return llvm::is_contained(op.syntax->modifiers, word); };
  Mask lost = lanesOf(use) & mask, holds = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    holds |= Mask((saved(use).v[lane] & 1) != isNegated) << lane;
  Mask yes = holds & mask & ~lost, no = ~holds & mask & ~lost;
  bool isDecided = has("any") ? yes != 0 : has("all") ? no != 0 : yes && no;
  Losses losses(flow.results);
  if (!lost || (isDecided && !has("ballot")))
    return losses;
  uint32_t origin = originOf(use, llvm::countr_zero(lost));
  for (unsigned lane = 0; lane != kLanes; ++lane)
    if (mask >> lane & 1)
      for (Loss &loss : losses) {
        loss.bits.v[lane] = has("ballot") ? lost : ~uint64_t(0);
        loss.origin[lane] = origin;
      }
  return losses;
}

InitCheck::Losses InitCheck::followAllLanes(const Dataflow &flow, Mask mask) {
  Losses losses(flow.results);
  for (unsigned lane = 0; lane != kLanes; ++lane)
    if (const Use *use = mask >> lane & 1 ? firstLost(flow, lane) : nullptr) {
      for (Loss &loss : losses)
        for (unsigned other = 0; other != kLanes; ++other)
          if (mask >> other & 1)
            lose(loss, other, originOf(*use, lane));
      break;
    }
  return losses;
}

//===----------------------------------------------------------------------===//
// memory
//===----------------------------------------------------------------------===//

bool InitCheck::storeLoss(const Op &op, const Touch &touch, llvm::ArrayRef<char> lost, uint32_t origin,
                          unsigned elementBytes) {
  DefinedBits *memory = memoryOf(touch);
  if (!memory)
    return true;
  llvm::SmallVector<char, 16> defined(llvm::map_range(lost, [](char bits) { return static_cast<char>(~bits); }));
  memory->write(touch.target.offset, touch.bytes, defined.data());
  for (unsigned first = 0; first < touch.bytes; first += elementBytes) {
    llvm::ArrayRef<char> element = lost.slice(first, std::min(elementBytes, touch.bytes - first));
    auto isWhole = [](char byte) { return byte == 0 || byte == char(0xff); };
    if (llvm::all_of(element, [](char byte) { return byte == 0; }))
      continue;
    for (unsigned byte = first; byte < first + element.size(); byte += 4)
      origins.remember(placeIn(touch, byte), origin);
    // A word that was read with a part that is padding, and is now written elsewhere, is a copy.
    bool isCopy = llvm::all_of(element, isWhole) && llvm::is_contained(element, char(0)) &&
                  origins[origin].partialBits == 8 * element.size();
    // The host does not see the heap; what is there is reported where it matters, like a local variable.
    bool isSeen = touch.target.space == Space::Global && !touch.target.allocation->isOfHeap;
    if (isSeen && !isCopy)
      return report(op, touch.lane, origin, "a value that nobody gave is stored to global memory", /*mayGoOn=*/true);
  }
  return true;
}

/// What is stored is what differs between an execution on the operands and one on operands with the lost bits inverted.
bool InitCheck::followStores(const Op &op, const Dataflow &flow, Mask mask) {
  (void)again(op, flow, mask, [](const Use &, Lanes &) {}, /*invertsMemory=*/false);
  std::deque<Copy> real = std::move(copies);
  (void)again(
      op, flow, mask,
      [&](const Use &use, Lanes &value) {
        if (use.role == Use::Role::Value)
          for (unsigned lane = 0; lane != kLanes; ++lane)
            value.v[lane] ^= lostBits(use, lane);
      },
      /*invertsMemory=*/false);
  size_t elements = flow.isAcrossLanes ? 1 : std::max<size_t>(readsOf(flow).size(), 1);
  for (const auto &[one, other] : llvm::zip_equal(real, copies)) {
    llvm::SmallVector<char, 16> lost(one.touch.bytes);
    for (unsigned i = 0; i != one.touch.bytes; ++i)
      lost[i] = one.data[i] ^ other.data[i];
    if (!storeLoss(op, one.touch, lost, originIn(op, flow, one.touch.lane),
                   std::max<unsigned>(1, one.touch.bytes / elements)))
      return false;
  }
  return true;
}

/// The result is what was there. What is there now is the operand of an exchange, and otherwise a function of both.
bool InitCheck::followAtomic(const Op &op, const Dataflow &flow, Mask mask) {
  auto reads = readsOf(flow);
  bool isExchange = llvm::is_contained(op.syntax->modifiers, "exch");
  Losses losses(flow.results);
  for (const Touch &touch : touches) {
    DefinedBits *memory = memoryOf(touch);
    if (!memory)
      continue;
    llvm::SmallVector<char, 16> defined(touch.bytes), lost(touch.bytes);
    memory->read(touch.target.offset, touch.bytes, defined.data());
    uint64_t old = 0, operand = 0;
    std::optional<uint32_t> origin;
    for (unsigned i = 0; i != std::min(touch.bytes, 8u); ++i)
      old |= uint64_t(static_cast<unsigned char>(~defined[i])) << (8 * i);
    for (const Use *use : reads)
      if (uint64_t bits = lostBits(*use, touch.lane)) {
        operand |= bits;
        origin = originOf(*use, touch.lane);
      }
    for (Loss &loss : losses)
      if ((loss.bits.v[touch.lane] = old))
        loss.origin[touch.lane] = originOf(op, touch, 0, 0);
    uint64_t next = isExchange ? operand : old | operand ? ~uint64_t(0) : 0;
    for (unsigned i = 0; i != std::min(touch.bytes, 8u); ++i)
      lost[i] = static_cast<char>(next >> (8 * i));
    if (!storeLoss(op, touch, lost, origin ? *origin : originOf(op, touch, 0, 0), touch.bytes))
      return false;
  }
  return assignAll(flow, mask, losses);
}

bool InitCheck::assignAll(const Dataflow &flow, Mask mask, const Losses &losses) {
  size_t i = 0;
  for (const Use &use : flow.uses)
    if (use.isWrite())
      assign(use, mask, losses[i++]);
  return true;
}

bool InitCheck::follow(const Op &op, const Dataflow &flow, Mask mask) {
  if (flow.rule == FlowRule::Atomic)
    return followAtomic(op, flow, mask);
  bool isStore = llvm::any_of(touches, [](const Touch &touch) { return touch.kind == Access::Kind::Write; });
  if (isStore)
    return followStores(op, flow, mask);
  Losses losses;
  switch (flow.rule) {
  case FlowRule::Moves:
    losses = followMoves(op, flow, mask);
    break;
  case FlowRule::Bitwise:
    losses = followBitwise(op, flow, mask);
    break;
  case FlowRule::Sum:
  case FlowRule::Product:
    losses = followSum(op, flow, mask);
    break;
  case FlowRule::Comparison:
    losses = followComparison(op, flow, mask);
    break;
  case FlowRule::Elements:
  case FlowRule::PairOfOperands:
    losses = followElements(op, flow, mask);
    break;
  case FlowRule::Matrix:
    losses = followMatrix(op, flow, mask);
    break;
  case FlowRule::AllLanes:
    losses = followAllLanes(flow, mask);
    break;
  case FlowRule::Vote:
    losses = followVote(op, flow, mask);
    break;
  default:
    losses = followAny(flow, mask);
  }
  // A carry is lost where anything is.
  if (flow.writesCarry) {
    Mask lost = 0;
    for (const Loss &loss : losses)
      for (unsigned lane = 0; lane != kLanes; ++lane)
        if (loss.bits.v[lane] && mask >> lane & 1) {
          lost |= Mask(1) << lane;
          carryOrigin[lane] = loss.origin[lane];
        }
    lostCarry = (lostCarry & ~mask) | (lost & mask);
  }
  return assignAll(flow, mask, losses);
}
