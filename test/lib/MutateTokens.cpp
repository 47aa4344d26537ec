//===- MutateTokens.cpp - is every token edge missed? ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile-mutate-tokens PIPELINE SCHEDULES FILE.tile [KERNEL] [options of tile-run]: compiles the kernel to tile IR for
// the arrays at hand, runs the passes of PIPELINE (none, if it is empty), and drops each use of a token in turn. Each
// mutant is interpreted with race detection, in program order and then in up to SCHEDULES random orders, until a race
// is found. A line each:
//
//   edges 12
//   killed 3: after of tile.store at 7:5 <- tile.load at 6:9: race: this store ...
//   survived 4: ...
//
// The kernel itself must run without a race; otherwise the first line is `racy: ...` and nothing is mutated.

#include "RunArrays.h"
#include "WholeDims.h"

#include "tilec/Driver/CommandLine.h"
#include "tilec/Driver/InitAll.h"
#include "tilec/Interpreter/Interpreter.h"
#include "tilec/Target/CPU/Signature.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>
#include <set>

using namespace mlir;
using namespace tilec;

/// Compiles the kernel to the end of phase tile, for the values that its whole dims have in the arrays.
static std::shared_ptr<CompilerInstance> compile(RunOptions &options, StringRef source, const GivenArrays &arrays) {
  auto start = [&](CompileOptions &compile) -> std::shared_ptr<CompilerInstance> {
    FailureOr<std::shared_ptr<CompilerInstance>> created = CompilerInstance::create(compile, printToStderr());
    return succeeded(created) && succeeded((*created)->addInput(options.input, source)) ? *created : nullptr;
  };
  CompileOptions compile = options.compile;
  compile.draft = true;
  std::shared_ptr<CompilerInstance> compilation = start(compile);
  compile.draft = false;
  if (compilation &&
      (bindWholeDims(compilation->getModule(), arrays, compile) || compilation->getModule()->hasAttr("tile.draft")))
    compilation = start(compile);
  return compilation;
}

/// The first race of a run, or an error that ended it; empty if all went well.
static llvm::Expected<std::string> run(tile::KernelOp kernel, const RunOptions &options, const GivenArrays &arrays,
                                       std::optional<uint64_t> schedule) {
  FailureOr<KernelSignature> signature = buildSignature(kernel);
  if (failed(signature))
    return llvm::createStringError("the kernel has no signature");
  llvm::Expected<RunArguments> values = RunArguments::create(*signature, options, arrays);
  if (!values)
    return values.takeError();
  SmallVector<InterpreterArgument> arguments;
  for (auto [index, param] : llvm::enumerate(signature->params)) {
    if (!param.isArray()) {
      uint64_t bits = 0;
      std::memcpy(&bits, values->getPointers()[index], getSize(param.dtype));
      arguments.push_back(InterpreterArgument::scalar(bits));
      continue;
    }
    const Tensor &tensor = values->getTensor(index);
    SmallVector<int64_t> strides(tensor.getShape().size(), 1);
    for (size_t d = strides.size(); d-- > 1;)
      strides[d - 1] = strides[d] * std::max<int64_t>(tensor.getShape()[d], 1);
    arguments.push_back(InterpreterArgument::array(const_cast<void *>(tensor.getData()), tensor.getShape(), strides));
  }
  std::string problem;
  InterpreterOptions interpreter;
  interpreter.races = true;
  interpreter.schedule = schedule;
  interpreter.print = [](StringRef) {};
  interpreter.onError = [&](const InterpreterError &error) {
    if (problem.empty())
      problem = (error.kind == InterpreterError::Kind::Race ? "" : "error: ") + error.message;
  };
  if (failed(interpret(kernel, arguments, interpreter)) && problem.empty())
    problem = "error: no reason was given";
  return problem;
}

/// The same in program order and then in random ones, until there is something to say.
static llvm::Expected<std::string> runAll(tile::KernelOp kernel, const RunOptions &options, const GivenArrays &arrays,
                                          uint64_t schedules) {
  llvm::Expected<std::string> problem = run(kernel, options, arrays, std::nullopt);
  for (uint64_t schedule = 0; schedule < schedules && problem && problem->empty(); ++schedule)
    problem = run(kernel, options, arrays, schedule);
  return problem;
}

/// What tile-verify-order says of the module, remarks included: a report a line, without the places of notes.
static std::set<std::string> verifyOrder(ModuleOp module) {
  std::set<std::string> reports;
  ScopedDiagnosticHandler handler(module.getContext(), [&](mlir::Diagnostic &diagnostic) {
    std::string text;
    llvm::raw_string_ostream(text) << diagnostic.getLocation() << " " << static_cast<int>(diagnostic.getSeverity()) << " "
                                   << diagnostic;
    for (mlir::Diagnostic &note : diagnostic.getNotes())
      llvm::raw_string_ostream(text) << " " << note.getLocation() << " " << note;
    reports.insert(text);
  });
  PassManager passes(module.getContext());
  OwningOpRef<ModuleOp> copy = module.clone();
  if (succeeded(parsePassPipeline("builtin.module(tile.kernel(tile-verify-order{remarks=true}))", passes)))
    (void)passes.run(*copy);
  return reports;
}

static std::string place(Operation *op) {
  auto location = op->getLoc()->findInstanceOf<FileLineColLoc>();
  return op->getName().getStringRef().str() +
         (location ? (" at " + Twine(location.getLine()) + ":" + Twine(location.getColumn())).str() : "");
}

