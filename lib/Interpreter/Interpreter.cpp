//===- Interpreter.cpp - one call of a kernel ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Binds the arguments of a call to a kernel's parameters and runs its body.
//
//===----------------------------------------------------------------------===//
#include "tilec/Interpreter/Interpreter.h"

#include "Machine.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

/// The sets of arrays with which an array may share memory: a list of numbers, on a parameter.
static constexpr StringLiteral kAliasAttrName = "tile.alias";

static LogicalResult bindArray(Machine &machine, BlockArgument value, tile::ParamAttr param,
                               const InterpreterArgument &argument) {
  tile::KernelOp kernel = machine.getKernel();
  auto fail = [&](const Twine &message) {
    return machine.report(InterpreterError::Kind::Call, kernel, "array '" + param.getName() + "' " + message);
  };
  auto type = cast<MemRefType>(value.getType());
  if (!argument.isArray)
    return fail("gets a scalar");
  size_t rank = type.getRank();
  if (argument.extents.size() != rank || argument.strides.size() != rank)
    return fail("has " + Twine(argument.extents.size()) + " dims, the kernel takes " + Twine(rank));
  bool isEmpty = false;
  for (auto [d, extent, size] : llvm::enumerate(argument.extents, type.getShape())) {
    isEmpty |= extent == 0;
    if (extent < 0 || (!ShapedType::isDynamic(size) && size != extent))
      return fail("has extent " + Twine(extent) + " in dim " + Twine(d) + ", the kernel takes " + Twine(size));
  }
  if (!argument.data && !isEmpty)
    return fail("has no data");
  unsigned bytes = llvm::divideCeil(elementWidth(type.getElementType()), 8);
  bool initialised = param.getKind() != tile::ParamKind::result;
  auto array = std::make_unique<Array>(param.getName().str(), argument.data, argument.extents, argument.strides, bytes,
                                       initialised);
  machine.set(value, Datum(machine.getMemory().add(std::move(array))));
  return success();
}

/// Binds an argument to its parameter.
static LogicalResult bind(Machine &machine, BlockArgument value, const InterpreterArgument &argument) {
  tile::KernelOp kernel = machine.getKernel();
  tile::ParamAttr param = kernel.getParam(value.getArgNumber());
  if (isa<MemRefType>(value.getType()))
    return bindArray(machine, value, param, argument);
  if (argument.isArray)
    return machine.report(InterpreterError::Kind::Call, kernel, "scalar '" + param.getName() + "' gets an array");
  machine.set(value, Datum(lowBits(argument.bits, elementWidth(value.getType()))));
  return success();
}

/// Whether accesses of a parameter's array may be part of a race: it is written, or may share memory with one that is.
static bool mayRace(tile::KernelOp kernel, unsigned param) {
  return kernel.getParam(param).getKind() != tile::ParamKind::array || kernel.getArgAttr(param, kAliasAttrName);
}

/// Fails unless the alias sets of the parameters are lists of set numbers.
static LogicalResult checkAliasSets(Machine &machine) {
  tile::KernelOp kernel = machine.getKernel();
  for (unsigned i = 0; i != kernel.getNumArguments(); ++i) {
    Attribute sets = kernel.getArgAttr(i, kAliasAttrName);
    auto isNumber = [](Attribute set) { return isa<IntegerAttr>(set); };
    auto list = dyn_cast_or_null<ArrayAttr>(sets);
    bool isGood = isa<MemRefType>(kernel.getArgumentTypes()[i]) && list && llvm::all_of(list, isNumber);
    if (sets && !isGood)
      return machine.failInternally(kernel, "'" + kAliasAttrName + "' of parameter '" + kernel.getParam(i).getName() +
                                                "' is not a list of set numbers of an array");
  }
  return success();
}

/// Binds all arguments of a call, as the kernel's outermost agent.
static LogicalResult bindAll(Machine &machine, Agent &agent, ArrayRef<InterpreterArgument> arguments) {
  tile::KernelOp kernel = machine.getKernel();
  Block &body = kernel.getBody().front();
  if (arguments.size() != body.getNumArguments())
    return machine.report(InterpreterError::Kind::Call, kernel,
                          "kernel '" + kernel.getSymName() + "' takes " + Twine(body.getNumArguments()) +
                              " arguments, got " + Twine(arguments.size()));
  if (failed(checkAliasSets(machine)))
    return failure();
  machine.enter(agent, body);
  return machine.runAs(agent, [&]() -> LogicalResult {
    SmallVector<Array *> racing;
    for (auto [value, argument] : llvm::zip_equal(body.getArguments(), arguments)) {
      if (failed(bind(machine, value, argument)))
        return failure();
      if (argument.isArray && mayRace(kernel, value.getArgNumber()))
        racing.push_back(machine.get(value).array);
    }
    for (ArrayRef<Array *> group : groupByMemory(racing))
      if (RaceDetector *races = machine.getRaces())
        races->addArray(group);
    return success();
  });
}

LogicalResult interpreter::runKernel(tile::KernelOp kernel, ArrayRef<InterpreterArgument> arguments,
                                     const InterpreterOptions &options, RunRecord *record) {
  Machine machine(kernel, options, record);
  Agent agent;
  return failed(bindAll(machine, agent, arguments)) ? failure() : machine.getScheduler().run(agent);
}

LogicalResult interpreter::checkCall(tile::KernelOp kernel, ArrayRef<InterpreterArgument> arguments,
                                     const InterpreterOptions &options) {
  Machine machine(kernel, options, nullptr);
  Agent agent;
  return bindAll(machine, agent, arguments);
}

LogicalResult tilec::interpret(tile::KernelOp kernel, ArrayRef<InterpreterArgument> arguments,
                               const InterpreterOptions &options) {
  return runKernel(kernel, arguments, options, nullptr);
}
