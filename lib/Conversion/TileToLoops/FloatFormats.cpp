//===- FloatFormats.cpp - floats narrower than 32 bits, inline ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversions between f32 and f16, bf16 and f8 as integer code, where no instruction does it: round to nearest even,
// subnormals exact, NaN stays NaN, f8 saturates. f16 uses the processor's conversions, which every machine that we
// compile for has.

#include "Elements.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

bool loops::isNarrowFloat(Type element) { return isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32; }

Type loops::carrierType(Type element) {
  if (isNarrowFloat(element))
    return Float32Type::get(element.getContext());
  if (element.isIndex())
    return IntegerType::get(element.getContext(), 64);
  return element;
}

Type loops::scratchType(Type element) {
  Type carrier = carrierType(element);
  return carrier.isInteger(1) ? IntegerType::get(element.getContext(), 8) : carrier;
}

Type loops::storageType(Type element) {
  if (element.isInteger(1))
    return IntegerType::get(element.getContext(), 8);
  if (isNarrowFloat(element) && !element.isF16())
    return IntegerType::get(element.getContext(), element.getIntOrFloatBitWidth());
  return element;
}

/// The numbers that describe an f8 format.
namespace {
struct ByteFormat {
  int64_t mantissaBits;
  int64_t bias;
  double largest;
  int64_t nan;
  /// 0 in a format without.
  int64_t infinity;
};
} // namespace

static ByteFormat byteFormat(Type element) {
  if (isa<Float8E5M2Type>(element))
    return {2, 15, 57344.0, 0x7f, 0x7c};
  return {3, 7, 448.0, 0x7f, 0};
}

/// The bits of an f8, in the low byte of i32. What lies beyond the largest number becomes that, and so does infinity,
/// unless it is a number of the format that is only stored again.
static Value encodeByte(Code &c, Value x, ByteFormat format, bool keepsInfinity) {
  Type floats = x.getType(), ints = Code::withElement(floats, c.i32());
  Value bits = c.bitcast(x, c.i32());
  Value sign = c.andConst(c.lshr(bits, 24), 0x80);
  Value magnitude = c.bitcast(c.andConst(bits, 0x7fffffff), c.f32());
  Value clamped = c.op<arith::MinNumFOp>(magnitude, c.floatLike(floats, format.largest));
  // Normal results: round the mantissa's lower bits away, then change the bias.
  int64_t drop = 23 - format.mantissaBits;
  Value b = c.bitcast(clamped, c.i32());
  Value lowest = c.andConst(c.lshr(b, drop), 1);
  Value rounded = c.lshr(c.add(c.addConst(b, (1 << (drop - 1)) - 1), lowest), drop);
  Value normal = c.addConst(rounded, -((127 - format.bias) << format.mantissaBits));
  // Subnormal ones: a multiple of the smallest number; adding 1.5 * 2^23 rounds it to an integer.
  double scale = std::ldexp(1.0, static_cast<int>(format.bias - 1 + format.mantissaBits));
  double magic = 12582912.0;
  Value scaled = arith::MulFOp::create(c.b, c.loc, clamped, c.floatLike(floats, scale));
  Value shifted = arith::AddFOp::create(c.b, c.loc, scaled, c.floatLike(floats, magic));
  Value tiny = c.andConst(c.bitcast(shifted, c.i32()), 0xff);
  double smallest = std::ldexp(1.0, static_cast<int>(1 - format.bias));
  Value isTiny = c.cmpF(CmpFPredicate::OLT, clamped, c.floatLike(floats, smallest));
  Value code = c.select(isTiny, tiny, normal);
  if (keepsInfinity) {
    double infinity = std::numeric_limits<double>::infinity();
    Value isInfinite = c.cmpF(CmpFPredicate::OEQ, magnitude, c.floatLike(floats, infinity));
    code = c.select(isInfinite, c.intLike(ints, format.infinity), code);
  }
  Value isNaN = c.cmpF(CmpFPredicate::UNO, x, x);
  return c.bitOr(c.select(isNaN, c.intLike(ints, format.nan), code), sign);
}

