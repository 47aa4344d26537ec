//===- InitCheck.cpp - values that nobody gave ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Marks of registers and of memory, and what is reported. How instructions pass marks on is in InitRules.cpp.

#include "InitCheck.h"
#include "Reports.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace tilec::sim::ptx;

static uint64_t lowBits(unsigned count) { return count >= 64 ? ~uint64_t(0) : (uint64_t(1) << count) - 1; }

//===----------------------------------------------------------------------===//
// origins
//===----------------------------------------------------------------------===//

uint32_t Origins::add(const Origin &origin) {
  // So many places in one program help nobody; the first of an instruction then stands for the others.
  static constexpr size_t kMost = 1 << 20;
  const void *who = origin.load ? static_cast<const void *>(origin.load) : origin.code;
  uint64_t where = origin.load ? origin.address << 1 | (origin.partialBits != 0) : uint64_t(origin.slot);
  if (all.size() > kMost)
    where = ~uint64_t(0);
  auto [known, isNew] = numbers.try_emplace({who, where}, all.size());
  if (isNew)
    all.push_back(origin);
  return known->second;
}

void Origins::remember(Place place, uint32_t origin) {
  if (stored.size() > 1 << 20)
    stored.clear();
  stored[place] = origin;
}

//===----------------------------------------------------------------------===//
// marks of registers
//===----------------------------------------------------------------------===//

void InitCheck::enter(const Frame &frame, Mask lanes) {
  auto begin = [&](std::vector<Marks> &marks, size_t first, size_t count) {
    if (marks.size() < first + count)
      marks.resize(first + count);
    for (Marks &mark : llvm::MutableArrayRef<Marks>(marks).slice(first, count)) {
      mark.lanes |= lanes;
      mark.never |= lanes;
    }
  };
  begin(registers, frame.registers, frame.code->registers);
  begin(predicates, frame.predicates, frame.code->predicates);
  if (hasLocal)
    for (unsigned lane = 0; lane != kLanes; ++lane)
      if (lanes >> lane & 1)
        local[lane].undefine(frame.local, frame.code->localBytes);
}

void InitCheck::call(const Frame &inner, const Frame &caller, Mask lanes) {
  enter(inner, lanes);
  for (auto [i, from] : llvm::enumerate(inner.site->arguments))
    for (unsigned lane = 0; lane != kLanes; ++lane)
      if (lanes >> lane & 1)
        copyLocal(lane, caller.local + from, inner.local + inner.code->params[i],
                  inner.site->argumentBytes(inner.code->syntax->signature.params[i]));
}

InitCheck::Marks &InitCheck::marksOf(const Use &use) {
  const Frame &frame = warp.top();
  bool isPredicate = use.kind == Use::Kind::ReadPredicate || use.kind == Use::Kind::WritePredicate;
  return isPredicate ? predicates[frame.predicates + use.slot] : registers[frame.registers + use.slot];
}

Mask InitCheck::lanesOf(const Use &use) { return use.slot < 0 ? 0 : marksOf(use).lanes; }

uint64_t InitCheck::lostBits(const Use &use, unsigned lane) {
  if (use.slot < 0)
    return 0;
  const Marks &marks = marksOf(use);
  if (!(marks.lanes >> lane & 1))
    return 0;
  return marks.never >> lane & 1 ? lowBits(use.bits) : marks.detail->bits[lane] & lowBits(use.bits);
}

uint32_t InitCheck::originOf(const Use &use, unsigned lane) {
  const Marks &marks = marksOf(use);
  if (!(marks.never >> lane & 1))
    return marks.detail->origin[lane];
  Origin origin;
  origin.code = &warp.getCode();
  origin.slot = use.slot;
  return origins.add(origin);
}

void InitCheck::define(const Use &use, Mask lanes) {
  Marks &marks = marksOf(use);
  marks.lanes &= ~lanes;
  marks.never &= ~lanes;
}

