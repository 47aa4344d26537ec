//===- CacheKeyTest.cpp - what makes another entry of the cache -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Facts of a machine that no option changes; test_compile_cache.py has the options.

#include "CacheKey.h"

#include "gtest/gtest.h"

#include <set>

using namespace tilec;

TEST(CacheKey, cacheSizesAreInIt) {
  CompileOptions options;
  options.arch = "x86-64-v3";
  TargetSpec spec;
  auto key = [&](const TargetSpec &of) {
    return cacheKey(options, {options.arch, options.optLevel}, of, "tile", "module {}");
  };
  std::optional<std::string> first = key(spec);
  ASSERT_TRUE(first);
  EXPECT_EQ(first, key(spec));

  std::set<std::string> keys = {*first};
  TargetSpec larger = spec;
  larger.l1Bytes *= 2;
  keys.insert(*key(larger));
  larger = spec;
  larger.l2Bytes *= 2;
  keys.insert(*key(larger));
  // The digits of one size are not those of the other.
  larger.l1Bytes = spec.l2Bytes;
  larger.l2Bytes = spec.l1Bytes;
  keys.insert(*key(larger));
  EXPECT_EQ(keys.size(), 4u);
}

TEST(CacheKey, moduleAndPhaseAreInIt) {
  CompileOptions options;
  TargetSpec spec;
  std::set<std::string> keys;
  for (const char *phase : {"tile", "configured"})
    for (const char *module : {"module {}", "module { }"})
      keys.insert(*cacheKey(options, {options.arch, options.optLevel}, spec, phase, module));
  EXPECT_EQ(keys.size(), 4u);
}
