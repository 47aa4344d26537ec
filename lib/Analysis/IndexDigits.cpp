//===- IndexDigits.cpp - subscripts that are digits of one index --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "IndexDigits.h"

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

/// More expressions than index arithmetic has.
static constexpr unsigned mostExpressions = 64;

namespace {
/// A scalar, as a value or, if that is null, as a number.
struct Scalar {
  Value value;
  int64_t number = 0;
  bool operator==(const Scalar &other) const { return value == other.value && number == other.number; }
};

/// What an expression is: `of` divided, the rest of that, `of` moved by a scalar, or none of these.
enum class Kind { Source, Quotient, Rest, Sum };

struct Expression {
  Kind kind = Kind::Source;
  /// A source's.
  IndexSource source;
  unsigned of = 0;
  Scalar by;
  bool isKnown = false;
  /// Expressions of one class, by the number of one of them, differ by as much.
  unsigned group = 0;
};

/// The expressions that subscripts are made of, and what is known of them.
class Digits {
public:
  explicit Digits(llvm::function_ref<bool(Value)> isFixed) : isFixed(isFixed) {}

  void addKnown(Value subscript) {
    int64_t rank =
        isa<RankedTensorType>(subscript.getType()) ? cast<RankedTensorType>(subscript.getType()).getRank() : 0;
    unsigned number = get(subscript, llvm::to_vector(llvm::seq<int64_t>(rank)));
    expressions[number].isKnown = true;
  }

  void infer() {
    for (bool changed = true; changed;) {
      changed = false;
      for (Expression &expression : expressions)
        changed |= inferFrom(expression);
    }
  }

  SmallVector<IndexSource> knownSources() const {
    SmallVector<IndexSource> sources;
    for (const Expression &expression : expressions)
      if (expression.kind == Kind::Source && expression.isKnown)
        sources.push_back(expression.source);
    return sources;
  }

private:
  /// The number of the expression `value`, whose dims are those of the subscripts in `dims`.
  unsigned get(Value value, SmallVector<int64_t> dims) {
    Operation *op = expressions.size() < mostExpressions ? value.getDefiningOp() : nullptr;
    if (auto expand = dyn_cast_or_null<ExpandDimsOp>(op);
        expand && isa<RankedTensorType>(expand.getSource().getType())) {
      dims.erase(dims.begin() + expand.getAxis());
      return get(expand.getSource(), dims);
    }
    if (auto broadcast = dyn_cast_or_null<BroadcastOp>(op))
      if (auto from = dyn_cast<RankedTensorType>(broadcast.getSource().getType())) {
        dims.erase(dims.begin(), dims.end() - from.getRank());
        for (auto [dim, size] : llvm::enumerate(from.getShape()))
          dims[dim] = size == 1 ? -1 : dims[dim];
        return get(broadcast.getSource(), dims);
      }
    if (isa_and_nonnull<arith::ExtSIOp>(op))
      return get(op->getOperand(0), dims);
    Kind kind = kindOf(op);
    std::optional<Scalar> by = kind == Kind::Source ? std::nullopt : scalarOf(op->getOperand(1));
    if (by && (!by->value || isFixed(by->value)))
      return number({kind, {}, get(op->getOperand(0), dims), *by});
    return number({Kind::Source, {value, dims}, 0, {}});
  }

  static Kind kindOf(Operation *op) {
    if (auto quotient = dyn_cast_or_null<FloorDivOp>(op); quotient && !quotient.getIsUnsigned())
      return Kind::Quotient;
    if (auto rest = dyn_cast_or_null<FloorModOp>(op); rest && !rest.getIsUnsigned())
      return Kind::Rest;
    return isa_and_nonnull<arith::AddIOp, arith::SubIOp>(op) ? Kind::Sum : Kind::Source;
  }

  /// The scalar that all elements of `operand` are.
  static std::optional<Scalar> scalarOf(Value operand) {
    if (auto full = operand.getDefiningOp<FullOp>())
      return scalarOf(full.getScalar());
    APInt number;
    if (matchPattern(operand, m_ConstantInt(&number)) && number.getBitWidth() <= 64)
      return Scalar{Value(), number.getSExtValue()};
    return isa<RankedTensorType>(operand.getType()) ? std::nullopt : std::optional(Scalar{operand});
  }

  /// The number of an expression, which may be there already.
  unsigned number(Expression expression) {
    for (auto [at, other] : llvm::enumerate(expressions))
      if (other.kind == expression.kind && other.source.value == expression.source.value &&
          other.source.dims == expression.source.dims && other.of == expression.of && other.by == expression.by)
        return at;
    expression.group = expressions.size();
    expressions.push_back(expression);
    return expression.group;
  }

  bool setKnown(Expression &expression) { return !std::exchange(expression.isKnown, true); }

  bool inferFrom(Expression &expression) {
    if (expression.kind == Kind::Source)
      return false;
    Expression &of = expressions[expression.of];
    if (expression.kind == Kind::Sum)
      return (expression.isKnown && setKnown(of)) || (of.isKnown && setKnown(expression));
    bool changed = of.isKnown && setKnown(expression);
    if (expression.kind != Kind::Quotient || !expression.isKnown)
      return changed;
    unsigned group = of.group;
    for (Expression &rest : expressions) {
      if (rest.kind != Kind::Rest || !(rest.by == expression.by))
        continue;
      if (rest.of == expression.of && rest.group != group) {
        changed = true;
        merge(rest.group, group);
      }
      if (rest.isKnown && expressions[rest.of].group == group)
        for (Expression &same : expressions)
          changed |= same.group == group && setKnown(same);
    }
    return changed;
  }

  void merge(unsigned from, unsigned to) {
    for (Expression &expression : expressions)
      if (expression.group == from)
        expression.group = to;
  }

  llvm::function_ref<bool(Value)> isFixed;
  SmallVector<Expression> expressions;
};
} // namespace

SmallVector<IndexSource> analysis::sourcesDeterminedBy(ArrayRef<Value> subscripts,
                                                       llvm::function_ref<bool(Value scalar)> isFixed) {
  Digits digits(isFixed);
  for (Value subscript : subscripts)
    digits.addKnown(subscript);
  digits.infer();
  return digits.knownSources();
}
