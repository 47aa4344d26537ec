//===- Control.cpp - branches and calls -------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Control flow, after section 9.7.12 of the manual.

#include "Decoder.h"
#include "Execute.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

static Step branch(Warp &warp, const Op &op, Mask mask) { return warp.branch(mask, op.immediate); }

static Step branchIndexed(Warp &warp, const Op &op, Mask mask) {
  const Lanes &index = warp.source(op.a);
  const std::vector<unsigned> &table = warp.getCode().syntax->tables[op.immediate].targets;
  uint32_t targets[kLanes] = {};
  bool isGood = forEachLane(mask, [&](unsigned lane) {
    uint32_t at = index.v[lane];
    if (at >= table.size())
      return warp.fail(op, lane,
                       "index " + llvm::Twine(at) + " into a table of " + llvm::Twine(table.size()) + " targets"),
             false;
    targets[lane] = table[at];
    return true;
  });
  return isGood ? warp.branchByLane(mask, targets) : Step::Failed;
}

static Step leaveFunction(Warp &warp, const Op &, Mask mask) { return warp.leave(mask, /*isExit=*/false); }
static Step exitThread(Warp &warp, const Op &, Mask mask) { return warp.leave(mask, /*isExit=*/true); }
static Step trap(Warp &warp, const Op &op, Mask mask) {
  return warp.fail(op, llvm::countr_zero(mask), "the kernel trapped");
}
static Step nothing(Warp &, const Op &, Mask) { return Step::Next; }

/// One of the simulator's own functions.
static Step callBuiltin(Warp &warp, const Code &callee, const Op &op, Mask mask) {
  Step step = callee.builtin(warp, op, mask);
  // An argument may have been an error of its own.
  return warp.getLaunch().isOver(warp.getBlock().number) ? Step::Failed : step;
}

static Step callDirect(Warp &warp, const Op &op, Mask mask) {
  const CallSite &site = warp.getCode().calls[op.immediate];
  if (site.callee->builtin)
    return callBuiltin(warp, *site.callee, op, mask);
  return warp.call(*site.callee, site, mask);
}

/// Whether a function with these parameters is called with so many arguments: a variadic one also without the last.
static bool takes(const std::vector<Variable> &params, size_t count) {
  return count == params.size() || (count + 1 == params.size() && params.back().isUnsized);
}

/// Lanes may call different functions: those that call what the first one calls go now, the others come back.
static Step callIndirect(Warp &warp, const Op &op, Mask mask) {
  const Lanes &address = warp.source(op.a);
  uint64_t first = address.v[llvm::countr_zero(mask)];
  const Code *callee = warp.getLaunch().program.functionAt(first);
  const CallSite &site = warp.getCode().calls[op.immediate];
  if (!callee || !(callee->syntax->hasBody || callee->builtin))
    return warp.fail(op, llvm::countr_zero(mask), "a call of what is no function: 0x" + llvm::Twine::utohexstr(first));
  const Signature &signature = callee->syntax->signature;
  if (!takes(signature.params, site.arguments.size()) || signature.results.size() != site.results.size())
    return warp.fail(op, llvm::countr_zero(mask),
                     "function '" + callee->syntax->name + "' has another signature than the call's prototype");
  Mask same = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    same |= Mask(address.v[lane] == first) << lane;
  if (mask & ~same)
    warp.separate(mask & ~same);
  if (callee->builtin)
    return callBuiltin(warp, *callee, op, mask & same);
  return warp.call(*callee, site, mask & same);
}

//===----------------------------------------------------------------------===//
// decoders
//===----------------------------------------------------------------------===//

static bool decodeBranch(Decoder &d) {
  d.take("uni");
  d.op.execute = branch;
  return d.expectOperands(1) && d.label(0, d.op.immediate);
}

static bool decodeBranchIndexed(Decoder &d) {
  if (!d.take("idx"))
    return d.fail("'brx' is 'brx.idx'");
  d.take("uni");
  d.op.execute = branchIndexed;
  if (!d.expectOperands(2) || !d.source(0, Type::U32, d.op.a))
    return false;
  const Operand &table = d.syntax().operands[1];
  if (table.kind != Operand::Kind::Table || d.code.syntax->tables[table.index].kind != Table::Kind::Branches)
    return d.fail(table.place, "expected the label of '.branchtargets'");
  d.op.immediate = table.index;
  return true;
}

