//===- Warp.h - 32 threads that run PTX -------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Threads are scheduled one by one, as the manual says they may be, but in groups as large as possible: a warp is cut
/// into *splits*, each a set of lanes at one place of the program. A branch cuts a split; splits that meet at one place
/// become one again. Of several the one that is behind runs first, so that the others wait for it at the place where
/// they meet, except that each gets its turn from time to time: a thread that spins cannot hold up the one that it
/// waits for.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_WARP_H
#define TILEC_LIB_SIM_PTX_WARP_H

#include "AsyncCopies.h"
#include "Launch.h"

#include "llvm/ADT/DenseMap.h"

namespace tilec::sim::ptx {

class Block;
class InitCheck;

/// Bytes of local memory of a thread: its variables and the parameters of its calls.
inline constexpr uint64_t kLocalBytes = uint64_t(1) << 18;
class MBarrierCheck;
class Races;
struct BlockClocks;
struct WarpClocks;

/// A call that has not returned.
struct Frame {
  const Code *code = nullptr;
  uint32_t pc = 0;
  /// Where its registers, predicates and local memory begin.
  uint32_t registers = 0, predicates = 0;
  uint64_t local = 0;
  /// How it was called; null for the kernel itself.
  const CallSite *site = nullptr;
  bool operator==(const Frame &) const = default;
};

/// Lanes that execute an instruction together.
struct Meeting {
  /// Those at the instruction at hand, and all: others may be at other ones.
  Mask here = 0, all = 0;
  /// What lanes elsewhere bring along; null where all are here.
  std::shared_ptr<const Lanes> offered;
  /// Whether the last of them came just now.
  bool isNew = true;

  /// A source register with what lanes elsewhere have in theirs.
  Lanes join(const Lanes &source) const {
    Lanes joined = source;
    for (unsigned lane = 0; offered && lane != kLanes; ++lane)
      joined.v[lane] = here >> lane & 1 ? source.v[lane] : offered->v[lane];
    return joined;
  }
};

/// Lanes that are at one place.
struct Split {
  Mask mask = 0;
  std::vector<Frame> frames;
  enum class State : uint8_t {
    Runs,
    /// At an instruction that needs other lanes of the warp.
    AwaitsLanes,
    /// At a barrier of the block.
    AwaitsBarrier,
  } state = State::Runs;
  uint32_t barrier = 0;
  /// The barrier has let it go on; the instruction at hand ends without waiting again.
  bool isReleased = false;
  /// What the barrier's reduction gave then.
  unsigned count = 0;
  bool all = true, any = false;
  /// All members of the instruction at hand have come, some of them elsewhere; when it was executed then, or 0.
  std::shared_ptr<const Meeting> meeting;
  uint64_t metAt = 0;
  /// Whether it is about to end the instruction at hand, without waiting again.
  bool isPending() const { return isReleased || (meeting && !metAt); }
  uint64_t lastRun = 0;
};

class Warp {
public:
  Warp(Block &block, unsigned index, Mask lanes);
  ~Warp();

  /// Executes up to so many instructions; false where nothing could be executed, nor can be in the next turn.
  bool run(unsigned budget);
  bool hasEnded() const { return splits.empty(); }
  Mask getAlive() const { return alive; }
  /// The lanes that are threads, ended or not.
  Mask getMembers() const { return members; }

  //===--- For instructions
  Lanes &reg(Slot slot) { return frame[slot]; }
  const Lanes &source(Slot slot) const { return slot >= 0 ? frame[slot] : constants[~slot]; }
  uint32_t &pred(Slot slot) { return predicateFrame[slot]; }
  /// Writes the lanes of the mask.
  void set(Slot slot, const Lanes &value, Mask mask) {
    Lanes &into = frame[slot];
    if (mask == kAllLanes) {
      into = value;
      return;
    }
    for (unsigned lane = 0; lane != kLanes; ++lane)
      into.v[lane] = mask >> lane & 1 ? value.v[lane] : into.v[lane];
  }
  void setPred(Slot slot, Mask value, Mask mask) {
    predicateFrame[slot] = (predicateFrame[slot] & ~mask) | (value & mask);
  }

