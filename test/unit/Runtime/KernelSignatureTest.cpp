//===- KernelSignatureTest.cpp - signatures and their bytes -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is written is read back; damaged bytes are rejected, never read past.

#include "tilec/Runtime/KernelSignature.h"

#include "gtest/gtest.h"

#include <cstring>
#include <random>

using namespace tilec;

/// X: f16[M, 2*N], strided inout Y: i32[M/4], s: f32 -> Z: bool[N]
static KernelSignature makeSignature() {
  KernelSignature signature;
  signature.name = "example";
  signature.symbols = {"M", "N"};
  signature.params = {{"X", ParamKind::Array, DType::F16, 2, false},
                      {"Y", ParamKind::Inout, DType::I32, 1, true},
                      {"s", ParamKind::Scalar, DType::F32, 0, false},
                      {"Z", ParamKind::Result, DType::Bool, 1, false}};
  signature.steps = {
      DimStep::bind(0, 0, "M", 0),
      DimStep::bind(3, 0, "N", 1),
      DimStep::check(0, 1, "2*N", DimProgram().pushConst(2).pushSymbol(1).mul()),
      DimStep::check(1, 0, "M/4",
                     DimProgram().pushSymbol(0).pushConst(4).div())};
  return signature;
}

TEST(KernelSignature, BytesAreReadBack) {
  KernelSignature signature = makeSignature();
  std::vector<uint8_t> bytes = signature.serialize();
  EXPECT_EQ(bytes, signature.serialize());
  std::string error;
  std::optional<KernelSignature> read =
      KernelSignature::parse(bytes.data(), bytes.size(), error);
  ASSERT_TRUE(read) << error;
  EXPECT_EQ(read->name, "example");
  EXPECT_EQ(read->symbols, signature.symbols);
  ASSERT_EQ(read->params.size(), 4u);
  EXPECT_EQ(read->params[1].name, "Y");
  EXPECT_EQ(read->params[1].kind, ParamKind::Inout);
  EXPECT_TRUE(read->params[1].strided);
  EXPECT_EQ(read->params[3].dtype, DType::Bool);
  EXPECT_EQ(read->steps[2].text, "2*N");
  EXPECT_EQ(read->steps[2].program.getWords(),
            signature.steps[2].program.getWords());
  // All of it: the same signature has the same bytes.
  EXPECT_EQ(read->serialize(), bytes);
  EXPECT_EQ(signature.numCallWords(), 5u + 3u + 3u + 2u);
}

TEST(KernelSignature, TruncatedBytesAreRejected) {
  std::vector<uint8_t> bytes = makeSignature().serialize();
  std::string error;
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::vector<uint8_t> prefix(bytes.begin(), bytes.begin() + size);
    EXPECT_FALSE(KernelSignature::parse(prefix.data(), size, error)) << size;
  }
}

TEST(KernelSignature, DamagedBytesAreReadWithinTheirBounds) {
  std::vector<uint8_t> bytes = makeSignature().serialize();
  std::mt19937 random(3);
  std::string error;
  int rejected = 0;
  for (int i = 0; i < 20000; ++i) {
    // A copy of exact size, so that a sanitizer sees a read beyond it.
    std::vector<uint8_t> damaged = bytes;
    for (int changes = 0; changes < 3; ++changes)
      damaged[random() % damaged.size()] = static_cast<uint8_t>(random());
    rejected += !KernelSignature::parse(damaged.data(), damaged.size(), error);
  }
  EXPECT_GT(rejected, 0);
}

