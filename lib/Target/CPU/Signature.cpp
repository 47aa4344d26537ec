//===- Signature.cpp - signatures of kernels --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decides which dim binds each symbol, and turns the other dims into programs
// that check them.

#include "tilec/Target/CPU/Signature.h"

using namespace mlir;
using namespace tilec;

namespace {
/// The form `factor * symbol + offset` of a dim.
struct Linear {
  unsigned symbol = 0;
  int64_t factor = 1;
  int64_t offset = 0;
};

/// Builds the steps of one kernel.
class SignatureBuilder {
public:
  SignatureBuilder(KernelSignature &signature, DictionaryAttr bound) : signature(signature) {
    for (const std::string &name : signature.symbols) {
      auto value = bound ? bound.getAs<IntegerAttr>(name) : IntegerAttr();
      fixed.push_back(value ? std::optional<int64_t>(value.getInt()) : std::nullopt);
    }
    isBound.assign(fixed.size(), false);
    for (size_t s = 0; s < fixed.size(); ++s)
      isBound[s] = fixed[s].has_value();
  }

  /// The dim as the source spells it: `2*N`, `K/64`.
  std::string spell(AffineExpr expr, bool nested = false) const;

  /// Whether the dim can bind a symbol that nothing has bound yet.
  std::optional<Linear> matchLinear(AffineExpr expr) const;
  void bind(unsigned param, unsigned dim, AffineExpr expr, const Linear &linear);
  /// False if the dim refers to a symbol that is not bound.
  bool check(unsigned param, unsigned dim, AffineExpr expr);

private:
  bool emit(AffineExpr expr, DimProgram &program) const;

  KernelSignature &signature;
  /// The values of symbols that the kernel is specialised for.
  std::vector<std::optional<int64_t>> fixed;
  std::vector<bool> isBound;
};
} // namespace

std::string SignatureBuilder::spell(AffineExpr expr, bool nested) const {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::to_string(constant.getValue());
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return signature.symbols[symbol.getPosition()];
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return "?";
  AffineExpr left = binary.getLHS(), right = binary.getRHS();
  bool isSum = binary.getKind() == AffineExprKind::Add;
  const char *op = isSum ? "+" : binary.getKind() == AffineExprKind::Mul ? "*" : "/";
  // MLIR puts constants last; people write `2*N`.
  if (binary.getKind() == AffineExprKind::Mul && isa<AffineConstantExpr>(right))
    std::swap(left, right);
  std::string text = spell(left, !isSum) + op + spell(right, !isSum);
  if (auto constant = dyn_cast<AffineConstantExpr>(right); isSum && constant && constant.getValue() < 0)
    text = spell(left) + std::to_string(constant.getValue());
  return isSum && nested ? "(" + text + ")" : text;
}

std::optional<Linear> SignatureBuilder::matchLinear(AffineExpr expr) const {
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    if (isBound[symbol.getPosition()])
      return std::nullopt;
    return Linear{symbol.getPosition(), 1, 0};
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  AffineExpr left = binary.getLHS(), right = binary.getRHS();
  if (isa<AffineConstantExpr>(left))
    std::swap(left, right);
  auto constant = dyn_cast<AffineConstantExpr>(right);
  std::optional<Linear> linear = matchLinear(left);
  if (!linear || !constant)
    return std::nullopt;
  int64_t value = constant.getValue();
  bool overflows = false;
  if (binary.getKind() == AffineExprKind::Add) {
    overflows = __builtin_add_overflow(linear->offset, value, &linear->offset);
  } else if (binary.getKind() == AffineExprKind::Mul && value != 0) {
    overflows = __builtin_mul_overflow(linear->offset, value, &linear->offset) ||
                __builtin_mul_overflow(linear->factor, value, &linear->factor);
  } else {
    return std::nullopt;
  }
  return overflows ? std::nullopt : linear;
}

void SignatureBuilder::bind(unsigned param, unsigned dim, AffineExpr expr, const Linear &linear) {
  signature.steps.push_back(
      DimStep::bind(param, dim, spell(expr), linear.symbol, linear.offset, linear.factor));
  isBound[linear.symbol] = true;
}

