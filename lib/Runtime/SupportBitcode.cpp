//===- SupportBitcode.cpp - The support functions in objects ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Links the embedded bitcode of lib/Runtime/Support into a module.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/ObjectEmitter.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Module.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace tilec;

static const unsigned char kSupportBitcode[] = {
#include "Support.inc"
};

llvm::Error tilec::linkSupport(llvm::Module &module) {
  llvm::StringRef bytes(reinterpret_cast<const char *>(kSupportBitcode),
                        sizeof kSupportBitcode);
  llvm::Expected<std::unique_ptr<llvm::Module>> support =
      llvm::parseBitcodeFile(llvm::MemoryBufferRef(bytes, "support"),
                             module.getContext());
  if (!support)
    return support.takeError();
  // Every program that calls a kernel may want the text of its status.
  llvm::LLVMContext &context = module.getContext();
  module.getOrInsertFunction("tilec_status_text",
                             llvm::PointerType::getUnqual(context),
                             llvm::Type::getInt32Ty(context));
  // A triple that says less about the same machine is no reason to warn.
  (*support)->setTargetTriple(module.getTargetTriple());
  (*support)->setDataLayout(module.getDataLayout());
  if (llvm::Linker::linkModules(module, std::move(*support),
                                llvm::Linker::LinkOnlyNeeded))
    return llvm::createStringError(
        "the module clashes with tilec's support functions");
  return llvm::Error::success();
}
