//===- Phases.h - the phases of a compilation, in order ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_PIPELINE_PHASES_H
#define TILEC_PIPELINE_PHASES_H

#include "tilec/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tilec {

/// The phases of a compilation, in the order in which they end. A compilation can be stopped after each, resumed before
/// each, and dumped at each; each ends in a verifier of its contract.
enum class Phase {
  source,     ///< The text of a `.tile` file.
  tile,       ///< Target-independent tile IR, as the front end emits it.
  fused,      ///< Grids that belong together are one.
  configured, ///< Every tunable has a value; dims are static but for unknown whole ones.
  laidout,    ///< Every tile has a layout, or, on CPU, a plan of loops and buffers.
  scheduled,  ///< Where and when: memory, copies, barriers, roles. On CPU as laidout.
  target,     ///< Upstream dialects only.
  binary,     ///< Object code.
};

/// All phases in order.
llvm::ArrayRef<Phase> allPhases();

/// The phase's name, as flags and dump files spell it.
llvm::StringRef phaseName(Phase phase);

/// The phase of that name, if there is one.
std::optional<Phase> parsePhase(llvm::StringRef name);

/// What the pipeline needs to know of the compilation.
struct PipelineOptions {
  /// Sizes of the indices about which the config says nothing.
  DefaultConfigOptions defaults;
  /// Which products have tiles of their own where their rows are few.
  VersionFewRowsOptions fewRows;
  /// Config keys that the target reads itself, besides tile indices and tunables.
  std::vector<std::string> targetKeys;
  /// Whether the source's order is checked for races, and which ones are reported.
  bool verifyOrder = true;
  VerifyOrderOptions order;
  /// Adds the target's lowering from phase scheduled to phase target.
  std::function<void(mlir::OpPassManager &)> lowerToTarget;
};

/// Adds the passes that bring a module from the end of the phase before `phase` to the end of `phase`. Adds nothing for
/// `source` and `binary`, which are not IR.
void buildPhase(mlir::OpPassManager &pm, Phase phase, const PipelineOptions &options);

} // namespace tilec

#endif // TILEC_PIPELINE_PHASES_H
