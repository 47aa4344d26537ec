//===- Code.cpp - a builder of scalar and vector code ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Code.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec::loops;

int64_t tilec::loops::byteSize(Type element) {
  if (element.isIntOrFloat())
    return std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
  return 8;
}

void Code::enterFunction(Block *entry) {
  function.entry = function.rooms = entry;
  function.indices.clear();
  b.setInsertionPointToEnd(entry);
}

int64_t Code::lanes(Value value) {
  auto type = dyn_cast<VectorType>(value.getType());
  return type ? type.getNumElements() : 0;
}

Type Code::withLanes(Type element, int64_t lanes) { return lanes ? VectorType::get({lanes}, element) : element; }

Type Code::withElement(Type like, Type element) {
  auto type = dyn_cast<VectorType>(like);
  return type ? VectorType::get(type.getShape(), element) : element;
}

Value Code::index(int64_t value) {
  Value &known = function.indices[value];
  if (!known) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(function.entry);
    known = arith::ConstantOp::create(b, b.getUnknownLoc(), b.getI64IntegerAttr(value));
  }
  return known;
}

Value Code::intLike(Type type, int64_t value) {
  if (type.isInteger(64))
    return index(value);
  Type element = getElementTypeOrSelf(type);
  unsigned bits = element.getIntOrFloatBitWidth();
  auto attribute = IntegerAttr::get(element, APInt(64, value, true).sextOrTrunc(bits));
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vector, attribute.getValue()));
  return arith::ConstantOp::create(b, loc, attribute);
}

Value Code::floatLike(Type type, double value) {
  auto attribute = b.getFloatAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vector, attribute.getValue()));
  return arith::ConstantOp::create(b, loc, attribute);
}

Value Code::zeroLike(Type type) {
  return isa<FloatType>(getElementTypeOrSelf(type)) ? floatLike(type, 0.0) : intLike(type, 0);
}

Value Code::iota(Type element, int64_t lanes) {
  SmallVector<APInt> values;
  for (int64_t lane = 0; lane < lanes; ++lane)
    values.push_back(APInt(element.getIntOrFloatBitWidth(), lane, false, true));
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(VectorType::get({lanes}, element), values));
}

Value Code::ceilDiv(Value x, Value y) {
  APInt divisor;
  if (matchPattern(y, m_ConstantInt(&divisor)) && divisor.isOne())
    return x;
  // Towards zero, and one more where something positive is left.
  Value quotient = op<arith::DivSIOp>(x, y);
  Value rest = sub(x, mul(quotient, y));
  Value nonzero = cmpConst(arith::CmpIPredicate::ne, rest, 0);
  Value sameSign = cmpConst(arith::CmpIPredicate::sge, bitXor(rest, y), 0);
  return add(quotient, resize(bitAnd(nonzero, sameSign), i64(), true));
}

Value Code::roundDown(Value x, int64_t c) {
  assert(llvm::isPowerOf2_64(c) && "a mask rounds to powers of two only");
  return c == 1 ? x : andConst(x, -c);
}

Value Code::resize(Value x, Type element, bool isUnsigned) {
  Type type = withElement(x.getType(), element);
  unsigned from = getElementTypeOrSelf(x).getIntOrFloatBitWidth(), to = element.getIntOrFloatBitWidth();
  if (from == to)
    return x;
  if (from > to)
    return op<arith::TruncIOp>(type, x);
  // A true i1 is 1.
  return isUnsigned || from == 1 ? op<arith::ExtUIOp>(type, x) : op<arith::ExtSIOp>(type, x);
}

arith::FastMathFlagsAttr Code::flags() {
  return arith::FastMathFlagsAttr::get(b.getContext(),
                                       contract ? arith::FastMathFlags::contract : arith::FastMathFlags::none);
}

Value Code::addF(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y, flags()); }
Value Code::subF(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y, flags()); }
Value Code::mulF(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y, flags()); }
Value Code::fma(Value x, Value y, Value z) { return math::FmaOp::create(b, loc, x, y, z); }

