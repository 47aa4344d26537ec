//===- ParserImpl.h - the parser's state and parts -------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A recursive-descent parser in four files: tokens, errors and recovery in
/// Parser.cpp, then ParserItems.cpp, ParserStmts.cpp and ParserExprs.cpp.
///
/// Every parse function either succeeds, or has reported one error and returns
/// null (or false) with the position where it stopped. The failure travels up
/// to the statement or header it is in, which resynchronises there: one
/// mistake, one error.
///
//===----------------------------------------------------------------------===//

#ifndef TILEC_LIB_FRONTEND_PARSERIMPL_H
#define TILEC_LIB_FRONTEND_PARSERIMPL_H

#include "tilec/Frontend/Lexer.h"
#include "tilec/Frontend/Parser.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace tilec {

class Parser {
public:
  Parser(FileId file, ast::Context &context, DiagnosticEngine &diags)
      : file(file), context(context), diags(diags),
        tokens(lex(file, diags.sourceManager())) {}

  const ast::Module *parseModule();

private:
  //===--------------------------------------------------------------------===//
  // Tokens (Parser.cpp)
  //===--------------------------------------------------------------------===//

  /// The kind of the next token, or Newline where a line's end counts.
  TokenKind kind() const;
  bool at(TokenKind wanted) const { return kind() == wanted; }
  /// The token `ahead` positions on, whatever line it is on.
  const Token &ahead(size_t ahead) const;
  const Token &token() const { return tokens[position]; }

  /// Steps over the next token and reports the lexical error it carries.
  SourceRange advance();
  bool accept(TokenKind wanted);
  /// Steps over a line's end that would count.
  void skipNewline() { newlineSkipped = true; }
  /// Whether a statement may end here.
  bool atStatementEnd() const;

  SourceRange rangeOf(const Token &token) const {
    return {file, token.begin, token.end};
  }
  /// From byte `begin` to the end of the last token.
  SourceRange since(uint32_t begin) const { return {file, begin, lastEnd}; }
  llvm::StringRef textOf(const Token &token) const {
    return diags.sourceManager().text(rangeOf(token));
  }
  /// The last token as a message quotes it.
  std::string lastQuoted() const;
  /// The next token as a message quotes it.
  std::string nextQuoted() const;

  //===--------------------------------------------------------------------===//
  // Errors and recovery (Parser.cpp)
  //===--------------------------------------------------------------------===//

  Diagnostic &error(SourceRange range, const llvm::Twine &sentence);
  /// Reports at the next token, or behind the last one where a line or the
  /// file ends. If the next token is a lexical error, reports that instead.
  Diagnostic &errorHere(const llvm::Twine &sentence);
  void reportLexError(const Token &token);
  /// Reports an error after which parsing goes no further.
  void giveUp(SourceRange range, const llvm::Twine &sentence);

  bool expect(TokenKind wanted, const llvm::Twine &where);
  std::optional<ast::Name> parseName(const llvm::Twine &where);
  /// Parses `element, element, close` after an opening bracket; a comma may
  /// stand before `close`. With `sawComma`, says whether there was any comma.
  bool parseList(TokenKind close, SourceRange open,
                 llvm::function_ref<bool()> element, bool *sawComma = nullptr);
  /// Reports that `,` or `close` is missing.
  void errorInList(TokenKind close, SourceRange open);

  /// Skips to the end of a broken statement.
  void syncStatement();
  /// Skips a broken header to the `{` of its body; false if there is none.
  bool syncToBody();
  /// Skips to the start of the next item.
  void syncItem();
  /// The position behind the brackets that are open, if they are closed before
  /// anything that cannot stand in brackets.
  std::optional<size_t> findClose() const;
  bool startsItem(const Token &token) const;
  /// Whether an item's keyword stands at the very start of a line, where it
  /// shows that the blocks before it are not closed.
  bool startsItemUnindented(const Token &token) const;
  void skipTo(size_t behind);
  /// Skips from a `{` to behind its `}`.
  void skipBraces();

  /// Counts nesting for as long as it lives.
  class Nested {
  public:
    explicit Nested(Parser &parser) : parser(parser) { ++parser.nesting; }
    ~Nested() { --parser.nesting; }

  private:
    Parser &parser;
  };
  /// Gives up if the next construct would nest too deep.
  bool tooDeep();

  //===--------------------------------------------------------------------===//
  // Items (ParserItems.cpp)
  //===--------------------------------------------------------------------===//

