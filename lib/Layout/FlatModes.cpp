//===- FlatModes.cpp - Lists of leaves --------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FlatModes.h"

#include "CheckedMath.h"

#include <algorithm>

using namespace tilec::layout;

bool tilec::layout::continues(const Mode &first, const Mode &second) {
  if (first.stride.isInteger()) {
    int64_t next;
    return second.stride.isInteger() && multiply(first.stride.integer(), first.size, next) &&
           second.stride.integer() == next;
  }
  if (first.stride.mask() && !isPowerOfTwo(first.size))
    return false;
  Offset next;
  return next.addMultiple(first.stride, first.size) && next == second.stride;
}

void tilec::layout::appendCoalesced(std::vector<Mode> &modes, const Mode &next) {
  if (modes.empty())
    modes.push_back(next);
  else if (modes.back().size == 1)
    modes.back() = next;
  else if (next.size == 1)
    return;
  else if (continues(modes.back(), next))
    modes.back().size *= next.size;
  else
    modes.push_back(next);
}

std::vector<Mode> tilec::layout::coalesceModes(const Mode *first, const Mode *last) {
  std::vector<Mode> modes;
  modes.reserve(static_cast<size_t>(last - first));
  for (; first != last; ++first)
    appendCoalesced(modes, *first);
  return modes;
}

std::vector<Mode> tilec::layout::coalesceUnbounded(const Mode *first, const Mode *last) {
  std::vector<Mode> modes = coalesceModes(first, last);
  if (first != last && last[-1].size == 1 && modes.back().size != 1 && !continues(modes.back(), last[-1]))
    modes.push_back(last[-1]);
  return modes;
}

bool tilec::layout::evaluate(const std::vector<Mode> &modes, int64_t index, Offset &value) {
  value = Offset();
  for (size_t i = 0, e = modes.size(); i < e && index; ++i) {
    int64_t coordinate = i + 1 < e ? index % modes[i].size : index;
    index /= modes[i].size;
    if (coordinate && !value.addMultiple(modes[i].stride, coordinate))
      return false;
  }
  return true;
}

Result<Layout> tilec::layout::layoutOf(std::vector<Mode> modes) {
  if (modes.empty())
    return Layout();
  Profile profile = modes.size() == 1 ? Profile::leaf() : Profile::flat(modes.size());
  return Layout::make(std::move(profile), std::move(modes));
}

//===----------------------------------------------------------------------===//
// Linear lists
//===----------------------------------------------------------------------===//

Result<std::vector<uint64_t>> tilec::layout::linearColumns(const std::vector<Mode> &modes, int count) {
  std::vector<uint64_t> columns;
  uint64_t integerBits = 0, maskBits = 0;
  for (size_t i = 0, e = modes.size(); i < e && static_cast<int>(columns.size()) < count; ++i) {
    const auto &[size, stride] = modes[i];
    std::string mode = std::to_string(size) + ':' + print(stride);
    // The last mode takes all the bits that are asked for.
    int bits = i + 1 < e ? bitsOf(size) : count - static_cast<int>(columns.size());
    if (!isPowerOfTwo(size) && (i + 1 < e || bits > bitsOf(size) - 1))
      return Error{"not linear over F2: the size of the mode " + mode + " is not a power of two"};
    if (!stride.terms().empty() || stride.integer() < 0)
      return Error{"not linear over F2: the stride of the mode " + mode + " is not a number"};
    for (int bit = 0; bit < bits && static_cast<int>(columns.size()) < count; ++bit) {
      Offset value;
      if (!value.addMultiple(stride, int64_t(1) << bit))
        return Error{"a value of the mode " + mode + " exceeds 2^62"};
      uint64_t integer = static_cast<uint64_t>(value.integer());
      if (integer & (integerBits | maskBits | value.mask()) || value.mask() & integerBits)
        return Error{"not linear over F2: sums of strides carry in the mode " + mode};
      integerBits |= integer;
      maskBits |= value.mask();
      columns.push_back(integer ^ value.mask());
    }
  }
  return columns;
}

std::vector<Mode> tilec::layout::modesOfColumns(const std::vector<uint64_t> &columns, bool asMasks) {
  uint64_t seen = 0;
  for (uint64_t column : columns) {
    asMasks = asMasks || (seen & column);
    seen |= column;
  }
  std::vector<Mode> modes;
  for (uint64_t column : columns)
    appendCoalesced(modes, {2, asMasks ? Offset::bits(column) : Offset(static_cast<int64_t>(column))});
  return modes;
}
