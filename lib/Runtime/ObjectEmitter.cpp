//===- ObjectEmitter.cpp - LLVM modules to objects --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Target machines, code generation, and files that are written whole.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/ObjectEmitter.h"

#include "tilec/Runtime/MachineCheck.h"

#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

#include <mutex>

using namespace tilec;

/// LLVM's registry of targets is global; entering the native one twice at a
/// time is not safe.
static void initializeNativeTarget() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::InitializeNativeTargetAsmParser();
  });
}

/// Takes from a CPU of LLVM the features that are neither those of every x86-64
/// machine nor `listed`.
static llvm::SubtargetFeatures dropUnlisted(const llvm::MCSubtargetInfo &cpu, llvm::ArrayRef<llvm::StringRef> listed) {
  static constexpr llvm::StringLiteral everywhere[] = {"64bit", "cmov", "cx8", "fxsr", "mmx", "sse", "sse2"};
  // The map has all features that a program can ask a processor for.
  llvm::SmallVector<llvm::StringRef> unlisted;
  llvm::StringMap<bool> known = llvm::sys::getHostCPUFeatures();
  for (const auto &feature : cpu.getEnabledProcessorFeatures())
    if (llvm::StringRef name = feature.Key;
        known.contains(name) && !llvm::is_contained(listed, name) && !llvm::is_contained(everywhere, name))
      unlisted.push_back(name);
  llvm::sort(unlisted);
  llvm::SubtargetFeatures features;
  for (llvm::StringRef name : unlisted)
    features.AddFeature(name, /*Enable=*/false);
  return features;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
tilec::createTargetMachine(const MachineOptions &options) {
  initializeNativeTarget();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return llvm::createStringError(message);

  std::string cpu = options.arch;
  llvm::SubtargetFeatures features;
  if (options.arch == "native") {
    cpu = llvm::sys::getHostCPUName().str();
    // The machine may lack features of its model: virtual machines hide some.
    for (const auto &feature : llvm::sys::getHostCPUFeatures())
      features.AddFeature(feature.first(), feature.second);
  }
  llvm::TargetOptions targetOptions;
  targetOptions.UseInitArray = true;
  auto create = [&](llvm::StringRef name, llvm::StringRef featureText) {
    return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
        triple, name, featureText, targetOptions, llvm::Reloc::PIC_,
        /*CM=*/std::nullopt,
        llvm::CodeGenOpt::getLevel(static_cast<int>(options.optLevel))
            .value_or(llvm::CodeGenOptLevel::Default)));
  };
  // LLVM only warns about unknown CPUs, on stderr: ask first.
  std::unique_ptr<llvm::TargetMachine> machine = create("", "");
  if (!machine)
    return llvm::createStringError("no code generator for " + triple.str());
  if (!machine->getMCSubtargetInfo()->isCPUStringValid(cpu))
    return llvm::createStringError(
        "unknown CPU architecture '" + options.arch +
        "'; use native, x86-64-v3, x86-64-v4, znver4, sapphirerapids or another "
        "CPU that LLVM knows");
  if (std::optional<int32_t> level = machineLevelOf(options.arch))
    features = dropUnlisted(*create(cpu, "")->getMCSubtargetInfo(), featuresOf(*level, options.usesF16, /*withMatrices=*/true));
  machine = create(cpu, features.getString());
  return machine;
}

void tilec::applyTargetMachine(llvm::Module &module,
                               llvm::TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  module.setPICLevel(llvm::PICLevel::BigPIC);
  for (llvm::Function &function : module) {
    if (function.isDeclaration() || function.hasFnAttribute("target-cpu"))
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
  }
}

static llvm::Expected<llvm::SmallVector<char, 0>>
emit(llvm::Module &module, llvm::TargetMachine &machine,
     llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, /*DwoOut=*/nullptr, type))
    return llvm::createStringError(
        "the code generator cannot write this kind of file");
  passes.run(module);
  return bytes;
}

llvm::Expected<llvm::SmallVector<char, 0>>
tilec::emitObject(llvm::Module &module, llvm::TargetMachine &machine) {
  return emit(module, machine, llvm::CodeGenFileType::ObjectFile);
}

llvm::Expected<llvm::SmallVector<char, 0>>
tilec::emitAssembly(llvm::Module &module, llvm::TargetMachine &machine) {
  return emit(module, machine, llvm::CodeGenFileType::AssemblyFile);
}

/// Writes to a stream that is open, and gives what went wrong.
static std::error_code writeBytes(llvm::raw_fd_ostream &stream,
                                  llvm::StringRef bytes) {
  stream << bytes;
  stream.flush();
  std::error_code code = stream.error();
  stream.clear_error();
  return code;
}

/// Writes into what stands at a path: a device, a pipe or a link is not to be
/// replaced by a file.
static std::error_code writeInPlace(llvm::StringRef path,
                                    llvm::StringRef bytes) {
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  return code ? code : writeBytes(stream, bytes);
}

/// Writes a file beside the path, and moves it there once it is whole.
static std::error_code writeAndRename(llvm::StringRef path,
                                      llvm::StringRef bytes) {
  llvm::Expected<llvm::sys::fs::TempFile> file =
      llvm::sys::fs::TempFile::create(path + ".%%%%%%%%.tmp",
                                      llvm::sys::fs::all_read |
                                          llvm::sys::fs::all_write);
  if (!file)
    return llvm::errorToErrorCode(file.takeError());
  llvm::raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
  std::error_code code = writeBytes(stream, bytes);
  llvm::Error error = code ? file->discard() : file->keep(path);
  std::error_code moved = llvm::errorToErrorCode(std::move(error));
  return code ? code : moved;
}

llvm::Error tilec::writeFileAtomically(llvm::StringRef path,
                                       llvm::StringRef bytes) {
  llvm::sys::fs::file_status status;
  (void)llvm::sys::fs::status(path, status, /*follow=*/false);
  bool replaceable = llvm::sys::fs::is_regular_file(status) ||
                     status.type() == llvm::sys::fs::file_type::file_not_found;
  std::error_code code = path == "-"    ? writeBytes(llvm::outs(), bytes)
                         : replaceable ? writeAndRename(path, bytes)
                                       : writeInPlace(path, bytes);
  if (code)
    return llvm::createStringError("cannot write '" + path +
                                   "': " + code.message());
  return llvm::Error::success();
}
