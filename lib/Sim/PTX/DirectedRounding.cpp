//===- DirectedRounding.cpp - arithmetic in .rz, .rm and .rp ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's APFloat rounds in any direction; it knows no square root, which is corrected from the one of f64 or of the C
// library by comparing squares exactly.

#include "DirectedRounding.h"
#include "FloatSteps.h"

#include "llvm/ADT/APFloat.h"

#include <cmath>

using namespace tilec::sim::ptx;
using llvm::APFloat;

static APFloat make(float value) { return APFloat(value); }
static APFloat make(double value) { return APFloat(value); }
static float get(const APFloat &value, float) { return value.convertToFloat(); }
static double get(const APFloat &value, double) { return value.convertToDouble(); }

/// The root in a direction: the neighbour of the nearest one whose square is on the right side of `x`.
template <typename T> static T rootOf(T x, APFloat::roundingMode mode) {
  using Limits = std::numeric_limits<T>;
  // What is so small that the error below would be a subnormal is scaled, by an even power of two.
  constexpr int scale = 2 * Limits::digits;
  if (x > 0 && x < std::ldexp(T(1), Limits::min_exponent + scale))
    return std::ldexp(rootOf(std::ldexp(x, 2 * scale), mode), -scale);
  T root = std::sqrt(x);
  if (!(x > 0) || std::isinf(x))
    return root;
  // root * root - x, exactly, by its sign.
  T error = std::fma(root, root, -x);
  if (mode == APFloat::rmTowardPositive && error < 0)
    return std::nextafter(root, static_cast<T>(INFINITY));
  if (mode != APFloat::rmTowardPositive && error > 0)
    return std::nextafter(root, static_cast<T>(0));
  return root;
}

template <typename T, DirectedOperation operation> static T compute(T a, T b, T c, APFloat::roundingMode mode) {
  if constexpr (operation == DirectedOperation::Sqrt)
    return rootOf(a, mode);
  APFloat result = make(a);
  switch (operation) {
  case DirectedOperation::Add:
    result.add(make(b), mode);
    break;
  case DirectedOperation::Sub:
    result.subtract(make(b), mode);
    break;
  case DirectedOperation::Mul:
    result.multiply(make(b), mode);
    break;
  case DirectedOperation::Div:
    result.divide(make(b), mode);
    break;
  case DirectedOperation::Fma:
    result.fusedMultiplyAdd(make(b), make(c), mode);
    break;
  case DirectedOperation::Rcp:
    result = make(T(1));
    result.divide(make(a), mode);
    break;
  case DirectedOperation::Sqrt:
    break;
  }
  return get(result, T());
}

static constexpr float kScale = 0x1p64f;

/// The same, times kScale, for results around the least normal number: it is rounded as if there were smaller
/// exponents.
template <typename T, DirectedOperation operation> static T computeScaled(T a, T b, T c, APFloat::roundingMode mode) {
  if constexpr (operation == DirectedOperation::Rcp)
    return compute<T, operation>(a / kScale, b, c, mode);
  constexpr bool isSum = operation == DirectedOperation::Add || operation == DirectedOperation::Sub;
  return compute<T, operation>(a * kScale, isSum ? b * kScale : b, c * kScale, mode);
}

/// The NaN of f64; operands that an operation does not have are `a`.
template <DirectedOperation operation> static double nanOfOperands(double a, double b, double c) {
  return operation == DirectedOperation::Div ? nanOf(a, b) : nanOf(b, a, c);
}

template <typename T, DirectedOperation operation, APFloat::roundingMode mode>
static Step step(Warp &warp, const Op &op, Mask mask) {
  constexpr unsigned arity = operation == DirectedOperation::Fma                                           ? 3
                             : operation == DirectedOperation::Sqrt || operation == DirectedOperation::Rcp ? 1
                                                                                                           : 2;
  const Lanes &a = warp.source(op.a), &b = arity > 1 ? warp.source(op.b) : a, &c = arity > 2 ? warp.source(op.c) : a;
  constexpr T kLeastNormal = std::numeric_limits<T>::min();
  Lanes d;
  forEachLane(mask, [&](unsigned lane) {
    auto read = [&](const Lanes &lanes) {
      T value = fromBits<T>(lanes.v[lane]);
      return op.flags & 1 && std::fabs(value) < kLeastNormal ? std::copysign(T(0), value) : value;
    };
    T result = compute<T, operation>(read(a), read(b), read(c), mode);
    if (result != result) {
      if constexpr (sizeof(T) == 4)
        result = canonical(result);
      else
        result = nanOfOperands<operation>(read(a), read(b), read(c));
    }
    if (op.flags & 1 && std::fabs(result) <= kLeastNormal &&
        std::fabs(computeScaled<T, operation>(read(a), read(b), read(c), mode)) < kLeastNormal * kScale)
      result = std::copysign(T(0), result);
    if (op.flags & 2)
      result = result > 0 ? std::min(result, T(1)) : T(0);
    d.v[lane] = toBits<T>(result);
    return true;
  });
  warp.set(op.d, d, mask);
  return Step::Next;
}

template <typename T, DirectedOperation operation> static Execute withMode(int rounding) {
  return rounding == 1   ? step<T, operation, APFloat::rmTowardZero>
         : rounding == 2 ? step<T, operation, APFloat::rmTowardNegative>
                         : step<T, operation, APFloat::rmTowardPositive>;
}

template <typename T> static Execute choose(DirectedOperation operation, int rounding) {
  switch (operation) {
  case DirectedOperation::Add:
    return withMode<T, DirectedOperation::Add>(rounding);
  case DirectedOperation::Sub:
    return withMode<T, DirectedOperation::Sub>(rounding);
  case DirectedOperation::Mul:
    return withMode<T, DirectedOperation::Mul>(rounding);
  case DirectedOperation::Div:
    return withMode<T, DirectedOperation::Div>(rounding);
  case DirectedOperation::Fma:
    return withMode<T, DirectedOperation::Fma>(rounding);
  case DirectedOperation::Sqrt:
    return withMode<T, DirectedOperation::Sqrt>(rounding);
  case DirectedOperation::Rcp:
    return withMode<T, DirectedOperation::Rcp>(rounding);
  }
  llvm_unreachable("all operations are there");
}

Execute tilec::sim::ptx::directed(DirectedOperation operation, Type type, int rounding) {
  if (type == Type::F32)
    return choose<float>(operation, rounding);
  return type == Type::F64 ? choose<double>(operation, rounding) : nullptr;
}
