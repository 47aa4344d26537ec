//===- InterpretArith.cpp - integers, floats and choices ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The arith ops, and the tile dialect's division, shifts and random numbers. Each entry is the op's meaning on one
/// element: on floats as numbers, on integers as bits zero-extended to 64 and their width.
//
//===----------------------------------------------------------------------===//
#include "Elementwise.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

FailureOr<LaneResult> tilec::interpreter::makeLaneResult(Machine &machine, Operation *op, ArrayRef<const Datum *> operands) {
  const Datum *shaped = nullptr;
  bool allDefined = true;
  for (const Datum *operand : operands) {
    allDefined &= operand->laneStates() == nullptr;
    if (!operand->tile)
      continue;
    if (shaped && shaped->dims() != operand->dims()) {
      (void)machine.failInternally(op, "elementwise operands of different shapes");
      return failure();
    }
    shaped = operand;
  }
  LaneResult result;
  if (!shaped) {
    result.count = 1;
    for (const Datum *operand : operands)
      result.datum.state = std::max(result.datum.state, operand->state);
    return result;
  }
  result.datum.tile = machine.makeTile(op, shaped->dims());
  if (!result.datum.tile)
    return failure();
  result.bits = result.datum.tile->bits.data();
  result.count = result.datum.tile->size();
  if (allDefined)
    return result;
  for (const Datum *operand : operands)
    if (const LaneState *states = operand->laneStates())
      for (size_t i = 0; i != result.count; ++i)
        if (LaneState state = states[operand->tile ? i : 0]; state != LaneState::Defined)
          result.datum.tile->setState(i, state);
  return result;
}

LogicalResult tilec::interpreter::failFormat(Machine &machine, Operation *op, Type type) {
  std::string name;
  llvm::raw_string_ostream(name) << type;
  return machine.failInternally(op, "the interpreter has no format for elements of type " + name);
}

//===----------------------------------------------------------------------===//
// entering functions of elements
//===----------------------------------------------------------------------===//

/// Enters `function(x, y, width)` on the bits of integers; the result is cut to the width.
template <typename OpTy, typename Function>
static void addInteger(HandlerTable &table, Function) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) {
    unsigned width = elementWidth(elementType(op->getResult(0)));
    auto lane = [width](uint64_t x, uint64_t y) { return lowBits(Function()(x, y, width), width); };
    return mapLanes(machine, op, op->getResult(0), machine.get(op->getOperand(0)), machine.get(op->getOperand(1)), lane);
  });
}

/// Enters `function(x, y)` on floats.
template <typename OpTy, typename Function>
static void addFloat(HandlerTable &table, Function) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) { return mapFloat2(machine, cast<OpTy>(op), Function()); });
}

/// Fails if a lane of the result of the division `op` has a value although its divisor is zero.
static LogicalResult checkDivisor(Machine &machine, Operation *op) {
  const Datum &divisor = machine.get(op->getOperand(1)), &result = machine.get(op->getResult(0));
  const LaneState *states = result.laneStates();
  for (size_t i = 0, e = result.laneCount(); i != e; ++i)
    if (divisor.lanes()[divisor.tile ? i : 0] == 0 && (!states || states[i] == LaneState::Defined))
      return machine.fail(op, "division by zero");
  return success();
}

/// Enters the integer division `function(x, y, width)`.
template <typename OpTy, typename Function>
static void addDivision(HandlerTable &table, Function) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) -> LogicalResult {
    unsigned width = elementWidth(elementType(op->getResult(0)));
    auto lane = [&](uint64_t x, uint64_t y) { return y ? lowBits(Function()(x, y, width), width) : 0; };
    const Datum &lhs = machine.get(op->getOperand(0)), &rhs = machine.get(op->getOperand(1));
    return failed(mapLanes(machine, op, op->getResult(0), lhs, rhs, lane)) ? failure() : checkDivisor(machine, op);
  });
}

//===----------------------------------------------------------------------===//
// division and remainder that round down
//===----------------------------------------------------------------------===//

/// The quotient rounded toward zero; the most negative integer by -1 wraps.
static uint64_t divideSigned(uint64_t x, uint64_t y, unsigned width) {
  int64_t a = signExtend(x, width), b = signExtend(y, width);
  return b == -1 ? -static_cast<uint64_t>(a) : static_cast<uint64_t>(a / b);
}

