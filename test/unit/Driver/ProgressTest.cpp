//===- ProgressTest.cpp - the line on work that takes long ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Progress.h"

#include "gtest/gtest.h"

#include <atomic>

using namespace tilec;

namespace {
/// A stream that says when something was written.
class Watched : public llvm::raw_ostream {
public:
  Watched() : raw_ostream(/*unbuffered=*/true) {}

  std::string text;
  std::atomic<bool> isWritten = false;

private:
  void write_impl(const char *data, size_t size) override {
    text.append(data, size);
    isWritten = true;
  }
  uint64_t current_pos() const override { return text.size(); }
};
} // namespace

TEST(Progress, SaysWhatAndGoesAway) {
  Watched os;
  {
    Progress progress("working", os, /*shown=*/true, std::chrono::milliseconds(0));
    while (!os.isWritten)
      std::this_thread::yield();
  }
  EXPECT_NE(os.text.find("working: 0 s"), std::string::npos);
  EXPECT_TRUE(llvm::StringRef(os.text).ends_with("\r\033[K"));
}

TEST(Progress, SaysNothingOfShortWork) {
  Watched os;
  {
    Progress progress("working", os, /*shown=*/true, std::chrono::hours(1));
  }
  EXPECT_EQ(os.text, "");
}

TEST(Progress, SaysNothingWhereItIsNotShown) {
  Watched os;
  {
    Progress progress("working", os, /*shown=*/false, std::chrono::milliseconds(0));
  }
  EXPECT_EQ(os.text, "");
}
