//===- KernelSignature.h - A kernel's parameters, in C++ --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The C++ mirror of TilecKernelDesc (KernelABI.h): what a kernel takes, and
/// how the extents of its arrays hang together. A target builds one, embeds its
/// serialised bytes as the constant `<kernel>_descriptor`, and prints the C
/// header from it; executors read it back. Standard C++ only.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_KERNELSIGNATURE_H
#define TILEC_RUNTIME_KERNELSIGNATURE_H

#include "tilec/Runtime/DType.h"
#include "tilec/Runtime/KernelABI.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tilec {

/// What a parameter is; the values are those of TILEC_PARAM_*.
enum class ParamKind : uint8_t {
  Array = TILEC_PARAM_ARRAY,
  Inout = TILEC_PARAM_INOUT,
  Result = TILEC_PARAM_RESULT,
  Scalar = TILEC_PARAM_SCALAR
};

/// One parameter or result.
struct KernelParam {
  std::string name;
  ParamKind kind = ParamKind::Array;
  DType dtype = DType::F32;
  /// Number of dims; 0 for scalars, and for arrays of no dims.
  unsigned rank = 0;
  /// Whether the last stride is free, too.
  bool strided = false;

  bool isArray() const { return kind != ParamKind::Scalar; }
  bool isWritten() const {
    return kind == ParamKind::Inout || kind == ParamKind::Result;
  }
};

/// An integer expression over symbols, in postfix form.
class DimProgram {
public:
  DimProgram &pushConst(int64_t value);
  DimProgram &pushSymbol(unsigned symbol);
  DimProgram &add();
  DimProgram &sub();
  DimProgram &mul();
  /// Division, which must be exact when the program runs.
  DimProgram &div();

  /// The value for `symbols`, or nothing on overflow, on an inexact division or
  /// where the program is malformed.
  std::optional<int64_t> evaluate(const std::vector<int64_t> &symbols) const;

  const std::vector<int64_t> &getWords() const { return words; }
  static DimProgram fromWords(std::vector<int64_t> words);

private:
  std::vector<int64_t> words;
};

/// What the call does with the extent of dim `dim` of parameter `param`; the
/// steps run in order. `text` is the dim as the source spells it.
struct DimStep {
  enum Kind : uint8_t {
    /// symbol := (extent - offset) / factor, exact and not negative.
    Bind = TILEC_STEP_BIND,
    /// extent must equal `program`.
    Check = TILEC_STEP_CHECK,
    /// extent must be a multiple of `factor`.
    Multiple = TILEC_STEP_MULTIPLE
  };
  Kind kind = Check;
  unsigned param = 0;
  unsigned dim = 0;
  std::string text;
  unsigned symbol = 0;
  int64_t offset = 0;
  int64_t factor = 1;
  DimProgram program;

  static DimStep bind(unsigned param, unsigned dim, std::string text,
                      unsigned symbol, int64_t offset = 0, int64_t factor = 1);
  static DimStep check(unsigned param, unsigned dim, std::string text,
                       DimProgram program);
  static DimStep multiple(unsigned param, unsigned dim, std::string text,
                          int64_t factor);
};

/// Everything a caller needs to know about a kernel.
struct KernelSignature {
  std::string name;
  /// In the order of the C arguments: parameters, then results.
  std::vector<KernelParam> params;
  /// Names of the dims' symbols.
  std::vector<std::string> symbols;
  std::vector<DimStep> steps;

  /// The bytes of a TilecKernelDesc: position-independent, to be placed at an
  /// address aligned to 8. The same signature gives the same bytes.
  std::vector<uint8_t> serialize() const;

  /// Reads what serialize() wrote. On malformed bytes returns nothing and sets
  /// `error`; reads nothing outside [data, data + size).
  static std::optional<KernelSignature>
  parse(const void *data, size_t size, std::string &error);

  /// The same for a descriptor in memory, which states its own size.
  static std::optional<KernelSignature> parse(const TilecKernelDesc *desc,
                                              std::string &error);

  /// Words that tilec_check_args fills for this kernel.
  size_t numCallWords() const;

  /// Position of the parameter of this name.
  std::optional<unsigned> findParam(std::string_view name) const;

  /// Binds the symbols from the extents of the arrays at hand, which may be
  /// some of all (a missing array is an empty optional, by parameter): a dim that
  /// a call would only check binds, too, where the array that would bind is
  /// missing. Values that nothing gives stay empty. Nothing is checked here.
  std::vector<std::optional<int64_t>> bindSymbols(
      const std::vector<std::optional<std::vector<int64_t>>> &extents) const;

  /// The extents of array `param` for these symbols, from its steps; nothing
  /// if one is not determined.
  std::optional<std::vector<int64_t>>
  inferExtents(unsigned param,
               const std::vector<std::optional<int64_t>> &symbols) const;
};

/// Whether `name` means something else in C, C++ or a generated header.
bool isReservedInC(std::string_view name);

/// A self-contained C header that declares the functions of `kernels`.
/// `guard` names the include guard: letters, digits and '_' are kept.
std::string printCHeader(const std::vector<KernelSignature> &kernels,
                         std::string_view guard);

} // namespace tilec

#endif // TILEC_RUNTIME_KERNELSIGNATURE_H