  /// Tells the observers.
  void observe(const Op &op, const Dataflow &flow, Mask lanes);

  /// The carry flag of each lane (section 9.7.2).
  Mask &carry() { return carryFlags; }

  AsyncCopies &getCopies() { return copies; }
  /// Null unless values that nobody gave are looked for.
  InitCheck *getInit() { return init.get(); }
  Block &getBlock() { return block; }
  Launch &getLaunch();
  HostVectors getVectors() const { return vectors; }
  unsigned getIndex() const { return index; }
  Split &current() { return splits[running]; }
  Frame &top() { return splits[running].frames.back(); }
  const Code &getCode() { return *top().code; }

  /// Whether all living lanes of `members` are at this instruction; where not, the split waits for them.
  bool converge(Mask members);
  /// Brings the members of a mask together, which each lane has of its own in `members`: the lanes of one mask become a
  /// split of their own. Members may also come to other instructions with the same words (sections 9.7.9.6 and
  /// 9.7.13.2, of targets from sm_70 on): `offer` writes what the lanes of the mask bring along. Nothing where the
  /// split has to wait or an error was reported; then `step` says which.
  std::optional<Meeting> gather(const Op &op, Mask mask, const Lanes &members, Step &step,
                                llvm::function_ref<void(Lanes &)> offer);
  Step branch(Mask taken, uint32_t target);
  /// Every lane to its own target.
  Step branchByLane(Mask taken, const uint32_t (&targets)[kLanes]);
  /// Lanes of the running split become one of their own, at the same instruction.
  void separate(Mask lanes) { cut(lanes, top().pc); }
  Step call(const Code &callee, const CallSite &site, Mask mask);
  Step leave(Mask mask, bool isExit);
  Step awaitBarrier(uint32_t barrier);

  /// Where the memory begins that a lane's function, and those that called it, have taken with `alloca`.
  uint64_t &stackTop(unsigned lane);
  /// The bytes of a lane at a place of its local memory; null, after an error, beyond its end.
  char *local(unsigned lane, uint64_t offset, uint64_t bytes);
  /// Accesses memory: every access of every instruction is here. The lanes of the mask have an address of the space
  /// each, which must be a multiple of `bytes`, a power of two or the size of a vector. Finds their bytes, and tells
  /// those who monitor the launch, before anything is read or written. False after an error.
  bool access(const Op &op, Mask mask, const Access &access, Space space, bool isGeneric,
              const uint64_t (&addresses)[kLanes], unsigned bytes, Target (&targets)[kLanes]);
  /// The same, where the bytes alone are asked for. Lanes outside the mask are given `unused`.
  bool access(const Op &op, Mask mask, const Access &access, Space space, bool isGeneric,
              const uint64_t (&addresses)[kLanes], unsigned bytes, char *unused, char *(&data)[kLanes]);
  /// The piece of memory at an address, which has so many bytes at least; false where there is none.
  bool findPiece(Space space, bool isGeneric, uint64_t address, unsigned bytes, Piece &piece);
  /// Whether the lanes' bytes, which are in shared memory, are in its variables; it begins at address `first`.
  bool areShared(Mask mask, const uint64_t (&addresses)[kLanes], uint64_t first, unsigned bytes) const;
  /// The same for one lane; null after an error.
  char *access(const Op &op, unsigned lane, const Access &access, Space space, bool isGeneric, uint64_t address,
               unsigned bytes);
  /// Only finds the bytes: they are not accessed now, or not by this lane. False after an error.
  bool translate(const Op &op, unsigned lane, Space space, bool isGeneric, uint64_t address, unsigned bytes,
                 Target &target);
  /// Only tells those who monitor.
  void tell(const Op &op, Mask mask, const Access &access, unsigned bytes, const Target (&targets)[kLanes]);

