//===- JITTools.cpp - loaded kernels, for debuggers and profilers -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Both are plugins of the linker, which knows where functions are.
//
//===----------------------------------------------------------------------===//
#include "JITTools.h"

#include "llvm/ExecutionEngine/Orc/Debugging/ELFDebugObjectPlugin.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec;
using namespace llvm::orc;

static llvm::Expected<ObjectLinkingLayer *> linkingLayerOf(LLJIT &jit) {
  if (auto *layer = llvm::dyn_cast<ObjectLinkingLayer>(&jit.getObjLinkingLayer()))
    return layer;
  return llvm::createStringError("the JIT of this machine tells no debugger or profiler about its code");
}

llvm::Error tilec::announceToDebuggers(LLJIT &jit) {
  llvm::Expected<ObjectLinkingLayer *> layer = linkingLayerOf(jit);
  if (!layer)
    return layer.takeError();
  llvm::Error error = llvm::Error::success();
  auto plugin = std::make_shared<ELFDebugObjectPlugin>(jit.getExecutionSession(), /*RequireDebugSections=*/true,
                                                       /*AutoRegisterCode=*/true, error);
  if (error)
    return error;
  (*layer)->addPlugin(std::move(plugin));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Perf maps
//===----------------------------------------------------------------------===//

/// Static functions, which nothing refers to by name, would leave the graph.
static llvm::Error keepFunctions(llvm::jitlink::LinkGraph &graph) {
  for (llvm::jitlink::Symbol *symbol : graph.defined_symbols())
    if (symbol->isCallable() && symbol->hasName())
      symbol->setLive(true);
  return llvm::Error::success();
}

/// Appends the functions of a linked object to the map, in one write: other threads may load, too.
static llvm::Error appendToPerfMap(llvm::jitlink::LinkGraph &graph) {
  std::string lines;
  for (llvm::jitlink::Symbol *symbol : graph.defined_symbols())
    if (symbol->isCallable() && symbol->hasName() && symbol->getSize() > 0)
      lines +=
          llvm::formatv("{0:x-} {1:x-} {2}\n", symbol->getAddress().getValue(), symbol->getSize(), *symbol->getName());
  std::string path = llvm::formatv("/tmp/perf-{0}.map", llvm::sys::Process::getProcessId());
  std::error_code code;
  llvm::raw_fd_ostream map(path, code, llvm::sys::fs::CD_OpenAlways, llvm::sys::fs::FA_Write, llvm::sys::fs::OF_Append);
  if (!code) {
    map.SetBufferSize(lines.size() + 1);
    map << lines;
    map.close();
    code = map.error();
    map.clear_error();
  }
  if (code)
    return llvm::createStringError("cannot write the perf map '" + path + "': " + code.message());
  return llvm::Error::success();
}

namespace {
class PerfMapPlugin : public ObjectLinkingLayer::Plugin {
public:
  void modifyPassConfig(MaterializationResponsibility &, llvm::jitlink::LinkGraph &,
                        llvm::jitlink::PassConfiguration &passes) override {
    passes.PrePrunePasses.push_back(keepFunctions);
    passes.PostFixupPasses.push_back(appendToPerfMap);
  }
  llvm::Error notifyFailed(MaterializationResponsibility &) override { return llvm::Error::success(); }
  llvm::Error notifyRemovingResources(JITDylib &, ResourceKey) override { return llvm::Error::success(); }
  void notifyTransferringResources(JITDylib &, ResourceKey, ResourceKey) override {}
};
} // namespace

llvm::Error tilec::writePerfMap(LLJIT &jit) {
  llvm::Expected<ObjectLinkingLayer *> layer = linkingLayerOf(jit);
  if (!layer)
    return layer.takeError();
  (*layer)->addPlugin(std::make_shared<PerfMapPlugin>());
  return llvm::Error::success();
}
