//===- Operations.cpp - The algebra over text -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Operations.h"

#include "tilec/Layout/F2Matrix.h"
#include "tilec/Layout/Swizzle.h"

#include "CheckedMath.h"
#include "SymbolicOperations.h"

#include <algorithm>

using namespace tilec::layout;

using Text = Result<std::string>;

//===----------------------------------------------------------------------===//
// From and to text
//===----------------------------------------------------------------------===//

static Text text(const Error &error) { return error; }
static Text text(bool value) { return std::string(value ? "true" : "false"); }
static Text text(int64_t value) { return std::to_string(value); }
template <class T> static Text text(const T &value) { return print(value); }
template <class T> static Text text(const Result<T> &result) { return result ? text(*result) : text(result.error()); }

static Result<int64_t> parseNumber(const std::string &operand) {
  Result<IntTuple> tuple = parseTuple(operand);
  if (tuple && !tuple->isLeaf())
    return Error{"expected a number, found " + operand};
  if (!tuple)
    return tuple.error();
  return tuple->leaf();
}

/// A mode's number.
static Result<size_t> parseMode(const std::string &operand) {
  Result<int64_t> number = parseNumber(operand);
  if (number && *number < 0)
    return Error{"a mode is not negative, but " + operand + " is"};
  if (!number)
    return number.error();
  return static_cast<size_t>(*number);
}

/// A layout; a composed one if it is one.
static Result<Layout> parsePlain(const std::string &operand) {
  Result<ComposedLayout> composed = parseComposed(operand);
  if (!composed)
    return composed.error();
  return asLayout(*composed);
}

/// f(A), where A may be composed and f acts on the domain.
template <class F> static Text onDomain(const std::string &operand, F operation) {
  Result<ComposedLayout> a = parseComposed(operand);
  if (!a)
    return a.error();
  return text(onInner(*a, operation));
}

template <class F> static Text onLayout(const std::string &operand, F operation) {
  Result<Layout> a = parsePlain(operand);
  if (!a)
    return a.error();
  return text(operation(*a));
}

template <class F> static Text onLayouts(const Operands &operands, F operation) {
  Result<Layout> a = parsePlain(operands[0]), b = parsePlain(operands[1]);
  if (!a || !b)
    return a ? b.error() : a.error();
  return text(operation(*a, *b));
}

/// f(A, B), where A may be composed.
template <Result<Layout> (*operation)(const Layout &, const Layout &)> static Text pair(const Operands &operands) {
  Result<Layout> b = parsePlain(operands[1]);
  if (!b)
    return b.error();
  return onDomain(operands[0], [&](const Layout &a) { return operation(a, *b); });
}

template <class F> static Text onTuples(const Operands &operands, F operation) {
  Result<IntTuple> a = parseTuple(operands[0]), b = parseTuple(operands[1]);
  if (!a || !b)
    return a ? b.error() : a.error();
  return text(operation(*a, *b));
}

template <class F> static Text onTuple(const std::string &operand, F operation) {
  Result<IntTuple> a = parseTuple(operand);
  if (!a)
    return a.error();
  return text(operation(*a));
}

/// f(A, tiler), where A may be composed.
template <Result<Layout> (*operation)(const Layout &, const Tiler &)> static Text tile(const Operands &operands) {
  Result<Tiler> tiler = parseTiler(operands[1]);
  if (!tiler)
    return tiler.error();
  return onDomain(operands[0], [&](const Layout &a) { return operation(a, *tiler); });
}

//===----------------------------------------------------------------------===//
// The operations that need more than a line
//===----------------------------------------------------------------------===//

static Text runCoalesce(const Operands &operands) {
  if (operands.size() == 1)
    return onDomain(operands[0], [](const Layout &a) -> Result<Layout> { return coalesce(a); });
  Result<IntTuple> profile = parseTuple(operands[1]);
  if (!profile)
    return profile.error();
  return onDomain(operands[0], [&](const Layout &a) { return coalesce(a, *profile); });
}

