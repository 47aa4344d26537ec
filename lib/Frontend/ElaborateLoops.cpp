//===- ElaborateLoops.cpp - grids and sequential loops ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `for` over tiles and ranges, as a grid at the top level and as nested loops inside, and `while`. Variables and tokens
// are carried; a loop with a `break` becomes an scf.while that also tests a flag.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;
using llvm::cast;
using llvm::dyn_cast;

//===----------------------------------------------------------------------===//
// Bounds and sizes
//===----------------------------------------------------------------------===//

/// The positional arguments of a loop's iterator; reports options that it does not take.
static SmallVector<const Argument *> positional(ArrayRef<Argument> args) {
  SmallVector<const Argument *> result;
  for (const Argument &arg : args)
    if (!arg.isNamed())
      result.push_back(&arg);
  return result;
}

bool Elaborator::tileBounds(const Expr *expr, Value &lower, Value &upper) {
  const Expr *lo = nullptr, *hi = expr;
  if (const auto *range = dyn_cast<RangeExpr>(expr)) {
    lo = range->lo;
    hi = range->hi;
  }
  Val lowerVal = lo ? evalScalar(lo, "a bound of 'tiles'") : Val::ofConstant(ElementType::I32, Constant::ofInt(0));
  Val upperVal = evalScalar(hi, "a bound of 'tiles'");
  if (lowerVal.isPoison() || upperVal.isPoison())
    return false;
  lower = indexOf(lowerVal, loc(expr->range()));
  upper = indexOf(upperVal, loc(expr->range()));
  return true;
}

Value Elaborator::tileSize(const Expr *expr, const Name &name, StringRef label, int64_t &size) {
  size = ShapedType::kDynamic;
  const auto *word = dyn_cast_or_null<NameExpr>(expr);
  if (!expr || (word && word->name.text == "auto" && !scope->lookup("auto")))
    return tile::SizeOp::create(builder, loc(name.range), name.text, label);
  Val val = evalScalar(expr, "the size of a tile");
  if (val.isPoison())
    return {};
  if (std::optional<int64_t> known = val.asInt64()) {
    if (*known < 1 || *known > (int64_t(1) << 20)) {
      report(expr->range(), "the size of a tile is at least 1 and at most 1048576, this is " + Twine(*known));
      return {};
    }
    size = *known;
    return indexConstant(size);
  }
  if (!val.isConfig) {
    report(expr->range(), "the size of a tile must be known at compile time: a number, a const, a tunable, or 'auto'");
    return {};
  }
  return indexOf(val, loc(expr->range()));
}

bool Elaborator::rangeDim(const ForStmt &loop, LoopDim &dim, bool &isAscending) {
  SmallVector<const Argument *> args = positional(loop.args);
  for (const Argument &arg : loop.args)
    if (arg.isNamed())
      report(arg.name.range, "'range' has no option '" + arg.name.text + "'");
  if (args.empty() || args.size() > 3) {
    report(loop.iteratorRange, "'range' takes 1 to 3 arguments: 'range(n)', 'range(lo, hi)' or 'range(lo, hi, step)'");
    return false;
  }
  if (loop.indices.size() != 1) {
    report(loop.indices[1].range, "'range' gives one index; use 'tiles' or nested loops for several");
    return false;
  }
  Location where = loc(loop.iteratorRange);
  Vals vals;
  for (const Argument *arg : args)
    vals.push_back(evalScalar(arg->value, "a bound of 'range'"));
  if (llvm::any_of(vals, [](const Val &val) { return val.isPoison(); }))
    return false;
  isAscending = true;
  dim.lower = args.size() == 1 ? indexConstant(0) : indexOf(vals[0], where);
  dim.upper = indexOf(vals[args.size() == 1 ? 0 : 1], where);
  dim.step = args.size() == 3 ? indexOf(vals[2], where) : indexConstant(1);
  if (args.size() == 3) {
    std::optional<int64_t> step = vals[2].asInt64();
    isAscending = step && *step > 0;
    if (step && *step == 0) {
      report(args[2]->value->range(), "the step of 'range' cannot be 0");
      return false;
    }
  }
  return true;
}

