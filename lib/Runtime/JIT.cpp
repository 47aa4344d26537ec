//===- JIT.cpp - Kernels compiled into this process -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Adds to each kernel entry points that take an array of pointers, so that a
// caller need not know the C signature at compile time, generates code as for
// an object, and links it into the process with ORC.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/JIT.h"

#include "JITTools.h"

#include "tilec/Runtime/KernelNames.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <tbb/info.h>
#include <tbb/task_arena.h>

using namespace tilec;

static constexpr llvm::StringLiteral kPackedPrefix = "__tilec_packed_";

//===----------------------------------------------------------------------===//
// Packed entry points
//===----------------------------------------------------------------------===//

/// Defines `R __tilec_packed_F(void **args, trailing...)` for the entry point
/// `R F(params..., trailing...)`: arrays are passed as they are, scalars loaded
/// from where their pointer points to.
static void addPackedEntry(llvm::Function &entry, unsigned numTrailing) {
  llvm::LLVMContext &context = entry.getContext();
  llvm::FunctionType *type = entry.getFunctionType();
  unsigned numPacked = type->getNumParams() - numTrailing;
  llvm::Type *pointer = llvm::PointerType::getUnqual(context);
  llvm::SmallVector<llvm::Type *> params{pointer};
  llvm::append_range(params, type->params().drop_front(numPacked));
  auto *packed = llvm::Function::Create(
      llvm::FunctionType::get(type->getReturnType(), params, false),
      llvm::GlobalValue::ExternalLinkage, kPackedPrefix + entry.getName(),
      entry.getParent());
  llvm::IRBuilder<> builder(
      llvm::BasicBlock::Create(context, "entry", packed));
  llvm::SmallVector<llvm::Value *> arguments;
  for (unsigned i = 0; i < numPacked; ++i) {
    llvm::Value *slot =
        builder.CreateConstInBoundsGEP1_32(pointer, packed->getArg(0), i);
    llvm::Value *argument = builder.CreateLoad(pointer, slot);
    if (!type->getParamType(i)->isPointerTy())
      argument = builder.CreateLoad(type->getParamType(i), argument);
    arguments.push_back(argument);
  }
  for (unsigned i = 0; i < numTrailing; ++i)
    arguments.push_back(packed->getArg(i + 1));
  builder.CreateRet(builder.CreateCall(&entry, arguments));
}

