//===- QuestionsTest.cpp - Answers of tile-layout ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Wavefronts and sectors are counted here from the printed layout alone, by their definitions; the layout of a
// conversion is checked value by value.

#include "Oracle.h"

#include "tilec/Layout/Distributed.h"
#include "tilec/Layout/Questions.h"

#include "gtest/gtest.h"

#include <set>

using namespace tilec::layout;
using namespace tilec::layout::test;

static int64_t number(const Answer &answer, const std::string &name) {
  for (const auto &[fact, value] : answer.facts)
    if (fact == name)
      return std::get<int64_t>(value);
  ADD_FAILURE() << "no fact '" << name << "'";
  return -1;
}

TEST(Questions, ConflictsOfOneWordALaneAreThoseOfTheFullestBank) {
  for (int64_t stride = 0; stride <= 70; ++stride)
    for (int64_t bytes : {4, 8}) {
      Result<Answer> answer = askQuestion("bank-conflicts", {"32:" + std::to_string(stride)}, {bytes, {}, nullptr});
      ASSERT_TRUE(answer) << answer.message();
      // Each phase for itself; of each bank the different words.
      int64_t wavefronts = 0, perPhase = 128 / bytes;
      for (int64_t first = 0; first < 32; first += perPhase) {
        std::set<int64_t> words[32];
        size_t fullest = 0;
        for (int64_t lane = first; lane < first + perPhase; ++lane)
          for (int64_t word = lane * stride * bytes / 4; word < (lane * stride * bytes + bytes) / 4; ++word)
            words[word % 32].insert(word);
        for (const std::set<int64_t> &bank : words)
          fullest = std::max(fullest, bank.size());
        wavefronts += int64_t(fullest);
      }
      EXPECT_EQ(number(*answer, "wavefronts"), wavefronts) << stride << " " << bytes;
      EXPECT_EQ(number(*answer, "conflicts"), wavefronts - bytes / 4) << stride << " " << bytes;
      // Global memory: the sectors of 32 bytes.
      Result<Answer> global = askQuestion("sectors", {"32:" + std::to_string(stride)}, {bytes, {}, nullptr});
      std::set<int64_t> sectors;
      for (int64_t lane = 0; lane < 32; ++lane)
        sectors.insert(lane * stride * bytes / 32);
      EXPECT_EQ(number(*global, "sectors of 32 bytes"), int64_t(sectors.size())) << stride << " " << bytes;
    }
}

TEST(Questions, TheLayoutOfAnAccessIsTheMemoryAtTheThreads) {
  const char *memory = "(16,16):(17,1)", *threads = "((2,2,2),(4,8)):((1@1,8@0,8@1),(2@1,1@0))";
  Result<Answer> answer = askQuestion("bank-conflicts", {memory, threads}, {});
  ASSERT_TRUE(answer) << answer.message();
  Layout map = *parseLayout(answer->layout), outer = *parseLayout(memory), inner = *parseLayout(threads);
  ASSERT_EQ(map.size(), inner.size());
  for (int64_t i = 0; i < map.size(); ++i)
    EXPECT_EQ(evaluate(map, i), evaluateAt(outer, evaluate(inner, i)));
}

TEST(Questions, TheLayoutOfAConversionFindsEachValue) {
  Generator random(31);
  int64_t layouts = 0;
  for (int n = 0; n < 2000; ++n) {
    // Two ways to give the bits of a tile of 8 by 8, or 12 by 8, to registers and lanes.
    std::vector<Mode> bits = {{2, Offset::basis({0})}, {2, Offset::basis({0}, 2)}, {2, Offset::basis({0}, 4)},
                              {2, Offset::basis({1})}, {2, Offset::basis({1}, 2)}, {2, Offset::basis({1}, 4)}};
    auto draw = [&] {
      std::vector<Mode> modes = bits;
      for (size_t i = modes.size(); i-- > 1;)
        std::swap(modes[i], modes[size_t(random.below(int64_t(i) + 1))]);
      modes.push_back({random.chance(20) ? int64_t(2) : 1, 0});
      Layout registers = *Layout::make(Profile::flat(3), {modes[0], modes[1], modes[6]});
      Layout lanes = *Layout::make(Profile::flat(4), {modes[2], modes[3], modes[4], modes[5]});
      return *Layout::make({registers, lanes});
    };
    Layout a = draw(), b = draw();
    Result<Answer> answer = askQuestion("convert", {print(a), print(b)}, {});
    ASSERT_TRUE(answer) << answer.message();
    Result<Layout> source = parseLayout(answer->layout);
    ASSERT_TRUE(source) << answer->layout;
    ++layouts;
    ASSERT_EQ(source->size(), b.size());
    for (int64_t i = 0; i < b.size(); ++i)
      ASSERT_EQ(evaluate(a, evaluate(*source, i).number()), evaluate(b, i)) << print(a) << " to " << print(b);
  }
  EXPECT_EQ(layouts, 2000);
}

TEST(Questions, SizesThatAreNoPowersOfTwo) {
  // The layout exists where the old places follow steps, and the line says so where they do not.
  EXPECT_EQ(askQuestion("convert", {"(3,4):(1,3)", "(3,4):(4,1)"}, {})->layout, "(3,4):(4,1)");
  EXPECT_EQ(askQuestion("convert", {"(3,(2,2)):(1,(3,6))", "(3,(2,2)):(2,(1,6))"}, {})->layout, "(3,(2,2)):(2,(1,6))");
  // Registers of neighbours repeat each other's elements.
  Result<Answer> answer = askQuestion("convert", {"(4,3):(1,2)", "(4,3):(1,2)"}, {});
  ASSERT_TRUE(answer) << answer.message();
  EXPECT_TRUE(answer->layout.starts_with("none: ")) << answer->layout;
}
