//===- tile-sim.cpp - execute GPU code on the CPU ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Driver/Tools.h"

int main(int argc, char **argv) { return tilec::runTileSim(argc, argv); }
