//===- DefinedBits.h - which bits of memory have a value --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_DEFINEDBITS_H
#define TILEC_LIB_SIM_PTX_DEFINEDBITS_H

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace tilec::sim::ptx {

/// For each bit of a piece of memory whether it has a value: bits and not bytes, since fields of a few bits are written
/// and read by way of the bytes that they share. Takes memory once it is neither all without a value nor all with one.
class DefinedBits {
public:
  /// Nothing has a value yet.
  explicit DefinedBits(uint64_t size = 0) : size(size) {}

  DefinedBits clone() const;

  void defineAll() {
    isAll = true;
    bits.reset();
  }
  void define(uint64_t offset, uint64_t bytes);
  /// Takes the values away.
  void undefine(uint64_t offset, uint64_t bytes);
  bool areDefined(uint64_t offset, uint64_t bytes) const;
  /// The bits that have a value, ones in `into`; and back.
  void read(uint64_t offset, uint64_t bytes, char *into) const;
  void write(uint64_t offset, uint64_t bytes, const char *defined);

private:
  struct Free {
    void operator()(char *data) const { std::free(data); }
  };
  /// Gives every bit its own mark; false without memory, and then all count as defined.
  bool spread();

  uint64_t size;
  bool isAll = false;
  std::unique_ptr<char[], Free> bits;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_DEFINEDBITS_H
