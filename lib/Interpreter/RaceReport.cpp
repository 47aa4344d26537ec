//===- RaceReport.cpp - races in words ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Says which order is missing between two accesses, in the terms of the source.
//
//===----------------------------------------------------------------------===//
#include "Races.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

/// The name of a read-modify-write in the source, such as "atomic_max".
static std::string sourceName(tile::AtomicKind kind) {
  StringRef name = tile::stringifyAtomicKind(kind);
  if (kind != tile::AtomicKind::xchg && kind != tile::AtomicKind::ori)
    name = name.take_front(3);
  return "atomic_" + (kind == tile::AtomicKind::ori ? "or" : name).str();
}

/// "store", "relaxed load", "atomic_add".
static std::string nameOf(const AccessInfo &access) {
  std::string name = llvm::TypeSwitch<Operation *, std::string>(access.op)
                         .Case([](tile::LoadOp) { return "load"; })
                         .Case([](tile::StoreOp) { return "store"; })
                         .Case([](tile::AtomicRMWOp rmw) { return sourceName(rmw.getKind()); })
                         .Case([](tile::AtomicCASOp) { return "atomic_cas"; });
  return access.isWeak() ? name : tile::stringifyMemoryOrder(access.order).str() + " " + name;
}

/// " at k.tile:7:5", or nothing where the place is not known.
static std::string placeOf(Operation *op) {
  auto place = op->getLoc()->findInstanceOf<FileLineColLoc>();
  if (!place)
    return "";
  return (" at " + llvm::sys::path::filename(place.getFilename()) + ":" + Twine(place.getLine()) + ":" +
          Twine(place.getColumn()))
      .str();
}

/// "the release store at k.tile:7:5".
static std::string theAccess(const AccessInfo &access) { return "the " + nameOf(access) + placeOf(access.op); }

/// "iteration (0, 1)"; a grid without dims has but one iteration.
static std::string iterationName(const IterationInfo &iteration) {
  if (iteration.index.empty())
    return "the iteration";
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "iteration (";
  llvm::interleaveComma(iteration.index, stream);
  stream << ')';
  return text;
}

/// What an atomic lacks that could have given the order.
static std::string missingOrder(const RaceDetector &races, const Race &race) {
  const AtomicRead *read = races.findAtomicRead(race.earlier, race.later);
  if (!read)
    return "";
  const AccessInfo &reader = races.getAccess(read->reader), &writer = races.getAccess(read->writer);
  std::string reads = "; " + theAccess(reader) + " reads what " + theAccess(writer) + " wrote, ";
  switch (read->result) {
  case AtomicRead::Result::NoAcquire:
    return reads + "but it is no acquire";
  case AtomicRead::Result::NoRelease:
    return reads + "but that is no release";
  case AtomicRead::Result::NarrowScope:
    return reads + "but a scope of block includes no other iteration";
  case AtomicRead::Result::Order:
    break;
  }
  const AccessInfo &earlier = races.getAccess(race.earlier), &later = races.getAccess(race.later);
  if (earlier.access == writer.access)
    return reads + "which orders the element that was read, and no other";
  if (!read->released.covers(earlier.stamp))
    return reads + "but no token path leads from the " + nameOf(earlier) + " to that release";
  return reads + "but no token path leads from that acquire to this " + nameOf(later);
}

/// What the two accesses are to each other.
static std::string relation(const RaceDetector &races, const Race &race) {
  const AccessInfo &earlier = races.getAccess(race.earlier), &later = races.getAccess(race.later);
  const IterationInfo &first = races.getIteration(earlier.iteration), &second = races.getIteration(later.iteration);
  if (earlier.iteration == later.iteration)
    return " in the same iteration";
  std::string text = " in " + iterationName(first);
  bool isAtomic = !earlier.isWeak() && !later.isWeak();
  if (first.gridNumber != second.gridNumber)
    text += first.grid == second.grid ? " of another run of this grid" : " of another grid";
  if (isAtomic)
    return text + "; a scope of block includes no other iteration";
  std::string missing = missingOrder(races, race);
  if (missing.empty() && first.gridNumber == second.gridNumber)
    return text + "; iterations of one grid have no order";
  return text + missing;
}

RaceReport tilec::interpreter::describeRace(const RaceDetector &races, const Race &race) {
  const AccessInfo &earlier = races.getAccess(race.earlier), &later = races.getAccess(race.later);
  std::string of = isa<tile::LoadOp>(later.op) ? " of " : " to ";
  std::string where = " in " + iterationName(races.getIteration(later.iteration));
  if (race.earlier == race.later)
    return {"race: this " + nameOf(later) + " writes " + race.element + " more than once" + where +
                "; the elements of one store have no order",
            ""};
  // Arrays that share memory.
  std::string by = earlier.array == later.array ? "" : " through '" + earlier.array->name().str() + "'";
  return {"race: this " + nameOf(later) + of + race.element + where + " has no token path from " + theAccess(earlier) +
              by + relation(races, race),
          "the " + nameOf(earlier) + by + " in " + iterationName(races.getIteration(earlier.iteration)) + " is here"};
}
