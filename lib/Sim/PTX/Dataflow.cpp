//===- Dataflow.cpp - how values go through instructions --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// By opcode: what operands are for, and what becomes of bits without a value. An opcode that is not named here has the
// general rule.

#include "Dataflow.h"
#include "Program.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;

namespace {
/// The rule of an opcode, and sets of operands as bits: those that select, and those that steer.
struct Entry {
  FlowRule rule = FlowRule::Any;
  uint8_t selectors = 0, controls = 0;
};
constexpr uint8_t kAllOperands = 0xff;
} // namespace

static const llvm::StringMap<Entry> &entries() {
  static const llvm::StringMap<Entry> table = [] {
    auto bits = [](auto... operands) { return static_cast<uint8_t>(((1u << operands) | ... | 0u)); };
    llvm::StringMap<Entry> made;
    for (StringRef name : {"mov", "not", "xor", "brev", "ld", "ldu", "st", "ldmatrix", "stmatrix", "movmatrix"})
      made[name] = {FlowRule::Moves};
    made["wmma"] = {FlowRule::Moves, bits(2)};
    made["shl"] = made["shr"] = {FlowRule::Moves, bits(2)};
    made["shf"] = made["prmt"] = {FlowRule::Moves, bits(3)};
    made["bfe"] = {FlowRule::Moves, bits(2, 3)};
    made["bfi"] = {FlowRule::Moves, bits(3, 4)};
    made["shfl"] = {FlowRule::Moves, bits(2, 3), bits(4)};
    made["and"] = made["or"] = made["lop3"] = made["selp"] = {FlowRule::Bitwise};
    made["add"] = made["sub"] = made["addc"] = made["subc"] = made["neg"] = {FlowRule::Sum};
    made["mul"] = made["mad"] = made["madc"] = made["mul24"] = made["mad24"] = {FlowRule::Product};
    made["setp"] = made["set"] = {FlowRule::Comparison};
    made["mma"] = {FlowRule::Matrix, kAllOperands & ~bits(0, 1, 2, 3)};
    made["vote"] = {FlowRule::Vote, 0, bits(2)};
    made["match"] = made["redux"] = {FlowRule::AllLanes, 0, bits(2)};
    made["elect"] = {FlowRule::AllLanes, 0, bits(1)};
    made["atom"] = made["red"] = {FlowRule::Atomic};
    for (StringRef name : {"bar", "barrier", "brx", "call", "mbarrier", "cp"})
      made[name] = {FlowRule::Consumes, 0, kAllOperands};
    return made;
  }();
  return table;
}

/// The width of the elements of `.f16x2` and its like; 0 for a word that names no vector of elements.
static unsigned elementBitsOf(StringRef word) {
  size_t x = word.rfind('x');
  unsigned bits, count;
  if (x == StringRef::npos || x == 0 || word.drop_front(x + 1).getAsInteger(10, count) || count < 2 || count > 8)
    return 0;
  StringRef element = word.take_front(x);
  // `e4m3`: a sign, an exponent and a mantissa; `ue8m0` has no sign.
  if (element.starts_with("ue"))
    element = element.drop_front();
  if (element.starts_with("e")) {
    unsigned exponent, mantissa;
    element = element.drop_front();
    if (element.consumeInteger(10, exponent) || !element.consume_front("m") || element.getAsInteger(10, mantissa))
      return 0;
    return 1 + exponent + mantissa == 4 ? 4 : 8;
  }
  element = element.drop_while([](char c) { return c < '0' || c > '9'; });
  return element.getAsInteger(10, bits) || bits > 32 ? 0 : bits;
}

static bool isFloat(StringRef type) {
  return type == "f16" || type == "bf16" || type == "f32" || type == "f64" || type == "f16x2" || type == "bf16x2" ||
         type == "f32x2";
}

void tilec::sim::ptx::classifyFlow(Dataflow &flow, const Instruction &instruction, const Op &op) {
  StringRef opcode = instruction.opcode;
  auto has = [&](StringRef word) { return llvm::is_contained(instruction.modifiers, word); };
  Entry entry = entries().lookup(opcode);
  flow.rule = entry.rule;
  StringRef type = instruction.modifiers.empty() ? StringRef() : instruction.modifiers.back();
  llvm::SmallVector<unsigned, 2> packed;
  for (StringRef word : instruction.modifiers)
    if (unsigned bits = elementBitsOf(word))
      packed.push_back(bits);
  bool isArithmetic = flow.rule == FlowRule::Any || flow.rule == FlowRule::Sum || flow.rule == FlowRule::Product;
  if (opcode == "cvt") {
    bool isToInteger = !type.empty() && llvm::any_of(instruction.modifiers, [](StringRef word) {
      return word.size() > 1 && (word[0] == 's' || word[0] == 'u') && llvm::isDigit(word[1]);
    });
    bool anyFloat = llvm::any_of(instruction.modifiers, isFloat);
    size_t sources = llvm::count_if(flow.uses, [](const Use &use) { return use.kind == Use::Kind::Read; });
    if (isToInteger && !anyFloat && packed.empty() && !has("sat"))
      flow.rule = FlowRule::Moves;
    else if (packed.size() == 1 && sources == 2)
      flow.rule = FlowRule::PairOfOperands;
    else if (packed.size() == 2 && sources == 1)
      flow.rule = FlowRule::Elements;
  } else if (isArithmetic && packed.size() == 1) {
    flow.rule = FlowRule::Elements;
  } else if (isArithmetic && isFloat(type)) {
    flow.rule = FlowRule::Any;
  }
  if (flow.rule == FlowRule::Product && (has("hi") || opcode == "mul24" || opcode == "mad24"))
    flow.rule = FlowRule::Any;
  if (opcode == "wmma" && has("mma"))
    entry = {flow.rule = FlowRule::Matrix, 0, 0};
  flow.readsCarry = opcode == "addc" || opcode == "subc" || opcode == "madc";
  flow.writesCarry = has("cc");
  flow.isCall = opcode == "call";
  flow.elementBits = packed.empty() ? 0 : packed.front();
  flow.sourceElementBits = packed.empty() ? 0 : packed.back();

  for (Use &use : flow.uses) {
    if (use.role == Use::Role::Address || use.operand >= 8)
      continue;
    if (entry.controls >> use.operand & 1)
      use.role = Use::Role::Control;
    else if (entry.selectors >> use.operand & 1)
      use.role = Use::Role::Selector;
  }
  if (opcode == "ldmatrix" || opcode == "stmatrix")
    flow.addressLanes = has("x1") ? 0xff : has("x2") ? 0xffff : ~uint32_t(0);
  flow.accessesMemory =
      llvm::any_of(instruction.operands, [](const Operand &operand) { return operand.kind == Operand::Kind::Address; });
  flow.isAcrossLanes = flow.rule == FlowRule::Matrix || flow.rule == FlowRule::AllLanes ||
                       flow.rule == FlowRule::Vote || opcode == "shfl" || opcode == "ldmatrix" ||
                       opcode == "stmatrix" || opcode == "movmatrix" || opcode == "wmma";
  flow.results = llvm::count_if(flow.uses, [](const Use &use) { return use.isWrite(); });
  bool isHint = opcode.starts_with("prefetch") || opcode == "nanosleep" || opcode == "applypriority" ||
                opcode == "discard" || opcode == "membar" || opcode == "fence";
  flow.hasEffects =
      !isHint && (op.isConvergent || !flow.results || opcode == "atom" || opcode == "call" || opcode == "mbarrier");
}
