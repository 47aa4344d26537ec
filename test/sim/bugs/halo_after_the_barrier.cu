// Bug: the halo of a stencil is loaded behind the barrier that was to order it.
// Report: race
// Launch: --grid=3 --block=64
// in i32 x = rng.integers(-99, 99, 192)
// out i32 y = np.pad(x, 1)[:-2] + x + np.pad(x, 1)[2:]
// scalar i32 n = 192
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  __shared__ int tile[66];
  int t = threadIdx.x, i = blockIdx.x * 64 + t;
  tile[t + 1] = x[i];
  if (isBroken)
    __syncthreads();
  if (t < 2) {
    int at = blockIdx.x * 64 - 1 + 65 * t;
    tile[65 * t] = at >= 0 && at < n ? x[at] : 0; // race
  }
  if (!isBroken)
    __syncthreads();
  y[i] = tile[t] + tile[t + 1] + tile[t + 2]; // race
}

KERNELS((const int *x, int *y, int n), x, y, n)
