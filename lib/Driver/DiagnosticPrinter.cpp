//===- DiagnosticPrinter.cpp - MLIR's diagnostics as the front end's -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Errors of passes and verifiers carry MLIR locations; this finds the line of
// source that they stand for.

#include "DiagnosticPrinter.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace tilec;

/// The first place in a file behind a location, if there is one.
static FileLineColLoc findPlace(Location location) {
  FileLineColLoc place;
  location->walk([&](Location inner) {
    place = dyn_cast<FileLineColLoc>(inner);
    return place ? WalkResult::interrupt() : WalkResult::advance();
  });
  return place;
}

/// The text of a line of a file, if the file is one of `sources`.
static StringRef findLine(FileLineColLoc place, const SourceManager &sources) {
  for (FileId file = 0; file < sources.numFiles(); ++file)
    if (sources.name(file) == place.getFilename().getValue())
      return sources.lineText(file, place.getLine());
  return {};
}

std::string tilec::printMessage(Location location, StringRef severity,
                                StringRef sentence,
                                const SourceManager &sources) {
  std::string text;
  llvm::raw_string_ostream os(text);
  FileLineColLoc place = findPlace(location);
  if (place)
    os << place.getFilename().getValue() << ":" << place.getLine() << ":"
       << place.getColumn() << ": ";
  os << severity << ": " << sentence << "\n";
  StringRef line = place ? findLine(place, sources) : StringRef();
  if (line.empty())
    return text;
  os << "  " << line << "\n  ";
  // The caret stands below its column, whatever tabs and wide bytes precede it.
  unsigned column = 1;
  for (char c : line) {
    if (column >= place.getColumn())
      break;
    if ((c & 0xc0) == 0x80)
      continue; // a UTF-8 continuation byte
    os << (c == '\t' ? '\t' : ' ');
    ++column;
  }
  os << "^\n";
  return text;
}

static StringRef spell(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  return "";
}

std::string tilec::printDiagnostic(mlir::Diagnostic &diagnostic,
                                   const SourceManager &sources) {
  std::string text =
      printMessage(diagnostic.getLocation(), spell(diagnostic.getSeverity()),
                   diagnostic.str(), sources);
  for (mlir::Diagnostic &note : diagnostic.getNotes()) {
    // MLIR's note that prints the whole op is for its developers.
    if (StringRef(note.str()).starts_with("see current operation"))
      continue;
    text += printDiagnostic(note, sources);
  }
  return text;
}
