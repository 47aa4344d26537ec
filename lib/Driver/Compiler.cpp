//===- Compiler.cpp - the compiler as a library -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Takes an input through the phases. What is made of a module at some phase is
// in Products.cpp.

#include "CompilerInstanceImpl.h"
#include "Nesting.h"

#include "tilec/Driver/InitAll.h"
#include "tilec/Driver/VerifyEachOrder.h"
#include "tilec/Runtime/ObjectEmitter.h"
#include "tilec/Runtime/SeveralArchs.h"
#include "tilec/Transforms/DefaultSizes.h"

#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <mutex>

using namespace mlir;
using namespace tilec;

DiagnosticSink tilec::printToStderr() {
  return [](StringRef text) { llvm::errs() << text; };
}

CompilerInstance::CompilerInstance() = default;
CompilerInstance::~CompilerInstance() = default;

MLIRContext &CompilerInstance::getContext() { return *impl->context; }
ModuleOp CompilerInstance::getModule() { return *impl->module; }
Phase CompilerInstance::getPhase() const { return impl->phase; }
ArrayRef<StepTime> CompilerInstance::getTimes() const { return impl->times; }

LogicalResult CompilerInstance::fail(const Twine &message) {
  impl->sink(("error: " + message + "\n").str());
  return failure();
}

llvm::Error CompilerInstance::Impl::createTargets() {
  std::vector<std::string> archs;
  for (StringRef arch : llvm::split(options.arch, ','))
    archs.push_back(arch.str());
  if (archs.size() > 1)
    if (llvm::Error error = sortArchs(archs))
      return error;
  for (const std::string &arch : archs) {
    llvm::Expected<std::unique_ptr<CPUTarget>> made = CPUTarget::create(arch);
    if (!made)
      return made.takeError();
    if (target)
      others.push_back({arch, std::move(*made), {}});
    else
      target = std::move(*made);
  }
  options.arch = archs.front();
  return llvm::Error::success();
}

FailureOr<std::shared_ptr<CompilerInstance>>
CompilerInstance::create(CompileOptions options, DiagnosticSink sink) {
  std::shared_ptr<CompilerInstance> result(new CompilerInstance());
  result->impl = std::make_unique<Impl>(std::move(options), std::move(sink));
  Impl &impl = *result->impl;
  Stopwatch watch(impl.times, "context");

  if (impl.options.target != "cpu")
    return result->fail(
        (impl.options.target == "nvptx" || impl.options.target == "amdgpu"
             ? "target '" + impl.options.target + "' is not built yet; use cpu"
             : "unknown target '" + impl.options.target + "'; there is cpu"));
  if (impl.options.optLevel > 3)
    return result->fail("the optimisation level is 0 to 3, got " +
                        Twine(impl.options.optLevel));
  if (llvm::Error error = impl.createTargets())
    return result->fail(llvm::toString(std::move(error)));

  DialectRegistry registry;
  registerDialects(registry);
  impl.target->registerDialects(registry);
  // One thread: compilations run side by side, kernels are small.
  impl.context = std::make_unique<MLIRContext>(
      registry, MLIRContext::Threading::DISABLED);
  impl.context->getDiagEngine().registerHandler([&impl](mlir::Diagnostic &d) {
    impl.sink(printDiagnostic(d, impl.sources));
  });
  return result;
}

//===----------------------------------------------------------------------===//
// Input
//===----------------------------------------------------------------------===//

/// Reads .tile text: source to what the front end emits.
LogicalResult CompilerInstance::Impl::readSource(FileId file) {
  FrontendOptions frontend;
  frontend.types = options.types;
  frontend.consts = options.consts;
  frontend.dims = options.dims;
  frontend.onlyKernel = options.kernel;
  frontend.excessPrecision = options.excessPrecision;
  frontend.draft = options.draft;
  tilec::DiagnosticEngine diagnostics(sources);
  {
    Stopwatch watch(times, "front end");
    module = compileSource(*context, sources, file, frontend, diagnostics);
  }
  std::string text;
  llvm::raw_string_ostream os(text);
  diagnostics.print(os);
  if (!text.empty())
    sink(text);
  return success(module && !diagnostics.hasErrors());
}

