//===- LayoutDialect.cpp - registration of the layout dialect ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Layout/Layout.h"

using namespace mlir;
using namespace tilec::layout;

#include "dialects/Layout/LayoutDialect.cpp.inc"

void LayoutDialect::initialize() { registerAttributes(); }
