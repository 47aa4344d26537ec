//===- Products.cpp - what a compilation produces ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// IR, assembly, objects, shared libraries, headers and callable kernels.

#include "CacheKey.h"
#include "CompileCache.h"
#include "CompilerInstanceImpl.h"
#include "InterpretedKernel.h"

#include "tilec/Runtime/JIT.h"
#include "tilec/Runtime/KernelNames.h"
#include "tilec/Runtime/MachineCheck.h"
#include "tilec/Runtime/ObjectEmitter.h"
#include "tilec/Runtime/SeveralArchs.h"

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/Constants.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace tilec;

using Bytes = llvm::SmallVector<char, 0>;

static Bytes toBytes(StringRef text) { return Bytes(text.begin(), text.end()); }

LogicalResult CompilerInstance::Impl::checkNames(bool exported) {
  // Later on, kernels are functions like others.
  if (phase >= Phase::target)
    return success();
  llvm::TargetLibraryInfoImpl library{llvm::Triple(llvm::sys::getDefaultTargetTriple())};
  for (auto kernel : module->getOps<tile::KernelOp>()) {
    StringRef name = kernel.getSymName();
    llvm::LibFunc known;
    if (name.starts_with("tilec_"))
      return kernel.emitError() << "kernel '" << name << "' cannot be compiled under this name: "
                                << "names that begin with 'tilec_' belong to the compiler";
    if (!exported)
      continue;
    if (isReservedInC(name))
      return kernel.emitError() << "no C program could call kernel '" << name << "': its name is a word of C or C++";
    if (name == "main" || library.getLibFunc(name, known))
      return kernel.emitError() << "kernel '" << name << "' cannot be in an object under this name: "
                                << "it would take the place of a function of the C library";
  }
  return success();
}

FailureOr<LLVMProduct> CompilerInstance::Impl::translate() {
  Stopwatch watch(times, "llvm");
  LLVMProduct product;
  product.context = std::make_unique<llvm::LLVMContext>();
  std::vector<std::unique_ptr<llvm::Module>> modules;
  std::vector<std::string> archs;
  auto add = [&](const std::string &arch, const CPUTarget &target, ModuleOp module) -> LogicalResult {
    FailureOr<std::unique_ptr<llvm::Module>> translated = target.translate(module, *product.context, loweringOptions());
    if (failed(translated))
      return failure();
    modules.push_back(std::move(*translated));
    archs.push_back(arch);
    return success();
  };
  if (failed(add(options.arch, *target, *module)))
    return failure();
  for (OtherArch &other : others)
    if (failed(add(other.arch, *other.target, *other.module)))
      return failure();
  if (others.empty()) {
    product.module = std::move(modules.front());
    return product;
  }
  llvm::Expected<std::unique_ptr<llvm::Module>> joined = joinArchs(std::move(modules), archs, options.optLevel);
  if (joined) {
    product.module = std::move(*joined);
    return product;
  }
  sink("error: " + llvm::toString(joined.takeError()) + "\n");
  return failure();
}

/// Reads the signatures out of the descriptors of a translated module.
static llvm::Expected<std::vector<KernelSignature>> readSignatures(llvm::Module &module) {
  std::vector<KernelSignature> signatures;
  for (llvm::GlobalVariable &global : module.globals()) {
    if (!global.getName().ends_with(kDescriptorSuffix) || !global.hasInitializer())
      continue;
    auto *data = dyn_cast<llvm::ConstantDataSequential>(global.getInitializer());
    if (!data)
      continue;
    StringRef bytes = data->getRawDataValues();
    std::string message;
    std::optional<KernelSignature> signature = KernelSignature::parse(bytes.data(), bytes.size(), message);
    if (!signature)
      return llvm::createStringError(global.getName() + ": " + message);
    signatures.push_back(std::move(*signature));
  }
  return signatures;
}

/// Machine code of one kind from a translated module.
static llvm::Expected<Bytes> generate(EmitKind kind, llvm::Module &module, const MachineOptions &options,
                                      StringRef name) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  applyTargetMachine(module, **machine);
  if (llvm::Error error = linkSupport(module))
    return std::move(error);
  if (kind == EmitKind::Assembly)
    return emitAssembly(module, **machine);
  llvm::Expected<Bytes> object = emitObject(module, **machine);
  if (!object || kind == EmitKind::Object)
    return object;
  return linkSharedLibrary(*object, name);
}