void InitCheck::assign(const Use &use, Mask lanes, const Loss &loss) {
  define(use, lanes);
  Marks &marks = marksOf(use);
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    uint64_t bits = loss.bits.v[lane] & lowBits(use.bits);
    if (!(lanes >> lane & 1) || !bits)
      continue;
    if (!marks.detail)
      marks.detail = std::make_unique<Detail>();
    marks.lanes |= Mask(1) << lane;
    marks.detail->bits[lane] = bits;
    marks.detail->origin[lane] = loss.origin[lane];
  }
}

//===----------------------------------------------------------------------===//
// marks of memory
//===----------------------------------------------------------------------===//

DefinedBits &InitCheck::localOf(unsigned lane) {
  if (!hasLocal)
    for (DefinedBits &bits : local)
      bits = DefinedBits(kLocalBytes);
  hasLocal = true;
  return local[lane];
}

/// Null for memory that always has values: the parameters of the kernel.
DefinedBits *InitCheck::memoryOf(const Touch &touch) {
  switch (touch.target.space) {
  case Space::Shared:
    return &warp.getBlock().sharedDefined;
  case Space::Local:
    return &localOf(touch.lane);
  case Space::Param:
    return nullptr;
  case Space::Global:
  case Space::Const:
    break;
  }
  return &touch.target.allocation->defined;
}

/// Memories are numbered: 0 is the device's, then follow blocks, and their threads.
Origins::Place InitCheck::placeIn(const Touch &touch, uint64_t byte) const {
  const Block &block = warp.getBlock();
  const auto &grid = block.launch.shape.grid;
  uint64_t number = block.id[0] + uint64_t(grid[0]) * (block.id[1] + uint64_t(grid[1]) * block.id[2]),
           offset = touch.target.offset + byte;
  switch (touch.target.space) {
  case Space::Shared:
    return {(number + 1) << 11, offset / 4};
  case Space::Local:
    return {(number + 1) << 11 | (1 + warp.getIndex() * kLanes + touch.lane), offset / 4};
  default:
    return {0, ((touch.target.allocation ? touch.target.allocation->base : 0) + offset) / 4};
  }
}

/// Where the bits of a byte that is read come from: what was stored there without a value, or this memory.
uint32_t InitCheck::originOf(const Op &op, const Touch &touch, uint64_t byte, unsigned partialBits) {
  if (uint32_t stored = origins.recall(placeIn(touch, byte)))
    return stored;
  Origin origin;
  origin.load = &op;
  origin.space = touch.target.space;
  origin.address = touch.target.offset + byte + (touch.target.allocation ? touch.target.allocation->base : 0);
  origin.partialBits = partialBits;
  return origins.add(origin);
}

void InitCheck::access(Mask lanes, Access::Kind kind, unsigned bytes, const Target (&targets)[kLanes]) {
  for (Mask left = lanes; left; left &= left - 1) {
    unsigned lane = llvm::countr_zero(left);
    touches.push_back({targets[lane], lane, bytes, kind});
  }
}

void InitCheck::redirect(unsigned lane, unsigned bytes, Target &target) {
  Copy &copy = copies.emplace_back();
  copy.touch = {target, lane, bytes, Access::Kind::Read};
  copy.data.assign(target.data, target.data + bytes);
  if (const DefinedBits *memory = inverts ? memoryOf(copy.touch) : nullptr) {
    llvm::SmallVector<char, 16> defined(bytes);
    memory->read(target.offset, bytes, defined.data());
    for (unsigned i = 0; i != bytes; ++i)
      copy.data[i] ^= ~defined[i];
  }
  target.data = copy.data.data();
}

void InitCheck::copy(const Target &from, uint64_t sourceBytes, const Target &to, uint64_t bytes) {
  llvm::SmallVector<char, 16> defined(bytes, char(0xff));
  if (sourceBytes)
    from.allocation->defined.read(from.offset, sourceBytes, defined.data());
  warp.getBlock().sharedDefined.write(to.offset, bytes, defined.data());
}

