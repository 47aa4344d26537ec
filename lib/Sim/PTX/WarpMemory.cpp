//===- WarpMemory.cpp - how the threads of a warp see memory ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every access of every instruction: from an address to the bytes, or to the reason why there are none.

#include "InitCheck.h"
#include "MBarrierCheck.h"
#include "Races.h"
#include "Reports.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/ADT/bit.h"

using namespace tilec::sim::ptx;

llvm::StringRef tilec::sim::ptx::spaceName(Space space) {
  switch (space) {
  case Space::Const:
    return "const";
  case Space::Global:
    return "global";
  case Space::Local:
    return "local";
  case Space::Param:
    return "param";
  case Space::Shared:
    return "shared";
  }
  llvm_unreachable("all spaces have a name");
}

Allocation *Warp::findAllocation(uint64_t address, unsigned bytes) {
  uint64_t generation = block.launch.memory.getGeneration();
  if (lastGeneration == generation)
    for (Allocation *allocation : lastAllocations)
      if (allocation && allocation->contains(address, bytes))
        return allocation;
  if (lastGeneration != generation)
    std::fill(std::begin(lastAllocations), std::end(lastAllocations), nullptr);
  Allocation *found = block.launch.memory.find(address, bytes);
  if (found)
    lastAllocations[nextAllocation++ % std::size(lastAllocations)] = found;
  lastGeneration = generation;
  return found;
}

/// Which variable of shared memory an address is behind.
static std::string behindVariable(const Program &program, uint64_t address) {
  auto next = llvm::upper_bound(program.sharedVariables, address,
                                [](uint64_t address, const auto &variable) { return address < variable.begin; });
  if (next == program.sharedVariables.begin())
    return ", before the first variable";
  const Program::SharedVariable &variable = *std::prev(next);
  return (", " + llvm::Twine(address - variable.begin) + " bytes after the start of '" + variable.name + "' of " +
          llvm::Twine(variable.size) + " bytes")
      .str();
}

/// Which parameter of a kernel an address is behind.
static std::string describeNoParam(const Code &kernel, uint64_t address) {
  const std::vector<Variable> &params = kernel.syntax->signature.params;
  for (size_t i = params.size(); i-- != 0;)
    if (kernel.params[i] <= address)
      return (", " + llvm::Twine(address - kernel.params[i]) + " bytes after the start of argument " + llvm::Twine(i) +
              " of " + llvm::Twine(params[i].size) + " bytes")
          .str();
  return ", and the kernel has no parameters";
}

static bool areParams(const Code &kernel, Mask mask, const uint64_t (&addresses)[kLanes], uint64_t first,
                      unsigned bytes) {
  for (Mask left = mask; left; left &= left - 1)
    if (!kernel.isParam(addresses[llvm::countr_zero(left)] - first, bytes))
      return false;
  return true;
}

bool Warp::translate(const Op &op, unsigned lane, Space space, bool isGeneric, uint64_t address, unsigned bytes,
                     Target &target) {
  if (!find(op, lane, space, isGeneric, address, bytes, target))
    return false;
  if (LLVM_UNLIKELY(block.launch.isMonitored) && init && init->isExecutingAgain())
    init->redirect(lane, bytes, target);
  return true;
}

