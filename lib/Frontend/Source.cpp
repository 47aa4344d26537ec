//===- Source.cpp - files, locations and ranges ----------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Keeps source text and finds lines and columns in it.
///
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/Source.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <cassert>

using namespace tilec;
using llvm::StringRef;

struct SourceManager::File {
  std::string name;
  std::string text;
  /// Offset of the first byte of every line.
  std::vector<uint32_t> lineStarts;
  /// Whether bytes are characters, so that no line needs decoding.
  bool isAscii = true;
};

SourceManager::SourceManager() = default;
SourceManager::~SourceManager() = default;

FileId SourceManager::addFile(StringRef name, StringRef text) {
  auto file = std::make_unique<File>();
  file->name = name.str();
  file->text = text.str();
  file->isAscii = llvm::isASCII(text);
  file->lineStarts.push_back(0);
  for (size_t at = text.find('\n'); at != StringRef::npos;
       at = text.find('\n', at + 1))
    file->lineStarts.push_back(at + 1);
  files.push_back(std::move(file));
  return files.size() - 1;
}

StringRef SourceManager::name(FileId file) const {
  assert(file < files.size() && "no such file");
  return files[file]->name;
}

StringRef SourceManager::text(FileId file) const {
  assert(file < files.size() && "no such file");
  return files[file]->text;
}

StringRef SourceManager::text(SourceRange range) const {
  return text(range.file).slice(range.begin, range.end);
}

LineColumn SourceManager::lineColumn(SourceLoc loc) const {
  assert(loc.file < files.size() && "no such file");
  const File &file = *files[loc.file];
  uint32_t offset = std::min<size_t>(loc.offset, file.text.size());
  auto next =
      std::upper_bound(file.lineStarts.begin(), file.lineStarts.end(), offset);
  uint32_t start = *std::prev(next);
  unsigned line = next - file.lineStarts.begin();
  StringRef before = StringRef(file.text).slice(start, offset);
  if (file.isAscii)
    return {line, unsigned(before.size()) + 1};
  // A byte order mark is no character of the first line.
  before.consume_front("\xEF\xBB\xBF");
  // Every byte but a continuation byte starts a character.
  unsigned characters =
      llvm::count_if(before, [](char byte) { return (byte & 0xC0) != 0x80; });
  return {line, characters + 1};
}

StringRef SourceManager::lineText(FileId fileId, unsigned line) const {
  assert(fileId < files.size() && "no such file");
  const File &file = *files[fileId];
  if (line == 0 || line > file.lineStarts.size())
    return {};
  StringRef rest = StringRef(file.text).drop_front(file.lineStarts[line - 1]);
  StringRef text = rest.take_until([](char byte) { return byte == '\n'; });
  text.consume_back("\r");
  return text;
}