static Value decodeByte(Code &c, Value bits, Type element) {
  Type ints = Code::withElement(bits.getType(), c.i32()), floats = Code::withElement(bits.getType(), c.f32());
  Value wide = c.resize(bits, c.i32(), true);
  ByteFormat format = byteFormat(element);
  Value sign = c.shl(c.andConst(wide, 0x80), 24);
  Value rest = c.andConst(wide, 0x7f);
  // The exponent field lands in f32's; one exact product corrects the bias, for subnormals too.
  Value raw = c.bitcast(c.shl(rest, 23 - format.mantissaBits), c.f32());
  Value scale = c.floatLike(floats, std::ldexp(1.0, static_cast<int>(127 - format.bias)));
  Value value = c.bitcast(arith::MulFOp::create(c.b, c.loc, raw, scale), c.i32());
  // E5M2 has infinity at 0x7c and NaN above, E4M3FN only NaN at 0x7f.
  bool hasInfinity = format.infinity != 0;
  Value isNaN = c.cmpConst(CmpIPredicate::sgt, rest, hasInfinity ? 0x7c : 0x7e);
  value = c.select(isNaN, c.intLike(ints, 0x7fc00000), value);
  if (hasInfinity)
    value = c.select(c.cmpConst(CmpIPredicate::eq, rest, 0x7c), c.intLike(ints, 0x7f800000), value);
  return c.bitcast(c.bitOr(value, sign), c.f32());
}

/// The upper half of the f32 `x` rounded to bf16, as i32 with the lower half cleared.
static Value roundToBF16Bits(Code &c, Value x) {
  Value bits = c.bitcast(x, c.i32());
  Value lowest = c.andConst(c.lshr(bits, 16), 1);
  Value rounded = c.add(c.addConst(bits, 0x7fff), lowest);
  Value quiet = c.bitOr(bits, c.intLike(bits.getType(), 0x400000));
  Value isNaN = c.cmpF(CmpFPredicate::UNO, x, x);
  return c.andConst(c.select(isNaN, quiet, rounded), 0xffff0000);
}

Value loops::widen(Code &c, Value stored, Type element) {
  if (element.isInteger(1))
    return c.cmpConst(CmpIPredicate::ne, stored, 0);
  if (!isNarrowFloat(element))
    return stored;
  if (element.isF16())
    return c.op<arith::ExtFOp>(Code::withElement(stored.getType(), c.f32()), stored);
  if (element.isBF16())
    return c.bitcast(c.shl(c.resize(stored, c.i32(), true), 16), c.f32());
  return decodeByte(c, stored, element);
}

Value loops::narrow(Code &c, Value carried, Type element) {
  if (element.isInteger(1))
    return c.resize(carried, c.i8(), true);
  if (!isNarrowFloat(element))
    return carried;
  if (element.isF16())
    return c.op<arith::TruncFOp>(Code::withElement(carried.getType(), element), carried);
  if (element.isBF16())
    return c.resize(c.lshr(roundToBF16Bits(c, carried), 16), c.b.getI16Type());
  ByteFormat format = byteFormat(element);
  return c.resize(encodeByte(c, carried, format, /*keepsInfinity=*/format.infinity != 0), c.i8());
}

Value loops::roundTo(Code &c, Value carried, Type element) {
  if (!isNarrowFloat(element))
    return carried;
  if (element.isBF16())
    return c.bitcast(roundToBF16Bits(c, carried), c.f32());
  if (element.isF16())
    return widen(c, narrow(c, carried, element), element);
  return decodeByte(c, encodeByte(c, carried, byteFormat(element), /*keepsInfinity=*/false), element);
}

Value loops::truncToOdd(Code &c, Value x) {
  Type wide = x.getType(), floats = Code::withElement(wide, c.f32());
  Value near = c.op<arith::TruncFOp>(floats, x);
  Value back = c.op<arith::ExtFOp>(wide, near);
  Value bits = c.bitcast(near, c.i32());
  // Towards zero, then the last bit says that something was dropped.
  Value tooLarge = c.cmpF(CmpFPredicate::OGT, c.op<math::AbsFOp>(back), c.op<math::AbsFOp>(x));
  Value inexact = c.cmpF(CmpFPredicate::ONE, back, x);
  Value chopped = c.sub(bits, c.resize(tooLarge, c.i32(), true));
  Value odd = c.bitOr(chopped, c.resize(inexact, c.i32(), true));
  return c.bitcast(odd, c.f32());
}
