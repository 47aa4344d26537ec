//===- TileToLoops.cpp - the pass tile-to-loops ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the pass that lowers configured kernels to functions of loops over vectors and elements: one
// thread owns a whole tile. TileToLoops/Emitter.h says how.

#include "TileToLoops/Emitter.h"
#include "tilec/Conversion/Passes.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace tilec;

namespace {
struct TileToLoops : PassWrapper<TileToLoops, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileToLoops)

  TileToLoops() = default;
  TileToLoops(const TargetSpec &spec, bool allowContract, bool fixedOrder) : base(spec) {
    vectorBytes = spec.vectorBytes;
    vectorRegisters = spec.vectorRegisters;
    contract = allowContract;
    deterministic = fixedOrder;
  }
  TileToLoops(const TileToLoops &other) : PassWrapper(other), base(other.base) {}

  StringRef getArgument() const override { return "tile-to-loops"; }
  StringRef getDescription() const override {
    return "Lower configured kernels to functions of loops over vectors and elements";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, math::MathDialect, scf::SCFDialect, vector::VectorDialect,
                    LLVM::LLVMDialect>();
  }

  void runOnOperation() override {
    TargetSpec spec = base;
    spec.vectorBytes = vectorBytes;
    spec.vectorRegisters = vectorRegisters;
    bool anyFailed = false;
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<tile::KernelOp>()))
      anyFailed |= failed(loops::Emitter(kernel, spec, contract, deterministic).run());
    if (anyFailed)
      signalPassFailure();
  }

  TargetSpec base;
  Option<int64_t> vectorBytes{*this, "vector-bytes", llvm::cl::desc("Bytes of a vector register"), llvm::cl::init(32)};
  Option<int64_t> vectorRegisters{*this, "vector-registers", llvm::cl::desc("Vector registers"), llvm::cl::init(16)};
  Option<bool> contract{*this, "contract", llvm::cl::desc("Allow a*b+c to be rounded once"), llvm::cl::init(true)};
  Option<bool> deterministic{*this, "deterministic", llvm::cl::desc("Add floats in one order for any number of threads"),
                             llvm::cl::init(false)};
};
} // namespace

std::unique_ptr<Pass> tilec::createTileToLoopsPass(const TargetSpec &spec, bool contract, bool deterministic) {
  return std::make_unique<TileToLoops>(spec, contract, deterministic);
}

void tilec::registerConversionPasses() {
  registerPass([] { return createCheckToTilePass(); });
  registerPass([]() -> std::unique_ptr<Pass> { return std::make_unique<TileToLoops>(); });
}
