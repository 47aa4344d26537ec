// Bug: a warp without work leaves, and the barrier still counts it.
// Report: deadlock
// Launch: --grid=1 --block=96
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = x[::-1]
// scalar i32 n = 64
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  __shared__ int tile[96];
  int t = threadIdx.x;
  if (isBroken && t >= n)
    return;
  if (t < n)
    tile[t] = x[t];
  BAR_SYNC(1, 96); // deadlock
  if (t < n)
    y[t] = tile[n - 1 - t];
}

KERNELS((const int *x, int *y, int n), x, y, n)
