//===- ParseInstructions.cpp - PTX instructions and operands ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions as sections 4.3.2 and 6.4 of the manual write them. Which operands an opcode takes is checked where it
// is given a meaning.

#include "Parser.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;

/// The predefined registers (section 10).
static bool isSpecialRegister(StringRef name) {
  static constexpr llvm::StringLiteral names[] = {"%tid",
                                                  "%ntid",
                                                  "%laneid",
                                                  "%warpid",
                                                  "%nwarpid",
                                                  "%ctaid",
                                                  "%nctaid",
                                                  "%smid",
                                                  "%nsmid",
                                                  "%gridid",
                                                  "%is_explicit_cluster",
                                                  "%clusterid",
                                                  "%nclusterid",
                                                  "%cluster_ctaid",
                                                  "%cluster_nctaid",
                                                  "%cluster_ctarank",
                                                  "%cluster_nctarank",
                                                  "%lanemask_eq",
                                                  "%lanemask_le",
                                                  "%lanemask_lt",
                                                  "%lanemask_ge",
                                                  "%lanemask_gt",
                                                  "%clock",
                                                  "%clock_hi",
                                                  "%clock64",
                                                  "%globaltimer",
                                                  "%globaltimer_lo",
                                                  "%globaltimer_hi",
                                                  "%total_smem_size",
                                                  "%aggr_smem_size",
                                                  "%dynamic_smem_size",
                                                  "%current_graph_exec"};
  return llvm::is_contained(names, name) || name.starts_with("%pm") || name.starts_with("%envreg") ||
         name.starts_with("%reserved_smem_offset");
}

bool Parser::parseInstruction() {
  Instruction instruction;
  instruction.place = token.place;
  instruction.source = source;
  if (takeSign("@")) {
    instruction.isGuardNegated = takeSign("!");
    Place place = token.place;
    StringRef name;
    unsigned index;
    if (!expectName(name, "a predicate"))
      return false;
    const Symbol *symbol = lookup(name);
    if (symbol && symbol->kind == Symbol::Kind::Register && !symbol->isVector)
      index = symbol->index;
    else if (!lookupRegister(name, index))
      return fail(place, "predicate '" + name + "' is not declared");
    if (function->registers[index].type != Type::Pred)
      return fail(place, "'" + name + "' is no predicate");
    instruction.guard = index;
    instruction.place = token.place;
  }
  if (!expectName(instruction.opcode, "an instruction"))
    return false;
  while (token.kind == Token::Kind::Dotted)
    instruction.modifiers.push_back(take().text);
  // Labels are found by the number of their instruction.
  unsigned index = function->instructions.size();
  function->instructions.push_back(std::move(instruction));
  llvm::SmallVectorImpl<Operand> &operands = function->instructions[index].operands;
  auto giveUp = [&] {
    // Nothing may refer to an instruction that is not there.
    function->instructions.pop_back();
    llvm::erase_if(scopes.back().pending,
                   [&](const PendingLabel &pending) { return !pending.inTable && pending.owner == index; });
    return false;
  };
  if (!token.isSign(";") && !token.isSign("}"))
    do {
      operands.emplace_back();
      if (!parseOperand(operands.back(), 0))
        return giveUp();
    } while (takeSign(","));
  if (!expectSign(";", "the instruction"))
    return giveUp();
  moveFirst(index);
  return true;
}

