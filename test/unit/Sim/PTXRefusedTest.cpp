//===- PTXRefusedTest.cpp - errors that the documentation promises -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/tile-sim.md has a table of instructions that are refused, with the error of each: every row is loaded.

#include "InstructionRunner.h"

#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

namespace {

TEST(PTXRefused, asDocumented) {
  auto document = llvm::MemoryBuffer::getFile(TILEC_SIM_DOCUMENT);
  ASSERT_TRUE(document) << TILEC_SIM_DOCUMENT;
  auto [before, table] = (*document)->getBuffer().split("| instruction | error |\n|---|---|\n");
  const std::string registers = ".reg .b64 %rd1; .reg .b32 %r1; .reg .f32 %f1; .reg .b16 %rs1;";
  unsigned rows = 0;
  for (; table.consume_front("| `"); ++rows) {
    auto [row, rest] = table.split(" |\n");
    auto [instruction, error] = row.split("` | ");
    std::string got = loadErrorOf(instruction.str() + ";", registers);
    EXPECT_TRUE(llvm::StringRef(got).contains(("error: " + error).str())) << instruction.str() << " gives " << got;
    table = rest;
  }
  EXPECT_GE(rows, 10u);
}

} // namespace
