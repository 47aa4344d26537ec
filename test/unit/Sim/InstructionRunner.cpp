//===- InstructionRunner.cpp - PTX instructions on many operands -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "InstructionRunner.h"

#include "gtest/gtest.h"

#include <random>

using namespace tilec::sim::ptx;

static constexpr char kHead[] = ".version 9.0\n.target sm_90\n.address_size 64\n";
static constexpr char kNames[] = {'a', 'b', 'c', 'e'};

std::string tilec::sim::ptx::loadErrorOf(const std::string &statements, const std::string &registers) {
  Device device;
  auto module = device.load("t.ptx", kHead + (".visible .entry k()\n{\n" + registers + "\n" + statements + "\n}\n"));
  return module ? "" : llvm::toString(module.takeError());
}

/// `st` and `ld` know registers of bits only, and at least 16 of them here.
static std::string registerOf(char name, const std::string &type) { return ".reg ." + type + " %" + name + ";\n"; }

/// How a register of a type goes to and from 8 bytes: by a type of the same width.
static std::string wordOf(const std::string &type) { return "b" + type.substr(type.find_first_of("123468")); }

std::vector<uint64_t> tilec::sim::ptx::runOnAll(const std::string &statements, const std::string &resultType,
                                                const std::vector<Source> &sources) {
  std::string text = kHead + std::string(".visible .entry k(.param .u64 n, .param .u64 out");
  for (size_t i = 0; i != sources.size(); ++i)
    text += std::string(", .param .u64 in") + kNames[i];
  text += ")\n{\n.reg .b64 %at, %base, %count; .reg .b32 %i, %block, %size; .reg .pred %over;\n";
  text += registerOf('d', resultType);
  for (size_t i = 0; i != sources.size(); ++i)
    text += registerOf(kNames[i], sources[i].type);
  text += "mov.u32 %i, %tid.x; mov.u32 %block, %ctaid.x; mov.u32 %size, %ntid.x;\n"
          "mad.lo.u32 %i, %block, %size, %i; ld.param.u64 %count, [n]; cvt.u64.u32 %at, %i;\n"
          "setp.ge.u64 %over, %at, %count; @%over ret;\n";
  for (size_t i = 0; i != sources.size(); ++i)
    text += std::string("ld.param.u64 %base, [in") + kNames[i] + "]; mad.wide.u32 %at, %i, 8, %base;\nld.global." +
            wordOf(sources[i].type) + " %" + kNames[i] + ", [%at];\n";
  text += statements + "\nld.param.u64 %base, [out]; mad.wide.u32 %at, %i, 8, %base;\nst.global." + wordOf(resultType) +
          " [%at], %d;\nret;\n}\n";

  Device device;
  auto module = device.load("t.ptx", text);
  if (!module) {
    ADD_FAILURE() << llvm::toString(module.takeError()) << "\nin\n" << text;
    return {};
  }
  size_t count = sources.front().values.size();
  LaunchArguments arguments;
  uint64_t out = llvm::cantFail(device.allocate(8 * count));
  llvm::cantFail(device.fill(out, 0, 8 * count));
  arguments.add<uint64_t>(count).add(out);
  for (const Source &source : sources) {
    EXPECT_EQ(source.values.size(), count);
    uint64_t in = llvm::cantFail(device.allocate(8 * count));
    llvm::cantFail(device.write(in, source.values.data(), 8 * count));
    arguments.add(in);
  }
  LaunchShape shape;
  shape.block = {256, 1, 1};
  shape.grid = {static_cast<unsigned>((count + 255) / 256), 1, 1};
  auto statistics = device.launch(**module, "k", shape, arguments);
  if (!statistics) {
    ADD_FAILURE() << llvm::toString(statistics.takeError()) << "\nin\n" << text;
    return {};
  }
  std::vector<uint64_t> results(count);
  llvm::cantFail(device.read(out, results.data(), 8 * count));
  return results;
}

//===----------------------------------------------------------------------===//
// operands
//===----------------------------------------------------------------------===//

