//===- CheckToTile.cpp - the pass check-to-tile ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the pass that rewrites expectations to what every target can do: comparisons, a search for the
// first difference, a `tile.print` of it, and a `tile.assert` that there is none.

#include "tilec/Conversion/Passes.h"

#include "dialects/Check/Check.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/PassRegistry.h"

#include <limits>

using namespace mlir;
using namespace tilec;

namespace {
/// Rewrites one op at a time, in front of it.
class Rewriter {
public:
  explicit Rewriter(Operation *op) : op(op), b(op), loc(op->getLoc()) {}

  /// Replaces the op; fails, after an error, where a dim has to be known and is not.
  LogicalResult rewrite();

private:
  template <typename OpTy> LogicalResult rewriteConstant(OpTy expect);
  FailureOr<Value> padConstant(Value actual, DenseElementsAttr constant, ValueRange over);

  // Elementwise pieces. Tiles have the dims of `over`.
  Value full(TypedAttr number, Type like);
  Value full(Value scalar, Type like);
  Value integer(int64_t number, Type like) { return full(b.getIntegerAttr(getElementTypeOrSelf(like), number), like); }
  Value compare(arith::CmpIPredicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, loc, predicate, x, y);
  }
  Value bitsOf(Value x);
  Value isSame(Value x, Value y);
  Value isNear(Value x, Value y);
  Value inSteps(Value x, Value y, int64_t ulp);

  Value positions();
  Value elementAt(Value tile, ArrayRef<Value> lanes);
  void printElement(Value position, Value actual, Value expected);
  void expectAll(Value good, Value actual, Value expected);
  void expectExtents(ArrayRef<int64_t> dims);
  void report(Value failed, function_ref<void()> print);
  void print(const Twine &text, ValueRange values);

  Operation *op;
  OpBuilder b;
  Location loc;
  /// The ranges of the dims.
  SmallVector<Value> over;
};
} // namespace

/// `like` with other elements; a scalar's type for a scalar.
static Type withElement(Type like, Type element) {
  auto tensor = dyn_cast<RankedTensorType>(like);
  return tensor ? Type(tensor.clone(element)) : element;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Value Rewriter::full(Value scalar, Type like) {
  if (!isa<RankedTensorType>(like))
    return scalar;
  return tile::FullOp::create(b, loc, withElement(like, scalar.getType()), scalar, over);
}

Value Rewriter::full(TypedAttr number, Type like) { return full(arith::ConstantOp::create(b, loc, number), like); }

/// The bits of floats, as integers.
Value Rewriter::bitsOf(Value x) {
  Type integer = b.getIntegerType(getElementTypeOrSelf(x).getIntOrFloatBitWidth());
  return arith::BitcastOp::create(b, loc, withElement(x.getType(), integer), x);
}

Value Rewriter::isSame(Value x, Value y) {
  if (!isa<FloatType>(getElementTypeOrSelf(x)))
    return compare(arith::CmpIPredicate::eq, x, y);
  Value same = compare(arith::CmpIPredicate::eq, bitsOf(x), bitsOf(y));
  Value xNaN = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, x, x);
  Value yNaN = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, y, y);
  return arith::OrIOp::create(b, loc, same, arith::AndIOp::create(b, loc, xNaN, yNaN));
}

/// Whether no more than `ulp` steps lie between two finite floats: their bits, but with the negative numbers counted
/// down from zero, are integers in the order of the numbers. Their difference fits without a sign.
Value Rewriter::inSteps(Value x, Value y, int64_t ulp) {
  auto order = [&](Value value) -> Value {
    Value bits = bitsOf(value);
    int64_t width = getElementTypeOrSelf(bits).getIntOrFloatBitWidth();
    Value sign = integer(static_cast<int64_t>(~uint64_t(0) << (width - 1)), bits.getType());
    Value isNegative = compare(arith::CmpIPredicate::slt, bits, integer(0, bits.getType()));
    return arith::SelectOp::create(b, loc, isNegative, arith::SubIOp::create(b, loc, sign, bits), bits);
  };
  Value from = order(x), to = order(y);
  Value forward = arith::SubIOp::create(b, loc, to, from), back = arith::SubIOp::create(b, loc, from, to);
  Value steps = arith::SelectOp::create(b, loc, compare(arith::CmpIPredicate::slt, from, to), forward, back);
  int64_t width = getElementTypeOrSelf(steps).getIntOrFloatBitWidth();
  // No two numbers of a narrow type are further apart than its unsigned integers count.
  if (width < 63 && ulp >= int64_t(1) << width)
    return full(b.getBoolAttr(true), steps.getType());
  APInt limit(width, static_cast<uint64_t>(ulp));
  Value most = full(b.getIntegerAttr(getElementTypeOrSelf(steps), limit), steps.getType());
  return compare(arith::CmpIPredicate::ule, steps, most);
}

