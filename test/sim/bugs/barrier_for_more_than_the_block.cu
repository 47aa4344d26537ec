// Bug: the barrier is for the four warps that the kernel once had, and it is launched with two.
// Report: sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  tile[t] = x[t];
  BAR_SYNC(1, isBroken ? 128 : 64); // sync
  y[t] = tile[63 - t];
}

KERNELS((const int *x, int *y), x, y)
