//===- SpecialRegisters.cpp - registers that the system sets ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section 10 of the manual. They are read with `mov`.

#include "Decoder.h"
#include "Execute.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

/// The special registers, by number.
enum Special : uint8_t {
  Tid,
  NTid,
  CtaId,
  NCtaId,
  LaneId,
  WarpId,
  NWarpId,
  SmId,
  NSmId,
  GridId,
  MaskEq,
  MaskLe,
  MaskLt,
  MaskGe,
  MaskGt,
  Clock,
  GlobalTimer,
  SharedTotal,
  SharedDynamic,
  ClusterSize,
  ClusterId,
  NClusterId,
  WorkspaceHigh,
  WorkspaceLow,
  ReservedBegin,
  ReservedEnd,
  ReservedSize,
  Zero
};

static uint64_t specialValue(Warp &warp, const Op &op, unsigned lane) {
  const Block &block = warp.getBlock();
  const LaunchShape &shape = block.launch.shape;
  unsigned d = op.size, thread = warp.getIndex() * kLanes + lane;
  Mask bit = Mask(1) << lane;
  switch (op.mode) {
  case Tid: {
    unsigned parts[] = {thread % shape.block[0], thread / shape.block[0] % shape.block[1],
                        thread / shape.block[0] / shape.block[1], 0};
    return parts[d];
  }
  case NTid:
    return d == 3 ? 0 : shape.block[d];
  case CtaId:
    return d == 3 ? 0 : block.id[d];
  case NCtaId:
    return d == 3 ? 0 : shape.grid[d];
  case LaneId:
    return lane;
  case WarpId:
    return warp.getIndex();
  case NWarpId:
    return block.warps.size();
  case NSmId:
  case ClusterSize:
    return 1;
  case MaskEq:
    return bit;
  case MaskLe:
    return bit | (bit - 1);
  case MaskLt:
    return bit - 1;
  case MaskGe:
    return Mask(~(bit - 1));
  case MaskGt:
    return Mask(~(bit | (bit - 1)));
  case Clock:
    return block.statistics.warpInstructions >> op.immediate;
  case GlobalTimer:
    // Nanoseconds that only grow: one an instruction, so that a seed gives one run on one host thread.
    return (block.launch.getSteps() + block.statistics.warpInstructions) >> op.immediate;
  case SharedTotal:
    return block.shared.size();
  case SharedDynamic:
    return shape.dynamicShared;
  // Clusters are of one block.
  case ClusterId:
    return d == 3 ? 0 : block.id[d];
  case NClusterId:
    return d == 3 ? 0 : shape.grid[d];
  case WorkspaceHigh:
    return block.launch.program.gridWorkspace >> 32;
  case WorkspaceLow:
    return block.launch.program.gridWorkspace & UINT32_MAX;
  case ReservedEnd:
  case ReservedSize:
    return Program::kReservedShared;
  default:
    return 0;
  }
}

static Step moveSpecial(Warp &warp, const Op &op, Mask mask) {
  Lanes d;
  uint64_t width = op.count == 64 ? ~uint64_t(0) : UINT32_MAX;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    d.v[lane] = specialValue(warp, op, lane) & width;
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// All parts of one, such as `%tid`: the list has a result for each.
static Step moveSpecialVector(Warp &warp, const Op &op, Mask mask) {
  Op part = op;
  for (auto [i, slot] : llvm::enumerate(warp.getCode().lists[op.list])) {
    part.d = slot;
    part.size = i;
    moveSpecial(warp, part, mask);
  }
  return Step::Next;
}

bool tilec::sim::ptx::decodeSpecial(Decoder &d, const Operand &operand, Type type, unsigned width) {
  struct Entry {
    llvm::StringLiteral name;
    Special special;
    bool isVector = false;
  };
  static constexpr Entry entries[] = {{"%tid", Tid, true},
                                      {"%ntid", NTid, true},
                                      {"%ctaid", CtaId, true},
                                      {"%nctaid", NCtaId, true},
                                      {"%laneid", LaneId},
                                      {"%warpid", WarpId},
                                      {"%nwarpid", NWarpId},
                                      {"%smid", SmId},
                                      {"%nsmid", NSmId},
                                      {"%gridid", GridId},
                                      {"%lanemask_eq", MaskEq},
                                      {"%lanemask_le", MaskLe},
                                      {"%lanemask_lt", MaskLt},
                                      {"%lanemask_ge", MaskGe},
                                      {"%lanemask_gt", MaskGt},
                                      {"%clock", Clock},
                                      {"%clock64", Clock},
                                      {"%clock_hi", Clock},
                                      {"%globaltimer", GlobalTimer},
                                      {"%globaltimer_lo", GlobalTimer},
                                      {"%globaltimer_hi", GlobalTimer},
                                      {"%total_smem_size", SharedTotal},
                                      {"%aggr_smem_size", SharedTotal},
                                      {"%dynamic_smem_size", SharedDynamic},
                                      {"%is_explicit_cluster", Zero},
                                      {"%clusterid", ClusterId, true},
                                      {"%nclusterid", NClusterId, true},
                                      {"%cluster_ctaid", Zero, true},
                                      {"%cluster_nctaid", ClusterSize, true},
                                      {"%envreg1", WorkspaceHigh},
                                      {"%envreg2", WorkspaceLow},
                                      {"%reserved_smem_offset_begin", ReservedBegin},
                                      {"%reserved_smem_offset_end", ReservedEnd},
                                      {"%reserved_smem_offset_cap", ReservedSize},
                                      {"%reserved_smem_offset_0", ReservedBegin},
                                      {"%reserved_smem_offset_1", ReservedBegin},
                                      {"%cluster_ctarank", Zero},
                                      {"%cluster_nctarank", ClusterSize},
                                      {"%current_graph_exec", Zero}};
  const auto *found = llvm::find_if(entries, [&](const Entry &entry) { return entry.name == operand.special.name; });
  // What a driver or a profiler would put there is not there.
  static constexpr Entry nothing{"", Zero};
  if (found == std::end(entries) &&
      (operand.special.name.starts_with("%pm") || operand.special.name.starts_with("%envreg")))
    found = &nothing;
  else if (found == std::end(entries))
    return d.fail(operand.place, "special register '" + operand.special.name + "' is not supported");
  const bool isWhole = width == 4 && found->isVector && !operand.special.component;
  if (!isWhole && (width != 1 || found->isVector != (operand.special.component != 0)))
    return d.fail(operand.place,
                  "'" + operand.special.name + "' " + (found->isVector ? "needs" : "has no") + " '.x', '.y' or '.z'");
  d.op.execute = isWhole ? moveSpecialVector : moveSpecial;
  d.op.mode = found->special;
  d.op.size = operand.special.component ? llvm::StringRef("xyzw").find(operand.special.component) : 0;
  d.op.immediate = operand.special.name.ends_with("_hi") ? 32 : 0;
  d.op.count = bitWidth(type);
  if (!isWhole)
    return d.result(0, type, d.op.d);
  std::vector<Slot> results;
  if (!d.registers(d.syntax().operands[0], type, width, /*isResult=*/true, results))
    return false;
  d.setList(std::move(results));
  return true;
}
