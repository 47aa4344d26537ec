//===- CAPI.cpp - the compiler's C API --------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Implements tilec-c/tilec.h on Compiler.h.

#include "tilec-c/tilec.h"

#include "CompileFlags.h"

#include "tilec/Driver/Compiler.h"
#include "tilec/Driver/Version.h"

#include <cstdlib>
#include <cstring>

using namespace tilec;

struct TilecKernel {
  std::shared_ptr<CallableKernel> callable;
};

struct TilecProgram {
  std::vector<TilecKernel> kernels;
};

/// Hands a text over to a caller, who frees it. Empty texts are NULL.
static void setMessage(char **message, llvm::StringRef text) {
  if (!message)
    return;
  *message = nullptr;
  text = text.rtrim('\n');
  if (text.empty())
    return;
  *message = static_cast<char *>(std::malloc(text.size() + 1));
  if (!*message)
    return;
  std::memcpy(*message, text.data(), text.size());
  (*message)[text.size()] = 0;
}

const char *tilec_version(void) { return getVersion(); }

/// Compiles and loads; diagnostics go to `sink`.
static mlir::FailureOr<std::vector<std::shared_ptr<CallableKernel>>>
compileAndLoad(llvm::StringRef name, llvm::StringRef source,
               const CompileOptions &options, llvm::StringRef executor,
               DiagnosticSink sink) {
  if (executor == "cpu")
    return compile(name, source, options, sink);
  auto compilation = CompilerInstance::create(options, sink);
  if (failed(compilation) || failed((*compilation)->addInput(name, source)))
    return mlir::failure();
  if (executor == "interp")
    return (*compilation)->loadInterpreted();
  return (*compilation)->fail("unknown executor '" + executor +
                              "'; there is cpu, interp");
}

TilecProgram *tilec_compile(const char *name, const char *source,
                            const char *const *words, size_t numWords,
                            char **message) {
  setMessage(message, "");
  CompileOptions options;
  std::string executor = "cpu";
  CommandLine line("tilec_compile", "");
  addCompileFlags(line, options);
  addLoadFlags(line, options);
  line.addOption("kernel", "NAME", "", options.kernel);
  line.addOption("exec", "EXECUTOR", "", executor);
  if (llvm::Error error = line.parseOptions({words, numWords})) {
    setMessage(message, "error: " + llvm::toString(std::move(error)));
    return nullptr;
  }
  std::string diagnostics;
  auto kernels = compileAndLoad(
      name ? name : "<source>", source ? source : "", options, executor,
      [&](llvm::StringRef text) { diagnostics += text; });
  setMessage(message, diagnostics);
  if (failed(kernels))
    return nullptr;
  auto *program = new TilecProgram();
  for (std::shared_ptr<CallableKernel> &kernel : *kernels)
    program->kernels.push_back({std::move(kernel)});
  return program;
}

void tilec_free_program(TilecProgram *program) { delete program; }

size_t tilec_num_kernels(const TilecProgram *program) {
  return program ? program->kernels.size() : 0;
}

TilecKernel *tilec_get_kernel(TilecProgram *program, size_t index) {
  return index < tilec_num_kernels(program) ? &program->kernels[index]
                                            : nullptr;
}

TilecKernel *tilec_find_kernel(TilecProgram *program, const char *name) {
  for (size_t i = 0; name && i < tilec_num_kernels(program); ++i)
    if (program->kernels[i].callable->getSignature().name == name)
      return &program->kernels[i];
  return nullptr;
}

const char *tilec_kernel_name(const TilecKernel *kernel) {
  return kernel->callable->getSignature().name.c_str();
}

size_t tilec_num_params(const TilecKernel *kernel) {
  return kernel->callable->getSignature().params.size();
}

const char *tilec_param_name(const TilecKernel *kernel, size_t index) {
  return index < tilec_num_params(kernel)
             ? kernel->callable->getSignature().params[index].name.c_str()
             : nullptr;
}

int tilec_param_is_array(const TilecKernel *kernel, size_t index) {
  return index < tilec_num_params(kernel) &&
         kernel->callable->getSignature().params[index].isArray();
}

int tilec_call(TilecKernel *kernel, void *const *args, size_t numArgs,
               unsigned numThreads, char **message) {
  setMessage(message, "");
  if (!kernel) {
    setMessage(message, "the kernel is NULL");
    return 1;
  }
  // A scalar has no bits behind NULL; NULL arrays are found by the checks.
  llvm::SmallVector<void *> pointers(args, args + numArgs);
  const std::vector<KernelParam> &params =
      kernel->callable->getSignature().params;
  for (size_t i = 0; i < std::min(numArgs, params.size()); ++i)
    if (!params[i].isArray() && !pointers[i]) {
      setMessage(message, "scalar '" + params[i].name + "' is NULL");
      return 1;
    }
  llvm::Error error = kernel->callable->call(pointers, {numThreads});
  if (!error)
    return 0;
  setMessage(message, llvm::toString(std::move(error)));
  return 1;
}

void tilec_free_message(char *message) { std::free(message); }