/// The offsets of `.param` variables that pass arguments or results, checked against the callee's. The last parameter
/// of a variadic function takes what is passed, whose size is then in `openBytes`.
static bool decodePassed(Decoder &d, const Operand *list, const std::vector<Variable> &expected,
                         std::vector<uint32_t> &offsets, llvm::StringRef what, uint64_t &openBytes) {
  size_t count = list ? list->parts.size() : 0;
  if (!takes(expected, count))
    return d.fail("the call passes " + llvm::Twine(count) + " " + what + ", and there are " +
                  llvm::Twine(expected.size()));
  for (size_t i = 0; i != count; ++i) {
    const Operand &part = list->parts[i];
    uint64_t address;
    Space space;
    if (part.kind != Operand::Kind::Variable || !part.isOfFunction)
      return d.fail(part.place, "calls pass .param variables");
    if (!d.variableAddress(part, address, space))
      return false;
    const Variable &variable = d.code.syntax->variable(part.index);
    if (space != Space::Param || (d.code.syntax->isEntry && part.index >= Function::kParamBase))
      return d.fail(part.place, "calls pass .param variables of the function");
    if (expected[i].isUnsized)
      openBytes = variable.size;
    else if (variable.size != expected[i].size)
      return d.fail(part.place, "'" + variable.name + "' has " + llvm::Twine(variable.size) + " bytes, and " +
                                    llvm::Twine(expected[i].size) + " are passed");
    offsets.push_back(address);
  }
  return true;
}

static bool decodeCall(Decoder &d) {
  d.take("uni");
  const auto &operands = d.syntax().operands;
  size_t at = 0;
  const Operand *results = nullptr, *arguments = nullptr;
  if (at != operands.size() && operands[at].kind == Operand::Kind::List)
    results = &operands[at++];
  if (at == operands.size())
    return d.fail("a call names its function");
  const Operand &callee = operands[at++];
  if (at != operands.size() && operands[at].kind == Operand::Kind::List)
    arguments = &operands[at++];
  CallSite site;
  const Signature *signature = nullptr;
  if (callee.kind == Operand::Kind::Function) {
    site.callee = &d.program.functions[callee.index];
    signature = &site.callee->syntax->signature;
    d.op.execute = callDirect;
    if (!site.callee->syntax->hasBody && !findBuiltin(site.callee->syntax->name))
      return d.fail(callee.place,
                    "function '" + site.callee->syntax->name + "' is in another module, and modules are not linked");
  } else {
    d.op.execute = callIndirect;
    if (!d.source(callee, Type::U64, d.op.a))
      return false;
    if (at == operands.size() || operands[at].kind != Operand::Kind::Table)
      return d.fail("an indirect call names its prototype or its targets");
    const Table &table = d.code.syntax->tables[operands[at++].index];
    if (table.kind == Table::Kind::Branches || (table.kind == Table::Kind::Calls && table.targets.empty()))
      return d.fail("an indirect call names its prototype or its targets");
    signature = table.kind == Table::Kind::Prototype ? &table.prototype
                                                     : &d.program.functions[table.targets.front()].syntax->signature;
  }
  if (at != operands.size())
    return d.fail(operands[at].place, "one operand too many");
  if (!decodePassed(d, results, signature->results, site.results, "results", site.openBytes) ||
      !decodePassed(d, arguments, signature->params, site.arguments, "arguments", site.openBytes))
    return false;
  d.op.immediate = d.code.calls.size();
  d.code.calls.push_back(std::move(site));
  return true;
}

template <Execute execute> static bool decodePlain(Decoder &d) {
  d.take("uni");
  d.op.execute = execute;
  return d.expectOperands(0);
}

/// Hints that change nothing here: `nanosleep`, `discard` of cache lines, `setmaxnreg`.
static bool decodeSleep(Decoder &d) {
  Slot ignored;
  d.take("u32");
  d.op.execute = nothing;
  return d.expectOperands(1) && d.source(0, Type::U32, ignored);
}

/// `pmevent 3`: for a profiler, which there is none of.
static bool decodeEvent(Decoder &d) {
  Slot ignored;
  d.take("mask");
  d.op.execute = nothing;
  return d.expectOperands(1) && d.source(0, Type::U32, ignored);
}

void Decoder::end() {
  op = Op();
  op.execute = leaveFunction;
  code.ops.push_back(op);
  flow = Dataflow();
  flow.hasEffects = true;
  code.flows.push_back(flow);
}

void tilec::sim::ptx::addControl(DecodeTable &table) {
  table["bra"] = decodeBranch;
  table["brx"] = decodeBranchIndexed;
  table["call"] = decodeCall;
  table["ret"] = decodePlain<leaveFunction>;
  table["exit"] = decodePlain<exitThread>;
  table["trap"] = decodePlain<trap>;
  table["brkpt"] = decodePlain<nothing>;
  table["nanosleep"] = decodeSleep;
  table["pmevent"] = decodeEvent;
}
