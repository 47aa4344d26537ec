//===- CommandLineTest.cpp - options of the tools ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is parsed, and what a mistake is told.

#include "tilec/Driver/CommandLine.h"

#include "gtest/gtest.h"

using namespace tilec;

namespace {
/// A tool with an option of each kind.
struct Parsed {
  std::string output, set;
  bool flag = false;

  std::string parse(std::vector<const char *> arguments) {
    CommandLine line("tool", "");
    line.addOption("o", "OUT", "", output);
    line.addOption("set", "i=1", "", set);
    line.addFlag("bench", "", flag);
    llvm::Error error = line.parseOptions(arguments);
    return error ? llvm::toString(std::move(error)) : "";
  }
};
} // namespace

TEST(CommandLine, ValuesStandBehindOrBesideTheirOption) {
  for (std::vector<const char *> arguments :
       {std::vector<const char *>{"--set", "i=2", "-o", "x", "--bench"},
        {"--set=i=2", "-ox", "--bench"}}) {
    Parsed parsed;
    EXPECT_EQ(parsed.parse(arguments), "");
    EXPECT_EQ(parsed.set, "i=2");
    EXPECT_EQ(parsed.output, "x");
    EXPECT_TRUE(parsed.flag);
  }
}

TEST(CommandLine, FurtherArgumentsAreCollected) {
  CommandLine line("tool", "");
  std::string first;
  std::vector<std::string> rest;
  bool flag = false;
  line.addPositional("FIRST", "", first);
  line.addPositionals("REST...", "", rest);
  line.addFlag("flag", "", flag);
  const char *arguments[] = {"tool", "a", "b", "--flag", "--", "-c", "d"};
  EXPECT_EQ(line.parse(7, arguments), std::nullopt);
  EXPECT_EQ(first, "a");
  EXPECT_EQ(rest, (std::vector<std::string>{"b", "-c", "d"}));
  EXPECT_TRUE(flag);
}

TEST(CommandLine, MistakesAreNamed) {
  Parsed parsed;
  EXPECT_EQ(parsed.parse({"--bnech"}),
            "unknown option '--bnech'; did you mean '--bench'?");
  EXPECT_EQ(parsed.parse({"--nothing-like-it"}),
            "unknown option '--nothing-like-it'");
  // They would print.
  EXPECT_EQ(parsed.parse({"--help"}), "option '--help' is the command line's");
  EXPECT_EQ(parsed.parse({"--version"}), "option '--version' is the command line's");
  EXPECT_EQ(parsed.parse({"--bench=1"}), "option '--bench' takes no value");
  EXPECT_EQ(parsed.parse({"--set"}), "option '--set' needs a value: i=1");
  EXPECT_EQ(parsed.parse({"x"}), "'x' is not an option");
}

TEST(CommandLine, AssignmentsNeedANameAndAnEqualsSign) {
  auto pair = splitAssignment("a=b=c", "X=Y");
  ASSERT_TRUE(static_cast<bool>(pair));
  EXPECT_EQ(pair->first, "a");
  EXPECT_EQ(pair->second, "b=c");
  for (const char *text : {"a", "=b", ""}) {
    auto wrong = splitAssignment(text, "X=Y");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(llvm::toString(wrong.takeError()),
              "expected X=Y, got '" + std::string(text) + "'");
  }
}

TEST(CommandLine, SuggestionsAreNearOrComplete) {
  EXPECT_EQ(suggest("matmu", {"matmul", "softmax"}),
            "; did you mean 'matmul'?");
  EXPECT_EQ(suggest("xyz", {"matmul", "softmax"}),
            "; there is matmul, softmax");
  EXPECT_EQ(suggest("x", {}), "; there is none");
}
