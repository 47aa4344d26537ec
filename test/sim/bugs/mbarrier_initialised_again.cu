// Bug: each round initialises the mbarrier anew, and does not invalidate it before.
// Report: sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (3, 64))
// out i32 y = x[:, ::-1]
#include "ptx.h"

#define MBARRIER_INVAL(bar) asm volatile("mbarrier.inval.shared.b64 [%0];" ::"r"(SHARED(bar)) : "memory")

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ MBarrier full;
  __shared__ int tile[64];
  int t = threadIdx.x;
  for (int i = 0; i < 3; ++i) {
    if (t == 0)
      MBARRIER_INIT(&full, 64); // sync
    __syncthreads();
    tile[t] = x[i * 64 + t];
    MBARRIER_ARRIVE(&full);
    MBARRIER_WAIT(&full, 0);
    y[i * 64 + t] = tile[63 - t];
    __syncthreads();
    if (!isBroken && t == 0)
      MBARRIER_INVAL(&full);
  }
}

KERNELS((const int *x, int *y), x, y)
