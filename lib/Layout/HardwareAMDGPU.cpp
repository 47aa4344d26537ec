//===- HardwareAMDGPU.cpp - Layouts of AMD's instruction sets ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/HardwareAMDGPU.h"

#include "FragmentModes.h"

#include <algorithm>

using namespace tilec::layout;
using namespace tilec::layout::amdgpu;

//===----------------------------------------------------------------------===//
// MFMA
//===----------------------------------------------------------------------===//

const std::vector<Mfma> &amdgpu::mfmaInstructions() {
  static const std::vector<Mfma> instructions = {
      {"f32_32x32x1_2b_f32", 32, 32, 1, 2, 32},   {"f32_16x16x1_4b_f32", 16, 16, 1, 4, 32},
      {"f32_4x4x1_16b_f32", 4, 4, 1, 16, 32},     {"f32_32x32x2_f32", 32, 32, 2, 1, 32},
      {"f32_16x16x4_f32", 16, 16, 4, 1, 32},      {"f32_32x32x4_xf32", 32, 32, 4, 1, 32},
      {"f32_16x16x8_xf32", 16, 16, 8, 1, 32},     {"f32_32x32x4_2b_f16", 32, 32, 4, 2, 16},
      {"f32_16x16x4_4b_f16", 16, 16, 4, 4, 16},   {"f32_4x4x4_16b_f16", 4, 4, 4, 16, 16},
      {"f32_32x32x8_f16", 32, 32, 8, 1, 16},      {"f32_16x16x16_f16", 16, 16, 16, 1, 16},
      {"i32_32x32x4_2b_i8", 32, 32, 4, 2, 8},     {"i32_16x16x4_4b_i8", 16, 16, 4, 4, 8},
      {"i32_4x4x4_16b_i8", 4, 4, 4, 16, 8},       {"i32_32x32x16_i8", 32, 32, 16, 1, 8},
      {"i32_16x16x32_i8", 16, 16, 32, 1, 8},      {"f32_32x32x16_fp8_fp8", 32, 32, 16, 1, 8},
      {"f32_16x16x32_fp8_fp8", 16, 16, 32, 1, 8}, {"f64_16x16x4_f64", 16, 16, 4, 1, 64, true},
      {"f64_4x4x4_4b_f64", 4, 4, 4, 4, 64, true},
  };
  return instructions;
}

Layout amdgpu::mfmaFragment(const Mfma &instruction, MatrixOperand operand) {
  constexpr int64_t waveSize = 64;
  int64_t m = instruction.m, n = instruction.n, k = instruction.k, count = instruction.blocks;
  if (operand != MatrixOperand::Accumulator) {
    // Lanes: the row (or column), the block, and groups of neighbours along k.
    int64_t along = operand == MatrixOperand::A ? m : n, groups = waveSize / (along * count), neighbours = k / groups;
    auto outer = [&](int64_t step) { return operand == MatrixOperand::A ? rows(step) : columns(step); };
    auto inner = [&](int64_t step) { return operand == MatrixOperand::A ? columns(step) : rows(step); };
    return fragment({{{neighbours, inner(1)}}, {{along, outer(1)}, {count, blocks(1)}, {groups, inner(neighbours)}}});
  }
  if (instruction.f64) {
    // Neighbouring rows lie in neighbouring groups of lanes.
    int64_t groups = waveSize / (n * count);
    return fragment({{{m / groups, rows(groups)}}, {{n, columns(1)}, {count, blocks(1)}, {groups, rows(1)}}});
  }
  // Four neighbouring rows in registers, then groups of lanes, then registers again. Blocks are in registers, but for
  // those of 4 by 4, which fill no wave.
  int64_t groups = std::min(waveSize / n, m / 4), inLanes = waveSize / (n * groups);
  return fragment({{{4, rows(1)}, {m / (4 * groups), rows(4 * groups)}, {count / inLanes, blocks(inLanes)}},
                   {{n, columns(1)}, {inLanes, blocks(1)}, {groups, rows(4)}}});
}

/// An offset and modes of lanes.
static ComposedLayout lanes(int64_t offset, const std::vector<Mode> &modes) {
  return ComposedLayout{std::monostate(), offset, steps(modes)};
}

