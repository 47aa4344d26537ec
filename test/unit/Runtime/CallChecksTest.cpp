//===- CallChecksTest.cpp - the checks at the start of a call ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each wrong argument gets its message; the overlap test is compared with an
// enumeration of every byte.

#include "tilec/Runtime/KernelSignature.h"

#include "gtest/gtest.h"

#include <cstring>
#include <random>
#include <set>

using namespace tilec;

namespace {
/// A tensor whose shape and strides live beside it.
struct View {
  std::vector<int64_t> shape, strides;
  DLTensor tensor{};

  View(void *data, std::vector<int64_t> shape, std::vector<int64_t> strides,
       DType dtype = DType::F32)
      : shape(std::move(shape)), strides(std::move(strides)) {
    tensor.data = data;
    tensor.device = {TILEC_DL_CPU, 0};
    tensor.ndim = static_cast<int32_t>(this->shape.size());
    tensor.dtype = toDLPack(dtype);
    tensor.shape = this->shape.data();
    tensor.strides = this->strides.empty() ? nullptr : this->strides.data();
  }
  View(const View &) = delete;
};

/// Runs the checks of a signature; keeps what they returned.
struct Checker {
  std::vector<uint64_t> blob;
  std::vector<int64_t> out;
  int32_t status = 0;

  explicit Checker(const KernelSignature &signature) {
    std::vector<uint8_t> bytes = signature.serialize();
    blob.resize((bytes.size() + 7) / 8);
    std::memcpy(blob.data(), bytes.data(), bytes.size());
    out.assign(signature.numCallWords(), -1);
  }
  std::string check(std::vector<void *> args) {
    status = tilec_check_args(
        reinterpret_cast<const TilecKernelDesc *>(blob.data()), args.data(),
        out.data());
    return tilec_status_text(status);
  }
};
} // namespace

/// C[M, N] = A[M, K] @ B[K, N], all f32.
static KernelSignature makeMatmul() {
  KernelSignature signature;
  signature.name = "matmul";
  signature.symbols = {"M", "K", "N"};
  for (const char *name : {"A", "B", "C"})
    signature.params.push_back({name,
                                name[0] == 'C' ? ParamKind::Result
                                               : ParamKind::Array,
                                DType::F32, 2, false});
  auto check = [&](unsigned param, unsigned dim, unsigned symbol) {
    signature.steps.push_back(DimStep::check(param, dim,
                                             signature.symbols[symbol],
                                             DimProgram().pushSymbol(symbol)));
  };
  signature.steps.push_back(DimStep::bind(0, 0, "M", 0));
  signature.steps.push_back(DimStep::bind(0, 1, "K", 1));
  signature.steps.push_back(DimStep::bind(1, 1, "N", 2));
  check(1, 0, 1);
  check(2, 0, 0);
  check(2, 1, 2);
  return signature;
}

/// One array X[N], of a kind.
static KernelSignature makeVector(ParamKind kind, bool strided,
                                  unsigned rank = 1) {
  KernelSignature signature;
  signature.name = "vector";
  signature.params.push_back({"X", kind, DType::F32, rank, strided});
  for (unsigned d = 0; d < rank; ++d) {
    signature.symbols.push_back(std::string(1, static_cast<char>('N' + d)));
    signature.steps.push_back(DimStep::bind(0, d, signature.symbols[d], d));
  }
  return signature;
}

TEST(CallChecks, FillsAddressesExtentsStridesAndSymbols) {
  Checker checker(makeMatmul());
  float a[6], b[12], c[16];
  View va(a, {2, 3}, {}), vb(b, {3, 4}, {4, 1}), vc(c, {2, 4}, {8, 1});
  vc.tensor.byte_offset = 4;
  ASSERT_EQ(checker.check({&va.tensor, &vb.tensor, &vc.tensor}), "success");
  std::vector<int64_t> expected = {
      reinterpret_cast<int64_t>(a),     2, 3, 3, 1, //
      reinterpret_cast<int64_t>(b),     3, 4, 4, 1, //
      reinterpret_cast<int64_t>(c + 1), 2, 4, 8, 1, //
      2, 3, 4};
  EXPECT_EQ(checker.out, expected);
}

