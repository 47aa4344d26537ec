// Bug: a tree of sums has no barrier between its rounds.
// Report: race
// Launch: --grid=3 --block=128
// in i32 x = rng.integers(-99, 99, (3, 128))
// out i32 y = x.sum(1)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int sums[128];
  int t = threadIdx.x;
  sums[t] = x[blockIdx.x * 128 + t];
  __syncthreads();
  for (int width = 64; width; width /= 2) {
    if (t < width)
      sums[t] += sums[t + width]; // race
    if (!isBroken)
      __syncthreads();
  }
  if (t == 0)
    y[blockIdx.x] = sums[0];
}

KERNELS((const int *x, int *y), x, y)