static uint64_t remainderSigned(uint64_t x, uint64_t y, unsigned width) {
  int64_t a = signExtend(x, width), b = signExtend(y, width);
  return b == -1 ? 0 : static_cast<uint64_t>(a % b);
}

/// True where the exact quotient lies below the one that was rounded toward zero.
static bool isRoundedUp(uint64_t x, uint64_t y, unsigned width) {
  return remainderSigned(x, y, width) != 0 && (signExtend(x, width) < 0) != (signExtend(y, width) < 0);
}

static uint64_t floorDivide(uint64_t x, uint64_t y, unsigned width) {
  return divideSigned(x, y, width) - isRoundedUp(x, y, width);
}

static uint64_t ceilDivide(uint64_t x, uint64_t y, unsigned width) {
  bool isRoundedDown = remainderSigned(x, y, width) != 0 && !isRoundedUp(x, y, width);
  return divideSigned(x, y, width) + isRoundedDown;
}

static uint64_t floorRemainder(uint64_t x, uint64_t y, unsigned width) {
  return remainderSigned(x, y, width) + (isRoundedUp(x, y, width) ? y : 0);
}

/// The meaning of a tile op that is signed unless it says `unsigned`.
template <typename OpTy, typename Signed, typename Unsigned>
static LogicalResult evalSignedness(Machine &machine, OpTy op, Signed whenSigned, Unsigned whenUnsigned) {
  unsigned width = elementWidth(elementType(op.getValue()));
  bool isUnsigned = op.getIsUnsigned();
  auto lane = [&](uint64_t x, uint64_t y) {
    return lowBits(isUnsigned ? whenUnsigned(x, y, width) : whenSigned(x, y, width), width);
  };
  return mapLanes(machine, op, op.getValue(), machine.get(op.getLhs()), machine.get(op.getRhs()), lane);
}

static LogicalResult evalFloorDiv(Machine &machine, tile::FloorDivOp op) {
  auto whenSigned = [](uint64_t x, uint64_t y, unsigned width) { return y ? floorDivide(x, y, width) : 0; };
  auto whenUnsigned = [](uint64_t x, uint64_t y, unsigned) { return y ? x / y : 0; };
  return failed(evalSignedness(machine, op, whenSigned, whenUnsigned)) ? failure() : checkDivisor(machine, op);
}

static LogicalResult evalFloorMod(Machine &machine, tile::FloorModOp op) {
  auto whenSigned = [](uint64_t x, uint64_t y, unsigned width) { return y ? floorRemainder(x, y, width) : 0; };
  auto whenUnsigned = [](uint64_t x, uint64_t y, unsigned) { return y ? x % y : 0; };
  return failed(evalSignedness(machine, op, whenSigned, whenUnsigned)) ? failure() : checkDivisor(machine, op);
}

//===----------------------------------------------------------------------===//
// shifts
//===----------------------------------------------------------------------===//

static LogicalResult evalShl(Machine &machine, tile::ShlOp op) {
  auto shift = [](uint64_t x, uint64_t y, unsigned width) { return y >= width ? 0 : x << y; };
  return evalSignedness(machine, op, shift, shift);
}

static LogicalResult evalShr(Machine &machine, tile::ShrOp op) {
  auto whenSigned = [](uint64_t x, uint64_t y, unsigned width) {
    return static_cast<uint64_t>(signExtend(x, width) >> std::min<uint64_t>(y, width - 1));
  };
  auto whenUnsigned = [](uint64_t x, uint64_t y, unsigned width) { return y >= width ? 0 : x >> y; };
  return evalSignedness(machine, op, whenSigned, whenUnsigned);
}

//===----------------------------------------------------------------------===//
// comparisons and choices
//===----------------------------------------------------------------------===//

static bool compareIntegers(arith::CmpIPredicate predicate, uint64_t x, uint64_t y, unsigned width) {
  int64_t a = signExtend(x, width), b = signExtend(y, width);
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return x == y;
  case arith::CmpIPredicate::ne:
    return x != y;
  case arith::CmpIPredicate::slt:
    return a < b;
  case arith::CmpIPredicate::sle:
    return a <= b;
  case arith::CmpIPredicate::sgt:
    return a > b;
  case arith::CmpIPredicate::sge:
    return a >= b;
  case arith::CmpIPredicate::ult:
    return x < y;
  case arith::CmpIPredicate::ule:
    return x <= y;
  case arith::CmpIPredicate::ugt:
    return x > y;
  case arith::CmpIPredicate::uge:
    return x >= y;
  }
  llvm_unreachable("an integer predicate");
}

