//===- Progress.h - a line on work that takes long --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_PROGRESS_H
#define TILEC_LIB_DRIVER_PROGRESS_H

#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace tilec {

/// Says on a terminal what the tool is doing once that has taken two seconds, and for how long, until it is destroyed.
/// The line goes away with it. On anything but a terminal it does nothing.
class Progress {
public:
  /// `text` is what is being done: "compiling 'matmul'".
  explicit Progress(std::string text)
      : Progress(std::move(text), llvm::errs(), llvm::errs().is_displayed(), std::chrono::seconds(2)) {}

  /// The same on any stream, after any delay, if `shown`.
  Progress(std::string text, llvm::raw_ostream &os, bool shown, std::chrono::milliseconds delay);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

private:
  void show(std::chrono::milliseconds delay);

  std::string text;
  llvm::raw_ostream &os;
  std::mutex mutex;
  std::condition_variable finished;
  bool isFinished = false;
  std::thread thread;
};

} // namespace tilec

#endif // TILEC_LIB_DRIVER_PROGRESS_H