/// Adds the packed entry points of every kernel; returns the kernels' names.
static llvm::Expected<std::vector<std::string>>
addPackedEntries(llvm::Module &module) {
  std::vector<std::string> names;
  for (llvm::GlobalVariable &global : module.globals()) {
    llvm::StringRef name = global.getName();
    if (!global.isDeclaration() && name.consume_back(kDescriptorSuffix) &&
        module.getFunction(name))
      names.push_back(name.str());
  }
  for (const std::string &name : names) {
    llvm::Function *entry = module.getFunction(name);
    llvm::Function *size = module.getFunction(name + kWorkspaceSizeSuffix);
    llvm::Function *withWorkspace = module.getFunction(name + kWithWorkspaceSuffix);
    if (!size || !withWorkspace || size->isDeclaration() ||
        withWorkspace->isDeclaration() ||
        withWorkspace->arg_size() != entry->arg_size() + 2)
      return llvm::createStringError("kernel '" + name +
                                     "' lacks entry points of the kernel ABI");
    addPackedEntry(*entry, 0);
    addPackedEntry(*size, 0);
    addPackedEntry(*withWorkspace, 2);
    // Calls go through the packed entry. The kernel's own name may be that of
    // a function of libc or libm, which its code calls.
    entry->setName(name + ".entry");
    entry->setLinkage(llvm::GlobalValue::InternalLinkage);
  }
  return names;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

namespace {
/// A kernel in a JIT, which it keeps alive.
class JITKernel : public CallableKernel {
public:
  using Entry = int32_t (*)(void *const *args);

  JITKernel(std::shared_ptr<llvm::orc::LLJIT> jit, KernelSignature signature,
            Entry entry)
      : jit(std::move(jit)), signature(std::move(signature)), entry(entry) {}

  const KernelSignature &getSignature() const override { return signature; }

  llvm::Error call(llvm::ArrayRef<void *> args,
                   const CallOptions &options) override {
    if (args.size() != signature.params.size())
      return llvm::createStringError(
          "kernel '" + signature.name + "' takes " +
          std::to_string(signature.params.size()) + " arguments, got " +
          std::to_string(args.size()));
    // The text of a status is the calling thread's; an arena may run the call
    // on another one, so it is copied there.
    int32_t status = TILEC_OK;
    std::string text;
    auto run = [&] {
      status = entry(args.data());
      if (status != TILEC_OK)
        text = tilec_status_text(status);
    };
    // More threads than the machine has would only take turns.
    int threads = static_cast<int>(
        std::min<unsigned>(options.numThreads, tbb::info::default_concurrency()));
    if (threads == 0 || threads == tbb::this_task_arena::max_concurrency())
      run();
    else
      arenaOf(threads).execute(run);
    if (status != TILEC_OK)
      return llvm::createStringError(text);
    return llvm::Error::success();
  }

private:
  /// The arena of calls with so many threads. It stays, since threads take long
  /// to find a new one.
  tbb::task_arena &arenaOf(int threads) {
    std::lock_guard<std::mutex> lock(mutex);
    std::unique_ptr<tbb::task_arena> &arena = arenas[threads];
    if (!arena)
      arena = std::make_unique<tbb::task_arena>(threads);
    return *arena;
  }

  std::shared_ptr<llvm::orc::LLJIT> jit;
  KernelSignature signature;
  Entry entry;
  std::mutex mutex;
  std::map<int, std::unique_ptr<tbb::task_arena>> arenas;
};
} // namespace

//===----------------------------------------------------------------------===//
// The JIT
//===----------------------------------------------------------------------===//

/// The support functions, at their addresses in this process: it need not
/// export them. Grids go to oneTBB.
static llvm::orc::SymbolMap getSupportSymbols(llvm::orc::LLJIT &jit) {
  llvm::orc::SymbolMap symbols;
  auto add = [&](llvm::StringRef name, auto *function) {
    symbols[jit.mangleAndIntern(name)] =
        llvm::orc::ExecutorSymbolDef(llvm::orc::ExecutorAddr::fromPtr(function),
                                     llvm::JITSymbolFlags::Exported |
                                         llvm::JITSymbolFlags::Callable);
  };
  add("tilec_assert_fail", &tilec_assert_fail);
  add("tilec_balance_grid", &tilec_balance_grid);
  add("tilec_call_status", &tilec_call_status);
  add("tilec_check_args", &tilec_check_args);
  add("tilec_check_workspace", &tilec_check_workspace);
  add("tilec_fail", &tilec_fail);
  add("tilec_last_cache_bytes", &tilec_last_cache_bytes);
  add("tilec_max_workers", &tilec_rt_max_workers);
  add("tilec_parallel_for", &tilec_rt_parallel_for);
  add("tilec_permit_matrices", &tilec_permit_matrices);
  add("tilec_print", &tilec_print);
  add("tilec_sort", &tilec_sort);
  add("tilec_split_grid", &tilec_split_grid);
  add("tilec_status_text", &tilec_status_text);
  add("tilec_topk", &tilec_topk);
  add("tilec_workspace_alloc", &tilec_workspace_alloc);
  add("tilec_workspace_free", &tilec_workspace_free);
  add("tilec_workspace_trim", &tilec_workspace_trim);
  return symbols;
}

namespace {
/// What the session reports beside the errors that its calls return: the
/// reasons behind "failed to materialize".
struct SessionErrors {
  std::mutex mutex;
  std::string text;

  void add(llvm::Error error) {
    std::lock_guard<std::mutex> lock(mutex);
    text += (text.empty() ? "" : "; ") + llvm::toString(std::move(error));
  }
  /// The reported reasons if there are some, else `error` itself.
  llvm::Error explain(llvm::Error error) {
    std::lock_guard<std::mutex> lock(mutex);
    if (text.empty())
      return error;
    llvm::consumeError(std::move(error));
    return llvm::createStringError(text);
  }
};
} // namespace

/// An LLJIT that finds the support functions, libc and libm.
static llvm::Expected<std::shared_ptr<llvm::orc::LLJIT>>
createJIT(std::shared_ptr<SessionErrors> errors, const LoadOptions &options) {
  // No platform: kernels have no constructors, and its setup costs time.
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> created =
      llvm::orc::LLJITBuilder()
          .setPlatformSetUp(llvm::orc::setUpInactivePlatform)
          .create();
  if (!created)
    return created.takeError();
  std::shared_ptr<llvm::orc::LLJIT> jit = std::move(*created);
  jit->getExecutionSession().setErrorReporter(
      [errors](llvm::Error error) { errors->add(std::move(error)); });
  llvm::orc::JITDylib &dylib = jit->getMainJITDylib();
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      jit->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  dylib.addGenerator(std::move(*process));
  if (llvm::Error error =
          dylib.define(llvm::orc::absoluteSymbols(getSupportSymbols(*jit))))
    return std::move(error);
  if (options.debugInfo)
    if (llvm::Error error = announceToDebuggers(*jit))
      return std::move(error);
  if (options.perfMap)
    if (llvm::Error error = writePerfMap(*jit))
      return std::move(error);
  return jit;
}

llvm::Expected<JITObject> tilec::makeJITObject(std::unique_ptr<llvm::LLVMContext> context,
                                               std::unique_ptr<llvm::Module> module, const MachineOptions &options) {
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  llvm::Expected<std::vector<std::string>> names = addPackedEntries(*module);
  if (!names)
    return names.takeError();
  applyTargetMachine(*module, **machine);
  llvm::Expected<llvm::SmallVector<char, 0>> code = emitObject(*module, **machine);
  // The module goes before the context that owns its types.
  module.reset();
  if (!code)
    return code.takeError();
  return JITObject{std::move(*names), std::move(*code)};
}

llvm::Expected<std::vector<std::shared_ptr<CallableKernel>>> tilec::loadJITObject(const JITObject &object, const LoadOptions &options) {
  auto errors = std::make_shared<SessionErrors>();
  llvm::Expected<std::shared_ptr<llvm::orc::LLJIT>> jit = createJIT(errors, options);
  if (!jit)
    return jit.takeError();
  if (llvm::Error error = (*jit)->addObjectFile(
          llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(object.code.data(), object.code.size()), "kernels")))
    return std::move(error);

  std::vector<std::shared_ptr<CallableKernel>> kernels;
  for (const std::string &name : object.kernels) {
    auto descriptor = (*jit)->lookup(name + kDescriptorSuffix);
    if (!descriptor)
      return errors->explain(descriptor.takeError());
    auto entry = (*jit)->lookup(kPackedPrefix.str() + name);
    if (!entry)
      return errors->explain(entry.takeError());
    std::string message;
    std::optional<KernelSignature> signature = KernelSignature::parse(
        descriptor->toPtr<const TilecKernelDesc *>(), message);
    if (!signature)
      return llvm::createStringError("kernel '" + name + "': " + message);
    kernels.push_back(std::make_shared<JITKernel>(
        *jit, std::move(*signature), entry->toPtr<JITKernel::Entry>()));
  }
  return kernels;
}

llvm::Expected<std::vector<std::shared_ptr<CallableKernel>>>
tilec::jitCompile(std::unique_ptr<llvm::LLVMContext> context, std::unique_ptr<llvm::Module> module,
                  const MachineOptions &options) {
  llvm::Expected<JITObject> object = makeJITObject(std::move(context), std::move(module), options);
  if (!object)
    return object.takeError();
  return loadJITObject(*object);
}
