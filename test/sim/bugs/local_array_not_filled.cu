// Bug: a thread writes as many elements of its array as it has, and reads all.
// Report: uninitialised
// Launch: --grid=1 --block=32
// in i32 counts = np.arange(32) % 8 + 1
// out i32 y = np.array([sum(range(1, n + 1)) for n in counts])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *counts, int *y) {
  volatile int values[8];
  int t = threadIdx.x, n = counts[t], sum = 0;
#pragma unroll 1
  for (int i = 0; i < (isBroken ? n : 8); ++i)
    values[i] = i < n ? i + 1 : 0;
#pragma unroll 1
  for (int i = 0; i < 8; ++i)
    sum += values[i]; // uninitialised
  y[t] = sum; // uninitialised
}

KERNELS((const int *counts, int *y), counts, y)
