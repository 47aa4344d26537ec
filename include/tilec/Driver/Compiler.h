//===- Compiler.h - the compiler as a library -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// From source text or a module to IR of any phase, objects, or kernels that
/// can be called in this process. Every compilation is an object of its own;
/// any number may run at once, on any threads, one thread each.
///
/// \code
///   tilec::CompileOptions options;
///   auto kernels = tilec::compile("scale.tile", source, options, sink);
///   if (failed(kernels)) ...                      // sink has the diagnostics
///   llvm::Error error = (*kernels)[0]->call(args, {});
/// \endcode
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_DRIVER_COMPILER_H
#define TILEC_DRIVER_COMPILER_H

#include "tilec/Pipeline/Phases.h"
#include "tilec/Runtime/Executor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tilec {

/// Gets the text of diagnostics, complete with line ends.
using DiagnosticSink = std::function<void(llvm::StringRef text)>;

/// A sink that writes to standard error.
DiagnosticSink printToStderr();

/// What a user may say about a compilation; tile-cc's options.
struct CompileOptions {
  /// What to compile for: `cpu`.
  std::string target = "cpu";
  /// The machine: `native`, `x86-64-v3`, `x86-64-v4`, `sapphirerapids`. Several with commas, without `native`, for an
  /// object or library that chooses by the machine that it runs on.
  std::string arch = "native";
  /// Compile this kernel only; empty for all of the file.
  std::string kernel;
  /// Element types by type parameter, literals by const parameter, values by
  /// dim symbol.
  llvm::StringMap<std::string> types;
  llvm::StringMap<std::string> consts;
  llvm::StringMap<int64_t> dims;
  /// Values of tile indices and tunables; later ones win over earlier ones and
  /// over the `@config` of the source.
  std::vector<std::pair<std::string, int64_t>> config;
  /// Effort of optimisation, 0 to 3.
  unsigned optLevel = 2;
  /// Source lines for debuggers, and locations in printed IR.
  bool debugInfo = false;
  /// Whether grids may be fused.
  bool fuse = true;
  /// Whether `a*b+c` may be contracted and small floats be carried in f32.
  bool excessPrecision = true;
  /// Whether the front end may leave out what needs the value of an unknown dim
  /// (see FrontendOptions::draft): to find out which dims to give.
  bool draft = false;
  /// Floating-point sums in one order, however many threads run: on CPU atomic additions have others, and contractions
  /// that threads share.
  bool deterministic = false;
  /// Whether races are looked for at all; those that are certain as soon as both accesses run are warnings if
  /// `raceWarnings`, possible ones remarks if `raceRemarks`.
  bool findRaces = true, raceWarnings = true, raceRemarks = false;
  /// Check after each pass that it kept the order of memory accesses.
  bool verifyEachOrder = false;
  /// The phase at whose end the input is: `source` for .tile text, otherwise
  /// the input is IR.
  Phase compileFrom = Phase::source;
  /// A folder that gets the IR at the end of every phase; empty for none.
  std::string dumpPhasesTo;
  /// A folder that keeps the machine code of kernels which load() compiles, for
  /// later compilations and other processes; empty for none.
  std::string cacheFolder;
  /// Whether load() appends functions to /tmp/perf-PID.map, where perf finds their names.
  bool perfMap = false;
};

/// Reads a config file: a JSON object of integers, or one whose member
/// `config` is such an object.
llvm::Error readConfigFile(llvm::StringRef path, CompileOptions &options);

/// What a compilation can produce.
enum class EmitKind { IR, LLVM, Assembly, Object, Shared, Header };

/// What interpreted kernels check in each call, besides what every op means.
struct CheckOptions {
  /// Whether the first race is an error.
  bool races = false;
  /// How many random legal orders to run, and the number of the first; the
  /// results of all must agree. Without any, program order.
  unsigned schedules = 0;
  uint64_t firstSchedule = 0;
  /// Whether program order comes before them.
  bool programOrder = false;
  /// The words with which a user replays one order; errors quote them.
  std::function<std::string(uint64_t schedule)> replay;
  /// Gets remarks on differences that are none of the program's.
  std::function<void(llvm::StringRef sentence)> onRemark;
};

/// Milliseconds that a step of a compilation took.
struct StepTime {
  std::string step;
  double milliseconds;
};

/// One input on its way through the phases.
class CompilerInstance : public std::enable_shared_from_this<CompilerInstance> {
public:
  /// Fails, with a message in the sink, if the options name a target or
  /// architecture that does not exist.
  static mlir::FailureOr<std::shared_ptr<CompilerInstance>>
  create(CompileOptions options, DiagnosticSink sink);
  ~CompilerInstance();

  /// Takes the input: the text of a .tile file or of a module in MLIR's text or
  /// bytecode, as options.compileFrom says. `name` is what diagnostics call it,
  /// and what imports are relative to.
  mlir::LogicalResult addInput(llvm::StringRef name, llvm::StringRef text);
  mlir::LogicalResult addFile(llvm::StringRef path);
  /// Takes a module of getContext(), at the end of options.compileFrom.
  mlir::LogicalResult addModule(mlir::OwningOpRef<mlir::ModuleOp> module);

  /// Brings the module to the end of `phase`, verified.
  mlir::LogicalResult advanceTo(Phase phase);

  /// Makes a product: IR of the current phase, or anything made from the end of
  /// phase `target`, to which the module is brought first. `name` is the file
  /// that it will become: a shared library's soname, a header's guard.
  mlir::FailureOr<llvm::SmallVector<char, 0>> emit(EmitKind kind,
                                                   llvm::StringRef name);

  /// Compiles the kernels into this process.
  mlir::FailureOr<std::vector<std::shared_ptr<CallableKernel>>> load();

  /// Kernels that the interpreter runs; the module stays as it is and lives as
  /// long as they do. It must not be advanced while they run.
  mlir::FailureOr<std::vector<std::shared_ptr<CallableKernel>>>
  loadInterpreted(const CheckOptions &checks = {});

  mlir::MLIRContext &getContext();
  mlir::ModuleOp getModule();
  Phase getPhase() const;
  llvm::ArrayRef<StepTime> getTimes() const;

  /// Reports an error that has no place in the source; returns failure().
  mlir::LogicalResult fail(const llvm::Twine &message);

private:
  CompilerInstance();
  struct Impl;
  std::unique_ptr<Impl> impl;
};

/// Compiles .tile source into this process: callable kernels, in the order of
/// the source.
mlir::FailureOr<std::vector<std::shared_ptr<CallableKernel>>>
compile(llvm::StringRef name, llvm::StringRef source,
        const CompileOptions &options, DiagnosticSink sink = printToStderr());

} // namespace tilec

#endif // TILEC_DRIVER_COMPILER_H
