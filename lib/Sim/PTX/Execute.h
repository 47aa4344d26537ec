//===- Execute.h - one operation for 32 lanes -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Makes functions that execute an instruction from functions on one lane. The loops run over all lanes and keep the
/// results of active ones, so that compilers make vector code of them; a lane function must therefore not trap.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_EXECUTE_H
#define TILEC_LIB_SIM_PTX_EXECUTE_H

#include "Warp.h"

#include "llvm/ADT/bit.h"

namespace tilec::sim::ptx {

/// Integers of 128 bits are two slots, and are moved only.
template <typename T> T fromBits(uint64_t bits) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(bits);
  else if constexpr (sizeof(T) == 4)
    return llvm::bit_cast<T>(static_cast<uint32_t>(bits));
  else
    return llvm::bit_cast<T>(bits);
}

template <typename T> uint64_t toBits(T value) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<std::make_unsigned_t<T>>(value);
  else if constexpr (sizeof(T) == 4)
    return llvm::bit_cast<uint32_t>(value);
  else
    return llvm::bit_cast<uint64_t>(value);
}

/// `d = f(a)`; D and A are the types of the lanes.
template <typename D, typename A, auto f> Step unary(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  Lanes d;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    d.v[lane] = toBits<D>(f(fromBits<A>(a.v[lane])));
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// `d = f(a, b)`.
template <typename D, typename A, typename B, auto f> Step binary(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b);
  Lanes d;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    d.v[lane] = toBits<D>(f(fromBits<A>(a.v[lane]), fromBits<B>(b.v[lane])));
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// `d = f(a, b, c)`.
template <typename D, typename A, typename B, typename C, auto f> Step ternary(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &c = warp.source(op.c);
  Lanes d;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    d.v[lane] = toBits<D>(f(fromBits<A>(a.v[lane]), fromBits<B>(b.v[lane]), fromBits<C>(c.v[lane])));
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// The lanes for which `f(a, b)` holds.
template <typename T, auto f> Mask compare(const Lanes &a, const Lanes &b) {
  Mask holds = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    holds |= Mask(f(fromBits<T>(a.v[lane]), fromBits<T>(b.v[lane]))) << lane;
  return holds;
}

/// Calls `f(lane)` for the active lanes, in order, until it is false; whether it never was.
template <typename Function> bool forEachLane(Mask mask, Function f) {
  for (Mask left = mask; left; left &= left - 1)
    if (!f(static_cast<unsigned>(llvm::countr_zero(left))))
      return false;
  return true;
}

/// Whether the whole warp is at an instruction that needs it; where not, `step` says what to do.
inline bool isWhole(Warp &warp, const Op &op, Mask mask, Step &step) {
  if (!warp.converge(kAllLanes)) {
    step = Step::Blocked;
    return false;
  }
  if (mask == kAllLanes)
    return true;
  step = warp.fail(op, llvm::countr_zero(mask), "sync: a matrix instruction needs all 32 threads of the warp");
  return false;
}

/// The `Step` after something that reports its own errors.
inline Step nextIf(bool isGood) { return isGood ? Step::Next : Step::Failed; }

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_EXECUTE_H
