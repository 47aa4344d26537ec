//===- tile-layout.cpp - calculate with layouts and show them ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Driver/LayoutTool.h"

int main(int argc, char **argv) { return tilec::runTileLayout(argc, argv); }
