// Bug: a named barrier is for two warps, and the second one takes another way.
// Report: deadlock
// Launch: --grid=1 --block=96
// in i32 x = rng.integers(-99, 99, 96)
// out i32 y = np.concatenate([x[:64][::-1], x[64:]])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[64];
  int t = threadIdx.x, v = x[t];
  if (t < 64)
    tile[t] = v;
  if (t < (isBroken ? 32 : 64)) {
    BAR_SYNC(1, 64); // deadlock
    v = tile[63 - t];
  }
  __syncthreads(); // deadlock
  y[t] = v;
}

KERNELS((const int *x, int *y), x, y)
