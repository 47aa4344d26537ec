//===- PTXCAPITest.cpp - the C API where it is used wrongly -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A wrong call fails with a sentence, and leaves the device as it was: the next right one works.
//
//===----------------------------------------------------------------------===//

#include "tilec-c/ptx-sim.h"

#include "gtest/gtest.h"

#include <string>
#include <thread>

namespace {

/// y[i] = start + i, and the number of the thread goes to a variable of the module as well.
constexpr const char *kText = ".version 8.0\n.target sm_80\n.address_size 64\n.global .u32 last;\n"
                              ".visible .entry count(.param .u64 Y, .param .u32 start) {\n"
                              "  .reg .b64 %d<4>;\n  .reg .b32 %r<4>;\n"
                              "  ld.param.u64 %d1, [Y];\n  ld.param.u32 %r1, [start];\n  mov.u32 %r2, %tid.x;\n"
                              "  mul.wide.u32 %d2, %r2, 4;\n  add.u64 %d3, %d1, %d2;\n  add.u32 %r3, %r1, %r2;\n"
                              "  st.global.u32 [%d3], %r3;\n  atom.global.max.u32 %r1, [last], %r2;\n  ret;\n}\n";

class PTXCAPI : public testing::Test {
protected:
  void SetUp() override {
    device = tilec_sim_create();
    module = tilec_sim_load(device, "k.ptx", kText);
    ASSERT_NE(module, nullptr) << message();
    ASSERT_EQ(tilec_sim_allocate(device, 128, &y), 0);
    launch.block[0] = 32;
  }
  void TearDown() override { tilec_sim_destroy(device); }
  std::string message() const { return tilec_sim_message(device); }
  int run(TilecSimDevice *on) {
    TilecSimArgument arguments[] = {{&y, sizeof y}, {&start, sizeof start}};
    return tilec_sim_launch(on, module, "count", arguments, 2, &launch);
  }
  void expectRuns() {
    ASSERT_EQ(run(device), 0) << message();
    uint32_t values[32];
    ASSERT_EQ(tilec_sim_read(device, y, values, sizeof values), 0);
    for (uint32_t i = 0; i != 32; ++i)
      EXPECT_EQ(values[i], start + i);
  }

  TilecSimDevice *device = nullptr;
  TilecSimModule *module = nullptr;
  uint64_t y = 0;
  uint32_t start = 5;
  TilecSimLaunch launch = {};
};

} // namespace

TEST_F(PTXCAPI, nullIsAFailure) {
  uint64_t at = 0, bytes = 0;
  TilecSimArgument arguments[] = {{&y, sizeof y}, {nullptr, sizeof start}};
  EXPECT_EQ(tilec_sim_load(device, nullptr, kText), nullptr);
  EXPECT_EQ(message(), "the name of the module is NULL");
  EXPECT_EQ(tilec_sim_load(device, "k.ptx", nullptr), nullptr);
  EXPECT_EQ(message(), "the text of the module is NULL");
  EXPECT_EQ(tilec_sim_find_variable(device, nullptr, "last", &at, &bytes), 1);
  EXPECT_EQ(message(), "the module is NULL");
  EXPECT_EQ(tilec_sim_find_variable(device, module, "last", nullptr, &bytes), 1);
  EXPECT_EQ(message(), "the address is NULL");
  EXPECT_EQ(tilec_sim_allocate(device, 16, nullptr), 1);
  EXPECT_EQ(tilec_sim_write(device, y, nullptr, 4), 1);
  EXPECT_EQ(message(), "the data is NULL");
  EXPECT_EQ(tilec_sim_write(device, y, nullptr, 0), 0);
  EXPECT_EQ(tilec_sim_read(device, y, nullptr, 4), 1);
  EXPECT_EQ(tilec_sim_launch(device, nullptr, "count", arguments, 2, &launch), 1);
  EXPECT_EQ(message(), "the module is NULL");
  EXPECT_EQ(tilec_sim_launch(device, module, nullptr, arguments, 2, &launch), 1);
  EXPECT_EQ(message(), "the name of the kernel is NULL");
  EXPECT_EQ(tilec_sim_launch(device, module, "count", nullptr, 2, &launch), 1);
  EXPECT_EQ(message(), "the list of arguments is NULL");
  EXPECT_EQ(tilec_sim_launch(device, module, "count", arguments, 2, &launch), 1);
  EXPECT_EQ(message(), "the data of an argument is NULL");
  EXPECT_EQ(tilec_sim_launch(device, module, "count", arguments, 2, nullptr), 1);
  EXPECT_EQ(message(), "the launch is NULL");
  expectRuns();
}