  const ast::Item *parseItem();
  const ast::Item *parseImport();
  const ast::Item *parseConst();
  const ast::Item *parseFn();
  const ast::Item *parseKernel();
  bool parseAttributes(llvm::SmallVectorImpl<ast::Attribute> &attributes);
  bool parseTypeParams(llvm::SmallVectorImpl<ast::TypeParam> &params);
  bool parseParam(ast::Param &param, bool isResult);
  bool parseArrayType(ast::Param &param);
  bool parseResults(llvm::SmallVectorImpl<ast::Param> &results);
  /// Parses the `{ }` of an item; after a broken header, finds it first.
  const ast::Block *parseBody(bool headerIsGood, const llvm::Twine &where);
  void endItem();

  //===--------------------------------------------------------------------===//
  // Statements (ParserStmts.cpp)
  //===--------------------------------------------------------------------===//

  const ast::Block *parseBlock(const llvm::Twine &where);
  const ast::Stmt *parseStatement();
  const ast::Stmt *parseBind(bool isVar);
  const ast::Pattern *parsePattern(const llvm::Twine &where);
  const ast::Stmt *parseFor();
  const ast::Stmt *parseWhile();
  const ast::Stmt *parseIf();
  const ast::Stmt *parseReturn();
  const ast::Stmt *parseTune();
  const ast::Stmt *parseAssignOrCall();
  const ast::Stmt *finishAssign(const ast::Expr *target);
  const ast::Stmt *notAStatement(const ast::Expr *expr);
  /// Parses a block behind a header that may be broken; null if either is.
  const ast::Block *parseBlockAfter(bool headerIsGood,
                                    const llvm::Twine &where);
  void endStatement();

  //===--------------------------------------------------------------------===//
  // Expressions (ParserExprs.cpp)
  //===--------------------------------------------------------------------===//

  const ast::Expr *parseExpr();
  const ast::Expr *parseBinary(unsigned minPrecedence);
  const ast::Expr *parseNot(unsigned minPrecedence);
  const ast::Expr *parseUnary();
  const ast::Expr *parsePower();
  const ast::Expr *parsePostfix();
  const ast::Expr *parsePrimary();
  const ast::Expr *parseParens();
  const ast::Expr *parseBracketList();
  const ast::Expr *parseCall(const ast::Expr *callee, uint32_t begin);
  const ast::Expr *parseSubscript(const ast::Expr *base, uint32_t begin);
  const ast::Expr *parseMember(const ast::Expr *base, uint32_t begin);
  const ast::Expr *parseIndex();
  const ast::Expr *parseString();
  /// Parses an element type or the name of one.
  const ast::Expr *parseTypeName(const llvm::Twine &where);
  const ast::Expr *parseLambda();
  bool atLambda() const;
  /// Parses arguments up to and including `)`.
  bool parseArguments(SourceRange open,
                      llvm::SmallVectorImpl<ast::Argument> &args);
  bool parseArgument(ast::Argument &arg);
  const ast::Expr *errorNoExpr();
  void errorChain(const ast::BinaryExpr *first, ast::BinaryOp second);
  llvm::StringRef decodeString(const Token &token);

  /// Creates an expression, or reports that it is too high.
  template <typename Node, typename... Args>
  const ast::Expr *create(Args &&...args) {
    const ast::Expr *expr = context.create<Node>(std::forward<Args>(args)...);
    return checkHeight(expr);
  }
  const ast::Expr *checkHeight(const ast::Expr *expr);

  template <typename T>
  llvm::ArrayRef<T> copy(const llvm::SmallVectorImpl<T> &items) {
    return context.copy(llvm::ArrayRef<T>(items));
  }

  FileId file;
  ast::Context &context;
  DiagnosticEngine &diags;
  std::vector<Token> tokens;

  size_t position = 0;
  /// End of the last token that was stepped over, and its kind.
  uint32_t lastEnd = 0;
  TokenKind lastKind = TokenKind::Semicolon;
  /// Open ( and [: lines do not count in them.
  unsigned brackets = 0;
  bool newlineSkipped = false;
  unsigned nesting = 0;
  /// Set once parsing is given up; what follows is not reported.
  bool silenced = false;
  /// Set when the blocks of an item are found unclosed: all of them end here.
  bool silencedUntilItem = false;
  /// Set in an item with a string that is never closed: it may have swallowed
  /// the `}` behind it.
  bool bracesAreUnsure = false;
  /// Takes the notes of errors that are not reported.
  Diagnostic unreported;
  /// Reported lexical errors end at this byte.
  uint32_t lexErrorsEnd = 0;
};

} // namespace tilec

#endif // TILEC_LIB_FRONTEND_PARSERIMPL_H