bool Elaborator::loopDims(const ForStmt &loop, StringRef label, SmallVectorImpl<LoopDim> &dims, bool &exact) {
  exact = false;
  SmallVector<const Argument *> args = positional(loop.args);
  const Expr *sizeOption = nullptr;
  for (const Argument &arg : loop.args) {
    if (!arg.isNamed())
      continue;
    if (arg.name.text == "size") {
      sizeOption = arg.value;
    } else if (arg.name.text == "exact") {
      CallArg option{arg.name.text, arg.value, eval(arg.value)};
      exact = boolOption(&option, false).value_or(false);
    } else {
      report(arg.name.range, "'tiles' has no option '" + arg.name.text + "'; its options are 'size' and 'exact'");
    }
  }
  if (args.size() != loop.indices.size()) {
    bool isTooMany = loop.indices.size() > args.size();
    report(
        isTooMany ? loop.indices[args.size()].range : loop.iteratorRange,
        "there " +
            Twine(loop.indices.size() == 1 ? "is 1 index" : "are " + std::to_string(loop.indices.size()) + " indices") +
            " for " + Twine(args.size()) + (args.size() == 1 ? " range" : " ranges") + " of 'tiles'");
    return false;
  }
  const auto *sizeList = dyn_cast_or_null<ListExpr>(sizeOption);
  if (sizeList && sizeList->elements.size() != args.size()) {
    report(sizeList->range(),
           "there are " + Twine(sizeList->elements.size()) + " sizes for " + Twine(args.size()) + " indices");
    return false;
  }
  bool isGood = true;
  for (auto [d, arg] : llvm::enumerate(args)) {
    const Name &name = loop.indices[d];
    LoopDim &dim = dims.emplace_back();
    dim.name = name.text;
    dim.nameRange = name.range;
    for (size_t other = 0; other != d; ++other)
      if (!name.isDiscard() && loop.indices[other].text == name.text) {
        report(name.range, "two indices of one loop have the name '" + name.text + "'")
            .note(loop.indices[other].range, "the other one");
        isGood = false;
      }
    isGood &= tileBounds(arg->value, dim.lower, dim.upper);
    const Expr *size = sizeList ? sizeList->elements[d] : sizeOption;
    dim.step = tileSize(size, name, label, dim.size);
    isGood &= static_cast<bool>(dim.step);
  }
  return isGood;
}

void Elaborator::checkExact(const LoopDim &dim, SourceRange where) {
  Location place = loc(where);
  Value length = arith::SubIOp::create(builder, place, dim.upper, dim.lower);
  Value rest = arith::RemSIOp::create(builder, place, length, dim.step);
  Value isWhole = arith::CmpIOp::create(builder, place, arith::CmpIPredicate::eq, rest, indexConstant(0));
  std::string size = ShapedType::isDynamic(dim.size) ? "its tile size" : std::to_string(dim.size);
  std::string message = "'" + dim.name.str() + "' is exact, but its range is not a multiple of " + size;
  tile::AssertOp::create(builder, place, isWhole, builder.getStringAttr(message), ValueRange());
}

//===----------------------------------------------------------------------===//
// for
//===----------------------------------------------------------------------===//