Words tilec::sim::ptx::randomWords(size_t count, uint64_t seed, const std::array<uint8_t, 6> &ends) {
  std::mt19937_64 engine(seed);
  auto word = [&] {
    uint64_t value = 0;
    for (unsigned i = 0; i != 4; ++i)
      value = value << 8 | (engine() % 2 ? ends[engine() % ends.size()] : engine() & 255);
    return value;
  };
  Words made;
  for (size_t i = 0; i != count; ++i) {
    made.a.push_back(word());
    made.b.push_back(word());
    made.c.push_back(word());
  }
  return made;
}

std::pair<std::vector<uint64_t>, std::vector<uint64_t>> tilec::sim::ptx::allPairs(const std::vector<uint64_t> &values) {
  std::pair<std::vector<uint64_t>, std::vector<uint64_t>> pairs;
  for (uint64_t first : values)
    for (uint64_t second : values) {
      pairs.first.push_back(first);
      pairs.second.push_back(second);
    }
  return pairs;
}

std::vector<uint64_t> tilec::sim::ptx::allOf(unsigned bits) {
  std::vector<uint64_t> values(size_t(1) << bits);
  for (size_t i = 0; i != values.size(); ++i)
    values[i] = i;
  return values;
}

/// Of an IEEE format, with the ties and neighbours of ties of formats whose last bit is one of `ties`.
static std::vector<uint64_t> special(unsigned mantissaBits, unsigned exponentBits, const std::vector<unsigned> &ties) {
  uint64_t one = ((uint64_t(1) << (exponentBits - 1)) - 1) << mantissaBits, unit = uint64_t(1) << mantissaBits,
           infinity = ((uint64_t(1) << exponentBits) - 1) << mantissaBits, sign = infinity + unit;
  std::vector<uint64_t> values = {0,
                                  1,
                                  2,
                                  3,
                                  unit - 1,
                                  unit,
                                  unit + 1,
                                  one,
                                  one + 1,
                                  one - 1,
                                  one / 2,
                                  infinity - 1,
                                  infinity - 2,
                                  infinity,
                                  unit / 2, // a subnormal power of two
                                  infinity + 1,
                                  infinity + unit / 2,
                                  infinity + unit - 1,
                                  one + unit,
                                  one + unit / 2,
                                  one + 3 * unit,
                                  one - unit};
  for (unsigned tie : ties)
    for (uint64_t base : {one, one + (uint64_t(1) << tie), one + 9 * unit, one - 13 * unit})
      for (int64_t off : {-1, 0, 1})
        values.push_back(base + (uint64_t(1) << tie >> 1) + off);
  for (size_t i = 0, count = values.size(); i != count; ++i)
    values.push_back(values[i] | sign);
  return values;
}

std::vector<uint64_t> tilec::sim::ptx::specialF32(size_t random) {
  std::vector<uint64_t> values = special(23, 8, {13, 16, 20, 21});
  std::mt19937_64 engine(5);
  for (size_t i = 0; i != random; ++i)
    values.push_back(engine() & UINT32_MAX);
  return values;
}

std::vector<uint64_t> tilec::sim::ptx::specialF64(size_t random) {
  std::vector<uint64_t> values = special(52, 11, {29, 42, 45});
  std::mt19937_64 engine(6);
  for (size_t i = 0; i != random; ++i) {
    values.push_back(engine());
    // Near one, where f32 and the 16-bit formats are.
    values.push_back((engine() & 0x80ffffffffffffff) | 0x3f80000000000000);
  }
  return values;
}

std::vector<uint64_t> tilec::sim::ptx::special16(unsigned mantissaBits) {
  return special(mantissaBits, 15 - mantissaBits, {2});
}

std::vector<uint64_t> tilec::sim::ptx::specialIntegers(unsigned bits, size_t random) {
  uint64_t mask = ~uint64_t(0) >> (64 - bits);
  std::vector<uint64_t> values;
  for (unsigned i = 0; i != bits; ++i)
    for (int64_t off : {-1, 0, 1}) {
      values.push_back(((uint64_t(1) << i) + off) & mask);
      values.push_back((0 - (uint64_t(1) << i) + off) & mask);
    }
  std::mt19937_64 engine(7);
  for (size_t i = 0; i != random; ++i)
    values.push_back(engine() >> (engine() % bits + 64 - bits));
  return values;
}
