//===- ElaborateKernel.cpp - a kernel's header ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Type, const and array parameters, dims and the symbols in them, and the op that a kernel becomes.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;
using llvm::cast;
using llvm::dyn_cast;

//===----------------------------------------------------------------------===//
// Type and const parameters
//===----------------------------------------------------------------------===//

/// Adds a name of the kernel's header; no name twice.
static bool declareOnce(Scope &scope, const Name &name, Val val, tilec::DiagnosticEngine &diags) {
  if (Binding *other = scope.lookupHere(name.text)) {
    diags.error(name.range, "the name '" + name.text + "' is taken").note(other->declared, "declared here");
    return false;
  }
  scope.add(name.text, name.range, std::move(val));
  return true;
}

/// `f16 bf16 f32`: the types in a bound.
static std::string listTypes(TypeParam::Bound bound) {
  std::string list;
  for (ElementType type : allElementTypes())
    if (isInBound(type, bound))
      list += (list.empty() ? "" : " ") + spelling(type).str();
  return list;
}

bool Elaborator::bindTypeParams() {
  bool isBound = true;
  for (const TypeParam &param : item->typeParams) {
    auto given = compilation.options.types.find(param.name.text);
    std::optional<ElementType> type;
    if (given == compilation.options.types.end()) {
      report(param.name.range, "kernel '" + item->name.text + "' needs --type " + param.name.text + "=..., one of " +
                                   listTypes(param.bound));
    } else if (type = ast::elementTypeOf(given->second); !type) {
      report(param.name.range, "--type " + param.name.text + "=" + given->second +
                                   " names no element type; it is one of " + listTypes(param.bound));
    } else if (!isInBound(*type, param.bound)) {
      report(param.name.range, "'" + spelling(*type) + "' is not in the bound '" + spelling(param.bound) +
                                   "' of the type parameter '" + param.name.text + "'; it is one of " +
                                   listTypes(param.bound));
      type.reset();
    }
    isBound &= type && declareOnce(*scope, param.name, Val::ofType(*type), diags);
  }
  failedBefore |= !isBound;
  return isBound;
}

std::optional<ElementType> Elaborator::elementTypeOf(const Param &param) {
  if (const auto *type = dyn_cast<TypeExpr>(param.elementType))
    return type->type;
  const auto *name = dyn_cast<NameExpr>(param.elementType);
  Binding *binding = name ? scope->lookup(name->name.text) : nullptr;
  if (binding && binding->val.kind == Val::Kind::Type)
    return binding->val.type;
  if (name)
    report(name->range(), "'" + name->name.text + "' is not a type")
        .note("type parameters are declared as 'kernel " + item->name.text + "<" + name->name.text + ": float>(...)'");
  else
    report(param.elementType->range(), "expected an element type such as 'f32'");
  return std::nullopt;
}

std::optional<TypedConstant> Elaborator::evalConst(const Expr *expr) {
  auto lookup = [&](const NameExpr &name) -> std::optional<TypedConstant> {
    if (Binding *binding = scope->lookup(name.name.text); binding && binding->val.isConstant())
      return TypedConstant{*binding->val.constant, binding->val.type};
    if (const auto *constItem = llvm::dyn_cast_or_null<ConstItem>(file->items.lookup(name.name.text))) {
      auto found = compilation.consts.find(constItem);
      return found == compilation.consts.end() ? std::nullopt : std::optional(found->second);
    }
    report(name.range(), "'" + name.name.text + "' is not known at compile time");
    return std::nullopt;
  };
  std::optional<TypedConstant> value = ConstEvaluator(diags, lookup).evaluate(expr);
  failedBefore |= !value;
  return value;
}

