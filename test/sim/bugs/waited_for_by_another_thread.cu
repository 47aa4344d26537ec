// Bug: one warp copies, and another waits for groups, of which it has none.
// Report: race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[32];
  int lane = threadIdx.x % 32;
  bool isCopier = threadIdx.x < 32;
  if (isCopier) {
    COPY4(&tile[lane], x + lane); // race
    COMMIT();
  }
  if (!isBroken || !isCopier)
    WAIT_GROUP(0);
  __syncthreads();
  if (!isCopier)
    y[lane] = tile[31 - lane]; // race
}

KERNELS((const int *x, int *y), x, y)
