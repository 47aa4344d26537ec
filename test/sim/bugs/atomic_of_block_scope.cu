// Bug: a counter of all blocks is counted with atomics of the scope of one.
// Report: race
// Launch: --grid=3 --block=32
// inout i32 count = np.zeros(1, int) -> np.array([96])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *count) {
  if (isBroken)
    atomicAdd_block(count, 1); // race
  else
    atomicAdd(count, 1);
}

KERNELS((int *count), count)