void Elaborator::emitFor(const ForStmt &loop) {
  if (level == Level::Combine) {
    report(loop.range(), "a combining function has no loops");
    return;
  }
  bool isGrid = level == Level::Kernel;
  std::string label = isGrid ? "grid#" + std::to_string(numGrids++) : "loop#" + std::to_string(numLoops++);
  SmallVector<LoopDim> dims;
  bool exact = false, isAscending = true, isGood;
  bool isRange = loop.over == ForStmt::Over::Range;
  if (isRange) {
    LoopDim &dim = dims.emplace_back();
    dim.name = loop.indices.front().text;
    dim.nameRange = loop.indices.front().range;
    isGood = rangeDim(loop, dim, isAscending);
  } else {
    isGood = loopDims(loop, label, dims, exact);
  }
  if (!isGood) {
    // The body is not looked at, unless names keep it from a cascade: its indices are unknown.
    Scope inner(scope);
    scope = &inner;
    for (const Name &name : loop.indices)
      scope->add(name.text, name.range, Val::poison());
    LoopFrame unknown;
    unknown.isGrid = isGrid;
    LoopFrame *outerFrame = std::exchange(frame, &unknown);
    Level outerLevel = std::exchange(level, Level::Grid);
    emitBlock(*loop.body);
    level = outerLevel;
    frame = outerFrame;
    scope = inner.getParent();
    return;
  }
  if (exact)
    for (const LoopDim &dim : dims)
      checkExact(dim, dim.nameRange);
  if (isGrid)
    emitGrid(loop, label, dims, exact);
  else
    emitSequential(loop, dims, exact, isAscending);
}

void Elaborator::emitLoopBody(const ast::Block &body, LoopFrame &inner, llvm::function_ref<void()> bindIndices) {
  Scope indices(scope);
  scope = &indices;
  LoopFrame *outer = std::exchange(frame, &inner);
  inner.exited.val = Val::ofConstant(ElementType::Bool, Constant::ofBool(false));
  bindIndices();
  emitBlock(body);
  frame = outer;
  scope = indices.getParent();
}

void Elaborator::emitGrid(const ForStmt &loop, StringRef label, ArrayRef<LoopDim> dims, bool exact) {
  bool isRange = loop.over == ForStmt::Over::Range;
  Location where = loc(loop.range());
  SmallVector<Value> lower, upper, step;
  SmallVector<mlir::Attribute> names;
  SmallVector<Type> types;
  SmallVector<Location> places;
  for (const LoopDim &dim : dims) {
    lower.push_back(dim.lower);
    upper.push_back(dim.upper);
    step.push_back(dim.step);
    names.push_back(builder.getStringAttr(dim.name));
    types.push_back(isRange ? Type(builder.getIndexType()) : tile::RangeType::get(context, dim.size));
    places.push_back(loc(dim.nameRange));
  }
  types.push_back(tile::TokenType::get(context));
  places.push_back(where);
  auto grid = tile::GridOp::create(builder, where, label, builder.getArrayAttr(names), lower, upper, step, gridTokens);

  OpBuilder::InsertionGuard guard(builder);
  mlir::Block &block = grid.getBody().emplaceBlock();
  block.addArguments(types, places);
  builder.setInsertionPointToEnd(&block);
  for (TokenState &state : tokens)
    state = {grid.getEntry(), {}};
  gridEntry = grid.getEntry();
  tokens[0].since.clear();
  level = Level::Grid;
  LoopFrame inner;
  inner.isGrid = true;
  emitLoopBody(*loop.body, inner, [&] {
    for (auto [d, dim] : llvm::enumerate(dims)) {
      Value argument = grid.getIndex(d);
      Val val = isRange ? Val::ofIndex(argument)
                        : Val::ofTileIndex(addTileIndex(dim.name, argument, dim.lower, dim.upper, dim.step, exact));
      if (dim.name != "_")
        scope->add(dim.name, dim.nameRange, val);
    }
  });
  level = Level::Kernel;

  // What later grids may have to wait for: every array's last accesses.
  llvm::SmallSetVector<Value, 4> last;
  for (const TokenState &state : ArrayRef<TokenState>(tokens).drop_front()) {
    if (state.since.empty())
      last.insert(state.last);
    else
      last.insert(state.since.begin(), state.since.end());
  }
  if (last.size() > 1)
    last.remove(grid.getEntry());
  tile::YieldOp::create(builder, where, last.empty() ? ValueRange() : ValueRange(join(last.getArrayRef(), where)));
  gridTokens.push_back(grid.getToken());
}

