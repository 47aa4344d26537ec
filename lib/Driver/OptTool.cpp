//===- OptTool.cpp - the optimizer driver ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A `.tile` input is compiled to tile IR and handed to MLIR's driver as text, with its locations, so that every option of
// that driver means the same for both inputs.

#include "Nesting.h"

#include "tilec/Driver/OptTool.h"

#include "tilec/Driver/InitAll.h"
#include "tilec/Driver/VerifyEachOrder.h"
#include "tilec/Driver/Version.h"
#include "tilec/Frontend/Diagnostics.h"
#include "tilec/Frontend/Frontend.h"
#include "tilec/Frontend/Source.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
using namespace tilec;

namespace {
/// The options that tile-opt has besides MLIR's. They live as long as one run of the tool.
struct Options {
  llvm::cl::opt<bool> verifyEachOrder{"verify-each-order",
                                      llvm::cl::desc("Check after each pass that it kept the order of memory accesses")};
  llvm::cl::OptionCategory category{"Options for .tile sources"};
  llvm::cl::opt<bool> tileSource{"tile-source", llvm::cl::desc("The input is .tile source (so is a file of that name)"),
                                 llvm::cl::cat(category)};
  llvm::cl::list<std::string> types{"type", llvm::cl::desc("Bind a type parameter: T=f16"), llvm::cl::cat(category)};
  llvm::cl::list<std::string> consts{"const", llvm::cl::desc("Bind a const parameter: causal=true"),
                                     llvm::cl::cat(category)};
  llvm::cl::list<std::string> dims{"dim", llvm::cl::desc("Specialise for the value of a dim: D=64"),
                                   llvm::cl::cat(category)};
};
} // namespace

/// Reads `NAME=VALUE` entries into `bindings`; an entry without a name or value is an error.
template <typename Map, typename Convert>
static LogicalResult bindAll(ArrayRef<std::string> entries, StringRef option, Map &bindings, Convert convert) {
  for (StringRef entry : entries) {
    auto [name, text] = entry.split('=');
    auto value = convert(text);
    if (name.empty() || text.empty() || !value) {
      llvm::errs() << "tile-opt: error: --" << option << "=" << entry << ": expected NAME=VALUE\n";
      return failure();
    }
    bindings[name] = *value;
  }
  return success();
}

/// Compiles `.tile` source to the text of its tile IR; null after errors, which have been printed.
static std::unique_ptr<llvm::MemoryBuffer> compileToText(const llvm::MemoryBuffer &source, StringRef name,
                                                         const Options &options, DialectRegistry &registry) {
  FrontendOptions frontend;
  auto text = [](StringRef value) { return std::optional<std::string>(value.str()); };
  auto number = [](StringRef value) {
    int64_t parsed;
    return value.getAsInteger(0, parsed) ? std::nullopt : std::optional<int64_t>(parsed);
  };
  if (failed(bindAll(options.types, "type", frontend.types, text)) ||
      failed(bindAll(options.consts, "const", frontend.consts, text)) ||
      failed(bindAll(options.dims, "dim", frontend.dims, number)))
    return nullptr;
  MLIRContext context(registry);
  SourceManager sources;
  tilec::DiagnosticEngine diags(sources);
  FileId file = sources.addFile(name, source.getBuffer());
  OwningOpRef<ModuleOp> module = compileSource(context, sources, file, frontend, diags);
  diags.print(llvm::errs());
  if (!module)
    return nullptr;
  std::string ir;
  llvm::raw_string_ostream os(ir);
  module->print(os, OpPrintingFlags().enableDebugInfo());
  return llvm::MemoryBuffer::getMemBufferCopy(ir, name);
}

static LogicalResult run(int argc, char **argv) {
  DialectRegistry registry;
  registerEverything(registry);
  registerAllPasses();
  Options options;
  llvm::cl::AddExtraVersionPrinter([](raw_ostream &os) { os << "\ntilec " << getVersion() << "\n"; });
  auto [inputName, outputName] = registerAndParseCLIOptions(
      argc, argv, "tilec's optimizer driver: runs passes on IR\n\n  tile-opt kernel.mlir --tile-bind-config\n"
                  "  tile-opt --tile-source kernel.tile --canonicalize\n", registry);
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> input = openInputFile(inputName, &error);
  if (input && (options.tileSource || StringRef(inputName).ends_with(".tile"))) {
    input = compileToText(*input, inputName, options, registry);
    if (!input)
      return failure();
  }
  if (input && isNestedTooDeep(input->getBuffer())) {
    llvm::errs() << inputName << ":1:1: error: brackets are nested more than 256 deep\n";
    return failure();
  }
  std::unique_ptr<llvm::ToolOutputFile> output = input ? openOutputFile(outputName, &error) : nullptr;
  if (!output) {
    llvm::errs() << "tile-opt: error: " << error << "\n";
    return failure();
  }
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions(), plain = config;
  bool lostOrder = false;
  if (options.verifyEachOrder)
    config.setPassPipelineSetupFn([&](PassManager &pm) {
      pm.addInstrumentation(createOrderVerifier(lostOrder));
      return plain.setupPassPipeline(pm);
    });
  if (failed(MlirOptMain(output->os(), std::move(input), registry, config)) || lostOrder)
    return failure();
  output->keep();
  return success();
}

int tilec::runTileOpt(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  return asMainReturnCode(run(argc, argv));
}