  /// Records the launch's error, at the current instruction, for a lane. `more` are lines at the end.
  Step fail(const Op &op, unsigned lane, const llvm::Twine &message, const llvm::Twine &more = "");
  /// The text of such an error.
  std::string describeError(const Op &op, unsigned lane, const llvm::Twine &message, const llvm::Twine &more) const;
  /// How reports name a thread: `block (0, 0, 0), thread (3, 0, 0)`.
  std::string threadName(unsigned lane) const;
  /// Where the split is.
  std::string placeOf(const Split &split) const;
  /// The instruction by which a split has asked memory for news in vain, since the last change; null without one.
  const Op *getAskedBy(const Split &split) const;
  const std::vector<Split> &getSplits() const { return splits; }
  /// Reports lanes that wait for each other, each at a place of its own, so that none of them can ever go on; false
  /// where there are none.
  bool reportApart();
  /// The living lanes that a lane waits for, of a split that waits for lanes.
  Mask awaitedBy(const Split &split, unsigned lane) const { return awaited[lane] & alive & ~split.mask; }
  /// A number below 2^62 for where a split is and what its registers hold; two states hardly ever share one.
  uint64_t stateOf(const Split &split) const;
  /// Lanes that have asked memory for news since forgetPolls, in vain: by strong reads, and tests of mbarriers, of what
  /// they have read before while nobody has changed anything.
  Mask getPolls() const { return polls; }
  void forgetPolls() { polls = 0; }
  /// Grows with what a split executes, and stays where it executes nothing.
  uint64_t progressOf(const Split &split) const { return &split == &splits[running] ? clock : split.lastRun; }
  /// Lets splits go on that wait for a barrier, whose phase is over.
  void wake(unsigned barrier);

  /// What the lanes know of other threads; null where nobody looks for races.
  std::unique_ptr<WarpClocks> clocks;

private:
  void askForNews(const Op &op, Mask mask, const Target (&targets)[kLanes]);
  bool endsTurn();
  bool findTogether(Mask mask, const Access &access, Space space, bool isGeneric, const uint64_t (&addresses)[kLanes],
                    unsigned bytes, Target (&targets)[kLanes]);
  /// Whether the bytes are in a variable of a function that is running, or in what `alloca` gave it.
  bool isLocal(unsigned lane, uint64_t address, uint64_t bytes) const;
  bool areLocal(Mask mask, const uint64_t (&addresses)[kLanes], uint64_t first, unsigned bytes) const;
  /// Where an address that isLocal refuses is.
  std::string describeNoLocal(uint64_t address) const;
  /// The allocation that all of the bytes are in; null where there is none.
  Allocation *findAllocation(uint64_t address, unsigned bytes);
  bool find(const Op &op, unsigned lane, Space space, bool isGeneric, uint64_t address, unsigned bytes, Target &target);
  void pick();
  bool merge();
  // What adversaries do (see Schedule): cut the warp where it is, choose the split that runs next, and leave splits
  // apart that meet.
  void disturb();
  void pickAdversely();
  bool isKeptApart(const Split &one, const Split &other) const;
  bool meet(const Op &op, Mask wanted, Mask here);
  bool belongTogether(unsigned lane, unsigned other) const;
  const Split &splitOf(unsigned lane) const;
  const Op &opOf(const Split &split) const;
  void load();
  void cut(Mask lanes, uint32_t target);
  void reserve(const Frame &frame);
  bool enterStack(const Frame &inner, Mask mask);

