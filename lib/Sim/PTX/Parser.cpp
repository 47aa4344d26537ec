//===- Parser.cpp - PTX text to a module ------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tokens, errors, and what stands at the level of a module: sections 11.1 to 11.4 and 11.7 of the manual.

#include "Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// tokens
//===----------------------------------------------------------------------===//

/// Goes on to the next token; returns the one before it.
Token Parser::take() {
  Token taken = token;
  token = hasLookahead ? lookahead : lexer.next();
  hasLookahead = false;
  return taken;
}

const Token &Parser::peek() {
  if (!hasLookahead)
    lookahead = lexer.next();
  hasLookahead = true;
  return lookahead;
}

bool Parser::takeSign(StringRef sign) { return token.isSign(sign) ? (take(), true) : false; }
bool Parser::takeDotted(StringRef word) { return token.isDotted(word) ? (take(), true) : false; }

bool Parser::expectSign(StringRef sign, const Twine &after) {
  return takeSign(sign) || failHere("expected '" + sign + "' after " + after);
}

bool Parser::expectName(StringRef &name, const Twine &what) {
  if (token.kind != Token::Kind::Name)
    return failHere("expected " + what);
  name = take().text;
  return true;
}

bool Parser::expectUnsigned(uint64_t &value, const Twine &what, uint64_t most) {
  if (token.kind != Token::Kind::Integer || token.bits > most)
    return failHere("expected " + what);
  value = take().bits;
  return true;
}

bool Parser::fail(Place place, const Twine &message) {
  if (errors.size() < Limits::errors)
    errors.push_back((module.name + ":" + Twine(place.line) + ":" + Twine(place.column) + ": error: " + message).str());
  return false;
}

bool Parser::failHere(const Twine &message) {
  if (token.kind == Token::Kind::End)
    return fail(token.place, message + ", and the text ends here");
  StringRef text = token.text.take_until([](char c) { return c == '\n'; }).take_front(40);
  StringRef dot = token.kind == Token::Kind::Dotted ? "." : "";
  return fail(token.place, message + ", and this is '" + dot + text + "'");
}

/// Goes to what may be the next statement: behind a `;`, or before a brace.
void Parser::skipStatement() {
  while (token.kind != Token::Kind::End && !token.isSign("}") && !token.isSign("{"))
    if (take().isSign(";"))
      return;
}

/// Goes behind the `}` that belongs to the current `{`.
bool Parser::skipBraces() {
  unsigned depth = 0;
  do {
    if (token.kind == Token::Kind::End)
      return failHere("expected '}'");
    depth += token.isSign("{");
    depth -= token.isSign("}");
    take();
  } while (depth);
  return true;
}

//===----------------------------------------------------------------------===//
// the module
//===----------------------------------------------------------------------===//

void Parser::parseModule() {
  if (!parseVersion() || !parseTarget())
    return;
  while (token.kind != Token::Kind::End && errors.size() < Limits::errors) {
    if (parseModuleItem())
      continue;
    skipStatement();
    if (token.isSign("{"))
      skipBraces();
    else if (token.isSign("}"))
      take();
  }
  if (errors.empty())
    checkSymbols();
}

bool Parser::parseVersion() {
  if (!takeDotted("version"))
    return failHere("a PTX module starts with '.version'");
  auto [major, minor] = token.text.split('.');
  if (token.kind != Token::Kind::Float64 || major.getAsInteger(10, module.versionMajor) ||
      minor.getAsInteger(10, module.versionMinor))
    return failHere("expected a version such as 8.0");
  if (module.versionMajor < 6 || module.versionMajor > 9)
    return fail(token.place, "PTX ISA " + token.text + " is not supported; 6.0 to 9.x are");
  take();
  return true;
}

/// `.target sm_90a, debug` and `.address_size 64`.
bool Parser::parseTarget() {
  if (!takeDotted("target"))
    return failHere("expected '.target' after the version");
  do {
    StringRef name;
    Place place = token.place;
    if (!expectName(name, "the name of a target"))
      return false;
    if (name.consume_front("sm_")) {
      if (name.consumeInteger(10, module.architecture))
        return fail(place, "'sm_" + name + "' is no target");
      module.architectureSuffix = name.str();
    } else if (!llvm::is_contained({"debug", "map_f64_to_f32", "texmode_unified", "texmode_independent"}, name)) {
      return fail(place, "'" + name + "' is no target");
    }
  } while (takeSign(","));
  if (takeDotted("address_size") && !(token.kind == Token::Kind::Integer && token.bits == 64))
    return failHere("only modules with addresses of 64 bits are supported");
  if (token.kind == Token::Kind::Integer)
    take();
  return true;
}

/// `.file 1 "k.cu", 0, 0`.
bool Parser::parseFile() {
  uint64_t number;
  if (!expectUnsigned(number, "the number of a file"))
    return false;
  if (token.kind != Token::Kind::String)
    return failHere("expected the name of a file");
  module.files[number] = take().text.str();
  for (unsigned i = 0; i != 2 && takeSign(","); ++i) {
    uint64_t ignored;
    if (!expectUnsigned(ignored, "the time or size of a file", UINT64_MAX))
      return false;
  }
  return true;
}