/// As check.expect_almost_eq says.
Value Rewriter::isNear(Value x, Value y) {
  Value same = isSame(x, y);
  Type wide = withElement(x.getType(), b.getF64Type());
  auto widen = [&](Value value) -> Value {
    return value.getType() == wide ? value : tile::CastOp::create(b, loc, wide, value).getResult();
  };
  auto number = [&](double value) { return full(b.getF64FloatAttr(value), wide); };
  auto magnitude = [&](Value value) -> Value { return math::AbsFOp::create(b, loc, value); };
  Value a = widen(x), e = widen(y), infinity = number(std::numeric_limits<double>::infinity());
  Value aFinite = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, magnitude(a), infinity);
  Value eFinite = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, magnitude(e), infinity);
  Value finite = arith::AndIOp::create(b, loc, aFinite, eFinite);
  auto ulp = op->getAttrOfType<IntegerAttr>("ulp");
  auto distance = [&](StringRef name) {
    auto attribute = op->getAttrOfType<FloatAttr>(name);
    return number(attribute ? attribute.getValueAsDouble() : 0.0);
  };
  Value steps = inSteps(x, y, ulp ? ulp.getInt() : 0);
  Value apart = magnitude(arith::SubFOp::create(b, loc, a, e));
  Value relative = arith::MulFOp::create(b, loc, distance("rel"), magnitude(e));
  Value allowed = arith::AddFOp::create(b, loc, distance("abs"), relative);
  Value close = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLE, apart, allowed);
  Value near = arith::AndIOp::create(b, loc, finite, arith::OrIOp::create(b, loc, steps, close));
  return arith::OrIOp::create(b, loc, same, near);
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

/// Prints scalars in the places of `text`, after the op's name.
void Rewriter::print(const Twine &text, ValueRange values) {
  SmallVector<Value> printed;
  SmallVector<Attribute> types;
  for (Value value : values) {
    if (value.getType().isIndex())
      value = arith::IndexCastOp::create(b, loc, b.getI64Type(), value);
    std::string name;
    llvm::raw_string_ostream(name) << value.getType();
    printed.push_back(value);
    types.push_back(b.getStringAttr(value.getType().isInteger(1) ? "bool" : name));
  }
  StringAttr format = b.getStringAttr("'" + op->getName().getStringRef() + "': " + text);
  tile::PrintOp::create(b, loc, format, printed, ValueRange(), b.getArrayAttr(types));
}

/// Fails the call where `failed` holds, after what `print` says.
void Rewriter::report(Value failed, function_ref<void()> print) {
  auto branch = scf::IfOp::create(b, loc, failed, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(branch.thenBlock()->getTerminator());
    print();
  }
  Value holds = arith::XOrIOp::create(b, loc, failed, arith::ConstantOp::create(b, loc, b.getBoolAttr(true)));
  tile::AssertOp::create(b, loc, holds, b.getStringAttr(op->getName().getStringRef()), ValueRange());
}

