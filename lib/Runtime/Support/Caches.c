/*===- Caches.c - How large the caches are ------------------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Asks the processor, as the system does. Leaves and fields: Intel's manual,
 * volume 2, CPUID, leaf 4; AMD's, volume 3, leaf 8000_001D, has the same
 * fields.
 *===----------------------------------------------------------------------===*/
#include "Support.h"

#include <cpuid.h>

enum { TOPOLOGY_EXTENSIONS = 1 << 22 }; /* ECX of leaf 8000_0001 */
enum { AMD_LEAF = (int)0x8000001d, INTEL_LEAF = 4 };
enum { NO_CACHE = 0, INSTRUCTIONS = 2 }; /* types of caches */

/* Answers where the processor tells nothing. */
#define USUAL_LAST_CACHE ((int64_t)32 << 20)

static uint32_t find_leaf(void) {
  uint32_t a, b, c, d;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d) && (c & TOPOLOGY_EXTENSIONS) &&
      __get_cpuid_max(0x80000000, 0) >= (uint32_t)AMD_LEAF)
    return (uint32_t)AMD_LEAF;
  return __get_cpuid_max(0, 0) >= INTEL_LEAF ? INTEL_LEAF : 0;
}

TILEC_SUPPORT int64_t tilec_cache_bytes(int32_t level) {
  uint32_t leaf = find_leaf();
  int64_t bytes = 0;
  int32_t last = 0;
  /* Each index tells of one cache; processors have about four. */
  for (uint32_t index = 0; leaf != 0 && index < 16; ++index) {
    uint32_t a, b, c, d;
    __cpuid_count(leaf, index, a, b, c, d);
    int32_t type = a & 31, at = (a >> 5) & 7;
    if (type == NO_CACHE)
      break;
    if (type == INSTRUCTIONS || (level ? at != level : at < last))
      continue;
    int64_t line = (b & 0xfff) + 1, partitions = ((b >> 12) & 0x3ff) + 1;
    int64_t ways = (b >> 22) + 1, sets = (int64_t)c + 1;
    bytes = line * partitions * ways * sets;
    last = at;
  }
  return bytes;
}

TILEC_SUPPORT int64_t tilec_last_cache_bytes(void) {
  /* The same whoever finds it out; a virtual machine takes long to answer. */
  static int64_t known = 0;
  int64_t bytes = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (bytes == 0) {
    bytes = tilec_cache_bytes(0);
    bytes = bytes == 0 ? USUAL_LAST_CACHE : bytes;
    bytes = bytes < TILEC_LEAST_LAST_CACHE ? TILEC_LEAST_LAST_CACHE : bytes;
    __atomic_store_n(&known, bytes, __ATOMIC_RELAXED);
  }
  return bytes;
}
