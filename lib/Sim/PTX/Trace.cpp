//===- Trace.cpp - writes down what a launch does ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Trace.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec::sim::ptx;

static llvm::StringRef kindName(Access::Kind kind) {
  return kind == Access::Kind::Read ? "read" : kind == Access::Kind::Write ? "write" : "atomic";
}

static bool areAlike(const ObservedAccess &a, const ObservedAccess &b) {
  return a.kind == b.kind && a.space == b.space && a.bytes == b.bytes && a.isAsync == b.isAsync;
}

void Trace::executed(const Execution &execution) {
  const Block &block = execution.warp.getBlock();
  if (options.block && *options.block != block.id)
    return;
  if (written == options.limit) {
    cut = true;
    return;
  }
  ++written;
  llvm::raw_ostream &out = *options.out;
  const Instruction *syntax = execution.op.syntax;
  // Opcodes are letters, digits and points: nothing in the text needs an escape.
  out << "{\"block\":[" << block.id[0] << "," << block.id[1] << "," << block.id[2]
      << "],\"warp\":" << execution.warp.getIndex() << ",\"mask\":\"" << llvm::format_hex_no_prefix(execution.lanes, 8)
      << "\",\"line\":" << (syntax ? syntax->place.line : 0) << ",\"op\":\"" << (syntax ? syntax->spelling() : "ret")
      << "\"";
  llvm::ArrayRef<ObservedAccess> left = execution.accesses;
  if (!left.empty())
    out << ",\"accesses\":[";
  for (bool isFirst = true; !left.empty(); isFirst = false) {
    llvm::ArrayRef<ObservedAccess> alike =
        left.take_while([&](const ObservedAccess &access) { return areAlike(access, left.front()); });
    left = left.drop_front(alike.size());
    const ObservedAccess &first = alike.front();
    out << (isFirst ? "" : ",") << "{\"kind\":\"" << kindName(first.kind) << "\",\"space\":\"" << spaceName(first.space)
        << "\",\"bytes\":" << first.bytes << (first.isAsync ? ",\"async\":true" : "") << ",\"lanes\":[";
    llvm::interleave(alike, out, [&](const ObservedAccess &access) { out << unsigned(access.lane); }, ",");
    out << "],\"addresses\":[";
    llvm::interleave(alike, out, [&](const ObservedAccess &access) { out << access.address; }, ",");
    out << "]}";
  }
  out << (execution.accesses.empty() ? "}\n" : "]}\n");
}
