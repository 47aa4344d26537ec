//===- MemoryOps.cpp - accesses to arrays, and tokens ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Tile/OpVerifiers.h"
#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace tilec::tile;

/// The dims of a value accessed through `subscripts`: access_c3 and the rule where gathered dims stand.
static FailureOr<SmallVector<int64_t>> accessedDims(Operation *op, ValueRange subscripts) {
  SmallVector<int64_t> dims;
  std::optional<ArrayRef<int64_t>> gathered;
  for (Type type : subscripts.getTypes()) {
    if (auto range = dyn_cast<RangeType>(type))
      dims.push_back(range.getSize());
    else if (auto window = dyn_cast<WindowType>(type))
      dims.push_back(window.getSize());
    else if (auto tile = dyn_cast<RankedTensorType>(type)) {
      if (gathered && *gathered != tile.getShape())
        return op->emitOpError("has integer tiles of different shapes as subscripts");
      if (!gathered)
        llvm::append_range(dims, tile.getShape());
      gathered = tile.getShape();
    }
  }
  return dims;
}

/// Checks access_c1 to access_c5 for one access; `access` has the accessors that all access ops have.
template <typename OpTy>
static LogicalResult verifyAccess(OpTy access, Type value, bool reads, bool writes) {
  auto array = cast<MemRefType>(access.getArray().getType());
  // access_c1
  if (static_cast<int64_t>(access.getSubscripts().size()) != array.getRank())
    return access.emitOpError() << "has " << access.getSubscripts().size() << " subscripts for an array of "
                                << array.getRank() << " dims";
  // access_c2
  if (getElementTypeOrSelf(value) != array.getElementType())
    return access.emitOpError() << "accesses " << array.getElementType() << " elements as " << getElementTypeOrSelf(value);
  FailureOr<SmallVector<int64_t>> dims = accessedDims(access, access.getSubscripts());
  if (failed(dims))
    return failure();
  if (ArrayRef<int64_t>(*dims) != tileShape(value))
    return access.emitOpError() << "has a value of type " << value << " but subscripts that keep dims [" << *dims << "]";
  // access_c4
  if (access.getMask() && tileShape(access.getMask().getType()) != tileShape(value))
    return access.emitOpError() << "has a mask of type " << access.getMask().getType() << " for a value of type " << value;
  // access_c5
  MemoryOrder order = access.getOrdering();
  if ((order == MemoryOrder::weak) == access.getScope().has_value())
    return access.emitOpError("is weak and has no scope, or is not and has one");
  bool atomic = reads && writes;
  if ((atomic && order == MemoryOrder::weak) ||
      (!atomic && reads && (order == MemoryOrder::release || order == MemoryOrder::acq_rel)) ||
      (!atomic && writes && (order == MemoryOrder::acquire || order == MemoryOrder::acq_rel)))
    return access.emitOpError() << "cannot be " << stringifyMemoryOrder(order);
  return success();
}

LogicalResult LoadOp::verify() {
  // load_c6
  if (getPad() && getPad().getType() != getElementTypeOrSelf(getValue().getType()))
    return emitOpError() << "pads " << getElementTypeOrSelf(getValue().getType()) << " elements with "
                         << getPad().getType();
  return verifyAccess(*this, getValue().getType(), /*reads=*/true, /*writes=*/false);
}

LogicalResult StoreOp::verify() {
  return verifyAccess(*this, getValue().getType(), /*reads=*/false, /*writes=*/true);
}

LogicalResult AtomicRMWOp::verify() {
  // atomic_rmw_c6
  Type element = getElementTypeOrSelf(getValue().getType());
  bool isFloatKind = llvm::is_contained({AtomicKind::addf, AtomicKind::maxf, AtomicKind::minf}, getKind());
  if (getKind() != AtomicKind::xchg && isFloatKind != isa<FloatType>(element))
    return emitOpError() << "cannot " << stringifyAtomicKind(getKind()) << " elements of type " << element;
  if (getOld().getType() != getValue().getType())
    return emitOpError("must return the type of its value");
  return verifyAccess(*this, getValue().getType(), /*reads=*/true, /*writes=*/true);
}

LogicalResult AtomicCASOp::verify() {
  // atomic_cas_c6
  if (getExpected().getType() != getValue().getType() || getOld().getType() != getValue().getType())
    return emitOpError("must have one type for expected, value and old");
  return verifyAccess(*this, getValue().getType(), /*reads=*/true, /*writes=*/true);
}

//===----------------------------------------------------------------------===//
// memory effects: weak accesses touch their array, the others everything
//===----------------------------------------------------------------------===//

using Effects = SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

static void addStrongEffects(Effects &effects) {
  effects.emplace_back(MemoryEffects::Read::get());
  effects.emplace_back(MemoryEffects::Write::get());
}

void LoadOp::getEffects(Effects &effects) {
  if (getOrdering() != MemoryOrder::weak)
    return addStrongEffects(effects);
  effects.emplace_back(MemoryEffects::Read::get(), &getArrayMutable());
}

void StoreOp::getEffects(Effects &effects) {
  if (getOrdering() != MemoryOrder::weak)
    return addStrongEffects(effects);
  effects.emplace_back(MemoryEffects::Write::get(), &getArrayMutable());
}

void AtomicRMWOp::getEffects(Effects &effects) { addStrongEffects(effects); }

void AtomicCASOp::getEffects(Effects &effects) { addStrongEffects(effects); }

//===----------------------------------------------------------------------===//
// tokens and temporary arrays
//===----------------------------------------------------------------------===//

OpFoldResult JoinOp::fold(FoldAdaptor) {
  // The join of one token, however often it is named, is that token.
  if (!getTokens().empty() && llvm::all_equal(getTokens()))
    return getTokens().front();
  return {};
}

LogicalResult ArrayOp::verify() {
  auto type = cast<MemRefType>(getArray().getType());
  // array_c1
  if (static_cast<int64_t>(getExtents().size()) != static_cast<int64_t>(type.getNumDynamicDims()))
    return emitOpError() << "has " << getExtents().size() << " extents for " << type.getNumDynamicDims()
                         << " dynamic dims";
  // array_c2
  if (!(*this)->getParentOfType<KernelOp>() || (*this)->getParentOfType<GridOp>())
    return emitOpError("must stand in a kernel's body, outside grids");
  // array_c3
  if (!type.getLayout().isIdentity())
    return emitOpError("must be compact");
  return success();
}
