// Bug: the first thread invalidates the mbarrier when it is through itself, and others may still test it.
// Report: race, sync, uninitialised
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ MBarrier full;
  __shared__ int tile[64];
  int t = threadIdx.x;
  if (t == 0)
    MBARRIER_INIT(&full, 64);
  __syncthreads();
  tile[t] = x[t];
  MBARRIER_ARRIVE(&full);
  MBARRIER_WAIT(&full, 0); // race, sync, uninitialised
  y[t] = tile[63 - t];
  if (!isBroken)
    __syncthreads();
  if (t == 0)
    asm volatile("mbarrier.inval.shared.b64 [%0];" ::"r"(SHARED(&full)) : "memory"); // race, sync
}

KERNELS((const int *x, int *y), x, y)
