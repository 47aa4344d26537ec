// Bug: the sums of 32 warps are added, and the block has three.
// Report: uninitialised
// Launch: --grid=1 --block=96
// in i32 x = rng.integers(-99, 99, 96)
// out i32 y = x.sum(keepdims=True)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int sums[32];
  int t = threadIdx.x, warps = blockDim.x / 32;
  int v = __reduce_add_sync(~0u, x[t]);
  if (t % 32 == 0)
    sums[t / 32] = v;
  __syncthreads();
  if (t < 32) {
    v = isBroken || t < warps ? sums[t] : 0; // uninitialised
    v = __reduce_add_sync(~0u, v);
    if (t == 0)
      *y = v; // uninitialised
  }
}

KERNELS((const int *x, int *y), x, y)
