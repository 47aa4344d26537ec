//===- ElaborationFuzzer.cpp - libFuzzer up to the IR ----------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Feeds arbitrary bytes to the whole front end, from the lexer to verified IR.
/// Type parameters stand for the first type that they may be, const parameters
/// without a default for `true`; imports find no file.
///
//===----------------------------------------------------------------------===//

#include "FrontendChecks.h"

#include "tilec/Frontend/Diagnostics.h"
#include "tilec/Frontend/Frontend.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <cstdlib>

using namespace tilec;

/// Values of every parameter that the kernels of the file leave open.
static FrontendOptions bindParameters(llvm::StringRef text) {
  FrontendOptions options;
  options.readFile = [](llvm::StringRef, std::string &error) {
    error = "no such file";
    return std::optional<std::string>();
  };
  SourceManager sources;
  DiagnosticEngine diags(sources);
  FileId file = sources.addFile("input.tile", text);
  for (const KernelInfo &kernel : listKernels(file, diags)) {
    for (const TypeParamInfo &type : kernel.typeParams)
      if (!type.choices.empty())
        options.types.try_emplace(type.name, type.choices.front());
    for (const ParamInfo &param : kernel.params)
      if (param.kind == ParamInfo::Kind::Const && !param.defaultText)
        options.consts.try_emplace(param.name, "true");
  }
  return options;
}

/// Compiles `text` to IR, and checks that there is either an error or verified
/// IR. Returns what does not hold, or an empty string.
static std::string checkElaboration(llvm::StringRef text, const FrontendOptions &options) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  // What the verifier says would be the front end's mistake.
  std::string complaint;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    complaint = diagnostic.str();
    return mlir::success();
  });
  SourceManager sources;
  DiagnosticEngine diags(sources);
  FileId file = sources.addFile("input.tile", text);
  mlir::OwningOpRef<mlir::ModuleOp> module = compileSource(context, sources, file, options, diags);
  std::string wrong = fuzz::checkDiagnostics(diags);
  if (!wrong.empty())
    return wrong;
  if (!module)
    return diags.hasErrors() ? "" : "no IR, and no error: " + complaint;
  if (diags.hasErrors())
    return "IR in spite of an error";
  if (mlir::failed(mlir::verify(*module)))
    return "the IR is not valid: " + complaint;
  return "";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  std::string wrong = checkElaboration(text, bindParameters(text));
  if (wrong.empty())
    return 0;
  llvm::errs() << wrong << '\n';
  std::abort();
}
