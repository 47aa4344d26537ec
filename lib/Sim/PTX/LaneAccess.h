//===- LaneAccess.h - memory accesses of 32 lanes at once -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Mostly the lanes of an access are in one piece of memory. Whether they are, and where, is computed for all of them
/// by vector code; what is not so, is wrong, or is watched takes the way of Warp::access.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_LANEACCESS_H
#define TILEC_LIB_SIM_PTX_LANEACCESS_H

#include "Execute.h"

namespace tilec::sim::ptx {

/// Finds what the lanes of the mask access, as Warp::access does. Lanes outside it are given `unused`.
[[gnu::always_inline]] inline bool accessLanes(Warp &warp, const Op &op, Mask mask, const Access &access, Space space,
                                               bool isGeneric, const uint64_t (&addresses)[kLanes], unsigned bytes,
                                               char *unused, char *(&data)[kLanes]) {
  Piece piece;
  if (LLVM_LIKELY(!warp.getLaunch().isMonitored) &&
      warp.findPiece(space, isGeneric, addresses[llvm::countr_zero(mask)], bytes, piece) &&
      !(piece.space == Space::Const && access.kind != Access::Kind::Read)) {
    uint64_t last = piece.size - bytes, low = bytes - 1;
    Mask isInside =
        lanesWhere([&](unsigned lane) { return addresses[lane] - piece.first <= last && !(addresses[lane] & low); });
    if (!(mask & ~isInside) && (piece.space != Space::Shared || warp.areShared(mask, addresses, piece.first, bytes))) {
      for (unsigned lane = 0; lane != kLanes; ++lane) {
        char *at = piece.data + (addresses[lane] - piece.first) + lane * piece.stride;
        data[lane] = mask >> lane & 1 ? at : unused;
      }
      return true;
    }
  }
  return warp.access(op, mask, access, space, isGeneric, addresses, bytes, unused, data);
}

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_LANEACCESS_H
