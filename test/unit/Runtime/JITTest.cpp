//===- JITTest.cpp - code for this process and for objects ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel written in LLVM IR goes through the JIT and into a shared library.

#include "tilec/Runtime/JIT.h"
#include "tilec/Runtime/Tensor.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"

#include "gtest/gtest.h"

#include <dlfcn.h>
#include <fstream>

using namespace tilec;

/// scale(X: f32[N], s: f32) -> Y: f32[N], by one parallel loop.
static const char *const kScale = R"(
declare i32 @tilec_check_args(ptr, ptr, ptr)
declare void @tilec_parallel_for(i64, ptr, ptr, i32)

define internal void @body(ptr %ctx, i64 %begin, i64 %end, i32 %worker) {
entry:
  %x = load ptr, ptr %ctx
  %yp = getelementptr i64, ptr %ctx, i64 3
  %y = load ptr, ptr %yp
  %sp = getelementptr i64, ptr %ctx, i64 7
  %s = load float, ptr %sp
  br label %loop
loop:
  %i = phi i64 [ %begin, %entry ], [ %next, %loop ]
  %xi = getelementptr float, ptr %x, i64 %i
  %v = load float, ptr %xi
  %p = fmul float %v, %s
  %yi = getelementptr float, ptr %y, i64 %i
  store float %p, ptr %yi
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %end
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

define i32 @scale(ptr %x, float %s, ptr %y) {
  %args = alloca [3 x ptr]
  store ptr %x, ptr %args
  %a2 = getelementptr ptr, ptr %args, i64 2
  store ptr %y, ptr %a2
  %words = alloca [8 x i64]
  %status = call i32 @tilec_check_args(ptr @scale_descriptor, ptr %args, ptr %words)
  %ok = icmp eq i32 %status, 0
  br i1 %ok, label %run, label %exit
run:
  %sp = getelementptr i64, ptr %words, i64 7
  store float %s, ptr %sp
  %np = getelementptr i64, ptr %words, i64 1
  %n = load i64, ptr %np
  call void @tilec_parallel_for(i64 %n, ptr @body, ptr %words, i32 0)
  br label %exit
exit:
  ret i32 %status
}

define i64 @scale_workspace_size(ptr %x, float %s, ptr %y) {
  ret i64 0
}

define i32 @scale_with_workspace(ptr %x, float %s, ptr %y, ptr %w, i64 %size) {
  %status = call i32 @scale(ptr %x, float %s, ptr %y)
  ret i32 %status
}
)";

/// The module with its descriptor.
static std::unique_ptr<llvm::Module> makeModule(llvm::LLVMContext &context) {
  KernelSignature signature;
  signature.name = "scale";
  signature.symbols = {"N"};
  signature.params = {{"X", ParamKind::Array, DType::F32, 1, false},
                      {"s", ParamKind::Scalar, DType::F32, 0, false},
                      {"Y", ParamKind::Result, DType::F32, 1, false}};
  signature.steps = {
      DimStep::bind(0, 0, "N", 0),
      DimStep::check(2, 0, "N", DimProgram().pushSymbol(0))};
  std::vector<uint8_t> bytes = signature.serialize();
  std::string text = "@scale_descriptor = constant [" +
                     std::to_string(bytes.size()) + " x i8] c\"";
  static const char *const digits = "0123456789ABCDEF";
  for (uint8_t byte : bytes)
    text += {'\\', digits[byte / 16], digits[byte % 16]};
  text += "\", align 8\n";
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module =
      llvm::parseAssemblyString(text + kScale, diagnostic, context);
  EXPECT_TRUE(module) << diagnostic.getMessage().str();
  return module;
}

static std::vector<std::shared_ptr<CallableKernel>> compile() {
  auto context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module = makeModule(*context);
  auto kernels = jitCompile(std::move(context), std::move(module), {});
  if (!kernels) {
    ADD_FAILURE() << llvm::toString(kernels.takeError());
    return {};
  }
  return *kernels;
}

