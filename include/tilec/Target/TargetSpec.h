//===- TargetSpec.h - what passes may know of a machine ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plain data. No pass looks a target's name up; it reads these numbers.

#ifndef TILEC_TARGET_TARGETSPEC_H
#define TILEC_TARGET_TARGETSPEC_H

#include <cstdint>
#include <string>

namespace tilec {

/// The facts of one machine that lowering and default configs depend on.
struct TargetSpec {
  /// What a user calls the machine: the `--arch` that was asked for.
  std::string arch = "x86-64-v3";
  /// Bytes in one vector register.
  int64_t vectorBytes = 32;
  /// Vector registers that a program can name.
  int64_t vectorRegisters = 16;
  /// Bytes in one core's first and second level data caches.
  int64_t l1Bytes = 32 * 1024;
  int64_t l2Bytes = 512 * 1024;

  /// Lanes of elements of `bytes` bytes in one vector register.
  int64_t lanes(int64_t bytes) const { return vectorBytes / bytes; }
};

} // namespace tilec

#endif // TILEC_TARGET_TARGETSPEC_H
