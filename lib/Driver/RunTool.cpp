//===- RunTool.cpp - tile-run -----------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Finds the kernel, reads its arguments, compiles for the arrays at hand, runs,
// and, once everything has succeeded, writes the results.

#include "Benchmark.h"
#include "Compare.h"
#include "CountFlops.h"
#include "KernelsOfModule.h"
#include "Progress.h"
#include "RunArrays.h"
#include "Tolerance.h"
#include "WholeDims.h"

#include "tilec/Driver/Tools.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace tilec;

namespace {
/// One run of tile-run.
class Runner {
public:
  Runner(RunOptions &options, const CommandLine &line)
      : options(options), line(line) {}
  int run();

private:
  int fail(llvm::Error error);
  int checkExecutor();
  std::optional<std::vector<KernelInfo>> findKernels();
  std::optional<KernelInfo> findKernel();
  CheckOptions checkOptions() const;
  std::shared_ptr<CallableKernel> compileFor(llvm::StringRef executor,
                                             const GivenArrays &arrays);
  llvm::Expected<RunArguments> execute(CallableKernel &kernel,
                                       const GivenArrays &arrays);
  int verify(const GivenArrays &arrays, const KernelSignature &signature,
             const RunArguments &actual);

  RunOptions &options;
  const CommandLine &line;
  std::string source;
  /// The operations of the kernel's products, where they can be derived.
  std::optional<double> flops;
  /// What the kernel rounds.
  Roundings roundings;
};
} // namespace

/// Errors that carry their own place in the source are printed as they are.
int Runner::fail(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  if (!llvm::StringRef(text).contains(": error: "))
    return line.fail(text);
  llvm::errs() << text << "\n";
  return 1;
}

int Runner::checkExecutor() {
  bool checksOrder = options.races || options.schedules > 0;
  if (options.executor.empty())
    options.executor = checksOrder ? "interp" : "cpu";
  if (llvm::is_contained({"ptx-sim", "amdgpu-sim", "cuda", "hip"},
                         options.executor))
    return line.fail("executor '" + options.executor +
                     "' is not built yet; use cpu or interp");
  if (options.executor != "cpu" && options.executor != "interp")
    return line.fail("unknown executor '" + options.executor +
                     "'; there is cpu, interp");
  if (checksOrder && options.executor != "interp")
    return line.fail((options.races ? "--races" : "--schedules") +
                     std::string(" needs --exec=interp"));
  if (checksOrder && options.bench)
    return line.fail("--bench measures one order; leave out --races and "
                     "--schedules");
  if (options.counters)
    return line.fail("--counters needs a simulator, and none is built yet");
  return 0;
}

/// The kernels of the input. Prints errors.
std::optional<std::vector<KernelInfo>> Runner::findKernels() {
  if (options.compile.compileFrom != Phase::source) {
    auto module = CompilerInstance::create(options.compile, printToStderr());
    if (failed(module) || failed((*module)->addInput(options.input, source)))
      return std::nullopt;
    return listKernels((*module)->getModule());
  }
  SourceManager sources;
  FileId file = sources.addFile(options.input, source);
  tilec::DiagnosticEngine diagnostics(sources);
  std::vector<KernelInfo> kernels = listKernels(file, diagnostics);
  if (!diagnostics.hasErrors())
    return kernels;
  diagnostics.print(llvm::errs());
  return std::nullopt;
}

/// The kernel that the user named, as the input has it. Prints errors.
std::optional<KernelInfo> Runner::findKernel() {
  std::optional<std::vector<KernelInfo>> kernels = findKernels();
  if (!kernels)
    return std::nullopt;
  std::vector<std::string> names;
  for (const KernelInfo &kernel : *kernels) {
    if (kernel.name == options.kernel ||
        (options.kernel.empty() && kernels->size() == 1))
      return kernel;
    names.push_back(kernel.name);
  }
  if (options.kernel.empty())
    line.fail("say which kernel of " + options.input + " to run" +
              suggest("", names));
  else
    line.fail(options.input + " has no kernel '" + options.kernel + "'" +
              suggest(options.kernel, names));
  return std::nullopt;
}

