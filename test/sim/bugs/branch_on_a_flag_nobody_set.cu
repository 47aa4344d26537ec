// Bug: a flag in shared memory is set where something was found, and never cleared.
// Report: uninitialised
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(0, 50, 64)
// out i32 y = np.zeros(64, int)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int isFound;
  int t = threadIdx.x;
  if (!isBroken && t == 0)
    isFound = 0;
  __syncthreads();
  if (x[t] == 77)
    atomicExch(&isFound, 1);
  __syncthreads();
  int v = 0;
  if (isFound) // uninitialised
    for (int i = 0; i < 64; ++i)
      v += x[i] == 77;
  y[t] = v; // uninitialised
}

KERNELS((const int *x, int *y), x, y)
