/*===- object.c - a compiled kernel in a C program ----------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Links saxpy.o, which tile-cc made of saxpy.tile together with saxpy.h. The
 * program needs nothing of tilec to run.
 *===----------------------------------------------------------------------===*/
#include "saxpy.h"

#include <stdio.h>

enum { N = 1000 };

/* A view of `size` floats in a row. */
static DLTensor view(float *data, int64_t *size) {
  DLTensor tensor = {data, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, size, NULL, 0};
  return tensor;
}

int main(void) {
  static float x[N], y[N];
  int64_t size = N, less = N - 1;
  for (int i = 0; i < N; ++i) {
    x[i] = (float)i;
    y[i] = 1;
  }
  DLTensor tx = view(x, &size), ty = view(y, &size);
  int32_t status = saxpy(2.0f, &tx, &ty);
  if (status != 0) {
    fprintf(stderr, "%s\n", tilec_status_text(status));
    return 1;
  }
  for (int i = 0; i < N; ++i)
    if (y[i] != 2.0f * (float)i + 1) {
      fprintf(stderr, "y[%d] is %g\n", i, (double)y[i]);
      return 1;
    }

  /* A wrong argument is an error with a text, and nothing is touched. */
  DLTensor shorter = view(y, &less);
  status = saxpy(2.0f, &tx, &shorter);
  printf("%s\n", tilec_status_text(status));
  return status == 0 || y[1] != 3;
}
