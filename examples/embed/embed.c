/*===- embed.c - the compiler in a C program ----------------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Compiles a kernel from a string and calls it, through tilec-c/tilec.h.
 *===----------------------------------------------------------------------===*/
#include "tilec-c/tilec.h"

#include <stdio.h>

static const char source[] = "kernel scale(X: f32[M, N], s: f32) -> Y: f32[M, N] {\n"
                             "  for i, j in tiles(M, N) {\n"
                             "    Y[i, j] = X[i, j] * s\n"
                             "  }\n"
                             "}\n";

int main(void) {
  char *message = NULL;

  /* An error in the source comes back as text. */
  TilecProgram *wrong =
      tilec_compile("wrong.tile", "kernel k(X: f33[N]) {}", NULL, 0, &message);
  if (wrong || !message)
    return 1;
  printf("%s\n", message);
  tilec_free_message(message);

  const char *options[] = {"--set", "i=8,j=32"};
  TilecProgram *program =
      tilec_compile("scale.tile", source, options, 2, &message);
  if (!program) {
    fprintf(stderr, "%s\n", message);
    return 1;
  }
  tilec_free_message(message);
  TilecKernel *scale = tilec_find_kernel(program, "scale");

  float x[3][5], y[3][5], factor = 2;
  int64_t shape[2] = {3, 5};
  for (int i = 0; i < 15; ++i)
    x[i / 5][i % 5] = (float)i;
  DLTensor tx = {x, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, NULL, 0};
  DLTensor ty = {y, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, NULL, 0};
  void *args[] = {&tx, &factor, &ty};
  if (tilec_call(scale, args, 3, 0, &message) != 0) {
    fprintf(stderr, "%s\n", message);
    return 1;
  }
  for (int i = 0; i < 15; ++i)
    if (y[i / 5][i % 5] != 2 * (float)i)
      return 1;

  /* So does an argument that does not fit. */
  args[2] = &tx;
  if (tilec_call(scale, args, 3, 0, &message) == 0)
    return 1;
  printf("%s\n", message);
  tilec_free_message(message);
  tilec_free_program(program);
  return 0;
}
