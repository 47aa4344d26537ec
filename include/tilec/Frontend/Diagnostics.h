//===- Diagnostics.h - errors with places and notes ------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The errors of one compilation of .tile source. Every stage of the front end
/// reports here; the engine keeps the order of reports, stops listening after
/// 20 errors, and prints each with the line it speaks of and a caret.
///
//===----------------------------------------------------------------------===//

#ifndef TILEC_FRONTEND_DIAGNOSTICS_H
#define TILEC_FRONTEND_DIAGNOSTICS_H

#include "tilec/Frontend/Source.h"

#include "llvm/ADT/Twine.h"

#include <deque>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace tilec {

enum class Severity { Error, Warning, Remark };

/// A second place, or a likely fix. Without a place (an invalid range) only
/// its sentence is printed.
struct DiagnosticNote {
  SourceRange range;
  std::string sentence;
};

/// One report: a place, one sentence in the language's terms without a full
/// stop, and notes.
struct Diagnostic {
  Severity severity = Severity::Error;
  SourceRange range;
  std::string sentence;
  std::vector<DiagnosticNote> notes;

  /// Adds a note at another place.
  Diagnostic &note(SourceRange where, const llvm::Twine &sentence);
  /// Adds a note without a place, such as a likely fix.
  Diagnostic &note(const llvm::Twine &sentence);
};

/// Collects the diagnostics of one compilation, in the order of their reports.
class DiagnosticEngine {
public:
  /// Errors after this many are dropped.
  static constexpr unsigned maxErrors = 20;

  explicit DiagnosticEngine(const SourceManager &sources) : sources(sources) {}
  DiagnosticEngine(const DiagnosticEngine &) = delete;
  DiagnosticEngine &operator=(const DiagnosticEngine &) = delete;

  /// Reports an error. The reference stays valid, so that notes can be added:
  /// `diags.error(use, "...").note(decl, "declared here")`.
  Diagnostic &error(SourceRange range, const llvm::Twine &sentence);
  Diagnostic &warning(SourceRange range, const llvm::Twine &sentence);
  Diagnostic &remark(SourceRange range, const llvm::Twine &sentence);

  bool hasErrors() const { return errors != 0; }
  /// Errors kept, at most maxErrors.
  unsigned numErrors() const { return errors; }
  /// Whether the limit is reached, so that going on is of no use.
  bool isFull() const { return errors >= maxErrors; }

  /// Takes back every diagnostic but the first `count`, where what was tried is
  /// to be tried again in another way. References to them become invalid.
  void takeBack(size_t count);

  const std::deque<Diagnostic> &diagnostics() const { return all; }
  const SourceManager &sourceManager() const { return sources; }

  /// Prints every diagnostic: `file:line:col: error: sentence`, the line, a
  /// caret, then its notes in the same form.
  void print(llvm::raw_ostream &os, bool colours = false) const;
  void print(llvm::raw_ostream &os, const Diagnostic &diagnostic,
             bool colours = false) const;

private:
  Diagnostic &add(Severity severity, SourceRange range,
                  const llvm::Twine &sentence);

  const SourceManager &sources;
  std::deque<Diagnostic> all;
  /// Takes the notes of errors that are dropped.
  Diagnostic dropped;
  unsigned errors = 0;
};

} // namespace tilec

#endif // TILEC_FRONTEND_DIAGNOSTICS_H
