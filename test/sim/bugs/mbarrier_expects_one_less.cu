// Bug: the barrier's phase ends one arrival early.
// Report: race, sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ MBarrier full;
  __shared__ int tile[32];
  int lane = threadIdx.x % 32;
  if (threadIdx.x == 0)
    MBARRIER_INIT(&full, isBroken ? 31 : 32); // sync
  __syncthreads();
  if (threadIdx.x < 32) {
    tile[lane] = x[lane]; // race
    MBARRIER_ARRIVE(&full); // sync
  } else {
    MBARRIER_WAIT(&full, 0);
    y[lane] = tile[31 - lane]; // race
  }
}

KERNELS((const int *x, int *y), x, y)
