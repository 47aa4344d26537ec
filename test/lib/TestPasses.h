//===- TestPasses.h - passes that only tests use ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_TEST_LIB_TESTPASSES_H
#define TILEC_TEST_LIB_TESTPASSES_H

namespace tilec::test {

/// Makes `test-break-order` known.
void registerBreakOrderPass();

} // namespace tilec::test

#endif // TILEC_TEST_LIB_TESTPASSES_H
