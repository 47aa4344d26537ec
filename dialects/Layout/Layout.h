//===- Layout.h - the layout dialect ---------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dialect and its attributes. LayoutDialect.td and LayoutAttrs.td are the reference.

#ifndef TILEC_DIALECTS_LAYOUT_LAYOUT_H
#define TILEC_DIALECTS_LAYOUT_LAYOUT_H

#include "tilec/Layout/Distributed.h"
#include "tilec/Layout/Swizzle.h"

#include "mlir/IR/Attributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "llvm/ADT/Hashing.h"

namespace tilec::layout {
/// The hashes with which MLIR finds an attribute again.
llvm::hash_code hash_value(const Layout &layout);
llvm::hash_code hash_value(const ComposedLayout &layout);
} // namespace tilec::layout

#include "dialects/Layout/LayoutDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Layout/LayoutAttrs.h.inc"

#endif // TILEC_DIALECTS_LAYOUT_LAYOUT_H