/// What a use of a token is, in words.
static std::string describe(OpOperand &use) {
  Operation *user = use.getOwner(), *source = use.get().getDefiningOp();
  if (!source)
    source = use.get().getParentBlock()->getParentOp();
  std::string from = (use.get().getDefiningOp() ? "" : "an argument of ") + place(source);
  return "operand " + std::to_string(use.getOperandNumber()) + " of " + place(user) + " <- " + from;
}

/// The uses of tokens in the kernel, in the order of the text.
static SmallVector<OpOperand *> findEdges(tile::KernelOp kernel) {
  SmallVector<OpOperand *> edges;
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (OpOperand &use : op->getOpOperands())
      if (isa<tile::TokenType>(use.get().getType()) && !isa_and_nonnull<tile::TokenOp>(use.get().getDefiningOp()))
        edges.push_back(&use);
  });
  return edges;
}

/// Drops the use: from a list it is removed, elsewhere an empty token takes its place.
static void drop(OpOperand &use) {
  Operation *op = use.getOwner();
  unsigned number = use.getOperandNumber();
  if (auto join = dyn_cast<tile::JoinOp>(op))
    return join.getTokensMutable().erase(number);
  if (isa<tile::LoadOp, tile::StoreOp, tile::AtomicRMWOp, tile::AtomicCASOp, tile::GridOp>(op)) {
    auto erase = [&](auto access) {
      unsigned first = access.getAfterMutable().begin()->getOperandNumber();
      access.getAfterMutable().erase(number - first);
    };
    llvm::TypeSwitch<Operation *>(op)
        .Case<tile::LoadOp, tile::StoreOp, tile::AtomicRMWOp, tile::AtomicCASOp, tile::GridOp>(erase);
    return;
  }
  OpBuilder builder(op);
  use.set(tile::TokenOp::create(builder, op->getLoc()));
}

static int fail(llvm::Error error) {
  llvm::errs() << "tile-mutate-tokens: " << llvm::toString(std::move(error)) << "\n";
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    llvm::errs() << "usage: tile-mutate-tokens PIPELINE SCHEDULES FILE.tile [KERNEL] [options of tile-run]\n";
    return 1;
  }
  StringRef pipeline = argv[1];
  uint64_t schedules = 0;
  if (StringRef(argv[2]).getAsInteger(10, schedules))
    return fail(llvm::createStringError("'%s' is no number of schedules", argv[2]));
  RunOptions options;
  CommandLine line("tile-mutate-tokens", "Drops each token edge of a kernel in turn");
  addRunOptions(line, options);
  if (std::optional<int> status = line.parse(argc - 2, argv + 2))
    return *status;
  auto buffer = llvm::MemoryBuffer::getFile(options.input);
  if (!buffer)
    return fail(llvm::errorCodeToError(buffer.getError()));
  std::string source = (*buffer)->getBuffer().str();

  SourceManager sources;
  FileId file = sources.addFile(options.input, source);
  tilec::DiagnosticEngine diagnostics(sources);
  std::vector<KernelInfo> kernels = listKernels(file, diagnostics);
  auto info = llvm::find_if(
      kernels, [&](const KernelInfo &kernel) { return options.kernel.empty() || kernel.name == options.kernel; });
  if (info == kernels.end())
    return fail(llvm::createStringError("no such kernel"));
  options.compile.kernel = info->name;
  llvm::Expected<GivenArrays> arrays = loadArrays(options, *info);
  if (!arrays)
    return fail(arrays.takeError());
  if (llvm::Error error = bindTypes(*info, *arrays, options.compile))
    return fail(std::move(error));
  std::shared_ptr<CompilerInstance> compilation = compile(options, source, *arrays);
  if (!compilation)
    return 1;
  ModuleOp module = compilation->getModule();
  registerAllPasses();
  if (!pipeline.empty()) {
    PassManager passes(module.getContext());
    if (failed(parsePassPipeline(pipeline, passes)) || failed(passes.run(module)))
      return fail(llvm::createStringError("the pipeline failed"));
  }

  auto kernel = *module.getOps<tile::KernelOp>().begin();
  llvm::Expected<std::string> problem = runAll(kernel, options, *arrays, schedules);
  if (!problem)
    return fail(problem.takeError());
  if (!problem->empty()) {
    llvm::outs() << "racy: " << *problem << "\n";
    return 1;
  }
  std::set<std::string> known = verifyOrder(module);
  unsigned count = findEdges(kernel).size();
  llvm::outs() << "edges " << count << "\n";
  for (unsigned edge = 0; edge < count; ++edge) {
    OwningOpRef<ModuleOp> mutant = module.clone();
    auto mutated = *mutant->getOps<tile::KernelOp>().begin();
    OpOperand *use = findEdges(mutated)[edge];
    std::string what = describe(*use);
    drop(*use);
    problem = runAll(mutated, options, *arrays, schedules);
    if (!problem)
      return fail(problem.takeError());
    if (!problem->empty()) {
      llvm::outs() << "killed " << edge << ": " << what << ": " << *problem << "\n";
      continue;
    }
    std::set<std::string> reports = verifyOrder(*mutant);
    bool isIdle = llvm::all_of(reports, [&](const std::string &report) { return known.count(report); });
    llvm::outs() << (isIdle ? "idle " : "survived ") << edge << ": " << what << "\n";
  }
  return 0;
}
