//===- InitAll.cpp - registration of every dialect and pass ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Driver/InitAll.h"

#include "dialects/Check/Check.h"
#include "dialects/Layout/Layout.h"
#include "dialects/Tile/Tile.h"
#include "tilec/Conversion/Passes.h"
#include "tilec/Interpreter/InterpretPass.h"
#include "tilec/Target/CPU/CPUTarget.h"
#include "tilec/Transforms/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

using namespace mlir;

void tilec::registerDialects(DialectRegistry &registry) {
  registry.insert<check::CheckDialect, layout::LayoutDialect, tile::TileDialect, arith::ArithDialect, math::MathDialect, memref::MemRefDialect,
                  scf::SCFDialect, func::FuncDialect>();
}

void tilec::registerEverything(DialectRegistry &registry) {
  registerDialects(registry);
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
}

void tilec::registerAllPasses() {
  mlir::registerAllPasses();
  registerTilecTransformsPasses();
  registerInterpretPass();
  registerConversionPasses();
  registerCPUPasses();
}
