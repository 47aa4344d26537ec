//===- ParseDeclarations.cpp - variables, parameters, registers -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Variable declarations, after section 5.4 of the manual, and lists of parameters.

#include "Parser.h"

#include "llvm/Support/MathExtras.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;

/// `.align 8 .v2 .f32`, in whatever order, and for a kernel's parameter `.ptr .global .align 4`.
bool Parser::parseVariableHead(Variable &variable) {
  bool hasType = false, isPointer = false;
  uint64_t alignment = 0;
  while (token.kind == Token::Kind::Dotted) {
    Token word = take();
    if (word.text == "align") {
      uint64_t given;
      if (!expectUnsigned(given, "an alignment"))
        return false;
      if (!llvm::isPowerOf2_64(given) || given > 1 << 20)
        return fail(word.place, "an alignment is a power of two");
      // That of what a parameter points to is a promise, not its own.
      if (!isPointer)
        alignment = given;
    } else if (word.text == "v2" || word.text == "v4") {
      variable.vectorWidth = word.text == "v2" ? 2 : 4;
    } else if (word.text == "ptr") {
      isPointer = true;
    } else if (isPointer &&
               (word.text == "global" || word.text == "const" || word.text == "shared" || word.text == "local")) {
      // The space that the parameter points to.
    } else if (word.text == "attribute") {
      if (!expectSign("(", "'.attribute'"))
        return false;
      while (token.kind != Token::Kind::End && !token.isSign(")"))
        take();
      if (!expectSign(")", "the attribute"))
        return false;
    } else if (std::optional<Type> type = parseType(word.text)) {
      if (hasType)
        return fail(word.place, "a second type");
      variable.type = *type;
      hasType = true;
    } else if (word.text == "texref" || word.text == "samplerref" || word.text == "surfref") {
      return fail(word.place, "textures and surfaces ('." + word.text + "') are not supported");
    } else {
      return fail(word.place, "'." + word.text + "' is no type");
    }
  }
  if (!hasType)
    return failHere("expected a type");
  if (variable.type == Type::Pred)
    return fail(token.place, "predicates live in registers only");
  variable.alignment = std::max<unsigned>(alignment, 1);
  if (!alignment)
    variable.alignment = bitWidth(variable.type) / 8 * variable.vectorWidth;
  return true;
}

/// `name`, `name[4][2]`, `name[]`.
bool Parser::parseVariableName(Variable &variable) {
  variable.place = token.place;
  if (!expectName(variable.name, "the name of a variable"))
    return false;
  variable.size = bitWidth(variable.type) / 8 * variable.vectorWidth;
  while (takeSign("[")) {
    variable.isArray = true;
    if (takeSign("]")) {
      variable.isUnsized = true;
      continue;
    }
    Constant extent;
    if (!parseConstant(extent) || !expectSign("]", "the extent"))
      return false;
    if (extent.isFloat || __builtin_mul_overflow(variable.size, extent.bits, &variable.size) ||
        variable.size > Limits::bytes)
      return fail(variable.place, "'" + variable.name + "' has no size that memory can hold");
  }
  return true;
}

/// Checks what is known at the end of a declaration, and sizes `x[] = {...}`.
bool Parser::finishVariable(Variable &variable) {
  uint64_t element = bitWidth(variable.type) / 8;
  uint64_t given = variable.initialiser.size() * element;
  if (variable.isUnsized) {
    // `size` is that of the known extents.
    uint64_t row = variable.size;
    variable.size = row ? llvm::alignTo(given, row) : 0;
    if (!variable.initialiser.empty())
      variable.isUnsized = false;
  }
  if (given > variable.size && !variable.initialiser.empty())
    return fail(variable.place, "'" + variable.name + "' has more values than elements");
  if (!variable.initialiser.empty() && variable.space != Space::Global && variable.space != Space::Const)
    return fail(variable.place, "only global and const variables have values from the start");
  return true;
}

bool Parser::parseInitElement(Variable &variable) {
  InitElement element;
  element.place = token.place;
  auto finish = [&] {
    variable.initialiser.push_back(element);
    return true;
  };
  auto offset = [&] { return parseOffset(element.bits); };
  if (token.kind == Token::Kind::Name && token.text == "generic") {
    take();
    element.isGeneric = true;
    return expectSign("(", "'generic'") && expectName(element.symbol, "a variable") &&
           expectSign(")", "the variable") && offset() && finish();
  }
  if (token.kind == Token::Kind::Name && token.text != "WARP_SZ") {
    element.symbol = take().text;
    return offset() && finish();
  }
  if (token.kind == Token::Kind::Integer && peek().isSign("(")) {
    // 0xff00(x): the second byte of x's address.
    Token mask = take();
    take();
    for (unsigned byte = 0; byte != 8; ++byte)
      if (mask.bits == uint64_t(0xff) << (8 * byte))
        element.maskedByte = byte;
    if (element.maskedByte < 0)
      return fail(mask.place, "a mask selects one byte");
    if (token.kind == Token::Kind::Name && token.text == "generic") {
      take();
      element.isGeneric = true;
      if (!expectSign("(", "'generic'") || !expectName(element.symbol, "a variable") ||
          !expectSign(")", "the variable"))
        return false;
    } else if (!expectName(element.symbol, "a variable")) {
      return false;
    }
    return offset() && expectSign(")", "the address") && finish();
  }
  Constant value;
  if (!parseConstant(value))
    return false;
  bool isFloatType = variable.type == Type::F32 || variable.type == Type::F64;
  if (value.isFloat && !isFloatType)
    return fail(element.place, "a floating-point value for elements of type ." + typeName(variable.type));
  element.bits = value.as(variable.type);
  return finish();
}

