/*===- ptx-sim.h - run PTX without a GPU, from C ------------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tilec/Sim/PTX/Simulator.h in C: a device that executes PTX on the CPU, with
 * the calls of a driver.
 *
 *   TilecSimDevice *device = tilec_sim_create();
 *   TilecSimModule *module = tilec_sim_load(device, "k.ptx", text);
 *   uint64_t x;
 *   uint32_t n = 1024;
 *   if (!module || tilec_sim_allocate(device, 4096, &x) ||
 *       tilec_sim_write(device, x, data, 4096))
 *     puts(tilec_sim_message(device));
 *   TilecSimArgument arguments[] = {{&x, sizeof x}, {&n, sizeof n}};
 *   TilecSimLaunch launch = {0};
 *   launch.grid[0] = 8;
 *   launch.block[0] = 128;
 *   if (tilec_sim_launch(device, module, "k", arguments, 2, &launch))
 *     puts(tilec_sim_message(device));
 *   tilec_sim_destroy(device);
 *
 * Functions that can fail return 0 where they succeed and 1 where they do not,
 * or NULL, and tilec_sim_message then has the reason; a NULL where there must be
 * none is such a failure. There is no global state; a device is for one thread
 * at a time.
 *===----------------------------------------------------------------------===*/
#ifndef TILEC_C_PTX_SIM_H
#define TILEC_C_PTX_SIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A device: its memory, and the modules loaded into it. */
typedef struct TilecSimDevice TilecSimDevice;
/* One of these; lives as long as its device. */
typedef struct TilecSimModule TilecSimModule;

/* NULL without memory. */
TilecSimDevice *tilec_sim_create(void);
void tilec_sim_destroy(TilecSimDevice *device);

/* Why the last call that failed did so: the errors of a module, a line for
 * each, or the report of a launch. Empty before any failure; lives until the
 * next failure. */
const char *tilec_sim_message(const TilecSimDevice *device);

/* Parses PTX text and gives the variables of the module their first values.
 * `name` is what errors call the text. */
TilecSimModule *tilec_sim_load(TilecSimDevice *device, const char *name,
                               const char *text);
/* The address and size of a variable in global or constant memory. */
int tilec_sim_find_variable(TilecSimDevice *device, TilecSimModule *module,
                            const char *name, uint64_t *address,
                            uint64_t *bytes);

/* Global memory, aligned to 256 bytes, without a value until it is written.
 * Copies fail unless all of the bytes are in one allocation. */
int tilec_sim_allocate(TilecSimDevice *device, uint64_t bytes,
                       uint64_t *address);
int tilec_sim_release(TilecSimDevice *device, uint64_t address);
int tilec_sim_write(TilecSimDevice *device, uint64_t address, const void *data,
                    uint64_t bytes);
int tilec_sim_read(TilecSimDevice *device, uint64_t address, void *data,
                   uint64_t bytes);
int tilec_sim_fill(TilecSimDevice *device, uint64_t address,
                   unsigned char value, uint64_t bytes);

/* The bytes of one parameter of a kernel. */
typedef struct TilecSimArgument {
  const void *data;
  size_t bytes;
} TilecSimArgument;

/* How a kernel is launched. 0 and NULL stand for the default everywhere, so
 * that one begins with `= {0}`. */
typedef struct TilecSimLaunch {
  /* In blocks and in threads; 0 is 1. */
  uint32_t grid[3], block[3];
  /* Bytes of dynamic shared memory of a block. */
  uint32_t dynamic_shared;
  /* Blocks that make progress at once. */
  uint32_t resident_blocks;
  /* Which of the legal orders of warps is taken, and the most instructions. */
  uint64_t seed, max_steps;
  /* What is checked, such as "races,init", or "none"; NULL is everything. */
  const char *checks;
  /* Whether tilec_sim_counters has something to say afterwards. */
  int counters;
  /* A file that gets a line of JSON for each instruction of a warp, and how
   * many at most (0: 100000). */
  const char *trace_file;
  uint64_t trace_limit;
  /* Gets what the kernel prints; NULL prints to stdout. */
  void (*print)(void *context, const char *text, size_t length);
  void *print_context;
  /* How many seeds are run, from `seed` on, each from the memory as it was; 0
   * is 1. Their reports come together, each once with the seed that repeats
   * it. Memory is then as the first left it, which alone is counted, traced
   * and prints. */
  uint64_t schedules;
} TilecSimLaunch;

/* Runs a kernel to its end. Fails where the launch does not fit the kernel, or
 * a check finds something. */
int tilec_sim_launch(TilecSimDevice *device, TilecSimModule *module,
                     const char *kernel, const TilecSimArgument *arguments,
                     size_t num_arguments, const TilecSimLaunch *launch);

/* What the schedules of the last launch left behind differently: a line for
 * each array, with its address; NULL where there is nothing. Such a kernel may
 * be right, as one that adds floats by atomics is. */
const char *tilec_sim_differences(const TilecSimDevice *device);

/* The counters of the last launch that was asked for them and ended well, as
 * JSON; NULL where there is none. Lives until the next launch. */
const char *tilec_sim_counters(const TilecSimDevice *device);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TILEC_C_PTX_SIM_H */
