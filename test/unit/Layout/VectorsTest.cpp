//===- VectorsTest.cpp - Operations with known results ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each line of vectors/*.txt is `operation | operand | ... | result`; a result
// `error: TEXT` is an error whose message contains TEXT; fields `assuming FACT` are assumptions. Results of the main
// operations are also checked against their definition, by enumeration.

#include "Oracle.h"

#include "tilec/Layout/Operations.h"
#include "tilec/Layout/Swizzle.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

using namespace tilec::layout;
using namespace tilec::layout::test;

namespace {
struct Vector {
  std::string place, operation, result;
  Operands operands;
  Assumptions assumptions;
};
} // namespace

static std::string trim(const std::string &text) {
  size_t first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

static std::vector<Vector> readVectors() {
  std::vector<Vector> vectors;
  std::vector<std::filesystem::path> files;
  for (const auto &entry : std::filesystem::directory_iterator(TILEC_VECTORS))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path &file : files) {
    std::ifstream stream(file);
    std::string line;
    for (int number = 1; std::getline(stream, line); ++number) {
      if (trim(line).empty() || line.front() == '#')
        continue;
      Vector vector;
      vector.place = file.filename().string() + ":" + std::to_string(number);
      std::vector<std::string> fields;
      for (size_t start = 0, end; start != std::string::npos; start = end == std::string::npos ? end : end + 1) {
        end = line.find('|', start);
        fields.push_back(trim(line.substr(start, end == std::string::npos ? end : end - start)));
      }
      vector.operation = fields.front();
      vector.result = fields.back();
      const std::string assuming = "assuming ";
      for (size_t i = 1; i + 1 < fields.size(); ++i)
        if (!fields[i].starts_with(assuming))
          vector.operands.push_back(fields[i]);
        else if (Status known = vector.assumptions.add(fields[i].substr(assuming.size())); !known)
          ADD_FAILURE() << vector.place << ": " << known.message();
      vectors.push_back(std::move(vector));
    }
  }
  return vectors;
}

TEST(Vectors, OperationsGiveTheKnownResults) {
  std::vector<Vector> vectors = readVectors();
  // A folder that was not found, or files that were cut, would pass unnoticed.
  EXPECT_GE(vectors.size(), 400u);
  for (const Vector &vector : vectors) {
    Result<std::string> result = runOperation(vector.operation, vector.operands, vector.assumptions);
    if (vector.result.starts_with("error: ")) {
      if (result)
        ADD_FAILURE() << vector.place << ": expected an error, got " << *result;
      else
        EXPECT_NE(result.message().find(vector.result.substr(7)), std::string::npos)
            << vector.place << ": " << result.message();
      continue;
    }
    if (!result)
      ADD_FAILURE() << vector.place << ": " << result.message();
    else
      EXPECT_EQ(*result, vector.result) << vector.place;
  }
}

TEST(Vectors, EveryOperationHasVectors) {
  std::set<std::string> seen;
  for (const Vector &vector : readVectors())
    seen.insert(vector.operation);
  for (const Operation &operation : operations())
    EXPECT_TRUE(seen.count(std::string(operation.name))) << operation.name;
}

TEST(Vectors, WhatPermitsSymbolsHasVectorsWithSymbols) {
  std::set<std::string> seen;
  for (const Vector &vector : readVectors())
    for (const std::string &operand : vector.operands)
      if (findSymbol(operand))
        seen.insert(vector.operation);
  for (const Operation &operation : operations())
    if (permitsSymbols(operation.name))
      EXPECT_TRUE(seen.count(std::string(operation.name))) << operation.name;
}

/// The layouts of a vector, if all its operands and its result are plain layouts.
static std::optional<std::vector<Layout>> plainLayouts(const Vector &vector) {
  std::vector<Layout> layouts;
  for (const std::string &operand : vector.operands) {
    Result<Layout> layout = parseLayout(operand);
    if (!layout)
      return std::nullopt;
    layouts.push_back(*layout);
  }
  Result<Layout> result = parseLayout(vector.result);
  if (!result || vector.result.find(':') == std::string::npos)
    return std::nullopt;
  layouts.push_back(*result);
  return layouts;
}

static bool isOfNumbers(const Layout &layout) {
  return std::all_of(layout.leaves().begin(), layout.leaves().end(),
                     [](const Mode &leaf) { return leaf.stride.terms().empty(); });
}

static bool tooLarge(const Layout &layout) { return layout.size() > 100000; }

TEST(Vectors, KnownResultsFollowFromTheDefinitions) {
  int checked = 0;
  for (const Vector &vector : readVectors()) {
    std::optional<std::vector<Layout>> layouts = plainLayouts(vector);
    if (!layouts || std::any_of(layouts->begin(), layouts->end(), tooLarge))
      continue;
    const Layout &a = layouts->front(), &r = layouts->back();
    ++checked;
    if (vector.operation == "compose") {
      for (int64_t i = 0; i < r.size(); ++i)
        ASSERT_TRUE(sameNumber(evaluate(r, i), evaluateAt(a, evaluate((*layouts)[1], i))))
            << vector.place << " at " << i;
    } else if (vector.operation == "coalesce" && layouts->size() == 2) {
      EXPECT_EQ(table(r), table(a)) << vector.place;
      EXPECT_LE(r.depth(), 1u) << vector.place;
    } else if (vector.operation == "right-inverse" && isOfNumbers(a)) {
      for (int64_t i = 0; i < r.size(); ++i)
        ASSERT_EQ(evaluate(a, evaluate(r, i).number()).number(), i) << vector.place;
    } else if (vector.operation == "left-inverse") {
      for (int64_t i = 0; i < a.size(); ++i)
        ASSERT_EQ(evaluate(a, evaluateAt(r, evaluate(a, i)).number()), evaluate(a, i)) << vector.place << " at " << i;
    } else if (vector.operation == "nullspace") {
      for (int64_t i = 0; i < r.size(); ++i)
        ASSERT_EQ(evaluate(a, evaluate(r, i).number()), Value()) << vector.place;
    } else if (vector.operation == "logical-divide") {
      // The first mode is the tile, the whole reaches every value.
      const Layout &tile = (*layouts)[1];
      std::vector<Value> values = table(r);
      for (int64_t i = 0; i < tile.size(); ++i)
        ASSERT_TRUE(sameNumber(evaluate(r, i), evaluateAt(a, evaluate(tile, i)))) << vector.place;
      std::set<Value> reached(values.begin(), values.end());
      for (const Value &value : table(a))
        ASSERT_TRUE(reached.count(value)) << vector.place;
    } else if (vector.operation == "logical-product") {
      EXPECT_EQ(r.mode(0), a) << vector.place;
      EXPECT_TRUE(compatible((*layouts)[1].shape(), r.mode(1).shape())) << vector.place;
    } else {
      --checked;
    }
  }
  EXPECT_GE(checked, 150);
}
