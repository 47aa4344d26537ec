//===- PTXMutationTest.cpp - PTX with random damage -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Damages the programs of the suite at random, loads them and runs what loads: it ends, with results or with an error
/// in words. TILEC_SEED=N chooses the damage, TILEC_FULL=1 makes a run long, TILEC_MUTANTS=N gives it a length, and
/// TILEC_FIRST=N begins with a later mutant.
//
//===----------------------------------------------------------------------===//

#include "PTXRuns.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <random>

using namespace tilec::sim::ptx;

namespace {

class Damage {
public:
  explicit Damage(uint64_t seed) : random(seed) {}
  size_t below(size_t count) { return random() % count; }

  /// Damages a text in one of the ways below.
  void apply(std::string &text) {
    using Way = void (Damage::*)(std::string &);
    static constexpr Way ways[] = {&Damage::changeDigit, &Damage::changeNumber, &Damage::dropLine,
                                   &Damage::repeatLine,  &Damage::shuffleLines, &Damage::dropToken,
                                   &Damage::repeatToken, &Damage::swapTokens,   &Damage::changeWord,
                                   &Damage::changeByte,  &Damage::cutOff,       &Damage::changeRegister};
    if (!text.empty())
      (this->*ways[below(std::size(ways))])(text);
  }

private:
  /// A part of the text, from `begin` on.
  struct Part {
    size_t begin = 0, size = 0;
  };

  static bool isWord(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '%' || c == '$'; }

  /// A word, a number or a sign, somewhere.
  Part token(const std::string &text) {
    size_t at = below(text.size());
    while (at < text.size() && isspace(static_cast<unsigned char>(text[at])))
      ++at;
    if (at == text.size())
      return {0, 0};
    size_t end = at + 1;
    if (isWord(text[at])) {
      while (at && isWord(text[at - 1]))
        --at;
      while (end < text.size() && isWord(text[end]))
        ++end;
    }
    return {at, end - at};
  }

  /// A line with its end, somewhere.
  Part line(const std::string &text) {
    size_t at = below(text.size());
    size_t begin = at ? text.rfind('\n', at - 1) : std::string::npos;
    begin = begin == std::string::npos ? 0 : begin + 1;
    return {begin, std::min(text.find('\n', at), text.size() - 1) + 1 - begin};
  }

  void changeDigit(std::string &text) {
    size_t at = text.find_first_of("0123456789", below(text.size()));
    if (at != std::string::npos)
      text[at] = static_cast<char>('0' + below(10));
  }

  void changeNumber(std::string &text) {
    static constexpr llvm::StringLiteral numbers[] = {"0",          "1",
                                                      "-1",         "31",
                                                      "32",         "33",
                                                      "64",         "255",
                                                      "16",         "17",
                                                      "65536",      "2147483647",
                                                      "4294967295", "18446744073709551615",
                                                      "0fFF800000", "99999999999999999999999"};
    size_t at = text.find_first_of("0123456789", below(text.size()));
    if (at == std::string::npos)
      return;
    size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
    text.replace(at, end - at, numbers[below(std::size(numbers))].str());
  }

  void dropLine(std::string &text) {
    Part part = line(text);
    text.erase(part.begin, part.size);
  }

  void repeatLine(std::string &text) {
    Part part = line(text);
    std::string copy = text.substr(part.begin, part.size);
    text.insert(line(text).begin, copy);
  }

  /// Up to eight lines in a row, in another order.
  void shuffleLines(std::string &text) {
    std::vector<std::string> lines;
    size_t begin = line(text).begin, end = begin;
    for (size_t count = 2 + below(7); count && end < text.size(); --count) {
      size_t next = std::min(text.find('\n', end), text.size() - 1) + 1;
      lines.push_back(text.substr(end, next - end));
      end = next;
    }
    std::shuffle(lines.begin(), lines.end(), random);
    std::string shuffled;
    for (const std::string &line : lines)
      shuffled += line;
    text.replace(begin, end - begin, shuffled);
  }

  void dropToken(std::string &text) {
    Part part = token(text);
    text.erase(part.begin, part.size);
  }

  void repeatToken(std::string &text) {
    Part part = token(text);
    std::string copy = " " + text.substr(part.begin, part.size);
    text.insert(part.begin + part.size, copy);
  }

