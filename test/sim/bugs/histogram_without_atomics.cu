// Bug: threads count into bins of shared memory by loads and stores.
// Report: race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(0, 16, 500)
// out i32 y = np.bincount(x, minlength=16)
// scalar i32 n = 500
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  __shared__ int bins[16];
  int t = threadIdx.x;
  if (t < 16)
    bins[t] = 0;
  __syncthreads();
  for (int i = t; i < n; i += 64)
    if (isBroken)
      ++bins[x[i]]; // race
    else
      atomicAdd(&bins[x[i]], 1);
  __syncthreads();
  if (t < 16)
    y[t] = bins[t];
}

KERNELS((const int *x, int *y, int n), x, y, n)
