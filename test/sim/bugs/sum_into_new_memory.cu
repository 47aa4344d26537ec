// Bug: memory that the program has asked for is taken to be zero.
// Report: uninitialised
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = 2 * x
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  int t = threadIdx.x;
  int *sum = static_cast<int *>(malloc(4));
  if (!isBroken)
    *sum = 0;
  atomicAdd(sum, x[t]); // uninitialised
  atomicAdd(sum, x[t]); // uninitialised
  y[t] = *(volatile int *)sum; // uninitialised
  free(sum);
}

KERNELS((const int *x, int *y), x, y)
