//===- ControlOps.cpp - kernels, grids, ranges and tunables ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Tile/OpVerifiers.h"
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace tilec::tile;

//===----------------------------------------------------------------------===//
// kernel
//===----------------------------------------------------------------------===//

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &builder, ArrayRef<Type> inputs, ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag, std::string &) {
    return builder.getFunctionType(inputs, results);
  };
  return function_interface_impl::parseFunctionOp(parser, result, /*allowVariadic=*/false,
                                                  getFunctionTypeAttrName(result.name), buildType,
                                                  getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void KernelOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
                                           getArgAttrsAttrName(), getResAttrsAttrName());
}

void KernelOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  for (BlockArgument argument : region.getArguments())
    if (ParamAttr param = getParam(argument.getArgNumber()))
      setName(argument, param.getName());
}

LogicalResult KernelOp::verify() {
  // kernel_c1
  if (!isa<ReturnOp>(getBody().front().getTerminator()))
    return emitOpError("must end with 'tile.return'");
  // kernel_c4
  if (!getFunctionType().getResults().empty())
    return emitOpError("has no results: a result is an array argument");
  for (unsigned i = 0, e = getNumArguments(); i != e; ++i) {
    // kernel_c2
    ParamAttr param = getParam(i);
    if (!param)
      return emitOpError() << "argument " << i << " has no 'tile.param'";
    auto memref = dyn_cast<MemRefType>(getArgumentTypes()[i]);
    if ((param.getKind() == ParamKind::scalar) != !memref)
      return emitOpError() << "parameter '" << param.getName() << "' is " << stringifyParamKind(param.getKind())
                           << " but has type " << getArgumentTypes()[i];
    // kernel_c3
    AffineMap dims = param.getDims();
    if (memref && (dims.getNumResults() != memref.getRank() || dims.getNumDims() != 0))
      return emitOpError() << "parameter '" << param.getName() << "' has " << memref.getRank() << " dims but its map is "
                           << AffineMapAttr::get(dims);
    if (memref && dims.getNumSymbols() > getSymbols().size())
      return emitOpError() << "the dims of parameter '" << param.getName() << "' use " << dims.getNumSymbols()
                           << " symbols, the kernel names " << getSymbols().size();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// grid
//===----------------------------------------------------------------------===//

/// grid-dim ::= ssa-arg string `:` type `=` ssa `to` ssa `step` ssa
ParseResult GridOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  StringAttr name;
  SmallVector<OpAsmParser::Argument> args;
  SmallVector<OpAsmParser::UnresolvedOperand> lower, upper, step, after;
  SmallVector<Attribute> names;
  if (parser.parseAttribute(name, getNameAttrName(result.name), result.attributes))
    return failure();
  auto parseDim = [&]() -> ParseResult {
    std::string indexName;
    if (parser.parseArgument(args.emplace_back()) || parser.parseString(&indexName) ||
        parser.parseColonType(args.back().type) ||
        parser.parseEqual() || parser.parseOperand(lower.emplace_back()) || parser.parseKeyword("to") ||
        parser.parseOperand(upper.emplace_back()) || parser.parseKeyword("step") ||
        parser.parseOperand(step.emplace_back()))
      return failure();
    names.push_back(builder.getStringAttr(indexName));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseDim) || parser.parseKeyword("entry") ||
      parser.parseArgument(args.emplace_back()))
    return failure();
  args.back().type = builder.getType<TokenType>();
  if (succeeded(parser.parseOptionalKeyword("after")) &&
      parser.parseOperandList(after, AsmParser::Delimiter::Paren))
    return failure();
  result.addAttribute(getNamesAttrName(result.name), builder.getArrayAttr(names));
  result.addAttribute(getOperandSegmentSizesAttrName(result.name),
                      builder.getDenseI32ArrayAttr({int32_t(lower.size()), int32_t(upper.size()), int32_t(step.size()),
                                                    int32_t(after.size())}));
  Type index = builder.getIndexType();
  result.addTypes(args.back().type);
  if (parser.resolveOperands(lower, index, result.operands) || parser.resolveOperands(upper, index, result.operands) ||
      parser.resolveOperands(step, index, result.operands) ||
      parser.resolveOperands(after, args.back().type, result.operands) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes) || parser.parseRegion(*result.addRegion(), args))
    return failure();
  ensureTerminator(*result.regions.front(), builder, result.location);
  return success();
}

void GridOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getNameAttr() << " (";
  for (unsigned d = 0, e = getRank(); d != e; ++d) {
    printer << (d ? ", " : "") << getIndex(d) << ' ' << getNames()[d] << " : " << getIndex(d).getType() << " = "
            << getLower()[d] << " to " << getUpper()[d] << " step " << getStep()[d];
  }
  printer << ") entry " << getEntry();
  if (!getAfter().empty())
    printer << " after (" << getAfter() << ')';
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(),
                                           {getNameAttrName(), getNamesAttrName(), getOperandSegmentSizesAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false, /*printBlockTerminators=*/true);
}

void GridOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  for (auto [argument, name] : llvm::zip(region.getArguments(), getNames().getAsValueRange<StringAttr>()))
    setName(argument, name);
  if (region.getNumArguments() == getRank() + 1)
    setName(getEntry(), "entry");
}

LogicalResult GridOp::verify() {
  unsigned rank = getNames().size();
  // grid_c2
  if (getLower().size() != rank || getUpper().size() != rank || getStep().size() != rank)
    return emitOpError() << "has " << rank << " names but bounds for " << getLower().size() << ", " << getUpper().size()
                         << " and " << getStep().size() << " dims";
  if (getBody().getNumArguments() != rank + 1 || !isa<TokenType>(getBody().getArguments().back().getType()))
    return emitOpError() << "needs one block argument per dim and the entry token";
  for (unsigned d = 0; d != rank; ++d) {
    Type type = getIndex(d).getType();
    auto range = dyn_cast<RangeType>(type);
    if (!range && !type.isIndex())
      return emitOpError() << "dim " << d << " must be a !tile.range or an index, got " << type;
    // grid_c4
    APInt step;
    if (range && !range.isDynamic() && matchPattern(getStep()[d], m_ConstantInt(&step)) &&
        step.getSExtValue() != range.getSize())
      return emitOpError() << "dim " << d << " has tiles of " << range.getSize() << " but a step of " << step.getSExtValue();
  }
  // grid_c1
  auto yield = dyn_cast<YieldOp>(getBody().front().getTerminator());
  if (!yield || !llvm::all_of(yield.getOperandTypes(), llvm::IsaPred<TokenType>))
    return emitOpError("must end with a 'tile.yield' of tokens");
  // grid_c3
  if ((*this)->getParentOfType<GridOp>())
    return emitOpError("stands inside another grid");
  if (!(*this)->getParentOfType<KernelOp>())
    return emitOpError("stands outside a kernel");
  return success();
}

//===----------------------------------------------------------------------===//
// ranges and tunables
//===----------------------------------------------------------------------===//

void SizeOp::getAsmResultNames(OpAsmSetValueNameFn setName) { setName(getSize(), ("size_" + getIndex()).str()); }

void RangeOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  if (getName())
    setName(getRange(), *getName());
}

LogicalResult TunableOp::verify() {
  // tunable_c1
  if (getValues().empty())
    return emitOpError("needs at least one value");
  return success();
}

LogicalResult RangeOp::verify() {
  // range_c1
  APInt size;
  int64_t typeSize = getRange().getType().getSize();
  if (!ShapedType::isDynamic(typeSize) && matchPattern(getSize(), m_ConstantInt(&size)) &&
      size.getSExtValue() != typeSize)
    return emitOpError() << "has size " << size.getSExtValue() << " but type " << getRange().getType();
  return success();
}

LogicalResult ShiftOp::verify() {
  // shift_c1
  if (getRange().getType().getSize() != getWindow().getType().getSize())
    return emitOpError() << "changes the size: " << getRange().getType() << " to " << getWindow().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// print and assert
//===----------------------------------------------------------------------===//

/// How many `{}` a format has; `{{` and `}}` stand for braces.
static size_t countHoles(StringRef format) {
  size_t holes = 0;
  while (!format.empty()) {
    if (format.consume_front("{{") || format.consume_front("}}"))
      continue;
    holes += format.starts_with("{}");
    format = format.drop_front(format.starts_with("{}") ? 2 : 1);
  }
  return holes;
}

LogicalResult PrintOp::verify() {
  // print_c1
  size_t holes = countHoles(getFormat());
  if (holes != getValues().size() || holes != getTypes().size())
    return emitOpError() << "has " << holes << " '{}' but " << getValues().size() << " values and " << getTypes().size()
                         << " types";
  // print_c2
  SmallVector<int64_t> dims;
  for (Type type : getValues().getTypes())
    llvm::append_range(dims, tileShape(type));
  return verifyRanges(*this, "the dims of the values", dims, getOver());
}

LogicalResult AssertOp::verify() {
  // assert_c1
  return verifyRanges(*this, "the condition", tileShape(getCondition().getType()), getOver());
}
