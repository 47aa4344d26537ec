// Bug: the block reads the tile that its threads have loaded without a barrier in between.
// Report: race
// Launch: --grid=2 --block=96
// in i32 x = rng.integers(-99, 99, (2, 96))
// out i32 y = x[:, ::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[96];
  int t = threadIdx.x, i = blockIdx.x * 96 + t;
  tile[t] = x[i]; // race
  if (!isBroken)
    __syncthreads();
  y[i] = tile[95 - t]; // race
}

KERNELS((const int *x, int *y), x, y)