TEST(JIT, CallsAKernelOnSeveralThreadCounts) {
  auto kernels = compile();
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_EQ(kernels[0]->getSignature().name, "scale");
  std::string error;
  std::optional<Tensor> x = Tensor::create(DType::F32, {1000}, error);
  std::optional<Tensor> y = Tensor::create(DType::F32, {1000}, error);
  x->fillRandom(1, -1, 1);
  DLTensor vx = x->getView(), vy = y->getView();
  float s = 3;
  void *args[] = {&vx, &s, &vy};
  for (unsigned threads : {0u, 1u, 2u, 3u}) {
    y->fillRandom(2, -1, 1);
    llvm::Error failure = kernels[0]->call(args, {threads});
    ASSERT_FALSE(failure) << llvm::toString(std::move(failure));
    for (int i = 0; i < 1000; ++i)
      ASSERT_EQ(y->getAsDouble(i),
                static_cast<float>(3 * static_cast<float>(x->getAsDouble(i))));
  }
}

TEST(JIT, ErrorsOfACallHaveTheirText) {
  auto kernels = compile();
  ASSERT_EQ(kernels.size(), 1u);
  std::string error;
  std::optional<Tensor> x = Tensor::create(DType::F32, {4}, error);
  std::optional<Tensor> y = Tensor::create(DType::F32, {5}, error);
  DLTensor vx = x->getView(), vy = y->getView();
  float s = 3;
  for (unsigned threads : {0u, 2u})
    EXPECT_EQ(llvm::toString(
                  kernels[0]->call({&vx, &s, &vy}, {threads})),
              "array 'Y', dim 0 (N): expected 4, got 5");
  EXPECT_EQ(llvm::toString(kernels[0]->call({&vx, &vy}, {})),
            "kernel 'scale' takes 3 arguments, got 2");
}

TEST(JIT, AMissingSymbolIsAnError) {
  auto context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module = makeModule(*context);
  llvm::Function *check = module->getFunction("tilec_check_args");
  check->setName("no_such_function");
  auto kernels = jitCompile(std::move(context), std::move(module), {});
  ASSERT_FALSE(kernels);
  std::string text = llvm::toString(kernels.takeError());
  EXPECT_NE(text.find("no_such_function"), std::string::npos) << text;
}

TEST(ObjectEmitter, UnknownCPUsAreErrors) {
  auto machine = createTargetMachine({"x86-64-v99", 2});
  ASSERT_FALSE(machine);
  EXPECT_NE(llvm::toString(machine.takeError()).find("'x86-64-v99'"),
            std::string::npos);
}

/// An object of the kernel, for a machine that every test host is.
static llvm::SmallVector<char, 0> makeObject() {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module = makeModule(context);
  auto machine = llvm::cantFail(createTargetMachine({"x86-64", 2}));
  applyTargetMachine(*module, *machine);
  llvm::cantFail(linkSupport(*module));
  return llvm::cantFail(emitObject(*module, *machine));
}

TEST(ObjectEmitter, TheSameModuleGivesTheSameBytes) {
  EXPECT_EQ(makeObject(), makeObject());
}

TEST(ObjectEmitter, SharedLibrariesAreSelfContained) {
  auto library = linkSharedLibrary(makeObject(), "libscale.so");
  ASSERT_TRUE(static_cast<bool>(library))
      << llvm::toString(library.takeError());
  auto again = linkSharedLibrary(makeObject(), "libscale.so");
  ASSERT_TRUE(static_cast<bool>(again)) << llvm::toString(again.takeError());
  EXPECT_EQ(*library, *again);

  std::string path = testing::TempDir() + "tilec-jit-test.so";
  llvm::cantFail(writeFileAtomically(
      path, llvm::StringRef(library->data(), library->size())));
  // Bound at once: a symbol that nothing defines fails here.
  void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  std::remove(path.c_str());
  ASSERT_TRUE(handle) << dlerror();
  auto *scale = reinterpret_cast<int32_t (*)(DLTensor *, float, DLTensor *)>(
      dlsym(handle, "scale"));
  auto *text = reinterpret_cast<const char *(*)(int32_t)>(
      dlsym(handle, "tilec_status_text"));
  ASSERT_TRUE(scale && text);
  std::string error;
  std::optional<Tensor> x = Tensor::create(DType::F32, {4}, error);
  std::optional<Tensor> y = Tensor::create(DType::F32, {4}, error);
  x->fillRandom(1, -1, 1);
  DLTensor vx = x->getView(), vy = y->getView();
  EXPECT_EQ(scale(&vx, 2, &vy), 0);
  EXPECT_EQ(y->getAsDouble(3), 2 * x->getAsDouble(3));
  EXPECT_STREQ(text(scale(nullptr, 2, &vy)), "array 'X': the tensor is NULL");
  dlclose(handle);
}
