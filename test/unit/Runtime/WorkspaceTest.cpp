//===- WorkspaceTest.cpp - Memory for workspaces ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tilec/Runtime/KernelABI.h"

#include "gtest/gtest.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <set>
#include <sys/mman.h>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace {

constexpr int64_t KiB = 1024, MiB = 1024 * KiB;

/// Whether the page that `address` is in belongs to the process.
bool isMapped(void *address) {
  auto page = reinterpret_cast<uintptr_t>(address) & ~uintptr_t(4095);
  return msync(reinterpret_cast<void *>(page), 4096, MS_ASYNC) == 0;
}

/// Nothing that other tests left is kept.
class Workspace : public ::testing::Test {
protected:
  void SetUp() override { tilec_workspace_trim(); }
  void TearDown() override { tilec_workspace_trim(); }
};

TEST_F(Workspace, HasItsBytesAndAlignment) {
  EXPECT_EQ(tilec_workspace_alloc(0), nullptr);
  EXPECT_EQ(tilec_workspace_alloc(-1), nullptr);
  tilec_workspace_free(nullptr);
  for (int64_t size : {int64_t(1), int64_t(63), int64_t(64), 4 * KiB,
                       256 * KiB - 65, 256 * KiB - 64, 256 * KiB - 63,
                       256 * KiB, 2 * MiB - 64, 2 * MiB - 63, 5 * MiB}) {
    auto *bytes = static_cast<char *>(tilec_workspace_alloc(size));
    ASSERT_NE(bytes, nullptr) << size;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes) % TILEC_WORKSPACE_ALIGNMENT,
              0u);
    memset(bytes, 0x5a, size);
    EXPECT_EQ(bytes[size - 1], 0x5a);
    tilec_workspace_free(bytes);
  }
}

TEST_F(Workspace, IsNullWhereThereIsNoMemory) {
  EXPECT_EQ(tilec_workspace_alloc(INT64_MAX), nullptr);
  EXPECT_EQ(tilec_workspace_alloc(int64_t(1) << 60), nullptr);
}

TEST_F(Workspace, IsKeptForTheNextCall) {
  void *first = tilec_workspace_alloc(3 * MiB);
  tilec_workspace_free(first);
  EXPECT_TRUE(isMapped(first));
  // Also for one that needs less.
  void *second = tilec_workspace_alloc(1 * MiB);
  EXPECT_EQ(second, first);
  tilec_workspace_free(second);
  // One that needs more replaces it.
  auto *larger = static_cast<char *>(tilec_workspace_alloc(20 * MiB));
  memset(larger, 1, 20 * MiB);
  tilec_workspace_free(larger);
  void *again = tilec_workspace_alloc(20 * MiB);
  EXPECT_EQ(again, larger);
  tilec_workspace_free(again);
  EXPECT_TRUE(isMapped(again));
  tilec_workspace_trim();
  EXPECT_FALSE(isMapped(again));
}

TEST_F(Workspace, IsNotKeptIfItIsHuge) {
  void *small = tilec_workspace_alloc(3 * MiB);
  tilec_workspace_free(small);
  void *workspace = tilec_workspace_alloc(129 * MiB);
  // It takes nobody's place.
  EXPECT_TRUE(isMapped(small));
  ASSERT_NE(workspace, nullptr);
  EXPECT_TRUE(isMapped(workspace));
  tilec_workspace_free(workspace);
  EXPECT_FALSE(isMapped(workspace));
}

TEST_F(Workspace, SeveralAreKept) {
  std::set<void *> all;
  std::vector<void *> some;
  for (int call = 0; call < 6; ++call) {
    some.push_back(tilec_workspace_alloc(1 * MiB));
    all.insert(some.back());
  }
  EXPECT_EQ(all.size(), 6u);
  for (void *workspace : some)
    tilec_workspace_free(workspace);
  int kept = 0;
  for (void *workspace : some)
    kept += isMapped(workspace);
  EXPECT_EQ(kept, 4);
  for (int call = 0; call < 4; ++call)
    EXPECT_TRUE(all.erase(tilec_workspace_alloc(1 * MiB)));
  for (void *workspace : some)
    if (!all.count(workspace))
      tilec_workspace_free(workspace);
}

/// Four kept blocks, a limit of the address space that has no room beside them,
/// and a block that needs theirs.
void allocateWithinLimit() {
  void *some[4];
  for (void *&workspace : some)
    workspace = tilec_workspace_alloc(100 * MiB);
  for (void *workspace : some)
    tilec_workspace_free(workspace);
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlim_t limit = pages * 4096 + 20 * MiB;
  rlimit limits{limit, limit};
  bool isLimited = pages && !setrlimit(RLIMIT_AS, &limits);
  std::_Exit(isLimited && tilec_workspace_alloc(300 * MiB) ? 0 : 1);
}

TEST_F(Workspace, WhatIsKeptMakesRoom) {
  EXPECT_EXIT(allocateWithinLimit(), testing::ExitedWithCode(0), "");
}

TEST_F(Workspace, BelongsToOneCallAtATime) {
  auto work = [](unsigned seed, bool &isIntact) {
    std::minstd_rand random(seed);
    isIntact = true;
    for (int call = 0; call < 100; ++call) {
      auto size = static_cast<int64_t>(random() % (3 * MiB) + 1);
      auto *bytes = static_cast<unsigned char *>(tilec_workspace_alloc(size));
      auto mark = static_cast<unsigned char>(seed);
      int64_t step = size / 64 + 1;
      for (int64_t at = 0; at < size; at += step)
        bytes[at] = mark;
      std::this_thread::yield();
      for (int64_t at = 0; at < size; at += step)
        isIntact &= bytes[at] == mark;
      tilec_workspace_free(bytes);
    }
  };
  constexpr unsigned count = 8;
  bool isIntact[count];
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < count; ++number)
    threads.emplace_back(work, number + 1, std::ref(isIntact[number]));
  for (std::thread &thread : threads)
    thread.join();
  for (unsigned number = 0; number < count; ++number)
    EXPECT_TRUE(isIntact[number]) << number;
}

} // namespace