void InitCheck::copyLocal(unsigned lane, uint64_t from, uint64_t to, uint64_t bytes) {
  std::vector<char> defined(bytes);
  localOf(lane).read(from, bytes, defined.data());
  localOf(lane).write(to, bytes, defined.data());
  if (localOf(lane).areDefined(to, bytes))
    return;
  Touch source, target;
  source.lane = target.lane = lane;
  source.target.space = target.target.space = Space::Local;
  source.target.offset = from;
  target.target.offset = to;
  for (uint64_t byte = 0; byte < bytes; byte += 4)
    if (uint32_t origin = origins.recall(placeIn(source, byte)))
      origins.remember(placeIn(target, byte), origin);
}

//===----------------------------------------------------------------------===//
// reports
//===----------------------------------------------------------------------===//

/// `'tile'` and where in it an offset in shared memory is.
static std::string sharedName(const Program &program, uint64_t offset) {
  auto nameIn = [&](const Variable &variable, uint64_t address) {
    bool isIn = variable.isUnsized ? offset >= address : offset >= address && offset - address < variable.size;
    return variable.space == Space::Shared && isIn
               ? ", byte " + std::to_string(offset - address) + " of '" + variable.name.str() + "',"
               : std::string();
  };
  std::string name;
  for (auto [variable, address] : llvm::zip_equal(program.module->variables, program.variables))
    if (name.empty())
      name = nameIn(variable, address);
  for (const Code &code : program.functions)
    for (auto [variable, address] : llvm::zip(code.syntax->variables, code.variables))
      if (name.empty())
        name = nameIn(variable, address);
  return name;
}

std::string InitCheck::describe(uint32_t number) const {
  const Launch &launch = warp.getLaunch();
  const Origin &origin = origins[number];
  if (number == Origins::otherThread)
    return "the value is that of a thread that does not take part";
  if (number == Origins::carryFlag)
    return "the value is that of the carry flag, which was not written before it was read";
  if (!origin.load) {
    const auto &known = origin.code->syntax->registers;
    return "the value is that of register '" +
           (size_t(origin.slot) < known.size() ? known[origin.slot].spelling() : std::string("_")) +
           "', which was not written before it was read";
  }
  std::string text = "the value is that of ";
  switch (origin.space) {
  case Space::Shared:
    text += "shared memory at offset " + std::to_string(origin.address) + sharedName(launch.program, origin.address);
    break;
  case Space::Local:
    text += "local memory at offset " + std::to_string(origin.address);
    break;
  default:
    if (const Allocation *allocation = launch.memory.nearest(origin.address)) {
      text += "byte " + std::to_string(origin.address - allocation->base) + " of ";
      text += allocation->name.empty() ? "an array" : "'" + allocation->name + "'";
      text += " of " + std::to_string(allocation->size) + " bytes";
    } else {
      text += "global memory";
    }
  }
  return text + " which nobody wrote, read at " + placeOf(launch.program, origin.load->syntax);
}

bool InitCheck::report(const Op &op, unsigned lane, uint32_t origin, const llvm::Twine &what, bool mayGoOn) {
  // Whoever gives the value may come later: then the two race, which says more.
  Launch &launch = warp.getLaunch();
  if (mayGoOn && launch.races) {
    if (launch.findings.empty())
      launch.findings = warp.describeError(op, lane, "uninitialised: " + what, "\n  " + describe(origin));
    return true;
  }
  return warp.fail(op, lane, "uninitialised: " + what, "\n  " + describe(origin)), false;
}

bool InitCheck::needLocal(const Op &op, unsigned lane, uint64_t offset, uint64_t bytes, const llvm::Twine &what) {
  if (localOf(lane).areDefined(offset, bytes))
    return true;
  Touch touch;
  touch.target.space = Space::Local;
  touch.target.offset = offset;
  touch.lane = lane;
  return report(op, lane, originOf(op, touch, 0, 0), what + " has no value");
}

//===----------------------------------------------------------------------===//
// instructions
//===----------------------------------------------------------------------===//

