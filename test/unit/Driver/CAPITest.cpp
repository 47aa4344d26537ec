//===- CAPITest.cpp - the compiler's C API ----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compile, look at, call and misuse.

#include "tilec-c/tilec.h"

#include "gtest/gtest.h"

#include <string>

static const char *const kSource =
    "kernel scale(X: f32[N], s: f32) -> Y: f32[N] {\n"
    "  for i in tiles(N) { Y[i] = X[i] * s }\n"
    "}\n"
    "kernel check(X: f32[N]) -> Y: f32[N] {\n"
    "  for i in tiles(N) {\n"
    "    assert(all(X[i] > 0.0), \"positive\")\n"
    "    Y[i] = X[i]\n"
    "  }\n"
    "}\n";

/// Takes a message over.
static std::string take(char *message) {
  std::string text = message ? message : "";
  tilec_free_message(message);
  return text;
}

static DLTensor view(float *data, int64_t *size) {
  return {data, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, size, nullptr, 0};
}

TEST(CAPI, CompilesDescribesAndCalls) {
  for (const char *executor : {"--exec=cpu", "--exec=interp"}) {
    char *message = nullptr;
    const char *options[] = {executor, "--set", "i=4"};
    TilecProgram *program =
        tilec_compile("scale.tile", kSource, options, 3, &message);
    ASSERT_TRUE(program) << take(message);
    EXPECT_EQ(take(message), "");
    ASSERT_EQ(tilec_num_kernels(program), 2u);
    EXPECT_EQ(tilec_get_kernel(program, 2), nullptr);
    EXPECT_EQ(tilec_find_kernel(program, "other"), nullptr);
    TilecKernel *scale = tilec_find_kernel(program, "scale");
    ASSERT_TRUE(scale);
    EXPECT_EQ(scale, tilec_get_kernel(program, 0));
    EXPECT_STREQ(tilec_kernel_name(scale), "scale");
    ASSERT_EQ(tilec_num_params(scale), 3u);
    EXPECT_STREQ(tilec_param_name(scale, 1), "s");
    EXPECT_FALSE(tilec_param_is_array(scale, 1));
    EXPECT_TRUE(tilec_param_is_array(scale, 2));
    EXPECT_EQ(tilec_param_name(scale, 3), nullptr);

    float x[6] = {1, 2, 3, 4, 5, 6}, y[6] = {}, s = 3;
    int64_t size = 6, less = 5;
    DLTensor vx = view(x, &size), vy = view(y, &size), vz = view(y, &less);
    void *args[] = {&vx, &s, &vy};
    EXPECT_EQ(tilec_call(scale, args, 3, 1, &message), 0) << take(message);
    for (int i = 0; i < 6; ++i)
      EXPECT_EQ(y[i], 3 * x[i]);

    args[2] = &vz;
    EXPECT_EQ(tilec_call(scale, args, 3, 0, &message), 1);
    EXPECT_EQ(take(message), "array 'Y', dim 0 (N): expected 6, got 5");
    args[2] = nullptr;
    EXPECT_EQ(tilec_call(scale, args, 3, 0, &message), 1);
    EXPECT_EQ(take(message), "array 'Y': the tensor is NULL");
    args[1] = nullptr;
    EXPECT_EQ(tilec_call(scale, args, 3, 0, &message), 1);
    EXPECT_EQ(take(message), "scalar 's' is NULL");
    EXPECT_EQ(tilec_call(scale, args, 2, 0, nullptr), 1);

    TilecKernel *check = tilec_find_kernel(program, "check");
    x[3] = -1;
    void *checked[] = {&vx, &vy};
    EXPECT_EQ(tilec_call(check, checked, 2, 0, &message), 1);
    std::string text = take(message);
    EXPECT_NE(text.find("scale.tile:6:5"), std::string::npos) << text;
    EXPECT_NE(text.find("positive"), std::string::npos) << text;
    tilec_free_program(program);
  }
}

TEST(CAPI, FailuresHaveTheirText) {
  char *message = nullptr;
  EXPECT_FALSE(tilec_compile("a.tile", "kernel", nullptr, 0, &message));
  EXPECT_EQ(take(message).find("a.tile:1:"), 0u);
  const char *unknown[] = {"--exce=cpu"};
  EXPECT_FALSE(tilec_compile("a.tile", kSource, unknown, 1, &message));
  EXPECT_EQ(take(message),
            "error: unknown option '--exce=cpu'; did you mean '--exec'?");
  const char *executor[] = {"--exec=gpu"};
  EXPECT_FALSE(tilec_compile("a.tile", kSource, executor, 1, &message));
  EXPECT_EQ(take(message), "error: unknown executor 'gpu'; there is cpu, interp");
  EXPECT_FALSE(tilec_compile(nullptr, nullptr, unknown, 1, nullptr));
  EXPECT_EQ(tilec_num_kernels(nullptr), 0u);
  tilec_free_program(nullptr);
}
