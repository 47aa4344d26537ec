//===- Access.cpp - what the four access ops have in common -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Analysis/Access.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

/// Calls `function` with the access op as what it is.
template <typename Result, typename Function> static Result visit(Operation *op, Function function) {
  return TypeSwitch<Operation *, Result>(op).template Case<LoadOp, StoreOp, AtomicRMWOp, AtomicCASOp>(function);
}

Access::Access(Operation *op) : op(isa_and_nonnull<LoadOp, StoreOp, AtomicRMWOp, AtomicCASOp>(op) ? op : nullptr) {}

TypedValue<MemRefType> Access::getArray() const {
  return visit<TypedValue<MemRefType>>(op, [](auto access) { return cast<TypedValue<MemRefType>>(access.getArray()); });
}

OperandRange Access::getSubscripts() const {
  return visit<OperandRange>(op, [](auto access) { return access.getSubscripts(); });
}

Value Access::getMask() const {
  return visit<Value>(op, [](auto access) -> Value { return access.getMask(); });
}

OperandRange Access::getAfter() const {
  return visit<OperandRange>(op, [](auto access) { return access.getAfter(); });
}

MutableOperandRange Access::getAfterMutable() const {
  return visit<MutableOperandRange>(op, [](auto access) { return access.getAfterMutable(); });
}

Value Access::getToken() const {
  return visit<Value>(op, [](auto access) -> Value { return access.getToken(); });
}

MemoryOrder Access::getOrdering() const {
  return visit<MemoryOrder>(op, [](auto access) { return access.getOrdering(); });
}

Value Access::getValue() const {
  return visit<Value>(op, [](auto access) -> Value { return access.getValue(); });
}

bool Access::acquires() const {
  return llvm::is_contained({MemoryOrder::acquire, MemoryOrder::acq_rel}, getOrdering());
}

bool Access::releases() const {
  return llvm::is_contained({MemoryOrder::release, MemoryOrder::acq_rel}, getOrdering());
}

SmallVector<Access> analysis::accessesIn(Operation *root) {
  SmallVector<Access> accesses;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (Access access = Access(op))
      accesses.push_back(access);
  });
  return accesses;
}

//===----------------------------------------------------------------------===//
// texts
//===----------------------------------------------------------------------===//

std::string analysis::arrayName(Value array) {
  if (auto argument = dyn_cast<BlockArgument>(array)) {
    auto kernel = dyn_cast<KernelOp>(argument.getOwner()->getParentOp());
    if (ParamAttr param = kernel ? kernel.getParam(argument.getArgNumber()) : ParamAttr())
      return param.getName().str();
  } else if (auto temporary = array.getDefiningOp<ArrayOp>(); temporary && temporary.getName()) {
    return temporary.getName()->str();
  }
  return "an array";
}

/// The name of a tile index in the source, or nothing.
static std::string rangeName(Value range) {
  if (auto argument = dyn_cast<BlockArgument>(range)) {
    auto grid = dyn_cast<GridOp>(argument.getOwner()->getParentOp());
    return grid ? cast<StringAttr>(grid.getNames()[argument.getArgNumber()]).str() : "_";
  }
  auto op = range.getDefiningOp<RangeOp>();
  if (op && op.getName())
    return op.getName()->str();
  return op && op.getEnd() == op.getSize() && isZeroInteger(op.getBegin()) ? ":" : "_";
}

/// A scalar subscript: a number, a name, or one of them and a number.
static std::string scalarText(Value value) {
  if (std::optional<int64_t> number = getConstantIntValue(value))
    return std::to_string(*number);
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (auto grid = dyn_cast<GridOp>(parent))
      return cast<StringAttr>(grid.getNames()[argument.getArgNumber()]).str();
    if (auto kernel = dyn_cast<KernelOp>(parent))
      if (ParamAttr param = kernel.getParam(argument.getArgNumber()))
        return param.getName().str();
    return "_";
  }
  Operation *op = value.getDefiningOp();
  if (isa<arith::IndexCastOp, arith::ExtSIOp>(op))
    return scalarText(op->getOperand(0));
  if (auto begin = dyn_cast<BeginOp>(op))
    return rangeName(begin.getRange()) + ".begin";
  // The number of a tile: (begin - lower) / size.
  if (isa<arith::DivSIOp>(op))
    if (std::string base = scalarText(op->getOperand(0)); StringRef(base).ends_with(".begin"))
      return base.substr(0, base.size() - strlen(".begin")) + ".id";
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    if (std::optional<int64_t> number = getConstantIntValue(op->getOperand(1)))
      if (std::string base = scalarText(op->getOperand(0)); base != "_")
        return base + (isa<arith::AddIOp>(op) == (*number >= 0) ? " + " : " - ") +
               std::to_string(*number < 0 ? 0 - static_cast<uint64_t>(*number) : *number);
  return "_";
}

static std::string subscriptText(Value subscript) {
  if (isa<RangeType>(subscript.getType()))
    return rangeName(subscript);
  if (isa<RankedTensorType>(subscript.getType())) {
    auto iota = subscript.getDefiningOp<IotaOp>();
    return iota ? rangeName(iota.getRange()) + ".index" : "_";
  }
  auto shift = subscript.getDefiningOp<ShiftOp>();
  if (!shift)
    return scalarText(subscript);
  std::string by = scalarText(shift.getBy());
  return rangeName(shift.getRange()) + (by.starts_with("-") ? " - " + by.substr(1) : " + " + by);
}

std::string analysis::describe(Access access) {
  std::string text = isa<LoadOp>(access.getOperation())    ? "the load from "
                     : isa<StoreOp>(access.getOperation()) ? "the store to "
                                                           : "the atomic on ";
  text += arrayName(access.getArray());
  llvm::ListSeparator separator;
  std::string subscripts;
  for (Value subscript : access.getSubscripts())
    subscripts += (StringRef(separator) + subscriptText(subscript)).str();
  return subscripts.empty() ? text : text + "[" + subscripts + "]";
}
