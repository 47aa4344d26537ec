//===- SymbolicOperations.cpp - The algebra over text with symbols -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SymbolicOperations.h"

#include "tilec/Layout/SymbolicLayout.h"

#include "TextReader.h"

using namespace tilec::layout;

using Text = Result<std::string>;

//===----------------------------------------------------------------------===//
// From and to text
//===----------------------------------------------------------------------===//

static Text text(const Error &error) { return error; }
static Text text(bool value) { return std::string(value ? "true" : "false"); }
static Text text(size_t value) { return std::to_string(value); }
template <class T> static Text text(const T &value) { return print(value); }
template <class T> static Text text(const Result<T> &result) { return result ? text(*result) : text(result.error()); }

/// f(A).
template <class F> static Text onLayout(const std::string &operand, const Assumptions &assumptions, F operation) {
  Result<SymbolicLayout> a = parseSymbolicLayout(operand, assumptions);
  if (!a)
    return a.error();
  return text(operation(*a));
}

/// f(A, B).
template <class F> static Text onLayouts(const Operands &operands, const Assumptions &assumptions, F operation) {
  Result<SymbolicLayout> a = parseSymbolicLayout(operands[0], assumptions),
                         b = parseSymbolicLayout(operands[1], assumptions);
  if (!a || !b)
    return a ? b.error() : a.error();
  return text(operation(*a, *b));
}

/// A number of a mode.
static Result<size_t> parseMode(const std::string &operand) {
  Result<SymbolicTuple> tuple = parseSymbolicTuple(operand);
  if (!tuple)
    return tuple.error();
  std::optional<int64_t> number = tuple->isLeaf() ? tuple->leaf().asNumber() : std::nullopt;
  if (!number || *number < 0)
    return Error{"the number of a mode is not negative and no symbol, but found " + operand};
  return static_cast<size_t>(*number);
}

//===----------------------------------------------------------------------===//
// The operations
//===----------------------------------------------------------------------===//

static Text runSize(const Operands &operands, const Assumptions &assumptions) {
  return onLayout(operands[0], assumptions, [](const SymbolicLayout &a) -> Result<SymbolicInt> {
    if (!a.size().isValid())
      return Error{"the size of " + print(a) + " exceeds 2^62 or eight symbols"};
    return a.size();
  });
}

static Text runAt(const Operands &operands, const Assumptions &assumptions) {
  Result<SymbolicTuple> coordinate = parseSymbolicTuple(operands[1]);
  if (!coordinate)
    return coordinate.error();
  return onLayout(operands[0], assumptions, [&](const SymbolicLayout &a) { return at(a, *coordinate, assumptions); });
}

static Text runCoalesce(const Operands &operands, const Assumptions &assumptions) {
  Result<IntTuple> profile = operands.size() > 1 ? parseTuple(operands[1]) : IntTuple(1);
  if (!profile)
    return profile.error();
  return onLayout(operands[0], assumptions, [&](const SymbolicLayout &a) { return coalesce(a, *profile); });
}

static Text runComplement(const Operands &operands, const Assumptions &assumptions) {
  Result<SymbolicTuple> extent = operands.size() > 1 ? parseSymbolicTuple(operands[1]) : SymbolicTuple(1);
  if (!extent)
    return extent.error();
  if (!extent->isLeaf())
    return Error{"the extent of strides that are integers is one number, not " + print(*extent)};
  return onLayout(operands[0], assumptions,
                  [&](const SymbolicLayout &a) { return complement(a, extent->leaf(), assumptions); });
}

/// A shape alone is a layout here, as in the operation over numbers.
static Text runCompose(const Operands &operands, const Assumptions &assumptions) {
  if (operands[1].find_first_of("<_") == std::string::npos || parseSymbolicLayout(operands[1], assumptions))
    return onLayouts(operands, assumptions,
                     [&](const SymbolicLayout &a, const SymbolicLayout &b) { return composition(a, b, assumptions); });
  Result<SymbolicTiler> tiler = parseSymbolicTiler(operands[1], assumptions);
  if (!tiler)
    return tiler.error();
  return onLayout(operands[0], assumptions,
                  [&](const SymbolicLayout &a) { return composition(a, *tiler, assumptions); });
}

