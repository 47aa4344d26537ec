//===- SeveralArchs.cpp - one object for several machines -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names the functions of each module by their arch, links the modules, and
// writes the entry points that choose.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/SeveralArchs.h"

#include "tilec/Runtime/KernelABI.h"
#include "tilec/Runtime/KernelNames.h"
#include "tilec/Runtime/MachineCheck.h"
#include "tilec/Runtime/ObjectEmitter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Target/TargetMachine.h"

using namespace tilec;

llvm::Error tilec::sortArchs(std::vector<std::string> &archs) {
  for (const std::string &arch : archs)
    if (!machineLevelOf(arch))
      return llvm::createStringError("an object for several archs chooses among x86-64-v3, x86-64-v4, znver4 and "
                                     "sapphirerapids; it cannot ask a machine for '" +
                                     arch + "'");
  llvm::sort(archs, [](const std::string &a, const std::string &b) { return *machineLevelOf(a) < *machineLevelOf(b); });
  auto twice = std::adjacent_find(archs.begin(), archs.end());
  if (twice != archs.end())
    return llvm::createStringError("the arch '" + *twice + "' is given twice");
  return llvm::Error::success();
}

namespace {
/// An entry point that chooses, still to be written.
struct EntryPoint {
  std::string name;
  llvm::FunctionType *type;
};
} // namespace

static std::string nameFor(llvm::StringRef function, llvm::StringRef arch) { return (function + "." + arch).str(); }

/// Names the functions of a module by its arch; returns those that it exports.
static std::vector<EntryPoint> renameFunctions(llvm::Module &module, llvm::StringRef arch) {
  std::vector<EntryPoint> entries;
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    if (function.hasExternalLinkage())
      entries.push_back({function.getName().str(), function.getFunctionType()});
    function.setName(nameFor(function.getName(), arch));
  }
  return entries;
}

/// Takes the descriptors out of `module`, which are those of `first`.
static llvm::Error dropDescriptors(llvm::Module &module, llvm::Module &first) {
  for (llvm::GlobalVariable &global : module.globals()) {
    if (!global.getName().ends_with(kDescriptorSuffix) || !global.hasExternalLinkage() || global.isDeclaration())
      continue;
    llvm::GlobalVariable *same = first.getNamedGlobal(global.getName());
    if (!same || !same->hasInitializer() || same->getInitializer() != global.getInitializer())
      return llvm::createStringError("'" + global.getName() + "' is not the same for all archs");
    global.setInitializer(nullptr);
  }
  return llvm::Error::success();
}

/// Returns TILEC_ERR_MACHINE, negated as a size, with its text.
static void writeFailure(llvm::IRBuilder<> &builder, llvm::StringRef lowest, llvm::Type *result) {
  llvm::Module &module = *builder.GetInsertBlock()->getModule();
  llvm::Type *status = builder.getInt32Ty();
  llvm::FunctionCallee fail =
      module.getOrInsertFunction("tilec_fail", llvm::FunctionType::get(status, {status, builder.getPtrTy()}, false));
  llvm::Value *text = builder.CreateGlobalString(
      ("this machine lacks instructions that the kernel needs at least, those of " + lowest).str(),
      "tilec_text.machine",
      /*AddressSpace=*/0, &module);
  llvm::Value *failed = builder.CreateCall(fail, {builder.getInt32(TILEC_ERR_MACHINE), text});
  builder.CreateRet(result == status ? failed : builder.CreateNeg(builder.CreateSExt(failed, result)));
}

/// Writes an entry point. It runs on any machine, and so is compiled for any.
static void writeEntryPoint(llvm::Module &module, const EntryPoint &entry, const std::vector<std::string> &archs) {
  llvm::LLVMContext &context = module.getContext();
  auto *function = llvm::Function::Create(entry.type, llvm::GlobalValue::ExternalLinkage, entry.name, module);
  function->addFnAttr("target-cpu", "x86-64");
  function->setDoesNotThrow();
  llvm::SmallVector<llvm::Value *> arguments(llvm::make_pointer_range(function->args()));
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "entry", function));
  llvm::FunctionCallee ask =
      module.getOrInsertFunction("tilec_machine_level", llvm::FunctionType::get(builder.getInt32Ty(), false));
  llvm::Value *level = builder.CreateCall(ask);
  for (const std::string &arch : llvm::reverse(archs)) {
    auto *here = llvm::BasicBlock::Create(context, arch, function),
         *next = llvm::BasicBlock::Create(context, "", function);
    builder.CreateCondBr(builder.CreateICmpSGE(level, builder.getInt32(*machineLevelOf(arch))), here, next);
    builder.SetInsertPoint(here);
    llvm::CallInst *call = builder.CreateCall(module.getFunction(nameFor(entry.name, arch)), arguments);
    call->setTailCall();
    builder.CreateRet(call);
    builder.SetInsertPoint(next);
  }
  writeFailure(builder, archs.front(), entry.type->getReturnType());
}

llvm::Expected<std::unique_ptr<llvm::Module>> tilec::joinArchs(std::vector<std::unique_ptr<llvm::Module>> modules,
                                                               const std::vector<std::string> &archs,
                                                               unsigned optLevel) {
  std::vector<EntryPoint> entries;
  for (auto [module, arch] : llvm::zip_equal(modules, archs)) {
    auto machine = createTargetMachine({arch, optLevel});
    if (!machine)
      return machine.takeError();
    applyTargetMachine(*module, **machine);
    std::vector<EntryPoint> own = renameFunctions(*module, arch);
    if (module == modules.front()) {
      entries = std::move(own);
      continue;
    }
    auto same = [](const EntryPoint &a, const EntryPoint &b) { return a.name == b.name && a.type == b.type; };
    if (!llvm::equal(own, entries, same))
      return llvm::createStringError("the kernels for " + arch + " have other entry points than those for " +
                                     archs.front());
    if (llvm::Error error = dropDescriptors(*module, *modules.front()))
      return std::move(error);
  }
  std::unique_ptr<llvm::Module> joined = std::move(modules.front());
  for (std::unique_ptr<llvm::Module> &module : llvm::drop_begin(modules))
    if (llvm::Linker::linkModules(*joined, std::move(module)))
      return llvm::createStringError("the code for several archs cannot be joined");
  for (const EntryPoint &entry : entries) {
    writeEntryPoint(*joined, entry, archs);
    for (const std::string &arch : archs)
      joined->getFunction(nameFor(entry.name, arch))->setLinkage(llvm::GlobalValue::InternalLinkage);
  }
  return std::move(joined);
}
