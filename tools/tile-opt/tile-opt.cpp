//===- tile-opt.cpp - the optimizer driver ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Driver/InitAll.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  tilec::registerEverything(registry);
  tilec::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "tilec's optimizer driver\n", registry));
}
