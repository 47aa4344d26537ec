//===- PTXMutationTest.cpp - PTX with random damage -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Damages programs at random, loads them and runs what loads: it ends, with results or with an error in words. The
/// seed is printed; TILEC_SEED=N repeats a run, TILEC_FULL=1 makes it a long one.
//
//===----------------------------------------------------------------------===//

#include "tilec/Sim/PTX/Simulator.h"

#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

#include <random>

using namespace tilec::sim::ptx;

namespace {

class Damage {
public:
  explicit Damage(uint64_t seed) : random(seed) {}
  size_t below(size_t count) { return random() % count; }

  /// Another digit, a line fewer, a line twice, another word behind an opcode, another register, another byte.
  void apply(std::string &text) {
    static constexpr llvm::StringLiteral words[] = {
        ".u32", ".s32",    ".b64",    ".f32",   ".f64",   ".u16",   ".b16", ".pred", ".s64",  ".f16",  ".v4",
        ".v2",  ".shared", ".global", ".local", ".param", ".const", ".lo",  ".hi",   ".wide", ".sync", ".rz"};
    size_t at = below(text.size()), from, to;
    auto findLine = [&] {
      from = text.find('\n', at);
      to = from == std::string::npos ? from : text.find('\n', from + 1);
      return to != std::string::npos;
    };
    auto endOfWord = [&](size_t start) {
      while (start < text.size() && (isalnum(static_cast<unsigned char>(text[start])) || text[start] == ':'))
        ++start;
      return start;
    };
    switch (below(6)) {
    case 0:
      if ((from = text.find_first_of("0123456789", at)) != std::string::npos)
        text[from] = '0' + below(10);
      break;
    case 1:
      if (findLine())
        text.erase(from, to - from);
      break;
    case 2:
      if (findLine()) {
        std::string line = text.substr(from, to - from);
        if ((to = text.find('\n', below(text.size()))) != std::string::npos)
          text.insert(to, line);
      }
      break;
    case 3:
      if ((from = text.find('.', at)) != std::string::npos)
        text.replace(from, endOfWord(from + 1) - from, words[below(std::size(words))]);
      break;
    case 4: {
      from = text.find('%', at);
      to = text.find('%', below(text.size()));
      if (from != std::string::npos && to != std::string::npos) {
        std::string other = text.substr(to, endOfWord(to + 1) - to);
        text.replace(from, endOfWord(from + 1) - from, other);
      }
      break;
    }
    case 5:
      text[at] = static_cast<char>(below(256));
      break;
    }
  }

private:
  std::mt19937_64 random;
};

/// Runs every kernel of a module on one array and small numbers; how many launches ended without an error.
unsigned runAll(Device &device, LoadedModule &module, Damage &damage) {
  unsigned ended = 0;
  for (const Function &function : module.getSyntax().functions) {
    if (!function.isEntry || !function.hasBody)
      continue;
    uint64_t array = llvm::cantFail(device.allocate(4096));
    llvm::cantFail(device.fill(array, damage.below(3), 4096));
    LaunchArguments arguments;
    for (const Variable &param : function.signature.params) {
      std::vector<char> bytes(param.size);
      uint64_t value = param.size == 8 ? array : damage.below(40);
      std::memcpy(bytes.data(), &value, std::min<size_t>(bytes.size(), 8));
      arguments.addBytes(bytes.data(), bytes.size());
    }
    LaunchOptions options;
    options.seed = damage.below(100);
    options.maxSteps = 20000;
    options.print = [](llvm::StringRef) {};
    LaunchShape shape{{2, 1, 1}, {unsigned(1 + damage.below(70)), unsigned(1 + damage.below(2)), 1}, 1024};
    llvm::Expected<LaunchStatistics> result = device.launch(module, function.name, shape, arguments, options);
    if (result) {
      ++ended;
      continue;
    }
    EXPECT_NE(llvm::toString(result.takeError()), "");
  }
  return ended;
}

TEST(PTXMutation, everythingEnds) {
  const char *given = std::getenv("TILEC_SEED");
  uint64_t seed = given ? std::strtoull(given, nullptr, 10) : 1;
  unsigned count = std::getenv("TILEC_FULL") ? 20000 : 200, loaded = 0, ended = 0;
  std::vector<std::string> programs;
  for (llvm::StringRef name : {"basics.sm_75.ptx", "matrix.sm_80.ptx", "async.sm_89.ptx"}) {
    auto buffer = llvm::MemoryBuffer::getFile(std::string(TILEC_SIM_PROGRAMS) + "/" + name.str());
    ASSERT_TRUE(buffer) << name.str();
    programs.push_back((*buffer)->getBuffer().str());
  }
  for (unsigned i = 0; i != count; ++i) {
    SCOPED_TRACE("TILEC_SEED=" + std::to_string(seed) + ", program " + std::to_string(i));
    Damage damage(seed * 1000003 + i);
    std::string text = programs[damage.below(programs.size())];
    for (size_t n = 1 + damage.below(3); n && !text.empty(); --n)
      damage.apply(text);
    Device device;
    llvm::Expected<LoadedModule *> module = device.load("damaged.ptx", text);
    if (!module) {
      EXPECT_NE(llvm::toString(module.takeError()).find("damaged.ptx:"), std::string::npos);
      continue;
    }
    ++loaded;
    ended += runAll(device, **module, damage);
  }
  // Damage that always shows at once would test nothing but the parser.
  EXPECT_GT(loaded, count / 20);
  EXPECT_GT(ended, count / 20);
}

} // namespace