/// A o B, where A may be a swizzle, a layout, or composed, and B a layout or a tiler.
static Text runCompose(const Operands &operands) {
  if (Result<Swizzle> swizzle = parseSwizzle(operands[0])) {
    Result<Layout> b = parsePlain(operands[1]);
    if (!b)
      return b.error();
    return text(ComposedLayout{*swizzle, 0, *b});
  }
  // A shape alone is a layout here, as everywhere but where tiles are asked for.
  Result<Layout> b = parsePlain(operands[1]);
  if (b)
    return onDomain(operands[0], [&](const Layout &a) { return composition(a, *b); });
  Result<Tiler> tiler = parseTiler(operands[1]);
  if (!tiler)
    return operands[1].find_first_of("<_") == std::string::npos ? b.error() : tiler.error();
  return onDomain(operands[0], [&](const Layout &a) { return composition(a, *tiler); });
}

static Text runComplement(const Operands &operands) {
  Result<IntTuple> extent = operands.size() > 1 ? parseTuple(operands[1]) : IntTuple(1);
  if (!extent)
    return extent.error();
  return onLayout(operands[0], [&](const Layout &a) { return complement(a, *extent); });
}

static Text runInverse(const Operands &operands) {
  return onLayout(operands[0], [](const Layout &a) -> Result<Layout> {
    Result<Layout> inverse = rightInverse(a);
    if (inverse && inverse->size() != a.size())
      return Error{print(a) + " is no bijection onto [0, " + std::to_string(a.size()) +
                   "): see right-inverse and left-inverse"};
    return inverse;
  });
}

/// Numbers alone have nothing to bind.
static Text runBind(const Operands &operands) { return Error{"a binding is SYMBOL=N, not '" + operands[1] + "'"}; }

static Text runUnflatten(const Operands &operands) {
  Result<IntTuple> profile = parseTuple(operands[1]);
  if (!profile)
    return profile.error();
  return onDomain(operands[0], [&](const Layout &a) { return unflatten(a, *profile); });
}

/// A range of modes.
template <Result<Layout> (*operation)(const Layout &, size_t, size_t)> static Text range(const Operands &operands) {
  Result<size_t> first = parseMode(operands[1]), last = parseMode(operands[2]);
  if (!first || !last)
    return first ? last.error() : first.error();
  return onDomain(operands[0], [&](const Layout &a) { return operation(a, *first, *last); });
}

static Text runSelect(const Operands &operands) {
  std::vector<size_t> modes;
  for (size_t i = 1; i < operands.size(); ++i) {
    Result<size_t> mode = parseMode(operands[i]);
    if (!mode)
      return mode.error();
    modes.push_back(*mode);
  }
  return onDomain(operands[0], [&](const Layout &a) { return select(a, modes); });
}

/// The free modes, with the fixed coordinates' offset where it is not 0.
static Text runSlice(const Operands &operands) {
  Result<Slicer> slicer = parseSlicer(operands[1]);
  Result<ComposedLayout> a = parseComposed(operands[0]);
  if (!slicer || !a)
    return slicer ? a.error() : slicer.error();
  Result<Slice> rest = slice(a->inner, *slicer);
  if (!rest)
    return rest.error();
  if (rest->offset.isZero())
    return text(ComposedLayout{a->outer, a->offset, rest->layout});
  std::optional<int64_t> offset = rest->offset.asNumber();
  int64_t sum;
  if (!offset)
    return print(rest->offset) + " o " + print(rest->layout);
  if (!add(*offset, a->offset, sum))
    return Error{"the offset of the slice exceeds 64 bits"};
  return text(ComposedLayout{a->outer, sum, rest->layout});
}

static Text runDice(const Operands &operands) {
  Result<Slicer> slicer = parseSlicer(operands[1]);
  if (!slicer)
    return slicer.error();
  return onDomain(operands[0], [&](const Layout &a) { return dice(a, *slicer); });
}

/// f(A, number), where A may be composed.
template <Result<ComposedLayout> (*operation)(const ComposedLayout &, int64_t)>
static Text withNumber(const Operands &operands) {
  Result<ComposedLayout> a = parseComposed(operands[0]);
  Result<int64_t> number = parseNumber(operands[1]);
  if (!a || !number)
    return a ? number.error() : a.error();
  return text(operation(*a, *number));
}

static Text runRecast(const Operands &operands) {
  Result<ComposedLayout> a = parseComposed(operands[0]);
  Result<int64_t> from = parseNumber(operands[1]), to = parseNumber(operands[2]);
  if (!a)
    return a.error();
  if (!from || !to)
    return from ? to.error() : from.error();
  return text(recast(*a, *from, *to));
}

