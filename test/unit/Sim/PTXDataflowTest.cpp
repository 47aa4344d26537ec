//===- PTXDataflowTest.cpp - what instructions read and write ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Whoever follows values trusts that a decoder has asked for every register that an instruction names. On all
/// programs of test/sim: the registers in the text, and those that the decoder has recorded.
//
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

#include <set>

using namespace tilec::sim::ptx;

static void collect(const Operand &operand, std::set<int> &registers) {
  if (operand.kind == Operand::Kind::Register)
    registers.insert(static_cast<int>(operand.index));
  for (const Operand &part : operand.parts)
    collect(part, registers);
}

/// The instructions of a program, checked one by one; how many there were.
static size_t check(llvm::StringRef name, llvm::StringRef text) {
  Program program;
  Memory memory;
  std::vector<std::string> errors;
  program.module = llvm::cantFail(parse(name, text));
  decode(program, memory, errors);
  EXPECT_TRUE(errors.empty()) << errors.front();
  size_t count = 0;
  for (const Code &code : program.functions)
    for (size_t i = 0; i != code.ops.size(); ++i) {
      const Instruction *syntax = code.ops[i].syntax;
      if (!syntax)
        continue;
      std::set<int> named, recorded;
      // What only helps caches is not looked at, so no value of it matters: prefetches, and the policy behind an access.
      llvm::StringRef opcode = syntax->opcode;
      bool isHint = opcode.starts_with("prefetch") || opcode == "applypriority" || opcode == "discard";
      size_t read = syntax->operands.size() - llvm::is_contained(syntax->modifiers, "L2::cache_hint");
      for (const Operand &operand : llvm::ArrayRef(syntax->operands).take_front(isHint ? 0 : read))
        collect(operand, named);
      for (const Use &use : code.flows[i].uses)
        // What nobody reads has a slot behind the registers.
        if (use.slot >= 0 && use.slot < static_cast<int>(code.syntax->registers.size()))
          recorded.insert(use.slot);
      EXPECT_EQ(named, recorded) << name.str() << ":" << syntax->place.line << ": " << syntax->spelling();
      ++count;
    }
  return count;
}

TEST(PTXDataflow, EveryRegisterOfAnInstructionIsRecorded) {
  std::error_code code;
  size_t count = 0;
  for (llvm::sys::fs::recursive_directory_iterator entry(TILEC_SIM_PROGRAMS, code), end; entry != end && !code;
       entry.increment(code))
    if (llvm::StringRef(entry->path()).ends_with(".ptx")) {
      auto buffer = llvm::MemoryBuffer::getFile(entry->path());
      ASSERT_TRUE(buffer);
      count += check(entry->path(), (*buffer)->getBuffer());
    }
  EXPECT_FALSE(code) << code.message();
  EXPECT_GT(count, 1000u);
}
