//===- Syntax.h - a PTX module as it was written ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the parser makes of PTX text: declarations, and functions as flat lists of instructions in which every name is
/// resolved to a register, a variable, a label or a function. What an opcode means is not known here; its words are
/// kept as they stand. Section numbers are those of the PTX ISA manual, version 9.0.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_SIM_PTX_SYNTAX_H
#define TILEC_SIM_PTX_SYNTAX_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tilec::sim::ptx {

/// A place in the PTX text; both count from 1.
struct Place {
  unsigned line = 0, column = 0;
};

/// State spaces that variables live in (section 5.1).
enum class Space : uint8_t { Const, Global, Local, Param, Shared };

/// The type of a register or of a variable's elements (section 5.2). Which instruction may use it how is the
/// instruction's business.
enum class Type : uint8_t {
  Pred,
  B8,
  B16,
  B32,
  B64,
  B128,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  F16,
  F16x2,
  F32,
  F64,
  BF16,
  BF16x2,
  TF32,
  U16x2,
  S16x2,
  E4M3x2,
  E5M2x2,
  E2M3x2,
  E3M2x2,
  E2M1x2,
  UE8M0x2,
};

/// The bits that a value of `type` takes; a predicate takes 1.
unsigned bitWidth(Type type);
/// The type named by `.b32` and so on, without the dot.
std::optional<Type> parseType(llvm::StringRef name);
/// The name, without a dot.
llvm::StringRef typeName(Type type);

/// Who can see a symbol (section 11.6).
enum class Linkage : uint8_t { Internal, Extern, Visible, Weak, Common };

/// One element of an initialiser: bits, or the address of a symbol.
struct InitElement {
  /// The bits of the element's type, or what is added to the address.
  uint64_t bits = 0;
  /// The variable or function whose address it is; empty for plain bits.
  llvm::StringRef symbol;
  /// Whether the address is a generic one, as `generic(x)` says.
  bool isGeneric = false;
  /// `mask(address)`: which byte of the address the element is (section 5.4.5); -1 for all of it.
  int maskedByte = -1;
  Place place;
};

/// A variable of the module or of a function; also a parameter.
struct Variable {
  llvm::StringRef name;
  Space space = Space::Global;
  Type type = Type::B8;
  Linkage linkage = Linkage::Internal;
  /// 1, or the 2 or 4 of a vector type.
  unsigned vectorWidth = 1;
  /// In bytes, a power of two; the type's natural one where none was given.
  unsigned alignment = 1;
  /// Bytes that it takes; 0 for `.extern .shared x[]`, whose size a launch gives.
  uint64_t size = 0;
  /// Whether it was declared as an array, of whatever size.
  bool isArray = false;
  bool isUnsized = false;
  /// Element by element, vectors flattened; what is missing is 0.
  std::vector<InitElement> initialiser;
  Place place;
};

/// A register of a function; vectors are as many registers, one behind the other.
struct Register {
  /// Without the number where it was declared as `%r<9>`; see `number`.
  llvm::StringRef name;
  /// Its number in such a range; -1 without one.
  int64_t number = -1;
  Type type = Type::B32;
  /// `%r7`, or `v.y` for a part of a vector.
  std::string spelling() const;
  /// Which part of a vector; -1 for a register that is none.
  int component = -1;
};

/// A predefined register such as `%tid.x` (section 10): its name with the percent sign, and its component.
struct SpecialRegister {
  llvm::StringRef name;
  /// `x`, `y`, `z`, `w`, or 0 for a scalar one.
  char component = 0;
};

/// What an instruction works on.
struct Operand {
  enum class Kind : uint8_t {
    /// `index` names a register of the function; `isNegated` for `!%p`, and for `-%r` of `vmad`; `selector` is the
    /// `b310` of `%r.b310`.
    Register,
    Special,
    /// `value` is an integer.
    Integer,
    /// `value` has the bits of an f32 (`0f...`) or of an f64 (`0d...`, `1.5`).
    Float32,
    Float64,
    /// `_`: a result that nobody wants.
    Sink,
    /// `{a, b}`: `parts`.
    Vector,
    /// `a|b`: two results, `parts`.
    Pair,
    /// `(a, b)`: `parts`, arguments or results of a call.
    List,
    /// `[a+8]`: `parts[0]` is a register, an integer or a variable, `value` is added to it; what follows a comma in the
    /// brackets is in the rest of `parts`.
    Address,
    /// The address of a variable, plus `value`: `index` counts in the function's variables where `isOfFunction`, else
    /// in
    /// the module's.
    Variable,
    /// A function of the module, by `index`.
    Function,
    /// An instruction of the function, by `index`; labels of tables are of kind Table.
    Label,
    /// `.branchtargets`, `.calltargets` or `.callprototype` of the function, by `index`.
    Table,
    /// A word that is no name: a qualifier that stands among the operands.
    Word,
  };
  Kind kind = Kind::Integer;
  bool isNegated = false;
  bool isOfFunction = false;
  unsigned index = 0;
  uint64_t value = 0;
  /// Parts of a register that a video instruction works on; empty without.
  llvm::StringRef selector;
  SpecialRegister special;
  llvm::StringRef word;
  std::vector<Operand> parts;
  Place place;
};

