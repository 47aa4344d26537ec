/*===- Machine.c - What the machine can execute ------------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Asks the processor, and whether the system keeps its registers. Leaves and
 * bits: Intel's manual, volume 2, CPUID; levels: the System V ABI for x86-64,
 * section 3.1.1; permission: Linux's documentation of x86, xstate.
 *===----------------------------------------------------------------------===*/
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "Support.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bits of XCR0: the system keeps xmm and ymm; also zmm and mask registers; tiles
 * and their configuration. */
enum { STATE_AVX = 0x06, STATE_AVX512 = 0xe6, STATE_TILES = 0x60000 };

/* Bits of leaf 7, edx: bf16 on tiles, tiles, bytes on tiles. */
enum { BITS_AMX = 1 << 22 | 1 << 24 | 1 << 25 };

static uint32_t enabled_state(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static int has(uint32_t word, uint32_t bits) { return (word & bits) == bits; }

/* Whether this process may use tiles. Asking again changes nothing. */
static int may_use_tiles(void) {
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  /* 0 before it is known, then 1 or 2 for no and yes: the same whoever asks. */
  static int known = 0;
  int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (!answer) {
    answer = syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) ? 1 : 2;
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  return answer == 2;
}

TILEC_SUPPORT int32_t tilec_permit_matrices(void) {
  if (may_use_tiles())
    return TILEC_OK;
  return tilec_fail(TILEC_ERR_MACHINE, "the kernel needs AMX, which this machine lacks or its system does not permit");
}

static int32_t detect(void) {
  uint32_t a, b, c, d, b7 = 0, c7 = 0, d7 = 0, a71 = 0, extended = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !has(c, bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C | bit_MOVBE))
    return TILEC_MACHINE_OTHER;
  if (__get_cpuid_count(7, 0, &a, &b7, &c7, &d7) && a >= 1)
    __get_cpuid_count(7, 1, &a71, &b, &c, &d);
  if (__get_cpuid(0x80000001, &a, &b, &c, &d))
    extended = c;
  uint32_t state = enabled_state();
  if (!has(b7, bit_AVX2 | bit_BMI | bit_BMI2) || !has(extended, bit_LZCNT) || !has(state, STATE_AVX))
    return TILEC_MACHINE_OTHER;
  if (!has(b7, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL) || !has(state, STATE_AVX512))
    return TILEC_MACHINE_X86_64_V3;
  if (!has(b7, bit_AVX512IFMA) ||
      !has(c7, bit_AVX512VBMI | bit_AVX512VBMI2 | bit_AVX512VNNI | bit_AVX512BITALG | bit_AVX512VPOPCNTDQ | bit_GFNI |
                   bit_VAES | bit_VPCLMULQDQ) ||
      !has(d7, bit_AVX512FP16 | BITS_AMX) || !has(state, STATE_TILES) ||
      !has(a71, bit_AVXVNNI | bit_AVX512BF16) || !may_use_tiles())
    return TILEC_MACHINE_X86_64_V4;
  return TILEC_MACHINE_SAPPHIRERAPIDS;
}

TILEC_SUPPORT int32_t tilec_machine_level(void) {
  /* The same whoever finds it out. */
  static int32_t known = -1;
  int32_t level = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (level < 0) {
    level = detect();
    __atomic_store_n(&known, level, __ATOMIC_RELAXED);
  }
  return level;
}
