//===- Layout.cpp - where variables are -------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gives every variable of a module its place, and its first value, before instructions are decoded.

#include "Decoder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace tilec::sim::ptx;

/// Bytes of no variable behind each variable of shared or local memory, and behind each array among the parameters.
static constexpr uint64_t kGap = 16;
/// More shared memory than any block of any machine has, and as much as a module may declare for all of its kernels.
static constexpr uint64_t kMostShared = uint64_t(1) << 26;

namespace {
class Layout {
public:
  Layout(Program &program, Memory &memory, std::vector<std::string> &errors)
      : program(program), memory(memory), errors(errors) {}
  void run();

private:
  void placeFunction(Code &code);
  void placeReserved();
  uint64_t place(const Variable &variable);
  uint64_t placeShared(const Variable &variable);
  uint64_t findOpenBytes() const;
  void initialise(const Variable &variable, uint64_t address);
  std::optional<uint64_t> addressOf(const InitElement &element);
  void fail(const Variable &variable, const llvm::Twine &message) {
    errors.push_back((program.module->name + ":" + llvm::Twine(variable.place.line) + ":" +
                      llvm::Twine(variable.place.column) + ": error: " + message)
                         .str());
  }

  Program &program;
  Memory &memory;
  std::vector<std::string> &errors;
  /// Room for a parameter whose size the calls say.
  uint64_t openBytes = 0;
};
} // namespace

/// The most bytes that any call can pass, if a function leaves the size of a parameter open: variadic ones do.
uint64_t Layout::findOpenBytes() const {
  bool isWanted = false;
  uint64_t most = 0;
  for (const Function &function : program.module->functions) {
    for (const Variable &param : function.signature.params)
      isWanted |= param.isUnsized;
    for (const Variable &variable : function.variables)
      if (variable.space == Space::Param)
        most = std::max(most, variable.size);
  }
  return isWanted ? most : 0;
}

uint64_t Layout::placeShared(const Variable &variable) {
  uint64_t address = llvm::alignTo(program.staticShared, variable.alignment);
  program.sharedVariables.push_back({address, variable.size, variable.name});
  program.staticShared = address + variable.size + kGap;
  return address;
}

/// The address of a global or constant variable.
uint64_t Layout::place(const Variable &variable) {
  if (variable.linkage == Linkage::Extern) {
    fail(variable, "'" + variable.name + "' is in another module, and modules are not linked");
    return 0;
  }
  Allocation *allocation = memory.allocate(variable.size, variable.space == Space::Const, variable.name.str());
  if (!allocation) {
    fail(variable, "there is no memory for '" + variable.name + "'");
    return 0;
  }
  // Without an initialiser variables are 0 (section 5.4.4).
  std::fill_n(allocation->data.get(), variable.size, 0);
  allocation->defined.defineAll();
  return allocation->base;
}

std::optional<uint64_t> Layout::addressOf(const InitElement &element) {
  for (auto [variable, address] : llvm::zip_equal(program.module->variables, program.variables))
    if (variable.name == element.symbol)
      return variable.space == Space::Shared ? std::nullopt : std::optional(address);
  for (auto [i, function] : llvm::enumerate(program.module->functions))
    if (function.name == element.symbol)
      return program.addressOf(i);
  return std::nullopt;
}

void Layout::initialise(const Variable &variable, uint64_t address) {
  unsigned bytes = bitWidth(variable.type) / 8;
  Allocation *allocation = memory.find(address, variable.size);
  for (auto [i, element] : llvm::enumerate(variable.initialiser)) {
    uint64_t bits = element.bits;
    if (!element.symbol.empty()) {
      std::optional<uint64_t> base = addressOf(element);
      if (!base)
        return fail(variable, "'" + element.symbol + "' has no address when the module is loaded");
      bits += *base;
      if (element.maskedByte >= 0)
        bits = bits >> (8 * element.maskedByte) & 0xff;
    }
    char value[16] = {};
    std::memcpy(value, &bits, sizeof bits);
    std::memcpy(allocation->data.get() + i * bytes, value, bytes);
  }
}

