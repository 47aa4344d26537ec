//===- HardwareBanks.cpp - The banks of shared memories ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/HardwareAMDGPU.h"
#include "tilec/Layout/HardwarePTX.h"

#include <algorithm>

using namespace tilec::layout;

/// Banks that serve as many neighbouring lanes at once as fill them, and at most `lanesAtOnce`.
static BankModel neighbours(int64_t numLanes, int64_t lanesAtOnce) {
  BankModel banks;
  banks.numLanes = numLanes;
  for (int i = 0; i < 5; ++i) {
    int64_t together = std::min(lanesAtOnce, banks.numBanks * banks.bankBytes >> i);
    banks.reads[i] = banks.writes[i] = consecutivePhases(numLanes, together);
  }
  return banks;
}

const BankModel &ptx::sharedMemoryBanks() {
  static const BankModel banks = neighbours(32, 32);
  return banks;
}

static BankModel makeLocalDataShare() {
  BankModel banks = neighbours(64, 32);
  BankModel::Phases &wide = banks.reads[4];
  wide.clear();
  for (int32_t half : {0, 32})
    for (int32_t group = 0; group < 4; ++group) {
      wide.emplace_back();
      // The upper four lanes: 20, 16, 28, 24 for the groups 0 to 3.
      for (int32_t first : {4 * group, 16 + 4 * (group ^ 1)})
        for (int32_t lane = 0; lane < 4; ++lane)
          wide.back().push_back(half + first + lane);
    }
  return banks;
}

const BankModel &amdgpu::localDataShareBanks() {
  static const BankModel banks = makeLocalDataShare();
  return banks;
}