static LogicalResult evalCmpI(Machine &machine, arith::CmpIOp op) {
  unsigned width = elementWidth(elementType(op.getLhs()));
  arith::CmpIPredicate predicate = op.getPredicate();
  auto lane = [&](uint64_t x, uint64_t y) -> uint64_t { return compareIntegers(predicate, x, y, width); };
  return mapLanes(machine, op, op.getResult(), machine.get(op.getLhs()), machine.get(op.getRhs()), lane);
}

template <typename Float>
static bool compareFloats(arith::CmpFPredicate predicate, Float x, Float y) {
  using Predicate = arith::CmpFPredicate;
  bool isUnordered = std::isnan(x) || std::isnan(y);
  switch (predicate) {
  case Predicate::AlwaysFalse:
    return false;
  case Predicate::OEQ:
    return x == y;
  case Predicate::OGT:
    return x > y;
  case Predicate::OGE:
    return x >= y;
  case Predicate::OLT:
    return x < y;
  case Predicate::OLE:
    return x <= y;
  case Predicate::ONE:
    return x < y || x > y;
  case Predicate::ORD:
    return !isUnordered;
  case Predicate::UEQ:
    return isUnordered || x == y;
  case Predicate::UGT:
    return isUnordered || x > y;
  case Predicate::UGE:
    return isUnordered || x >= y;
  case Predicate::ULT:
    return isUnordered || x < y;
  case Predicate::ULE:
    return isUnordered || x <= y;
  case Predicate::UNE:
    return x != y;
  case Predicate::UNO:
    return isUnordered;
  case Predicate::AlwaysTrue:
    return true;
  }
  llvm_unreachable("a float predicate");
}

static LogicalResult evalCmpF(Machine &machine, arith::CmpFOp op) {
  LogicalResult status = failure();
  arith::CmpFPredicate predicate = op.getPredicate();
  bool known = withFormat(elementType(op.getLhs()), [&]<typename Format>(Format) {
    auto lane = [&](uint64_t x, uint64_t y) -> uint64_t {
      return compareFloats(predicate, Format::load(x), Format::load(y));
    };
    status = mapLanes(machine, op, op.getResult(), machine.get(op.getLhs()), machine.get(op.getRhs()), lane);
  });
  return known ? status : failFormat(machine, op, elementType(op.getLhs()));
}

/// The arm that is not taken need not have a value.
static LogicalResult evalSelect(Machine &machine, arith::SelectOp op) {
  const Datum &condition = machine.get(op.getCondition());
  const Datum &yes = machine.get(op.getTrueValue()), &no = machine.get(op.getFalseValue());
  if (!condition.tile && condition.state == LaneState::Defined) {
    Datum chosen = condition.bits ? yes : no;
    machine.set(op.getResult(), std::move(chosen));
    return success();
  }
  if (!isa<IntegerType, FloatType, IndexType>(elementType(op.getResult())))
    return machine.failUndefined(op, condition.state, "a condition");
  auto lane = [](uint64_t c, uint64_t x, uint64_t y) { return c ? x : y; };
  auto chosenState = [&](size_t i) {
    const LaneState *conditionStates = condition.laneStates();
    if (conditionStates && conditionStates[condition.tile ? i : 0] != LaneState::Defined)
      return conditionStates[condition.tile ? i : 0];
    const Datum &arm = condition.lanes()[condition.tile ? i : 0] ? yes : no;
    return arm.laneStates() ? arm.laneStates()[arm.tile ? i : 0] : LaneState::Defined;
  };
  SmallVector<LaneState> states;
  size_t count = std::max({condition.laneCount(), yes.laneCount(), no.laneCount()});
  if (condition.laneStates() || yes.laneStates() || no.laneStates())
    for (size_t i = 0; i != count; ++i)
      states.push_back(chosenState(i));
  if (failed(mapLanes(machine, op, op.getResult(), condition, yes, no, lane)))
    return failure();
  Datum result = machine.get(op.getResult());
  if (result.tile && !states.empty())
    result.tile->states.assign(states.begin(), states.end());
  else if (!states.empty())
    result.state = states.front();
  machine.set(op.getResult(), std::move(result));
  return success();
}

