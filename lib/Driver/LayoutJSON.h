//===- LayoutJSON.h - Layouts and answers as JSON ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What tile-layout prints with --json.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_DRIVER_LAYOUTJSON_H
#define TILEC_LIB_DRIVER_LAYOUTJSON_H

#include "tilec/Layout/Questions.h"

#include "llvm/Support/JSON.h"

namespace tilec {

/// What a layout is made of: its text, nested shape and stride, rank, depth and size; of a composed layout also the
/// swizzle (bits, base, shift) or the outer layout, and the offset.
llvm::json::Object layoutJSON(const layout::ComposedLayout &composed);

/// An operation, its operands, and its result: a number, a truth value or a text; of a layout also what it is made of.
llvm::json::Object resultJSON(const std::string &name, const layout::Operands &operands, const std::string &result);

/// A question, its operands, the layout with what it is made of, and the facts as an object.
llvm::json::Object answerJSON(const std::string &name, const layout::Operands &operands, const layout::Answer &answer);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_LAYOUTJSON_H
