//===- LayoutAttrs.cpp - attributes of the layout dialect -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Layout/Layout.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Hashes
//===----------------------------------------------------------------------===//

llvm::hash_code tilec::layout::hash_value(const Layout &layout) { return llvm::hash_value(print(layout)); }

llvm::hash_code tilec::layout::hash_value(const ComposedLayout &layout) { return llvm::hash_value(print(layout)); }

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// The library's text; inside of an attribute its own print() would come first.
template <class Value> static std::string textOf(const Value &value) { return tilec::layout::print(value); }

/// Where an error of the library lies in the text that it was given: its sentence says so in "at column N of".
static size_t columnOf(StringRef message) {
  constexpr StringRef marker = " at column ";
  size_t place = message.find(marker);
  unsigned long long column = 1;
  if (place == StringRef::npos || message.drop_front(place + marker.size()).consumeInteger(10, column) || !column)
    return 0;
  return column - 1;
}

/// Reads a string, and in it a value by `read`; errors lie inside the string.
template <class Value, class Read> static ParseResult parseText(AsmParser &parser, Value &value, Read read) {
  SMLoc quote = parser.getCurrentLocation();
  std::string text;
  if (parser.parseString(&text))
    return failure();
  auto parsed = read(text);
  if (!parsed) {
    const char *place = quote.getPointer() + 1 + std::min(columnOf(parsed.message()), text.size());
    return parser.emitError(SMLoc::getFromPointer(place)) << parsed.message();
  }
  value = std::move(*parsed);
  return mlir::success();
}

static ParseResult parseLayoutText(AsmParser &parser, ComposedLayout &layout) {
  return parseText(parser, layout, [](const std::string &text) { return parseComposed(text); });
}

static void printLayoutText(AsmPrinter &printer, const ComposedLayout &layout) {
  printer << '"' << textOf(layout) << '"';
}

static ParseResult parseDistributedText(AsmParser &parser, Layout &layout) {
  return parseText(parser, layout, [](const std::string &text) { return parseLayout(text); });
}

static void printDistributedText(AsmPrinter &printer, const Layout &layout) { printer << '"' << textOf(layout) << '"'; }

#define GET_ATTRDEF_CLASSES
#include "dialects/Layout/LayoutAttrs.cpp.inc"

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult LayoutAttr::verify(function_ref<InFlightDiagnostic()> emitError, ComposedLayout layout) {
  if (std::holds_alternative<std::monostate>(layout.outer))
    return mlir::success();
  for (const Mode &mode : layout.inner.leaves())
    if (!mode.stride.asNumber()) // layout_c1
      return emitError() << "the stride " << textOf(mode.stride) << " of " << textOf(layout.inner)
                         << " is a coordinate, which is no index for the outer function";
  return mlir::success();
}

LogicalResult DistributedAttr::verify(function_ref<InFlightDiagnostic()> emitError, Layout layout) {
  Result<DistributedLayout> distributed = DistributedLayout::make(layout);
  if (!distributed) // distributed_c1, distributed_c2
    return emitError() << distributed.message();
  return mlir::success();
}

LogicalResult DistributedAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                                              function_ref<InFlightDiagnostic()> emitError) const {
  Result<DistributedLayout> distributed = DistributedLayout::make(getLayout());
  if (!distributed)
    return emitError() << distributed.message();
  if (shape != ArrayRef<int64_t>(distributed->shape())) { // distributed_c3
    InFlightDiagnostic error = emitError()
                               << "the layout distributes a tile of shape "
                               << textOf(IntTuple::flat(distributed->shape())) << ", the tensor has shape (";
    llvm::interleave(
        shape,
        [&](int64_t size) {
          if (ShapedType::isDynamic(size))
            error << '?';
          else
            error << size;
        },
        [&] { error << ','; });
    return error << ')';
  }
  return mlir::success();
}

void LayoutDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Layout/LayoutAttrs.cpp.inc"
      >();
}
