//===- InitCheck.h - values that nobody gave --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Follows bits without a value from where they are read, in registers and in memory that nobody wrote, to where they
/// matter: a branch, an address, a store to global memory. What happens on the way is no mistake: compilers move whole
/// words of which a part is padding, and compute what they do not use.
///
/// An instruction that only moves bits is executed a second time, on operands in which the bits without a value are
/// inverted and on a copy of memory: the bits of the result that come out inverted are the ones without a value. So
/// what a shuffle, a permutation or a matrix load does to them need not be written down again.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_INITCHECK_H
#define TILEC_LIB_SIM_PTX_INITCHECK_H

#include "Program.h"

#include "llvm/ADT/DenseMap.h"

#include <deque>

namespace tilec::sim::ptx {

struct Frame;

/// Where a value that nobody gave was read first.
struct Origin {
  /// The load; null for a register that was never written, which is `slot` of `code`.
  const Op *load = nullptr;
  const Code *code = nullptr;
  Slot slot = 0;
  Space space = Space::Global;
  /// For global and constant memory an address, otherwise an offset.
  uint64_t address = 0;
  /// The width in bits of the element that was read, where a part of it has a value; 0 where none of it has.
  unsigned partialBits = 0;
};

/// The origins of a launch, by number.
class Origins {
public:
  /// What is neither in a register nor in memory.
  static constexpr uint32_t otherThread = 0, carryFlag = 1;
  uint32_t add(const Origin &origin);
  const Origin &operator[](uint32_t number) const { return all[number]; }

  /// Of bits that were stored without a value, by memory and by word in it.
  using Place = std::pair<uint64_t, uint64_t>;
  void remember(Place place, uint32_t origin);
  uint32_t recall(Place place) const { return stored.lookup(place); }

private:
  std::vector<Origin> all{Origin(), Origin()};
  llvm::DenseMap<std::pair<const void *, uint64_t>, uint32_t> numbers;
  llvm::DenseMap<Place, uint32_t> stored;
};

/// The registers of a warp: which bits of which lanes have no value.
class InitCheck {
public:
  InitCheck(Warp &warp, Origins &origins) : warp(warp), origins(origins) {
    std::fill_n(carryOrigin, kLanes, Origins::carryFlag);
  }

  /// The registers and the local memory of a new frame have no value, but the parameters that a call passes.
  void enter(const Frame &frame, Mask lanes);
  void call(const Frame &inner, const Frame &caller, Mask lanes);
  /// Before an instruction with a guard. Where the guard has no value the instruction may be executed or not, so that
  /// its results have none either; one that does more than to write registers is reported: false then.
  bool guard(const Op &op, const Dataflow &flow, Mask mask);
  /// Around the execution of an instruction: `before` finds what steers and has no value, `after` what becomes of the
  /// results. False after a report.
  bool before(const Op &op, const Dataflow &flow, Mask mask);
  bool after(const Op &op, const Dataflow &flow, Mask mask);

  /// What the instruction at hand accesses.
  void access(Mask lanes, Access::Kind kind, unsigned bytes, const Target (&targets)[kLanes]);
  /// Whether an instruction is being executed again. Its accesses go to copies then, and are nobody's business.
  bool isExecutingAgain() const { return isAgain; }
  void redirect(unsigned lane, unsigned bytes, Target &target);
  /// The end of an asynchronous copy; bytes behind the source's are zeros.
  void copy(const Target &from, uint64_t sourceBytes, const Target &to, uint64_t bytes);
  void copyLocal(unsigned lane, uint64_t from, uint64_t to, uint64_t bytes);
  void defineLocal(unsigned lane, uint64_t offset, uint64_t bytes) { localOf(lane).define(offset, bytes); }
  /// Reports an argument of a function of the simulator's own that has no value.
  bool needLocal(const Op &op, unsigned lane, uint64_t offset, uint64_t bytes, const llvm::Twine &what);

private:
  /// Of one register, in lanes where it has a value in part, or none that comes from elsewhere.
  struct Detail {
    uint64_t bits[kLanes];
    uint32_t origin[kLanes];
  };
  struct Marks {
    /// Lanes in which some bits have no value, and those of them in which the register was never written.
    Mask lanes = 0, never = 0;
    std::unique_ptr<Detail> detail;
  };
  /// An access of a lane.
  struct Touch {
    Target target;
    unsigned lane, bytes;
    Access::Kind kind;
  };
  /// What an instruction that is executed again sees of memory.
  struct Copy {
    Touch touch;
    llvm::SmallVector<char, 16> data;
  };
  /// Bits without a value, lane by lane.
  struct Loss {
    Lanes bits = {};
    uint32_t origin[kLanes] = {};
  };
  struct Saved {
    Slot slot;
    bool isPredicate;
    Lanes value;
  };