bool Warp::find(const Op &op, unsigned lane, Space space, bool isGeneric, uint64_t address, unsigned bytes,
                Target &target) {
  uint64_t given = address;
  if (isGeneric) {
    space = address >= Window::constant && address < Window::global ? Space::Const : Space::Global;
    if (address >= Window::shared && address < Window::constant) {
      space = address < Window::local ? Space::Shared : address < Window::param ? Space::Local : Space::Param;
      address &= UINT32_MAX;
    }
  }
  auto hex = [](uint64_t value) { return "0x" + llvm::Twine::utohexstr(value).str(); };
  if (address % bytes) {
    (void)fail(op, lane,
               "misaligned address " + hex(given) + ": an access of " + llvm::Twine(bytes) +
                   " bytes needs a multiple of that");
    return false;
  }
  auto outOfBounds = [&](const llvm::Twine &where) {
    (void)fail(op, lane,
               "out of bounds: " + llvm::Twine(bytes) + " bytes at " +
                   (space == Space::Const ? "constant" : spaceName(space)) + " address " + hex(given) + where);
    return false;
  };
  target.space = space;
  target.offset = address;
  target.allocation = nullptr;
  switch (space) {
  case Space::Shared:
    if (address > block.shared.size() || bytes > block.shared.size() - address)
      return outOfBounds(", and the block has " + llvm::Twine(block.shared.size()) + " bytes of shared memory");
    if (!block.launch.program.isShared(address, bytes))
      return outOfBounds(behindVariable(block.launch.program, address));
    target.data = block.shared.data() + address;
    return true;
  case Space::Local:
    if (!isLocal(lane, address, bytes))
      return outOfBounds(describeNoLocal(address));
    target.data = local(lane, address, bytes);
    return true;
  case Space::Param:
    if (!block.launch.kernel.isParam(address, bytes))
      return outOfBounds(describeNoParam(block.launch.kernel, address));
    target.data = block.launch.params.data() + address;
    return true;
  case Space::Global:
  case Space::Const:
    break;
  }
  target.allocation = findAllocation(address, bytes);
  if (!target.allocation) {
    if (auto released = block.launch.memory.findReleased(address))
      return outOfBounds(", " + llvm::Twine(address - released->first) + " bytes after the start of an array of " +
                         llvm::Twine(released->second) + " bytes that was freed");
    const Allocation *near = block.launch.memory.nearest(address);
    if (!near || address - near->base > (uint64_t(1) << 32))
      return outOfBounds(", where nothing is allocated");
    std::string name = near->name.empty() ? "an array" : "'" + near->name + "'";
    std::string argument = near->name.empty() ? argumentName(block.launch, *near) : "";
    return outOfBounds(", " + llvm::Twine(address - near->base) + " bytes after the start of " + name + " of " +
                       llvm::Twine(near->size) + " bytes" + (argument.empty() ? "" : " (" + argument + ")"));
  }
  target.offset = address - target.allocation->base;
  target.data = target.allocation->data.get() + target.offset;
  return true;
}

bool Warp::areShared(Mask mask, const uint64_t (&addresses)[kLanes], uint64_t first, unsigned bytes) const {
  const Program &program = block.launch.program;
  for (Mask left = mask; left; left &= left - 1)
    if (!program.isShared(addresses[llvm::countr_zero(left)] - first, bytes))
      return false;
  return true;
}

/// Finds the bytes of all lanes where they are in one piece of memory; false where they are not, or something is wrong.
bool Warp::findTogether(Mask mask, const Access &access, Space space, bool isGeneric,
                        const uint64_t (&addresses)[kLanes], unsigned bytes, Target (&targets)[kLanes]) {
  // What is executed again sees a copy of memory, lane by lane.
  if (init && init->isExecutingAgain())
    return false;
  Piece piece;
  if (!findPiece(space, isGeneric, addresses[llvm::countr_zero(mask)], bytes, piece) ||
      (piece.space == Space::Const && access.kind != Access::Kind::Read))
    return false;
  uint64_t last = piece.size - bytes, low = 0;
  bool isInside = true;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    bool isActive = mask >> lane & 1;
    uint64_t offset = addresses[lane] - piece.first;
    isInside &= !isActive | (offset <= last);
    low |= isActive ? addresses[lane] : 0;
    // Lanes that take no part may be anywhere: their addresses are numbers, not places in the piece.
    auto *data = reinterpret_cast<char *>(reinterpret_cast<uintptr_t>(piece.data) + offset + lane * piece.stride);
    targets[lane] = {data, piece.allocation, offset, piece.space};
  }
  return isInside && !(low & (bytes - 1)) &&
         (piece.space != Space::Shared || areShared(mask, addresses, piece.first, bytes)) &&
         (piece.space != Space::Local || areLocal(mask, addresses, piece.first, bytes)) &&
         (piece.space != Space::Param || areParams(block.launch.kernel, mask, addresses, piece.first, bytes));
}