/// f(A, tiler).
template <Result<SymbolicLayout> (*operation)(const SymbolicLayout &, const SymbolicTiler &, const Assumptions &)>
static Text tile(const Operands &operands, const Assumptions &assumptions) {
  Result<SymbolicTiler> tiler = parseSymbolicTiler(operands[1], assumptions);
  if (!tiler)
    return tiler.error();
  return onLayout(operands[0], assumptions, [&](const SymbolicLayout &a) { return operation(a, *tiler, assumptions); });
}

/// f(A, B).
template <Result<SymbolicLayout> (*operation)(const SymbolicLayout &, const SymbolicLayout &, const Assumptions &)>
static Text pair(const Operands &operands, const Assumptions &assumptions) {
  return onLayouts(operands, assumptions,
                   [&](const SymbolicLayout &a, const SymbolicLayout &b) { return operation(a, b, assumptions); });
}

/// A range of modes.
template <Result<SymbolicLayout> (*operation)(const SymbolicLayout &, size_t, size_t)>
static Text range(const Operands &operands, const Assumptions &assumptions) {
  Result<size_t> first = parseMode(operands[1]), last = parseMode(operands[2]);
  if (!first || !last)
    return first ? last.error() : first.error();
  return onLayout(operands[0], assumptions, [&](const SymbolicLayout &a) { return operation(a, *first, *last); });
}

static Text runSelect(const Operands &operands, const Assumptions &assumptions) {
  std::vector<size_t> modes;
  for (size_t i = 1; i < operands.size(); ++i) {
    Result<size_t> mode = parseMode(operands[i]);
    if (!mode)
      return mode.error();
    modes.push_back(*mode);
  }
  return onLayout(operands[0], assumptions, [&](const SymbolicLayout &a) { return select(a, modes); });
}

static Text runUnflatten(const Operands &operands, const Assumptions &assumptions) {
  Result<IntTuple> profile = parseTuple(operands[1]);
  if (!profile)
    return profile.error();
  return onLayout(operands[0], assumptions, [&](const SymbolicLayout &a) { return unflatten(a, *profile); });
}

static Text runSlice(const Operands &operands, const Assumptions &assumptions) {
  Result<SymbolicLayout> a = parseSymbolicLayout(operands[0], assumptions);
  Result<SymbolicSlicer> slicer = parseSymbolicSlicer(operands[1]);
  if (!a || !slicer)
    return a ? slicer.error() : a.error();
  Result<SymbolicSlice> rest = slice(*a, *slicer, assumptions);
  if (!rest)
    return rest.error();
  return (rest->offset.is(0) ? "" : print(rest->offset) + " o ") + print(rest->layout);
}

static Text runDice(const Operands &operands, const Assumptions &assumptions) {
  Result<SymbolicSlicer> slicer = parseSymbolicSlicer(operands[1]);
  if (!slicer)
    return slicer.error();
  return onLayout(operands[0], assumptions, [&](const SymbolicLayout &a) { return dice(a, *slicer); });
}

/// The compact layout of a shape.
template <Result<SymbolicLayout> (*operation)(const SymbolicTuple &, const Assumptions &)>
static Text compact(const Operands &operands, const Assumptions &assumptions) {
  Result<SymbolicTuple> shape = parseSymbolicTuple(operands[0]);
  if (!shape)
    return shape.error();
  return text(operation(*shape, assumptions));
}

static Text runCrd2Idx(const Operands &operands, const Assumptions &assumptions) {
  Result<SymbolicTuple> coordinate = parseSymbolicTuple(operands[0]), shape = parseSymbolicTuple(operands[1]);
  if (!coordinate || !shape)
    return coordinate ? shape.error() : coordinate.error();
  return text(crd2idx(*coordinate, *shape, assumptions));
}