/// What some instructions take as an operand in assemblers, beside registers and numbers, is moved to a register of its
/// own before: a special register by `cvt`, a variable whose address `cvta` makes generic, a number as a vote.
void Parser::moveFirst(unsigned index) {
  Instruction &instruction = function->instructions[index];
  if (instruction.operands.size() < 2 || instruction.modifiers.empty() ||
      llvm::any_of(scopes.back().pending,
                   [&](const PendingLabel &pending) { return !pending.inTable && pending.owner == index; }))
    return;
  Operand &operand = instruction.operands[1];
  bool isWide = instruction.modifiers.back().ends_with("64");
  Register moved;
  StringRef type;
  if (instruction.opcode == "cvt" && operand.kind == Operand::Kind::Special) {
    moved.name = operand.special.name;
    moved.type = isWide ? Type::B64 : Type::B32;
    type = isWide ? "b64" : "b32";
  } else if (instruction.opcode == "cvta" && operand.kind == Operand::Kind::Variable && isWide) {
    moved.name = "the address of a variable";
    moved.type = Type::B64;
    type = "b64";
  } else if (instruction.opcode == "vote" && operand.kind == Operand::Kind::Integer) {
    moved.name = "the vote";
    moved.type = Type::Pred;
    type = "pred";
  } else {
    return;
  }
  Instruction move;
  move.opcode = "mov";
  move.modifiers.push_back(type);
  move.place = instruction.place;
  move.source = instruction.source;
  Operand &result = move.operands.emplace_back();
  result.kind = Operand::Kind::Register;
  result.place = operand.place;
  result.index = function->registers.size();
  function->registers.push_back(std::move(moved));
  std::swap(operand, move.operands.emplace_back(result));
  function->instructions.insert(function->instructions.begin() + index, std::move(move));
}

/// An operand, or two as `%p|%q`.
bool Parser::parseOperand(Operand &operand, unsigned depth) {
  if (!parsePlainOperand(operand, depth))
    return false;
  if (!token.isSign("|"))
    return true;
  if (operand.kind == Operand::Kind::Label)
    return fail(operand.place, "a label stands alone");
  Operand pair;
  pair.kind = Operand::Kind::Pair;
  pair.place = operand.place;
  pair.parts.push_back(std::move(operand));
  while (takeSign("|"))
    if (pair.parts.emplace_back(); !parsePlainOperand(pair.parts.back(), depth + 1))
      return false;
  operand = std::move(pair);
  return true;
}

bool Parser::parseList(Operand &operand, StringRef end, unsigned depth) {
  take();
  if (takeSign(end))
    return true;
  do {
    operand.parts.emplace_back();
    if (!parseOperand(operand.parts.back(), depth + 1))
      return false;
  } while (takeSign(","));
  return expectSign(end, "the operands");
}

bool Parser::parsePlainOperand(Operand &operand, unsigned depth) {
  if (depth > 8)
    return failHere("this operand is nested too deep");
  operand.place = token.place;
  if (token.isSign("{")) {
    operand.kind = Operand::Kind::Vector;
    return parseList(operand, "}", depth);
  }
  if (token.isSign("["))
    return parseAddress(operand, depth);
  if (token.isSign("(") && function->instructions.back().opcode == "call") {
    operand.kind = Operand::Kind::List;
    return parseList(operand, ")", depth);
  }
  if ((token.isSign("!") || token.isSign("-")) && peek().kind == Token::Kind::Name && peek().text != "WARP_SZ") {
    take();
    operand.isNegated = true;
    return parseNameOperand(operand);
  }
  if (token.kind == Token::Kind::Name && token.text != "WARP_SZ")
    return parseNameOperand(operand);
  Constant value;
  if (!parseConstant(value))
    return false;
  operand.kind = !value.isFloat   ? Operand::Kind::Integer
                 : value.isSingle ? Operand::Kind::Float32
                                  : Operand::Kind::Float64;
  operand.value = value.bits;
  return true;
}

/// `+8`, `-8` or, as compilers write it, `+-8`, if it is there.
bool Parser::parseOffset(uint64_t &value) {
  if (!token.isSign("+") && !token.isSign("-"))
    return true;
  bool isMinus = take().isSign("-");
  Constant offset;
  if (!parseConstant(offset))
    return false;
  value = isMinus ? -offset.bits : offset.bits;
  return true;
}

/// The parts of a register that a video instruction selects: `.h1`, `.b3210`.
void Parser::takeSelector(Operand &operand) {
  if (token.kind != Token::Kind::Dotted)
    return;
  StringRef digits = token.text;
  if ((digits.consume_front("b") || digits.consume_front("h")) && !digits.empty() &&
      digits.find_first_not_of("01234567") == StringRef::npos)
    operand.selector = take().text;
}

