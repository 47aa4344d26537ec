//===- CHeader.cpp - C headers of compiled kernels --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints the header that goes with an object: self-contained, so that a C
// program needs nothing of tilec but the two files.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/KernelSignature.h"

#include <algorithm>
#include <cctype>
#include <set>

using namespace tilec;

/// The DLPack structures, unless another header has declared them.
static constexpr std::string_view kDLPack = R"(#include <stdint.h>

#if !defined(DLPACK_DLPACK_H_) && !defined(TILEC_DLTENSOR_DEFINED)
#define TILEC_DLTENSOR_DEFINED
/* DLPack. A program that includes <dlpack/dlpack.h> includes it first. */
typedef struct {
  int32_t device_type; /* kDLCPU */
  int32_t device_id;
} DLDevice;
typedef struct {
  uint8_t code; /* kDLInt, ... */
  uint8_t bits;
  uint16_t lanes; /* 1 */
} DLDataType;
typedef struct {
  void *data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape;
  int64_t *strides; /* in elements; NULL: compact, row-major */
  uint64_t byte_offset;
} DLTensor;
enum { kDLCPU = 1 };
enum {
  kDLInt = 0,
  kDLUInt = 1,
  kDLFloat = 2,
  kDLBfloat = 4,
  kDLBool = 6,
  kDLFloat8_e4m3fn = 10,
  kDLFloat8_e5m2 = 12
};
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifndef TILEC_STATUS_TEXT_DECLARED
#define TILEC_STATUS_TEXT_DECLARED
/* The text of a status that a kernel returned on this thread; 0 is success. */
const char *tilec_status_text(int32_t status);
/* Gives back what calls keep for the next ones: four workspaces of at most
 * 128 MiB each. */
void tilec_workspace_trim(void);
#endif
)";

/// The extents of a parameter as the source spells them, "[M, K]".
static std::string spellDims(const KernelSignature &kernel, unsigned param) {
  std::vector<std::string> dims(kernel.params[param].rank, "?");
  for (const DimStep &step : kernel.steps)
    if (step.param == param && step.kind != DimStep::Multiple)
      dims[step.dim] = step.text;
  std::string text = "[";
  for (size_t d = 0; d < dims.size(); ++d)
    text += (d ? ", " : "") + dims[d];
  return text + "]";
}

static std::string_view spellKind(ParamKind kind) {
  switch (kind) {
  case ParamKind::Array:
    return "in";
  case ParamKind::Inout:
    return "inout";
  case ParamKind::Result:
    return "out";
  case ParamKind::Scalar:
    return "scalar";
  }
  return "";
}

bool tilec::isReservedInC(std::string_view name) {
  static constexpr std::string_view kWords[] = {
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor",
      "bool", "break", "case", "catch", "char", "class", "compl", "concept",
      "const", "consteval", "constexpr", "constinit", "const_cast", "continue",
      "decltype", "default", "delete", "do", "double", "dynamic_cast", "else",
      "enum", "explicit", "export", "extern", "false", "float", "for", "friend",
      "goto", "if", "inline", "int", "long", "mutable", "namespace", "new",
      "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq",
      "private", "protected", "public", "register", "reinterpret_cast",
      "requires", "restrict", "return", "short", "signed", "sizeof", "static",
      "static_assert", "static_cast", "struct", "switch", "template", "this",
      "thread_local", "throw", "true", "try", "typedef", "typeid", "typename",
      "typeof", "union", "unsigned", "using", "virtual", "void", "volatile",
      "wchar_t", "while", "xor", "xor_eq", "workspace", "workspace_size",
      "DLTensor", "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t",
      "uint16_t", "uint32_t", "uint64_t"};
  return std::find(std::begin(kWords), std::end(kWords), name) !=
         std::end(kWords);
}

/// The parameters' names in a prototype: not a word of C, and none twice.
static std::vector<std::string> spellNames(const KernelSignature &kernel) {
  std::set<std::string> taken;
  for (const KernelParam &param : kernel.params)
    taken.insert(param.name);
  std::vector<std::string> names;
  for (const KernelParam &param : kernel.params) {
    std::string name = param.name;
    while (isReservedInC(name) || (name != param.name && taken.count(name)))
      name += "_";
    taken.insert(name);
    names.push_back(name);
  }
  return names;
}

static std::string printArguments(const KernelSignature &kernel) {
  std::vector<std::string> names = spellNames(kernel);
  std::string text;
  for (unsigned p = 0; p < kernel.params.size(); ++p) {
    const KernelParam &param = kernel.params[p];
    if (!text.empty())
      text += ", ";
    // Inputs are not written, but DLPack has no read-only tensor.
    text += param.isArray() ? "DLTensor *"
                            : std::string(getCType(param.dtype)) + " ";
    text += names[p];
  }
  return text;
}

static std::string printKernel(const KernelSignature &kernel) {
  std::string text = "\n/* " + kernel.name + "\n";
  for (unsigned p = 0; p < kernel.params.size(); ++p) {
    const KernelParam &param = kernel.params[p];
    text += " *   ";
    text += spellKind(param.kind);
    text += " " + param.name + ": ";
    text += getName(param.dtype);
    if (param.isArray())
      text += spellDims(kernel, p);
    if (param.strided)
      text += ", any strides";
    else if (param.isArray() && param.rank > 0)
      text += ", stride 1 in the last dim";
    if (!param.isArray() && isFloat(param.dtype) && getBits(param.dtype) < 32)
      text += ", by its bits";
    text += "\n";
  }
  text += " * The workspace is aligned to 64 bytes; its size is negative for "
          "arguments that\n * the kernel would reject. */\n";
  std::string arguments = printArguments(kernel);
  std::string comma = arguments.empty() ? "" : ", ";
  text += "int32_t " + kernel.name + "(" +
          (arguments.empty() ? "void" : arguments) + ");\n";
  text += "int64_t " + kernel.name + "_workspace_size(" +
          (arguments.empty() ? "void" : arguments) + ");\n";
  text += "int32_t " + kernel.name + "_with_workspace(" + arguments + comma +
          "void *workspace, int64_t workspace_size);\n";
  return text;
}

std::string tilec::printCHeader(const std::vector<KernelSignature> &kernels,
                                std::string_view guard) {
  std::string macro = "TILEC_GENERATED_";
  for (char c : guard)
    macro += std::isalnum(static_cast<unsigned char>(c))
                 ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                 : '_';
  std::string text = "/* Generated by tile-cc: kernels as C functions. */\n";
  text += "#ifndef " + macro + "\n#define " + macro + "\n\n";
  text += kDLPack;
  for (const KernelSignature &kernel : kernels)
    text += printKernel(kernel);
  text += "\n#ifdef __cplusplus\n} /* extern \"C\" */\n#endif\n\n#endif /* " +
          macro + " */\n";
  return text;
}
