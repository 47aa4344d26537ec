// Bug: those who arrive at a named barrier and those who wait there name different numbers of threads.
// Report: sync, deadlock
// Launch: --grid=1 --block=96
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = x.reshape(2, 32).sum(0)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  if (t < 64) {
    tile[t] = x[t];
    BAR_ARRIVE(1, isBroken ? 64 : 96); // sync
  } else {
    BAR_SYNC(1, 96); // sync, deadlock
    y[t - 64] = tile[t - 64] + tile[t - 32];
  }
}

KERNELS((const int *x, int *y), x, y)
