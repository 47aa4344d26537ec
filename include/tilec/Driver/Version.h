//===- Version.h - the version of tilec -------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DRIVER_VERSION_H
#define TILEC_DRIVER_VERSION_H

namespace tilec {

/// The version, such as "0.1.0".
const char *getVersion();

} // namespace tilec

#endif // TILEC_DRIVER_VERSION_H
