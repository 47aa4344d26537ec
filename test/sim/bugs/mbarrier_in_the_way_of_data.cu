// Bug: the results take the place of the mbarrier, which is not invalidated.
// Report: sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = 2 * x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ union {
    MBarrier full;
    int results[64];
  } place;
  __shared__ int tile[64];
  int t = threadIdx.x;
  if (t == 0)
    MBARRIER_INIT(&place.full, 64); // sync
  __syncthreads();
  tile[t] = x[t];
  MBARRIER_ARRIVE(&place.full);
  MBARRIER_WAIT(&place.full, 0);
  int v = 2 * tile[63 - t];
  __syncthreads();
  if (!isBroken) {
    if (t == 0)
      asm volatile("mbarrier.inval.shared.b64 [%0];" ::"r"(SHARED(&place.full)) : "memory");
    __syncthreads();
  }
  place.results[t] = v; // sync
  __syncwarp();
  y[t] = place.results[t];
}

KERNELS((const int *x, int *y), x, y)