bool Elaborator::bindConstParams() {
  bool isBound = true;
  for (const Param &param : item->params) {
    if (!param.isConst)
      continue;
    std::optional<ElementType> type = elementTypeOf(param);
    if (!type) {
      isBound = false;
      continue;
    }
    std::optional<Constant> value;
    auto option = compilation.options.consts.find(param.name.text);
    if (option != compilation.options.consts.end()) {
      value = parseConstant(option->second, *type);
      if (!value)
        report(param.name.range, "--const " + param.name.text + "=" + option->second + " is not a value of type '" +
                                     spelling(*type) + "'");
    } else if (!param.defaultValue) {
      report(param.name.range, "kernel '" + item->name.text + "' needs --const " + param.name.text +
                                   "=..., a value of type '" + spelling(*type) + "'");
    } else {
      std::optional<TypedConstant> given = evalConst(param.defaultValue);
      if (!given) {
        isBound = false;
        continue;
      }
      if (!given->type && !(value = fit(given->value, *type)))
        report(param.defaultValue->range(), given->value.text() + " does not fit into '" + spelling(*type) + "'");
      else if (given->type && !widensTo(*given->type, *type))
        report(param.defaultValue->range(),
               "the default is '" + spelling(*given->type) + "', the parameter '" + spelling(*type) + "'");
      else if (given->type)
        value = convert(given->value, *given->type, *type);
    }
    isBound &= value && declareOnce(*scope, param.name, Val::ofConstant(*type, *value), diags);
  }
  failedBefore |= !isBound;
  return isBound;
}

//===----------------------------------------------------------------------===//
// Dims and their symbols
//===----------------------------------------------------------------------===//

AffineExpr Elaborator::dimOf(const Expr *expr) {
  auto fail = [&](SourceRange range, const llvm::Twine &sentence) {
    report(range, sentence);
    return AffineExpr();
  };
  auto constant = [&](const Constant &value) {
    std::optional<int64_t> integer = value.asInt64();
    if (!integer)
      return fail(expr->range(), value.isInt() ? "this integer is too large for a dim" : "a dim is an integer");
    return getAffineConstantExpr(*integer, context);
  };
  switch (expr->kind()) {
  case Expr::Kind::Int:
    return constant(Constant::ofUInt(cast<IntExpr>(expr)->value));
  case Expr::Kind::Name: {
    const Name &name = cast<NameExpr>(expr)->name;
    if (Binding *binding = scope->lookup(name.text)) {
      if (binding->val.isConstant() && !symbols.contains(name.text))
        return constant(*binding->val.constant);
      if (!symbols.contains(name.text)) {
        // A parameter of that name is one mistake, however often the name is used.
        if (!misusedInDims.insert(name.text).second)
          return {};
        if (name.range.begin < binding->declared.begin) {
          report(binding->declared, "the name '" + name.text + "' is taken").note(name.range, "it is a dim here");
          return {};
        }
        report(name.range,
               "'" + name.text + "' is " +
                   (binding->val.kind == Val::Kind::Type ? "a type" : "a parameter that is known only at run time") +
                   "; a dim is made of integers, dim symbols and consts")
            .note(binding->declared, "declared here");
        return {};
      }
    } else if (const auto *constItem = llvm::dyn_cast_or_null<ConstItem>(file->items.lookup(name.text))) {
      auto found = compilation.consts.find(constItem);
      if (found == compilation.consts.end()) {
        failedBefore = true;
        return {};
      }
      return constant(found->second.value);
    }
    auto [entry, isNew] = symbols.try_emplace(name.text, symbols.size());
    if (isNew) {
      symbolRanges.push_back(name.range);
      auto bound = compilation.options.dims.find(name.text);
      symbolBound.push_back(bound == compilation.options.dims.end() ? std::nullopt : std::optional(bound->second));
    }
    return getAffineSymbolExpr(entry->second, context);
  }
  case Expr::Kind::Unary: {
    const auto *unary = cast<UnaryExpr>(expr);
    if (unary->op != UnaryOp::Neg)
      return fail(expr->range(), "a dim is an integer expression of '+', '-', '*' and '/'");
    AffineExpr operand = dimOf(unary->operand);
    return operand ? -operand : operand;
  }
  case Expr::Kind::Binary: {
    const auto *binary = cast<BinaryExpr>(expr);
    AffineExpr lhs = dimOf(binary->lhs), rhs = dimOf(binary->rhs);
    if (!lhs || !rhs)
      return {};
    auto l = dyn_cast<AffineConstantExpr>(lhs), r = dyn_cast<AffineConstantExpr>(rhs);
    int64_t result;
    switch (binary->op) {
    case BinaryOp::Add:
      if (l && r && llvm::AddOverflow(l.getValue(), r.getValue(), result))
        return fail(expr->range(), "this dim is too large");
      return lhs + rhs;
    case BinaryOp::Sub:
      if (l && r && llvm::SubOverflow(l.getValue(), r.getValue(), result))
        return fail(expr->range(), "this dim is too large");
      return lhs - rhs;
    case BinaryOp::Mul:
      if (l && r && llvm::MulOverflow(l.getValue(), r.getValue(), result))
        return fail(expr->range(), "this dim is too large");
      return lhs * rhs;
    case BinaryOp::Div:
      if (r && r.getValue() <= 0)
        return fail(binary->rhs->range(), "a dim is divided by a positive number only");
      if (l && r && l.getValue() % r.getValue() != 0)
        return fail(expr->range(), llvm::Twine(l.getValue()) + " is not divisible by " + llvm::Twine(r.getValue()) +
                                       "; a division in a dim must be exact");
      return lhs.floorDiv(rhs);
    default:
      return fail(expr->range(), "a dim is an integer expression of '+', '-', '*' and '/'");
    }
  }
  default:
    return fail(expr->range(),
                "a dim is an integer, a dim symbol, a const, or an expression of '+', '-', '*' and '/' over them");
  }
}

