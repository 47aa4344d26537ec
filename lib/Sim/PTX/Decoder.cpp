//===- Decoder.cpp - words and operands of instructions ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the decoders of all instructions share: taking words, and finding the slots of operands.

#include "Decoder.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;
using llvm::Twine;

static const DecodeTable &decodeTable() {
  static const DecodeTable table = [] {
    DecodeTable made;
    addArithmetic(made);
    addPackedIntegers(made);
    addStackMemory(made);
    addVideo(made);
    addFloatingPoint(made);
    addFunctions(made);
    addComparisons(made);
    addConversions(made);
    addControl(made);
    addMoves(made);
    addMemory(made);
    addAtomics(made);
    addWarp(made);
    addBarriers(made);
    addMatrixMultiply(made);
    addMatrixLoads(made);
    addWarpMatrix(made);
    addAsyncCopies(made);
    addMBarriers(made);
    return made;
  }();
  return table;
}

void Decoder::decode(const Instruction &next) {
  instruction = &next;
  words.assign(next.modifiers.begin(), next.modifiers.end());
  op = Op();
  flow = Dataflow();
  op.syntax = instruction;
  op.guard = next.guard;
  op.isGuardNegated = next.isGuardNegated;
  auto found = decodeTable().find(next.opcode);
  if (found == decodeTable().end())
    fail("unknown instruction '" + next.spelling() + "'");
  else if (found->second(*this) && !words.empty())
    fail("'." + words.front() + "' is not supported in '" + next.spelling() + "'");
  classifyFlow(flow, next, op);
  code.ops.push_back(op);
  code.flows.push_back(std::move(flow));
}

/// Records that the instruction at hand reads or writes a slot.
void Decoder::use(const Operand &operand, Use::Kind kind, Slot slot, unsigned bits) {
  const auto &all = instruction->operands;
  auto isPart = [&](const Operand &whole) {
    return &whole == &operand || llvm::any_of(whole.parts, [&](const Operand &part) { return &part == &operand; });
  };
  size_t index = llvm::find_if(all, isPart) - all.begin();
  flow.uses.push_back({slot, kind, Use::Role::Value, static_cast<uint8_t>(bits), static_cast<uint8_t>(index)});
}

bool Decoder::fail(Place place, const Twine &message) {
  if (errors.size() < Limits::errors)
    errors.push_back(
        (program.module->name + ":" + Twine(place.line) + ":" + Twine(place.column) + ": error: " + message).str());
  return false;
}

//===----------------------------------------------------------------------===//
// words
//===----------------------------------------------------------------------===//

bool Decoder::take(StringRef word) {
  auto *found = llvm::find(words, word);
  if (found == words.end())
    return false;
  words.erase(found);
  return true;
}

int Decoder::takeOneOf(llvm::ArrayRef<StringRef> choices) {
  for (auto [i, word] : llvm::enumerate(choices))
    if (take(word))
      return i;
  return -1;
}

void Decoder::takeOrder(Order order, Scope scope) {
  static constexpr Order orders[] = {Order::Relaxed, Order::Acquire, Order::Release, Order::AcquireRelease};
  static constexpr Scope scopes[] = {Scope::Block, Scope::Cluster, Scope::Device, Scope::System};
  op.order = order;
  op.scope = scope;
  if (int found = takeOneOf({"relaxed", "acquire", "release", "acq_rel"}); found >= 0)
    op.order = orders[found];
  if (int found = takeOneOf({"cta", "cluster", "gpu", "sys"}); found >= 0)
    op.scope = scopes[found];
}

std::optional<Type> Decoder::takeType() {
  for (auto *word = words.begin(); word != words.end(); ++word)
    if (std::optional<Type> type = parseType(*word)) {
      words.erase(word);
      return type;
    }
  return std::nullopt;
}

bool Decoder::needType(Type &type) {
  if (std::optional<Type> taken = takeType()) {
    type = *taken;
    return true;
  }
  return fail("'" + instruction->spelling() + "' needs a type");
}

//===----------------------------------------------------------------------===//
// operands
//===----------------------------------------------------------------------===//

bool Decoder::expectOperands(size_t least, size_t most) {
  size_t count = operandCount();
  if (count >= least && count <= most)
    return true;
  return fail("'" + instruction->spelling() + "' takes " + Twine(least) +
              (most == least ? "" : " to " + std::to_string(most)) + " operands, and there are " + Twine(count));
}

