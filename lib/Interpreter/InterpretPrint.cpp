//===- InterpretPrint.cpp - print ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Cuts the printed values to the extents of their ranges, and puts their text into the format.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"
#include "NumpyFormat.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

static LogicalResult evalPrint(Machine &machine, tile::PrintOp op) {
  SmallVector<std::string> texts;
  OperandRange over = op.getOver();
  for (auto [value, name] : llvm::zip_equal(op.getValues(), op.getTypes().getAsValueRange<StringAttr>())) {
    const Datum &datum = machine.get(value);
    SmallVector<int64_t, 4> extents, strides = rowMajorStrides(datum.dims());
    for (size_t d = 0; d != strides.size(); ++d)
      extents.push_back(machine.getRange(over[d]).extent);
    over = over.drop_front(strides.size());
    std::vector<uint64_t> elements;
    for (Odometer index(extents); index; ++index) {
      int64_t lane = linearIndex(*index, strides);
      if (const LaneState *states = datum.laneStates(); states && states[lane] != LaneState::Defined)
        return machine.failUndefined(op, states[lane], "an element to print");
      elements.push_back(datum.lanes()[lane]);
    }
    texts.push_back(formatLikeNumpy(printedType(name, elementType(value)), elements, extents));
  }
  std::string line;
  StringRef format = op.getFormat();
  size_t next = 0;
  while (!format.empty()) {
    if (format.consume_front("{{"))
      line += '{';
    else if (format.consume_front("}}"))
      line += '}';
    else if (next < texts.size() && format.consume_front("{}"))
      line += texts[next++];
    else {
      line += format.front();
      format = format.drop_front();
    }
  }
  line += '\n';
  if (machine.getOptions().print)
    machine.getOptions().print(line);
  else
    llvm::outs() << line;
  return success();
}

void tilec::interpreter::addPrintOps(HandlerTable &table) { table.add<evalPrint>(); }