/// Reads a module from MLIR's text or bytecode.
LogicalResult CompilerInstance::Impl::readModule(StringRef name, StringRef text) {
  Stopwatch watch(times, "parse");
  if (isNestedTooDeep(text)) {
    sink((name + ":1:1: error: brackets are nested more than 256 deep\n").str());
    return failure();
  }
  ParserConfig config(context.get());
  context->loadAllAvailableDialects();
  module = parseSourceString<ModuleOp>(text, config, name);
  return success(static_cast<bool>(module));
}

/// Whether a value anywhere is an f16, or has elements of it.
static bool usesF16(ModuleOp module) {
  auto isF16 = [](Type type) { return getElementTypeOrSelf(type).isF16(); };
  return module
      .walk([&](Operation *op) {
        bool uses = llvm::any_of(op->getResultTypes(), isF16);
        for (Region &region : op->getRegions())
          for (Block &block : region)
            uses |= llvm::any_of(block.getArgumentTypes(), isF16);
        return uses ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

LogicalResult CompilerInstance::addInput(StringRef name, StringRef text) {
  FileId file = impl->sources.addFile(name, text);
  if (impl->options.compileFrom == Phase::binary)
    return fail("there is nothing to compile from phase binary");
  bool isSource = impl->options.compileFrom == Phase::source;
  if (failed(isSource ? impl->readSource(file) : impl->readModule(name, text)))
    return failure();
  impl->phase = impl->options.compileFrom;
  impl->usesF16 = usesF16(*impl->module);
  if (!isSource)
    return impl->applyConfig();
  if (!impl->options.dumpPhasesTo.empty() &&
      failed(impl->dump(Phase::source, text)))
    return failure();
  if (failed(impl->applyConfig()))
    return failure();
  return advanceTo(Phase::tile);
}

LogicalResult CompilerInstance::addFile(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/true,
                                                   /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail("cannot read '" + path + "': " + buffer.getError().message());
  return addInput(path, (*buffer)->getBuffer());
}

LogicalResult CompilerInstance::addModule(OwningOpRef<ModuleOp> module) {
  impl->module = std::move(module);
  impl->usesF16 = usesF16(*impl->module);
  impl->phase = impl->options.compileFrom == Phase::source
                    ? Phase::tile
                    : impl->options.compileFrom;
  return impl->applyConfig();
}

/// Adds what the source bakes in to a config. The front end has checked the names;
/// loops that the const parameters leave out are not there to be named, and the CPU
/// target has no names of its own.
static void addBaked(tile::KernelOp kernel, DictionaryAttr baked, NamedAttrList &config) {
  llvm::StringSet<> named;
  kernel.walk([&](tile::SizeOp size) { named.insert(size.getIndex()); });
  kernel.walk([&](tile::TunableOp tunable) { named.insert(tunable.getName()); });
  for (NamedAttribute entry : baked)
    if (named.contains(entry.getName()))
      config.push_back(entry);
}

/// Attaches the config: the source's for this target, below what the options
/// say.
LogicalResult CompilerInstance::Impl::applyConfig() {
  // A draft lacks the loops that need a dim's value; the config comes with it.
  if (phase >= Phase::configured || module->getOperation()->hasAttr("tile.draft"))
    return success();
  Builder builder(context.get());
  module->walk([&](tile::KernelOp kernel) {
    NamedAttrList config;
    if (DictionaryAttr baked = kernel.getBakedAttr())
      if (auto own = baked.getAs<DictionaryAttr>(options.target))
        addBaked(kernel, own, config);
    if (DictionaryAttr given = kernel.getConfigAttr())
      for (NamedAttribute entry : given)
        config.set(entry.getName(), entry.getValue());
    for (const auto &[name, value] : options.config)
      config.set(name, builder.getI64IntegerAttr(value));
    if (!config.empty())
      kernel.setConfigAttr(config.getDictionary(context.get()));
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

/// Writes what a phase ends with into the dump folder.
LogicalResult CompilerInstance::Impl::dump(Phase at, StringRef text) {
  if (std::error_code code = llvm::sys::fs::create_directories(options.dumpPhasesTo, /*IgnoreExisting=*/true,
                                                               llvm::sys::fs::perms::all_all)) {
    sink("error: cannot make the folder '" + options.dumpPhasesTo + "': " + code.message() + "\n");
    return failure();
  }
  SmallString<128> path(options.dumpPhasesTo);
  StringRef extension = at == Phase::source   ? ".tile"
                        : at == Phase::binary ? ".o"
                                              : ".mlir";
  llvm::sys::path::append(path, Twine(static_cast<unsigned>(at)) + "-" +
                                    phaseName(at) + extension);
  if (llvm::Error error = writeFileAtomically(path, text)) {
    sink("error: " + llvm::toString(std::move(error)) + "\n");
    return failure();
  }
  return success();
}

std::string CompilerInstance::Impl::printModule(bool withLines) {
  std::string text;
  llvm::raw_string_ostream os(text);
  OpPrintingFlags flags;
  flags.enableDebugInfo(withLines || options.debugInfo);
  module->print(os, flags);
  os << "\n";
  return text;
}

LoweringOptions CompilerInstance::Impl::loweringOptions() const {
  LoweringOptions lowering;
  lowering.excessPrecision = options.excessPrecision;
  lowering.deterministic = options.deterministic;
  lowering.debugInfo = options.debugInfo;
  lowering.optLevel = options.optLevel;
  return lowering;
}

LogicalResult CompilerInstance::Impl::runPhase(Phase phase, const CPUTarget &target, ModuleOp module) {
  PipelineOptions pipeline;
  pipeline.defaults = defaultSizes(target.spec());
  pipeline.fewRows = fewRowsSizes(target.spec());
  // A draft lacks accesses.
  pipeline.verifyOrder = options.findRaces && !module->hasAttr("tile.draft");
  pipeline.order.warnings = options.raceWarnings;
  pipeline.order.remarks = options.raceRemarks;
  pipeline.lowerToTarget = [&](OpPassManager &pm) { target.buildLowering(pm, loweringOptions()); };
  PassManager pm(context.get());
  buildPhase(pm, phase, pipeline);
  bool lostOrder = false;
  if (options.verifyEachOrder)
    pm.addInstrumentation(createOrderVerifier(lostOrder));
  return failure(failed(pm.run(module)) || lostOrder);
}

LogicalResult CompilerInstance::Impl::runPhase(Phase phase) {
  Stopwatch watch(times, phaseName(phase).str());
  for (OtherArch &other : others) {
    if (phase < Phase::configured)
      break;
    if (!other.module)
      other.module = module->clone();
  }
  if (failed(runPhase(phase, *target, *module)))
    return failure();
  for (OtherArch &other : others)
    if (other.module && failed(runPhase(phase, *other.target, *other.module)))
      return failure();
  return success();
}

LogicalResult CompilerInstance::advanceTo(Phase goal) {
  if (goal >= Phase::target &&
      failed(impl->checkNames(/*exported=*/goal == Phase::binary)))
    return failure();
  for (Phase phase : allPhases()) {
    if (phase <= impl->phase || phase > goal || phase == Phase::binary)
      continue;
    if (failed(impl->runPhase(phase)))
      return failure();
    impl->phase = phase;
    if (!impl->options.dumpPhasesTo.empty() &&
        failed(impl->dump(phase, impl->printModule())))
      return failure();
  }
  return success();
}

FailureOr<std::vector<std::shared_ptr<CallableKernel>>>
tilec::compile(StringRef name, StringRef source, const CompileOptions &options,
               DiagnosticSink sink) {
  FailureOr<std::shared_ptr<CompilerInstance>> compilation =
      CompilerInstance::create(options, std::move(sink));
  if (failed(compilation) || failed((*compilation)->addInput(name, source)))
    return failure();
  return (*compilation)->load();
}
