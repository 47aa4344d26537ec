//===- CPUTarget.h - x86-64 processors --------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_TARGET_CPU_CPUTARGET_H
#define TILEC_TARGET_CPU_CPUTARGET_H

#include "tilec/Target/Target.h"

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace mlir {
class ModuleOp;
class Pass;
} // namespace mlir

namespace tilec {

/// Compiles for the CPU: configured tile IR to loops over vectors, to LLVM, with the entry points of KernelABI.h.
class CPUTarget final : public Target {
public:
  /// The target for `native` (this machine), `x86-64-v3`, `x86-64-v4` or `sapphirerapids`; an error names the others.
  static llvm::Expected<std::unique_ptr<CPUTarget>> create(llvm::StringRef arch);

  const TargetSpec &spec() const override { return data; }
  void registerDialects(mlir::DialectRegistry &registry) const override;
  void buildLowering(mlir::OpPassManager &pm, const LoweringOptions &options) const override;

  /// Translates a module of phase `target` and optimises it. Its functions name the machine's CPU and features. On
  /// failure a diagnostic has been emitted.
  mlir::FailureOr<std::unique_ptr<llvm::Module>> translate(mlir::ModuleOp module, llvm::LLVMContext &context,
                                                           const LoweringOptions &options) const;

private:
  explicit CPUTarget(TargetSpec data) : data(std::move(data)) {}

  TargetSpec data;
};

/// The pass that gives every lowered kernel its entry points and descriptor (flag `cpu-entry-points`).
std::unique_ptr<mlir::Pass> createCPUEntryPointsPass();

/// The pass that lowers what `tile-to-loops` emits to the LLVM dialect (flag `cpu-to-llvm`).
std::unique_ptr<mlir::Pass> createCPUToLLVMPass();

/// Makes the CPU's passes known by their flags.
void registerCPUPasses();

} // namespace tilec

#endif // TILEC_TARGET_CPU_CPUTARGET_H
