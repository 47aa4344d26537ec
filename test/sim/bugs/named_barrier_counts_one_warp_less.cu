// Bug: the barrier of three warps lets go when two are there.
// Report: race
// Launch: --grid=1 --block=96
// in i32 x = rng.integers(-99, 99, 96)
// out i32 y = x[::-1]
// scalar i32 threads = 64
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int threads) {
  __shared__ int tile[96];
  int t = threadIdx.x;
  tile[t] = x[t]; // race
  if (t < 64)
    BAR_SYNC(1, isBroken ? threads : 96);
  else if (isBroken)
    BAR_ARRIVE(2, 64);
  else
    BAR_SYNC(1, 96);
  y[t] = tile[95 - t]; // race
}

KERNELS((const int *x, int *y, int threads), x, y, threads)
