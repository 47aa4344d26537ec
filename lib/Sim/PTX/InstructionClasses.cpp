//===- InstructionClasses.cpp - what instructions are for -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Classes of instructions, by opcode, and for arithmetic by the last type that is named.

#include "Counter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;
using Class = InstructionClass;

StringRef tilec::sim::ptx::nameOf(InstructionClass value) {
  static constexpr llvm::StringLiteral names[] = {
      "integer",      "f16/bf16",     "f32",         "f64",         "conversion", "special function",
      "move",         "load global",  "load shared", "load local",  "load param", "load constant",
      "store global", "store shared", "store local", "store param", "atomic",     "async copy",
      "matrix",       "warp",         "barrier",     "control",     "other"};
  static_assert(std::size(names) == kInstructionClasses);
  return names[static_cast<size_t>(value)];
}

/// The class of arithmetic on a type; of the others, integers.
static Class ofType(StringRef type) {
  if (type.contains("f16"))
    return Class::Half;
  if (type.starts_with("f32"))
    return Class::Float;
  return type == "f64" ? Class::Double : Class::Integer;
}

static Class ofAccess(const Instruction &instruction, bool isLoad) {
  for (StringRef word : instruction.modifiers) {
    if (word.starts_with("shared"))
      return isLoad ? Class::LoadShared : Class::StoreShared;
    if (word == "local")
      return isLoad ? Class::LoadLocal : Class::StoreLocal;
    if (word.starts_with("param"))
      return isLoad ? Class::LoadParam : Class::StoreParam;
    if (word == "const")
      return Class::LoadConst;
  }
  return isLoad ? Class::LoadGlobal : Class::StoreGlobal;
}

InstructionClass tilec::sim::ptx::classify(const Instruction &instruction) {
  StringRef opcode = instruction.opcode;
  auto has = [&](StringRef word) { return llvm::is_contained(instruction.modifiers, word); };
  if (opcode == "ld" || opcode == "ldu")
    return ofAccess(instruction, true);
  if (opcode == "st")
    return ofAccess(instruction, false);
  if (opcode == "wmma" || opcode == "mma" || opcode == "wgmma" || opcode == "tcgen05" || opcode.ends_with("matrix"))
    return Class::Matrix;
  if ((opcode == "bar" || opcode == "barrier") && has("warp"))
    return Class::Warp;
  StringRef type = instruction.modifiers.empty() ? StringRef() : instruction.modifiers.back();
  return llvm::StringSwitch<Class>(opcode)
      .Cases({"atom", "red", "multimem"}, Class::Atomic)
      .Case("cp", Class::AsyncCopy)
      .Cases({"shfl", "vote", "match", "redux", "activemask", "elect"}, Class::Warp)
      .Cases({"bar", "barrier", "mbarrier", "fence", "membar"}, Class::Barrier)
      .Cases({"bra", "brx", "call", "ret", "exit", "trap"}, Class::Control)
      .Cases({"cvt", "cvta"}, Class::Conversion)
      .Cases({"mov", "selp", "prmt", "slct"}, Class::Move)
      .Cases({"sin", "cos", "tanh", "ex2", "lg2"}, Class::Special)
      .Cases({"rcp", "sqrt", "rsqrt"}, Class::Special)
      .Cases({"prefetch", "prefetchu", "nanosleep", "brkpt", "discard", "applypriority"}, Class::Other)
      .Cases({"pmevent", "setmaxnreg", "griddepcontrol", "isspacep"}, Class::Other)
      .Default(ofType(type));
}
