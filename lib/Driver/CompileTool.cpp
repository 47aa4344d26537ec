//===- CompileTool.cpp - tile-cc --------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads tile-cc's options, compiles one file, and writes what was asked for.

#include "CompileFlags.h"
#include "Progress.h"

#include "tilec/Driver/Tools.h"
#include "tilec/Runtime/ObjectEmitter.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace tilec;

namespace {
/// What --emit names: a product, and for IR the phase whose end is printed.
struct Emission {
  const char *name;
  EmitKind kind;
  Phase phase;
  /// Extension of the output file; null for text that goes to stdout.
  const char *extension;
};

struct Options {
  CompileOptions compile;
  std::string input, output, emit, compileTo, compileFrom;
  bool timing = false;
};
} // namespace

static constexpr Emission kEmissions[] = {
    {"tile", EmitKind::IR, Phase::tile, nullptr},
    {"fused", EmitKind::IR, Phase::fused, nullptr},
    {"configured", EmitKind::IR, Phase::configured, nullptr},
    {"laidout", EmitKind::IR, Phase::laidout, nullptr},
    {"scheduled", EmitKind::IR, Phase::scheduled, nullptr},
    {"target", EmitKind::IR, Phase::target, nullptr},
    {"llvm", EmitKind::LLVM, Phase::binary, nullptr},
    {"asm", EmitKind::Assembly, Phase::binary, nullptr},
    {"obj", EmitKind::Object, Phase::binary, ".o"},
    {"shared", EmitKind::Shared, Phase::binary, ".so"},
    {"header", EmitKind::Header, Phase::binary, nullptr},
};

static constexpr const char *kExamples = R"(Examples:
  tile-cc matmul.tile -o matmul.o                    an object, and matmul.h beside it
  tile-cc matmul.tile --emit=header                  the C header on standard output
  tile-cc softmax.tile --emit=shared --dim N=1024 -o softmax.so
  tile-cc attention.tile --emit=configured --set t=64,s=128
  tile-cc matmul.tile --dump-phases-to=phases        the IR at the end of every phase
)";

static llvm::Expected<const Emission *> findEmission(const Options &options) {
  std::string name = options.emit;
  if (name.empty() && !options.compileTo.empty())
    name = options.compileTo == "binary" ? "obj" : options.compileTo;
  if (name.empty())
    name = "obj";
  std::vector<std::string> names;
  for (const Emission &emission : kEmissions) {
    if (name == emission.name)
      return &emission;
    names.push_back(emission.name);
  }
  if (llvm::is_contained({"ptx", "cubin", "hsaco"}, name))
    return llvm::createStringError("--emit=" + name + " is not built yet");
  return llvm::createStringError("cannot emit '" + name + "'" +
                                 suggest(name, names));
}

/// Where a product goes: what -o says, else beside the input's name.
static std::string outputPath(const Options &options, const char *extension) {
  if (!options.output.empty())
    return options.output;
  if (!extension)
    return "-";
  llvm::SmallString<128> path(llvm::sys::path::filename(options.input));
  llvm::sys::path::replace_extension(path, extension);
  return path == options.input ? std::string(path) + extension
                               : std::string(path);
}

/// What a product that goes to `path` calls itself: a header its guard, a
/// library its soname. Standard output has no name, so the input's is taken.
static std::string productName(const Options &options, const Emission &emission, llvm::StringRef path) {
  if (path != "-")
    return llvm::sys::path::filename(path).str();
  llvm::SmallString<128> name(options.input == "-" ? "kernels" : llvm::sys::path::filename(options.input));
  llvm::sys::path::replace_extension(name, emission.kind == EmitKind::Header ? ".h" : ".so");
  return name.str().str();
}

