// Bug: the array that is copied from is cleared while the copy may still read it.
// Report: race
// Launch: --grid=1 --block=32
// inout i32 x = rng.integers(-99, 99, 32) -> 0 * x
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *x, int *y) {
  __shared__ int tile[32];
  int lane = threadIdx.x;
  COPY4(&tile[lane], x + lane); // race
  COMMIT();
  if (isBroken)
    x[lane] = 0; // race
  WAIT_GROUP(0);
  if (!isBroken)
    x[lane] = 0;
  __syncwarp();
  y[lane] = tile[31 - lane];
}

KERNELS((int *x, int *y), x, y)