//===----------------------------------------------------------------------===//
// constants and products of double width
//===----------------------------------------------------------------------===//

/// The bits of an integer, float or bool attribute.
static std::optional<uint64_t> attributeBits(Attribute attribute) {
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return lowBits(integer.getValue().getZExtValue(), elementWidth(integer.getType()));
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return number.getValue().bitcastToAPInt().getZExtValue();
  return std::nullopt;
}

static LogicalResult evalConstant(Machine &machine, arith::ConstantOp op) {
  if (std::optional<uint64_t> bits = attributeBits(op.getValue())) {
    machine.set(op.getResult(), Datum(*bits));
    return success();
  }
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!elements)
    return machine.failInternally(op, "the interpreter does not know this kind of constant");
  TilePtr tile = machine.makeTile(op, elements.getType().getShape());
  if (!tile)
    return failure();
  if (elements.isSplat())
    std::fill(tile->bits.begin(), tile->bits.end(), *attributeBits(elements.getSplatValue<Attribute>()));
  else
    for (auto [lane, value] : llvm::enumerate(elements.getValues<Attribute>()))
      tile->bits[lane] = *attributeBits(value);
  machine.set(op.getResult(), Datum(std::move(tile)));
  return success();
}

template <typename OpTy, bool isSigned>
static LogicalResult evalMulExtended(Machine &machine, OpTy op) {
  unsigned width = elementWidth(elementType(op.getLhs()));
  auto product = [width](uint64_t x, uint64_t y) {
    return isSigned ? static_cast<unsigned __int128>(static_cast<__int128>(signExtend(x, width)) * signExtend(y, width))
                    : static_cast<unsigned __int128>(x) * y;
  };
  const Datum lhs = machine.get(op.getLhs()), rhs = machine.get(op.getRhs());
  auto low = [&](uint64_t x, uint64_t y) { return lowBits(static_cast<uint64_t>(product(x, y)), width); };
  auto high = [&](uint64_t x, uint64_t y) { return lowBits(static_cast<uint64_t>(product(x, y) >> width), width); };
  return failed(mapLanes(machine, op, op.getLow(), lhs, rhs, low)) ? failure()
                                                                   : mapLanes(machine, op, op.getHigh(), lhs, rhs, high);
}

static LogicalResult evalNegF(Machine &machine, arith::NegFOp op) {
  uint64_t sign = uint64_t(1) << (elementWidth(elementType(op.getResult())) - 1);
  return mapLanes(machine, op, op.getResult(), machine.get(op.getOperand()), [=](uint64_t x) { return x ^ sign; });
}

//===----------------------------------------------------------------------===//
// random numbers
//===----------------------------------------------------------------------===//

/// The first word that Philox4x32-10 gives for counter `(c0, c1, 0, 0)`.
static uint32_t philox(uint64_t seed, uint64_t counter) {
  uint32_t c[4] = {static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32), 0, 0};
  uint32_t key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round != 10; ++round) {
    uint64_t product0 = uint64_t(0xD2511F53) * c[0], product1 = uint64_t(0xCD9E8D57) * c[2];
    uint32_t next[4] = {static_cast<uint32_t>(product1 >> 32) ^ c[1] ^ key0, static_cast<uint32_t>(product1),
                        static_cast<uint32_t>(product0 >> 32) ^ c[3] ^ key1, static_cast<uint32_t>(product0)};
    std::copy(next, next + 4, c);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return c[0];
}

static LogicalResult evalRand(Machine &machine, tile::RandOp op) {
  unsigned width = elementWidth(elementType(op.getCounter()));
  bool isUnsigned = op.getIsUnsigned();
  auto lane = [=](uint64_t seed, uint64_t x) {
    uint64_t counter = isUnsigned ? x : static_cast<uint64_t>(signExtend(x, width));
    return F32Format::store(static_cast<float>(philox(seed, counter) >> 8) * 0x1p-24f);
  };
  return mapLanes(machine, op, op.getValue(), machine.get(op.getSeed()), machine.get(op.getCounter()), lane);
}

//===----------------------------------------------------------------------===//
// the table
//===----------------------------------------------------------------------===//