Slot Decoder::constant(uint64_t bits) {
  auto [known, isNew] = constantOf.try_emplace(bits, ~static_cast<Slot>(code.constants.size()));
  if (isNew) {
    Lanes &lanes = code.constants.emplace_back();
    llvm::fill(lanes.v, bits);
  }
  return known->second;
}

/// A register that nobody reads.
Slot Decoder::scratch() {
  if (scratchSlot < 0)
    scratchSlot = code.registers++;
  return scratchSlot;
}

bool Decoder::variableAddress(const Operand &operand, uint64_t &address, Space &space) {
  if (!operand.isOfFunction) {
    space = program.module->variables[operand.index].space;
    address = program.variables[operand.index] + operand.value;
    return true;
  }
  space = code.syntax->variable(operand.index).space;
  if (operand.index >= Function::kResultBase)
    address = code.results[operand.index - Function::kResultBase];
  else if (operand.index >= Function::kParamBase)
    address = code.params[operand.index - Function::kParamBase];
  else
    address = code.variables[operand.index];
  address += operand.value;
  return true;
}

bool Decoder::source(const Operand &operand, Type type, Slot &slot) {
  if (!findSource(operand, type, slot))
    return false;
  use(operand, Use::Kind::Read, slot, bitWidth(type));
  return true;
}

bool Decoder::findSource(const Operand &operand, Type type, Slot &slot) {
  if (operand.isNegated || !operand.selector.empty())
    return fail(operand.place, "this instruction takes a register as it is");
  unsigned bits = bitWidth(type);
  uint64_t mask = bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
  switch (operand.kind) {
  case Operand::Kind::Register: {
    const Register &reg = code.syntax->registers[operand.index];
    if (reg.type == Type::Pred || bitWidth(reg.type) < bits || (reg.type == Type::B128) != (type == Type::B128))
      return fail(operand.place, "register '" + reg.spelling() + "' is ." + typeName(reg.type) + ", and ." +
                                     typeName(type) + " is needed");
    slot = operand.index;
    return true;
  }
  case Operand::Kind::Integer:
    slot = constant(operand.value & mask);
    return true;
  case Operand::Kind::Float32:
  case Operand::Kind::Float64: {
    double number = operand.kind == Operand::Kind::Float64
                        ? llvm::bit_cast<double>(operand.value)
                        : llvm::bit_cast<float>(static_cast<uint32_t>(operand.value));
    if (bits == 64)
      slot = constant(llvm::bit_cast<uint64_t>(number));
    else if (bits == 32)
      slot = constant(operand.kind == Operand::Kind::Float32 ? operand.value
                                                             : llvm::bit_cast<uint32_t>(static_cast<float>(number)));
    else
      return fail(operand.place, "a floating-point number is no ." + typeName(type));
    return true;
  }
  case Operand::Kind::Variable: {
    uint64_t address;
    Space space;
    if (!variableAddress(operand, address, space))
      return false;
    if (space == Space::Local ||
        (space == Space::Param && !(code.syntax->isEntry && operand.index >= Function::kParamBase)))
      return fail(operand.place, "the address of a thread's own variable is taken with 'mov'");
    slot = constant(address & mask);
    return true;
  }
  case Operand::Kind::Function:
    slot = constant(program.addressOf(operand.index));
    return true;
  case Operand::Kind::Special:
    return fail(operand.place, "'" + operand.special.name + "' is read with 'mov' only");
  default:
    return fail(operand.place, "expected a register or a number");
  }
}

bool Decoder::result(const Operand &operand, Type type, Slot &slot, bool mayBeWider) {
  if (operand.kind == Operand::Kind::Sink) {
    slot = scratch();
    use(operand, Use::Kind::Write, slot, 64);
    return true;
  }
  if (operand.kind != Operand::Kind::Register || operand.isNegated || !operand.selector.empty())
    return fail(operand.place, "expected a register");
  const Register &reg = code.syntax->registers[operand.index];
  if (reg.type == Type::Pred ||
      (mayBeWider ? bitWidth(reg.type) < bitWidth(type) : bitWidth(reg.type) != bitWidth(type)))
    return fail(operand.place, "register '" + reg.spelling() + "' is ." + typeName(reg.type) + ", and the result is ." +
                                   typeName(type));
  slot = operand.index;
  use(operand, Use::Kind::Write, slot, bitWidth(reg.type));
  return true;
}

