/*===- simulate.c - PTX without a GPU in a C program --------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Loads PTX from a string and runs it, through tilec-c/ptx-sim.h: the calls of
 * a driver, reports, counters and a trace.
 *===----------------------------------------------------------------------===*/
#include "tilec-c/ptx-sim.h"

#include <stdio.h>
#include <string.h>

/* y[i] = factor * x[i] for i < n; and thread 0 prints n. */
static const char source[] = ".version 8.0\n"
                             ".target sm_80\n"
                             ".address_size 64\n"
                             ".global .align 4 .f32 factor = 0f40000000;\n"
                             ".visible .entry scale(.param .u64 X, .param .u64 Y, .param .u32 N) {\n"
                             "  .reg .pred %p<2>;\n"
                             "  .reg .b32 %r<9>;\n"
                             "  .reg .f32 %f<4>;\n"
                             "  .reg .b64 %d<9>;\n"
                             "  ld.param.u64 %d1, [X];\n"
                             "  ld.param.u64 %d2, [Y];\n"
                             "  ld.param.u32 %r1, [N];\n"
                             "  mov.u32 %r2, %ctaid.x;\n"
                             "  mov.u32 %r3, %ntid.x;\n"
                             "  mov.u32 %r4, %tid.x;\n"
                             "  mad.lo.s32 %r5, %r2, %r3, %r4;\n"
                             "  setp.ge.u32 %p1, %r5, %r1;\n"
                             "  @%p1 bra END;\n"
                             "  mul.wide.u32 %d3, %r5, 4;\n"
                             "  add.s64 %d4, %d1, %d3;\n"
                             "  add.s64 %d5, %d2, %d3;\n"
                             "  ld.global.f32 %f1, [%d4];\n"
                             "  ld.global.f32 %f2, [factor];\n"
                             "  mul.rn.f32 %f3, %f1, %f2;\n"
                             "  st.global.f32 [%d5], %f3;\n"
                             "END:\n"
                             "  ret;\n"
                             "}\n";

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      fprintf(stderr, "line %d: %s\n%s\n", __LINE__, #condition, tilec_sim_message(device));                           \
      return 1;                                                                                                        \
    }                                                                                                                  \
  } while (0)

int main(void) {
  TilecSimDevice *device = tilec_sim_create();
  float x[100], y[100];
  uint64_t in, out, at, bytes;
  uint32_t n = 100;
  if (!device)
    return 1;

  /* A mistake in the text comes back with its line. */
  CHECK(!tilec_sim_load(device, "wrong.ptx", ".version 8.0\n.target sm_80\n.address_size 64\n.entry k() { frob.u32 1; }"));
  CHECK(strstr(tilec_sim_message(device), "wrong.ptx:4:"));

  TilecSimModule *module = tilec_sim_load(device, "scale.ptx", source);
  CHECK(module);
  CHECK(!tilec_sim_allocate(device, sizeof x, &in) && !tilec_sim_allocate(device, sizeof y, &out));
  for (int i = 0; i < 100; ++i)
    x[i] = (float)i;

  TilecSimArgument arguments[] = {{&in, sizeof in}, {&out, sizeof out}, {&n, sizeof n}};
  TilecSimLaunch launch = {0};
  launch.grid[0] = 2;
  launch.block[0] = 64;
  launch.counters = 1;
  launch.trace_file = "simulate.trace";

  /* Nobody has written x yet: the report says so. */
  CHECK(tilec_sim_launch(device, module, "scale", arguments, 3, &launch) == 1);
  CHECK(strstr(tilec_sim_message(device), "uninitialised"));
  CHECK(!tilec_sim_counters(device));

  CHECK(!tilec_sim_write(device, in, x, sizeof x));
  CHECK(!tilec_sim_find_variable(device, module, "factor", &at, &bytes) && bytes == 4);
  CHECK(!tilec_sim_launch(device, module, "scale", arguments, 3, &launch));
  CHECK(!tilec_sim_read(device, out, y, sizeof y));
  for (int i = 0; i < 100; ++i)
    CHECK(y[i] == 2 * x[i]);
  CHECK(strstr(tilec_sim_counters(device), "\"warp_efficiency\""));

  /* 4 warps: 17 instructions each and no more, since the last is cut at a branch that takes nothing away. */
  FILE *trace = fopen("simulate.trace", "r");
  int lines = 0;
  CHECK(trace);
  for (int c; (c = fgetc(trace)) != EOF;)
    lines += c == '\n';
  fclose(trace);
  CHECK(lines >= 4 * 17);

  /* In twelve orders the result is the same. */
  launch.schedules = 12;
  CHECK(!tilec_sim_launch(device, module, "scale", arguments, 3, &launch));
  CHECK(!tilec_sim_differences(device));
  CHECK(!tilec_sim_read(device, out, y, sizeof y) && y[99] == 198);
  launch.schedules = 0;

  /* What does not fit, does not run. */
  CHECK(tilec_sim_launch(device, module, "scale", arguments, 2, &launch) == 1);
  launch.checks = "everything";
  CHECK(tilec_sim_launch(device, module, "scale", arguments, 3, &launch) == 1);
  CHECK(tilec_sim_read(device, out, y, sizeof y + 1) == 1);
  CHECK(!tilec_sim_fill(device, out, 0, sizeof y) && !tilec_sim_release(device, out));
  CHECK(tilec_sim_release(device, out) == 1);
  tilec_sim_destroy(device);
  return 0;
}
