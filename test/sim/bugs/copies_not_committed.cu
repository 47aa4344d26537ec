// Bug: the last copies belong to no group, so that waiting for all groups does not wait for them.
// Report: race
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, (2, 32))
// out i32 y = x[0] + x[1, ::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tiles[2][32];
  int lane = threadIdx.x;
  COPY4(&tiles[0][lane], x + lane);
  COMMIT();
  COPY4(&tiles[1][lane], x + 32 + lane); // race
  if (!isBroken)
    COMMIT();
  WAIT_GROUP(0);
  __syncwarp();
  y[lane] = tiles[0][lane] + tiles[1][31 - lane]; // race
}

KERNELS((const int *x, int *y), x, y)
