//===- KernelSignature.cpp - A kernel's parameters, in C++ ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dim programs and steps, binding of symbols from the arrays at hand, and the
// binary form of a signature: what tilec_check_args reads.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/KernelSignature.h"

#include <cstring>

using namespace tilec;

//===----------------------------------------------------------------------===//
// Dim programs
//===----------------------------------------------------------------------===//

DimProgram &DimProgram::pushConst(int64_t value) {
  words.insert(words.end(), {TILEC_OP_CONST, value});
  return *this;
}

DimProgram &DimProgram::pushSymbol(unsigned symbol) {
  words.insert(words.end(), {TILEC_OP_SYMBOL, int64_t{symbol}});
  return *this;
}

DimProgram &DimProgram::add() { return words.push_back(TILEC_OP_ADD), *this; }
DimProgram &DimProgram::sub() { return words.push_back(TILEC_OP_SUB), *this; }
DimProgram &DimProgram::mul() { return words.push_back(TILEC_OP_MUL), *this; }
DimProgram &DimProgram::div() { return words.push_back(TILEC_OP_DIV), *this; }

DimProgram DimProgram::fromWords(std::vector<int64_t> words) {
  DimProgram program;
  program.words = std::move(words);
  return program;
}

/// One operation on the two topmost values; false on overflow, an inexact
/// division or an unknown operation.
static bool apply(int64_t op, int64_t left, int64_t right, int64_t &result) {
  switch (op) {
  case TILEC_OP_ADD:
    return !__builtin_add_overflow(left, right, &result);
  case TILEC_OP_SUB:
    return !__builtin_sub_overflow(left, right, &result);
  case TILEC_OP_MUL:
    return !__builtin_mul_overflow(left, right, &result);
  case TILEC_OP_DIV:
    if (right == 0 || (right == -1 && left == INT64_MIN) || left % right != 0)
      return false;
    result = left / right;
    return true;
  default:
    return false;
  }
}

std::optional<int64_t>
DimProgram::evaluate(const std::vector<int64_t> &symbols) const {
  std::vector<int64_t> stack;
  for (size_t pc = 0; pc < words.size(); ++pc) {
    int64_t op = words[pc];
    if (op == TILEC_OP_CONST || op == TILEC_OP_SYMBOL) {
      if (++pc == words.size() || stack.size() == TILEC_MAX_PROGRAM_STACK)
        return std::nullopt;
      int64_t operand = words[pc];
      if (op == TILEC_OP_SYMBOL) {
        if (operand < 0 || static_cast<size_t>(operand) >= symbols.size())
          return std::nullopt;
        operand = symbols[static_cast<size_t>(operand)];
      }
      stack.push_back(operand);
      continue;
    }
    if (stack.size() < 2)
      return std::nullopt;
    int64_t right = stack.back();
    stack.pop_back();
    if (!apply(op, stack.back(), right, stack.back()))
      return std::nullopt;
  }
  if (stack.size() != 1)
    return std::nullopt;
  return stack[0];
}