/// Each element's row-major position among those inside the extents.
Value Rewriter::positions() {
  Value stride = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(1)), sum;
  SmallVector<int64_t> shape;
  for (Value range : over)
    shape.push_back(cast<tile::RangeType>(range.getType()).getSize());
  auto tile = RankedTensorType::get(shape, b.getI32Type());
  for (size_t d = over.size(); d-- > 0;) {
    auto row = RankedTensorType::get(shape[d], b.getI32Type());
    SmallVector<Value> range{over[d]};
    Value begin = arith::IndexCastOp::create(b, loc, b.getI32Type(), tile::BeginOp::create(b, loc, over[d]));
    Value extent = arith::IndexCastOp::create(b, loc, b.getI32Type(), tile::ExtentOp::create(b, loc, over[d]));
    Value lane = arith::SubIOp::create(b, loc, tile::IotaOp::create(b, loc, row, over[d]),
                                       tile::FullOp::create(b, loc, row, begin, range));
    Value term = arith::MulIOp::create(b, loc, lane, tile::FullOp::create(b, loc, row, stride, range));
    SmallVector<int64_t> dims{shape[d]};
    for (size_t last = d + 1; last < over.size(); ++last) {
      int64_t axis = dims.size();
      dims.push_back(1);
      term = tile::ExpandDimsOp::create(b, loc, RankedTensorType::get(dims, b.getI32Type()), term, axis);
    }
    if (term.getType() != tile)
      term = tile::BroadcastOp::create(b, loc, tile, term, over);
    sum = sum ? arith::AddIOp::create(b, loc, sum, term).getResult() : term;
    stride = arith::MulIOp::create(b, loc, stride, extent);
  }
  return sum;
}

/// The element of a tile at one lane of each dim.
Value Rewriter::elementAt(Value tile, ArrayRef<Value> lanes) {
  for (auto [range, lane] : llvm::zip_equal(over, lanes)) {
    auto type = cast<RankedTensorType>(tile.getType());
    ArrayRef<int64_t> left = type.getShape().drop_front();
    Type result = left.empty() ? type.getElementType() : RankedTensorType::get(left, type.getElementType());
    tile = tile::ElementOp::create(b, loc, result, tile, /*axis=*/0, lane, range);
  }
  return tile;
}

/// Says which element is at a row-major position, by the indices of the ranges, and what it is.
void Rewriter::printElement(Value position, Value actual, Value expected) {
  std::string format = "] is {}, expected {}";
  SmallVector<Value> lanes(over.size()), values;
  Value rest = arith::IndexCastOp::create(b, loc, b.getIndexType(), position);
  for (size_t d = over.size(); d-- > 0;) {
    Value extent = tile::ExtentOp::create(b, loc, over[d]);
    lanes[d] = arith::RemUIOp::create(b, loc, rest, extent);
    rest = arith::DivUIOp::create(b, loc, rest, extent);
    format = (d ? ", {}" : "{}") + format;
  }
  for (auto [range, lane] : llvm::zip_equal(over, lanes))
    values.push_back(arith::AddIOp::create(b, loc, tile::BeginOp::create(b, loc, range), lane));
  values.push_back(elementAt(actual, lanes));
  values.push_back(elementAt(expected, lanes));
  print("element [" + format, values);
}

/// Fails the call, and says where, unless all elements of `good` are set.
void Rewriter::expectAll(Value good, Value actual, Value expected) {
  if (over.empty()) {
    Value failed = arith::XOrIOp::create(b, loc, good, arith::ConstantOp::create(b, loc, b.getBoolAttr(true)));
    return report(failed, [&] { print("the value is {}, expected {}", {actual, expected}); });
  }
  // The least position of a bad element; beyond all where there is none.
  TypedAttr beyond = b.getI32IntegerAttr(std::numeric_limits<int32_t>::max());
  Value none = arith::ConstantOp::create(b, loc, beyond);
  Value position = arith::SelectOp::create(b, loc, good, full(beyond, actual.getType()), positions());
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, over.size()));
  auto reduce = tile::ReduceOp::create(b, loc, TypeRange{b.getI32Type()}, ValueRange{position}, ValueRange{none}, over,
                                       b.getDenseI64ArrayAttr(axes), b.getUnitAttr());
  {
    OpBuilder::InsertionGuard guard(b);
    Block *body = b.createBlock(&reduce.getCombine(), {}, {b.getI32Type(), b.getI32Type()}, {loc, loc});
    Value least = arith::MinSIOp::create(b, loc, body->getArgument(0), body->getArgument(1));
    tile::YieldOp::create(b, loc, ValueRange{least});
  }
  Value first = reduce.getResult(0);
  report(compare(arith::CmpIPredicate::ne, first, none), [&] { printElement(first, actual, expected); });
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// Fails the call unless each dim has as many elements as expected.
void Rewriter::expectExtents(ArrayRef<int64_t> dims) {
  for (auto [d, range, dim] : llvm::enumerate(over, dims)) {
    Value extent = arith::IndexCastOp::create(b, loc, b.getI64Type(), tile::ExtentOp::create(b, loc, range));
    Value expected = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(dim));
    Value failed = compare(arith::CmpIPredicate::ne, extent, expected);
    report(failed, [&] { print("dim " + Twine(d) + " has {} elements, expected {}", {extent, expected}); });
  }
}

