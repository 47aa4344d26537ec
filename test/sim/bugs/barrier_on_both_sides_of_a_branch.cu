// Bug: lanes of one warp go to the same barrier at two places of the program.
// Report: sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = np.where(np.arange(64) % 2 == 0, x[::-1], 2 * x[::-1])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  tile[t] = x[t];
  if (!isBroken)
    __syncthreads();
  if (t % 2 == 0) {
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
