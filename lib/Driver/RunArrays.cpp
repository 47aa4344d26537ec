//===- RunArrays.cpp - the arguments of a run -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads, makes, binds and writes the arrays and scalars of tile-run.

#include "RunArrays.h"

#include "tilec/Runtime/NumpyFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/xxhash.h"

#include <cstring>

using namespace tilec;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// What a parameter is, and which option gives it.
static llvm::StringRef describe(ParamInfo::Kind kind) {
  switch (kind) {
  case ParamInfo::Kind::Array:
    return "an input array (--in)";
  case ParamInfo::Kind::Inout:
    return "an inout array (--inout)";
  case ParamInfo::Kind::Result:
    return "a result (--out)";
  case ParamInfo::Kind::Scalar:
    return "a scalar (--scalar)";
  case ParamInfo::Kind::Const:
    return "a const parameter (--const)";
  }
  return "";
}

/// Checks that `name` is a parameter of one of these kinds.
static llvm::Error checkName(const KernelInfo &kernel, llvm::StringRef option,
                             llvm::StringRef what, llvm::StringRef name,
                             llvm::ArrayRef<ParamInfo::Kind> kinds) {
  std::vector<std::string> names;
  for (const ParamInfo &param : kernel.params) {
    bool fits = llvm::is_contained(kinds, param.kind);
    if (fits && param.name == name)
      return llvm::Error::success();
    if (param.name == name)
      return llvm::createStringError(
          "--" + option + ": '" + name + "' is " + describe(param.kind) +
          " of kernel '" + kernel.name + "'");
    if (fits)
      names.push_back(param.name);
  }
  return llvm::createStringError("--" + option + ": kernel '" + kernel.name +
                                 "' has no " + what + " '" + name + "'" +
                                 suggest(name, names));
}

static llvm::Error checkNames(const RunOptions &options,
                              const KernelInfo &kernel) {
  using Kind = ParamInfo::Kind;
  auto check = [&](const auto &map, llvm::StringRef option,
                   llvm::StringRef what,
                   llvm::ArrayRef<Kind> kinds) -> llvm::Error {
    for (const auto &entry : map)
      if (llvm::Error error =
              checkName(kernel, option, what, entry.first, kinds))
        return error;
    return llvm::Error::success();
  };
  std::map<std::string, std::string> consts, types;
  for (const auto &entry : options.compile.consts)
    consts[entry.getKey().str()] = entry.getValue();
  std::vector<std::string> typeNames;
  for (const TypeParamInfo &param : kernel.typeParams)
    typeNames.push_back(param.name);
  for (const auto &entry : options.compile.types)
    if (!llvm::is_contained(typeNames, entry.getKey()))
      return llvm::createStringError("--type: kernel '" + kernel.name +
                                     "' has no type parameter '" +
                                     entry.getKey() + "'" +
                                     suggest(entry.getKey(), typeNames));
  if (llvm::Error error = check(options.ins, "in", "input array", {Kind::Array}))
    return error;
  if (llvm::Error error =
          check(options.inouts, "inout", "inout array", {Kind::Inout}))
    return error;
  if (llvm::Error error = check(options.outs, "out", "result", {Kind::Result}))
    return error;
  if (llvm::Error error = check(options.randoms, "random", "array to read",
                                {Kind::Array, Kind::Inout}))
    return error;
  if (llvm::Error error = check(options.scalars, "scalar", "scalar parameter",
                                {Kind::Scalar}))
    return error;
  return check(consts, "const", "const parameter", {Kind::Const});
}