/// The constant in the lanes of the tile, which may be more.
FailureOr<Value> Rewriter::padConstant(Value actual, DenseElementsAttr constant, ValueRange over) {
  auto type = cast<RankedTensorType>(actual.getType());
  ArrayRef<int64_t> dims = constant.getType().getShape();
  if (!type.hasStaticShape())
    return op->emitError() << "the dims of " << type << " must be known before the lowering (tile-bind-config)";
  if (type.getShape() == dims)
    return arith::ConstantOp::create(b, loc, constant).getResult();
  Attribute zero = b.getZeroAttr(type.getElementType());
  SmallVector<Attribute> lanes(type.getNumElements(), zero);
  SmallVector<int64_t> index(dims.size(), 0);
  auto element = constant.value_begin<Attribute>();
  for (int64_t n = 0, e = constant.getNumElements(); n != e; ++n, ++element) {
    int64_t lane = 0, rest = n;
    for (size_t d = dims.size(); d-- > 0; rest /= dims[d])
      index[d] = rest % dims[d];
    for (auto [at, size] : llvm::zip_equal(index, type.getShape()))
      lane = lane * size + at;
    lanes[lane] = *element;
  }
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, lanes)).getResult();
}

template <typename OpTy> LogicalResult Rewriter::rewriteConstant(OpTy expect) {
  Value actual = expect.getActual(), expected;
  auto dense = dyn_cast<DenseElementsAttr>(expect.getExpected());
  if (dense) {
    FailureOr<Value> padded = padConstant(actual, dense, over);
    if (failed(padded))
      return failure();
    expected = *padded;
    expectExtents(dense.getType().getShape());
  } else {
    expected = arith::ConstantOp::create(b, loc, expect.getExpected());
  }
  bool exact = isa<check::ExpectEqConstOp>(op);
  expectAll(exact ? isSame(actual, expected) : isNear(actual, expected), actual, expected);
  return success();
}

LogicalResult Rewriter::rewrite() {
  llvm::append_range(over, llvm::make_filter_range(op->getOperands(), [](Value operand) {
                       return isa<tile::RangeType>(operand.getType());
                     }));
  LogicalResult done =
      TypeSwitch<Operation *, LogicalResult>(op)
          .Case([&](check::ExpectTrueOp expect) {
            Value condition = expect.getCondition();
            expectAll(condition, condition, full(b.getBoolAttr(true), condition.getType()));
            return success();
          })
          .Case([&](check::ExpectEqOp expect) {
            expectAll(isSame(expect.getActual(), expect.getExpected()), expect.getActual(), expect.getExpected());
            return success();
          })
          .Case([&](check::ExpectAlmostEqOp expect) {
            expectAll(isNear(expect.getActual(), expect.getExpected()), expect.getActual(), expect.getExpected());
            return success();
          })
          .Case<check::ExpectEqConstOp, check::ExpectAlmostEqConstOp>(
              [&](auto expect) { return rewriteConstant(expect); });
  if (succeeded(done))
    op->erase();
  return done;
}

namespace {
struct CheckToTile : PassWrapper<CheckToTile, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CheckToTile)

  StringRef getArgument() const override { return "check-to-tile"; }
  StringRef getDescription() const override { return "Rewrite expectations to comparisons, prints and assertions"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, math::MathDialect, scf::SCFDialect, tile::TileDialect>();
  }

  void runOnOperation() override {
    SmallVector<Operation *> expectations;
    getOperation().walk([&](Operation *op) {
      if (isa_and_nonnull<check::CheckDialect>(op->getDialect()))
        expectations.push_back(op);
    });
    for (Operation *op : expectations)
      if (failed(Rewriter(op).rewrite()))
        return signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> tilec::createCheckToTilePass() { return std::make_unique<CheckToTile>(); }