/// Writes a product and, for an object, its header beside it.
static int writeProducts(const CommandLine &line, const Options &options,
                         const Emission &emission, CompilerInstance &compilation) {
  std::string path = outputPath(options, emission.extension);
  // A terminal takes text, not machine code.
  if (emission.extension && path == "-" &&
      llvm::sys::Process::StandardOutIsDisplayed())
    return line.fail("this is no text; say -o FILE");
  llvm::SmallString<128> headerPath(path);
  bool withHeader = emission.kind == EmitKind::Object && path != "-";
  if (withHeader)
    llvm::sys::path::replace_extension(headerPath, ".h");
  if (withHeader && headerPath == path)
    return line.fail("the object's header would take its place; say -o FILE.o, or --emit=header");
  auto bytes = compilation.emit(emission.kind, productName(options, emission, path));
  if (failed(bytes))
    return 1;
  FailureOr<llvm::SmallVector<char, 0>> header = failure();
  if (withHeader) {
    header = compilation.emit(EmitKind::Header,
                              llvm::sys::path::filename(headerPath));
    if (failed(header))
      return 1;
  }
  if (llvm::Error error = writeFileAtomically(
          path, llvm::StringRef(bytes->data(), bytes->size())))
    return line.fail(std::move(error));
  if (withHeader)
    if (llvm::Error error = writeFileAtomically(
            headerPath, llvm::StringRef(header->data(), header->size())))
      return line.fail(std::move(error));
  return 0;
}

int tilec::runTileCC(int argc, const char *const *argv) {
  Options options;
  CommandLine line("tile-cc", "tile-cc: compile kernels written in .tile");
  line.addPositional("FILE", "A .tile file, or IR with --compile-from; - reads "
                             "standard input",
                     options.input);
  line.addOption("o", "OUT", "Where the product goes; - is standard output",
                 options.output);
  line.addOption("target", "TARGET", "cpu (default), nvptx or amdgpu",
                 options.compile.target);
  line.addOption("emit", "PRODUCT",
                 "tile, fused, configured, laidout, scheduled, target, llvm, "
                 "asm, obj (default), shared or header",
                 options.emit);
  line.addOption("kernel", "NAME", "Compile this kernel only",
                 options.compile.kernel);
  addCompileFlags(line, options.compile);
  line.addOption("compile-to", "PHASE",
                 "Stop at the end of a phase and print its IR",
                 options.compileTo);
  line.addOption("compile-from", "PHASE",
                 "The input is IR at the end of this phase",
                 options.compileFrom);
  line.addOption("dump-phases-to", "DIR",
                 "Write the IR at the end of every phase into a folder",
                 options.compile.dumpPhasesTo);
  line.addFlag("timing", "Print the time of every step", options.timing);
  line.addEpilogue(kExamples);
  if (std::optional<int> status = line.parse(argc, argv))
    return *status;

  Phase to = Phase::binary;
  if (!options.compileTo.empty())
    if (llvm::Error error = readPhase(options.compileTo, to))
      return line.fail(std::move(error));
  llvm::Expected<const Emission *> emission = findEmission(options);
  if (!emission)
    return line.fail(emission.takeError());
  if ((*emission)->phase > to)
    return line.fail("--emit=" + options.emit + " needs more than phase " +
                     options.compileTo);
  if (!options.compileFrom.empty())
    if (llvm::Error error =
            readPhase(options.compileFrom, options.compile.compileFrom))
      return line.fail(std::move(error));
  if ((*emission)->phase < options.compile.compileFrom)
    return line.fail("the input is beyond what --emit=" +
                     llvm::Twine((*emission)->name) + " asks for");

  Progress progress("tile-cc: compiling '" + options.input + "'");
  FailureOr<std::shared_ptr<CompilerInstance>> compilation =
      CompilerInstance::create(options.compile, printToStderr());
  if (failed(compilation) || failed((*compilation)->addFile(options.input)) ||
      failed((*compilation)->advanceTo((*emission)->phase)))
    return 1;
  int status = writeProducts(line, options, **emission, **compilation);
  if (options.timing && status == 0)
    printTimes((*compilation)->getTimes());
  return status;
}
