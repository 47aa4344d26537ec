//===- VectorMathExp.cpp - exp and exp2 on vectors ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An exponential is 2^floor(n) * 2^(j / 8) * e^r, where n is the multiple of 1/8 next to the argument, j / 8 its
// fraction and r what is left: 2^(j / 8) is looked up in one register, so that three coefficients do for e^r. The steps
// and roundings are the same on all machines and for vectors and scalars.

#include "VectorMath.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// How many parts powers of two from one to the next are looked up in, and the logarithm of that.
static constexpr int64_t parts = 8, logParts = 3;

/// Adding this to a number below 2^19 rounds it to a multiple of 1/8, of which the sum's lowest bits are the fraction.
static constexpr double partsShift = 0x1.8p20;
static constexpr int64_t partsShiftBits = 0x49c00000;

/// The f32 nearest to 2^(j / 8).
static constexpr float powersOfParts[parts] = {0x1p+0f,        0x1.172b84p+0f, 0x1.306fep+0f,  0x1.4bfdaep+0f,
                                               0x1.6a09e6p+0f, 0x1.8ace54p+0f, 0x1.ae89fap+0f, 0x1.d5818ep+0f};

/// 2^(j / 8), where j are the lowest bits of the i32 `bits`.
static Value lookUpPower(Code &c, Value bits) {
  int64_t lanes = Code::lanes(bits), whole = c.spec.lanes(sizeof(float));
  auto tableType = VectorType::get({std::max(whole, parts)}, c.f32());
  SmallVector<float> entries;
  for (int64_t at = 0; at < tableType.getNumElements(); ++at)
    entries.push_back(powersOfParts[at % parts]);
  auto table = DenseElementsAttr::get(tableType, ArrayRef<float>(entries));
  if (lanes && lanes <= whole && !c.spec.permute.empty()) {
    SmallVector<int64_t> widened, narrowed;
    for (int64_t lane = 0; lane < whole; ++lane)
      widened.push_back(lane % lanes);
    for (int64_t lane = 0; lane < lanes; ++lane)
      narrowed.push_back(lane);
    Value indices = lanes == whole ? bits : c.shuffle(bits, bits, widened);
    Value constant = arith::ConstantOp::create(c.b, c.loc, table);
    Value found = LLVM::CallIntrinsicOp::create(c.b, c.loc, tableType, c.b.getStringAttr(c.spec.permute),
                                                ValueRange{constant, indices})
                      .getResult(0);
    return lanes == whole ? found : c.shuffle(found, found, narrowed);
  }
  Value base = c.array(table), indices = c.resize(c.andConst(bits, parts - 1), c.i64());
  if (!lanes)
    return c.load(c.f32(), c.gep(base, c.f32(), indices));
  Value all = c.zeroLike(VectorType::get({lanes}, c.f32()));
  for (int64_t lane = 0; lane < lanes; ++lane)
    all = c.insert(c.load(c.f32(), c.gep(base, c.f32(), c.extract(indices, lane))), all, lane);
  return all;
}

/// Whether y * 2^floor(n) is one instruction for such vectors.
static bool hasScaling(Code &c, Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getNumElements() == c.spec.lanes(sizeof(float)) && !c.spec.scaleByPower.empty();
}

/// y * 2^floor(n), rounded once, where n is shifted - partsShift: in two steps where there is no instruction, so that
/// the result may be subnormal or infinite.
static Value scaleByPower(Code &c, Value y, Value n, Value shifted) {
  Type type = y.getType();
  if (hasScaling(c, type)) {
    Value all = c.intLike(c.b.getIntegerType(Code::lanes(y)), -1), currentRounding = c.intLike(c.i32(), 4);
    return LLVM::CallIntrinsicOp::create(c.b, c.loc, type, c.b.getStringAttr(c.spec.scaleByPower),
                                         ValueRange{y, n, y, all, currentRounding})
        .getResult(0);
  }
  Value eighths = c.addConst(c.bitcast(shifted, c.i32()), -partsShiftBits);
  auto shiftRight = [&](Value x, int64_t bits) { return c.op<arith::ShRSIOp>(x, c.intLike(x.getType(), bits)); };
  Value power = shiftRight(eighths, logParts), half = shiftRight(eighths, logParts + 1);
  Value scaled = arith::MulFOp::create(c.b, c.loc, y, wholePowerOfTwo(c, half));
  return arith::MulFOp::create(c.b, c.loc, scaled, wholePowerOfTwo(c, c.sub(power, half)));
}

/// `r` within [-1/16, 1/16], where it is if the argument's exponential is neither zero nor infinite. The bits of floats
/// are ordered as integers, those of NaN beyond infinity.
static Value boundRest(Code &c, Value r) {
  Value bits = c.bitcast(r, c.i32());
  bits = c.op<arith::MinSIOp>(bits, c.intLike(bits.getType(), 0x3d800000));
  bits = c.op<arith::MinUIOp>(bits, c.intLike(bits.getType(), 0xbd800000));
  return c.bitcast(bits, c.f32());
}

/// 2^n * (1 + p(r) * r), where n is shifted - partsShift. Where one instruction scales, n may be anything, and what it
/// says of infinities and NaN holds, whatever r is.
static Value expOfParts(Code &c, Value r, Value n, Value shifted, ArrayRef<double> p) {
  if (hasScaling(c, r.getType()))
    r = boundRest(c, r);
  Value power = lookUpPower(c, c.bitcast(shifted, c.i32()));
  Value rest = arith::MulFOp::create(c.b, c.loc, polynomial(c, r, p), r);
  return scaleByPower(c, c.fma(rest, power, power), n, shifted);
}

/// The argument's multiple of ln(2) / 8 is taken from it in two parts, of which the product with the first is exact.
Value loops::emitExp(Code &c, Value x) {
  Type type = x.getType();
  if (!hasScaling(c, type))
    x = clamp(c, x, -105.0, 90.0);
  Value shift = c.floatLike(type, partsShift), shifted = c.fma(x, c.floatLike(type, 1.44269504088896341), shift);
  Value n = arith::SubFOp::create(c.b, c.loc, shifted, shift);
  Value r = c.fma(n, c.floatLike(type, -0.693359375), x);
  r = c.fma(n, c.floatLike(type, 2.12194440e-4), r);
  return expOfParts(c, r, n, shifted, {0x1.555656p-3, 0x1.000874p-1, 1.0});
}

Value loops::emitExp2(Code &c, Value x) {
  Type type = x.getType();
  if (!hasScaling(c, type))
    x = clamp(c, x, -152.0, 129.0);
  Value shift = c.floatLike(type, partsShift);
  Value shifted = arith::AddFOp::create(c.b, c.loc, x, shift);
  Value n = arith::SubFOp::create(c.b, c.loc, shifted, shift);
  Value r = arith::SubFOp::create(c.b, c.loc, x, n);
  return expOfParts(c, r, n, shifted, {0x1.c6b1e4p-5, 0x1.ec0c1ep-3, 0x1.62e43p-1});
}