TEST(CallChecks, NamesArrayDimAndBothValues) {
  Checker checker(makeMatmul());
  float a[128], b[32], c[4];
  View va(a, {2, 64}, {}), vb(b, {32, 1}, {}), vc(c, {2, 1}, {});
  EXPECT_EQ(checker.check({&va.tensor, &vb.tensor, &vc.tensor}),
            "array 'B', dim 0 (K): expected 64, got 32");
  EXPECT_EQ(checker.status, TILEC_ERR_EXTENT);
}

TEST(CallChecks, RejectsEachWrongField) {
  Checker checker(makeVector(ParamKind::Array, false));
  float x[8];
  auto check = [&](auto change) {
    View view(x, {4}, {1});
    change(view);
    return checker.check({&view.tensor});
  };
  EXPECT_EQ(checker.check({nullptr}), "array 'X': the tensor is NULL");
  EXPECT_EQ(check([](View &v) { v.tensor.data = nullptr; }),
            "array 'X': the data is NULL");
  EXPECT_EQ(check([](View &v) { v.tensor.shape = nullptr; }),
            "array 'X': the shape is NULL");
  EXPECT_EQ(check([](View &v) { v.tensor.device.device_type = 2; }),
            "array 'X': expected CPU memory (DLPack device 1), got device 2");
  EXPECT_EQ(check([](View &v) { v.tensor.dtype = toDLPack(DType::F16); }),
            "array 'X': expected f32, got f16");
  EXPECT_EQ(check([](View &v) { v.tensor.dtype = {5, 64, 1}; }),
            "array 'X': expected f32, got DLPack type code 5 with 64 bits");
  EXPECT_EQ(check([](View &v) { v.tensor.dtype.lanes = 4; }),
            "array 'X': expected elements of 1 lane, got 4 lanes");
  EXPECT_EQ(check([](View &v) { v.tensor.ndim = 2; }),
            "array 'X': expected rank 1, got 2");
  EXPECT_EQ(check([](View &v) { v.tensor.ndim = -1; }),
            "array 'X': expected rank 1, got -1");
  EXPECT_EQ(check([](View &v) { v.shape[0] = -3; }),
            "array 'X', dim 0: the extent -3 is outside 0 .. 2147483647");
  EXPECT_EQ(check([](View &v) { v.shape[0] = int64_t{1} << 31; }),
            "array 'X', dim 0: the extent 2147483648 is outside 0 .. "
            "2147483647");
  EXPECT_EQ(check([](View &v) { v.strides[0] = 2; }),
            "array 'X', dim 0: expected stride 1 in the last dim, got 2");
  EXPECT_EQ(check([](View &v) { v.tensor.byte_offset = 2; }),
            "array 'X': the data is not aligned to its elements of 4 bytes");
}

TEST(CallChecks, RejectsWhatLeavesTheAddressSpace) {
  Checker checker(makeVector(ParamKind::Array, true));
  float x[8];
  for (int64_t stride : {INT64_MAX, INT64_MIN, INT64_MAX / 4, INT64_MIN / 4}) {
    View view(x, {4}, {stride});
    EXPECT_EQ(checker.check({&view.tensor}),
              "array 'X': extents and strides reach outside the address space");
  }
}

TEST(CallChecks, StridesOfShortDimsAreFree) {
  Checker checker(makeVector(ParamKind::Result, false, 2));
  float x[8];
  View one(x, {1, 1}, {0, 77}), none(nullptr, {0, 5}, {0, 3});
  EXPECT_EQ(checker.check({&one.tensor}), "success");
  // The strides that a kernel sees are compact ones.
  EXPECT_EQ((std::vector<int64_t>(checker.out.begin() + 1,
                                  checker.out.begin() + 5)),
            (std::vector<int64_t>{1, 1, 1, 1}));
  // So are those of an array without elements (NumPy gives it strides of 0).
  EXPECT_EQ(checker.check({&none.tensor}), "success");
  EXPECT_EQ((std::vector<int64_t>(checker.out.begin() + 1,
                                  checker.out.begin() + 5)),
            (std::vector<int64_t>{0, 5, 5, 1}));
  View empty(nullptr, {0, 5}, {});
  EXPECT_EQ(checker.check({&empty.tensor}), "success");
}

