//===- Parser.h - PTX text to a module --------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The parser's state. Functions that return bool say whether what they parse was there and right; an error is recorded
/// where it is found, and the caller gives up up to the end of the statement.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_PARSER_H
#define TILEC_LIB_SIM_PTX_PARSER_H

#include "Lexer.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"

#include <array>

namespace tilec::sim::ptx {

/// A constant expression's value (section 4.5): 64-bit, or floating-point.
struct Constant {
  uint64_t bits = 0;
  bool isUnsigned = false;
  /// The bits are those of a double, or of a float if `isSingle`.
  bool isFloat = false, isSingle = false;
  /// The value as the bits of an element of `type`.
  uint64_t as(Type type) const;
};

class Parser {
public:
  Parser(Module &module, llvm::StringRef text) : module(module), lexer(text) { take(); }
  void parseModule();
  std::vector<std::string> takeErrors() { return std::move(errors); }

private:
  //===--- Tokens (Parser.cpp)
  Token take();
  bool takeSign(llvm::StringRef sign);
  bool takeDotted(llvm::StringRef word);
  bool expectSign(llvm::StringRef sign, const llvm::Twine &after);
  bool expectName(llvm::StringRef &name, const llvm::Twine &what);
  bool expectUnsigned(uint64_t &value, const llvm::Twine &what, uint64_t most = UINT32_MAX);
  bool fail(Place place, const llvm::Twine &message);
  /// Fails at the current token, which is quoted.
  bool failHere(const llvm::Twine &message);
  void skipStatement();
  bool skipBraces();

  //===--- The module (Parser.cpp)
  bool parseModuleItem();
  bool parseVersion();
  bool parseTarget();
  bool parseFile();
  bool parseAlias();
  bool parseFunction(Linkage linkage);
  bool parseFunctionDirectives(Function &function);
  bool parseTriple(unsigned (&values)[3]);
  void checkSymbols();

  //===--- Declarations (ParseDeclarations.cpp)
  bool parseVariables(Space space, Linkage linkage, std::vector<Variable> &variables);
  bool parseVariableHead(Variable &variable);
  bool parseVariableName(Variable &variable);
  bool parseInitialiser(Variable &variable, unsigned depth);
  bool parseInitElement(Variable &variable);
  bool parseParams(std::vector<Variable> &params);
  bool parseRegisters();
  bool finishVariable(Variable &variable);

  //===--- Constant expressions (ParseConstants.cpp)
  bool parseConstant(Constant &value);
  bool parseBinary(Constant &value, unsigned level, unsigned depth);
  bool parseUnary(Constant &value, unsigned depth);
  bool applyBinary(const Token &sign, Constant &left, const Constant &right);

  //===--- Bodies (ParseBody.cpp)
  struct Symbol {
    enum class Kind : uint8_t { Register, Registers, Variable } kind = Kind::Register;
    /// The first register, or the variable.
    unsigned index = 0;
    /// Registers of a range, or parts of a vector.
    unsigned count = 1;
    bool isVector = false;
  };
  /// A name that may be of a label further down.
  struct PendingLabel {
    llvm::StringRef name;
    Place place;
    bool inTable = false;
    unsigned owner = 0, slot = 0;
  };
  struct Scope {
    llvm::StringMap<Symbol> symbols;
    /// Labels by instruction; tables have the top bit.
    llvm::StringMap<unsigned> labels;
    std::vector<PendingLabel> pending;
  };
  static constexpr unsigned kTableBit = 1u << 31;

  bool parseBody();
  bool parseStatement();
  bool parseBodyDirective();
  bool parseLabel();
  bool parseTable(llvm::StringRef label, Place place);
  bool parseLocation();
  int findCaller(unsigned file, unsigned line, unsigned column);
  bool parseInstruction();
  void moveFirst(unsigned index);
  bool parseOperand(Operand &operand, unsigned depth);
  bool parsePlainOperand(Operand &operand, unsigned depth);
  bool parseNameOperand(Operand &operand);
  void takeSelector(Operand &operand);
  bool parseOffset(uint64_t &value);
  bool parseAddress(Operand &operand, unsigned depth);
  bool parseList(Operand &operand, llvm::StringRef end, unsigned depth);
  void openScope() { scopes.emplace_back(); }
  void closeScope();
  bool declare(llvm::StringRef name, Symbol symbol, Place place);
  const Symbol *lookup(llvm::StringRef name) const;
  bool lookupRegister(llvm::StringRef name, unsigned &index) const;
  void resolve(const PendingLabel &pending, unsigned label);

  Module &module;
  Lexer lexer;
  Token token, lookahead;
  bool hasLookahead = false;
  const Token &peek();
  std::vector<std::string> errors;
  llvm::StringMap<unsigned> functionOf, variableOf;
  /// The function whose body is parsed, and its scopes.
  Function *function = nullptr;
  std::vector<Scope> scopes;
  SourceLine source;
  /// The last `.loc` of each place, and the index of each of Module::callers.
  std::map<std::array<unsigned, 3>, SourceLine> latestLine;
  std::map<SourceLine, int> callerIndex;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_PARSER_H