static Text runTileToShape(const Operands &operands) {
  Result<IntTuple> shape = parseTuple(operands[1]), order = operands.size() > 2 ? parseTuple(operands[2]) : IntTuple();
  if (!shape || !order)
    return shape ? order.error() : shape.error();
  return onDomain(operands[0],
                  [&](const Layout &a) { return tileToShape(a, *shape, operands.size() > 2 ? &*order : nullptr); });
}

static Text runAt(const Operands &operands) {
  Result<ComposedLayout> a = parseComposed(operands[0]);
  Result<IntTuple> coordinate = parseTuple(operands[1]);
  if (!a || !coordinate)
    return a ? coordinate.error() : a.error();
  return text(a->at(*coordinate));
}

static Text runCrd2Crd(const Operands &operands) {
  Result<IntTuple> coordinate = parseTuple(operands[0]), source = parseTuple(operands[1]),
                   target = parseTuple(operands[2]);
  for (const Result<IntTuple> *operand : {&coordinate, &source, &target})
    if (!*operand)
      return operand->error();
  return text(crd2crd(*coordinate, *source, *target));
}

static Text runIdx2Crd(const Operands &operands) {
  Result<int64_t> index = parseNumber(operands[0]);
  Result<IntTuple> shape = parseTuple(operands[1]);
  if (!index || !shape)
    return index ? shape.error() : index.error();
  return text(idx2crd(*index, *shape));
}

static Text runCeilDiv(const Operands &operands) {
  Result<int64_t> a = parseNumber(operands[0]), b = parseNumber(operands[1]);
  if (!a || !b)
    return a ? b.error() : a.error();
  if (*b < 1)
    return Error{"the divisor is positive, not " + operands[1]};
  return text(ceilDiv(*a, *b));
}

static Text runDistribute(const Operands &operands) {
  Result<IntTuple> shape = parseTuple(operands[0]);
  Result<int64_t> count = parseNumber(operands[1]);
  if (!shape || !count)
    return shape ? count.error() : shape.error();
  return text(domainDistribute(*shape, *count));
}

/// f(matrix of A).
template <class F> static Text onMatrix(const std::string &operand, F operation) {
  Result<Layout> a = parsePlain(operand);
  if (!a)
    return a.error();
  Result<F2Matrix> matrix = toMatrix(*a);
  if (!matrix)
    return matrix.error();
  return text(operation(*matrix));
}

static Result<Layout> layoutOfResult(const Result<F2Matrix> &matrix) {
  if (!matrix)
    return matrix.error();
  return fromMatrix(*matrix);
}

static Result<Layout> inverseForm(const F2Matrix &matrix) { return layoutOfResult(inverse(matrix)); }

