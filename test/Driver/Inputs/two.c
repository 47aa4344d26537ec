// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "add.h"
#include "row_sum.h"

#include <stdio.h>
#include <stdlib.h>

static DLTensor view(float *data, int rank, int64_t *shape) {
  DLTensor tensor = {data, {kDLCPU, 0}, rank, {kDLFloat, 32, 1}, shape, 0, 0};
  return tensor;
}

int main(void) {
  float x[3] = {1, 2, 3}, y[3] = {2, 2, 2}, m[2][3] = {{2, 3, 4}, {3, 4, 5}};
  int64_t three = 3, two = 2, shape[2] = {2, 3};
  DLTensor tx = view(x, 1, &three), ty = view(y, 1, &three), tm = view(m[0], 2, shape);
  if (add(&tx, &ty) != 0)
    return 1;
  printf("%g %g %g\n", y[0], y[1], y[2]);

  float sums[2];
  DLTensor ts = view(sums, 1, &two);
  int64_t size = row_sum_workspace_size(&tm, &ts);
  void *workspace = size > 0 ? aligned_alloc(64, (size_t)((size + 63) / 64 * 64)) : 0;
  if (size < 0 || row_sum_with_workspace(&tm, &ts, workspace, size) != 0)
    return 1;
  free(workspace);
  printf("%g %g\n", sums[0], sums[1]);

  ty = view(y, 1, &two);
  puts(tilec_status_text(add(&tx, &ty)));
  tilec_workspace_trim();
  return 0;
}
