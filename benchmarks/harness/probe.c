//===- probe.c - peak rates of this machine ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Multiply-adds on registers alone, and bandwidth of reading, writing and copying, on a number of threads.

#include <immintrin.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __AVX512F__
typedef __m512 Floats;
#define VECTORS 24
#define FMA(x, y, z) _mm512_fmadd_ps(x, y, z)
#define SET(x) _mm512_set1_ps(x)
#else
typedef __m256 Floats;
#define VECTORS 12
#define FMA(x, y, z) _mm256_fmadd_ps(x, y, z)
#define SET(x) _mm256_set1_ps(x)
#endif
#define LANES (sizeof(Floats) / sizeof(float))

#define LARGE_PAGE ((size_t)2 << 20)

/// Keeps a vector in a register, so that no iteration is left out.
#define KEEP(x) __asm__ volatile("" : "+v"(x))

/// Rounds of VECTORS independent multiply-adds.
static void multiply_add(long rounds) {
  Floats sums[VECTORS], factor = SET(0.999f);
  for (int i = 0; i < VECTORS; ++i)
    sums[i] = SET((float)i);
  for (long round = 0; round < rounds; ++round)
    for (int i = 0; i < VECTORS; ++i) {
      sums[i] = FMA(sums[i], factor, factor);
      KEEP(sums[i]);
    }
}

#ifdef __AVX512BF16__
static void dot_bf16(long rounds) {
  __m512 sums[VECTORS];
  __m512bh factor = (__m512bh)_mm512_set1_epi16(0x3f00);
  for (int i = 0; i < VECTORS; ++i)
    sums[i] = _mm512_setzero_ps();
  for (long round = 0; round < rounds; ++round)
    for (int i = 0; i < VECTORS; ++i) {
      sums[i] = _mm512_dpbf16_ps(sums[i], factor, factor);
      KEEP(sums[i]);
    }
}
#endif

#ifdef __AVX512VNNI__
static void dot_int8(long rounds) {
  __m512i sums[VECTORS], factor = _mm512_set1_epi8(1);
  for (int i = 0; i < VECTORS; ++i)
    sums[i] = _mm512_setzero_si512();
  for (long round = 0; round < rounds; ++round)
    for (int i = 0; i < VECTORS; ++i) {
      sums[i] = _mm512_dpbusd_epi32(sums[i], factor, factor);
      KEEP(sums[i]);
    }
}
#endif

#if defined(__AMX_BF16__) && defined(__AMX_INT8__)
/// Products of tiles in a round, each of 16 x 16 x 64 bytes: four of sums that do not wait for each other.
#define PRODUCTS 4

/// Whether Linux lets this process use tiles.
static int may_use_tiles(void) {
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  return !syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA);
}

/// Eight tiles of 16 rows of 64 bytes, which are zero.
static void configure_tiles(void) {
  unsigned char config[64] = {1};
  for (int tile = 0; tile < 8; ++tile)
    config[16 + 2 * tile] = 64, config[48 + tile] = 16;
  _tile_loadconfig(config);
}

static void tiles_bf16(long rounds) {
  configure_tiles();
  for (long round = 0; round < rounds; ++round) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
}