/// `.alias f, g;`: another name for a function that is defined before.
bool Parser::parseAlias() {
  StringRef alias, aliasee;
  Place place = token.place;
  if (!expectName(alias, "the name of a function") || !expectSign(",", "the alias") ||
      !expectName(aliasee, "the name of a function"))
    return false;
  auto from = functionOf.find(alias), to = functionOf.find(aliasee);
  if (from == functionOf.end() || to == functionOf.end() || !module.functions[to->second].hasBody)
    return fail(place, "an alias needs a declared function and a defined one");
  from->second = to->second;
  // Calls that came before use the declaration's own index: it becomes the function itself.
  for (Function &function : module.functions)
    if (function.name == alias) {
      Function copy = module.functions[to->second];
      copy.name = alias;
      function = std::move(copy);
    }
  return expectSign(";", "the alias");
}

bool Parser::parseModuleItem() {
  if (takeSign(";"))
    return true;
  if (token.kind != Token::Kind::Dotted)
    return failHere("expected a directive");
  Linkage linkage = Linkage::Internal;
  while (true) {
    Token word = take();
    if (word.text == "extern")
      linkage = Linkage::Extern;
    else if (word.text == "visible")
      linkage = Linkage::Visible;
    else if (word.text == "weak")
      linkage = Linkage::Weak;
    else if (word.text == "common")
      linkage = Linkage::Common;
    else if (word.text == "entry" || word.text == "func") {
      Function function;
      function.isEntry = word.text == "entry";
      module.functions.push_back(std::move(function));
      return parseFunction(linkage);
    } else if (word.text == "global")
      return parseVariables(Space::Global, linkage, module.variables);
    else if (word.text == "const")
      return parseVariables(Space::Const, linkage, module.variables);
    else if (word.text == "shared" || word.text == "shared::cta")
      return parseVariables(Space::Shared, linkage, module.variables);
    else if (word.text == "file")
      return parseFile();
    else if (word.text == "alias")
      return parseAlias();
    else if (word.text == "section") {
      // Debug information in DWARF: line tables come from `.loc`.
      while (token.kind != Token::Kind::End && !token.isSign("{"))
        take();
      return skipBraces();
    } else if (word.text == "pragma") {
      if (token.kind != Token::Kind::String)
        return failHere("expected a string");
      take();
      return expectSign(";", "the pragma");
    } else if (llvm::is_contained({"tex", "texref", "samplerref", "surfref"}, word.text))
      return fail(word.place, "textures and surfaces ('." + word.text + "') are not supported");
    else
      return fail(word.place, "'." + word.text + "' is no directive of a module");
    if (token.kind != Token::Kind::Dotted)
      return failHere("expected a declaration");
  }
}

//===----------------------------------------------------------------------===//
// functions
//===----------------------------------------------------------------------===//

bool Parser::parseTriple(unsigned (&values)[3]) {
  values[0] = values[1] = values[2] = 1;
  unsigned n = 0;
  do {
    uint64_t value;
    if (!expectUnsigned(value, "a number of threads or blocks"))
      return false;
    values[n++] = value;
  } while (n != 3 && takeSign(","));
  return true;
}

/// What stands between a function's parameters and its body (section 11.4).
bool Parser::parseFunctionDirectives(Function &function) {
  uint64_t ignored;
  while (token.kind == Token::Kind::Dotted) {
    Token word = take();
    bool isGood = true;
    if (word.text == "maxntid")
      isGood = parseTriple(function.maxThreads);
    else if (word.text == "reqntid")
      isGood = parseTriple(function.requiredThreads);
    else if (word.text == "reqnctapercluster")
      isGood = parseTriple(function.requiredCluster);
    else if (word.text == "maxnreg") {
      if ((isGood = expectUnsigned(ignored, "a number of registers")))
        function.maxRegisters = ignored;
    } else if (llvm::is_contained(
                   {"minnctapersm", "maxnctapersm", "maxclusterrank", "abi_preserve", "abi_preserve_control"},
                   word.text))
      isGood = expectUnsigned(ignored, "a number");
    else if (word.text == "noreturn")
      function.signature.isNoReturn = true;
    else if (word.text == "pragma") {
      if (token.kind != Token::Kind::String)
        return failHere("expected a string");
      take();
      isGood = expectSign(";", "the pragma");
    } else if (!llvm::is_contained({"explicitcluster", "blocksareclusters"}, word.text))
      return fail(word.place, "'." + word.text + "' is no directive of a function");
    if (!isGood)
      return false;
  }
  return true;
}