TEST(CallChecks, EmptyArraysOfHugeExtentsAreEmpty) {
  Checker checker(makeVector(ParamKind::Result, true, 4));
  int64_t huge = INT32_MAX;
  View view(nullptr, {huge, huge, huge, 0}, {});
  EXPECT_EQ(checker.check({&view.tensor}), "success");
}

TEST(CallChecks, BindsThroughExpressions) {
  KernelSignature signature = makeVector(ParamKind::Array, false);
  signature.steps = {DimStep::bind(0, 0, "2*N+1", 0, 1, 2)};
  Checker checker(signature);
  float x[8];
  View odd(x, {7}, {}), even(x, {8}, {}), none(nullptr, {0}, {});
  EXPECT_EQ(checker.check({&odd.tensor}), "success");
  EXPECT_EQ(checker.out.back(), 3);
  EXPECT_EQ(checker.check({&even.tensor}),
            "array 'X', dim 0 (2*N+1): no value of 'N' gives the extent 8");
  EXPECT_EQ(checker.check({&none.tensor}),
            "array 'X', dim 0 (2*N+1): no value of 'N' gives the extent 0");
}

TEST(CallChecks, ChecksExpressionsMultiplesAndInexactDivisions) {
  KernelSignature signature = makeVector(ParamKind::Array, false, 2);
  signature.steps = {
      DimStep::bind(0, 0, "N", 0), DimStep::multiple(0, 0, "N", 4),
      DimStep::check(0, 1, "N/8",
                     DimProgram().pushSymbol(0).pushConst(8).div())};
  Checker checker(signature);
  float x[64];
  View good(x, {16, 2}, {}), odd(x, {6, 2}, {}), inexact(x, {12, 1}, {}),
      wrong(x, {16, 3}, {});
  EXPECT_EQ(checker.check({&good.tensor}), "success");
  EXPECT_EQ(checker.check({&odd.tensor}),
            "array 'X', dim 0 (N): expected a multiple of 4, got 6");
  EXPECT_EQ(checker.check({&inexact.tensor}),
            "array 'X', dim 1 (N/8): the expression has no integer value for "
            "the extents of this call");
  EXPECT_EQ(checker.check({&wrong.tensor}),
            "array 'X', dim 1 (N/8): expected 2, got 3");
}

TEST(CallChecks, AnotherVersionIsAnError) {
  Checker checker(makeVector(ParamKind::Array, false));
  float x[4];
  View view(x, {4}, {});
  reinterpret_cast<TilecKernelDesc *>(checker.blob.data())->magic ^= 1;
  EXPECT_EQ(checker.check({&view.tensor}),
            "the kernel was compiled by another version of tilec");
}

//===----------------------------------------------------------------------===//
// Overlap
//===----------------------------------------------------------------------===//

/// The offsets of a view's elements; with repetitions.
static std::vector<int64_t> offsetsOf(const View &view, int64_t base) {
  std::vector<int64_t> offsets{base};
  for (size_t d = 0; d < view.shape.size(); ++d) {
    std::vector<int64_t> next;
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < view.shape[d]; ++i)
        next.push_back(offset + i * view.strides[d]);
    offsets = std::move(next);
  }
  return offsets;
}

/// Two arrays of rank 2 with any strides, one of them written.
static KernelSignature makePair(ParamKind second) {
  KernelSignature signature;
  signature.name = "pair";
  for (const char *name : {"X", "Y"})
    signature.params.push_back({name,
                                name[0] == 'X' ? ParamKind::Array : second,
                                DType::F32, 2, true});
  return signature;
}

TEST(CallChecks, AcceptedViewsShareNoElement) {
  Checker checker(makePair(ParamKind::Result));
  static float memory[400];
  constexpr int64_t origin = 200;
  std::mt19937 random(20);
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  int accepted = 0, disjoint = 0;
  for (int i = 0; i < 20000; ++i) {
    int64_t bases[2] = {origin + pick(-20, 20), origin + pick(-20, 20)};
    View x(memory + bases[0], {pick(0, 4), pick(0, 4)},
           {pick(-12, 12), pick(-4, 4)});
    View y(memory + bases[1], {pick(0, 4), pick(0, 4)},
           {pick(-12, 12), pick(-4, 4)});
    std::vector<int64_t> xs = offsetsOf(x, bases[0]), ys = offsetsOf(y, bases[1]);
    std::set<int64_t> xSet(xs.begin(), xs.end()), ySet(ys.begin(), ys.end());
    bool share = ySet.size() != ys.size(); // written elements twice
    for (int64_t offset : ys)
      share |= xSet.count(offset) != 0;
    checker.check({&x.tensor, &y.tensor});
    if (checker.status == TILEC_OK) {
      ++accepted;
      EXPECT_FALSE(share) << "accepted, but elements are shared";
    } else {
      EXPECT_EQ(checker.status, TILEC_ERR_OVERLAP);
    }
    disjoint += !share;
  }
  // Conservative, but not so much that it would reject what people do.
  EXPECT_GT(accepted, disjoint * 3 / 4);
}