void Elaborator::emitCounted(Location where, Value lower, Value upper, Value step, LoopFrame &inner,
                             const Carried &carried, llvm::function_ref<void(Value)> body) {
  SmallVector<Value> inits = read(carried, where);
  if (!inner.hasBreak) {
    auto loop = scf::ForOp::create(builder, where, lower, upper, step, inits);
    OpBuilder::InsertionGuard guard(builder);
    mlir::Block &block = *loop.getBody();
    block.clear();
    builder.setInsertionPointToEnd(&block);
    write(carried, loop.getRegionIterArgs());
    body(loop.getInductionVar());
    scf::YieldOp::create(builder, where, read(carried, where));
    write(carried, loop.getResults());
    return;
  }
  // A loop that may be left: the counter is carried, and the flag is tested with it.
  inits.insert(inits.begin(), lower);
  SmallVector<Type> types = llvm::map_to_vector(inits, [](Value value) { return value.getType(); });
  SmallVector<Location> places(types.size(), where);
  auto loop = scf::WhileOp::create(builder, where, types, inits);
  OpBuilder::InsertionGuard guard(builder);
  mlir::Block *before = builder.createBlock(&loop.getBefore(), {}, types, places);
  write(carried, before->getArguments().drop_front());
  Value inside = arith::CmpIOp::create(builder, where, arith::CmpIPredicate::slt, before->getArgument(0), upper);
  Value goesOn = arith::XOrIOp::create(builder, where, valueOf(inner.broken.val, where), flagValue(true));
  Value condition = arith::AndIOp::create(builder, where, inside, goesOn);
  scf::ConditionOp::create(builder, where, condition, before->getArguments());
  mlir::Block *after = builder.createBlock(&loop.getAfter(), {}, types, places);
  write(carried, after->getArguments().drop_front());
  body(after->getArgument(0));
  SmallVector<Value> next = read(carried, where);
  next.insert(next.begin(), arith::AddIOp::create(builder, where, after->getArgument(0), step));
  scf::YieldOp::create(builder, where, next);
  write(carried, loop.getResults().drop_front());
}

void Elaborator::emitSequential(const ForStmt &loop, ArrayRef<LoopDim> dims, bool exact, bool isAscending) {
  bool isRange = loop.over == ForStmt::Over::Range;
  Location where = loc(loop.range());
  BodyUse use = newUse();
  use.addStatements(loop.body->statements);
  Carried carried = carriedBy(use, /*withFlags=*/false);
  LoopFrame inner;
  inner.hasBreak = use.hasBreak;
  inner.hasContinue = use.hasContinue;
  inner.broken.val = Val::ofConstant(ElementType::Bool, Constant::ofBool(false));
  if (inner.hasBreak)
    carried.vars.push_back(&inner.broken);

  if (isRange) {
    const LoopDim &dim = dims.front();
    auto bind = [&](Value value) {
      emitLoopBody(*loop.body, inner, [&] {
        if (dim.name != "_")
          scope->add(dim.name, dim.nameRange, Val::ofIndex(value));
      });
    };
    if (isAscending)
      return emitCounted(where, dim.lower, dim.upper, dim.step, inner, carried, bind);
    // The sign of the step is not known, or negative: count the iterations.
    Value zero = indexConstant(0), one = indexConstant(1);
    Value isUp = arith::CmpIOp::create(builder, where, arith::CmpIPredicate::sgt, dim.step, zero);
    Value up = arith::SubIOp::create(builder, where, dim.upper, dim.lower);
    Value down = arith::SubIOp::create(builder, where, dim.lower, dim.upper);
    Value length = arith::SelectOp::create(builder, where, isUp, up, down);
    Value back = arith::SubIOp::create(builder, where, zero, dim.step);
    Value stride = arith::SelectOp::create(builder, where, isUp, dim.step, back);
    // A step of 0 is undefined, but must not trap.
    stride = arith::MaxSIOp::create(builder, where, stride, one);
    Value padded = arith::AddIOp::create(builder, where, length, arith::SubIOp::create(builder, where, stride, one));
    Value count = arith::DivSIOp::create(builder, where, padded, stride);
    return emitCounted(where, zero, count, one, inner, carried, [&](Value iteration) {
      Value offset = arith::MulIOp::create(builder, where, iteration, dim.step);
      bind(arith::AddIOp::create(builder, where, dim.lower, offset));
    });
  }

  // Nested loops, the last index fastest; a break leaves them all.
  SmallVector<Value> ranges;
  std::function<void(size_t)> emitFrom = [&](size_t d) {
    if (d == dims.size()) {
      emitLoopBody(*loop.body, inner, [&] {
        for (auto [dim, range] : llvm::zip(dims, ranges)) {
          const TileIndex *index = addTileIndex(dim.name, range, dim.lower, dim.upper, dim.step, exact);
          if (dim.name != "_")
            scope->add(dim.name, dim.nameRange, Val::ofTileIndex(index));
        }
      });
      return;
    }
    const LoopDim &dim = dims[d];
    emitCounted(where, dim.lower, dim.upper, dim.step, inner, carried, [&](Value begin) {
      ranges.push_back(tile::RangeOp::create(builder, loc(dim.nameRange), tile::RangeType::get(context, dim.size),
                                             begin, dim.upper, dim.step, builder.getStringAttr(dim.name)));
      emitFrom(d + 1);
    });
  };
  emitFrom(0);
}