void Elaborator::collectSymbols() {
  // Parameters are declared first, so that a dim which names one is found out.
  Scope &header = *scope;
  auto declare = [&](const Param &param, bool isResult) {
    if (param.isConst)
      return;
    std::optional<ElementType> type = elementTypeOf(param);
    if (param.isArray && param.dims.empty())
      report(param.typeRange, "an array has at least one dim; a scalar is written without '[]'");
    if (type && !param.isArray && param.isInout)
      report(param.inoutRange, "only arrays can be 'inout'");
    if (type && !param.isArray && param.isStrided)
      report(param.stridedRange, "only arrays can be 'strided'");
    if (type && !param.isArray && isResult)
      report(param.typeRange,
             "a result is an array; write its dims, as in '" + param.name.text + ": " + spelling(*type) + "[1]'");
    if (!type || !declareOnce(header, param.name, Val::poison(), diags)) {
      failedBefore = true;
      return;
    }
    params.push_back({&param, *type, nullptr, isResult});
  };
  for (const Param &param : item->params)
    declare(param, false);
  for (const Param &result : item->results)
    declare(result, true);
  if (failedBefore)
    return;

  for (auto [position, decl] : llvm::enumerate(params)) {
    for (auto [d, dim] : llvm::enumerate(decl.param->dims)) {
      AffineExpr expr = dimOf(dim);
      if (!expr)
        continue;
      if (auto number = dyn_cast<AffineConstantExpr>(expr); number && number.getValue() < 0)
        report(dim->range(), "a dim cannot be negative, this is " + llvm::Twine(number.getValue()));
    }
  }
}

/// Takes `factor * symbol + offset` apart.
static bool matchLinear(AffineExpr expr, unsigned &symbol, int64_t &factor, int64_t &offset) {
  factor = 1;
  offset = 0;
  if (auto sum = dyn_cast<AffineBinaryOpExpr>(expr); sum && sum.getKind() == AffineExprKind::Add) {
    auto constant = dyn_cast<AffineConstantExpr>(sum.getRHS());
    if (!constant)
      return false;
    offset = constant.getValue();
    expr = sum.getLHS();
  }
  if (auto product = dyn_cast<AffineBinaryOpExpr>(expr); product && product.getKind() == AffineExprKind::Mul) {
    auto constant = dyn_cast<AffineConstantExpr>(product.getRHS());
    if (!constant || constant.getValue() <= 0)
      return false;
    factor = constant.getValue();
    expr = product.getLHS();
  }
  auto found = dyn_cast<AffineSymbolExpr>(expr);
  if (!found)
    return false;
  symbol = found.getPosition();
  return true;
}

