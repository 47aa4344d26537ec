/*===- Sort.c - Stable sort and top-k for kernels -----------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Heap sorts on (key, index) pairs: no two pairs are equal, so the result is
 * that of a stable sort, and neither memory nor recursion is needed. Keys of
 * every type compare as 64-bit integers, see orderedKey().
 *===----------------------------------------------------------------------===*/
#include "Support.h"

#include <string.h>

static uint64_t loadBits(const void *data, int64_t index, int bits) {
  const char *element = (const char *)data + index * (bits / 8);
  switch (bits) {
  case 8:
    return *(const uint8_t *)element;
  case 16:
    return *(const uint16_t *)element;
  case 32:
    return *(const uint32_t *)element;
  default:
    return *(const uint64_t *)element;
  }
}

static void storeBits(void *data, int64_t index, int bits, uint64_t value) {
  char *element = (char *)data + index * (bits / 8);
  switch (bits) {
  case 8:
    *(uint8_t *)element = (uint8_t)value;
    return;
  case 16:
    *(uint16_t *)element = (uint16_t)value;
    return;
  case 32:
    *(uint32_t *)element = (uint32_t)value;
    return;
  default:
    *(uint64_t *)element = value;
  }
}

/* The bits of infinity of a float type; larger magnitudes are NaN. */
static uint64_t infinityBits(int32_t dtype) {
  switch (dtype) {
  case TILEC_DTYPE(TILEC_DL_FLOAT, 16):
    return 0x7c00;
  case TILEC_DTYPE(TILEC_DL_BFLOAT, 16):
    return 0x7f80;
  case TILEC_DTYPE(TILEC_DL_FLOAT, 32):
    return 0x7f800000;
  case TILEC_DTYPE(TILEC_DL_FLOAT8_E4M3FN, 8):
    return 0x7e; /* no infinity: the largest finite value, before NaN */
  case TILEC_DTYPE(TILEC_DL_FLOAT8_E5M2, 8):
    return 0x7c;
  default:
    return 0x7ff0000000000000u;
  }
}

/* Maps the bits of an element to an integer that orders like its value: -0 and
 * 0 alike, every NaN alike and above all numbers. */
static int64_t orderedKey(uint64_t value, int32_t dtype) {
  int code = dtype / 256, bits = dtype % 256;
  uint64_t sign = (uint64_t)1 << (bits - 1);
  if (tilec_is_float(dtype)) {
    uint64_t magnitude = value & (sign - 1);
    if (magnitude > infinityBits(dtype))
      return INT64_MAX;
    return value & sign ? -(int64_t)magnitude : (int64_t)magnitude;
  }
  if (code == TILEC_DL_INT)
    return (int64_t)((value ^ sign) - sign); /* sign extension */
  return bits == 64 ? (int64_t)(value ^ sign) : (int64_t)value;
}

/* Whether element `a` sorts before `b`: ascending and by index (sort), or
 * descending and by index (top-k). */
static int before(int64_t ka, int32_t ia, int64_t kb, int32_t ib,
                  int descending) {
  if (ka != kb)
    return descending ? ka > kb : ka < kb;
  return ia < ib;
}

static void siftDown(void *values, int32_t *indices, int64_t root, int64_t n,
                     int32_t dtype, int descending) {
  int bits = dtype % 256;
  uint64_t value = loadBits(values, root, bits);
  int64_t key = orderedKey(value, dtype);
  int32_t index = indices[root];
  for (;;) {
    int64_t child = 2 * root + 1;
    if (child >= n)
      break;
    uint64_t childValue = loadBits(values, child, bits);
    int64_t childKey = orderedKey(childValue, dtype);
    if (child + 1 < n) {
      uint64_t other = loadBits(values, child + 1, bits);
      int64_t otherKey = orderedKey(other, dtype);
      if (before(childKey, indices[child], otherKey, indices[child + 1],
                 descending)) {
        ++child;
        childValue = other;
        childKey = otherKey;
      }
    }
    if (!before(key, index, childKey, indices[child], descending))
      break;
    storeBits(values, root, bits, childValue);
    indices[root] = indices[child];
    root = child;
  }
  storeBits(values, root, bits, value);
  indices[root] = index;
}

/* Sorts values with their indices; the heap's root is what sorts last. */
static void heapSort(void *values, int32_t *indices, int64_t n, int32_t dtype,
                     int descending) {
  int bits = dtype % 256;
  for (int64_t root = n / 2 - 1; root >= 0; --root)
    siftDown(values, indices, root, n, dtype, descending);
  for (int64_t last = n - 1; last > 0; --last) {
    uint64_t value = loadBits(values, 0, bits);
    int32_t index = indices[0];
    storeBits(values, 0, bits, loadBits(values, last, bits));
    indices[0] = indices[last];
    storeBits(values, last, bits, value);
    indices[last] = index;
    siftDown(values, indices, 0, last, dtype, descending);
  }
}

TILEC_SUPPORT void tilec_sort(void *keys, int32_t *indices, int64_t n,
                              int32_t dtype) {
  for (int64_t i = 0; i < n; ++i)
    indices[i] = (int32_t)i;
  heapSort(keys, indices, n, dtype, /*descending=*/0);
}

TILEC_SUPPORT void tilec_topk(const void *keys, void *values, int32_t *indices,
                              int64_t n, int64_t k, int32_t dtype) {
  int bits = dtype % 256;
  if (k > n)
    k = n;
  if (k <= 0)
    return;
  for (int64_t i = 0; i < k; ++i)
    indices[i] = (int32_t)i;
  memcpy(values, keys, (size_t)(k * (bits / 8)));
  for (int64_t root = k / 2 - 1; root >= 0; --root)
    siftDown(values, indices, root, k, dtype, /*descending=*/1);
  /* The root is the least of the k kept so far; later equal keys lose. */
  for (int64_t i = k; i < n; ++i) {
    uint64_t value = loadBits(keys, i, bits);
    if (orderedKey(value, dtype) <=
        orderedKey(loadBits(values, 0, bits), dtype))
      continue;
    storeBits(values, 0, bits, value);
    indices[0] = (int32_t)i;
    siftDown(values, indices, 0, k, dtype, /*descending=*/1);
  }
  heapSort(values, indices, k, dtype, /*descending=*/1);
}
