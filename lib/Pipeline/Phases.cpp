//===- Phases.cpp - every phase and every pass, in order ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// THE page: this file lists the whole compilation. Each step says why it stands where it does.

#include "tilec/Pipeline/Phases.h"

#include "tilec/Conversion/Passes.h"

using namespace mlir;
using namespace tilec;
using tilec::tile::KernelOp;

ArrayRef<Phase> tilec::allPhases() {
  static constexpr Phase phases[] = {Phase::source,  Phase::tile,      Phase::fused,  Phase::configured,
                                     Phase::laidout, Phase::scheduled, Phase::target, Phase::binary};
  return phases;
}

StringRef tilec::phaseName(Phase phase) {
  switch (phase) {
  case Phase::source:
    return "source";
  case Phase::tile:
    return "tile";
  case Phase::fused:
    return "fused";
  case Phase::configured:
    return "configured";
  case Phase::laidout:
    return "laidout";
  case Phase::scheduled:
    return "scheduled";
  case Phase::target:
    return "target";
  case Phase::binary:
    return "binary";
  }
  llvm_unreachable("all phases have a name");
}

std::optional<Phase> tilec::parsePhase(StringRef name) {
  for (Phase phase : allPhases())
    if (phaseName(phase) == name)
      return phase;
  return std::nullopt;
}

/// Reports keys of configs that name nothing, or drops them.
static void addCheckConfig(OpPassManager &pm, const PipelineOptions &options, bool drop) {
  CheckConfigOptions check;
  check.targetKeys.assign(options.targetKeys.begin(), options.targetKeys.end());
  check.drop = drop;
  pm.addPass(createCheckConfig(check));
}

/// source -> tile: the front end has emitted the module; dims of one array are asked for once, and only needed tokens
/// stay.
static void buildTile(OpPassManager &pm, const PipelineOptions &options) {
  // Before the cleanup: a key may name a loop that computes nothing.
  addCheckConfig(pm, options, /*drop=*/false);
  pm.addPass(createCleanup());
  addCheckConfig(pm, options, /*drop=*/true);
  // On the order that the source has, before passes take what is not needed; what never runs is gone.
  if (options.verifyOrder)
    pm.addNestedPass<KernelOp>(createVerifyOrder(options.order));
  // What a call with other dims would access outside of an array, it reports. Here, where each bound is one value still.
  pm.addNestedPass<KernelOp>(createCheckExtents());
  // Last, when what is equal is one value: later passes find no order that nothing needs, and no token twice.
  pm.addNestedPass<KernelOp>(createRelaxTokens());
  pm.addNestedPass<KernelOp>(createSimplifyTokens());
}

/// fused -> configured.
static void buildConfigured(OpPassManager &pm, const PipelineOptions &options) {
  // 0. The config may have come with the IR.
  addCheckConfig(pm, options, /*drop=*/false);
  // 0b. Grids whose best sizes depend on the call: before sizes are chosen, which those that the config gives rule out.
  pm.addNestedPass<KernelOp>(createVersionFewRows(options.fewRows));
  // 1. A default for each tile size that the config leaves open: first, because binding needs all of them.
  pm.addNestedPass<KernelOp>(createDefaultConfig(options.defaults));
  // 2. The one pass that makes dims static.
  pm.addPass(createBindConfig());
  // 3. Expectations of programs that test themselves: no later pass has to know them. Constants of theirs need sizes.
  pm.addPass(createCheckToTilePass());
  // 4. Sizes are constants now: fold what was computed from them.
  pm.addPass(createCleanup());
  // 5. Again: what depends on a size (a window shifted by 64, tiles of 64) can be proven apart only now.
  pm.addNestedPass<KernelOp>(createRelaxTokens());
  pm.addNestedPass<KernelOp>(createSimplifyTokens());
  pm.addNestedPass<KernelOp>(createVerifyConfigured());
}

/// scheduled -> target.
static void buildTarget(OpPassManager &pm, const PipelineOptions &options) {
  if (options.lowerToTarget)
    options.lowerToTarget(pm);
  pm.addPass(createVerifyLowered());
}

void tilec::buildPhase(OpPassManager &pm, Phase phase, const PipelineOptions &options) {
  switch (phase) {
  case Phase::source:
  case Phase::binary:
    return; // Not IR.
  case Phase::tile:
    return buildTile(pm, options);
  case Phase::configured:
    return buildConfigured(pm, options);
  case Phase::fused:     // No grid is fused yet.
  case Phase::laidout:   // A CPU thread owns whole tiles: its plan is made by the target's lowering.
  case Phase::scheduled: // On CPU program order is the schedule.
    return;
  case Phase::target:
    return buildTarget(pm, options);
  }
}
