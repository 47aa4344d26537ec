// Bug: threads of all blocks count with loads and stores.
// Report: race
// Launch: --grid=3 --block=32
// in i32 x = rng.integers(0, 2, 96)
// inout i32 count = np.zeros(1, int) -> x.sum(keepdims=True)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *count) {
  if (x[blockIdx.x * 32 + threadIdx.x] == 0)
    return;
  if (isBroken)
    *count += 1; // race
  else
    atomicAdd(count, 1);
}

KERNELS((const int *x, int *count), x, count)
