//===- FrontendChecks.cpp - what holds for every input ---------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Checks of the parser that need no expected value.
///
//===----------------------------------------------------------------------===//

#include "FrontendChecks.h"

#include "tilec/Frontend/ASTPrinter.h"
#include "tilec/Frontend/Lexer.h"
#include "tilec/Frontend/Parser.h"

#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec;
using llvm::StringRef;

/// What is wrong with one place of a diagnostic.
static std::string checkRange(SourceRange range, const SourceManager &sources) {
  if (range.file >= sources.numFiles())
    return "a place in no file";
  size_t size = sources.text(range.file).size();
  if (range.begin > range.end || range.end > size)
    return "a place outside of the text";
  LineColumn at = sources.lineColumn(range.start());
  if (at.line < 1 || at.column < 1)
    return "lines and columns count from 1";
  return "";
}

std::string fuzz::checkDiagnostics(const DiagnosticEngine &diags) {
  if (diags.numErrors() > DiagnosticEngine::maxErrors)
    return "more than 20 errors";
  for (const Diagnostic &diagnostic : diags.diagnostics()) {
    if (diagnostic.sentence.empty())
      return "an error without a sentence";
    std::string wrong = checkRange(diagnostic.range, diags.sourceManager());
    if (!wrong.empty())
      return wrong;
    for (const DiagnosticNote &note : diagnostic.notes) {
      if (note.sentence.empty())
        return "a note without a sentence";
      if (!note.range.isValid())
        continue;
      wrong = checkRange(note.range, diags.sourceManager());
      if (!wrong.empty())
        return wrong;
    }
  }
  std::string printed;
  llvm::raw_string_ostream os(printed);
  diags.print(os);
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(printed.data());
  if (!llvm::isLegalUTF8String(&begin, begin + printed.size()))
    return "a printed diagnostic is not UTF-8";
  if (StringRef(printed).contains('\0'))
    return "a printed diagnostic has a NUL byte";
  return "";
}

/// Parses `text` and prints the tree to `printed`; what is wrong, if anything
/// is.
static std::string roundTrip(StringRef text, std::string &printed,
                             bool &hasErrors) {
  SourceManager sources;
  DiagnosticEngine diags(sources);
  ast::Context context;
  FileId file = sources.addFile("input.tile", text);
  const ast::Module *module = parseFile(file, context, diags);
  if (!module)
    return "no module";
  hasErrors = diags.hasErrors();
  llvm::raw_string_ostream os(printed);
  ast::print(os, *module);
  return fuzz::checkDiagnostics(diags);
}

/// The tokens of `text` but those that the printer adds and leaves out:
/// parentheses, commas, semicolons and the `let` of `let _`.
static std::vector<std::string> essentialTokens(StringRef text) {
  SourceManager sources;
  FileId file = sources.addFile("input.tile", text);
  std::vector<std::string> all;
  for (const Token &token : lex(file, sources)) {
    switch (token.kind) {
    case TokenKind::LParen:
    case TokenKind::RParen:
    case TokenKind::Comma:
    case TokenKind::Semicolon:
    case TokenKind::EndOfFile:
      continue;
    case TokenKind::String:
      // Its spelling may change.
      all.push_back("a string");
      continue;
    default:
      break;
    }
    StringRef spelling = sources.text({file, token.begin, token.end});
    if (spelling == "_" && !all.empty() && all.back() == "let")
      all.pop_back();
    all.push_back(spelling.str());
  }
  return all;
}

std::string fuzz::checkSyntax(StringRef text) {
  std::string once, twice;
  bool hasErrors = false;
  std::string wrong = roundTrip(text, once, hasErrors);
  if (!wrong.empty() || hasErrors)
    return wrong;
  if (essentialTokens(text) != essentialTokens(once))
    return "the printed tree has other tokens than the text:\n" + once;
  wrong = roundTrip(once, twice, hasErrors);
  if (!wrong.empty())
    return wrong;
  if (hasErrors)
    return "the printed tree does not parse:\n" + once;
  if (once != twice)
    return "the printed tree parses as another:\n" + once + "\n" + twice;
  return "";
}