static void addIntegerOps(HandlerTable &table) {
  addInteger<arith::AddIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return x + y; });
  addInteger<arith::SubIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return x - y; });
  addInteger<arith::MulIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return x * y; });
  addInteger<arith::AndIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return x & y; });
  addInteger<arith::OrIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return x | y; });
  addInteger<arith::XOrIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return x ^ y; });
  addInteger<arith::MaxUIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return std::max(x, y); });
  addInteger<arith::MinUIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return std::min(x, y); });
  addInteger<arith::MaxSIOp>(table, [](uint64_t x, uint64_t y, unsigned width) {
    return signExtend(x, width) > signExtend(y, width) ? x : y;
  });
  addInteger<arith::MinSIOp>(table, [](uint64_t x, uint64_t y, unsigned width) {
    return signExtend(x, width) < signExtend(y, width) ? x : y;
  });
  addInteger<arith::ShLIOp>(table, [](uint64_t x, uint64_t y, unsigned width) { return y >= width ? 0 : x << y; });
  addInteger<arith::ShRUIOp>(table, [](uint64_t x, uint64_t y, unsigned width) { return y >= width ? 0 : x >> y; });
  addInteger<arith::ShRSIOp>(table, [](uint64_t x, uint64_t y, unsigned width) {
    return static_cast<uint64_t>(signExtend(x, width) >> std::min<uint64_t>(y, width - 1));
  });
  addDivision<arith::DivSIOp>(table, [](uint64_t x, uint64_t y, unsigned width) { return divideSigned(x, y, width); });
  addDivision<arith::RemSIOp>(table, [](uint64_t x, uint64_t y, unsigned width) { return remainderSigned(x, y, width); });
  addDivision<arith::FloorDivSIOp>(table, [](uint64_t x, uint64_t y, unsigned width) { return floorDivide(x, y, width); });
  addDivision<arith::CeilDivSIOp>(table, [](uint64_t x, uint64_t y, unsigned width) { return ceilDivide(x, y, width); });
  addDivision<arith::DivUIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return x / y; });
  addDivision<arith::RemUIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return x % y; });
  addDivision<arith::CeilDivUIOp>(table, [](uint64_t x, uint64_t y, unsigned) { return x / y + (x % y != 0); });
}

static void addFloatOps(HandlerTable &table) {
  addFloat<arith::AddFOp>(table, [](auto x, auto y) { return x + y; });
  addFloat<arith::SubFOp>(table, [](auto x, auto y) { return x - y; });
  addFloat<arith::MulFOp>(table, [](auto x, auto y) { return x * y; });
  addFloat<arith::DivFOp>(table, [](auto x, auto y) { return x / y; });
  addFloat<arith::RemFOp>(table, [](auto x, auto y) { return std::fmod(x, y); });
  addFloat<arith::MaximumFOp>(table, [](auto x, auto y) { return largerFloat(x, y); });
  addFloat<arith::MinimumFOp>(table, [](auto x, auto y) { return smallerFloat(x, y); });
  addFloat<arith::MaxNumFOp>(table, [](auto x, auto y) { return std::isnan(x) ? y : std::isnan(y) ? x : largerFloat(x, y); });
  addFloat<arith::MinNumFOp>(table, [](auto x, auto y) { return std::isnan(x) ? y : std::isnan(y) ? x : smallerFloat(x, y); });
}

void tilec::interpreter::addArithOps(HandlerTable &table) {
  addIntegerOps(table);
  addFloatOps(table);
  table.add<evalNegF>();
  table.add<evalConstant>();
  table.add<evalCmpI>();
  table.add<evalCmpF>();
  table.add<evalSelect>();
  table.add<evalFloorDiv>();
  table.add<evalFloorMod>();
  table.add<evalShl>();
  table.add<evalShr>();
  table.add<evalRand>();
  table.addHandler<arith::MulSIExtendedOp>([](Machine &machine, Operation *op) {
    return evalMulExtended<arith::MulSIExtendedOp, true>(machine, cast<arith::MulSIExtendedOp>(op));
  });
  table.addHandler<arith::MulUIExtendedOp>([](Machine &machine, Operation *op) {
    return evalMulExtended<arith::MulUIExtendedOp, false>(machine, cast<arith::MulUIExtendedOp>(op));
  });
}
