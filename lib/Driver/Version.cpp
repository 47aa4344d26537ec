//===- Version.cpp - the version of tilec -----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CMake knows the version.

#include "tilec/Driver/Version.h"

const char *tilec::getVersion() { return TILEC_VERSION; }
