// Bug: lanes of a warp exchange elements through shared memory without __syncwarp.
// Report: race
// Launch: --grid=2 --block=64
// in i32 x = rng.integers(-99, 99, (4, 32))
// out i32 y = x[:, ::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int slots[2][32];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, i = blockIdx.x * 64 + threadIdx.x;
  slots[warp][lane] = x[i]; // race
  if (!isBroken)
    __syncwarp();
  y[i] = slots[warp][31 - lane]; // race
}

KERNELS((const int *x, int *y), x, y)
