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

static LogicalResult bindArray(Machine &machine, BlockArgument value, tile::ParamAttr param, const InterpreterArgument &argument) {
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
  auto array = std::make_unique<Array>(param.getName().str(), argument.data, argument.extents, argument.strides, bytes, initialised);
  machine.set(value, Datum(machine.getMemory().add(std::move(array))));
  return success();
}

LogicalResult tilec::interpret(tile::KernelOp kernel, ArrayRef<InterpreterArgument> arguments, const InterpreterOptions &options) {
  Machine machine(kernel, options);
  Block &body = kernel.getBody().front();
  if (arguments.size() != body.getNumArguments())
    return machine.report(InterpreterError::Kind::Call, kernel,
                          "kernel '" + kernel.getSymName() + "' takes " + Twine(body.getNumArguments()) + " arguments, got " +
                              Twine(arguments.size()));
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    BlockArgument value = body.getArgument(i);
    tile::ParamAttr param = kernel.getParam(i);
    if (isa<MemRefType>(value.getType())) {
      if (failed(bindArray(machine, value, param, argument)))
        return failure();
      continue;
    }
    if (argument.isArray)
      return machine.report(InterpreterError::Kind::Call, kernel, "scalar '" + param.getName() + "' gets an array");
    machine.set(value, Datum(lowBits(argument.bits, elementWidth(value.getType()))));
  }
  return machine.runBlock(body);
}
