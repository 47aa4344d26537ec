// Bug: two groups may be left when the tile at hand is read, and it is one of them.
// Report: race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (6, 64))
// out i32 y = x[:, ::-1]
// scalar i32 tiles = 6
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int tiles) {
  __shared__ int stages[3][64];
  int t = threadIdx.x;
  for (int i = 0; i < 2; ++i) {
    COPY4(&stages[i][t], x + i * 64 + t); // race
    COMMIT();
  }
  for (int i = 0; i < tiles; ++i) {
    WAIT_GROUP(isBroken ? 2 : 1);
    __syncthreads();
    y[i * 64 + t] = stages[i % 3][63 - t]; // race
    if (i + 2 < tiles)
      COPY4(&stages[(i + 2) % 3][t], x + (i + 2) * 64 + t); // race
    COMMIT();
  }
}

KERNELS((const int *x, int *y, int tiles), x, y, tiles)