TEST_F(PTXCAPI, withoutADeviceEverythingFails) {
  uint64_t at = 0;
  EXPECT_EQ(tilec_sim_load(nullptr, "k.ptx", kText), nullptr);
  EXPECT_EQ(tilec_sim_allocate(nullptr, 16, &at), 1);
  EXPECT_EQ(tilec_sim_release(nullptr, at), 1);
  EXPECT_EQ(tilec_sim_fill(nullptr, at, 0, 16), 1);
  EXPECT_EQ(run(nullptr), 1);
  EXPECT_STREQ(tilec_sim_message(nullptr), "there is no device");
  EXPECT_EQ(tilec_sim_counters(nullptr), nullptr);
  tilec_sim_destroy(nullptr);
}

TEST_F(PTXCAPI, aModuleIsOfItsDevice) {
  TilecSimDevice *other = tilec_sim_create();
  EXPECT_EQ(run(other), 1);
  EXPECT_STREQ(tilec_sim_message(other), "the module is loaded into another device");
  tilec_sim_destroy(other);
  expectRuns();
}

TEST_F(PTXCAPI, memoryIsReleasedOnceByWhoHasIt) {
  uint64_t last = 0, bytes = 0, twice = 0;
  ASSERT_EQ(tilec_sim_find_variable(device, module, "last", &last, &bytes), 0);
  EXPECT_EQ(tilec_sim_release(device, last), 1);
  EXPECT_NE(message().find("'last' at 0x"), std::string::npos) << message();
  ASSERT_EQ(tilec_sim_allocate(device, 16, &twice), 0);
  EXPECT_EQ(tilec_sim_release(device, twice + 4), 1);
  EXPECT_EQ(tilec_sim_release(device, twice), 0);
  EXPECT_EQ(tilec_sim_release(device, twice), 1);
  EXPECT_EQ(tilec_sim_release(device, 0), 1);
  EXPECT_EQ(tilec_sim_allocate(device, UINT64_MAX, &twice), 1);
  expectRuns();
}

TEST_F(PTXCAPI, aLaunchThatFailsHarmsNoOther) {
  ASSERT_EQ(tilec_sim_release(device, y), 0);
  launch.counters = 1;
  EXPECT_EQ(run(device), 1);
  EXPECT_NE(message().find("out of bounds"), std::string::npos) << message();
  EXPECT_EQ(tilec_sim_counters(device), nullptr);
  const std::string before = message();
  ASSERT_EQ(tilec_sim_allocate(device, 128, &y), 0);
  expectRuns();
  EXPECT_NE(tilec_sim_counters(device), nullptr);
  // It is that of the last failure.
  EXPECT_EQ(message(), before);
}

TEST_F(PTXCAPI, devicesShareNothing) {
  auto work = [](uint32_t start, bool &isGood) {
    TilecSimDevice *device = tilec_sim_create();
    TilecSimModule *module = tilec_sim_load(device, "k.ptx", kText);
    uint64_t y = 0;
    uint32_t values[32];
    isGood = module && !tilec_sim_allocate(device, sizeof values, &y);
    for (uint32_t round = 0; isGood && round != 20; ++round) {
      uint32_t from = start + round;
      TilecSimArgument arguments[] = {{&y, sizeof y}, {&from, sizeof from}};
      TilecSimLaunch launch = {};
      launch.block[0] = 32;
      launch.seed = round;
      isGood = !tilec_sim_launch(device, module, "count", arguments, 2, &launch) &&
               !tilec_sim_read(device, y, values, sizeof values);
      for (uint32_t i = 0; i != 32; ++i)
        isGood &= values[i] == from + i;
    }
    tilec_sim_destroy(device);
  };
  bool isGood[2];
  std::thread one(work, 0, std::ref(isGood[0])), two(work, 1000, std::ref(isGood[1]));
  one.join();
  two.join();
  EXPECT_TRUE(isGood[0]);
  EXPECT_TRUE(isGood[1]);
}
