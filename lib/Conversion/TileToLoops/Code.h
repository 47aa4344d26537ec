//===- Code.h - a builder of scalar and vector code -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the lowering to loops writes its code with. Every helper takes scalars or 1-D vectors alike; integers that count
// or address are i64.

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_CODE_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_CODE_H

#include "tilec/Target/TargetSpec.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"

#include <map>

namespace tilec::loops {

using namespace mlir;

/// An insertion point with its location, the machine, and short names for what is written most.
class Code {
public:
  Code(ModuleOp module, const TargetSpec &spec, bool contract)
      : b(module.getContext()), loc(module.getLoc()), spec(spec), contract(contract), module(module) {}

  /// The function that is being written: where its constants go, where its room on the stack is, and the constants that
  /// it has.
  struct Function {
    Block *entry = nullptr, *rooms = nullptr;
    // Not a DenseMap: the extremes of i64 are numbers too.
    std::map<int64_t, Value> indices;
  };
  /// Starts to write the function whose entry block is `entry`.
  void enterFunction(Block *entry);

  // Types.
  Type i1() { return b.getI1Type(); }
  Type i8() { return b.getI8Type(); }
  Type i32() { return b.getI32Type(); }
  Type i64() { return b.getI64Type(); }
  Type f32() { return b.getF32Type(); }
  Type ptr() { return LLVM::LLVMPointerType::get(b.getContext()); }
  /// Lanes of a value: 0 for scalars.
  static int64_t lanes(Value value);
  /// `element`, or vectors of it if `lanes` is not 0.
  static Type withLanes(Type element, int64_t lanes);
  /// The type of `like` with other elements.
  static Type withElement(Type like, Type element);

  // Constants.
  Value index(int64_t value);
  Value intLike(Type type, int64_t value);
  Value floatLike(Type type, double value);
  Value zeroLike(Type type);
  /// A constant vector 0, 1, .., lanes-1.
  Value iota(Type element, int64_t lanes);

  /// Creates an op with one result, or finds that it folds.
  template <typename OpTy, typename... Args> Value op(Args &&...args) {
    return b.createOrFold<OpTy>(loc, std::forward<Args>(args)...);
  }

  // Integers.
  Value add(Value x, Value y) { return op<arith::AddIOp>(x, y); }
  Value sub(Value x, Value y) { return op<arith::SubIOp>(x, y); }
  Value mul(Value x, Value y) { return op<arith::MulIOp>(x, y); }
  Value bitAnd(Value x, Value y) { return op<arith::AndIOp>(x, y); }
  Value bitOr(Value x, Value y) { return op<arith::OrIOp>(x, y); }
  Value bitXor(Value x, Value y) { return op<arith::XOrIOp>(x, y); }
  Value shl(Value x, int64_t n) { return op<arith::ShLIOp>(x, intLike(x.getType(), n)); }
  Value lshr(Value x, int64_t n) { return op<arith::ShRUIOp>(x, intLike(x.getType(), n)); }
  Value andConst(Value x, int64_t c) { return bitAnd(x, intLike(x.getType(), c)); }
  Value addConst(Value x, int64_t c) { return add(x, intLike(x.getType(), c)); }
  Value mulConst(Value x, int64_t c) { return mul(x, intLike(x.getType(), c)); }
  Value minS(Value x, Value y) { return op<arith::MinSIOp>(x, y); }
  Value maxS(Value x, Value y) { return op<arith::MaxSIOp>(x, y); }
  Value cmp(arith::CmpIPredicate p, Value x, Value y) { return op<arith::CmpIOp>(p, x, y); }
  Value cmpConst(arith::CmpIPredicate p, Value x, int64_t c) { return cmp(p, x, intLike(x.getType(), c)); }
  /// ceil(x / y) for y != 0, of either sign.
  Value ceilDiv(Value x, Value y);
  /// x - x % c for a power of two c and x >= 0.
  Value roundDown(Value x, int64_t c);
  Value roundUp(Value x, int64_t c) { return roundDown(addConst(x, c - 1), c); }
  /// Changes the width, by sign or by zeros.
  Value resize(Value x, Type element, bool isUnsigned = false);

  // Floats; `contract` is on the ops that it concerns.
  Value addF(Value x, Value y);
  Value subF(Value x, Value y);
  Value mulF(Value x, Value y);
  Value divF(Value x, Value y) { return op<arith::DivFOp>(x, y); }
  Value fma(Value x, Value y, Value z);
  Value cmpF(arith::CmpFPredicate p, Value x, Value y) { return op<arith::CmpFOp>(p, x, y); }
  Value select(Value c, Value x, Value y);
  Value bitcast(Value x, Type element);

  // Vectors.
  /// `x` in all of `lanes` lanes; vectors stay as they are, and 0 lanes leave scalars.
  Value splat(Value x, int64_t lanes);
  Value extract(Value x, int64_t lane);
  Value insert(Value x, Value vector, int64_t lane);
  Value shuffle(Value x, Value y, ArrayRef<int64_t> mask);

  // Memory. Addresses are in elements of a type as memory holds it.
  Value gep(Value base, Type element, Value offset);
  /// `type` may be a vector; the alignment is that of one element.
  Value load(Type type, Value address);
  /// Room on the stack for `count` elements, which a call of the function has once; `alignment` 0 is the type's.
  Value stackRoom(Type element, int64_t count, unsigned alignment = 0);
  void store(Value value, Value address);

  /// Calls a function of the runtime or of libm, declaring it at its first use.
  Value call(StringRef name, Type result, ValueRange arguments);
  /// The same of a function that is called for rare arguments: the code around it is laid out for what skips it.
  Value callRarely(StringRef name, Type result, ValueRange arguments);
  /// Applies a scalar function to every lane.
  Value callPerLane(StringRef name, Type result, ArrayRef<Value> arguments);
  /// The address of a constant string.
  Value string(StringRef text);
  /// The address of the elements of a constant, one behind the other.
  Value array(DenseElementsAttr elements);

  OpBuilder b;
  Location loc;
  const TargetSpec &spec;
  const bool contract;
  ModuleOp module;
  Function function;

private:
  arith::FastMathFlagsAttr flags();
  /// Adds constant data to the module and returns its name, which starts with `prefix`.
  StringAttr global(StringRef prefix, Type type, Attribute value);

  unsigned globals = 0;
  /// The names of the arrays that there are.
  llvm::DenseMap<Attribute, StringAttr> arrays;
};

/// Bytes of an element in registers and scratch; i1 takes one.
int64_t byteSize(Type element);

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_CODE_H