void Elaborator::bindSymbols() {
  symbolSources.resize(symbols.size());
  SmallVector<AffineExpr> boundValues;
  for (unsigned symbol = 0; symbol != symbols.size(); ++symbol)
    boundValues.push_back(symbolBound[symbol] ? getAffineConstantExpr(*symbolBound[symbol], context)
                                              : getAffineSymbolExpr(symbol, context));

  // A symbol binds at its first plain appearance, else through R+c or c*R.
  for (bool plainOnly : {true, false}) {
    for (auto [position, decl] : llvm::enumerate(params)) {
      for (auto [d, dim] : llvm::enumerate(decl.param->dims)) {
        unsigned symbol;
        int64_t factor, offset;
        if (!matchLinear(dimOf(dim), symbol, factor, offset) || symbolSources[symbol].isBound ||
            (plainOnly && (factor != 1 || offset != 0)))
          continue;
        symbolSources[symbol] = {static_cast<unsigned>(position), static_cast<unsigned>(d), factor, offset, true};
      }
    }
  }
  for (const auto &[name, symbol] : symbols) {
    if (!symbolSources[symbol].isBound && !failedBefore)
      report(symbolRanges[symbol], "the dim '" + name + "' cannot be found out from the arrays")
          .note("a dim is found out where it stands alone in an array's dims, or as '" + name + "+c' or 'c*" + name +
                "'");
    scope->add(name, symbolRanges[symbol], Val::poison());
  }

  for (auto [position, decl] : llvm::enumerate(params)) {
    if (!decl.param->isArray)
      continue;
    Array &array = arrays.emplace_back();
    array.name = decl.param->name.text.str();
    array.kind = decl.isResult ? Array::Kind::Result : decl.param->isInout ? Array::Kind::Inout : Array::Kind::In;
    array.type = decl.type;
    array.declared = decl.param->name.range;
    for (const Expr *dim : decl.param->dims) {
      AffineExpr expr = simplifyAffineExpr(dimOf(dim).replaceSymbols(boundValues), 0, symbols.size());
      if (auto number = dyn_cast<AffineConstantExpr>(expr); number && number.getValue() < 0)
        report(dim->range(), "with the dims that were given, this dim is " + llvm::Twine(number.getValue()));
      array.extents.push_back({expr, {}, compilation.sources.text(dim->range()).str()});
    }
    decl.array = &array;
  }
}

//===----------------------------------------------------------------------===//
// The op
//===----------------------------------------------------------------------===//

/// Names in a config that are no index and no tunable of the kernel, but the target's own.
static constexpr StringRef targetOptions[] = {"num_warps", "num_stages", "num_ctas", "threads", "vector", "unroll"};
static constexpr StringRef targetNames[] = {"cpu", "nvptx", "amdgpu"};

void Elaborator::checkConfigValue(const ast::Argument &arg, int64_t value, const BodyUse &use) {
  StringRef name = arg.name.text;
  if (value <= 0)
    report(arg.value->range(), "a value of a config is positive, '" + name + "' is " + Twine(value));
  for (const TuneStmt *tune : use.tunables) {
    if (tune->name.text != name)
      continue;
    std::optional<SmallVector<int64_t>> values = tunableValues(*tune);
    if (values && !llvm::is_contained(*values, value))
      report(arg.value->range(), Twine(value) + " is not a value of the tunable '" + name + "'")
          .note(tune->range(), "its values are given here");
    return;
  }
  if (use.indices.contains(name) || llvm::is_contained(targetOptions, name))
    return;
  tilec::Diagnostic &diagnostic =
      report(arg.name.range, "the kernel '" + item->name.text + "' has no tile index and no tunable '" + name + "'");
  SmallVector<StringRef> candidates(use.indices.begin(), use.indices.end());
  for (const TuneStmt *tune : use.tunables)
    candidates.push_back(tune->name.text);
  llvm::append_range(candidates, targetOptions);
  if (StringRef close = closestName(name, candidates); !close.empty())
    diagnostic.note("did you mean '" + close + "'?");
}

