//===- tile-reduce.cpp - make IR with a finding smaller ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Driver/ReduceTool.h"

int main(int argc, char **argv) { return tilec::runTileReduce(argc, argv); }
