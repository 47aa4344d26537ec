//===- PTXInitTest.cpp - values that nobody gave, by the library -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Sim/PTX/Simulator.h"

#include "DefinedBits.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

/// Copies a word a thread.
static constexpr const char *kCopy = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry copy(.param .u64 to, .param .u64 from) {
  .reg .b32 %r<3>;
  .reg .b64 %d<6>;
  ld.param.u64 %d1, [to];
  ld.param.u64 %d2, [from];
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %d3, %r1, 4;
  add.s64 %d4, %d1, %d3;
  add.s64 %d5, %d2, %d3;
  ld.global.u32 %r2, [%d5];
  st.global.u32 [%d4], %r2;
  ret;
}
)";

namespace {
class PTXInit : public testing::Test {
protected:
  void SetUp() override {
    module = llvm::cantFail(device.load("copy.ptx", kCopy));
    from = llvm::cantFail(device.allocate(128));
    to = llvm::cantFail(device.allocate(128));
  }
  /// The report of a launch; empty where there is none.
  std::string copy(unsigned threads, Checks checks = Checks()) {
    LaunchOptions options;
    options.checks = checks;
    auto done =
        device.launch(*module, "copy", {{1, 1, 1}, {threads, 1, 1}}, LaunchArguments().add(to).add(from), options);
    return done ? std::string() : llvm::toString(done.takeError());
  }

  Device device;
  LoadedModule *module = nullptr;
  uint64_t from = 0, to = 0;
};
} // namespace

TEST_F(PTXInit, MemoryHasNoValueUntilItIsWritten) {
  std::string report = copy(32);
  EXPECT_NE(report.find("error: uninitialised: a value that nobody gave is stored to global memory"), std::string::npos)
      << report;
  EXPECT_NE(report.find("byte 0 of an array of 128 bytes which nobody wrote"), std::string::npos) << report;
}

TEST_F(PTXInit, WhatIsWrittenHasAValue) {
  std::vector<char> data(128);
  llvm::cantFail(device.write(from, data.data(), 100));
  EXPECT_EQ(copy(25), "");
  std::string report = copy(26);
  EXPECT_NE(report.find("thread (25, 0, 0)"), std::string::npos) << report;
  EXPECT_NE(report.find("byte 100 of"), std::string::npos) << report;
  llvm::cantFail(device.fill(from + 100, 1, 28));
  EXPECT_EQ(copy(32), "");
}

TEST_F(PTXInit, AKernelGivesValues) {
  std::vector<char> data(64);
  llvm::cantFail(device.write(from, data.data(), 64));
  EXPECT_EQ(copy(16), "");
  std::swap(from, to);
  EXPECT_EQ(copy(16), "");
  EXPECT_NE(copy(17), "");
}

TEST_F(PTXInit, WhatAnUncheckedLaunchWroteIsNotKnown) {
  EXPECT_EQ(copy(32, Checks::none()), "");
  EXPECT_EQ(copy(32), "");
}

TEST(PTXDefinedBits, AreKeptByBit) {
  DefinedBits bits(16);
  char read[16];
  EXPECT_FALSE(bits.areDefined(0, 1));
  EXPECT_TRUE(bits.areDefined(3, 0));
  bits.define(4, 4);
  EXPECT_TRUE(bits.areDefined(4, 4));
  EXPECT_FALSE(bits.areDefined(4, 5));
  EXPECT_FALSE(bits.areDefined(3, 2));
  char low[] = {0x0f};
  bits.write(8, 1, low);
  EXPECT_FALSE(bits.areDefined(8, 1));
  bits.read(7, 3, read);
  EXPECT_EQ(std::string(read, 3), std::string("\xff\x0f\0", 3));
  bits.define(0, 16);
  EXPECT_TRUE(bits.areDefined(0, 16));
  bits.undefine(15, 1);
  EXPECT_TRUE(bits.areDefined(0, 15));
  EXPECT_FALSE(bits.areDefined(15, 1));
}
