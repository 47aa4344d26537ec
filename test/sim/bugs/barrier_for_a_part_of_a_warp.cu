// Bug: __syncthreads stands in a branch that a part of the second warp takes.
// Report: sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = np.where(np.arange(64) < 48, x[np.arange(64)[::-1] % 64], x)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[64];
  int t = threadIdx.x, v = x[t];
  tile[t] = v;
  if (!isBroken)
    __syncthreads();
  if (t < 48) {
    if (isBroken)
      __syncthreads(); // sync
    v = tile[63 - t];
  }
  __syncthreads(); // sync
  y[t] = v;
}

KERNELS((const int *x, int *y), x, y)