static void tiles_int8(long rounds) {
  configure_tiles();
  for (long round = 0; round < rounds; ++round) {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
  _tile_release();
}
#endif

/// One thread's part of a probe.
struct Part {
  void (*compute)(long);
  const char *kind;
  char *from, *to;
  size_t bytes;
  long rounds;
};

static void read_bytes(const char *from, size_t bytes) {
  __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  for (size_t at = 0; at + 128 <= bytes; at += 128)
    for (int i = 0; i < 4; ++i) {
      sum[i] = _mm256_or_si256(sum[i], _mm256_load_si256((const __m256i *)(from + at + 32 * i)));
      KEEP(sum[i]);
    }
}

static void write_bytes(char *to, size_t bytes) {
  __m256i value = _mm256_set1_epi8(1);
  for (size_t at = 0; at + 32 <= bytes; at += 32)
    _mm256_store_si256((__m256i *)(to + at), value);
  __asm__ volatile("" ::: "memory");
}

static void run_part(const struct Part *part) {
  if (part->compute) {
    part->compute(part->rounds);
    return;
  }
  for (long round = 0; round < part->rounds; ++round) {
    if (!strcmp(part->kind, "read"))
      read_bytes(part->from, part->bytes);
    else if (!strcmp(part->kind, "write"))
      write_bytes(part->to, part->bytes);
    else
      memcpy(part->to, part->from, part->bytes);
    __asm__ volatile("" ::: "memory");
  }
}

/// A thread that waits for parts. It stays: starting one takes as long as reading a megabyte.
struct Helper {
  sem_t begin, end;
  struct Part *part;
};

static void *help(void *argument) {
  struct Helper *helper = argument;
  for (;;) {
    sem_wait(&helper->begin);
    run_part(helper->part);
    sem_post(&helper->end);
  }
  return NULL;
}

static void run_all(struct Part *parts, int threads) {
  static struct Helper helpers[256];
  static int started = 1;
  for (; started < threads; ++started) {
    pthread_t handle;
    sem_init(&helpers[started].begin, 0, 0);
    sem_init(&helpers[started].end, 0, 0);
    pthread_create(&handle, NULL, help, &helpers[started]);
  }
  for (int i = 1; i < threads; ++i) {
    helpers[i].part = &parts[i];
    sem_post(&helpers[i].begin);
  }
  run_part(&parts[0]);
  for (int i = 1; i < threads; ++i)
    sem_wait(&helpers[i].end);
}

/// Multiplications that wait for each other: each takes three cycles. (Additions may take none.)
#define FOUR_MULTIPLICATIONS(x) __asm__ volatile("imul %0, %0\n imul %0, %0\n imul %0, %0\n imul %0, %0" : "+r"(x))
#define CYCLES_OF_FOUR 12

static void count_cycles(long rounds) {
  unsigned long product = 3;
  for (long round = 0; round < rounds; ++round)
    FOUR_MULTIPLICATIONS(product);
}

#if defined(__AMX_BF16__) && defined(__AMX_INT8__)
/// The same while tiles are in use: processors have fewer cycles a second then.
static void count_cycles_beside_tiles(long rounds) {
  unsigned long product = 3;
  configure_tiles();
  for (long round = 0; round < rounds; ++round) {
    _tile_dpbssd(0, 4, 6);
    for (int i = 0; i < 8; ++i)
      FOUR_MULTIPLICATIONS(product);
  }
  _tile_release();
}
#endif

/// Runs `rounds` rounds of a kind of arithmetic on each thread, by the fastest instructions for it. Returns the
/// operations in one round of all threads, or 0 if there are no such instructions. "cycles" counts those of a core.
double probe_compute(const char *kind, int threads, long rounds) {
  struct Part parts[256] = {0};
  void (*compute)(long) = NULL;
  double perRound = 2.0 * LANES * VECTORS;
  if (!strcmp(kind, "fma"))
    compute = multiply_add;
  if (!strcmp(kind, "cycles"))
    compute = count_cycles, perRound = CYCLES_OF_FOUR;
#ifdef __AVX512BF16__
  if (!strcmp(kind, "bf16"))
    compute = dot_bf16, perRound = 64.0 * VECTORS;
#endif
#ifdef __AVX512VNNI__
  if (!strcmp(kind, "int8"))
    compute = dot_int8, perRound = 128.0 * VECTORS;
#endif
#if defined(__AMX_BF16__) && defined(__AMX_INT8__)
  int isBF16 = !strcmp(kind, "bf16");
  if ((isBF16 || !strcmp(kind, "int8")) && may_use_tiles())
    compute = isBF16 ? tiles_bf16 : tiles_int8, perRound = (isBF16 ? 16384.0 : 32768.0) * PRODUCTS;
  if (!strcmp(kind, "cycles") && may_use_tiles())
    compute = count_cycles_beside_tiles, perRound = 8 * CYCLES_OF_FOUR;
#endif
  if (!compute || threads < 1 || threads > 256)
    return 0;
  for (int i = 0; i < threads; ++i)
    parts[i] = (struct Part){.compute = compute, .rounds = rounds};
  run_all(parts, threads);
  return perRound * threads;
}

/// Whether this kind of arithmetic is that of AMX's tiles.
int probe_has_tiles(const char *kind) {
#if defined(__AMX_BF16__) && defined(__AMX_INT8__)
  return (!strcmp(kind, "bf16") || !strcmp(kind, "int8")) && may_use_tiles();
#else
  (void)kind;
  return 0;
#endif
}

/// Reads, writes or copies `bytes` bytes in all, `rounds` times, spread over the threads. The memory is kept from call
/// to call, so that only the first of a size meets untouched pages. Returns the bytes, or 0 without memory.
double probe_memory(const char *kind, int threads, size_t bytes, long rounds) {
  static char *memory;
  static size_t size;
  struct Part parts[256] = {0};
  if (threads < 1 || threads > 256)
    return 0;
  if (size != bytes) {
    free(memory);
    size = bytes;
    // Large pages, as those of NumPy's arrays.
    memory = aligned_alloc(LARGE_PAGE, (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE);
    if (!memory)
      return size = 0;
    madvise(memory, bytes, MADV_HUGEPAGE);
    memset(memory, 1, bytes);
  }
  // A copy reads one half and writes the other.
  size_t half = !strcmp(kind, "copy") ? bytes / 2 / 4096 * 4096 : 0;
  size_t share = (half ? half : bytes) / threads / 128 * 128;
  for (int i = 0; i < threads; ++i)
    parts[i] = (struct Part){
        .kind = kind, .from = memory + i * share, .to = memory + half + i * share, .bytes = share, .rounds = rounds};
  run_all(parts, threads);
  return (double)bytes;
}
