// Bug: threads count in shared memory before all of it is cleared.
// Report: race
// Launch: --grid=1 --block=128
// in i32 x = rng.integers(0, 64, 1000)
// out i32 y = np.bincount(x, minlength=64)
// scalar i32 n = 1000
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  __shared__ int counts[64];
  int t = threadIdx.x;
  if (t < 64)
    counts[t] = 0; // race
  if (!isBroken)
    __syncthreads();
  for (int i = t; i < n; i += 128)
    atomicAdd(&counts[x[i]], 1); // race
  __syncthreads();
  if (t < 64)
    y[t] = counts[t];
}

KERNELS((const int *x, int *y, int n), x, y, n)
