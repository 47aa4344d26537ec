/*===- Workspace.c - Memory for workspaces, some of which is kept -*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Packed operands fill the second cache and more. In small pages each of them
 * is somewhere else in memory: they compete for the same sets of a cache, and
 * what the machine fetches ahead ends with each page. So what is larger than a
 * few pages is asked for as huge pages. The system clears these before it
 * gives them, which takes as long as some kernels do: a few blocks are kept
 * for the next calls, as malloc keeps memory. A block begins with its size.
 *===----------------------------------------------------------------------===*/
#define _DEFAULT_SOURCE
#include "Support.h"

#include <stdlib.h>
#include <sys/mman.h>

/* What is smaller comes from malloc; larger blocks than MOST_KEPT are not kept.
 * As many calls as there are places can go on at the same time and find what
 * earlier ones left. */
#define PAGES_FROM ((uint64_t)256 << 10)
#define HUGE_PAGE ((uint64_t)2 << 20)
#define MOST_KEPT ((uint64_t)128 << 20)
#define PLACES 4

typedef struct {
  uint64_t size;
  char padding[TILEC_WORKSPACE_ALIGNMENT - sizeof(uint64_t)];
} Block;

TILEC_SUPPORT Block *tilec_kept_blocks[PLACES];

static uint64_t round_up(uint64_t size, uint64_t to) {
  return (size + to - 1) & ~(to - 1);
}

/* Pages that begin with a huge one. */
static Block *map_pages(uint64_t size) {
  char *mapped = (char *)mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == (char *)MAP_FAILED)
    return NULL;
  uint64_t before = -(uint64_t)(uintptr_t)mapped & (HUGE_PAGE - 1);
  if (before)
    munmap(mapped, before);
  if (before < HUGE_PAGE)
    munmap(mapped + before + size, HUGE_PAGE - before);
  Block *block = (Block *)(mapped + before);
#ifdef MADV_HUGEPAGE
  /* Where there are none, small ones do. */
  (void)madvise(block, size, MADV_HUGEPAGE);
#endif
  block->size = size;
  return block;
}

static void release(Block *block) {
  if (block->size < PAGES_FROM)
    free(block);
  else
    munmap(block, block->size);
}

TILEC_SUPPORT void *tilec_workspace_alloc(int64_t size) {
  if (size <= 0)
    return NULL;
  uint64_t needed = round_up((uint64_t)size, TILEC_WORKSPACE_ALIGNMENT);
  needed += sizeof(Block);
  if (needed < PAGES_FROM) {
    Block *block = (Block *)aligned_alloc(TILEC_WORKSPACE_ALIGNMENT, needed);
    if (!block)
      return NULL;
    block->size = needed;
    return block + 1;
  }
  needed = round_up(needed, HUGE_PAGE);
  /* None that is kept serves a call that needs more than MOST_KEPT. */
  for (int place = 0; needed <= MOST_KEPT && place < PLACES; ++place) {
    Block *block = __atomic_exchange_n(&tilec_kept_blocks[place], NULL,
                                       __ATOMIC_ACQ_REL);
    if (!block)
      continue;
    if (block->size >= needed)
      return block + 1;
    /* The new block comes back to the place of one that is too small. */
    release(block);
    break;
  }
  Block *block = map_pages(needed);
  if (!block) {
    /* What is kept may be in the way of a process' limit. */
    tilec_workspace_trim();
    block = map_pages(needed);
  }
  return block ? block + 1 : NULL;
}

TILEC_SUPPORT void tilec_workspace_free(void *workspace) {
  if (!workspace)
    return;
  Block *block = (Block *)workspace - 1;
  if (block->size >= PAGES_FROM && block->size <= MOST_KEPT) {
    for (int place = 0; place < PLACES; ++place) {
      Block *none = NULL;
      if (__atomic_compare_exchange_n(&tilec_kept_blocks[place], &none, block,
                                      0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return;
    }
  }
  release(block);
}

/* Also when a library that carries this is unloaded. */
TILEC_SUPPORT __attribute__((destructor)) void tilec_workspace_trim(void) {
  for (int place = 0; place < PLACES; ++place) {
    Block *block = __atomic_exchange_n(&tilec_kept_blocks[place], NULL,
                                       __ATOMIC_ACQ_REL);
    if (block)
      release(block);
  }
}
