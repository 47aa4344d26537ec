//===- VerifyOrder.cpp - report accesses that no order connects -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the VerifyOrder pass: it says in the source's terms what analysis::findRaces has found.

#include "tilec/Transforms/Passes.h"

#include "tilec/Analysis/Races.h"

#include <set>

namespace tilec {
#define GEN_PASS_DEF_VERIFYORDER
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;

/// In kernels with more accesses, all pairs of them would take seconds.
static constexpr size_t kMostAccesses = 500;

/// What the two accesses are to each other.
static std::string spellPair(const Race &race) {
  std::string first = describe(race.first), second = describe(race.second);
  switch (race.kind) {
  case Race::Kind::Lanes:
    return first + " touches an element twice";
  case Race::Kind::Iteration:
    return "no token orders " + first + " and " + second;
  case Race::Kind::Carried:
    return "no token orders " + first + " and " + second + " in a later iteration of " + loopName(race.loop);
  case Race::Kind::Iterations:
    if (race.first == race.second)
      return first + " runs in every iteration of the grid, and they have no order";
    return first + " and " + second + " in another iteration of the grid have no order";
  case Race::Kind::Grids:
    return "no token orders " + first + " and " + second + " of another grid";
  }
  llvm_unreachable("all kinds have words");
}

/// What makes it one.
static std::string spellReason(const Race &race, Conflicts &conflicts) {
  if (race.hasNarrowScope)
    return "both are atomic, but scope 'block' does not include the other iteration";
  if (race.maySynchronise)
    return "whether a release and an acquire order them is not known";
  if (race.kind == Race::Kind::Lanes && race.certainty == Race::Certainty::Certain)
    return "an index is repeated";
  Relation relation = Relation::same();
  if (race.kind == Race::Kind::Iterations)
    relation = Relation::across(cast<tile::GridOp>(race.loop));
  else if (race.loop && isSequentialLoop(race.loop))
    relation = Relation::carriedBy(race.loop);
  return conflicts.explain(race.first, race.second, relation);
}

static StringRef spellCertainty(const Race &race) {
  switch (race.certainty) {
  case Race::Certainty::Possible:
    return "possible race: ";
  case Race::Certainty::IfBothRun:
    return race.loop ? "race from the second iteration on: " : "race where both run: ";
  case Race::Certainty::Certain:
    return "race: ";
  }
  llvm_unreachable("all certainties have words");
}

/// What helps most often.
static StringRef spellFix(const Race &race) {
  if (race.hasNarrowScope)
    return "say scope=device";
  switch (race.kind) {
  case Race::Kind::Lanes:
    return "atomics may meet in one element";
  case Race::Kind::Iteration:
    return "let the later one come 'after=' the token of the earlier one; without 'after=' it keeps the order of the "
           "text";
  case Race::Kind::Carried:
    return "carry the token around the loop in a 'var', and come 'after=' it; without 'after=' an access does so";
  case Race::Kind::Iterations:
    return "iterations of a grid run in any order: give each one elements of its own, use an atomic, or use a loop "
           "inside "
           "the grid";
  case Race::Kind::Grids:
    return "let the accesses of the later grid come after its entry token, and the grid after the earlier one";
  }
  llvm_unreachable("all kinds have a fix");
}

namespace {
struct VerifyOrder : tilec::impl::VerifyOrderBase<VerifyOrder> {
  using VerifyOrderBase::VerifyOrderBase;

  void runOnOperation() override {
    Conflicts conflicts(getOperation());
    if (conflicts.accesses().size() > kMostAccesses) {
      if (remarks)
        getOperation().emitRemark("this kernel has too many accesses to look for races in all pairs of them");
      return markAllAnalysesPreserved();
    }
    bool anyFailed = false;
    // One mistake leaves many accesses of an array without order: the first pair tells, unless all are asked for.
    std::set<std::tuple<const void *, Race::Kind, Operation *>> reported;
    for (const Race &race : findRaces(getOperation(), conflicts)) {
      std::optional<DiagnosticSeverity> severity = severityOf(race.certainty);
      const void *array = Value(race.second.getArray()).getAsOpaquePointer();
      if (!severity || (!reported.insert({array, race.kind, race.loop}).second && !remarks))
        continue;
      anyFailed |= *severity == DiagnosticSeverity::Error;
      InFlightDiagnostic report = emitAt(race.second.getLoc(), *severity);
      report << spellCertainty(race) << spellPair(race) << "; " << spellReason(race, conflicts);
      if (!(race.first == race.second))
        report.attachNote(race.first.getLoc()) << describe(race.first) << " is here";
      if (!race.maySynchronise)
        report.attachNote(race.second.getLoc()) << spellFix(race);
    }
    if (anyFailed)
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

  /// Nothing for what is not reported.
  std::optional<DiagnosticSeverity> severityOf(Race::Certainty certainty) const {
    switch (certainty) {
    case Race::Certainty::Certain:
      return DiagnosticSeverity::Error;
    case Race::Certainty::IfBothRun:
      return warnings ? std::optional(DiagnosticSeverity::Warning) : std::nullopt;
    case Race::Certainty::Possible:
      return remarks ? std::optional(DiagnosticSeverity::Remark) : std::nullopt;
    }
    llvm_unreachable("all certainties have a severity");
  }

  static InFlightDiagnostic emitAt(Location place, DiagnosticSeverity severity) {
    if (severity == DiagnosticSeverity::Error)
      return emitError(place);
    return severity == DiagnosticSeverity::Warning ? emitWarning(place) : emitRemark(place);
  }
};
} // namespace
