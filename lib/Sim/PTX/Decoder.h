//===- Decoder.h - from instructions to what executes them ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A decoder gives one instruction its meaning: it takes the words behind the opcode, checks the operands, and chooses
/// the function that executes it. Words that nobody takes are an error, so nothing is ignored by accident. Each family
/// of instructions enters its decoders in a table by opcode.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_DECODER_H
#define TILEC_LIB_SIM_PTX_DECODER_H

#include "Program.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"

namespace tilec::sim::ptx {

class Decoder {
public:
  Decoder(Program &program, Code &code, std::vector<std::string> &errors)
      : program(program), code(code), errors(errors) {}
  /// Decodes one instruction of the function, as the next of its ops.
  void decode(const Instruction &instruction);
  /// Ends the function: what runs beyond the last instruction returns.
  void end();

  //===--- Words
  /// Takes a word behind the opcode, wherever it stands among those left.
  bool take(llvm::StringRef word);
  /// Takes the first of `words` that is there; its index, or -1.
  int takeOneOf(llvm::ArrayRef<llvm::StringRef> words);
  /// Takes the first word left that names a type.
  std::optional<Type> takeType();
  /// The same; records an error without one.
  bool needType(Type &type);
  llvm::ArrayRef<llvm::StringRef> wordsLeft() const { return words; }
  /// Takes the words about order and scope into the op; without them it has those given.
  void takeOrder(Order order, Scope scope);

  //===--- Operands
  const Instruction &syntax() const { return *instruction; }
  size_t operandCount() const { return instruction->operands.size(); }
  bool expectOperands(size_t least, size_t most);
  bool expectOperands(size_t count) { return expectOperands(count, count); }
  /// The slot of a value of `type`: a register of its width, or an immediate.
  bool source(const Operand &operand, Type type, Slot &slot);
  bool source(size_t index, Type type, Slot &slot) { return source(instruction->operands[index], type, slot); }
  /// The slot of a result; `_` is a register that nobody reads. Registers may be wider where `mayBeWider`.
  bool result(const Operand &operand, Type type, Slot &slot, bool mayBeWider = false);
  bool result(size_t index, Type type, Slot &slot) { return result(instruction->operands[index], type, slot); }
  /// The slots of a vector of so many registers, or of one register, appended to `slots`.
  bool registers(const Operand &operand, Type type, unsigned count, bool isResult, std::vector<Slot> &slots,
                 bool mayBeWider = false);
  /// The slots of a register of 128 bits, the lower half first, appended to `slots`.
  bool halves(const Operand &operand, bool isResult, std::vector<Slot> &slots);
  /// `d = f(a, b, c)` with so many sources, all of one type; `execute` is null where the type has no such operation.
  bool operands(Type type, Execute execute, size_t sources);
  /// A result of 32 bits, and as `d|p` a predicate beside it; -1 without one.
  bool resultAndPredicate(const Operand &operand, Slot &slot, Slot &predicate);
  /// Appends a list of slots to the function's, for the instruction at hand.
  void setList(std::vector<Slot> slots) {
    op.list = code.lists.size();
    code.lists.push_back(std::move(slots));
  }
  bool predicate(const Operand &operand, Slot &slot, bool &isNegated);
  bool predicateResult(const Operand &operand, Slot &slot);
  bool label(size_t index, uint64_t &target);
  /// `[a+8]`: the slot of the register, and what is added to it.
  bool address(const Operand &operand, Slot &slot, uint64_t &offset, std::optional<Space> &ofVariable);
  /// A constant for all lanes.
  Slot constant(uint64_t bits);
  /// The address of a variable, in its own space.
  bool variableAddress(const Operand &operand, uint64_t &address, Space &space);

  bool fail(Place place, const llvm::Twine &message);
  bool fail(const llvm::Twine &message) { return fail(instruction->place, message); }

  Program &program;
  Code &code;
  Op op;
  /// What the instruction at hand reads and writes, in the order in which its decoder asks.
  Dataflow flow;

private:
  bool findSource(const Operand &operand, Type type, Slot &slot);
  bool findPredicate(const Operand &operand, Slot &slot, bool &isNegated);
  void use(const Operand &operand, Use::Kind kind, Slot slot, unsigned bits);
  Slot scratch();
  std::vector<std::string> &errors;
  const Instruction *instruction = nullptr;
  llvm::SmallVector<llvm::StringRef, 8> words;
  std::map<uint64_t, Slot> constantOf;
  Slot scratchSlot = -1, scratchPredicate = -1;
};

using Decode = bool (*)(Decoder &);
using DecodeTable = llvm::StringMap<Decode>;

void addArithmetic(DecodeTable &table);
void addPackedIntegers(DecodeTable &table);
void addStackMemory(DecodeTable &table);
void addVideo(DecodeTable &table);
void addFloatingPoint(DecodeTable &table);
void addFunctions(DecodeTable &table);
void addComparisons(DecodeTable &table);
void addConversions(DecodeTable &table);
void addControl(DecodeTable &table);
void addMoves(DecodeTable &table);
void addMemory(DecodeTable &table);
void addAtomics(DecodeTable &table);
void addWarp(DecodeTable &table);
void addBarriers(DecodeTable &table);
void addMatrixMultiply(DecodeTable &table);
void addMatrixLoads(DecodeTable &table);
void addWarpMatrix(DecodeTable &table);
void addAsyncCopies(DecodeTable &table);
void addMBarriers(DecodeTable &table);

/// `mov` of a special register, or of one of its parts; of `width` 4, of all of them.
bool decodeSpecial(Decoder &d, const Operand &operand, Type type, unsigned width = 1);

/// `bar.warp.sync`.
bool decodeWarpBarrier(Decoder &d);

/// The simulator's own function of a name such as `vprintf`; null where it has none.
Execute findBuiltin(llvm::StringRef name);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_DECODER_H