Value Code::select(Value c, Value x, Value y) {
  int64_t width = std::max(lanes(x), lanes(y));
  if (lanes(c))
    width = lanes(c);
  return op<arith::SelectOp>(c, splat(x, width), splat(y, width));
}

Value Code::bitcast(Value x, Type element) {
  Type type = withElement(x.getType(), element);
  return type == x.getType() ? x : op<arith::BitcastOp>(type, x);
}

Value Code::splat(Value x, int64_t count) {
  if (!count || lanes(x))
    return x;
  Attribute constant;
  auto type = VectorType::get({count}, x.getType());
  if (matchPattern(x, m_Constant(&constant)))
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, constant));
  return vector::BroadcastOp::create(b, loc, type, x);
}

Value Code::extract(Value x, int64_t lane) { return vector::ExtractOp::create(b, loc, x, lane); }
Value Code::insert(Value x, Value vector, int64_t lane) { return vector::InsertOp::create(b, loc, x, vector, lane); }
Value Code::shuffle(Value x, Value y, ArrayRef<int64_t> mask) {
  return vector::ShuffleOp::create(b, loc, x, y, mask);
}

Value Code::gep(Value base, Type element, Value offset) {
  Type type = withElement(offset.getType(), ptr());
  return LLVM::GEPOp::create(b, loc, type, element, base, ValueRange{offset});
}

Value Code::stackRoom(Type element, int64_t count, unsigned alignment) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(function.rooms);
  Value size = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(count));
  return LLVM::AllocaOp::create(b, loc, ptr(), element, size, alignment);
}

Value Code::load(Type type, Value address) {
  return LLVM::LoadOp::create(b, loc, type, address, byteSize(getElementTypeOrSelf(type)));
}

void Code::store(Value value, Value address) {
  LLVM::StoreOp::create(b, loc, value, address, byteSize(getElementTypeOrSelf(value)));
}

Value Code::call(StringRef name, Type result, ValueRange arguments) {
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
  if (!function) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    Type type = result ? result : LLVM::LLVMVoidType::get(b.getContext());
    SmallVector<Type> types(arguments.getTypes());
    function = LLVM::LLVMFuncOp::create(b, b.getUnknownLoc(), name, LLVM::LLVMFunctionType::get(type, types));
  }
  auto call = LLVM::CallOp::create(b, loc, function, arguments);
  return result ? call.getResult() : Value();
}

Value Code::callRarely(StringRef name, Type result, ValueRange arguments) {
  Value value = call(name, result, arguments);
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
  function.setPassthroughAttr(b.getStrArrayAttr({"cold"}));
  return value;
}

Value Code::callPerLane(StringRef name, Type result, ArrayRef<Value> arguments) {
  int64_t count = lanes(arguments.front());
  if (!count)
    return call(name, result, arguments);
  Value all = zeroLike(withLanes(result, count));
  for (int64_t lane = 0; lane < count; ++lane) {
    SmallVector<Value> scalars;
    for (Value argument : arguments)
      scalars.push_back(extract(argument, lane));
    all = insert(call(name, result, scalars), all, lane);
  }
  return all;
}

StringAttr Code::global(StringRef prefix, Type type, Attribute value) {
  std::string name;
  do
    name = prefix.str() + std::to_string(globals++);
  while (module.lookupSymbol(name));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(module.getBody());
  LLVM::GlobalOp::create(b, b.getUnknownLoc(), type, /*isConstant=*/true, LLVM::Linkage::Private, name, value);
  return b.getStringAttr(name);
}

Value Code::string(StringRef text) {
  std::string bytes = text.str() + '\0';
  StringAttr name = global("tilec_text.", LLVM::LLVMArrayType::get(i8(), bytes.size()), b.getStringAttr(bytes));
  return LLVM::AddressOfOp::create(b, loc, ptr(), name);
}

Value Code::array(DenseElementsAttr elements) {
  StringAttr &name = arrays[elements];
  if (!name)
    name = global("tilec_data.", LLVM::LLVMArrayType::get(elements.getElementType(), elements.getNumElements()), elements);
  return LLVM::AddressOfOp::create(b, loc, ptr(), name);
}