void Layout::placeFunction(Code &code) {
  const Function &function = *code.syntax;
  auto ofThread = [&](const Variable &variable) {
    uint64_t offset = llvm::alignTo(code.localBytes, variable.alignment);
    uint64_t end = offset + (variable.isUnsized ? openBytes : variable.size);
    code.isInVariable.resize(end);
    std::fill(code.isInVariable.begin() + offset, code.isInVariable.end(), 1);
    // Arguments and results have no address that can be computed with.
    code.localBytes = end + (variable.space == Space::Local ? kGap : 0);
    return offset;
  };
  for (const Variable &variable : function.variables) {
    switch (variable.space) {
    case Space::Shared:
      code.variables.push_back(variable.isUnsized ? 0 : placeShared(variable));
      if (variable.isUnsized)
        fail(variable, "shared memory without a size is declared outside of functions");
      break;
    case Space::Global:
    case Space::Const:
      code.variables.push_back(place(variable));
      if (errors.empty())
        initialise(variable, code.variables.back());
      break;
    case Space::Local:
    case Space::Param:
      code.variables.push_back(ofThread(variable));
      break;
    }
  }
  uint64_t paramBytes = 0;
  for (const Variable &param : function.signature.params) {
    if (!function.isEntry) {
      code.params.push_back(ofThread(param));
      continue;
    }
    code.params.push_back(llvm::alignTo(paramBytes, param.alignment));
    uint64_t end = code.params.back() + param.size;
    code.isInParam.resize(end);
    std::fill(code.isInParam.begin() + code.params.back(), code.isInParam.end(), 1);
    paramBytes = end + (param.isArray ? kGap : 0);
  }
  for (const Variable &result : function.signature.results)
    code.results.push_back(ofThread(result));
  // Frames stay aligned for every type.
  code.localBytes = llvm::alignTo(code.localBytes, 16);
  code.isInVariable.resize(code.localBytes);
  code.registers = code.predicates = function.registers.size();
  for (auto [i, reg] : llvm::enumerate(function.registers))
    if (reg.type == Type::B128)
      code.upperHalves[i] = code.registers++;
}

/// What kernels ask the driver for, if they do.
void Layout::placeReserved() {
  bool usesWorkspace = false, usesReserved = false;
  for (const Function &function : program.module->functions)
    for (const Instruction &instruction : function.instructions)
      for (const Operand &operand : instruction.operands) {
        llvm::StringRef name = operand.kind == Operand::Kind::Special ? operand.special.name : "";
        usesWorkspace |= name == "%envreg1" || name == "%envreg2";
        usesReserved |= name.starts_with("%reserved_smem_offset");
      }
  if (usesReserved)
    program.staticShared = program.reservedShared = Program::kReservedShared;
  if (!usesWorkspace)
    return;
  Variable workspace;
  workspace.name = "the workspace of the grid";
  workspace.size = 64;
  program.gridWorkspace = place(workspace);
}

void Layout::run() {
  placeReserved();
  for (const Variable &variable : program.module->variables)
    program.variables.push_back(variable.space != Space::Shared ? place(variable)
                                : variable.isUnsized            ? 0
                                                                : placeShared(variable));
  program.functions.resize(program.module->functions.size());
  for (auto [code, function] : llvm::zip_equal(program.functions, program.module->functions))
    code.syntax = &function;
  if (errors.empty())
    for (auto [variable, address] : llvm::zip_equal(program.module->variables, program.variables))
      if (variable.space != Space::Shared)
        initialise(variable, address);
  openBytes = findOpenBytes();
  for (Code &code : program.functions)
    placeFunction(code);
  // All dynamic shared variables begin at one place, behind the others.
  uint64_t alignment = 16;
  for (const Variable &variable : program.module->variables)
    if (variable.space == Space::Shared && variable.isUnsized)
      alignment = std::max<uint64_t>(alignment, variable.alignment);
  program.staticShared = llvm::alignTo(program.staticShared, alignment);
  if (program.staticShared > kMostShared) {
    errors.push_back(program.module->name + ": error: " + std::to_string(program.staticShared) +
                     " bytes of shared memory are declared, and a block has at most " + std::to_string(kMostShared));
    return;
  }
  program.isInSharedVariable.resize(program.staticShared);
  std::fill_n(program.isInSharedVariable.begin(), program.reservedShared, 1);
  for (const Program::SharedVariable &variable : program.sharedVariables)
    std::fill_n(program.isInSharedVariable.begin() + variable.begin, variable.size, 1);
  for (auto [variable, address] : llvm::zip_equal(program.module->variables, program.variables))
    if (variable.space == Space::Shared && variable.isUnsized)
      address = program.staticShared;
}

void tilec::sim::ptx::decode(Program &program, Memory &memory, std::vector<std::string> &errors) {
  Layout(program, memory, errors).run();
  if (!errors.empty())
    return;
  uint32_t count = 0;
  for (Code &code : program.functions) {
    if (!code.syntax->hasBody) {
      code.builtin = findBuiltin(code.syntax->name);
      continue;
    }
    Decoder decoder(program, code, errors);
    for (const Instruction &instruction : code.syntax->instructions)
      decoder.decode(instruction);
    decoder.end();
    for (Op &op : code.ops)
      op.number = count++;
  }
}
