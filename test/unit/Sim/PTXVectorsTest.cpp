//===- PTXVectorsTest.cpp - one result with all vector instructions of the host -===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Lane loops are compiled for the baseline, for AVX2 and for AVX-512. Each instruction of a list is executed on random
/// and on special values, for some lanes, with each level: the bits that it leaves, also in the lanes that it must not
/// touch, are those of the baseline.
//
//===----------------------------------------------------------------------===//

#include "tilec/Sim/PTX/Simulator.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

#include <random>

using namespace tilec::sim::ptx;

namespace {

/// An instruction with its types: of the result, and of its three sources; `p` is a predicate.
struct Case {
  const char *text;
  const char *d, *a, *b, *c;
};

constexpr Case kCases[] = {
    {"add.s32 d, a, b", "b32", "b32", "b32", "b32"},
    {"add.u16 d, a, b", "b16", "b16", "b16", "b16"},
    {"add.s64 d, a, b", "b64", "b64", "b64", "b64"},
    {"add.sat.s32 d, a, b", "b32", "b32", "b32", "b32"},
    {"sub.u32 d, a, b", "b32", "b32", "b32", "b32"},
    {"mul.lo.s32 d, a, b", "b32", "b32", "b32", "b32"},
    {"mul.hi.u32 d, a, b", "b32", "b32", "b32", "b32"},
    {"mul.hi.s64 d, a, b", "b64", "b64", "b64", "b64"},
    {"mul.wide.s32 d, a, b", "b64", "b32", "b32", "b32"},
    {"mul.wide.u16 d, a, b", "b32", "b16", "b16", "b16"},
    {"mad.lo.u32 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"mad.hi.s32 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"mad.wide.u32 d, a, b, c", "b64", "b32", "b32", "b64"},
    {"mul24.lo.s32 d, a, b", "b32", "b32", "b32", "b32"},
    {"sad.u32 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"div.s32 d, a, b", "b32", "b32", "b32", "b32"},
    {"rem.u64 d, a, b", "b64", "b64", "b64", "b64"},
    {"abs.s32 d, a", "b32", "b32", "b32", "b32"},
    {"neg.s64 d, a", "b64", "b64", "b64", "b64"},
    {"min.s32 d, a, b", "b32", "b32", "b32", "b32"},
    {"max.u64 d, a, b", "b64", "b64", "b64", "b64"},
    {"popc.b32 d, a", "b32", "b32", "b32", "b32"},
    {"popc.b64 d, a", "b32", "b64", "b32", "b32"},
    {"clz.b32 d, a", "b32", "b32", "b32", "b32"},
    {"bfind.u32 d, a", "b32", "b32", "b32", "b32"},
    {"bfind.shiftamt.s64 d, a", "b32", "b64", "b32", "b32"},
    {"brev.b32 d, a", "b32", "b32", "b32", "b32"},
    {"brev.b64 d, a", "b64", "b64", "b32", "b32"},
    {"bfe.s32 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"bfe.u64 d, a, b, c", "b64", "b64", "b32", "b32"},
    {"bfi.b32 d, a, b, c, 9", "b32", "b32", "b32", "b32"},
    {"bfi.b64 d, a, b, c, 37", "b64", "b64", "b64", "b32"},
    {"bmsk.clamp.b32 d, a, b", "b32", "b32", "b32", "b32"},
    {"prmt.b32 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"prmt.b32.rc8 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"lop3.b32 d, a, b, c, 0xd8", "b32", "b32", "b32", "b32"},
    {"lop3.b32 d, a, b, c, 0x1e", "b32", "b32", "b32", "b32"},
    {"and.b32 d, a, b", "b32", "b32", "b32", "b32"},
    {"xor.b64 d, a, b", "b64", "b64", "b64", "b64"},
    {"not.b16 d, a", "b16", "b16", "b16", "b16"},
    {"cnot.b32 d, a", "b32", "b32", "b32", "b32"},
    {"shl.b32 d, a, b", "b32", "b32", "b32", "b32"},
    {"shr.s32 d, a, b", "b32", "b32", "b32", "b32"},
    {"shr.u64 d, a, b", "b64", "b64", "b32", "b32"},
    {"shf.l.wrap.b32 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"shf.r.clamp.b32 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"mov.b32 d, a", "b32", "b32", "b32", "b32"},
    {"mov.b64 d, {a, b}", "b64", "b32", "b32", "b32"},
    {"selp.b32 d, a, b, p", "b32", "b32", "b32", "b32"},
    {"slct.s32.f32 d, a, b, c", "b32", "b32", "b32", "f32"},
    {"slct.ftz.u64.f32 d, a, b, c", "b64", "b64", "b64", "f32"},
    {"set.lt.u32.f32 d, a, b", "b32", "f32", "f32", "f32"},
    {"add.cc.u32 d, a, b;\n@p addc.u32 d, d, c", "b32", "b32", "b32", "b32"},
    {"sub.cc.u64 d, a, b;\n@p subc.u64 d, d, c", "b64", "b64", "b64", "b64"},
    {"mad.lo.cc.u32 d, a, b, c;\n@p madc.hi.u32 d, d, b, c", "b32", "b32", "b32", "b32"},
    {"add.f32 d, a, b", "f32", "f32", "f32", "f32"},
    {"add.ftz.sat.f32 d, a, b", "f32", "f32", "f32", "f32"},
    {"sub.ftz.f32 d, a, b", "f32", "f32", "f32", "f32"},
    {"mul.f32 d, a, b", "f32", "f32", "f32", "f32"},
    {"mul.rz.f32 d, a, b", "f32", "f32", "f32", "f32"},
    {"fma.rn.f32 d, a, b, c", "f32", "f32", "f32", "f32"},
    {"fma.rn.ftz.f32 d, a, b, c", "f32", "f32", "f32", "f32"},
    {"fma.rp.f32 d, a, b, c", "f32", "f32", "f32", "f32"},
    {"div.rn.f32 d, a, b", "f32", "f32", "f32", "f32"},
    {"min.f32 d, a, b", "f32", "f32", "f32", "f32"},
    {"max.NaN.f32 d, a, b", "f32", "f32", "f32", "f32"},
    {"abs.ftz.f32 d, a", "f32", "f32", "f32", "f32"},
    {"copysign.f32 d, a, b", "f32", "f32", "f32", "f32"},
    {"sqrt.rn.f32 d, a", "f32", "f32", "f32", "f32"},
    {"rcp.approx.ftz.f32 d, a", "f32", "f32", "f32", "f32"},
    {"rsqrt.approx.f32 d, a", "f32", "f32", "f32", "f32"},
    {"ex2.approx.f32 d, a", "f32", "f32", "f32", "f32"},
    {"lg2.approx.ftz.f32 d, a", "f32", "f32", "f32", "f32"},
    {"sin.approx.f32 d, a", "f32", "f32", "f32", "f32"},
    {"tanh.approx.f32 d, a", "f32", "f32", "f32", "f32"},
    {"add.f64 d, a, b", "f64", "f64", "f64", "f64"},
    {"mul.f64 d, a, b", "f64", "f64", "f64", "f64"},
    {"fma.rn.f64 d, a, b, c", "f64", "f64", "f64", "f64"},
    {"div.rn.f64 d, a, b", "f64", "f64", "f64", "f64"},
    {"min.f64 d, a, b", "f64", "f64", "f64", "f64"},
    {"sqrt.rn.f64 d, a", "f64", "f64", "f64", "f64"},
    {"add.rn.f16 d, a, b", "b16", "b16", "b16", "b16"},
    {"fma.rn.f16x2 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"fma.rn.bf16x2 d, a, b, c", "b32", "b32", "b32", "b32"},
    {"mul.rn.ftz.f16x2 d, a, b", "b32", "b32", "b32", "b32"},
    {"cvt.rn.f32.s32 d, a", "f32", "b32", "b32", "b32"},
    {"cvt.rn.f32.u32 d, a", "f32", "b32", "b32", "b32"},
    {"cvt.rn.f64.u32 d, a", "f64", "b32", "b32", "b32"},
    {"cvt.rzi.s32.f32 d, a", "b32", "f32", "b32", "b32"},
    {"cvt.rzi.u32.f32 d, a", "b32", "f32", "b32", "b32"},
    {"cvt.rni.s64.f64 d, a", "b64", "f64", "b32", "b32"},
    {"cvt.s64.s32 d, a", "b64", "b32", "b32", "b32"},
    {"cvt.u32.u64 d, a", "b32", "b64", "b32", "b32"},
    {"cvt.rn.f16.f32 d, a", "b16", "f32", "b32", "b32"},
    {"cvt.f32.f16 d, a", "f32", "b16", "b32", "b32"},
    {"cvt.rn.bf16x2.f32 d, a, b", "b32", "f32", "f32", "b32"},
    {"cvt.rna.tf32.f32 d, a", "b32", "f32", "b32", "b32"},
};

/// Relations, with the type of their operands.
constexpr const char *kRelations[][2] = {
    {"eq.u16", "b16"},     {"lt.s16", "b16"},  {"ne.b32", "b32"},  {"lt.s32", "b32"},  {"le.u32", "b32"},
    {"gt.s32", "b32"},     {"hi.u64", "b64"},  {"ge.s64", "b64"},  {"eq.f32", "f32"},  {"ne.f32", "f32"},
    {"lt.ftz.f32", "f32"}, {"leu.f32", "f32"}, {"num.f32", "f32"}, {"nan.f64", "f64"}, {"gtu.f64", "f64"},
    {"neu.f64", "f64"},    {"equ.f32", "f32"}, {"ge.f16", "b16"},
};

unsigned bytesOf(llvm::StringRef type) { return type.ends_with("16") ? 2 : type.ends_with("32") ? 4 : 8; }

/// A kernel that loads its sources, executes the instruction where the predicate holds and stores what is then in `d`.
std::string kernelOf(const Case &test) {
  std::string text = ".version 8.0\n.target sm_89\n.address_size 64\n"
                     ".visible .entry k(.param .u64 memory)\n{\n"
                     ".reg .b64 base, at;\n.reg .b32 t, odd;\n.reg .pred p;\n";
  std::pair<const char *, const char *> registers[] = {{"d", test.d}, {"a", test.a}, {"b", test.b}, {"c", test.c}};
  for (auto [name, type] : registers)
    text += std::string(".reg .") + type + " " + name + ";\n";
  text += "ld.param.u64 base, [memory];\nmov.u32 t, %tid.x;\nmul.wide.u32 at, t, 8;\nadd.u64 at, at, base;\n";
  // Sources are 8 bytes apart for each thread, in arrays of 1024 threads.
  for (auto [i, entry] : llvm::enumerate(registers))
    text += std::string("ld.global.") + entry.second + " " + entry.first + ", [at+" + std::to_string(8192 * i) + "];\n";
  // Lanes by a pattern without a period, and whole warps too.
  text += "mul.lo.u32 odd, t, 0x9e3779b1;\nshr.u32 odd, odd, 31;\nsetp.ne.u32 p, odd, 0;\n"
          "setp.lt.or.u32 p, t, 256, p;\n@p " +
          std::string(test.text) + ";\nst.global." + test.d + " [at], d;\nret;\n}\n";
  return text;
}

/// Random bits, small numbers, and what floats have special.
std::vector<uint64_t> valuesOf(llvm::StringRef type, std::mt19937_64 &random) {
  static constexpr uint32_t special32[] = {0,          0x80000000, 1,          0x80000001, 0x007fffff, 0x00800000,
                                           0x3f800000, 0xbf800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
                                           0xffc12345, 0x7f800001, 0x4f000000, 0xcf000000, 0x4f800000, 0xffffffff};
  static constexpr uint64_t special64[] = {0,
                                           uint64_t(1) << 63,
                                           1,
                                           0x000fffffffffffff,
                                           0x0010000000000000,
                                           0x3ff0000000000000,
                                           0x7fefffffffffffff,
                                           0x7ff0000000000000,
                                           0xfff0000000000000,
                                           0x7ff8000000000000,
                                           0x7ff0000000000001,
                                           0x43e0000000000000,
                                           ~uint64_t(0)};
  std::vector<uint64_t> values(1024);
  for (uint64_t &value : values)
    switch (random() % 4) {
    case 0:
      value = type.ends_with("64") ? special64[random() % std::size(special64)]
                                   : special32[random() % std::size(special32)] >> (type.ends_with("16") ? 16 : 0);
      break;
    case 1:
      value = random() % 70;
      break;
    case 2:
      // Floats near 1.
      value = type.ends_with("64")   ? 0x3ff0000000000000 + (random() >> 11)
              : type.ends_with("32") ? 0x3f800000 + (random() & 0xffffff)
                                     : 0x3c00 + (random() & 0xfff);
      break;
    default:
      value = random();
    }
  return values;
}

/// The results of all threads with a level.
std::vector<uint64_t> resultOf(const Case &test, HostVectors vectors) {
  Device device;
  auto module = device.load("k.ptx", kernelOf(test));
  if (!module) {
    ADD_FAILURE() << test.text << "\n" << llvm::toString(module.takeError());
    return {};
  }
  std::mt19937_64 random(7);
  uint64_t memory = llvm::cantFail(device.allocate(4 * 8192));
  for (auto [i, type] : llvm::enumerate(std::array{test.d, test.a, test.b, test.c})) {
    std::vector<uint64_t> values = valuesOf(type, random);
    llvm::cantFail(device.write(memory + 8192 * i, values.data(), 8192));
  }
  LaunchArguments arguments;
  arguments.add(memory);
  LaunchOptions options;
  options.vectors = vectors;
  auto statistics = device.launch(**module, "k", {{1, 1, 1}, {1024, 1, 1}}, arguments, options);
  if (!statistics) {
    ADD_FAILURE() << test.text << "\n" << llvm::toString(statistics.takeError());
    return {};
  }
  std::vector<uint64_t> results(1024);
  llvm::cantFail(device.read(memory, results.data(), 8192));
  for (uint64_t &result : results)
    result &= ~uint64_t(0) >> (64 - 8 * bytesOf(test.d));
  return results;
}

class PTXVectors : public testing::TestWithParam<HostVectors> {
protected:
  void SetUp() override {
    if (GetParam() > detectHostVectors())
      GTEST_SKIP() << "this machine has no such instructions";
  }
  void expectSame(const Case &test) {
    std::vector<uint64_t> baseline = resultOf(test, HostVectors::Baseline), results = resultOf(test, GetParam());
    for (size_t i = 0; i != std::min(baseline.size(), results.size()); ++i)
      if (baseline[i] != results[i]) {
        ADD_FAILURE() << test.text << " gives 0x" << std::hex << results[i] << " and not 0x" << baseline[i]
                      << " in thread " << std::dec << i;
        return;
      }
  }
};

TEST_P(PTXVectors, InstructionsGiveTheBaselinesBits) {
  for (const Case &test : kCases)
    expectSame(test);
}

TEST_P(PTXVectors, ComparisonsGiveTheBaselinesBits) {
  for (auto [relation, type] : kRelations) {
    std::string text = std::string("setp.") + relation + " p, a, b;\nselp.u32 d, 1, 0, p";
    // The guard's predicate is the result: `selp` must not be guarded by it.
    expectSame({text.c_str(), "b32", type, type, "b32"});
  }
}

/// A 16 x 8 product of 16-bit floats by one mma.sync, whose registers stand one behind the other in memory, 32 lanes
/// each: d, a, b, c.
class PTXVectorProducts : public testing::TestWithParam<std::tuple<HostVectors, bool, unsigned>> {
protected:
  void SetUp() override {
    if (vectors > detectHostVectors())
      GTEST_SKIP() << "this machine has no such instructions";
  }
  double valueOf(uint16_t bits) const {
    const auto &semantics = isBFloat ? llvm::APFloat::BFloat() : llvm::APFloat::IEEEhalf();
    llvm::APFloat value(semantics, llvm::APInt(16, bits));
    bool losesInfo;
    value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    return value.convertToDouble();
  }
  std::string text() const {
    unsigned aRegisters = k / 4, bRegisters = k / 8;
    std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n"
                       ".visible .entry k(.param .u64 memory)\n{\n.reg .b64 m;\n.reg .b32 t, a<4>, b<2>;\n"
                       ".reg .f32 c<4>, d<4>;\nld.param.u64 m, [memory];\nmov.u32 t, %tid.x;\n"
                       "mad.wide.u32 m, t, 4, m;\n";
    auto list = [](const char *name, unsigned count) {
      std::string list = "{";
      for (unsigned i = 0; i != count; ++i)
        list += (i ? ", " : "") + (name + std::to_string(i));
      return list + "}";
    };
    unsigned at = 4;
    for (auto [name, count] : {std::pair("a", aRegisters), std::pair("b", bRegisters), std::pair("c", 4u)})
      for (unsigned i = 0; i != count; ++i, ++at)
        text += "ld.global.b32 " + (name + std::to_string(i)) + ", [m+" + std::to_string(128 * at) + "];\n";
    std::string type = isBFloat ? "bf16" : "f16";
    text += "mma.sync.aligned.m16n8k" + std::to_string(k) + ".row.col.f32." + type + "." + type + ".f32 " +
            list("d", 4) + ", " + list("a", aRegisters) + ", " + list("b", bRegisters) + ", " + list("c", 4) + ";\n";
    for (unsigned i = 0; i != 4; ++i)
      text += "st.global.b32 [m+" + std::to_string(128 * i) + "], d" + std::to_string(i) + ";\n";
    return text + "ret;\n}\n";
  }

  const HostVectors vectors = std::get<0>(GetParam());
  const bool isBFloat = std::get<1>(GetParam());
  const unsigned k = std::get<2>(GetParam());
};

TEST_P(PTXVectorProducts, AreThoseOfTheDocumentedRule) {
  Device device;
  auto module = device.load("k.ptx", text());
  ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
  const unsigned aRegisters = k / 4, bRegisters = k / 8, registers = 4 + aRegisters + bRegisters + 4;
  uint64_t address = llvm::cantFail(device.allocate(128 * registers));
  LaunchArguments arguments;
  arguments.add(address);
  LaunchOptions options;
  options.vectors = vectors;
  std::mt19937_64 random(3);
  for (unsigned round = 0; round != 60; ++round) {
    // Some rounds near 1, some with subnormals alone, some with all bits, which have infinities and NaNs.
    uint16_t keep = round % 3 == 0 ? 0xffff : round % 3 == 1 ? 0x83ff : 0xbfff;
    std::vector<std::vector<uint16_t>> a(16, std::vector<uint16_t>(k)), b(k, std::vector<uint16_t>(8));
    std::vector<std::vector<float>> c(16, std::vector<float>(8));
    for (auto &row : a)
      for (uint16_t &element : row)
        element = random() & keep;
    for (auto &row : b)
      for (uint16_t &element : row)
        element = random() & keep;
    for (auto &row : c)
      for (float &element : row)
        element = static_cast<float>(static_cast<int64_t>(random())) * 0x1p-60f;
    // The figures of section 9.7.14.5.
    std::vector<uint32_t> memory(32 * registers);
    for (unsigned lane = 0; lane != 32; ++lane) {
      unsigned group = lane / 4, part = lane % 4;
      for (unsigned r = 0; r != aRegisters; ++r) {
        const auto &row = a[group + 8 * (r % 2)];
        unsigned column = 2 * part + 8 * (r / 2);
        memory[32 * (4 + r) + lane] = row[column] | uint32_t(row[column + 1]) << 16;
      }
      for (unsigned r = 0; r != bRegisters; ++r) {
        unsigned row = 2 * part + 8 * r;
        memory[32 * (4 + aRegisters + r) + lane] = b[row][group] | uint32_t(b[row + 1][group]) << 16;
      }
      for (unsigned i = 0; i != 4; ++i)
        memory[32 * (4 + aRegisters + bRegisters + i) + lane] =
            llvm::bit_cast<uint32_t>(c[group + 8 * (i / 2)][2 * part + i % 2]);
    }
    llvm::cantFail(device.write(address, memory.data(), 4 * memory.size()));
    auto statistics = device.launch(**module, "k", {{1, 1, 1}, {32, 1, 1}}, arguments, options);
    ASSERT_TRUE(bool(statistics)) << llvm::toString(statistics.takeError());
    llvm::cantFail(device.read(address, memory.data(), 4 * memory.size()));
    for (unsigned lane = 0; lane != 32; ++lane)
      for (unsigned i = 0; i != 4; ++i) {
        unsigned row = lane / 4 + 8 * (i / 2), column = lane % 4 * 2 + i % 2;
        double sum = c[row][column];
        for (unsigned j = 0; j != k; ++j)
          sum += valueOf(a[row][j]) * valueOf(b[j][column]);
        uint32_t expected = sum == sum ? llvm::bit_cast<uint32_t>(static_cast<float>(sum)) : 0x7fffffff;
        ASSERT_EQ(memory[32 * i + lane], expected) << "round " << round << ", row " << row << ", column " << column;
      }
  }
}

static constexpr const char *nameOf(HostVectors vectors) {
  return vectors == HostVectors::AVX512 ? "AVX512" : vectors == HostVectors::AVX2 ? "AVX2" : "Baseline";
}

INSTANTIATE_TEST_SUITE_P(Levels, PTXVectorProducts,
                         testing::Combine(testing::Values(HostVectors::Baseline, HostVectors::AVX2,
                                                          HostVectors::AVX512),
                                          testing::Bool(), testing::Values(8, 16)),
                         [](const auto &info) {
                           return std::string(nameOf(std::get<0>(info.param))) +
                                  (std::get<1>(info.param) ? "BF16k" : "F16k") +
                                  std::to_string(std::get<2>(info.param));
                         });

INSTANTIATE_TEST_SUITE_P(Levels, PTXVectors, testing::Values(HostVectors::AVX2, HostVectors::AVX512),
                         [](const auto &info) { return std::string(nameOf(info.param)); });

} // namespace