/// A line of the program that PTX was compiled from (`.loc`, section 11.5).
struct SourceLine {
  /// The number that `.file` gives a name to; line 0 is no place.
  unsigned file = 0, line = 0, column = 0;
  /// Where the code was inlined: an index into Module::callers; -1 where it stands in the function itself.
  int caller = -1;
  auto operator<=>(const SourceLine &) const = default;
};

/// One instruction.
struct Instruction {
  /// `mad` of `mad.lo.s32`, and the words behind it, without dots.
  llvm::StringRef opcode;
  llvm::SmallVector<llvm::StringRef, 4> modifiers;
  llvm::SmallVector<Operand, 4> operands;
  /// The register of `@%p`; -1 without a guard.
  int guard = -1;
  bool isGuardNegated = false;
  SourceLine source;
  Place place;

  /// Opcode and modifiers as they stand in the text.
  std::string spelling() const;
};

/// A function's interface: of `.func` and `.entry`, and of `.callprototype`.
struct Signature {
  std::vector<Variable> results, params;
  bool isNoReturn = false;
};

/// A table that a label names: targets of `brx.idx` or of an indirect call, or the interface of one.
struct Table {
  enum class Kind : uint8_t { Branches, Calls, Prototype };
  Kind kind = Kind::Branches;
  llvm::StringRef name;
  /// Instructions of the function (branches) or functions of the module (calls).
  std::vector<unsigned> targets;
  Signature prototype;
  Place place;
};

/// A kernel or a function. One that is only declared has no body.
struct Function {
  llvm::StringRef name;
  bool isEntry = false, hasBody = false;
  Linkage linkage = Linkage::Internal;
  Signature signature;
  std::vector<Register> registers;
  /// Variables of the body: local, shared, param, const and global ones. Parameters are not among them.
  std::vector<Variable> variables;
  std::vector<Instruction> instructions;
  std::vector<Table> tables;
  /// Threads of a block that `.reqntid` or `.maxntid` gives; 0 where it gives none.
  unsigned requiredThreads[3] = {0, 0, 0}, maxThreads[3] = {0, 0, 0};
  /// `.maxnreg`, and `.reqnctapercluster`; 0 where not given.
  unsigned maxRegisters = 0;
  unsigned requiredCluster[3] = {0, 0, 0};
  Place place;

  /// The parameter or result that an operand of kind Variable means: those that are not in `variables`.
  static constexpr unsigned kParamBase = 1u << 30, kResultBase = 1u << 31;
  const Variable &variable(unsigned index) const {
    if (index >= kResultBase)
      return signature.results[index - kResultBase];
    return index >= kParamBase ? signature.params[index - kParamBase] : variables[index];
  }
};

/// One PTX file. The names in it are parts of its text, which it owns.
struct Module {
  std::string name;
  std::unique_ptr<std::string> text;
  /// `.version`, and `.target` as `80` with what follows the number (`a`, `f`).
  unsigned versionMajor = 0, versionMinor = 0;
  unsigned architecture = 0;
  std::string architectureSuffix;
  /// Names of source files by the number of their `.file`.
  std::map<unsigned, std::string> files;
  /// Places of calls that were inlined. A caller's own caller stands before it.
  std::vector<SourceLine> callers;
  std::vector<Variable> variables;
  std::vector<Function> functions;

  /// The function of a name; null where there is none.
  const Function *findFunction(llvm::StringRef name) const;
};

/// Most registers of one function, bytes of one variable and levels of nesting that the parser accepts.
struct Limits {
  static constexpr unsigned registers = 1u << 20;
  static constexpr uint64_t bytes = uint64_t(1) << 40;
  static constexpr unsigned nesting = 200;
  static constexpr unsigned errors = 20;
};

/// Parses PTX ISA 6.0 to 9.0. `name` is what errors call the file. On failure the error's text has a line
/// `name:line:column: error: ...` for each of the first mistakes.
llvm::Expected<std::unique_ptr<Module>> parse(llvm::StringRef name, llvm::StringRef text);

} // namespace tilec::sim::ptx

#endif // TILEC_SIM_PTX_SYNTAX_H
