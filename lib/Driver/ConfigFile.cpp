//===- ConfigFile.cpp - configs in JSON files -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads `{"i": 64, "j": 128}`, or `{"config": {...}}` with other members beside
// it, as a tuner's reports have them.

#include "Nesting.h"

#include "tilec/Driver/Compiler.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>

using namespace tilec;

llvm::Error tilec::readConfigFile(llvm::StringRef path,
                                  CompileOptions &options) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError("cannot read '" + path + "': " +
                                   buffer.getError().message());
  if (isNestedTooDeep((*buffer)->getBuffer()))
    return llvm::createStringError(
        path + ": brackets are nested more than 256 deep");
  llvm::Expected<llvm::json::Value> value =
      llvm::json::parse((*buffer)->getBuffer());
  if (!value)
    return llvm::createStringError(path + ": " +
                                   llvm::toString(value.takeError()));
  const llvm::json::Object *object = value->getAsObject();
  if (object && object->getObject("config"))
    object = object->getObject("config");
  if (!object)
    return llvm::createStringError(
        path + ": a config is an object of integers, such as {\"i\": 64}");
  std::vector<std::pair<std::string, int64_t>> entries;
  for (const auto &[name, entry] : *object) {
    if (name == "target" && entry.getAsString())
      continue;
    std::optional<int64_t> number = entry.getAsInteger();
    if (!number)
      return llvm::createStringError(path + ": the value of '" +
                                     llvm::StringRef(name) +
                                     "' is not an integer");
    entries.push_back({llvm::StringRef(name).str(), *number});
  }
  // A JSON object has no order; ours is that of the names.
  std::sort(entries.begin(), entries.end());
  options.config.insert(options.config.end(), entries.begin(), entries.end());
  return llvm::Error::success();
}
