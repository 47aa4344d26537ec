//===- Questions.h - What a compiler asks, over text ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The questions of Access.h, Conversion.h and SwizzleSearch.h by their names,
/// from text to text, as Operations.h has the algebra. An answer is a layout and
/// some named facts.
///
/// Where a question asks about threads, they are a distributed layout, and the
/// memory is a layout from the tile's coordinates to offsets in elements. Without
/// threads the memory is itself a map from (register, lane, warp) to offsets; one
/// of a single mode is a map from the lanes alone.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_QUESTIONS_H
#define TILEC_LAYOUT_QUESTIONS_H

#include "tilec/Layout/Access.h"
#include "tilec/Layout/Operations.h"

#include <variant>

namespace tilec::layout {

/// How the memory is accessed.
struct AccessSetting {
  int64_t elementBytes = 4;
  AccessKind kind = AccessKind::Read;
  /// Not owned; one of the models in HardwarePTX.h and HardwareAMDGPU.h.
  const BankModel *banks = nullptr;
};

/// A number, a truth value, a text, or a list.
using FactValue = std::variant<int64_t, bool, std::string, std::vector<int64_t>>;

/// 4, true, within a warp, 0 2 1 3
std::string print(const FactValue &value);

/// What a question is answered with.
struct Answer {
  /// The resulting layout, or "none: " and the reason why no layout is this map.
  std::string layout;
  std::vector<std::pair<std::string, FactValue>> facts;
};

/// A question over text.
struct Question {
  std::string_view name;
  /// The operands, for people.
  std::string_view operands;
  size_t minOperands, maxOperands;
  /// One phrase.
  std::string_view summary;
  Result<Answer> (*ask)(const Operands &operands, const AccessSetting &setting);
};

/// All questions.
///
///   convert FROM TO                 the layout R with FROM(R(i)) = TO(i): where in the old distribution (as register +
///                                   numRegisters * thread) each value of the new one is; and what moves it there
///   bank-conflicts MEMORY [THREADS] the layout from (register, lane, warp) to offsets, and its wavefronts
///   sectors MEMORY [THREADS]        the same layout, and the sectors of global memory that its vectors touch
///   vector-width MEMORY [THREADS]   the same layout, and the elements that one instruction can take
///   find-swizzle MEMORY WRITE READ...  the memory with the best swizzle, and its wavefronts
const std::vector<Question> &questions();

/// The question of this name, or nothing.
const Question *findQuestion(std::string_view name);

/// Asks the question of this name; fails for an unknown name, a wrong number of operands, and as the question does.
Result<Answer> askQuestion(std::string_view name, const Operands &operands, const AccessSetting &setting);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_QUESTIONS_H
