// Bug: a table of 32 counts gets numbers up to 32.
// Report: out of bounds
// Launch: --grid=1 --block=64
// in i32 x = np.concatenate([np.arange(33), rng.integers(0, 33, 31)])
// out i32 y = np.bincount(np.minimum(x, 31), minlength=32)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int counts[32];
  int t = threadIdx.x;
  if (t < 32)
    counts[t] = 0;
  __syncthreads();
  int bin = isBroken ? x[t] : min(x[t], 31);
  atomicAdd(&counts[bin], 1); // out of bounds
  __syncthreads();
  if (t < 32)
    y[t] = counts[t];
}

KERNELS((const int *x, int *y), x, y)
