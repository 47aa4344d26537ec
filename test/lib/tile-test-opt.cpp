//===- tile-test-opt.cpp - tile-opt with the passes of tests ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TestPasses.h"

#include "tilec/Driver/OptTool.h"

int main(int argc, char **argv) {
  tilec::test::registerBreakOrderPass();
  return tilec::runTileOpt(argc, argv);
}
