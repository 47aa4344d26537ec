// Bug: the next copy goes to the stage that other warps still read: the barrier stands behind it.
// Report: race
// Launch: --grid=1 --block=96
// in i32 x = rng.integers(-99, 99, (5, 96))
// out i32 y = x[:, ::-1]
// scalar i32 tiles = 5
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int tiles) {
  __shared__ int stages[2][96];
  int t = threadIdx.x;
  COPY4(&stages[0][t], x + t);
  COMMIT();
  for (int i = 0; i < tiles; ++i) {
    if (!isBroken)
      __syncthreads();
    if (i + 1 < tiles)
      COPY4(&stages[(i + 1) % 2][t], x + (i + 1) * 96 + t); // race
    COMMIT();
    WAIT_GROUP(1);
    __syncthreads();
    y[i * 96 + t] = stages[i % 2][95 - t]; // race
  }
}

KERNELS((const int *x, int *y, int tiles), x, y, tiles)
