// Bug: the last tile is loaded as far as there are elements, and added up as a whole.
// Report: uninitialised
// Launch: --grid=2 --block=64
// in i32 x = rng.integers(-99, 99, 100)
// out i32 y = np.array([x[:64].sum(), x[64:].sum()])
// scalar i32 n = 100
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  __shared__ int tile[64];
  int t = threadIdx.x, i = blockIdx.x * 64 + t;
  if (i < n)
    tile[t] = x[i];
  else if (!isBroken)
    tile[t] = 0;
  __syncthreads();
  for (int width = 32; width; width /= 2) {
    if (t < width)
      tile[t] += tile[t + width]; // uninitialised
    __syncthreads();
  }
  if (t == 0)
    y[blockIdx.x] = tile[0]; // uninitialised
}

KERNELS((const int *x, int *y, int n), x, y, n)