/// The operations of the kernel's products for the arrays at hand.
static std::optional<double> countFlops(CompilerInstance &compilation,
                                        const GivenArrays &arrays) {
  for (auto kernel : compilation.getModule().getOps<tile::KernelOp>()) {
    std::vector<std::optional<std::vector<int64_t>>> extents;
    for (unsigned i = 0; i < kernel.getNumArguments(); ++i) {
      auto tensor = arrays.tensors.find(kernel.getParam(i).getName().str());
      if (tensor == arrays.tensors.end())
        extents.emplace_back();
      else
        extents.emplace_back(tensor->second.getShape());
    }
    return countDotFlops(kernel, extents);
  }
  return std::nullopt;
}

/// What the interpreter checks.
CheckOptions Runner::checkOptions() const {
  // A race may need an order of its own to show.
  constexpr unsigned kRaceSchedules = 3;
  CheckOptions checks;
  checks.races = options.races;
  checks.schedules = options.schedules;
  checks.firstSchedule = options.seed;
  if (options.races && options.schedules == 0) {
    checks.schedules = kRaceSchedules;
    checks.programOrder = true;
  }
  checks.replay = [this](uint64_t schedule) {
    std::string text = "--schedules=1 --seed=" + std::to_string(schedule);
    uint64_t arraySeed = options.arraySeed.value_or(options.seed);
    if (!options.randoms.empty() && arraySeed != schedule)
      text += " --array-seed=" + std::to_string(arraySeed);
    return text;
  };
  checks.onRemark = [](llvm::StringRef sentence) {
    llvm::errs() << "tile-run: remark: " << sentence << "\n";
  };
  return checks;
}

/// Compiles the kernel for an executor; null after an error was printed.
std::shared_ptr<CallableKernel>
Runner::compileFor(llvm::StringRef executor, const GivenArrays &arrays) {
  CompileOptions compile = options.compile;
  // A run that looks for races is to find them itself.
  compile.findRaces = !options.races && options.schedules == 0;
  compile.raceWarnings = compile.raceRemarks;
  Progress progress("tile-run: compiling '" + options.compile.kernel + "'");
  auto start = [&]() -> std::shared_ptr<CompilerInstance> {
    FailureOr<std::shared_ptr<CompilerInstance>> created =
        CompilerInstance::create(compile, printToStderr());
    if (failed(created) || failed((*created)->addInput(options.input, source)))
      return nullptr;
    return *created;
  };
  // Dims that the kernel uses whole are compiled for the arrays at hand. Which
  // ones these are, the kernel's IR tells; a kernel that cannot do without their
  // values is a draft until then.
  compile.draft = true;
  std::shared_ptr<CompilerInstance> compilation = start();
  if (!compilation)
    return nullptr;
  compile.draft = false;
  if (bindWholeDims(compilation->getModule(), arrays, compile) ||
      compilation->getModule()->hasAttr("tile.draft")) {
    compilation = start();
    if (!compilation)
      return nullptr;
  }
  if (options.bench || options.verify)
    flops = countFlops(*compilation, arrays);
  for (auto kernel : compilation->getModule().getOps<tile::KernelOp>())
    roundings = countRoundings(kernel);
  auto kernels = executor == "interp"
                     ? compilation->loadInterpreted(checkOptions())
                     : compilation->load();
  if (failed(kernels))
    return nullptr;
  if (options.timing)
    printTimes(compilation->getTimes());
  for (const std::shared_ptr<CallableKernel> &kernel : *kernels)
    if (kernel->getSignature().name == options.compile.kernel)
      return kernel;
  line.fail("kernel '" + options.compile.kernel + "' was not compiled");
  return nullptr;
}

llvm::Expected<RunArguments> Runner::execute(CallableKernel &kernel,
                                             const GivenArrays &arrays) {
  llvm::Expected<RunArguments> arguments =
      RunArguments::create(kernel.getSignature(), options, arrays);
  if (!arguments)
    return arguments.takeError();
  Progress progress("tile-run: running '" + kernel.getSignature().name + "'");
  if (llvm::Error error =
          kernel.call(arguments->getPointers(), {options.threads}))
    return std::move(error);
  return arguments;
}

