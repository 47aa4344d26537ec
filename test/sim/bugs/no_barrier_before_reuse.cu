// Bug: the next tile is loaded into the buffer while slower threads still read the last one.
// Report: race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (5, 64))
// out i32 y = x[:, ::-1].sum(0)
// scalar i32 tiles = 5
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int tiles) {
  __shared__ int tile[64];
  int t = threadIdx.x, sum = 0;
  for (int i = 0; i < tiles; ++i) {
    tile[t] = x[i * 64 + t]; // race
    __syncthreads();
    sum += tile[63 - t]; // race
    if (!isBroken)
      __syncthreads();
  }
  y[t] = sum;
}

KERNELS((const int *x, int *y, int tiles), x, y, tiles)
