// Bug: warps arrive at a barrier that the first thread may not have initialised yet.
// Report: race, uninitialised, sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ MBarrier full;
  __shared__ int tile[64];
  int t = threadIdx.x;
  if (t == 0)
    MBARRIER_INIT(&full, 64); // race
  if (!isBroken)
    __syncthreads();
  tile[t] = x[t]; // race
  MBARRIER_ARRIVE(&full); // race, uninitialised, sync
  MBARRIER_WAIT(&full, 0); // race, uninitialised, sync
  y[t] = tile[63 - t]; // race
}

KERNELS((const int *x, int *y), x, y)