bool Warp::access(const Op &op, Mask mask, const Access &access, Space space, bool isGeneric,
                  const uint64_t (&addresses)[kLanes], unsigned bytes, Target (&targets)[kLanes]) {
  if (findTogether(mask, access, space, isGeneric, addresses, bytes, targets)) {
    if (LLVM_UNLIKELY(block.launch.isMonitored))
      tell(op, mask, access, bytes, targets);
    return true;
  }
  for (Mask left = mask; left; left &= left - 1) {
    unsigned lane = llvm::countr_zero(left);
    if (!translate(op, lane, space, isGeneric, addresses[lane], bytes, targets[lane]))
      return false;
    if (targets[lane].space == Space::Const && access.kind != Access::Kind::Read)
      return fail(op, lane, "a store to constant memory"), false;
  }
  if (LLVM_UNLIKELY(block.launch.isMonitored))
    tell(op, mask, access, bytes, targets);
  return true;
}

bool Warp::access(const Op &op, Mask mask, const Access &access, Space space, bool isGeneric,
                  const uint64_t (&addresses)[kLanes], unsigned bytes, char *unused, char *(&data)[kLanes]) {
  Target targets[kLanes];
  if (!this->access(op, mask, access, space, isGeneric, addresses, bytes, targets))
    return false;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    data[lane] = mask >> lane & 1 ? targets[lane].data : unused;
  return true;
}

bool Warp::findPiece(Space space, bool isGeneric, uint64_t address, unsigned bytes, Piece &piece) {
  uint64_t window = 0;
  if (isGeneric) {
    space = address >= Window::constant && address < Window::global ? Space::Const : Space::Global;
    if (address >= Window::shared && address < Window::constant) {
      space = address < Window::local ? Space::Shared : address < Window::param ? Space::Local : Space::Param;
      window = address & ~uint64_t(UINT32_MAX);
    }
  }
  piece = Piece();
  piece.first = window;
  piece.space = space;
  switch (space) {
  case Space::Shared:
    piece.data = block.shared.data();
    piece.size = block.shared.size();
    break;
  case Space::Local:
    if (!localMemory)
      localMemory.reset(new char[kLanes * kLocalBytes]);
    piece.data = localMemory.get();
    piece.size = piece.stride = kLocalBytes;
    break;
  case Space::Param:
    piece.data = block.launch.params.data();
    piece.size = block.launch.params.size();
    break;
  case Space::Global:
  case Space::Const:
    piece.allocation = findAllocation(address, bytes);
    if (!piece.allocation)
      return false;
    piece.data = piece.allocation->data.get();
    piece.first = piece.allocation->base;
    piece.size = piece.allocation->size;
    break;
  }
  return bytes <= piece.size;
}

char *Warp::access(const Op &op, unsigned lane, const Access &access, Space space, bool isGeneric, uint64_t address,
                   unsigned bytes) {
  uint64_t addresses[kLanes];
  Target targets[kLanes];
  addresses[lane] = address;
  return this->access(op, Mask(1) << lane, access, space, isGeneric, addresses, bytes, targets) ? targets[lane].data
                                                                                                : nullptr;
}

void Warp::tell(const Op &op, Mask mask, const Access &access, unsigned bytes, const Target (&targets)[kLanes]) {
  if (init && init->isExecutingAgain())
    return;
  if (access.kind == Access::Kind::Write)
    block.launch.recordChange();
  else if (access.order != Order::Weak || access.isMBarrier)
    askForNews(op, mask, targets);
  if (Races *races = block.launch.races; races && access.audience != Access::Audience::Others)
    races->access(*this, op, mask, access, bytes, targets);
  if (access.audience == Access::Audience::Races)
    return;
  if (MBarrierCheck *check = block.mbarriers.get(); check && !access.isMBarrier)
    check->access(*this, op, mask, bytes, targets);
  // Asynchronous copies are looked at when they take place.
  if (init && !access.isAsync)
    init->access(mask, access.kind, bytes, targets);
  Launch &launch = block.launch;
  if (launch.observers.empty())
    return;
  for (Mask left = mask; left; left &= left - 1) {
    auto lane = static_cast<uint8_t>(llvm::countr_zero(left));
    const Target &target = targets[lane];
    uint64_t base = target.allocation ? target.allocation->base : 0;
    launch.accesses.push_back({base + target.offset, bytes, lane, access.kind, target.space, access.isAsync});
  }
}
