// Bug: the first block clears the sum that other blocks may have added to already.
// Report: race
// Launch: --grid=4 --block=32
// in i32 x = rng.integers(-99, 99, 128)
// inout i32 sum = np.zeros(1, int) -> x.sum(keepdims=True)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *sum) {
  if (isBroken && blockIdx.x == 0 && threadIdx.x == 0)
    *sum = 0; // race
  __syncthreads();
  int v = __reduce_add_sync(~0u, x[blockIdx.x * 32 + threadIdx.x]);
  if (threadIdx.x == 0)
    atomicAdd(sum, v); // race
}

KERNELS((const int *x, int *sum), x, sum)