bool InitCheck::guard(const Op &op, const Dataflow &flow, Mask mask) {
  Use guard{op.guard, Use::Kind::ReadPredicate, Use::Role::Control, 1, 0};
  undecided = lanesOf(guard) & mask;
  if (!undecided)
    return true;
  unsigned first = llvm::countr_zero(undecided);
  if (flow.hasEffects)
    return report(op, first, originOf(guard, first), "whether this is executed depends on a value that nobody gave");
  guardLoss = Loss();
  for (Mask left = undecided; left; left &= left - 1) {
    unsigned lane = llvm::countr_zero(left);
    lose(guardLoss, lane, originOf(guard, lane));
  }
  // For lanes in which it is not executed; the others lose their results again behind it.
  for (const Use &use : flow.uses)
    if (use.isWrite())
      assign(use, undecided, guardLoss);
  return true;
}

void InitCheck::save(const Dataflow &flow) {
  operands.clear();
  for (const Use &use : flow.uses) {
    if (use.isWrite() || use.slot < 0)
      continue;
    bool isPredicate = use.kind == Use::Kind::ReadPredicate;
    if (llvm::any_of(operands, [&](const Saved &s) { return s.slot == use.slot && s.isPredicate == isPredicate; }))
      continue;
    Saved &saved = operands.emplace_back();
    saved.slot = use.slot;
    saved.isPredicate = isPredicate;
    if (!isPredicate)
      saved.value = warp.reg(use.slot);
    else
      for (unsigned lane = 0; lane != kLanes; ++lane)
        saved.value.v[lane] = warp.pred(use.slot) >> lane & 1;
  }
}

bool InitCheck::before(const Op &op, const Dataflow &flow, Mask mask) {
  touches.clear();
  Mask lost = flow.readsCarry ? lostCarry : 0;
  for (const Use &use : flow.uses)
    if (!use.isWrite())
      lost |= lanesOf(use);
  isAffected = lost & (flow.isAcrossLanes ? kAllLanes : mask);
  // Lanes that do not take part have nothing to give.
  isAffected |= flow.isAcrossLanes && mask != kAllLanes;
  if (isAffected)
    for (const Use &use : flow.uses) {
      if (use.isWrite() || (use.role != Use::Role::Address && use.role != Use::Role::Control))
        continue;
      bool isAddress = use.role == Use::Role::Address;
      for (Mask left = lanesOf(use) & mask & (isAddress ? flow.addressLanes : kAllLanes); left; left &= left - 1) {
        unsigned lane = llvm::countr_zero(left);
        if (lostBits(use, lane))
          return report(op, lane, originOf(use, lane),
                        isAddress ? "the address of an access is a value that nobody gave"
                                  : "an operand that steers is a value that nobody gave");
      }
    }
  if (isAffected || flow.accessesMemory)
    save(flow);
  return true;
}

bool InitCheck::after(const Op &op, const Dataflow &flow, Mask mask) {
  if (!passOn(op, flow, mask))
    return false;
  if (op.guard >= 0 && undecided)
    for (const Use &use : flow.uses)
      if (use.isWrite())
        assign(use, undecided & mask, guardLoss);
  return true;
}

bool InitCheck::passOn(const Op &op, const Dataflow &flow, Mask mask) {
  bool isLost = isAffected;
  for (const Touch &touch : touches) {
    const DefinedBits *memory = touch.kind == Access::Kind::Write ? nullptr : memoryOf(touch);
    if (!memory || memory->areDefined(touch.target.offset, touch.bytes))
      continue;
    isLost = true;
    if (flow.rule == FlowRule::Consumes)
      return report(op, touch.lane, originOf(op, touch, 0, 0),
                    op.syntax && op.syntax->opcode == "mbarrier" ? "an mbarrier that nobody initialised"
                                                                 : "what is read here has no value");
  }
  if (isLost && flow.rule != FlowRule::Consumes)
    return follow(op, flow, mask);
  for (const Use &use : flow.uses)
    if (use.isWrite())
      define(use, mask);
  if (flow.writesCarry)
    lostCarry &= ~mask;
  for (const Touch &touch : touches)
    if (touch.kind != Access::Kind::Read)
      if (DefinedBits *memory = memoryOf(touch))
        memory->define(touch.target.offset, touch.bytes);
  return true;
}
