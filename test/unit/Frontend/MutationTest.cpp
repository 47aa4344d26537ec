//===- MutationTest.cpp - programs with random damage ----------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Damages programs at random and checks what holds for every input. The seed
/// is printed; TILEC_SEED=N repeats a run.
///
//===----------------------------------------------------------------------===//

#include "FrontendChecks.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cstdlib>
#include <random>

using namespace tilec;
using llvm::StringRef;

/// One program with a bit of everything.
static constexpr StringRef everything = R"(import "other.tile"
import std
const BLOCK = 64 // 2 + 0x1F
/* nested /* comment */ */
fn twice(x, _) { let y = x + x; return (y, x.0) }
@config(target="cpu", i=64, num_warps=4)
kernel f<T: float, U: int>(A: T[M, 2*K+1], inout strided B: U[K/64], s: f32,
    const causal: bool = false)
    -> (C: f16[M, N], S: bf16[M]) {
  let t = array(f32, M, N)
  tune n in [1, 2, 4]
  for i, j in tiles(M, 0..N, size=[64, auto], exact=true) {
    var acc = zeros(f32, i, j)
    for k in range(0, n, -1) { acc += A[i, k] @ B[k, j].T }
    while not (acc < 1.5e-3 and true) or s != -inf { acc **= 2; break }
    if causal { acc = where(i.index[:, None] >= j.index[None, :], acc, nan) }
    else if ~n & 3 | 4 ^ 5 << 1 == 0 { continue } else { print("a {}\n", acc) }
    let ((v, idx), _) = reduce((acc, i.index), axis=0, (a, b) => a + b)
    C[i, j] = (acc / s % 2.0) as f16
    let (x, t1) = load(A[i, j - 1], after=[t0, t1], mask=m, pad=-inf)
  }
}
graph g(Q: f16[T, D]) -> O: f16[T, D] {
  O = softmax((Q @ Q.T) * 0.5, axis=1) as f16
}
)";

static std::vector<std::string> programs() {
  std::vector<std::string> all = {everything.str()};
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(TILEC_EXAMPLES_DIR, error), end;
       it != end && !error; it.increment(error)) {
    if (!StringRef(it->path()).ends_with(".tile"))
      continue;
    if (auto buffer = llvm::MemoryBuffer::getFile(it->path()))
      all.push_back((*buffer)->getBuffer().str());
  }
  // The order of a directory is nobody's promise.
  std::sort(all.begin() + 1, all.end());
  return all;
}

/// Splits a text into words, single characters and runs of blanks.
static std::vector<std::string> pieces(StringRef text) {
  std::vector<std::string> all;
  auto isWord = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  while (!text.empty()) {
    StringRef piece = text.take_while(isWord);
    if (piece.empty())
      piece = text.take_while([](char c) { return c == ' '; });
    if (piece.empty())
      piece = text.take_front(1);
    all.push_back(piece.str());
    text = text.drop_front(piece.size());
  }
  return all;
}

namespace {

class Mutator {
public:
  explicit Mutator(unsigned seed) : random(seed) {}

  size_t below(size_t limit) { return random() % limit; }

  /// Deletes, repeats, swaps or replaces pieces, or inserts a byte.
  std::string mutate(StringRef text) {
    std::vector<std::string> parts = pieces(text);
    size_t count = 1 + below(3);
    for (size_t i = 0; i < count && !parts.empty(); ++i)
      mutateOnce(parts);
    std::string all;
    for (const std::string &part : parts)
      all += part;
    if (below(8) == 0)
      all.resize(below(all.size() + 1));
    return all;
  }

private:
  void mutateOnce(std::vector<std::string> &parts) {
    size_t at = below(parts.size());
    auto place = parts.begin() + at;
    switch (below(6)) {
    case 0:
      parts.erase(place);
      break;
    case 1:
      parts.insert(place, std::string(parts[below(parts.size())]));
      break;
    case 2:
      std::swap(parts[at], parts[below(parts.size())]);
      break;
    case 3:
      parts[at] = parts[below(parts.size())];
      break;
    case 4: {
      static const char *const bits[] = {
          "(",    ")",   "[",  "]",  "{",  "}",      ",",    "=",
          "\n",   "\"",  "/*", "*/", "@",  ":",      ";",    "..",
          "else", "let", "//", "=>", "->", "kernel", "\nfn "};
      parts.insert(place, bits[below(std::size(bits))]);
      break;
    }
    case 5:
      parts.insert(place, std::string(1, static_cast<char>(below(256))));
      break;
    }
  }

  std::mt19937 random;
};

} // namespace

TEST(Mutation, ThePropertiesOfEveryInputHold) {
  const char *given = std::getenv("TILEC_SEED");
  unsigned seed = given ? std::strtoul(given, nullptr, 10) : 20240229;
  std::printf("seed %u (repeat with TILEC_SEED=%u)\n", seed, seed);
  std::vector<std::string> all = programs();
  Mutator mutator(seed);
  unsigned count = std::getenv("TILEC_FULL") ? 1000000 : 20000;
  for (unsigned i = 0; i < count; ++i) {
    std::string text = mutator.mutate(all[mutator.below(all.size())]);
    ASSERT_EQ(fuzz::checkSyntax(text), "") << "input:\n" << text;
  }
}

TEST(Mutation, EveryPrefixAndEverySuffix) {
  for (size_t i = 0; i <= everything.size(); ++i) {
    ASSERT_EQ(fuzz::checkSyntax(everything.take_front(i)), "") << i;
    ASSERT_EQ(fuzz::checkSyntax(everything.drop_front(i)), "") << i;
  }
}

TEST(Mutation, TheProgramsThemselvesParse) {
  for (const std::string &text : programs())
    EXPECT_EQ(fuzz::checkSyntax(text), "") << text;
}

TEST(Mutation, LongInputsOfOneKind) {
  // No stack overflows, and none takes time that anybody notices.
  for (StringRef unit : {"(",
                         ")",
                         "[",
                         "{",
                         "}",
                         "a ",
                         "a\n",
                         "a//",
                         "a // ",
                         "/*",
                         "//\n",
                         "\"",
                         "1.",
                         ".",
                         "-",
                         "(a,",
                         "f(a=1,",
                         "kernel ",
                         "@",
                         "@config(",
                         "let ",
                         "let x = (\n",
                         "x y (\n",
                         "if a {\n",
                         "else ",
                         "kernel f(",
                         "$ ",
                         "\xC3\xA9",
                         "\xFF",
                         "f(a b",
                         "x = 1\n",
                         "a + ",
                         "for i in tiles(M) {",
                         "x = (a b\n",
                         "kernel f() {}\n",
                         "fn f(a) { return a }\n",
                         ";",
                         "\r",
                         "a[b c"}) {
    std::string text;
    for (StringRef start : {"", "fn f() {\n", "fn f() { x = "}) {
      text = start.str();
      while (text.size() < 200000)
        text += unit;
      EXPECT_EQ(fuzz::checkSyntax(text), "") << start.str() << unit.str();
    }
  }
}
