//===- IndexLanes.h - the elements that the lanes of a store touch -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_ANALYSIS_INDEXLANES_H
#define TILEC_LIB_ANALYSIS_INDEXLANES_H

#include "tilec/Analysis/Access.h"

#include <optional>

namespace tilec::analysis {

/// Whether two lanes of an access with integer tiles as subscripts certainly touch one element, or certainly not.
/// Nothing if the subscripts' values, or how many lanes there are, are not known here.
std::optional<bool> doLanesRepeat(Access access);

} // namespace tilec::analysis

#endif // TILEC_LIB_ANALYSIS_INDEXLANES_H