void Elaborator::emitWhile(const WhileStmt &loop) {
  if (level == Level::Kernel) {
    report(loop.range(), "a 'while' loop stands inside a grid");
    return;
  }
  if (level == Level::Combine) {
    report(loop.range(), "a combining function has no loops");
    return;
  }
  ++numLoops;
  Location where = loc(loop.range());
  BodyUse use = newUse();
  use.addStatements(loop.body->statements);
  LoopFrame inner;
  inner.hasBreak = use.hasBreak;
  inner.hasContinue = use.hasContinue;
  inner.broken.val = Val::ofConstant(ElementType::Bool, Constant::ofBool(false));
  BodyUse all = use;
  all.addExpr(loop.condition);
  Carried carried = carriedBy(all, /*withFlags=*/false);
  if (inner.hasBreak)
    carried.vars.push_back(&inner.broken);

  SmallVector<Value> inits = read(carried, where);
  SmallVector<Type> types = llvm::map_to_vector(inits, [](Value value) { return value.getType(); });
  SmallVector<Location> places(types.size(), where);
  auto whileOp = scf::WhileOp::create(builder, where, types, inits);
  OpBuilder::InsertionGuard guard(builder);
  mlir::Block *before = builder.createBlock(&whileOp.getBefore(), {}, types, places);
  write(carried, before->getArguments());
  Value condition = flagValue(false);
  auto evalCondition = [&] {
    Val val = emitCondition(loop.condition);
    if (!val.isPoison())
      condition = valueOf(val, where);
  };
  if (inner.hasBreak) {
    // After a break the condition is not evaluated again.
    Value goesOn = arith::XOrIOp::create(builder, where, valueOf(inner.broken.val, where), flagValue(true));
    Binding result;
    result.val = Val::ofRuntime(ElementType::Bool, flagValue(false));
    BodyUse conditionUse = newUse();
    conditionUse.addExpr(loop.condition);
    Carried inCondition = carriedBy(conditionUse, /*withFlags=*/false);
    inCondition.vars.push_back(&result);
    emitScfIf(
        where, goesOn, inCondition,
        [&] {
          evalCondition();
          result.val = Val::ofRuntime(ElementType::Bool, condition);
        },
        [] {});
    condition = valueOf(result.val, where);
  } else {
    evalCondition();
  }
  scf::ConditionOp::create(builder, where, condition, read(carried, where));
  mlir::Block *after = builder.createBlock(&whileOp.getAfter(), {}, types, places);
  write(carried, after->getArguments());
  emitLoopBody(*loop.body, inner, [] {});
  scf::YieldOp::create(builder, where, read(carried, where));
  write(carried, whileOp.getResults());
}