/// A value, or values in braces, which for arrays of arrays hold braces. Missing values at the end of a row are 0.
bool Parser::parseInitialiser(Variable &variable, unsigned depth) {
  if (!token.isSign("{"))
    return parseInitElement(variable);
  if (depth > 8)
    return failHere("too many braces");
  take();
  while (!token.isSign("}")) {
    if (variable.initialiser.size() > Limits::bytes >> 10)
      return failHere("too many values");
    if (!parseInitialiser(variable, depth + 1))
      return false;
    if (!takeSign(","))
      break;
  }
  return expectSign("}", "the values");
}

/// After the state space: one or more variables of a type.
bool Parser::parseVariables(Space space, Linkage linkage, std::vector<Variable> &variables) {
  Variable head;
  head.space = space;
  head.linkage = linkage;
  if (!parseVariableHead(head))
    return false;
  do {
    Variable variable = head;
    if (!parseVariableName(variable))
      return false;
    // `.param .b32 x<4>`: x0 to x3.
    uint64_t count = 0;
    if (takeSign("<") && (!expectUnsigned(count, "a number of variables", 4096) || !expectSign(">", "the number")))
      return false;
    if (takeSign("=") && !parseInitialiser(variable, 0))
      return false;
    if (!finishVariable(variable))
      return false;
    if (count)
      return fail(variable.place, "ranges of variables other than registers are not supported");
    if (function) {
      if (!declare(variable.name, {Symbol::Kind::Variable, static_cast<unsigned>(variables.size())}, variable.place))
        return false;
      variables.push_back(variable);
      continue;
    }
    auto [known, isNew] = variableOf.try_emplace(variable.name, variables.size());
    if (functionOf.contains(variable.name) ||
        (!isNew && linkage != Linkage::Extern && variables[known->second].linkage != Linkage::Extern))
      return fail(variable.place, "'" + variable.name + "' is defined twice");
    if (isNew)
      variables.push_back(variable);
    else if (linkage != Linkage::Extern)
      variables[known->second] = variable;
  } while (takeSign(","));
  return expectSign(";", "the declaration");
}

/// `(.param .u64 a, .param .align 8 .b8 b[32])`.
bool Parser::parseParams(std::vector<Variable> &params) {
  if (!expectSign("(", "the name"))
    return false;
  if (takeSign(")"))
    return true;
  do {
    if (token.isDotted("reg"))
      return failHere("parameters in registers are not supported; compilers pass them in .param space");
    if (!takeDotted("param"))
      return failHere("expected '.param'");
    Variable param;
    param.space = Space::Param;
    if (!parseVariableHead(param) || !parseVariableName(param) || !finishVariable(param))
      return false;
    params.push_back(std::move(param));
  } while (takeSign(","));
  return expectSign(")", "the parameters");
}

/// After `.reg`: `.b32 %r<9>`, `.v4 .f32 v, w`.
bool Parser::parseRegisters() {
  unsigned width = 1;
  std::optional<Type> type;
  while (token.kind == Token::Kind::Dotted) {
    Token word = take();
    if (word.text == "v2" || word.text == "v4")
      width = word.text == "v2" ? 2 : 4;
    else if (!(type = parseType(word.text)))
      return fail(word.place, "'." + word.text + "' is no type");
  }
  if (!type)
    return failHere("expected a type");
  do {
    StringRef name;
    Place place = token.place;
    if (!expectName(name, "the name of a register"))
      return false;
    uint64_t count = 1;
    bool isRange = takeSign("<");
    if (isRange && (!expectUnsigned(count, "a number of registers", Limits::registers) ||
                    !expectSign(">", "the number of registers")))
      return false;
    if (isRange && width != 1)
      return fail(place, "ranges of vector registers are not supported");
    unsigned first = function->registers.size();
    if (first + count * width > Limits::registers)
      return fail(place, "a function of more than " + llvm::Twine(Limits::registers) + " registers");
    Symbol symbol{isRange ? Symbol::Kind::Registers : Symbol::Kind::Register, first,
                  static_cast<unsigned>(count * width), width > 1};
    if (!declare(name, symbol, place))
      return false;
    for (unsigned i = 0; i != count; ++i)
      for (unsigned part = 0; part != width; ++part)
        function->registers.push_back(
            Register{name, isRange ? i : int64_t(-1), *type, width > 1 ? static_cast<int>(part) : -1});
  } while (takeSign(","));
  return expectSign(";", "the registers");
}
