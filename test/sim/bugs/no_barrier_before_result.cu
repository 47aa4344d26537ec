// Bug: one thread adds the sums of the warps before all warps have stored theirs.
// Report: race, uninitialised
// Launch: --grid=2 --block=256
// in i32 x = rng.integers(-99, 99, (2, 256))
// out i32 y = x.sum(1)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int sums[8];
  int t = threadIdx.x, v = x[blockIdx.x * 256 + t];
  for (int distance = 16; distance; distance /= 2)
    v += __shfl_xor_sync(~0u, v, distance);
  if (t % 32 == 0)
    sums[t / 32] = v; // race
  if (!isBroken)
    __syncthreads();
  if (t == 0) {
    int sum = 0;
    for (int i = 0; i < 8; ++i)
      sum += sums[i]; // race
    y[blockIdx.x] = sum; // uninitialised
  }
}

KERNELS((const int *x, int *y), x, y)
