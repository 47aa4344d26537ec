/*===- Machine.c - What the machine can execute ------------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Asks the processor for the features of MachineFeatures.def, and whether the
 * system keeps its registers. Bits of XCR0: Intel's manual, volume 1, chapter
 * 13; permission: Linux's documentation of x86, xstate.
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

/* Words in which the processor says what it has. */
enum { LEAF_1_ECX, LEAF_7_EBX, LEAF_7_ECX, LEAF_7_EDX, LEAF_7_1_EAX, LEAF_EXTENDED_1_ECX, WORDS };

static uint32_t enabled_state(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

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

static int has_state(uint32_t bits) { return (enabled_state() & bits) == bits; }

/* Fills in the words; those that the processor does not have are 0. */
static void ask_processor(uint32_t words[WORDS]) {
  uint32_t a, b, c, d;
  for (int i = 0; i < WORDS; ++i)
    words[i] = 0;
  if (__get_cpuid(1, &a, &b, &c, &d))
    words[LEAF_1_ECX] = c;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    words[LEAF_7_EBX] = b, words[LEAF_7_ECX] = c, words[LEAF_7_EDX] = d;
    if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
      words[LEAF_7_1_EAX] = a;
  }
  if (__get_cpuid(0x80000001, &a, &b, &c, &d))
    words[LEAF_EXTENDED_1_ECX] = c;
}

/* Whether the processor has all features of a level. */
static int has_features(const uint32_t words[WORDS], int32_t level) {
  int all = 1;
#define TILEC_FEATURE(ARCH, NAME, WORD, BIT) all &= TILEC_MACHINE_##ARCH > level || words[WORD] >> BIT & 1;
#include "tilec/Runtime/MachineFeatures.def"
  return all;
}

static int32_t detect(void) {
  uint32_t words[WORDS];
  ask_processor(words);
  /* xgetbv is an instruction only where the system uses it. */
  if (!(words[LEAF_1_ECX] & bit_OSXSAVE) || !has_state(STATE_AVX) || !has_features(words, TILEC_MACHINE_X86_64_V3))
    return TILEC_MACHINE_OTHER;
  if (!has_state(STATE_AVX512) || !has_features(words, TILEC_MACHINE_X86_64_V4))
    return TILEC_MACHINE_X86_64_V3;
  if (!has_features(words, TILEC_MACHINE_ZNVER4))
    return TILEC_MACHINE_X86_64_V4;
  if (!has_state(STATE_TILES) || !has_features(words, TILEC_MACHINE_SAPPHIRERAPIDS) || !may_use_tiles())
    return TILEC_MACHINE_ZNVER4;
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