Result<ComposedLayout> amdgpu::mfmaBroadcastA(const Mfma &instruction, int64_t cbsz, int64_t abid) {
  int64_t count = instruction.blocks, shared = cbsz >= 0 && cbsz < 8 ? int64_t(1) << cbsz : count + 1;
  if (shared > count)
    return Error{"v_mfma_" + std::string(instruction.name) + " has " + std::to_string(count) + " blocks, and CBSZ is " +
                 std::to_string(cbsz)};
  if (abid < 0 || abid >= shared)
    return Error{"ABID is a number below " + std::to_string(shared) + " where CBSZ is " + std::to_string(cbsz) +
                 ", not " + std::to_string(abid)};
  // Lanes: the row, the block, and groups along k.
  int64_t m = instruction.m, groups = 64 / (m * count);
  return lanes(abid * m, {{m, 1}, {shared, 0}, {count / shared, m * shared}, {groups, m * count}});
}

Result<ComposedLayout> amdgpu::mfmaPatternB(const Mfma &instruction, int64_t blgp) {
  if (blgp < 0 || blgp > 7)
    return Error{"BLGP is a number from 0 to 7, not " + std::to_string(blgp)};
  if (instruction.f64 && blgp)
    return Error{"BLGP negates operands of v_mfma_" + std::string(instruction.name) + ", and moves none"};
  if (blgp == 0)
    return lanes(0, {{64, 1}});
  if (blgp <= 2)
    return lanes(32 * (blgp - 1), {{32, 1}, {2, 0}});
  if (blgp >= 4)
    return lanes(16 * (blgp - 4), {{16, 1}, {4, 0}});
  // Sixteen on, modulo 64: an outer layout that repeats itself.
  return ComposedLayout{*Layout::make(Profile::flat(2), {{64, 1}, {2, 0}}), 16, steps({{64, 1}})};
}

//===----------------------------------------------------------------------===//
// WMMA
//===----------------------------------------------------------------------===//

const std::vector<Wmma> &amdgpu::wmmaInstructions() {
  static const std::vector<Wmma> instructions = {
      {"f32_16x16x16_f16", 11, 16, 16},    {"f16_16x16x16_f16", 11, 16, 16}, {"i32_16x16x16_iu8", 11, 16, 8},
      {"i32_16x16x16_iu4", 11, 16, 4},     {"f32_16x16x16_f16", 12, 16, 16}, {"f16_16x16x16_f16", 12, 16, 16},
      {"i32_16x16x16_iu8", 12, 16, 8},     {"i32_16x16x16_iu4", 12, 16, 4},  {"i32_16x16x32_iu4", 12, 32, 4},
      {"f32_16x16x16_fp8_fp8", 12, 16, 8},
  };
  return instructions;
}

/// A and B of gfx11: all of k in each lane, and the lanes repeat themselves after sixteen.
static Layout wmmaInput11(int64_t k, int64_t waveSize, Offset outer, Offset inner) {
  return fragment({{{k, inner}}, {{16, outer}, {waveSize / 16, Offset(0)}}});
}

Result<Layout> amdgpu::wmmaFragment(const Wmma &instruction, MatrixOperand operand, int64_t waveSize) {
  if (waveSize != 32 && waveSize != 64)
    return Error{"waves have 32 or 64 lanes, not " + std::to_string(waveSize)};
  int64_t k = instruction.k;
  bool large = waveSize == 64;
  if (operand == MatrixOperand::Accumulator) {
    if (instruction.generation == 11) // Neighbouring rows lie in neighbouring groups of lanes.
      return fragment({{{256 / waveSize, rows(waveSize / 16)}}, {{16, columns(1)}, {waveSize / 16, rows(1)}}});
    return fragment({{{256 / waveSize, rows(1)}}, {{16, columns(1)}, {2, rows(8)}, {large ? 2 : 1, rows(4)}}});
  }
  bool isA = operand == MatrixOperand::A;
  auto outer = [&](int64_t step) { return isA ? rows(step) : columns(step); };
  auto inner = [&](int64_t step) { return isA ? columns(step) : rows(step); };
  if (instruction.generation == 11)
    return wmmaInput11(k, waveSize, outer(1), inner(1));
  if (instruction.bits == 16) {
    // Four neighbours in two registers; the other half of k in the next two registers, or in the other half of a wave
    // of 64.
    if (large)
      return fragment({{{4, inner(1)}}, {{16, outer(1)}, {4, inner(4)}}});
    return fragment({{{4, inner(1)}, {2, inner(8)}}, {{16, outer(1)}, {2, inner(4)}}});
  }
  if (large && k * instruction.bits == 64)
    return Error{"v_wmma_" + std::string(instruction.name) + " in a wave of 64 leaves lanes without elements"};
  int64_t half = k / 2;
  if (large)
    return fragment({{{half / 2, inner(1)}}, {{16, outer(1)}, {2, inner(half)}, {2, inner(half / 2)}}});
  return fragment({{{half, inner(1)}}, {{16, outer(1)}, {2, inner(half)}}});
}
