//===- Target.cpp - what the compiler asks of a target ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Target/Target.h"

tilec::Target::~Target() = default;