  Block &block;
  const HostVectors vectors;
  unsigned index;
  const Mask members;
  Mask alive, carryFlags = 0;
  std::vector<Split> splits;
  size_t running = 0;
  uint64_t clock = 0;
  /// See getPolls.
  Mask polls = 0;
  /// What has been read by strong reads since the last of the launch's changes, and when.
  llvm::DenseMap<uint64_t, uint64_t> asked;
  uint64_t askedAt = 0;
  const Op *askedBy[kLanes] = {};
  /// Whether the instruction at hand has asked in vain, and how many splits have left off since the last change.
  bool asksInVain = false;
  unsigned waiting = 0;
  /// Of lanes of splits that await lanes: the member mask, or all.
  Mask awaited[kLanes] = {};
  /// What they bring along for the others.
  Lanes offered = {};
  /// Instructions for which the running split keeps its turn, whatever the others' places are.
  unsigned turn = 0, sinceTurn = 0;
  /// Whether an adversary lets splits join that meet, in this turn.
  bool mayJoin = false;
  AsyncCopies copies;
  std::unique_ptr<InitCheck> init;
  std::vector<Lanes> registers;
  std::vector<uint32_t> predicates;
  std::unique_ptr<char[]> localMemory;
  /// See stackTop, by the number of calls; empty while nobody asks.
  std::vector<std::array<uint64_t, kLanes>> stackTops;
  // Of the running split's last frame.
  Lanes *frame = nullptr;
  uint32_t *predicateFrame = nullptr;
  const Lanes *constants = nullptr;
  // Allocations of the last accesses, and when they were found.
  Allocation *lastAllocations[4] = {};
  unsigned nextAllocation = 0;
  uint64_t lastGeneration = 0;
};

/// A block of threads.
class Block {
public:
  Block(Launch &launch, uint64_t number);
  ~Block();
  /// Gives each warp a turn; false where none could go on.
  bool run();
  /// The same as an adversary does it: one of them may be left out.
  bool runAdversely();
  /// Gives a warp a turn of so many instructions, or as many as are left of `most`.
  bool runWarp(Warp &warp, unsigned budget);
  bool hasEnded() const;
  /// Reports lanes of a warp that wait for each other; false where there are none.
  bool reportApart();
  /// Where its threads are, and what they wait for; `isStill`: nothing goes on, so that all of them wait.
  std::string describeThreads(bool isStill = true) const;

  struct Barrier {
    unsigned arrived = 0, expected = 0;
    /// Of `barrier.red`: in this phase.
    unsigned count = 0;
    bool all = true, any = false;
    /// Of this phase, for who looks for mistakes: the first instruction and its thread, the threads that wait, and the
    /// lanes that have come, by warp.
    const Op *first = nullptr;
    unsigned firstThread = 0, waiting = 0;
    std::vector<Mask> lanes;
    /// Takes down who comes.
    void note(const Op &op, unsigned thread, Mask mask, size_t warps);
  };
  /// Counts arrivals; `expected` 0 is all living threads.
  void arrive(Barrier &barrier, unsigned threads, unsigned expected);
  /// Looks again at barriers that wait for all living threads: some have ended.
  void settleBarriers();
  unsigned livingThreads() const;

  Launch &launch;
  /// In the grid, in the order in which blocks begin.
  const uint64_t number;
  const std::array<unsigned, 3> id;
  LaunchStatistics statistics;
  /// Instructions of its warps at which a turn ends in any case.
  uint64_t most = ~uint64_t(0);
  /// Which of the legal orders is taken.
  Random random;
  /// Of the warp that is held up.
  Hold held;
  std::vector<char> shared;
  /// Which bits of it have a value, where that is looked for.
  DefinedBits sharedDefined;
  std::array<Barrier, 16> barriers;
  std::vector<std::unique_ptr<Warp>> warps;
  /// What orders its accesses; null where nobody looks for races.
  std::unique_ptr<BlockClocks> clocks;
  /// Null where nobody looks for mistakes in synchronisation.
  std::unique_ptr<MBarrierCheck> mbarriers;
};

inline Launch &Warp::getLaunch() { return block.launch; }

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_WARP_H
