// Bug: a scan reads and writes one buffer in each round, with a barrier only at the round's end.
// Report: race
// Launch: --grid=1 --block=128
// in i32 x = rng.integers(-99, 99, 128)
// out i32 y = x.cumsum()
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int sums[128];
  int t = threadIdx.x;
  sums[t] = x[t];
  __syncthreads();
  for (int distance = 1; distance < 128; distance *= 2) {
    int left = t >= distance ? sums[t - distance] : 0; // race
    if (!isBroken)
      __syncthreads();
    sums[t] += left; // race
    __syncthreads();
  }
  y[t] = sums[t];
}

KERNELS((const int *x, int *y), x, y)
