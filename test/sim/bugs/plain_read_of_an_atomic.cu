// Bug: a counter that others still count up is read by a plain load.
// Report: race
// Launch: --grid=1 --block=64
// inout i32 count = np.zeros(1, int) -> np.array([32])
// out i32 isSmall = np.ones(32, int)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *count, int *isSmall) {
  if (threadIdx.x < 32) {
    atomicAdd(count, 1); // race
  } else {
    int seen;
    if (isBroken)
      seen = *count; // race
    else
      seen = *(volatile int *)count;
    isSmall[threadIdx.x - 32] = seen <= 32;
  }
}

KERNELS((int *count, int *isSmall), count, isSmall)
