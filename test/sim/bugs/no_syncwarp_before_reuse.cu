// Bug: a warp's slot is filled again before all of its lanes have read it.
// Report: race
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, (4, 32))
// out i32 y = x[:, np.arange(32) ^ 5].sum(0)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int slots[32];
  int lane = threadIdx.x, sum = 0;
#pragma unroll 1
  for (int i = 0; i < 4; ++i) {
    slots[lane] = x[i * 32 + lane]; // race
    __syncwarp();
    sum += slots[lane ^ 5]; // race
    if (!isBroken)
      __syncwarp();
  }
  y[lane] = sum;
}

KERNELS((const int *x, int *y), x, y)