FailureOr<Bytes> CompilerInstance::emit(EmitKind kind, StringRef name) {
  if (kind == EmitKind::IR)
    return toBytes(impl->printModule());
  if (failed(impl->checkNames(/*exported=*/true)) || failed(advanceTo(Phase::target)))
    return failure();
  FailureOr<LLVMProduct> product = impl->translate();
  if (failed(product))
    return failure();
  if (kind == EmitKind::LLVM) {
    std::string text;
    llvm::raw_string_ostream os(text);
    product->module->print(os, /*AAW=*/nullptr);
    return toBytes(text);
  }
  if (kind == EmitKind::Header) {
    llvm::Expected<std::vector<KernelSignature>> signatures = readSignatures(*product->module);
    if (!signatures)
      return fail(llvm::toString(signatures.takeError()));
    return toBytes(printCHeader(*signatures, name));
  }
  Stopwatch watch(impl->times, "code generation");
  llvm::Expected<Bytes> bytes = generate(kind, *product->module, impl->machineOptions(), name);
  if (!bytes)
    return fail(llvm::toString(bytes.takeError()));
  if (!impl->options.dumpPhasesTo.empty() && kind == EmitKind::Object &&
      failed(impl->dump(Phase::binary, StringRef(bytes->data(), bytes->size()))))
    return failure();
  return std::move(*bytes);
}

FailureOr<JITObject> CompilerInstance::Impl::generateJITObject() {
  FailureOr<LLVMProduct> product = translate();
  if (failed(product))
    return failure();
  Stopwatch watch(times, "code generation");
  llvm::Expected<JITObject> object =
      makeJITObject(std::move(product->context), std::move(product->module), machineOptions());
  if (object)
    return std::move(*object);
  sink("error: " + llvm::toString(object.takeError()) + "\n");
  return failure();
}

FailureOr<std::vector<std::shared_ptr<CallableKernel>>> CompilerInstance::load() {
  if (!impl->others.empty())
    return fail("kernels run on this machine: several archs are for objects and libraries (tile-cc)");
  if (llvm::Error error = checkMachineRuns(impl->options.arch, impl->usesF16))
    return fail(llvm::toString(std::move(error)));
  // From phase target on there is nothing to save but code generation, and a dump wants every phase.
  bool mayCache = !impl->options.cacheFolder.empty() && impl->options.dumpPhasesTo.empty() &&
                  !impl->options.verifyEachOrder && impl->phase < Phase::target;
  CompileCache cache(impl->options.cacheFolder);
  std::optional<std::string> key;
  std::optional<JITObject> object;
  if (mayCache) {
    Stopwatch watch(impl->times, "cache");
    if (failed(impl->checkNames(/*exported=*/false)))
      return failure();
    if ((key = cacheKey(impl->options, impl->machineOptions(), impl->target->spec(), phaseName(impl->phase), impl->printModule(/*withLines=*/true))))
      object = cache.find(*key);
  }
  if (!object) {
    if (failed(advanceTo(Phase::target)))
      return failure();
    FailureOr<JITObject> generated = impl->generateJITObject();
    if (failed(generated))
      return failure();
    object = std::move(*generated);
    // Kernels that cannot be kept are good all the same.
    if (key)
      if (llvm::Error error = cache.store(*key, *object))
        impl->sink("warning: the kernels are not cached: " + llvm::toString(std::move(error)) + "\n");
  }
  Stopwatch watch(impl->times, "jit");
  llvm::Expected<std::vector<std::shared_ptr<CallableKernel>>> kernels =
      loadJITObject(*object, {.debugInfo = impl->options.debugInfo, .perfMap = impl->options.perfMap});
  if (!kernels)
    return fail(llvm::toString(kernels.takeError()));
  return std::move(*kernels);
}

FailureOr<std::vector<std::shared_ptr<CallableKernel>>> CompilerInstance::loadInterpreted(const CheckOptions &checks) {
  std::vector<std::shared_ptr<CallableKernel>> kernels;
  std::shared_ptr<CompilerInstance> self = shared_from_this();
  DescribeFailure describe = [this](Location where, StringRef severity, StringRef message) {
    return StringRef(printMessage(where, severity, message, impl->sources)).rtrim('\n').str();
  };
  for (auto kernel : getModule().getOps<tile::KernelOp>()) {
    FailureOr<std::shared_ptr<CallableKernel>> callable = makeInterpretedKernel(kernel, self, describe, checks);
    if (failed(callable))
      return failure();
    kernels.push_back(std::move(*callable));
  }
  return kernels;
}