bool SignatureBuilder::emit(AffineExpr expr, DimProgram &program) const {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    program.pushConst(constant.getValue());
    return true;
  }
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    unsigned position = symbol.getPosition();
    if (fixed[position])
      program.pushConst(*fixed[position]);
    else
      program.pushSymbol(position);
    return isBound[position];
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary || !emit(binary.getLHS(), program) || !emit(binary.getRHS(), program))
    return false;
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    program.add();
    return true;
  case AffineExprKind::Mul:
    program.mul();
    return true;
  case AffineExprKind::FloorDiv:
    program.div();
    return true;
  default:
    return false;
  }
}

bool SignatureBuilder::check(unsigned param, unsigned dim, AffineExpr expr) {
  DimProgram program;
  if (!emit(expr, program))
    return false;
  signature.steps.push_back(DimStep::check(param, dim, spell(expr), std::move(program)));
  return true;
}

FailureOr<KernelSignature> tilec::buildSignature(StringRef name, ArrayRef<tile::ParamAttr> params, ArrayAttr symbols,
                                                 DictionaryAttr bound,
                                                 function_ref<InFlightDiagnostic()> emitError) {
  KernelSignature signature;
  signature.name = name.str();
  if (symbols)
    for (auto symbol : symbols.getAsRange<StringAttr>())
      signature.symbols.push_back(symbol.str());
  for (tile::ParamAttr param : params) {
    std::optional<DType> dtype = parseDType(param.getType());
    if (!dtype)
      return emitError() << "parameter '" << param.getName() << "' has the type '" << param.getType()
                         << "', which no caller can pass";
    if (param.getDims().getNumResults() > TILEC_MAX_RANK)
      return emitError() << "array '" << param.getName() << "' has more than " << TILEC_MAX_RANK << " dims";
    KernelParam result;
    result.name = param.getName().str();
    result.kind = static_cast<ParamKind>(param.getKind());
    result.dtype = *dtype;
    result.rank = param.getKind() == tile::ParamKind::scalar ? 0 : param.getDims().getNumResults();
    result.strided = param.getStrided();
    signature.params.push_back(std::move(result));
  }

  // Symbols that stand alone first, then the linear forms, then what is left to check.
  SignatureBuilder builder(signature, bound);
  SmallVector<std::pair<unsigned, unsigned>> open;
  auto forEachOpenDim = [&](auto visit) {
    SmallVector<std::pair<unsigned, unsigned>> rest;
    for (auto [param, dim] : open)
      if (!visit(param, dim, params[param].getDims().getResult(dim)))
        rest.push_back({param, dim});
    open = std::move(rest);
  };
  for (unsigned p = 0; p < params.size(); ++p)
    for (unsigned d = 0; d < signature.params[p].rank; ++d)
      open.push_back({p, d});
  forEachOpenDim([&](unsigned param, unsigned dim, AffineExpr expr) {
    std::optional<Linear> linear = builder.matchLinear(expr);
    if (!linear || !isa<AffineSymbolExpr>(expr))
      return false;
    builder.bind(param, dim, expr, *linear);
    return true;
  });
  forEachOpenDim([&](unsigned param, unsigned dim, AffineExpr expr) {
    std::optional<Linear> linear = builder.matchLinear(expr);
    if (!linear)
      return false;
    builder.bind(param, dim, expr, *linear);
    return true;
  });
  forEachOpenDim([&](unsigned param, unsigned dim, AffineExpr expr) { return builder.check(param, dim, expr); });
  if (!open.empty()) {
    auto [param, dim] = open.front();
    return emitError() << "no dim of an array says what the symbols in '"
                       << builder.spell(params[param].getDims().getResult(dim)) << "', dim " << dim << " of '"
                       << params[param].getName() << "', are";
  }
  return signature;
}

FailureOr<KernelSignature> tilec::buildSignature(tile::KernelOp kernel) {
  SmallVector<tile::ParamAttr> params;
  for (unsigned i = 0, e = kernel.getNumArguments(); i < e; ++i)
    params.push_back(kernel.getParam(i));
  return buildSignature(kernel.getSymName(), params, kernel.getSymbols(), kernel.getBoundAttr(),
                        [&] { return kernel.emitError(); });
}
