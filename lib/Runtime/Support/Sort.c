/*===- Sort.c - Stable sort and top-k for kernels -----------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Keys of every type compare as integers, see orderedKey(). A sort is by their
 * digits; top-k has a heap of (key, index) pairs, no two of which are equal.
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

/* Whether element `a` comes before `b`: descending and by index. */
static int before(int64_t ka, int32_t ia, int64_t kb, int32_t ib) {
  return ka != kb ? ka > kb : ia < ib;
}

static void siftDown(void *values, int32_t *indices, int64_t root, int64_t n,
                     int32_t dtype) {
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
      if (before(childKey, indices[child], otherKey, indices[child + 1])) {
        ++child;
        childValue = other;
        childKey = otherKey;
      }
    }
    if (!before(key, index, childKey, indices[child]))
      break;
    storeBits(values, root, bits, childValue);
    indices[root] = indices[child];
    root = child;
  }
  storeBits(values, root, bits, value);
  indices[root] = index;
}

/* Sorts values with their indices; the heap's root is what sorts last. */
static void heapSort(void *values, int32_t *indices, int64_t n,
                     int32_t dtype) {
  int bits = dtype % 256;
  for (int64_t root = n / 2 - 1; root >= 0; --root)
    siftDown(values, indices, root, n, dtype);
  for (int64_t last = n - 1; last > 0; --last) {
    uint64_t value = loadBits(values, 0, bits);
    int32_t index = indices[0];
    storeBits(values, 0, bits, loadBits(values, last, bits));
    indices[0] = indices[last];
    storeBits(values, last, bits, value);
    indices[last] = index;
    siftDown(values, indices, 0, last, dtype);
  }
}

/* An integer of the bits of the type that orders like the value. */
static uint64_t orderedBits(uint64_t value, int32_t dtype) {
  int code = dtype / 256, bits = dtype % 256;
  int64_t key = orderedKey(value, dtype);
  if (bits == 64)
    return (uint64_t)key ^ ((uint64_t)1 << 63);
  if (!tilec_is_float(dtype) && code != TILEC_DL_INT)
    return (uint64_t)key;
  uint64_t offset = (uint64_t)1 << (bits - 1);
  /* NaN, which is far above the type's other keys, becomes the largest. */
  return key >= (int64_t)offset ? 2 * offset - 1 : (uint64_t)key + offset;
}

enum { keyShift = 32, digitBits = 8, digits = 1 << digitBits, passes = 4 };

/* Rows up to here are sorted by insertion: counting digits costs more. */
enum { shortRow = 48 };

static void insertionSort(uint64_t *pairs, int64_t n) {
  for (int64_t i = 1; i < n; ++i) {
    uint64_t pair = pairs[i];
    int64_t to = i;
    for (; to > 0 && pairs[to - 1] >> keyShift > pair >> keyShift; --to)
      pairs[to] = pairs[to - 1];
    pairs[to] = pair;
  }
}

/* Sorts by the upper 32 bits; stable. A radix sort from the lowest digit up
 * (Knuth, The Art of Computer Programming 3, 5.2.5); `other` has room for n. */
static void sortByKey(uint64_t *pairs, uint64_t *other, int64_t n) {
  if (n <= shortRow) {
    insertionSort(pairs, n);
    return;
  }
  uint32_t counts[passes][digits];
  memset(counts, 0, sizeof counts);
  for (int64_t i = 0; i < n; ++i)
    for (int pass = 0; pass < passes; ++pass)
      ++counts[pass][pairs[i] >> (keyShift + pass * digitBits) & (digits - 1)];
  uint64_t *from = pairs;
  for (int pass = 0; pass < passes; ++pass) {
    int shift = keyShift + pass * digitBits;
    uint32_t *first = counts[pass], before = 0;
    if (first[from[0] >> shift & (digits - 1)] == (uint64_t)n)
      continue; /* all have the same digit */
    for (int digit = 0; digit < digits; ++digit) {
      uint32_t count = first[digit];
      first[digit] = before;
      before += count;
    }
    for (int64_t i = 0; i < n; ++i)
      other[first[from[i] >> shift & (digits - 1)]++] = from[i];
    uint64_t *sorted = other;
    other = from;
    from = sorted;
  }
  if (from != pairs)
    memcpy(pairs, from, (size_t)n * sizeof *pairs);
}

TILEC_SUPPORT void tilec_sort(const void *keys, void *values, int32_t *indices,
                              void *scratch, int64_t n, int32_t dtype) {
  int bits = dtype % 256;
  /* 32 bits of a key above its index. */
  uint64_t *pairs = (uint64_t *)scratch;
  for (int64_t i = 0; i < n; ++i)
    pairs[i] = orderedBits(loadBits(keys, i, bits), dtype) << keyShift |
               (uint64_t)i;
  sortByKey(pairs, pairs + n, n);
  if (bits == 64) {
    for (int64_t i = 0; i < n; ++i) {
      uint64_t index = (uint32_t)pairs[i];
      uint64_t key = orderedBits(loadBits(keys, (int64_t)index, bits), dtype);
      pairs[i] = key >> 32 << keyShift | index;
    }
    sortByKey(pairs, pairs + n, n);
  }
  for (int64_t i = 0; i < n; ++i) {
    indices[i] = (int32_t)pairs[i];
    storeBits(values, i, bits, loadBits(keys, indices[i], bits));
  }
}

/* Where the first key from `i` on is that is above `least`; n if none is. The
 * loops of the usual types know theirs. */
static inline __attribute__((always_inline)) int64_t
findAbove(const void *keys, int64_t i, int64_t n, int64_t least,
          const int32_t dtype) {
  while (i < n && orderedKey(loadBits(keys, i, dtype % 256), dtype) <= least)
    ++i;
  return i;
}

static int64_t nextAbove(const void *keys, int64_t i, int64_t n, int64_t least,
                         int32_t dtype) {
  switch (dtype) {
  case TILEC_DTYPE(TILEC_DL_FLOAT, 32):
    return findAbove(keys, i, n, least, TILEC_DTYPE(TILEC_DL_FLOAT, 32));
  case TILEC_DTYPE(TILEC_DL_FLOAT, 16):
    return findAbove(keys, i, n, least, TILEC_DTYPE(TILEC_DL_FLOAT, 16));
  case TILEC_DTYPE(TILEC_DL_BFLOAT, 16):
    return findAbove(keys, i, n, least, TILEC_DTYPE(TILEC_DL_BFLOAT, 16));
  case TILEC_DTYPE(TILEC_DL_INT, 32):
    return findAbove(keys, i, n, least, TILEC_DTYPE(TILEC_DL_INT, 32));
  default:
    return findAbove(keys, i, n, least, dtype);
  }
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
    siftDown(values, indices, root, k, dtype);
  /* The root is the least of the k kept so far; later equal keys lose. */
  for (int64_t i = k;; ++i) {
    int64_t least = orderedKey(loadBits(values, 0, bits), dtype);
    i = nextAbove(keys, i, n, least, dtype);
    if (i == n)
      break;
    storeBits(values, 0, bits, loadBits(keys, i, bits));
    indices[0] = (int32_t)i;
    siftDown(values, indices, 0, k, dtype);
  }
  heapSort(values, indices, k, dtype);
}