DictionaryAttr Elaborator::bakedConfigs(const BodyUse &use) {
  SmallVector<NamedAttribute> targets;
  llvm::StringSet<> seen;
  for (const ast::Attribute &attribute : item->attributes) {
    if (attribute.name.text != "config") {
      report(attribute.name.range, "there is no attribute '@" + attribute.name.text +
                                       "'; a config is written '@config(target=\"cpu\", i=64)'");
      continue;
    }
    const Argument *target = findNamed(attribute.args, "target");
    const auto *targetName = target ? dyn_cast<StringExpr>(target->value) : nullptr;
    if (!targetName) {
      report(target ? target->value->range() : attribute.range,
             "'@config' needs the target as a string, as in 'target=\"cpu\"'");
      continue;
    }
    if (!llvm::is_contained(targetNames, targetName->value)) {
      report(targetName->range(), "there is no target \"" + targetName->value + "\"; it is one of " +
                                      llvm::join(ArrayRef<StringRef>(targetNames), ", "));
      continue;
    }
    if (!seen.insert(targetName->value).second) {
      report(attribute.range, "there are two configs for the target \"" + targetName->value + "\"");
      continue;
    }
    SmallVector<NamedAttribute> values;
    for (const Argument &arg : attribute.args) {
      if (&arg == target)
        continue;
      std::optional<TypedConstant> given = evalConst(arg.value);
      if (!given)
        continue;
      std::optional<int64_t> value = given->value.asInt64();
      if (!value) {
        report(arg.value->range(), "a value of a config is an integer");
        continue;
      }
      checkConfigValue(arg, *value, use);
      values.push_back(builder.getNamedAttr(arg.name.text, builder.getI64IntegerAttr(*value)));
    }
    targets.push_back(builder.getNamedAttr(targetName->value, builder.getDictionaryAttr(values)));
  }
  return targets.empty() ? DictionaryAttr() : builder.getDictionaryAttr(targets);
}

void Elaborator::nameUnreached(const BodyUse &use) {
  llvm::SetVector<StringRef> names(use.indices.begin(), use.indices.end());
  for (const TuneStmt *tune : use.tunables)
    names.insert(tune->name.text);
  kernel.walk([&](Operation *op) {
    if (auto size = dyn_cast<tile::SizeOp>(op))
      names.remove(size.getIndex());
    else if (auto tunable = dyn_cast<tile::TunableOp>(op))
      names.remove(tunable.getName());
  });
  if (!names.empty())
    kernel->setAttr("tile.unreached", builder.getStrArrayAttr(names.getArrayRef()));
}

/// `strided<[?, ..., 1]>` at offset 0; the last stride is free if `isStrided`.
static MemRefType memrefOf(MLIRContext *context, const Array &array, bool isStrided) {
  SmallVector<int64_t> shape, strides(array.extents.size(), ShapedType::kDynamic);
  for (const Extent &extent : array.extents) {
    auto number = dyn_cast<AffineConstantExpr>(extent.expr);
    shape.push_back(number ? number.getValue() : ShapedType::kDynamic);
  }
  if (!isStrided)
    strides.back() = 1;
  return MemRefType::get(shape, storageType(context, array.type), StridedLayoutAttr::get(context, 0, strides));
}

