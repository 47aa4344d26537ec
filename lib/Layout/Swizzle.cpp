//===- Swizzle.cpp - Swizzles and composed layouts --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Swizzle.h"

#include "CheckedMath.h"
#include "FlatModes.h"
#include "TextReader.h"

#include <algorithm>
#include <cstdlib>

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Swizzles
//===----------------------------------------------------------------------===//

Result<Swizzle> Swizzle::make(int64_t bits, int64_t base, int64_t shift) {
  auto fail = [&](const std::string &why) {
    return Error{"Sw<" + std::to_string(bits) + "," + std::to_string(base) + "," + std::to_string(shift) +
                 "> is no swizzle: " + why};
  };
  if (bits < 0 || base < 0 || bits > 62 || base > 62)
    return fail("the number of bits and the first bit are between 0 and 62");
  if (shift > 62 || shift < -62)
    return fail("it moves bits by more than 62 places");
  if (std::abs(shift) < bits)
    return fail("the bits overlap with those that they are combined with");
  if (bits + base + std::abs(shift) > 62)
    return fail("it reaches beyond bit 62");
  Swizzle result;
  result.numBits = static_cast<int>(bits);
  result.firstBit = static_cast<int>(base);
  result.distance = static_cast<int>(shift);
  return result;
}

int64_t Swizzle::operator()(int64_t index) const {
  uint64_t value = static_cast<uint64_t>(index), mask = ((uint64_t(1) << numBits) - 1) << firstBit;
  uint64_t moved = distance >= 0 ? value >> distance & mask : (value & mask) << -distance;
  return static_cast<int64_t>(value ^ moved);
}

Layout Swizzle::asLayout(int count) const {
  std::vector<uint64_t> columns;
  for (int bit = 0; bit < std::min(count, 62); ++bit)
    columns.push_back(static_cast<uint64_t>((*this)(int64_t(1) << bit)));
  return *layoutOf(modesOfColumns(columns, /*asMasks=*/true));
}

Result<Swizzle> tilec::layout::shiftBase(const Swizzle &swizzle, int k) {
  if (swizzle.base() < k)
    return Error{print(swizzle) + " moves bits within an element of 2^" + std::to_string(k)};
  return Swizzle::make(swizzle.bits(), swizzle.base() - k, swizzle.shift());
}

//===----------------------------------------------------------------------===//
// Composed layouts
//===----------------------------------------------------------------------===//

Result<Offset> ComposedLayout::apply(Result<Offset> value) const {
  if (!value)
    return value;
  if (std::holds_alternative<std::monostate>(outer)) {
    if (!value->addMultiple(Offset(offset), 1))
      return Error{"a value of " + print(*this) + " exceeds 2^62"};
    return value;
  }
  std::optional<int64_t> number = value->asNumber();
  int64_t argument;
  if (!number || !add(*number, offset, argument) || argument < 0 || argument > maxSize)
    return Error{"the value " + print(*value) + " of " + print(inner) + ", with the offset " + std::to_string(offset) +
                 ", is no index for the outer function"};
  if (const Swizzle *swizzle = std::get_if<Swizzle>(&outer))
    return Offset((*swizzle)(argument));
  return std::get<Layout>(outer).at(argument);
}

Result<Layout> tilec::layout::asLayout(const ComposedLayout &composed) {
  if (composed.offset)
    return Error{print(composed) + " is no layout: it maps 0 to another value than 0"};
  if (std::holds_alternative<std::monostate>(composed.outer))
    return composed.inner;
  if (const Layout *layout = std::get_if<Layout>(&composed.outer))
    return composition(*layout, composed.inner);
  Result<int64_t> reach = cosize(composed.inner);
  if (!reach)
    return reach.error();
  return composition(std::get<Swizzle>(composed.outer).asLayout(bitsOf(*reach)), composed.inner);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string tilec::layout::print(const Swizzle &swizzle) {
  return "Sw<" + std::to_string(swizzle.bits()) + "," + std::to_string(swizzle.base()) + "," +
         std::to_string(swizzle.shift()) + ">";
}

std::string tilec::layout::print(const ComposedLayout &composed) {
  if (composed.isLayout())
    return print(composed.inner);
  std::string text;
  if (const Swizzle *swizzle = std::get_if<Swizzle>(&composed.outer))
    text = print(*swizzle) + " o ";
  else if (const Layout *layout = std::get_if<Layout>(&composed.outer))
    text = print(*layout) + " o ";
  return text + std::to_string(composed.offset) + " o " + print(composed.inner);
}

/// Sw<3,4,3>, whose name comes next.
static Result<Swizzle> readSwizzle(TextReader &reader) {
  if (!reader.accept("Sw") && !reader.accept("S"))
    return reader.expected("a swizzle Sw<bits,base,shift>");
  int64_t numbers[3];
  const char *before[] = {"<", ",", ","};
  for (int i = 0; i < 3; ++i) {
    if (Status next = reader.expect(before[i]); !next)
      return next.error();
    Result<int64_t> number = reader.number();
    if (!number)
      return number.error();
    numbers[i] = *number;
  }
  if (Status closed = reader.expect(">"); !closed)
    return closed.error();
  return Swizzle::make(numbers[0], numbers[1], numbers[2]);
}

Result<Swizzle> tilec::layout::parseSwizzle(std::string_view text) {
  TextReader reader(text);
  Result<Swizzle> swizzle = readSwizzle(reader);
  if (swizzle && !reader.atEnd())
    return reader.expected("the end of the swizzle");
  return swizzle;
}

static Result<ComposedLayout> readComposed(TextReader &reader) {
  ComposedLayout result;
  if (reader.accept("S")) {
    reader.reset(reader.position() - 1);
    Result<Swizzle> swizzle = readSwizzle(reader);
    if (!swizzle)
      return swizzle.error();
    result.outer = *swizzle;
    if (!reader.accept("o"))
      return reader.expected("'o', an offset, and a layout after the swizzle");
  } else {
    // 5 o 3:1 is an offset and a layout; 5:1 o 3:1 two layouts.
    size_t start = reader.position();
    Result<int64_t> offset = reader.number();
    if (offset && reader.accept("o")) {
      result.offset = *offset;
      Result<Layout> inner = reader.layout();
      if (!inner)
        return inner.error();
      result.inner = std::move(*inner);
      return result;
    }
    reader.reset(start);
    Result<Layout> first = reader.layout();
    if (!first)
      return first.error();
    if (!reader.accept("o"))
      return ComposedLayout{{}, 0, std::move(*first)};
    result.outer = std::move(*first);
  }
  // The offset may be left out.
  size_t start = reader.position();
  Result<int64_t> offset = reader.number();
  if (offset && reader.accept("o"))
    result.offset = *offset;
  else
    reader.reset(start);
  Result<Layout> inner = reader.layout();
  if (!inner)
    return inner.error();
  result.inner = std::move(*inner);
  return result;
}

Result<ComposedLayout> tilec::layout::parseComposed(std::string_view text) {
  TextReader reader(text);
  Result<ComposedLayout> composed = readComposed(reader);
  if (composed && !reader.atEnd())
    return reader.expected("the end of the layout");
  return composed;
}
