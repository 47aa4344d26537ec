//===- Progress.cpp - a line on work that takes long ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A thread of its own writes the line, so that the work need not know of it.

#include "Progress.h"

using namespace tilec;

/// Back to the start of the line, which is erased.
static constexpr llvm::StringLiteral kErase = "\r\033[K";

Progress::Progress(std::string text, llvm::raw_ostream &os, bool shown, std::chrono::milliseconds delay)
    : text(std::move(text)), os(os) {
  if (shown)
    thread = std::thread([this, delay] { show(delay); });
}

Progress::~Progress() {
  if (!thread.joinable())
    return;
  {
    std::lock_guard<std::mutex> lock(mutex);
    isFinished = true;
  }
  finished.notify_one();
  thread.join();
}

void Progress::show(std::chrono::milliseconds delay) {
  auto start = std::chrono::steady_clock::now();
  auto wait = delay;
  bool written = false;
  std::unique_lock<std::mutex> lock(mutex);
  while (!finished.wait_for(lock, wait, [this] { return isFinished; })) {
    auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start);
    os << kErase << text << ": " << elapsed.count() << " s";
    os.flush();
    written = true;
    wait = std::chrono::seconds(1);
  }
  if (written) {
    os << kErase;
    os.flush();
  }
}
