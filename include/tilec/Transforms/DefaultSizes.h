//===- DefaultSizes.h - default tile sizes of a machine ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_TRANSFORMS_DEFAULTSIZES_H
#define TILEC_TRANSFORMS_DEFAULTSIZES_H

#include "tilec/Target/TargetSpec.h"
#include "tilec/Transforms/Passes.h"

namespace tilec {

/// The sizes that the pass tile-default-config gives indices on a machine whose threads own whole tiles, from its
/// caches: a panel of the right operand of a product, two vectors wide, fills half of the first level, also
/// where the machine multiplies several elements in the place of one, and the accumulators of a tile a quarter of the
/// second. Where the last cache is far away, panels of single elements are twice as long, and their tiles have half of the
/// rows. Of arrays that are walked through once, an iteration takes so many rows as do not drive each other out of the
/// first level, and of each as much as is prefetched at once, a page. The other sizes are the pass's own.
DefaultConfigOptions defaultSizes(const TargetSpec &spec);

/// The sizes that the pass tile-version-few-rows gives products of few rows on such a machine: their accumulators take no
/// more of the second cache than those of other products.
VersionFewRowsOptions fewRowsSizes(const TargetSpec &spec);

} // namespace tilec

#endif // TILEC_TRANSFORMS_DEFAULTSIZES_H
