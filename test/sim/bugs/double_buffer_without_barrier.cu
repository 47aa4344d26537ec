// Bug: two buffers take turns, but nothing keeps a fast warp from being two rounds ahead of a slow one.
// Report: race, uninitialised
// Launch: --grid=1 --block=96
// in i32 x = rng.integers(-99, 99, (6, 96))
// out i32 y = (x[:, ::-1] * np.arange(1, 7)[:, None]).sum(0)
// scalar i32 tiles = 6
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int tiles) {
  __shared__ int buffers[2][96];
  int t = threadIdx.x, sum = 0;
  buffers[0][t] = x[t]; // race
  for (int i = 0; i < tiles; ++i) {
    if (!isBroken || i == 0)
      __syncthreads();
    if (i + 1 < tiles)
      buffers[(i + 1) % 2][t] = x[(i + 1) * 96 + t]; // race
    sum += (i + 1) * buffers[i % 2][95 - t]; // race
  }
  y[t] = sum; // uninitialised
}

KERNELS((const int *x, int *y, int tiles), x, y, tiles)