  Marks &marksOf(const Use &use);
  Mask lanesOf(const Use &use);
  uint64_t lostBits(const Use &use, unsigned lane);
  uint32_t originOf(const Use &use, unsigned lane);
  void assign(const Use &use, Mask lanes, const Loss &loss);
  void define(const Use &use, Mask lanes);

  DefinedBits *memoryOf(const Touch &touch);
  DefinedBits &localOf(unsigned lane);
  Origins::Place placeIn(const Touch &touch, uint64_t byte) const;
  uint32_t originOf(const Op &op, const Touch &touch, uint64_t byte, unsigned partialBits);
  /// False where that ends the run: unless it `mayGoOn`, and others may find out why there is no value.
  bool report(const Op &op, unsigned lane, uint32_t origin, const llvm::Twine &what, bool mayGoOn = false);
  std::string describe(uint32_t number) const;

  // Rules, in InitRules.cpp and InitMatrix.cpp: what each of the written uses loses.
  using Losses = std::vector<Loss>;
  static void lose(Loss &loss, unsigned lane, uint32_t origin);
  bool passOn(const Op &op, const Dataflow &flow, Mask mask);
  bool follow(const Op &op, const Dataflow &flow, Mask mask);
  Losses followAny(const Dataflow &flow, Mask mask);
  Losses followMoves(const Op &op, const Dataflow &flow, Mask mask);
  Losses followBitwise(const Op &op, const Dataflow &flow, Mask mask);
  Losses followSum(const Op &op, const Dataflow &flow, Mask mask);
  Losses followComparison(const Op &op, const Dataflow &flow, Mask mask);
  Losses followElements(const Op &op, const Dataflow &flow, Mask mask);
  Losses followVote(const Op &op, const Dataflow &flow, Mask mask);
  Losses followAllLanes(const Dataflow &flow, Mask mask);
  Losses followMatrix(const Op &op, const Dataflow &flow, Mask mask);
  bool followAtomic(const Op &op, const Dataflow &flow, Mask mask);
  bool followStores(const Op &op, const Dataflow &flow, Mask mask);
  bool storeLoss(const Op &op, const Touch &touch, llvm::ArrayRef<char> lost, uint32_t origin, unsigned elementBytes);
  bool assignAll(const Dataflow &flow, Mask mask, const Losses &losses);

  const Use *firstLost(const Dataflow &flow, unsigned lane);
  uint32_t originIn(const Op &op, const Dataflow &flow, unsigned lane);
  uint32_t originOfElement(const Op &op, const Touch &touch, size_t index, unsigned bytes);
  void save(const Dataflow &flow);
  const Lanes &saved(const Use &use) const;
  /// Executes the instruction again on other operands: `change` gets each. Returns what each of the written uses would
  /// be, and leaves in `copies` what it would write to memory; everything else is as before.
  std::vector<Lanes> again(const Op &op, const Dataflow &flow, Mask mask,
                           llvm::function_ref<void(const Use &, Lanes &)> change, bool invertsMemory);

  Warp &warp;
  Origins &origins;
  std::vector<Marks> registers, predicates;
  /// Lanes whose carry flag has no value, and where it comes from.
  Mask lostCarry = kAllLanes;
  uint32_t carryOrigin[kLanes];
  DefinedBits local[kLanes];
  bool hasLocal = false;
  // Of the instruction at hand.
  std::vector<Touch> touches;
  std::vector<Saved> operands;
  bool isAffected = false;
  /// Lanes whose guard has no value, and what their results lose by it.
  Mask undecided = 0;
  Loss guardLoss;
  // While it is executed again.
  bool isAgain = false, inverts = false;
  std::deque<Copy> copies;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_INITCHECK_H