/// No file may be written twice.
static llvm::Error checkWrittenFiles(const RunOptions &options) {
  std::map<std::string, std::string> writers;
  for (const auto *files : {&options.inouts, &options.outs})
    for (const auto &[name, file] : *files) {
      llvm::SmallString<128> path;
      if (llvm::sys::fs::real_path(file.path, path))
        path = file.path; // it does not exist yet
      auto [writer, isNew] = writers.insert({std::string(path), name});
      bool isFile = !llvm::sys::fs::exists(path) ||
                    llvm::sys::fs::is_regular_file(path);
      if (!isNew && isFile)
        return llvm::createStringError("arrays '" + writer->second +
                                       "' and '" + name +
                                       "' would both be written to " +
                                       file.path);
    }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

llvm::Expected<GivenArrays> tilec::loadArrays(const RunOptions &options,
                                              const KernelInfo &kernel) {
  if (llvm::Error error = checkNames(options, kernel))
    return std::move(error);
  if (llvm::Error error = checkWrittenFiles(options))
    return std::move(error);
  GivenArrays arrays;
  std::string message;
  for (const auto *files : {&options.ins, &options.inouts})
    for (const auto &[name, file] : *files) {
      std::optional<NumpyArray> array =
          readNumpy(file.path, file.as, message);
      if (!array)
        return llvm::createStringError(message);
      arrays.descrs[name] = array->descr;
      arrays.tensors.emplace(name, std::move(array->tensor));
    }
  for (const auto &[name, random] : options.randoms) {
    if (arrays.tensors.count(name))
      return llvm::createStringError("array '" + name +
                                     "' is given by a file and by --random");
    std::optional<Tensor> tensor =
        Tensor::create(random.dtype, random.shape, message);
    if (!tensor)
      return llvm::createStringError(message);
    // Arrays of one seed differ by name, in whatever order they are given.
    tensor->fillRandom(options.arraySeed.value_or(options.seed) ^ llvm::xxh3_64bits(name), random.low,
                       random.high);
    arrays.tensors.emplace(name, std::move(*tensor));
  }
  std::string missing;
  for (const ParamInfo &param : kernel.params) {
    bool needed = param.kind == ParamInfo::Kind::Array ||
                  param.kind == ParamInfo::Kind::Inout;
    if (needed && !arrays.tensors.count(param.name))
      missing += (missing.empty() ? "'" : ", '") + param.name + "'";
  }
  if (!missing.empty())
    return llvm::createStringError(
        "kernel '" + kernel.name + "' was given no array for " + missing +
        "; use --in (or --inout) NAME=FILE.npy or "
        "--random NAME=TYPE[EXTENTS]");
  return arrays;
}

llvm::Error tilec::bindTypes(const KernelInfo &kernel,
                             const GivenArrays &arrays,
                             CompileOptions &options) {
  std::map<std::string, std::string> boundBy;
  for (const ParamInfo &param : kernel.params) {
    auto tensor = arrays.tensors.find(param.name);
    if (!param.isGeneric || tensor == arrays.tensors.end())
      continue;
    std::string type(getName(tensor->second.getDType()));
    auto [entry, isNew] = options.types.try_emplace(param.type, type);
    if (isNew)
      boundBy[param.type] = param.name;
    else if (entry->getValue() != type)
      return llvm::createStringError(
          "array '" + param.name + "' has the element type " + type +
          ", but '" + param.type + "' is " + entry->getValue() +
          (boundBy.count(param.type)
               ? " in array '" + boundBy[param.type] + "'"
               : std::string(" by --type")));
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

/// A result, with the extents that the other arrays and --dim determine.
static llvm::Expected<Tensor>
makeResult(const KernelSignature &signature, unsigned param,
           const std::vector<std::optional<int64_t>> &symbols) {
  const std::string &name = signature.params[param].name;
  std::optional<std::vector<int64_t>> extents =
      signature.inferExtents(param, symbols);
  if (!extents) {
    std::string unknown;
    for (size_t s = 0; s < symbols.size(); ++s)
      if (!symbols[s])
        unknown += " --dim " + signature.symbols[s] + "=N";
    return llvm::createStringError("no array says how large the result '" +
                                   name + "' is; say" + unknown);
  }
  std::string message;
  std::optional<Tensor> tensor =
      Tensor::create(signature.params[param].dtype, *extents, message);
  if (!tensor)
    return llvm::createStringError("result '" + name + "': " + message);
  return std::move(*tensor);
}

/// Checks type and rank of the given arrays, in the words of tilec_check_args:
/// extents of results can only be inferred from arrays of the right rank.
static llvm::Error checkGiven(const KernelSignature &signature,
                              const GivenArrays &arrays) {
  for (const KernelParam &param : signature.params) {
    auto given = arrays.tensors.find(param.name);
    if (given == arrays.tensors.end() || !param.isArray())
      continue;
    const Tensor &tensor = given->second;
    std::string prefix = "array '" + param.name + "': expected ";
    if (tensor.getDType() != param.dtype) {
      std::string hint;
      bool isForeign = param.dtype == DType::BF16 ||
                       param.dtype == DType::F8E4M3 ||
                       param.dtype == DType::F8E5M2;
      if (isForeign && getSize(param.dtype) == getSize(tensor.getDType()))
        hint = "; a file has elements of this type as FILE.npy:" +
               std::string(getName(param.dtype));
      return llvm::createStringError(
          prefix + std::string(getName(param.dtype)) + ", got " +
          std::string(getName(tensor.getDType())) + hint);
    }
    if (tensor.getShape().size() != param.rank)
      return llvm::createStringError(
          prefix + "rank " + std::to_string(param.rank) + ", got " +
          std::to_string(tensor.getShape().size()));
  }
  return llvm::Error::success();
}

llvm::Expected<RunArguments>
RunArguments::create(const KernelSignature &signature,
                     const RunOptions &options, const GivenArrays &arrays) {
  if (llvm::Error error = checkGiven(signature, arrays))
    return std::move(error);
  std::vector<std::optional<std::vector<int64_t>>> extents;
  for (const KernelParam &param : signature.params) {
    auto tensor = arrays.tensors.find(param.name);
    if (tensor == arrays.tensors.end())
      extents.emplace_back();
    else
      extents.emplace_back(tensor->second.getShape());
  }
  std::vector<std::optional<int64_t>> symbols = signature.bindSymbols(extents);
  for (size_t s = 0; s < symbols.size(); ++s) {
    auto dim = options.compile.dims.find(signature.symbols[s]);
    if (!symbols[s] && dim != options.compile.dims.end())
      symbols[s] = dim->getValue();
  }

  RunArguments result;
  std::string message;
  for (unsigned p = 0; p < signature.params.size(); ++p) {
    const KernelParam &param = signature.params[p];
    result.tensors.emplace_back();
    if (!param.isArray()) {
      auto text = options.scalars.find(param.name);
      if (text == options.scalars.end())
        return llvm::createStringError("scalar '" + param.name +
                                       "' is not given; use --scalar " +
                                       param.name + "=VALUE");
      result.scalars.push_back(std::make_unique<uint64_t>(0));
      if (!parseScalar(text->second, param.dtype, result.scalars.back().get(),
                       message))
        return llvm::createStringError("--scalar " + param.name + ": " +
                                       message);
      result.pointers.push_back(result.scalars.back().get());
      continue;
    }
    auto given = arrays.tensors.find(param.name);
    if (given != arrays.tensors.end()) {
      result.tensors.back() = given->second.clone(message);
      if (!result.tensors.back())
        return llvm::createStringError(message);
    } else {
      llvm::Expected<Tensor> made = makeResult(signature, p, symbols);
      if (!made)
        return made.takeError();
      result.tensors.back() = std::move(*made);
    }
  }
  // Views point into the tensors, which do not move from here on: a vector's
  // elements stay where they are when the vector itself is moved.
  size_t scalar = 0;
  result.pointers.clear();
  for (std::optional<Tensor> &tensor : result.tensors) {
    if (!tensor) {
      result.pointers.push_back(result.scalars[scalar++].get());
      continue;
    }
    result.views.push_back(std::make_unique<DLTensor>(tensor->getView()));
    result.pointers.push_back(result.views.back().get());
  }
  return result;
}

void RunArguments::restoreInouts(const KernelSignature &signature,
                                 const GivenArrays &arrays) {
  for (unsigned p = 0; p < signature.params.size(); ++p) {
    if (signature.params[p].kind != ParamKind::Inout)
      continue;
    const Tensor &before = arrays.tensors.at(signature.params[p].name);
    if (before.getNumBytes() > 0)
      std::memcpy(tensors[p]->getData(), before.getData(),
                  before.getNumBytes());
  }
}

llvm::Error tilec::writeArrays(const RunOptions &options,
                               const KernelSignature &signature,
                               const GivenArrays &arrays,
                               const RunArguments &arguments) {
  std::string message;
  auto write = [&](const auto &files) -> llvm::Error {
    for (const auto &[name, file] : files) {
      unsigned param = *signature.findParam(name);
      auto descr = arrays.descrs.find(name);
      if (!writeNumpy(file.path, arguments.getTensor(param),
                      descr == arrays.descrs.end() ? "" : descr->second,
                      message))
        return llvm::createStringError(message);
    }
    return llvm::Error::success();
  };
  for (const auto &[name, file] : options.outs) {
    DType dtype = signature.params[*signature.findParam(name)].dtype;
    if (file.as && *file.as != dtype)
      return llvm::createStringError(
          "--out " + name + ": the result has the element type " +
          llvm::StringRef(getName(dtype)));
  }
  if (llvm::Error error = write(options.outs))
    return error;
  return write(options.inouts);
}
