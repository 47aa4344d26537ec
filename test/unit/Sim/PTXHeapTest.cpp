//===- PTXHeapTest.cpp - memory that kernels allocate -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What is said of memory that was freed, and of values that nobody gave which only go through the heap.
//
//===----------------------------------------------------------------------===//

#include "tilec/Sim/PTX/Simulator.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

/// A kernel of one thread, of two arrays of the host: `own` is memory of the heap, of 64 bytes.
static std::string reportOf(const std::string &body) {
  Device device;
  std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n"
                     ".extern .func (.param .b64 r) malloc (.param .b64 n);\n"
                     ".extern .func free (.param .b64 a);\n"
                     ".visible .entry k(.param .u64 p, .param .u64 q) {\n"
                     ".reg .b64 from, to, own;\n.reg .b32 r;\n"
                     "ld.param.b64 from, [p];\nld.param.b64 to, [q];\n"
                     "{ .param .b64 size; .param .b64 result;\nst.param.b64 [size], 64;\n"
                     "call (result), malloc, (size);\nld.param.b64 own, [result]; }\n" +
                     body + "ret;\n}\n";
  LoadedModule *module = llvm::cantFail(device.load("k.ptx", text));
  uint64_t from = llvm::cantFail(device.allocate(16)), to = llvm::cantFail(device.allocate(16));
  auto done = device.launch(*module, "k", {{1, 1, 1}, {1, 1, 1}}, LaunchArguments().add(from).add(to), LaunchOptions());
  return done ? std::string() : llvm::toString(done.takeError());
}

static std::string release(const std::string &address) {
  return "{ .param .b64 a;\nst.param.b64 [a], " + address + ";\ncall free, (a); }\n";
}

TEST(PTXHeap, WhatWasFreedIsNamed) {
  std::string report = reportOf("st.u32 [own], 1;\n" + release("own") + "ld.u32 r, [own+8];\n");
  EXPECT_NE(report.find("error: out of bounds: 4 bytes at global address"), std::string::npos) << report;
  EXPECT_NE(report.find("8 bytes after the start of an array of 64 bytes that was freed"), std::string::npos) << report;
  // One byte behind it is in nothing that ever was.
  report = reportOf(release("own") + "ld.u32 r, [own+64];\n");
  EXPECT_EQ(report.find("freed"), std::string::npos) << report;
  EXPECT_NE(report.find("error: out of bounds"), std::string::npos) << report;
}

TEST(PTXHeap, FreeTakesWhatMallocGave) {
  EXPECT_EQ(reportOf(release("own") + release("0")), "");
  std::string report = reportOf(release("own") + release("own"));
  EXPECT_NE(report.find(", which is free already"), std::string::npos) << report;
  for (const char *other : {"from", "own+8"}) {
    report = reportOf(std::string("add.u64 own, ") + (other[0] == 'f' ? "from, 0" : "own, 8") + ";\n" + release("own"));
    EXPECT_NE(report.find(", which malloc did not give"), std::string::npos) << report;
  }
}

TEST(PTXHeap, ValuesThatNobodyGaveMatterWhenTheyLeaveTheHeap) {
  // Compilers copy the padding of structures, a word of it at a time.
  const std::string copy = "ld.global.u32 r, [from];\nst.u32 [own+4], r;\n";
  EXPECT_EQ(reportOf(copy), "");
  std::string report = reportOf(copy + "ld.u32 r, [own+4];\nst.global.u32 [to], r;\n");
  EXPECT_NE(report.find("uninitialised: a value that nobody gave is stored to global memory"), std::string::npos)
      << report;
  EXPECT_NE(report.find("byte 0 of an array of 16 bytes which nobody wrote"), std::string::npos) << report;
}
