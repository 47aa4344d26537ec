//===- TokenPrograms.h - random programs of tokens, and their runs -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Kernels that do nothing but pass tokens on, and an execution of them that keeps the set of access instances that
/// each token stands for. It knows the definitions of docs/memory-model.md (D5 to D7) and nothing of any analysis.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_TRANSFORMS_TOKENS_TOKENPROGRAMS_H
#define TILEC_TEST_UNIT_TRANSFORMS_TOKENS_TOKENPROGRAMS_H

#include "dialects/Tile/Tile.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tilec::test {

/// One execution of an access: its op, and the iteration of each loop and grid around it, outermost first.
struct Instance {
  mlir::Operation *op;
  /// The first of the op's access ids, by which it is known in another version of the program.
  int64_t id;
  std::vector<int> iterations;
  /// The numbers of the instances that it comes after.
  std::set<unsigned> after;
};

/// Runs a kernel. How often a loop runs and which branch is taken depends on `seed`, on the kernel argument that
/// decides about it, and on the iterations of the loops around; so two versions of one program with the same arguments
/// run alike.
std::vector<Instance> runTokens(tile::KernelOp kernel, unsigned seed);

/// The text of a random kernel `k` whose accesses have ids: grids, also in a loop and a branch, loops, branches, joins,
/// selections, nested and after each other.
std::string randomTokenProgram(std::mt19937 &random);

/// A context with the dialects that the programs need.
std::unique_ptr<mlir::MLIRContext> makeContext();
/// The module of a text, which is right.
mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text, mlir::MLIRContext &context);
/// The first kernel of a module.
tile::KernelOp kernelOf(mlir::ModuleOp module);

/// The seed of this run's samples: TILEC_SEED, or 0.
unsigned sampleSeed();

} // namespace tilec::test

#endif // TILEC_TEST_UNIT_TRANSFORMS_TOKENS_TOKENPROGRAMS_H
