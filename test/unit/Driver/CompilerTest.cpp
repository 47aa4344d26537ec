//===- CompilerTest.cpp - the compiler as a library -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Source text in, callable kernel out; on several threads at once.

#include "tilec/Driver/Compiler.h"
#include "tilec/Runtime/Tensor.h"

#include "gtest/gtest.h"

#include <thread>

using namespace tilec;

/// Y = X * factor, the factor being part of the source.
static std::string makeScale(int factor) {
  return "kernel scale(X: f32[M, N]) -> Y: f32[M, N] {\n"
         "  for i, j in tiles(M, N) { Y[i, j] = X[i, j] * " +
         std::to_string(factor) + ".0 }\n}\n";
}

static Tensor makeTensor(std::vector<int64_t> shape) {
  std::string error;
  std::optional<Tensor> tensor =
      Tensor::create(DType::F32, std::move(shape), error);
  EXPECT_TRUE(tensor) << error;
  tensor->fillRandom(1, -1, 1);
  return std::move(*tensor);
}

/// Calls Y = X * factor and checks every element.
static void checkScale(CallableKernel &kernel, float factor) {
  Tensor x = makeTensor({13, 37}), y = makeTensor({13, 37});
  DLTensor vx = x.getView(), vy = y.getView();
  llvm::Error error = kernel.call({&vx, &vy}, {});
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  for (int64_t i = 0; i < x.getNumElements(); ++i)
    ASSERT_EQ(y.getAsDouble(i),
              static_cast<float>(x.getAsDouble(i)) * factor);
}

TEST(Compiler, SourceInKernelOut) {
  std::string diagnostics;
  auto kernels =
      compile("scale.tile", makeScale(3), {},
              [&](llvm::StringRef text) { diagnostics += text; });
  ASSERT_TRUE(succeeded(kernels)) << diagnostics;
  ASSERT_EQ(kernels->size(), 1u);
  EXPECT_EQ(diagnostics, "");
  checkScale(*kernels->front(), 3);
}

TEST(Compiler, DiagnosticsGoToTheSink) {
  std::string diagnostics;
  auto sink = [&](llvm::StringRef text) { diagnostics += text; };
  EXPECT_TRUE(failed(compile("wrong.tile", "kernel k( {", {}, sink)));
  EXPECT_EQ(diagnostics.find("wrong.tile:1:"), 0u) << diagnostics;
  diagnostics.clear();
  CompileOptions options;
  options.config = {{"q", 4}};
  EXPECT_TRUE(failed(compile("scale.tile", makeScale(1), options, sink)));
  EXPECT_NE(diagnostics.find("'q'"), std::string::npos) << diagnostics;
  diagnostics.clear();
  options.arch = "z80";
  EXPECT_TRUE(failed(compile("scale.tile", makeScale(1), options, sink)));
  EXPECT_NE(diagnostics.find("'z80'"), std::string::npos) << diagnostics;
}

TEST(Compiler, ThreadsCompileAndCallAtOnce) {
  // Each thread compiles kernels of its own; a mix-up would change a factor.
  constexpr int numThreads = 2, numKernels = 4;
  std::vector<std::thread> threads;
  for (int t = 0; t < numThreads; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < numKernels; ++i) {
        int factor = 1 + t * numKernels + i;
        auto kernels = compile("scale.tile", makeScale(factor), {});
        ASSERT_TRUE(succeeded(kernels));
        checkScale(*kernels->front(), static_cast<float>(factor));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(Compiler, OneKernelIsCalledFromSeveralThreads) {
  auto kernels = compile("scale.tile", makeScale(5), {});
  ASSERT_TRUE(succeeded(kernels));
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i)
        checkScale(*kernels->front(), 5);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(Compiler, TheInterpreterIsCalledTheSameWay) {
  auto compilation = CompilerInstance::create({}, printToStderr());
  ASSERT_TRUE(succeeded(compilation));
  ASSERT_TRUE(succeeded((*compilation)->addInput("scale.tile", makeScale(7))));
  auto kernels = (*compilation)->loadInterpreted();
  ASSERT_TRUE(succeeded(kernels));
  // The kernels keep their module alive.
  compilation->reset();
  checkScale(*kernels->front(), 7);
  Tensor x = makeTensor({2, 3}), y = makeTensor({2, 4});
  DLTensor vx = x.getView(), vy = y.getView();
  EXPECT_EQ(llvm::toString(kernels->front()->call({&vx, &vy}, {})),
            "array 'Y', dim 1 (N): expected 3, got 4");
}

TEST(Compiler, AModuleOfTheInstancesContextIsAnInput) {
  auto first = CompilerInstance::create({}, printToStderr());
  ASSERT_TRUE(succeeded(first));
  ASSERT_TRUE(succeeded((*first)->addInput("scale.tile", makeScale(2))));
  auto text = (*first)->emit(EmitKind::IR, "");
  ASSERT_TRUE(succeeded(text));

  CompileOptions options;
  options.compileFrom = Phase::tile;
  options.config = {{"i", 4}, {"j", 8}};
  auto second = CompilerInstance::create(options, printToStderr());
  ASSERT_TRUE(succeeded(second));
  ASSERT_TRUE(succeeded((*second)->addInput(
      "scale.mlir", llvm::StringRef(text->data(), text->size()))));
  auto kernels = (*second)->load();
  ASSERT_TRUE(succeeded(kernels));
  EXPECT_EQ((*second)->getPhase(), Phase::target);
  checkScale(*kernels->front(), 2);
}

TEST(Compiler, EveryStepIsTimed) {
  auto compilation = CompilerInstance::create({}, printToStderr());
  ASSERT_TRUE(succeeded(compilation));
  ASSERT_TRUE(succeeded((*compilation)->addInput("scale.tile", makeScale(2))));
  ASSERT_TRUE(succeeded((*compilation)->load()));
  std::vector<std::string> steps;
  for (const StepTime &time : (*compilation)->getTimes()) {
    EXPECT_GE(time.milliseconds, 0);
    steps.push_back(time.step);
  }
  EXPECT_EQ(steps, (std::vector<std::string>{"context", "front end", "tile", "fused", "configured", "laidout",
                                             "scheduled", "target", "llvm", "code generation", "jit"}));
}
