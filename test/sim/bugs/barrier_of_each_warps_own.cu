// Bug: the warps come to __syncthreads on two ways, each with one of its own.
// Report: sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = np.concatenate([x[32:][::-1], 2 * x[:32][::-1]])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  tile[t] = x[t];
  if (!isBroken)
    __syncthreads();
  if (t < 32) {
    if (isBroken)
      __syncthreads(); // sync
    y[t] = tile[63 - t];
  } else {
    if (isBroken)
      __syncthreads(); // sync
    y[t] = 2 * tile[63 - t];
  }
}

KERNELS((const int *x, int *y), x, y)
