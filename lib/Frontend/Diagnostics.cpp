//===- Diagnostics.cpp - errors with places and notes ----------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Collects diagnostics and prints them with the line and a caret. Whatever
/// bytes a line holds, what is printed is valid UTF-8 without control
/// characters, and the caret stands under the character it means.
///
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/Diagnostics.h"

#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Unicode.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace tilec;
using llvm::raw_ostream;
using llvm::StringRef;
using llvm::Twine;

/// Longest part of a line that is shown, in bytes.
static constexpr size_t maxShown = 160;

Diagnostic &Diagnostic::note(SourceRange where, const Twine &sentence) {
  notes.push_back({where, sentence.str()});
  return *this;
}

Diagnostic &Diagnostic::note(const Twine &sentence) {
  return note(SourceRange(), sentence);
}

Diagnostic &DiagnosticEngine::add(Severity severity, SourceRange range,
                                  const Twine &sentence) {
  bool isError = severity == Severity::Error;
  if (isError ? isFull() : all.size() >= 10 * maxErrors) {
    dropped = Diagnostic();
    return dropped;
  }
  errors += isError;
  all.push_back({severity, range, sentence.str(), {}});
  return all.back();
}

void DiagnosticEngine::takeBack(size_t count) {
  for (; all.size() > count; all.pop_back())
    errors -= all.back().severity == Severity::Error;
}

Diagnostic &DiagnosticEngine::error(SourceRange range, const Twine &sentence) {
  return add(Severity::Error, range, sentence);
}

Diagnostic &DiagnosticEngine::warning(SourceRange range,
                                      const Twine &sentence) {
  return add(Severity::Warning, range, sentence);
}

Diagnostic &DiagnosticEngine::remark(SourceRange range, const Twine &sentence) {
  return add(Severity::Remark, range, sentence);
}

/// Takes the first character off `text`: its bytes, or one byte where the
/// encoding is broken.
static StringRef takeCharacter(StringRef &text) {
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.data());
  unsigned length =
      std::min<size_t>(llvm::getNumBytesForUTF8(*begin), text.size());
  if (!llvm::isLegalUTF8Sequence(begin, begin + length))
    length = 1;
  StringRef character = text.take_front(length);
  text = text.drop_front(length);
  return character;
}

/// Writes `text` in a form that is safe to print and appends to `under` the
/// blanks that stand below it: tabs below tabs, one blank a column elsewhere.
static void printSafely(raw_ostream &os, StringRef text, std::string &under) {
  while (!text.empty()) {
    StringRef character = takeCharacter(text);
    if (character == "\t") {
      os << character;
      under += '\t';
      continue;
    }
    int width = llvm::sys::unicode::columnWidthUTF8(character);
    if (width < 0) {
      // A control character or a broken byte.
      os << "\xEF\xBF\xBD";
      width = 1;
    } else {
      os << character;
    }
    under.append(width, ' ');
  }
}

/// Moves `at` back to the start of the character it is in.
static size_t characterStart(StringRef text, size_t at) {
  while (at > 0 && at < text.size() && (text[at] & 0xC0) == 0x80)
    --at;
  return at;
}

/// Prints the line of `range` and, below it, a caret at its start and a tilde
/// for each further column that the range has on that line.
static void printLine(raw_ostream &os, const SourceManager &sources,
                      SourceRange range, unsigned line) {
  StringRef text = sources.lineText(range.file, line);
  size_t lineStart = text.data() - sources.text(range.file).data();
  size_t begin = std::min<size_t>(range.begin - lineStart, text.size());
  size_t end = std::clamp<size_t>(
      range.end < range.begin ? begin : range.end - lineStart, begin,
      text.size());
  begin = characterStart(text, begin);
  bool cutFront = begin > maxShown / 2 && text.size() > maxShown;
  size_t first = cutFront ? characterStart(text, begin - maxShown / 2) : 0;
  if (first == 0 && text.starts_with("\xEF\xBB\xBF"))
    first = std::min<size_t>(3, begin);
  size_t last = text.size() - first > maxShown
                    ? characterStart(text, first + maxShown)
                    : text.size();
  end = std::min(end, last);

  std::string before, below, behind;
  if (cutFront) {
    os << "...";
    before = "   ";
  }
  printSafely(os, text.slice(first, begin), before);
  printSafely(os, text.slice(begin, end), below);
  printSafely(os, text.slice(end, last), behind);
  if (last != text.size())
    os << "...";
  os << '\n' << before << '^';
  if (below.size() > 1)
    os << std::string(below.size() - 1, '~');
  os << '\n';
}

static void printOne(raw_ostream &os, const SourceManager &sources,
                     SourceRange range, StringRef label,
                     raw_ostream::Colors colour, StringRef sentence,
                     bool colours) {
  LineColumn at;
  if (range.isValid()) {
    at = sources.lineColumn(range.start());
    os << sources.name(range.file) << ':' << at.line << ':' << at.column
       << ": ";
  }
  if (colours)
    os.changeColor(colour, /*Bold=*/true);
  os << label << ':';
  if (colours)
    os.resetColor();
  std::string unused;
  os << ' ';
  printSafely(os, sentence, unused);
  os << '\n';
  if (range.isValid())
    printLine(os, sources, range, at.line);
}

void DiagnosticEngine::print(raw_ostream &os, const Diagnostic &diagnostic,
                             bool colours) const {
  switch (diagnostic.severity) {
  case Severity::Error:
    printOne(os, sources, diagnostic.range, "error", raw_ostream::RED,
             diagnostic.sentence, colours);
    break;
  case Severity::Warning:
    printOne(os, sources, diagnostic.range, "warning", raw_ostream::MAGENTA,
             diagnostic.sentence, colours);
    break;
  case Severity::Remark:
    printOne(os, sources, diagnostic.range, "remark", raw_ostream::BLUE,
             diagnostic.sentence, colours);
    break;
  }
  for (const DiagnosticNote &note : diagnostic.notes)
    printOne(os, sources, note.range, "note", raw_ostream::CYAN, note.sentence,
             colours);
}

void DiagnosticEngine::print(raw_ostream &os, bool colours) const {
  for (const Diagnostic &diagnostic : all)
    print(os, diagnostic, colours);
}
