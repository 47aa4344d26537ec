//===- Frontend.h - from .tile source to the tile dialect ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The front end's entries: compile the kernels of a file to one module of
/// `tile.kernel`s, or list what kernels a file has without compiling them.
//
//===----------------------------------------------------------------------===//

#ifndef TILEC_FRONTEND_FRONTEND_H
#define TILEC_FRONTEND_FRONTEND_H

#include "tilec/Frontend/Diagnostics.h"
#include "tilec/Frontend/Source.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tilec {

/// Reads an imported file. `path` is the path as written, taken relative to the importing file. Returns the text, or
/// nothing and a reason in `error` (such as "no such file").
using ReadFile = std::function<std::optional<std::string>(llvm::StringRef path, std::string &error)>;

/// Reads from the file system: what a null FrontendOptions::readFile stands for.
std::optional<std::string> readFileFromDisk(llvm::StringRef path, std::string &error);

/// How a file is compiled.
struct FrontendOptions {
  /// Element types by the name of a type parameter: `T` to `f16`.
  llvm::StringMap<std::string> types;
  /// Literals by the name of a const parameter: `causal` to `true`.
  llvm::StringMap<std::string> consts;
  /// Values of dim symbols for which the kernels are specialised: `D` to 64.
  llvm::StringMap<int64_t> dims;
  /// Compile this kernel only; empty for every kernel of the file.
  std::string onlyKernel;
  /// Whether f16, bf16 and f8 are carried in f32 inside one expression. If not, every operation rounds.
  bool excessPrecision = true;
  /// Whether to leave out what needs the value of a dim that `dims` does not give, instead of reporting it. The module
  /// then has the attribute `tile.draft`, a list of the dims' names; it is good only for finding out which dims to
  /// give.
  bool draft = false;
  /// Reads imported files; null reads from the file system.
  ReadFile readFile;
};

/// Compiles a file that was added to `sources`, the source manager of `diags`; imported files are added to it. The
/// result holds one verified `tile.kernel` per kernel, in source order. Null, and at least one error in `diags`, if
/// anything is wrong.
///
/// A kernel whose type or const parameters have no value is left out if no kernel was asked for by name and another one
/// can be compiled; otherwise it is an error that names the missing option. The dialects used are loaded into
/// `context`.
mlir::OwningOpRef<mlir::ModuleOp> compileSource(mlir::MLIRContext &context, SourceManager &sources, FileId file,
                                                const FrontendOptions &options, DiagnosticEngine &diags);

/// A type parameter of a kernel.
struct TypeParamInfo {
  std::string name;
  /// `float`, `int` or `number`.
  std::string bound;
  /// The types that it may stand for, in order: `f16 bf16 f32 f64 ...`.
  std::vector<std::string> choices;
};

/// A parameter or result of a kernel, as the source spells it.
struct ParamInfo {
  enum class Kind { Array, Inout, Result, Scalar, Const };

  std::string name;
  Kind kind = Kind::Array;
  /// The element type's name, or the name of a type parameter.
  std::string type;
  /// Whether `type` names a type parameter.
  bool isGeneric = false;
  bool isStrided = false;
  /// The text of each dim; empty for scalars and consts.
  std::vector<std::string> dims;
  /// The text of a const parameter's default, if it has one.
  std::optional<std::string> defaultText;
};

/// What a caller sees of a kernel (or graph) before types and consts are bound.
struct KernelInfo {
  std::string name;
  bool isGraph = false;
  /// Where the name stands.
  SourceRange range;
  std::vector<TypeParamInfo> typeParams;
  /// Parameters, then results, in the order written.
  std::vector<ParamInfo> params;
};

/// Lists the kernels and graphs of a file that was added to `diags`' source manager. Imports are not followed and
/// bodies are not checked; after a syntax error, the list is empty and `diags` has it.
std::vector<KernelInfo> listKernels(FileId file, DiagnosticEngine &diags);

} // namespace tilec

#endif // TILEC_FRONTEND_FRONTEND_H
