// Bug: one thread frees what others may not have read yet.
// Report: race, out of bounds
// Launch: --grid=2 --block=64
// out i32 y = np.arange(128)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *y) {
  __shared__ int *values;
  int t = threadIdx.x, i = blockIdx.x * 64 + t;
  if (t == 0)
    values = static_cast<int *>(malloc(64 * sizeof(int)));
  __syncthreads();
  values[t ^ 33] = i ^ 33;
  __syncthreads();
  y[i] = values[t]; // race, out of bounds
  if (!isBroken)
    __syncthreads();
  if (t == 0)
    free(values); // race
}

KERNELS((int *y), y)
