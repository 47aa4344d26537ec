//===- Reports.cpp - what reports call things -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Reports.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tilec::sim::ptx;

/// Most places that a report gives for one instruction: its own, and those where it was inlined.
static constexpr unsigned kMostCallers = 8;

std::string tilec::sim::ptx::placeOf(const Program &program, const Instruction *syntax) {
  if (!syntax)
    return "the end of the function";
  const Module &module = *program.module;
  std::string place = module.name + ":" + std::to_string(syntax->place.line);
  const SourceLine *source = &syntax->source;
  llvm::StringRef before = " (";
  for (unsigned depth = 0; source->line && depth != kMostCallers; ++depth) {
    auto file = module.files.find(source->file);
    if (file != module.files.end()) {
      place += before.str() + file->second + ":" + std::to_string(source->line);
      before = ", inlined at ";
    }
    if (source->caller < 0)
      break;
    source = &module.callers[source->caller];
  }
  return before == " (" ? place : place + ")";
}

/// A number in an extent, dim by dim.
static std::string triple(uint64_t index, const std::array<unsigned, 3> &extent) {
  return "(" + std::to_string(index % extent[0]) + ", " + std::to_string(index / extent[0] % extent[1]) + ", " +
         std::to_string(index / extent[0] / extent[1]) + ")";
}

std::string tilec::sim::ptx::placeWithWords(const Program &program, const Op &op) {
  return placeOf(program, op.syntax) + (op.syntax ? ": " + op.syntax->spelling() : std::string());
}

std::string tilec::sim::ptx::threadName(const Launch &launch, uint64_t block, unsigned thread) {
  return "block " + triple(block, launch.shape.grid) + ", thread " + triple(thread, launch.shape.block);
}

/// The variable of shared memory at an offset, and where it begins.
static const Variable *sharedVariable(const Program &program, uint64_t offset, uint64_t &begin) {
  auto find = [&](const std::vector<Variable> &variables, const std::vector<uint64_t> &addresses) -> const Variable * {
    for (auto [variable, address] : llvm::zip(variables, addresses))
      if (variable.space == Space::Shared && offset >= address && offset - address < variable.size) {
        begin = address;
        return &variable;
      }
    return nullptr;
  };
  if (const Variable *found = find(program.module->variables, program.variables))
    return found;
  for (const Code &code : program.functions)
    if (const Variable *found = find(code.syntax->variables, code.variables))
      return found;
  return nullptr;
}

std::string tilec::sim::ptx::argumentName(const Launch &launch, const Allocation &allocation) {
  const Code &kernel = launch.kernel;
  for (auto [i, param] : llvm::enumerate(kernel.syntax->signature.params)) {
    uint64_t value = 0;
    if (param.size == sizeof value && kernel.params[i] + sizeof value <= launch.params.size())
      std::memcpy(&value, launch.params.data() + kernel.params[i], sizeof value);
    if (value == allocation.base)
      return "argument " + std::to_string(i);
  }
  return "";
}

std::string tilec::sim::ptx::addressName(const Launch &launch, Space space, const Allocation *allocation,
                                         uint64_t offset) {
  std::string hex = "0x" + llvm::utohexstr(offset, /*LowerCase=*/true);
  if (space == Space::Shared) {
    uint64_t begin = 0;
    const Variable *variable = sharedVariable(launch.program, offset, begin);
    if (!variable)
      return "shared + " + hex;
    return "'" + variable->name.str() + "' + " + std::to_string(offset - begin) + " (shared + " + hex + ")";
  }
  if (!allocation->name.empty())
    return "'" + allocation->name + "' + " + std::to_string(offset);
  if (std::string argument = argumentName(launch, *allocation); !argument.empty())
    return argument + " + " + hex;
  return "an array of " + std::to_string(allocation->size) + " bytes + " + hex;
}