static Text runMatrixDivide(const Operands &operands) {
  Result<Layout> a = parsePlain(operands[0]), b = parsePlain(operands[1]);
  if (!a || !b)
    return a ? b.error() : a.error();
  Result<F2Matrix> x = toMatrix(*a), y = toMatrix(*b);
  if (!x || !y)
    return x ? y.error() : x.error();
  // Of one number of rows: the values of both are numbers of as many bits as needed.
  int rows = std::max(x->numRows(), y->numRows());
  return text(layoutOfResult(divide(F2Matrix(rows, x->columns()), F2Matrix(rows, y->columns()))));
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

#define UNARY(f) [](const Operands &o) { return onLayout(o[0], [](const Layout &a) { return f; }); }
#define DOMAIN(f) [](const Operands &o) { return onDomain(o[0], [](const Layout &a) -> Result<Layout> { return f; }); }
#define BINARY(f) [](const Operands &o) { return onLayouts(o, [](const Layout &a, const Layout &b) { return f; }); }
#define TUPLES(f) [](const Operands &o) { return onTuples(o, [](const IntTuple &a, const IntTuple &b) { return f; }); }
#define TUPLE(f) [](const Operands &o) { return onTuple(o[0], [](const IntTuple &a) { return f; }); }
#define MATRIX(f) [](const Operands &o) { return onMatrix(o[0], [](const F2Matrix &m) { return f; }); }

const std::vector<Operation> &tilec::layout::operations() {
  static const std::vector<Operation> table = {
      {"size", "A", 1, 1, "the number of elements", UNARY(a.size())},
      {"cosize", "A", 1, 1, "the size of the range of values", UNARY(cosize(a))},
      {"rank", "A", 1, 1, "the number of modes", UNARY(static_cast<int64_t>(a.rank()))},
      {"depth", "A", 1, 1, "how deep the modes are nested", UNARY(static_cast<int64_t>(a.depth()))},
      {"at", "A COORDINATE", 2, 2, "the value at a coordinate or an index", runAt},
      {"equal", "A B", 2, 2, "whether A and B are the same function of an index", BINARY(equivalent(a, b))},
      {"bind", "A SYMBOL=N...", 2, 64, "the layout for these values of its symbols", runBind},
      {"as-layout", "A", 1, 1, "a composed layout as strides", UNARY(a)},

      {"coalesce", "A [PROFILE]", 1, 2, "the shortest form of the same function, or of each mode", runCoalesce},
      {"filter", "A", 1, 1, "without broadcasts, coalesced", DOMAIN(filter(a))},
      {"filter-zeros", "A", 1, 1, "with broadcasts of size 1", DOMAIN(filterZeros(a))},
      {"compose", "A B", 2, 2, "A after B; B may be a tiler <B0,B1>", runCompose},
      {"complement", "A [EXTENT]", 1, 2, "what A leaves out", runComplement},
      {"inverse", "A", 1, 1, "the inverse of a bijection", runInverse},
      {"right-inverse", "A", 1, 1, "where the values 0, 1, 2, ... lie", UNARY(rightInverse(a))},
      {"left-inverse", "A", 1, 1, "from values back to indices", UNARY(leftInverse(a))},
      {"nullspace", "A", 1, 1, "the indices with the value 0", UNARY(nullspace(a))},
      {"max-common-layout", "A B", 2, 2, "the contiguous values that A and B share", BINARY(maxCommonLayout(a, b))},
      {"max-common-vector", "A B", 2, 2, "how many these are", BINARY(maxCommonVector(a, b))},
      {"sum", "A B", 2, 2, "the sum of the values", BINARY(sum(a, b))},

      {"divide", "A TILER", 2, 2, "the same as logical-divide", tile<logicalDivide>},
      {"logical-divide", "A TILER", 2, 2, "((tile,rest),...) mode by mode", tile<logicalDivide>},
      {"zipped-divide", "A TILER", 2, 2, "((tiles...),(rests...))", tile<zippedDivide>},
      {"tiled-divide", "A TILER", 2, 2, "((tiles...),rest,...)", tile<tiledDivide>},
      {"flat-divide", "A TILER", 2, 2, "(tile,...,rest,...)", tile<flatDivide>},
      {"product", "A TILER", 2, 2, "the same as logical-product", tile<logicalProduct>},
      {"logical-product", "A TILER", 2, 2, "A at each element of the tiler, mode by mode", tile<logicalProduct>},
      {"zipped-product", "A TILER", 2, 2, "((blocks...),(grids...))", tile<zippedProduct>},
      {"tiled-product", "A TILER", 2, 2, "((blocks...),grid,...)", tile<tiledProduct>},
      {"flat-product", "A TILER", 2, 2, "(block,...,grid,...)", tile<flatProduct>},
      {"blocked-product", "A B", 2, 2, "blocks of A laid out as B", pair<blockedProduct>},
      {"raked-product", "A B", 2, 2, "elements of A interleaved as B", pair<rakedProduct>},
      {"tile-to-shape", "A SHAPE [ORDER]", 2, 3, "A repeated over a shape", runTileToShape},

      {"flatten", "A", 1, 1, "all leaves as modes", DOMAIN(flatten(a))},
      {"unflatten", "A PROFILE", 2, 2, "nested as a profile", runUnflatten},
      {"group", "A FIRST LAST", 3, 3, "modes FIRST to LAST - 1 as one", range<group>},
      {"take", "A FIRST LAST", 3, 3, "modes FIRST to LAST - 1 alone", range<take>},
      {"select", "A MODE...", 2, 64, "these modes", runSelect},
      {"concatenate", "A B", 2, 2, "the modes of A, then those of B", BINARY(concatenate(a, b))},
      {"reverse", "A", 1, 1, "the modes in reverse, at every level", DOMAIN(reverse(a))},
      {"slice", "A COORDINATE", 2, 2, "the modes at '_', with the others' offset", runSlice},
      {"dice", "A COORDINATE", 2, 2, "the modes that are not at '_'", runDice},
      {"domain-distribute", "SHAPE N", 2, 2, "N elements distributed over a shape", runDistribute},

      {"upcast", "A N", 2, 2, "in elements N times as large", withNumber<upcast>},
      {"downcast", "A N", 2, 2, "in elements N times as small", withNumber<downcast>},
      {"recast", "A FROM TO", 3, 3, "from elements of FROM bits to elements of TO bits", runRecast},

      {"column-major", "SHAPE", 1, 1, "the compact layout, first mode contiguous", TUPLE(columnMajor(a))},
      {"row-major", "SHAPE", 1, 1, "the compact layout, last mode contiguous", TUPLE(rowMajor(a))},
      {"ordered", "SHAPE ORDER", 2, 2, "the compact layout, in ascending order", TUPLES(orderedLayout(a, b))},
      {"like", "A", 1, 1, "the compact layout in the order of A's strides", UNARY(layoutLike(a))},
      {"identity", "SHAPE", 1, 1, "the coordinates of a shape", TUPLE(identityLayout(a))},

      {"congruent", "TUPLE TUPLE", 2, 2, "whether two tuples are nested alike", TUPLES(congruent(a, b))},
      {"weakly-congruent", "TUPLE TUPLE", 2, 2, "whether the second is nested as the first, or deeper",
       TUPLES(weaklyCongruent(a, b))},
      {"compatible", "SHAPE SHAPE", 2, 2, "whether the second refines the first", TUPLES(compatible(a, b))},
      {"shape-div", "SHAPE SHAPE", 2, 2, "shape division", TUPLES(shapeDiv(a, b))},
      {"ceil-div", "N N", 2, 2, "the quotient, rounded up", runCeilDiv},
      {"prefix-product", "TUPLE", 1, 1, "the products of the leaves before each leaf", TUPLE(prefixProduct(a))},
      {"idx2crd", "INDEX SHAPE", 2, 2, "the coordinate of an index", runIdx2Crd},
      {"crd2idx", "COORDINATE SHAPE", 2, 2, "the index of a coordinate", TUPLES(crd2idx(a, b))},
      {"crd2crd", "COORDINATE SHAPE SHAPE", 3, 3, "the coordinate in another shape", runCrd2Crd},

      {"matrix", "A", 1, 1, "the matrix over F2, row by row from bit 0", MATRIX(m)},
      {"matrix-rank", "A", 1, 1, "its rank", MATRIX(static_cast<int64_t>(m.rank()))},
      {"matrix-kernel", "A", 1, 1, "a basis of what it maps to 0, as a layout", MATRIX(fromMatrix(m.kernel()))},
      {"matrix-image", "A", 1, 1, "a basis of its values, as a layout", MATRIX(fromMatrix(m.image()))},
      {"matrix-inverse", "A", 1, 1, "the layout of its inverse", MATRIX(inverseForm(m))},
      {"matrix-divide", "A B", 2, 2, "the layout X with B o X = A, over F2", runMatrixDivide},
      {"matrix-form", "A", 1, 1, "the layout of its matrix", MATRIX(fromMatrix(m))},
  };
  return table;
}

const Operation *tilec::layout::findOperation(std::string_view name) {
  for (const Operation &operation : operations())
    if (operation.name == name)
      return &operation;
  return nullptr;
}

bool tilec::layout::permitsSymbols(std::string_view name) {
  return std::any_of(symbolicOperations().begin(), symbolicOperations().end(),
                     [&](const SymbolicOperation &operation) { return operation.name == name; });
}

Result<std::string> tilec::layout::runOperation(std::string_view name, const Operands &operands,
                                                const Assumptions &assumptions) {
  const Operation *operation = findOperation(name);
  if (!operation)
    return Error{"there is no operation '" + std::string(name) + "'"};
  if (operands.size() < operation->minOperands || operands.size() > operation->maxOperands)
    return Error{std::string(name) + " takes the operands " + std::string(operation->operands) + ", but " +
                 std::to_string(operands.size()) + " were given"};
  for (const std::string &operand : operands)
    if (std::optional<std::string> symbol = findSymbol(operand)) {
      for (const SymbolicOperation &symbolic : symbolicOperations())
        if (symbolic.name == name)
          return symbolic.run(operands, assumptions);
      return Error{std::string(name) + " takes numbers, and " + *symbol + " in '" + operand +
                   "' is a symbol: bind it first"};
    }
  return operation->run(operands);
}