TEST(CallChecks, AcceptsInterleavedViews) {
  Checker checker(makePair(ParamKind::Result));
  static float memory[256];
  View even(memory, {4, 8}, {16, 2}), odd(memory + 1, {4, 8}, {16, 2});
  EXPECT_EQ(checker.check({&even.tensor, &odd.tensor}), "success");
  View left(memory, {16, 8}, {16, 1}), right(memory + 8, {16, 8}, {16, 1});
  EXPECT_EQ(checker.check({&left.tensor, &right.tensor}), "success");
  View wide(memory, {16, 9}, {16, 1});
  EXPECT_EQ(checker.check({&wide.tensor, &right.tensor}),
            "arrays 'X' and 'Y' overlap, and 'Y' is written");
}

TEST(CallChecks, ReadArraysMayOverlap) {
  Checker checker(makePair(ParamKind::Array));
  static float memory[256];
  View x(memory, {4, 8}, {8, 1}), y(memory + 4, {4, 8}, {0, 1});
  EXPECT_EQ(checker.check({&x.tensor, &y.tensor}), "success");
}

TEST(CallChecks, WrittenElementsMayNotRepeat) {
  Checker checker(makeVector(ParamKind::Inout, true, 2));
  static float memory[256];
  View broadcast(memory, {4, 8}, {0, 1}), window(memory, {4, 8}, {2, 1});
  const char *message =
      "array 'X' is written, but its strides let elements overlap";
  EXPECT_EQ(checker.check({&broadcast.tensor}), message);
  EXPECT_EQ(checker.check({&window.tensor}), message);
}

//===----------------------------------------------------------------------===//
// Status
//===----------------------------------------------------------------------===//

TEST(Status, FirstAssertOfACallWins) {
  TilecCallState state{};
  EXPECT_EQ(tilec_call_status(&state), TILEC_OK);
  tilec_assert_fail(&state, "first", "a.tile", 3, 5);
  tilec_assert_fail(&state, "second", "a.tile", 4, 5);
  EXPECT_EQ(tilec_call_status(&state), TILEC_ERR_ASSERT);
  EXPECT_STREQ(tilec_status_text(TILEC_ERR_ASSERT),
               "a.tile:3:5: assertion failed: first");
  // Another status than the latest one has a general text only.
  EXPECT_STREQ(tilec_status_text(TILEC_ERR_OVERLAP), "arrays overlap");
  EXPECT_STREQ(tilec_status_text(12345), "unknown status");
}

TEST(Status, WorkspacesAreChecked) {
  KernelSignature signature = makeVector(ParamKind::Array, false);
  Checker checker(signature);
  auto *desc = reinterpret_cast<const TilecKernelDesc *>(checker.blob.data());
  void *workspace = tilec_workspace_alloc(100);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(workspace) % 64, 0u);
  EXPECT_EQ(tilec_check_workspace(desc, workspace, 100, 100), TILEC_OK);
  EXPECT_EQ(tilec_check_workspace(desc, nullptr, 0, 0), TILEC_OK);
  EXPECT_EQ(tilec_check_workspace(desc, workspace, 99, 100),
            TILEC_ERR_WORKSPACE);
  EXPECT_STREQ(tilec_status_text(TILEC_ERR_WORKSPACE),
               "kernel 'vector': the workspace has 99 bytes, this call needs "
               "100");
  EXPECT_EQ(tilec_check_workspace(desc, static_cast<char *>(workspace) + 8, 200,
                                  100),
            TILEC_ERR_WORKSPACE);
  tilec_workspace_free(workspace);
}
