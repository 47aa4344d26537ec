// Bug: malloc is asked for one element less than the warp has threads.
// Report: out of bounds
// Launch: --grid=2 --block=32
// out i32 y = np.arange(64).reshape(2, 32)[:, ::-1].ravel()
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *y) {
  __shared__ int *values;
  int t = threadIdx.x, i = blockIdx.x * 32 + t;
  if (t == 0)
    values = static_cast<int *>(malloc((isBroken ? 31 : 32) * sizeof(int)));
  __syncthreads();
  values[t] = i; // out of bounds
  __syncthreads();
  y[i] = values[31 - t]; // out of bounds
  __syncthreads();
  if (t == 0)
    free(values);
}

KERNELS((int *y), y)