/// After `.entry` or `.func`. The function was added to the module; a definition replaces its declaration.
bool Parser::parseFunction(Linkage linkage) {
  Function parsed = std::move(module.functions.back());
  module.functions.pop_back();
  parsed.linkage = linkage;
  while (takeDotted("attribute"))
    if (!expectSign("(", "'.attribute'") || !(take(), true) || !expectSign(")", "the attribute"))
      return false;
  while (takeDotted("noreturn"))
    parsed.signature.isNoReturn = true;
  if (!parsed.isEntry && token.isSign("(") && !parseParams(parsed.signature.results))
    return false;
  parsed.place = token.place;
  if (!expectName(parsed.name, "the name of a function"))
    return false;
  if (token.isSign("(") && !parseParams(parsed.signature.params))
    return false;
  if (!parseFunctionDirectives(parsed))
    return false;

  auto [known, isNew] = functionOf.try_emplace(parsed.name, module.functions.size());
  unsigned index = known->second;
  if (variableOf.contains(parsed.name) || (!isNew && (module.functions[index].hasBody && token.isSign("{"))))
    return fail(parsed.place, "'" + parsed.name + "' is defined twice");
  if (isNew)
    module.functions.push_back(std::move(parsed));
  else if (!module.functions[index].hasBody)
    module.functions[index] = std::move(parsed);
  if (takeSign(";"))
    return true;
  if (!token.isSign("{"))
    return failHere("expected the body of the function, or ';'");
  function = &module.functions[index];
  function->hasBody = true;
  bool isGood = parseBody();
  function = nullptr;
  return isGood;
}

/// Every name in an initialiser is of something.
void Parser::checkSymbols() {
  auto check = [&](const std::vector<Variable> &variables) {
    for (const Variable &variable : variables)
      for (const InitElement &element : variable.initialiser)
        if (!element.symbol.empty() && !functionOf.contains(element.symbol) && !variableOf.contains(element.symbol))
          fail(element.place, "'" + element.symbol + "' is not declared");
  };
  check(module.variables);
  for (const Function &function : module.functions)
    check(function.variables);
}

//===----------------------------------------------------------------------===//
// interface
//===----------------------------------------------------------------------===//

llvm::Expected<std::unique_ptr<Module>> tilec::sim::ptx::parse(StringRef name, StringRef text) {
  auto module = std::make_unique<Module>();
  module->name = name.str();
  module->text = std::make_unique<std::string>(text.str());
  // A trailing NUL, as drivers take it, ends the text.
  StringRef held = StringRef(*module->text).take_until([](char c) { return c == '\0'; });
  Parser parser(*module, held);
  parser.parseModule();
  std::vector<std::string> errors = parser.takeErrors();
  if (errors.empty())
    return module;
  return llvm::createStringError(llvm::inconvertibleErrorCode(), "%s", llvm::join(errors, "\n").c_str());
}

const Function *Module::findFunction(StringRef name) const {
  for (const Function &function : functions)
    if (function.name == name)
      return &function;
  return nullptr;
}

static constexpr struct {
  llvm::StringLiteral name;
  Type type;
  unsigned bits;
} kTypes[] = {{"pred", Type::Pred, 1},      {"b8", Type::B8, 8},           {"b16", Type::B16, 16},
              {"b32", Type::B32, 32},       {"b64", Type::B64, 64},        {"b128", Type::B128, 128},
              {"u8", Type::U8, 8},          {"u16", Type::U16, 16},        {"u32", Type::U32, 32},
              {"u64", Type::U64, 64},       {"s8", Type::S8, 8},           {"s16", Type::S16, 16},
              {"s32", Type::S32, 32},       {"s64", Type::S64, 64},        {"f16", Type::F16, 16},
              {"f16x2", Type::F16x2, 32},   {"f32", Type::F32, 32},        {"f64", Type::F64, 64},
              {"bf16", Type::BF16, 16},     {"bf16x2", Type::BF16x2, 32},  {"tf32", Type::TF32, 32},
              {"u16x2", Type::U16x2, 32},   {"s16x2", Type::S16x2, 32},    {"e4m3x2", Type::E4M3x2, 16},
              {"e5m2x2", Type::E5M2x2, 16}, {"e2m3x2", Type::E2M3x2, 16},  {"e3m2x2", Type::E3M2x2, 16},
              {"e2m1x2", Type::E2M1x2, 8},  {"ue8m0x2", Type::UE8M0x2, 16}};

unsigned tilec::sim::ptx::bitWidth(Type type) { return kTypes[static_cast<unsigned>(type)].bits; }
StringRef tilec::sim::ptx::typeName(Type type) { return kTypes[static_cast<unsigned>(type)].name; }

std::optional<Type> tilec::sim::ptx::parseType(StringRef name) {
  for (const auto &entry : kTypes)
    if (entry.name == name)
      return entry.type;
  return std::nullopt;
}

std::string Register::spelling() const {
  std::string text = name.str();
  if (number >= 0)
    text += std::to_string(number);
  if (component >= 0)
    text += std::string(".") + "xyzw"[component];
  return text;
}

std::string Instruction::spelling() const {
  std::string text = opcode.str();
  for (StringRef modifier : modifiers)
    text += "." + modifier.str();
  return text;
}
