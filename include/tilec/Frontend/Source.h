//===- Source.h - files, locations and ranges ------------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The text of a compilation and positions in it. A position is a file and a
/// byte offset, so that it costs eight bytes and never goes stale; lines and
/// columns are computed when somebody asks for them.
///
//===----------------------------------------------------------------------===//

#ifndef TILEC_FRONTEND_SOURCE_H
#define TILEC_FRONTEND_SOURCE_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tilec {

/// Number of a file in its SourceManager.
using FileId = uint32_t;

/// A place in the source: a file and a byte offset in it.
struct SourceLoc {
  static constexpr FileId noFile = ~0u;

  FileId file = noFile;
  uint32_t offset = 0;

  bool isValid() const { return file != noFile; }
  friend bool operator==(SourceLoc, SourceLoc) = default;
};

/// The bytes [begin, end) of one file. An empty range is a point.
struct SourceRange {
  FileId file = SourceLoc::noFile;
  uint32_t begin = 0;
  uint32_t end = 0;

  SourceRange() = default;
  SourceRange(FileId file, uint32_t begin, uint32_t end)
      : file(file), begin(begin), end(end) {}
  /// The point at `loc`.
  SourceRange(SourceLoc loc)
      : file(loc.file), begin(loc.offset), end(loc.offset) {}

  bool isValid() const { return file != SourceLoc::noFile; }
  SourceLoc start() const { return {file, begin}; }
  /// The range from this one's start to the end of `other` (same file).
  SourceRange to(SourceRange other) const { return {file, begin, other.end}; }
  friend bool operator==(SourceRange, SourceRange) = default;
};

/// Line and column as a person counts them: both from 1, and columns in
/// characters (code points), not bytes. A tab is one column.
struct LineColumn {
  unsigned line = 1;
  unsigned column = 1;
};

/// Owns the text of every file of a compilation. Text never moves: a StringRef
/// into it lives as long as the manager.
class SourceManager {
public:
  SourceManager();
  ~SourceManager();
  SourceManager(const SourceManager &) = delete;
  SourceManager &operator=(const SourceManager &) = delete;

  /// Adds a file under the name that diagnostics will print.
  FileId addFile(llvm::StringRef name, llvm::StringRef text);

  unsigned numFiles() const { return files.size(); }
  llvm::StringRef name(FileId file) const;
  llvm::StringRef text(FileId file) const;
  /// The source text of a range.
  llvm::StringRef text(SourceRange range) const;

  /// Where a location is; an offset past the end is the end.
  LineColumn lineColumn(SourceLoc loc) const;
  /// The text of line `line` (from 1), without its line end.
  llvm::StringRef lineText(FileId file, unsigned line) const;

private:
  struct File;
  std::vector<std::unique_ptr<File>> files;
};

} // namespace tilec

#endif // TILEC_FRONTEND_SOURCE_H
