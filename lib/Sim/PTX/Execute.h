//===- Execute.h - one operation for 32 lanes -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Makes functions that execute an instruction from functions on one lane. The loops run over all lanes and keep the
/// results of active ones, so that compilers make vector code of them, for each of the host's vector instructions; a
/// lane function must therefore not trap.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_EXECUTE_H
#define TILEC_LIB_SIM_PTX_EXECUTE_H

#include "Warp.h"

#include "llvm/ADT/bit.h"

#include <cstring>

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

//===----------------------------------------------------------------------===//
// vector instructions of the host
//===----------------------------------------------------------------------===//

// A body is compiled once for each level of HostVectors, and the launch says which one runs. Only these wrappers have
// the attribute: files compiled for other machines would leave copies of inline functions that the linker may choose
// for everybody. What a body calls must be inlined into it, or runs as the baseline has it.
#if defined(__x86_64__) && defined(__clang__)
#define TILEC_HAS_HOST_VECTORS
#define TILEC_TARGET_AVX2 "avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"

template <Execute body> [[gnu::target(TILEC_TARGET_AVX2)]] Step onAVX2(Warp &warp, const Op &op, Mask mask) {
  return body(warp, op, mask);
}

template <Execute body>
[[gnu::target(TILEC_TARGET_AVX2 ",avx512f,avx512cd,avx512bw,avx512dq,avx512vl")]] Step
onAVX512(Warp &warp, const Op &op, Mask mask) {
  return body(warp, op, mask);
}
#endif

/// Executes an instruction with the vector instructions that the launch uses. `body` is an Execute that is always
/// inlined.
template <Execute body> Step vectorised(Warp &warp, const Op &op, Mask mask) {
#ifdef TILEC_HAS_HOST_VECTORS
  switch (warp.getVectors()) {
  case HostVectors::AVX512:
    return onAVX512<body>(warp, op, mask);
  case HostVectors::AVX2:
    return onAVX2<body>(warp, op, mask);
  case HostVectors::Baseline:
    break;
  }
#endif
  return body(warp, op, mask);
}

/// Writes `f(lane)` to the active lanes of a register. It is called for all lanes, each on its own: it may read its
/// lane of any register, the written one, too.
template <typename Function>
[[gnu::always_inline]] inline void setEachLane(Warp &warp, Slot slot, Mask mask, Function f) {
  Lanes &into = warp.reg(slot);
  // Registers overlap as a whole or not at all.
#pragma clang loop vectorize(assume_safety)
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    uint64_t value = f(lane);
    into.v[lane] = mask >> lane & 1 ? value : into.v[lane];
  }
}

/// The lanes for which `f(lane)` holds.
template <typename Function> [[gnu::always_inline]] inline Mask lanesWhere(Function f) {
  alignas(kLanes) int8_t holds[kLanes];
  for (unsigned lane = 0; lane != kLanes; ++lane)
    holds[lane] = f(lane);
  Mask lanes = 0;
#ifdef __clang__
  // One instruction, which the loop below does not become.
  using Bytes = int8_t __attribute__((ext_vector_type(kLanes)));
  using Bits = bool __attribute__((ext_vector_type(kLanes)));
  Bytes bytes;
  std::memcpy(&bytes, holds, sizeof holds);
  Bits bits = __builtin_convertvector(bytes, Bits);
  std::memcpy(&lanes, &bits, sizeof lanes);
#else
  for (unsigned lane = 0; lane != kLanes; ++lane)
    lanes |= Mask(holds[lane]) << lane;
#endif
  return lanes;
}

//===----------------------------------------------------------------------===//
// operations
//===----------------------------------------------------------------------===//

template <typename D, typename A, auto f>
[[gnu::always_inline]] inline Step unaryLanes(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  setEachLane(warp, op.d, mask, [&](unsigned lane) { return toBits<D>(f(fromBits<A>(a.v[lane]))); });
  return Step::Next;
}

/// `d = f(a)`; D and A are the types of the lanes.
template <typename D, typename A, auto f> Step unary(Warp &warp, const Op &op, Mask mask) {
  return vectorised<unaryLanes<D, A, f>>(warp, op, mask);
}

template <typename D, typename A, typename B, auto f>
[[gnu::always_inline]] inline Step binaryLanes(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b);
  setEachLane(warp, op.d, mask,
              [&](unsigned lane) { return toBits<D>(f(fromBits<A>(a.v[lane]), fromBits<B>(b.v[lane]))); });
  return Step::Next;
}

/// `d = f(a, b)`.
template <typename D, typename A, typename B, auto f> Step binary(Warp &warp, const Op &op, Mask mask) {
  return vectorised<binaryLanes<D, A, B, f>>(warp, op, mask);
}

template <typename D, typename A, typename B, typename C, auto f>
[[gnu::always_inline]] inline Step ternaryLanes(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &c = warp.source(op.c);
  setEachLane(warp, op.d, mask, [&](unsigned lane) {
    return toBits<D>(f(fromBits<A>(a.v[lane]), fromBits<B>(b.v[lane]), fromBits<C>(c.v[lane])));
  });
  return Step::Next;
}

/// `d = f(a, b, c)`.
template <typename D, typename A, typename B, typename C, auto f> Step ternary(Warp &warp, const Op &op, Mask mask) {
  return vectorised<ternaryLanes<D, A, B, C, f>>(warp, op, mask);
}

/// The lanes for which `f(a, b)` holds.
template <typename T, auto f> [[gnu::always_inline]] inline Mask compare(const Lanes &a, const Lanes &b) {
  return lanesWhere([&](unsigned lane) { return f(fromBits<T>(a.v[lane]), fromBits<T>(b.v[lane])); });
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