TEST(KernelSignature, SymbolsAndExtentsFollowFromTheArraysAtHand) {
  KernelSignature signature = makeSignature();
  auto symbols = signature.bindSymbols(
      {std::vector<int64_t>{8, 6}, std::nullopt, std::nullopt, std::nullopt});
  EXPECT_EQ(symbols[0], 8);
  EXPECT_EQ(symbols[1], 3); // 2*N is 6, and Z, whose extent is N, is missing
  EXPECT_EQ(signature.inferExtents(1, symbols), std::vector<int64_t>{2});
  EXPECT_EQ(signature.inferExtents(3, symbols), std::vector<int64_t>{3});
  EXPECT_EQ(signature.inferExtents(0, symbols), (std::vector<int64_t>{8, 6}));
  symbols[0] = 7; // 7/4 has no value
  EXPECT_FALSE(signature.inferExtents(1, symbols));
  symbols = signature.bindSymbols(
      {std::vector<int64_t>{8, 7}, std::nullopt, std::nullopt, std::nullopt});
  EXPECT_FALSE(symbols[1]); // 2*N is never 7
  EXPECT_FALSE(signature.inferExtents(3, symbols));
}

TEST(KernelSignature, DimsThatACallChecksBindWhereTheirArrayIsMissing) {
  KernelSignature signature = makeSignature();
  // Z[N], which binds N, is missing; X has 2*N.
  auto bind = [&](int64_t extent) {
    return signature.bindSymbols({std::vector<int64_t>{8, extent}, std::nullopt,
                                  std::nullopt, std::nullopt})[1];
  };
  EXPECT_EQ(bind(6), 3);
  EXPECT_FALSE(bind(7));
  signature.steps[2].program = DimProgram().pushSymbol(1).pushSymbol(0).add();
  EXPECT_EQ(bind(11), 3); // N + M
  signature.steps[2].program = DimProgram().pushSymbol(1).pushSymbol(1).mul();
  EXPECT_FALSE(bind(9)); // N*N is not linear
}

TEST(KernelSignature, ProgramsEvaluateOrSayThatTheyCannot) {
  auto evaluate = [](const DimProgram &program) {
    return program.evaluate({10, 3});
  };
  EXPECT_EQ(evaluate(DimProgram().pushSymbol(0).pushSymbol(1).sub()), 7);
  EXPECT_EQ(evaluate(DimProgram().pushSymbol(0).pushConst(5).div()), 2);
  EXPECT_FALSE(evaluate(DimProgram().pushSymbol(0).pushSymbol(1).div()));
  EXPECT_FALSE(evaluate(DimProgram().pushSymbol(0).pushConst(0).div()));
  EXPECT_FALSE(evaluate(DimProgram().pushConst(INT64_MAX).pushConst(1).add()));
  EXPECT_FALSE(evaluate(DimProgram().pushSymbol(2)));
  EXPECT_FALSE(evaluate(DimProgram().add()));
  EXPECT_FALSE(evaluate(DimProgram()));
  EXPECT_FALSE(evaluate(DimProgram().pushConst(1).pushConst(2)));
  EXPECT_FALSE(evaluate(DimProgram::fromWords({TILEC_OP_CONST})));
  EXPECT_FALSE(evaluate(DimProgram::fromWords({99})));
}

TEST(CHeader, DeclaresEveryEntryPoint) {
  KernelSignature signature = makeSignature();
  signature.params[2].name = "float"; // a fine name in .tile
  std::string header = printCHeader({signature}, "my-kernels.h");
  for (const char *line :
       {"#ifndef TILEC_GENERATED_MY_KERNELS_H\n",
        "int32_t example(DLTensor *X, DLTensor *Y, float float_, DLTensor *Z);\n",
        "int64_t example_workspace_size(DLTensor *X, DLTensor *Y, float float_, "
        "DLTensor *Z);\n",
        "int32_t example_with_workspace(DLTensor *X, DLTensor *Y, float float_, "
        "DLTensor *Z, void *workspace, int64_t workspace_size);\n",
        " *   in X: f16[M, 2*N], stride 1 in the last dim\n",
        " *   inout Y: i32[M/4], any strides\n"})
    EXPECT_NE(header.find(line), std::string::npos) << line << header;
}