/// The symbols that a program reads.
static std::vector<unsigned> symbolsOf(const DimProgram &program) {
  std::vector<unsigned> result;
  const std::vector<int64_t> &words = program.getWords();
  for (size_t pc = 0; pc + 1 < words.size(); ++pc) {
    if (words[pc] == TILEC_OP_SYMBOL)
      result.push_back(static_cast<unsigned>(words[pc + 1]));
    if (words[pc] == TILEC_OP_SYMBOL || words[pc] == TILEC_OP_CONST)
      ++pc;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

static DimStep makeStep(DimStep::Kind kind, unsigned param, unsigned dim,
                        std::string text) {
  DimStep step;
  step.kind = kind;
  step.param = param;
  step.dim = dim;
  step.text = std::move(text);
  return step;
}

DimStep DimStep::bind(unsigned param, unsigned dim, std::string text,
                      unsigned symbol, int64_t offset, int64_t factor) {
  DimStep step = makeStep(Bind, param, dim, std::move(text));
  step.symbol = symbol;
  step.offset = offset;
  step.factor = factor;
  return step;
}

DimStep DimStep::check(unsigned param, unsigned dim, std::string text,
                       DimProgram program) {
  DimStep step = makeStep(Check, param, dim, std::move(text));
  step.program = std::move(program);
  return step;
}

DimStep DimStep::multiple(unsigned param, unsigned dim, std::string text,
                          int64_t factor) {
  DimStep step = makeStep(Multiple, param, dim, std::move(text));
  step.factor = factor;
  return step;
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

size_t KernelSignature::numCallWords() const {
  size_t words = symbols.size();
  for (const KernelParam &param : params)
    if (param.isArray())
      words += 1 + 2 * size_t{param.rank};
  return words;
}

std::optional<unsigned>
KernelSignature::findParam(std::string_view wanted) const {
  for (unsigned p = 0; p < params.size(); ++p)
    if (params[p].name == wanted)
      return p;
  return std::nullopt;
}

/// Solves `program == extent` for the one symbol in it that has no value yet,
/// where the program is linear in it.
static void solveFor(const DimProgram &program, int64_t extent,
                     std::vector<std::optional<int64_t>> &values) {
  std::optional<unsigned> unknown;
  for (unsigned symbol : symbolsOf(program)) {
    if (symbol >= values.size() || (unknown && *unknown != symbol &&
                                    !values[symbol]))
      return;
    if (!values[symbol])
      unknown = symbol;
  }
  if (!unknown)
    return;
  std::vector<int64_t> trial;
  for (const std::optional<int64_t> &value : values)
    trial.push_back(value.value_or(0));
  auto evaluateAt = [&](int64_t value) {
    trial[*unknown] = value;
    return program.evaluate(trial);
  };
  std::optional<int64_t> at0 = evaluateAt(0), at1 = evaluateAt(1);
  int64_t slope, rest;
  if (!at0 || !at1 || __builtin_sub_overflow(*at1, *at0, &slope) ||
      __builtin_sub_overflow(extent, *at0, &rest) || slope == 0 ||
      (slope == -1 && rest == INT64_MIN) || rest % slope != 0)
    return;
  // A product of the symbol with itself is not linear, and fails this.
  if (evaluateAt(rest / slope) == extent)
    values[*unknown] = rest / slope;
}

std::vector<std::optional<int64_t>> KernelSignature::bindSymbols(
    const std::vector<std::optional<std::vector<int64_t>>> &extents) const {
  std::vector<std::optional<int64_t>> values(symbols.size());
  auto extentOf = [&](const DimStep &step) -> std::optional<int64_t> {
    if (step.param >= extents.size() || !extents[step.param] ||
        step.dim >= extents[step.param]->size())
      return std::nullopt;
    return (*extents[step.param])[step.dim];
  };
  for (const DimStep &step : steps) {
    std::optional<int64_t> extent = extentOf(step);
    if (step.kind == DimStep::Bind && extent && step.factor != 0 &&
        (*extent - step.offset) % step.factor == 0)
      values[step.symbol] = (*extent - step.offset) / step.factor;
  }
  // The array that would have bound a symbol may be the missing one: dims that
  // are else only checked say the same. Plain ones come first.
  for (bool plain : {true, false})
    for (const DimStep &step : steps) {
      std::optional<int64_t> extent = extentOf(step);
      if (step.kind == DimStep::Check && extent &&
          (step.program.getWords().size() == 2) == plain)
        solveFor(step.program, *extent, values);
    }
  return values;
}

std::optional<std::vector<int64_t>> KernelSignature::inferExtents(
    unsigned param, const std::vector<std::optional<int64_t>> &bound) const {
  std::vector<std::optional<int64_t>> extents(params[param].rank);
  std::vector<int64_t> values;
  for (const std::optional<int64_t> &value : bound)
    values.push_back(value.value_or(0));
  for (const DimStep &step : steps) {
    if (step.param != param || step.dim >= extents.size())
      continue;
    if (step.kind == DimStep::Bind && bound[step.symbol]) {
      int64_t extent;
      if (!__builtin_mul_overflow(values[step.symbol], step.factor, &extent) &&
          !__builtin_add_overflow(extent, step.offset, &extent))
        extents[step.dim] = extent;
    } else if (step.kind == DimStep::Check) {
      bool known = true;
      for (unsigned symbol : symbolsOf(step.program))
        known &= symbol < bound.size() && bound[symbol].has_value();
      if (known)
        extents[step.dim] = step.program.evaluate(values);
    }
  }
  std::vector<int64_t> result;
  for (const std::optional<int64_t> &extent : extents) {
    if (!extent)
      return std::nullopt;
    result.push_back(*extent);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Binary form
//===----------------------------------------------------------------------===//

namespace {
/// Lays tables and strings out behind the header.
class BlobWriter {
public:
  std::vector<uint8_t> bytes;

  /// Reserves aligned room; returns its offset.
  uint32_t reserve(size_t size, size_t alignment) {
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    size_t offset = bytes.size();
    bytes.resize(offset + size);
    return static_cast<uint32_t>(offset);
  }
  uint32_t addString(std::string_view text) {
    uint32_t offset = reserve(text.size() + 1, 1);
    std::memcpy(bytes.data() + offset, text.data(), text.size());
    return offset;
  }
  template <typename T> void store(size_t offset, const T &value) {
    std::memcpy(bytes.data() + offset, &value, sizeof value);
  }
};

/// Reads with bounds: a failed read leaves `ok` false.
class BlobReader {
public:
  BlobReader(const void *data, size_t size)
      : data(static_cast<const uint8_t *>(data)), size(size) {}

  bool ok = true;

  template <typename T> T load(uint64_t offset) {
    T value{};
    if (offset > size || size - offset < sizeof value)
      ok = false;
    else
      std::memcpy(&value, data + offset, sizeof value);
    return value;
  }
  std::string loadString(uint64_t offset) {
    if (offset >= size) {
      ok = false;
      return {};
    }
    const void *end = std::memchr(data + offset, 0, size - offset);
    if (!end) {
      ok = false;
      return {};
    }
    return {reinterpret_cast<const char *>(data + offset)};
  }

private:
  const uint8_t *data;
  size_t size;
};
} // namespace

std::vector<uint8_t> KernelSignature::serialize() const {
  BlobWriter writer;
  TilecKernelDesc desc{};
  writer.reserve(sizeof desc, 8);
  desc.magic = TILEC_DESC_MAGIC;
  desc.num_params = static_cast<uint32_t>(params.size());
  desc.num_symbols = static_cast<uint32_t>(symbols.size());
  desc.num_steps = static_cast<uint32_t>(steps.size());
  desc.steps = writer.reserve(steps.size() * sizeof(TilecStepDesc), 8);
  desc.params = writer.reserve(params.size() * sizeof(TilecParamDesc), 8);
  desc.symbols = writer.reserve(symbols.size() * sizeof(uint32_t), 8);

  for (size_t s = 0; s < steps.size(); ++s) {
    const DimStep &step = steps[s];
    const std::vector<int64_t> &words = step.program.getWords();
    TilecStepDesc raw{};
    raw.kind = step.kind;
    raw.param = step.param;
    raw.dim = step.dim;
    raw.symbol = step.symbol;
    raw.offset = step.offset;
    raw.factor = step.factor;
    raw.program_size = static_cast<uint32_t>(words.size());
    raw.program = writer.reserve(words.size() * sizeof(int64_t), 8);
    for (size_t w = 0; w < words.size(); ++w)
      writer.store(raw.program + w * sizeof(int64_t), words[w]);
    raw.text = writer.addString(step.text);
    writer.store(desc.steps + s * sizeof raw, raw);
  }
  for (size_t p = 0; p < params.size(); ++p) {
    const KernelParam &param = params[p];
    DLDataType type = toDLPack(param.dtype);
    TilecParamDesc raw{};
    raw.name = writer.addString(param.name);
    raw.rank = param.rank;
    raw.kind = static_cast<uint8_t>(param.kind);
    raw.code = type.code;
    raw.bits = type.bits;
    raw.flags = param.strided ? TILEC_FLAG_STRIDED : 0;
    writer.store(desc.params + p * sizeof raw, raw);
  }
  for (size_t s = 0; s < symbols.size(); ++s)
    writer.store(desc.symbols + s * sizeof(uint32_t),
                 writer.addString(symbols[s]));
  desc.name = writer.addString(name);
  writer.reserve(0, 8);
  desc.size = static_cast<uint32_t>(writer.bytes.size());
  writer.store(0, desc);
  return std::move(writer.bytes);
}

/// Reads one step; false where it refers to what does not exist.
static bool parseStep(BlobReader &reader, const TilecStepDesc &raw,
                      const KernelSignature &signature, DimStep &step) {
  step.kind = static_cast<DimStep::Kind>(raw.kind);
  step.param = raw.param;
  step.dim = raw.dim;
  step.symbol = raw.symbol;
  step.offset = raw.offset;
  step.factor = raw.factor;
  step.text = reader.loadString(raw.text);
  std::vector<int64_t> words;
  for (uint64_t w = 0; w < raw.program_size && reader.ok; ++w)
    words.push_back(reader.load<int64_t>(raw.program + w * sizeof(int64_t)));
  step.program = DimProgram::fromWords(std::move(words));
  if (raw.kind > TILEC_STEP_MULTIPLE || raw.param >= signature.params.size() ||
      raw.dim >= signature.params[raw.param].rank || raw.factor == 0)
    return false;
  size_t numSymbols = signature.symbols.size();
  for (unsigned symbol : symbolsOf(step.program))
    if (symbol >= numSymbols)
      return false;
  return raw.kind != TILEC_STEP_BIND || raw.symbol < numSymbols;
}

std::optional<KernelSignature>
KernelSignature::parse(const void *data, size_t size, std::string &error) {
  BlobReader reader(data, size);
  auto desc = reader.load<TilecKernelDesc>(0);
  if (!reader.ok || desc.magic != TILEC_DESC_MAGIC || desc.size > size) {
    error = "not the kernel descriptor of this version of tilec";
    return std::nullopt;
  }
  KernelSignature signature;
  signature.name = reader.loadString(desc.name);
  for (uint64_t p = 0; p < desc.num_params && reader.ok; ++p) {
    auto raw = reader.load<TilecParamDesc>(desc.params + p * sizeof(TilecParamDesc));
    std::optional<DType> dtype = fromDLPack(raw.code, raw.bits);
    if (!dtype || raw.kind > TILEC_PARAM_SCALAR || raw.rank > TILEC_MAX_RANK) {
      error = "the kernel descriptor has a malformed parameter";
      return std::nullopt;
    }
    signature.params.push_back({reader.loadString(raw.name),
                                static_cast<ParamKind>(raw.kind), *dtype,
                                raw.rank,
                                (raw.flags & TILEC_FLAG_STRIDED) != 0});
  }
  for (uint64_t s = 0; s < desc.num_symbols && reader.ok; ++s)
    signature.symbols.push_back(reader.loadString(
        reader.load<uint32_t>(desc.symbols + s * sizeof(uint32_t))));
  for (uint64_t s = 0; s < desc.num_steps && reader.ok; ++s) {
    auto raw = reader.load<TilecStepDesc>(desc.steps + s * sizeof(TilecStepDesc));
    DimStep step;
    if (!parseStep(reader, raw, signature, step)) {
      error = "the kernel descriptor has a malformed step";
      return std::nullopt;
    }
    signature.steps.push_back(std::move(step));
  }
  if (!reader.ok) {
    error = "the kernel descriptor is truncated";
    return std::nullopt;
  }
  return signature;
}

std::optional<KernelSignature> KernelSignature::parse(const TilecKernelDesc *desc,
                                                      std::string &error) {
  return parse(desc, desc->size, error);
}
