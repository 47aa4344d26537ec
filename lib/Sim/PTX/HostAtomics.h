//===- HostAtomics.h - memory that host threads share -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Strong accesses of blocks that run on several threads of the host are the host's atomic accesses, in the same order;
/// fences are its fences. The C++ model is the stricter one, so that what the PTX model (section 8 of the manual)
/// guarantees to a kernel without races holds. Weak accesses are plain: a race of the kernel is one of the host, and
/// gives one of the values that were there, byte by byte.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_HOSTATOMICS_H
#define TILEC_LIB_SIM_PTX_HOSTATOMICS_H

#include "Access.h"

#include <atomic>
#include <cstring>

namespace tilec::sim::ptx {

/// Calls `f` with an atomic reference to the 1, 2, 4 or 8 bytes at a place that is aligned to their size.
template <typename Function> auto withAtomic(char *at, unsigned bytes, Function f) {
  switch (bytes) {
  case 1:
    return f(std::atomic_ref(*reinterpret_cast<uint8_t *>(at)));
  case 2:
    return f(std::atomic_ref(*reinterpret_cast<uint16_t *>(at)));
  case 4:
    return f(std::atomic_ref(*reinterpret_cast<uint32_t *>(at)));
  default:
    return f(std::atomic_ref(*reinterpret_cast<uint64_t *>(at)));
  }
}

inline uint64_t loadAtomic(const char *at, unsigned bytes, Order order) {
  return withAtomic(const_cast<char *>(at), bytes, [&](auto value) -> uint64_t {
    return value.load(isAcquire(order) ? std::memory_order_acquire : std::memory_order_relaxed);
  });
}

inline void storeAtomic(char *at, unsigned bytes, Order order, uint64_t bits) {
  withAtomic(at, bytes, [&](auto value) {
    value.store(static_cast<typename decltype(value)::value_type>(bits),
                isRelease(order) ? std::memory_order_release : std::memory_order_relaxed);
  });
}

/// Replaces the bytes by `next(old)`, at once; what was there before.
template <typename Function> uint64_t updateAtomic(char *at, unsigned bytes, Function next) {
  return withAtomic(at, bytes, [&](auto value) -> uint64_t {
    using T = typename decltype(value)::value_type;
    T old = value.load(std::memory_order_relaxed);
    // Acquires and releases whatever the instruction asks for: the hosts that there are give no less.
    while (!value.compare_exchange_weak(old, static_cast<T>(next(old)), std::memory_order_acq_rel,
                                        std::memory_order_acquire))
      ;
    return old;
  });
}

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_HOSTATOMICS_H
