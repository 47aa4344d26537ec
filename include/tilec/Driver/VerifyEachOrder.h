//===- VerifyEachOrder.h - check that each pass keeps order -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DRIVER_VERIFYEACHORDER_H
#define TILEC_DRIVER_VERIFYEACHORDER_H

#include "mlir/Pass/PassInstrumentation.h"

#include <memory>

namespace tilec {

/// An instrumentation for pass managers, which checks that each pass keeps the order of memory accesses: it compares
/// what tokens order before and after the pass (analysis::TokenOrderSnapshot). What a pass loses is an error that names
/// the pass and the accesses, and sets `failed`, since an instrumentation cannot end a run. Accesses get ids for the
/// time of a pass where they have none. A kernel that a pass lowers to upstream dialects has no accesses left to
/// compare: the check ends at that pass.
std::unique_ptr<mlir::PassInstrumentation> createOrderVerifier(bool &failed);

} // namespace tilec

#endif // TILEC_DRIVER_VERIFYEACHORDER_H
