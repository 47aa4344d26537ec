// Bug: the last rounds of a tree of sums, within one warp, count on the warp to go in step.
// Report: race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = x.sum(keepdims=True)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int sums[64];
  int t = threadIdx.x;
  sums[t] = x[t];
  __syncthreads();
  if (t < 32)
    for (int width = 32; width; width /= 2) {
      int v = sums[t] + sums[(t + width) % 64]; // race
      if (!isBroken)
        __syncwarp();
      sums[t] = v; // race
      if (!isBroken)
        __syncwarp();
    }
  if (t == 0)
    y[0] = sums[0];
}

KERNELS((const int *x, int *y), x, y)
