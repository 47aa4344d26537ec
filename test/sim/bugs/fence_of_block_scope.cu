// Bug: the fence orders the data for the own block only.
// Report: race
// Launch: --grid=2 --block=1
// inout i32 data = np.zeros(1, int) -> np.array([42])
// inout u32 flag = np.zeros(1, int) -> np.ones(1)
// out i32 y = np.array([42])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *data, unsigned *flag, int *y) {
  if (blockIdx.x == 0) {
    *data = 42; // race
    if (isBroken)
      __threadfence_block();
    else
      __threadfence();
    atomicExch(flag, 1);
  } else {
    while (atomicAdd(flag, 0) == 0)
      ;
    __threadfence();
    *y = *data; // race
  }
}

KERNELS((int *data, unsigned *flag, int *y), data, flag, y)