/// How many terms the sums behind one element of a result have, at most: those of
/// the products, or the longest dim; without products, the largest array.
static double countTerms(std::optional<double> flops, const RunArguments &arguments,
                         const KernelSignature &signature, int64_t numElements) {
  int64_t longest = 1, largest = 1;
  for (unsigned p = 0; p < signature.params.size(); ++p) {
    if (!signature.params[p].isArray())
      continue;
    const Tensor &tensor = arguments.getTensor(p);
    largest = std::max(largest, tensor.getNumElements());
    for (int64_t extent : tensor.getShape())
      longest = std::max(longest, extent);
  }
  if (!flops)
    return static_cast<double>(largest);
  return std::max(*flops / static_cast<double>(std::max<int64_t>(numElements, 1)),
                  static_cast<double>(longest));
}

/// Compares what the kernel wrote with what the interpreter writes.
int Runner::verify(const GivenArrays &arrays, const KernelSignature &signature,
                   const RunArguments &actual) {
  std::shared_ptr<CallableKernel> reference = compileFor("interp", arrays);
  if (!reference)
    return 1;
  llvm::Expected<RunArguments> expected = execute(*reference, arrays);
  if (!expected)
    return fail(expected.takeError());
  int status = 0;
  for (unsigned p = 0; p < signature.params.size(); ++p) {
    const KernelParam &param = signature.params[p];
    if (!param.isWritten())
      continue;
    const Tensor &tensor = actual.getTensor(p);
    Difference difference =
        compareTensors(tensor, expected->getTensor(p));
    int64_t numElements = tensor.getNumElements();
    double tolerance = deriveTolerance(
        roundings, param.dtype,
        countTerms(flops, actual, signature, numElements), numElements);
    bool good =
        difference.numMismatched == 0 && difference.relative <= tolerance;
    llvm::outs() << param.name << ": max abs error "
                 << llvm::format("%.3g", difference.absolute)
                 << ", max rel error "
                 << llvm::format("%.3g", difference.relative) << " (tolerance "
                 << llvm::format("%.3g", tolerance) << ")"
                 << (good ? "" : "  FAILED") << "\n";
    llvm::outs().flush();
    if (good)
      continue;
    std::string mismatched;
    if (difference.numMismatched > 0)
      mismatched = ", " + std::to_string(difference.numMismatched) +
                   " elements are NaN or infinite on one side only";
    std::string place =
        printIndices(difference.worst, tensor.getShape());
    status = line.fail(
        "'" + param.name + "' differs from the interpreter's beyond the "
        "tolerance of its roundings, at " + place + mismatched);
  }
  return status;
}

int Runner::run() {
  if (int status = checkExecutor())
    return status;
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(
      options.input, /*IsText=*/true, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return line.fail("cannot read '" + options.input +
                     "': " + buffer.getError().message());
  source = (*buffer)->getBuffer().str();
  std::optional<KernelInfo> info = findKernel();
  if (!info)
    return 1;
  options.compile.kernel = info->name;
  llvm::Expected<GivenArrays> arrays = loadArrays(options, *info);
  if (!arrays)
    return fail(arrays.takeError());
  if (llvm::Error error = bindTypes(*info, *arrays, options.compile))
    return fail(std::move(error));

  std::shared_ptr<CallableKernel> kernel =
      compileFor(options.executor, *arrays);
  if (!kernel)
    return 1;
  llvm::Expected<RunArguments> arguments = execute(*kernel, *arrays);
  if (!arguments)
    return fail(arguments.takeError());
  const KernelSignature &signature = kernel->getSignature();
  if (options.verify)
    if (int status = verify(*arrays, signature, *arguments))
      return status;
  if (options.bench)
    if (llvm::Error error = benchmark(*kernel, options, *arrays, flops))
      return fail(std::move(error));
  if (llvm::Error error =
          writeArrays(options, signature, *arrays, *arguments))
    return fail(std::move(error));
  return 0;
}

int tilec::runTileRun(int argc, const char *const *argv) {
  RunOptions options;
  CommandLine line("tile-run", "tile-run: run a kernel on real arrays");
  addRunOptions(line, options);
  if (std::optional<int> status = line.parse(argc, argv))
    return *status;
  return Runner(options, line).run();
}
