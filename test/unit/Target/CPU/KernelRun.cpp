//===- KernelRun.cpp - compile tile IR and call it ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelRun.h"

#include "tilec/Pipeline/Phases.h"
#include "tilec/Target/CPU/CPUTarget.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::test;

std::vector<std::string> test::archs() {
  std::vector<std::string> result = {"x86-64-v3"};
  if (llvm::sys::getHostCPUFeatures().lookup("avx512bw"))
    result.push_back("x86-64-v4");
  return result;
}

Compiled::Compiled(const std::string &text, const std::map<std::string, int64_t> &config, const std::string &arch,
                   bool contract) {
  llvm::Expected<std::unique_ptr<CPUTarget>> target = CPUTarget::create(arch);
  if (!target) {
    diagnostics = llvm::toString(target.takeError());
    return;
  }
  DialectRegistry registry;
  (*target)->registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    diagnostics += diagnostic.str() + "\n";
    return success();
  });
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return;
  Builder b(&context);
  SmallVector<NamedAttribute> values;
  for (const auto &[name, size] : config)
    values.push_back(b.getNamedAttr(name, b.getI64IntegerAttr(size)));
  for (auto kernel : module->getOps<tile::KernelOp>())
    if (!values.empty())
      kernel.setConfigAttr(b.getDictionaryAttr(values));
  PassManager pm(&context);
  PipelineOptions options;
  LoweringOptions lowering;
  lowering.excessPrecision = contract;
  options.lowerToTarget = [&](OpPassManager &inner) { (*target)->buildLowering(inner, lowering); };
  for (Phase phase : {Phase::configured, Phase::target})
    buildPhase(pm, phase, options);
  if (failed(pm.run(*module)))
    return;
  auto llvmContext = std::make_unique<llvm::LLVMContext>();
  FailureOr<std::unique_ptr<llvm::Module>> translated = (*target)->translate(*module, *llvmContext, lowering);
  if (failed(translated))
    return;
  MachineOptions machine;
  machine.arch = arch;
  auto kernels = jitCompile(std::move(llvmContext), std::move(*translated), machine);
  if (!kernels) {
    diagnostics += llvm::toString(kernels.takeError());
    return;
  }
  kernel = kernels->front();
}

std::string Compiled::call(std::vector<void *> arguments, unsigned threads) {
  if (!kernel)
    return "not compiled: " + diagnostics;
  CallOptions options;
  options.numThreads = threads;
  llvm::Error error = kernel->call(arguments, options);
  return error ? llvm::toString(std::move(error)) : std::string();
}

std::string Compiled::operator()(std::initializer_list<Tensor *> tensors) {
  std::vector<DLTensor> views;
  for (Tensor *tensor : tensors)
    views.push_back(tensor->getView());
  std::vector<void *> arguments;
  for (DLTensor &view : views)
    arguments.push_back(&view);
  return call(arguments);
}

Tensor test::tensor(DType type, std::vector<int64_t> shape) {
  std::string error;
  std::optional<Tensor> result = Tensor::create(type, std::move(shape), error);
  EXPECT_TRUE(result.has_value()) << error;
  return std::move(*result);
}

Tensor test::filled(DType type, std::vector<int64_t> shape, std::function<double(int64_t)> value) {
  Tensor result = tensor(type, std::move(shape));
  for (int64_t index = 0; index < result.getNumElements(); ++index) {
    double x = value(index);
    switch (type) {
    case DType::F32:
      data<float>(result)[index] = static_cast<float>(x);
      break;
    case DType::F64:
      data<double>(result)[index] = x;
      break;
    case DType::I32:
      data<int32_t>(result)[index] = static_cast<int32_t>(x);
      break;
    default:
      ADD_FAILURE() << "no fill for this type";
    }
  }
  return result;
}