bool Decoder::registers(const Operand &operand, Type type, unsigned count, bool isResult, std::vector<Slot> &slots,
                        bool mayBeWider) {
  bool isVector = operand.kind == Operand::Kind::Vector;
  llvm::ArrayRef<Operand> parts = isVector ? llvm::ArrayRef<Operand>(operand.parts) : llvm::ArrayRef<Operand>(operand);
  if (parts.size() != count)
    return fail(operand.place, "this takes " + Twine(count) + " registers, and there are " + Twine(parts.size()));
  for (const Operand &part : parts) {
    Slot slot;
    if (isResult ? !result(part, type, slot, mayBeWider) : !source(part, type, slot))
      return false;
    slots.push_back(slot);
  }
  return true;
}

bool Decoder::halves(const Operand &operand, bool isResult, std::vector<Slot> &slots) {
  Slot low;
  if (operand.kind != Operand::Kind::Register && !(isResult && operand.kind == Operand::Kind::Sink))
    return fail(operand.place, "expected a register of 128 bits");
  if (isResult ? !result(operand, Type::B128, low) : !source(operand, Type::B128, low))
    return false;
  auto upper = code.upperHalves.find(low);
  if (upper == code.upperHalves.end()) {
    slots.insert(slots.end(), {low, low});
    return true;
  }
  slots.insert(slots.end(), {low, upper->second});
  flow.uses.back().bits = 64;
  use(operand, isResult ? Use::Kind::Write : Use::Kind::Read, upper->second, 64);
  return true;
}

bool Decoder::operands(Type type, Execute execute, size_t sources) {
  if (!execute)
    return fail("'" + instruction->spelling() + "' is not defined for ." + typeName(type));
  op.execute = execute;
  Slot *slots[] = {&op.a, &op.b, &op.c};
  if (!expectOperands(sources + 1) || !result(0, type, op.d))
    return false;
  for (size_t i = 0; i != sources; ++i)
    if (!source(i + 1, type, *slots[i]))
      return false;
  return true;
}

bool Decoder::resultAndPredicate(const Operand &operand, Slot &slot, Slot &predicate) {
  bool isPair = operand.kind == Operand::Kind::Pair;
  predicate = -1;
  if (isPair && (operand.parts.size() != 2 || !predicateResult(operand.parts[1], predicate)))
    return fail(operand.place, "expected a register and a predicate");
  return result(isPair ? operand.parts[0] : operand, Type::B32, slot);
}

bool Decoder::predicate(const Operand &operand, Slot &slot, bool &isNegated) {
  if (!findPredicate(operand, slot, isNegated))
    return false;
  use(operand, Use::Kind::ReadPredicate, slot, 1);
  return true;
}

bool Decoder::findPredicate(const Operand &operand, Slot &slot, bool &isNegated) {
  if (operand.kind != Operand::Kind::Register || code.syntax->registers[operand.index].type != Type::Pred)
    return fail(operand.place, "expected a predicate");
  slot = operand.index;
  isNegated = operand.isNegated;
  return true;
}

bool Decoder::predicateResult(const Operand &operand, Slot &slot) {
  if (operand.kind == Operand::Kind::Sink) {
    if (scratchPredicate < 0)
      scratchPredicate = code.predicates++;
    slot = scratchPredicate;
    return true;
  }
  bool isNegated;
  if (!findPredicate(operand, slot, isNegated))
    return false;
  use(operand, Use::Kind::WritePredicate, slot, 1);
  return !isNegated || fail(operand.place, "a result is not negated");
}

bool Decoder::label(size_t index, uint64_t &target) {
  const Operand &operand = instruction->operands[index];
  if (operand.kind != Operand::Kind::Label)
    return fail(operand.place, "expected a label");
  target = operand.index;
  return true;
}

bool Decoder::address(const Operand &operand, Slot &slot, uint64_t &offset, std::optional<Space> &ofVariable) {
  if (operand.kind != Operand::Kind::Address)
    return fail(operand.place, "expected an address in brackets");
  if (operand.parts.size() != 1)
    return fail(operand.place, "this instruction takes a plain address");
  const Operand &base = operand.parts.front();
  offset = operand.value;
  ofVariable.reset();
  if (base.kind == Operand::Kind::Register) {
    Type type = bitWidth(code.syntax->registers[base.index].type) == 32 ? Type::U32 : Type::U64;
    if (!source(base, type, slot))
      return false;
    flow.uses.back().role = Use::Role::Address;
    return true;
  }
  slot = constant(0);
  if (base.kind == Operand::Kind::Integer) {
    offset += base.value;
    return true;
  }
  if (base.kind != Operand::Kind::Variable)
    return fail(base.place, "an address is a register, a variable or a number");
  uint64_t address;
  Space space;
  if (!variableAddress(base, address, space))
    return false;
  offset += address;
  ofVariable = space;
  return true;
}
