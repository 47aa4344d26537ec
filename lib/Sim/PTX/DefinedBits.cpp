//===- DefinedBits.cpp - which bits of memory have a value ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "DefinedBits.h"

#include <algorithm>
#include <cstring>

using namespace tilec::sim::ptx;

bool DefinedBits::spread() {
  if (bits)
    return true;
  // Pages that nobody marks take no memory.
  bits.reset(static_cast<char *>(std::calloc(std::max<uint64_t>(size, 1), 1)));
  if (bits && isAll)
    std::memset(bits.get(), 0xff, size);
  isAll = !bits;
  return static_cast<bool>(bits);
}

DefinedBits DefinedBits::clone() const {
  DefinedBits copy(size);
  copy.isAll = isAll;
  if (bits && copy.spread())
    std::memcpy(copy.bits.get(), bits.get(), size);
  return copy;
}

void DefinedBits::define(uint64_t offset, uint64_t bytes) {
  if (isAll)
    return;
  if (bytes == size)
    defineAll();
  else if (spread())
    std::memset(bits.get() + offset, 0xff, bytes);
}

void DefinedBits::undefine(uint64_t offset, uint64_t bytes) {
  if ((isAll || bits) && spread())
    std::memset(bits.get() + offset, 0, bytes);
}

bool DefinedBits::areDefined(uint64_t offset, uint64_t bytes) const {
  if (isAll || !bits)
    return isAll || !bytes;
  const char *from = bits.get() + offset;
  if (bytes == 4) {
    uint32_t word;
    std::memcpy(&word, from, 4);
    return word == UINT32_MAX;
  }
  return std::all_of(from, from + bytes, [](char mark) { return static_cast<unsigned char>(mark) == 0xff; });
}

void DefinedBits::read(uint64_t offset, uint64_t bytes, char *into) const {
  if (bits)
    std::memcpy(into, bits.get() + offset, bytes);
  else
    std::memset(into, isAll ? 0xff : 0, bytes);
}

void DefinedBits::write(uint64_t offset, uint64_t bytes, const char *defined) {
  if (isAll &&
      std::all_of(defined, defined + bytes, [](char mark) { return static_cast<unsigned char>(mark) == 0xff; }))
    return;
  if (spread())
    std::memcpy(bits.get() + offset, defined, bytes);
}
