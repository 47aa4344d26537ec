//===- Check.h - the check dialect -----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dialect and its ops. CheckDialect.td and CheckOps.td are the reference.

#ifndef TILEC_DIALECTS_CHECK_CHECK_H
#define TILEC_DIALECTS_CHECK_CHECK_H

#include "dialects/Tile/Tile.h"

#include "mlir/IR/BuiltinAttributes.h"

#include "dialects/Check/CheckDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/Check/CheckOps.h.inc"

#endif // TILEC_DIALECTS_CHECK_CHECK_H