  void swapTokens(std::string &text) {
    Part a = token(text), b = token(text);
    if (a.begin > b.begin)
      std::swap(a, b);
    if (a.begin + a.size > b.begin)
      return;
    std::string first = text.substr(a.begin, a.size), second = text.substr(b.begin, b.size);
    text.replace(b.begin, b.size, first);
    text.replace(a.begin, a.size, second);
  }

  /// Another word behind an opcode.
  void changeWord(std::string &text) {
    static constexpr llvm::StringLiteral words[] = {
        "u32",     "s32", "b64",    "f32",   "f64",    "u16",    "b16",     "pred", "s64",     "f16",
        "v4",      "v2",  "shared", "local", "global", "param",  "const",   "lo",   "hi",      "wide",
        "sync",    "rz",  "sat",    "ftz",   "b128",   "b8",     "gpu",     "cta",  "acquire", "add",
        "aligned", "x4",  "trans",  "row",   "bf16x2", "e4m3x2", "volatile"};
    size_t at = text.find('.', below(text.size()));
    if (at == std::string::npos)
      return;
    size_t end = at + 1;
    while (end < text.size() && (isWord(text[end]) || text[end] == ':'))
      ++end;
    text.replace(at + 1, end - at - 1, words[below(std::size(words))].str());
  }

  void changeByte(std::string &text) { text[below(text.size())] = static_cast<char>(below(256)); }

  void cutOff(std::string &text) { text.resize(below(text.size())); }

  /// Another register of the text in the place of one.
  void changeRegister(std::string &text) {
    size_t from = text.find('%', below(text.size())), to = text.find('%', below(text.size()));
    if (from == std::string::npos || to == std::string::npos)
      return;
    auto end = [&](size_t start) {
      size_t end = start + 1;
      while (end < text.size() && isWord(text[end]))
        ++end;
      return end;
    };
    std::string other = text.substr(to, end(to) - to);
    text.replace(from, end(from) - from, other);
  }

  std::mt19937_64 random;
};

/// The text of every .ptx file below the folder of the suite.
std::vector<std::string> programs() {
  std::vector<std::string> paths, texts;
  std::error_code error;
  for (llvm::sys::fs::recursive_directory_iterator it(TILEC_SIM_PROGRAMS, error), end; it != end && !error;
       it.increment(error))
    if (llvm::StringRef(it->path()).ends_with(".ptx"))
      paths.push_back(it->path());
  EXPECT_FALSE(error) << error.message();
  llvm::sort(paths);
  for (const std::string &path : paths)
    if (auto buffer = llvm::MemoryBuffer::getFile(path))
      texts.push_back((*buffer)->getBuffer().str());
  return texts;
}

uint64_t numberFrom(const char *name, uint64_t otherwise) {
  const char *given = std::getenv(name);
  return given ? std::strtoull(given, nullptr, 10) : otherwise;
}

TEST(PTXMutation, everythingEnds) {
  uint64_t seed = numberFrom("TILEC_SEED", 1);
  uint64_t count = numberFrom("TILEC_MUTANTS", std::getenv("TILEC_FULL") ? 20000 : 300),
           first = numberFrom("TILEC_FIRST", 0);
  unsigned loaded = 0, launched = 0, ended = 0;
  std::vector<std::string> texts = programs();
  ASSERT_GT(texts.size(), 100u);
  for (uint64_t i = first; i != first + count; ++i) {
    SCOPED_TRACE("TILEC_SEED=" + std::to_string(seed) + " TILEC_MUTANTS=1 TILEC_FIRST=" + std::to_string(i));
    Damage damage(seed * 1000003 + i);
    std::string text = texts[damage.below(texts.size())];
    for (size_t n = 1 + damage.below(3); n; --n)
      damage.apply(text);
    PTXRun run = runPTX(text, /*maxSteps=*/5000, [&](uint64_t n) { return damage.below(n); });
    EXPECT_EQ(run.wrong, "");
    loaded += run.isLoaded;
    launched += run.launched;
    ended += run.ended;
  }
  RecordProperty("loaded", static_cast<int>(loaded));
  std::printf("%llu mutants, %u loaded, %u kernels launched, %u of them ended without a report\n",
              static_cast<unsigned long long>(count), loaded, launched, ended);
  // Damage that always shows at once would test nothing but the parser.
  if (count > 100) {
    EXPECT_GT(loaded, count / 20);
    EXPECT_GT(ended, count / 40);
  }
}

} // namespace