static Text runIdx2Crd(const Operands &operands, const Assumptions &assumptions) {
  Result<SymbolicTuple> index = parseSymbolicTuple(operands[0]), shape = parseSymbolicTuple(operands[1]);
  if (!index || !shape)
    return index ? shape.error() : index.error();
  if (!index->isLeaf())
    return Error{"expected a number, found " + operands[0]};
  return text(idx2crd(index->leaf(), *shape, assumptions));
}

static Text runBind(const Operands &operands, const Assumptions &assumptions) {
  Bindings bindings;
  for (size_t i = 1; i < operands.size(); ++i) {
    TextReader reader(operands[i]);
    std::optional<std::string> symbol = reader.symbol();
    if (!symbol || !reader.accept("="))
      return Error{"a binding is SYMBOL=N, not '" + operands[i] + "'"};
    Result<int64_t> value = reader.number();
    if (!value)
      return value.error();
    if (!reader.atEnd())
      return reader.expected("the end of the binding");
    if (*value < 1)
      return Error{"symbols are positive, and " + *symbol + " is " + std::to_string(*value)};
    if (!bindings.emplace(*symbol, *value).second)
      return Error{*symbol + " is bound twice"};
  }
  if (Status admitted = assumptions.check(bindings); !admitted)
    return admitted.error();
  // What the text says of its own accord, M/64, is checked when it is bound.
  Assumptions ofText = assumptions;
  for (const auto &[symbol, value] : bindings)
    if (Status known = ofText.addMultiple(symbol, value); !known)
      return known.error();
  return onLayout(operands[0], ofText, [&](const SymbolicLayout &a) { return bind(a, bindings); });
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

#define UNARY(f)                                                                                                       \
  [](const Operands &o, const Assumptions &k) { return onLayout(o[0], k, [](const SymbolicLayout &a) { return f; }); }
#define BINARY(f)                                                                                                      \
  [](const Operands &o, const Assumptions &k) {                                                                        \
    return onLayouts(o, k, [](const SymbolicLayout &a, const SymbolicLayout &b) { return f; });                        \
  }

const std::vector<SymbolicOperation> &tilec::layout::symbolicOperations() {
  static const std::vector<SymbolicOperation> table = {
      {"bind", runBind},
      {"size", runSize},
      {"cosize", UNARY(cosize(a))},
      {"rank", UNARY(a.rank())},
      {"depth", UNARY(a.depth())},
      {"at", runAt},
      {"equal", BINARY(equivalent(a, b))},
      {"coalesce", runCoalesce},
      {"filter", UNARY(coalesce(filterZeros(a)))},
      {"filter-zeros", UNARY(filterZeros(a))},
      {"compose", runCompose},
      {"complement", runComplement},
      {"divide", tile<logicalDivide>},
      {"logical-divide", tile<logicalDivide>},
      {"zipped-divide", tile<zippedDivide>},
      {"tiled-divide", tile<tiledDivide>},
      {"flat-divide", tile<flatDivide>},
      {"product", tile<logicalProduct>},
      {"logical-product", tile<logicalProduct>},
      {"zipped-product", tile<zippedProduct>},
      {"tiled-product", tile<tiledProduct>},
      {"flat-product", tile<flatProduct>},
      {"blocked-product", pair<blockedProduct>},
      {"raked-product", pair<rakedProduct>},
      {"flatten", UNARY(flatten(a))},
      {"unflatten", runUnflatten},
      {"group", range<group>},
      {"take", range<take>},
      {"select", runSelect},
      {"concatenate", BINARY(concatenate(a, b))},
      {"reverse", UNARY(reverse(a))},
      {"slice", runSlice},
      {"dice", runDice},
      {"column-major", compact<columnMajor>},
      {"row-major", compact<rowMajor>},
      {"crd2idx", runCrd2Idx},
      {"idx2crd", runIdx2Crd},
  };
  return table;
}
