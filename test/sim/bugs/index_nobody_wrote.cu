// Bug: a list of positions is followed up to its capacity, and not to its length.
// Report: uninitialised, out of bounds, misaligned
// Launch: --grid=1 --block=32
// in i32 x = np.where(np.arange(32) % 3 == 0, np.arange(32), -1)
// out i32 y = np.array([x[x >= 0].sum()])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int positions[32], length;
  int t = threadIdx.x;
  if (t == 0)
    length = 0;
  __syncthreads();
  if (x[t] >= 0)
    positions[atomicAdd(&length, 1)] = t;
  __syncthreads();
  if (t < (isBroken ? 32 : length)) {
    int at = positions[t]; // uninitialised
    atomicAdd(y, x[at]); // uninitialised, out of bounds, misaligned
  }
}

KERNELS((const int *x, int *y), x, y)
