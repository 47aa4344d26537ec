// Bug: readers of a lock for many readers or one writer do not take it.
// Report: race
// Launch: --grid=4 --block=1 --resident=4
// inout i32 lock = np.zeros(1, int) -> np.zeros(1)
// inout i32 pair = np.zeros(2, int) -> np.full(2, 20)
// out i32 torn = np.zeros(4)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *lock, int *pair, int *torn) {
  int count = 0;
  for (int round = 0; round < 10; ++round) {
    if (blockIdx.x % 2) {
      while (atomicCAS(lock, 0, -1) != 0)
        ;
      __threadfence();
      ++pair[0]; // race
      ++pair[1]; // race
      __threadfence();
      atomicExch(lock, 0);
      continue;
    }
    if (!isBroken) {
      for (;;) {
        int readers = atomicAdd(lock, 0);
        if (readers >= 0 && atomicCAS(lock, readers, readers + 1) == readers)
          break;
      }
      __threadfence();
    }
    count += pair[0] != pair[1]; // race
    if (!isBroken) {
      __threadfence();
      atomicSub(lock, 1);
    }
  }
  torn[blockIdx.x] = count;
}

KERNELS((int *lock, int *pair, int *torn), lock, pair, torn)