/// A register, a special register, the address of a variable, a function, or a label.
bool Parser::parseNameOperand(Operand &operand) {
  Token name = take();
  auto component = [&](int &part) {
    static constexpr llvm::StringLiteral names[] = {"x", "y", "z", "w", "r", "g", "b", "a"};
    const auto *found = token.kind == Token::Kind::Dotted ? llvm::find(names, token.text) : std::end(names);
    part = found == std::end(names) ? -1 : (found - names) % 4;
    if (part >= 0)
      take();
  };
  if (name.text == "_") {
    operand.kind = Operand::Kind::Sink;
    return true;
  }
  if (const Symbol *symbol = lookup(name.text)) {
    operand.index = symbol->index;
    if (symbol->kind == Symbol::Kind::Variable) {
      operand.kind = Operand::Kind::Variable;
      operand.isOfFunction = true;
    } else if (symbol->isVector) {
      int part;
      component(part);
      if (part >= static_cast<int>(symbol->count))
        return fail(name.place, "'" + name.text + "' has " + llvm::Twine(symbol->count) + " parts");
      operand.kind = Operand::Kind::Register;
      if (part >= 0) {
        operand.index += part;
        return true;
      }
      // The whole vector is its parts.
      operand.kind = Operand::Kind::Vector;
      for (unsigned i = 0; i != symbol->count; ++i) {
        Operand &element = operand.parts.emplace_back();
        element.kind = Operand::Kind::Register;
        element.index = symbol->index + i;
        element.place = name.place;
      }
      return true;
    } else {
      operand.kind = Operand::Kind::Register;
      takeSelector(operand);
      return true;
    }
  } else if (lookupRegister(name.text, operand.index)) {
    operand.kind = Operand::Kind::Register;
    takeSelector(operand);
    return true;
  } else if (auto found = variableOf.find(name.text); found != variableOf.end()) {
    operand.kind = Operand::Kind::Variable;
    operand.index = found->second;
  } else if (auto found = functionOf.find(name.text); found != functionOf.end()) {
    operand.kind = Operand::Kind::Function;
    operand.index = found->second;
    return true;
  } else if (isSpecialRegister(name.text)) {
    operand.kind = Operand::Kind::Special;
    operand.special.name = name.text;
    int part;
    component(part);
    operand.special.component = part < 0 ? 0 : "xyzw"[part];
    return true;
  } else if (name.text.starts_with("%")) {
    return fail(name.place, "'" + name.text + "' is neither a declared nor a predefined register");
  } else {
    // A label further down, if the operand stands at the top; elsewhere there are none.
    Instruction &instruction = function->instructions.back();
    if (instruction.operands.empty() || &instruction.operands.back() != &operand)
      return fail(name.place, "'" + name.text + "' is not declared");
    operand.kind = Operand::Kind::Label;
    scopes.back().pending.push_back({name.text, name.place, false,
                                     static_cast<unsigned>(function->instructions.size() - 1),
                                     static_cast<unsigned>(instruction.operands.size() - 1)});
    return true;
  }
  // The address of a variable, and perhaps an offset.
  if (!parseOffset(operand.value))
    return false;
  return true;
}

/// `[%rd1+8]`, `[x]`, `[%rd2, {%r1, %r2}]`.
bool Parser::parseAddress(Operand &operand, unsigned depth) {
  operand.kind = Operand::Kind::Address;
  take();
  Operand &base = operand.parts.emplace_back();
  if (!parsePlainOperand(base, depth + 1))
    return false;
  if (base.kind == Operand::Kind::Label || base.kind == Operand::Kind::Vector || base.kind == Operand::Kind::Address)
    return fail(base.place, "an address is a register, a variable or a number");
  if (!parseOffset(operand.value))
    return false;
  if (base.kind == Operand::Kind::Variable) {
    operand.value += base.value;
    base.value = 0;
  }
  while (takeSign(",")) {
    operand.parts.emplace_back();
    if (!parseOperand(operand.parts.back(), depth + 1))
      return false;
  }
  return expectSign("]", "the address");
}