void Elaborator::createKernel(ModuleOp module, DictionaryAttr baked) {
  SmallVector<Type> types;
  SmallVector<mlir::Attribute> argAttrs, symbolNames;
  for (const ParamDecl &decl : params) {
    SmallVector<AffineExpr> dims;
    for (const Expr *dim : decl.param->dims)
      dims.push_back(dimOf(dim));
    tile::ParamKind kind = tile::ParamKind::scalar;
    if (decl.array) {
      kind = decl.isResult         ? tile::ParamKind::result
             : decl.param->isInout ? tile::ParamKind::inout
                                   : tile::ParamKind::array;
      types.push_back(memrefOf(context, *decl.array, decl.param->isStrided));
    } else {
      types.push_back(storageType(context, decl.type));
    }
    auto param = tile::ParamAttr::get(context, decl.param->name.text, kind, spelling(decl.type),
                                      AffineMap::get(0, symbols.size(), dims, context), decl.param->isStrided);
    argAttrs.push_back(builder.getDictionaryAttr(builder.getNamedAttr("tile.param", param)));
  }
  SmallVector<NamedAttribute> bound;
  for (const auto &[name, symbol] : symbols) {
    symbolNames.push_back(builder.getStringAttr(name));
    compilation.usedDims.insert(name);
    if (symbolBound[symbol])
      bound.push_back(builder.getNamedAttr(name, builder.getI64IntegerAttr(*symbolBound[symbol])));
  }
  builder.setInsertionPointToEnd(module.getBody());
  kernel = tile::KernelOp::create(builder, loc(item->name.range), item->name.text, builder.getFunctionType(types, {}),
                                  builder.getArrayAttr(symbolNames),
                                  bound.empty() ? DictionaryAttr() : builder.getDictionaryAttr(bound),
                                  /*config=*/nullptr, baked, builder.getArrayAttr(argAttrs), /*res_attrs=*/nullptr);
  entry = &kernel.getBody().emplaceBlock();
  for (auto [type, decl] : llvm::zip(types, params))
    entry->addArgument(type, loc(decl.param->name.range));
}

void Elaborator::declareParams() {
  // Slot 0 stands for every access.
  tokens.emplace_back();
  for (auto [position, decl] : llvm::enumerate(params)) {
    Binding &binding = *scope->lookupHere(decl.param->name.text);
    Value arg = entry->getArgument(position);
    if (decl.array) {
      decl.array->memref = arg;
      if (decl.array->isWritable()) {
        decl.array->tokenSlot = tokens.size();
        tokens.emplace_back();
      }
      binding.val = Val::ofArray(decl.array);
    } else if (decl.type == ElementType::Bool) {
      auto flag = createInPrologue<tile::CastOp>(builder.getI1Type(), arg);
      binding.val = Val::ofRuntime(decl.type, flag);
    } else {
      binding.val = Val::ofRuntime(decl.type, arg);
    }
  }
  for (const auto &[name, symbol] : symbols) {
    Val val = Val::ofRuntime(ElementType::I32, {});
    if (symbolBound[symbol])
      val = Val::ofConstant(ElementType::I32, Constant::ofInt(*symbolBound[symbol]));
    val.dimExpr = symbolBound[symbol] ? getAffineConstantExpr(*symbolBound[symbol], context)
                                      : getAffineSymbolExpr(symbol, context);
    scope->lookupHere(name)->val = val;
  }
}

Value Elaborator::symbolValue(unsigned symbol) {
  if (Value known = symbolValues.lookup(symbol))
    return known;
  const SymbolSource &source = symbolSources[symbol];
  Value value = createInPrologue<memref::DimOp>(Value(entry->getArgument(source.param)), indexConstant(source.dim));
  if (source.offset != 0)
    value = createInPrologue<arith::SubIOp>(value, indexConstant(source.offset));
  if (source.factor != 1)
    value = createInPrologue<arith::DivSIOp>(value, indexConstant(source.factor));
  return symbolValues[symbol] = value;
}
