// Bug: the writers take the lock, and the reader does not.
// Report: race
// Launch: --grid=3 --block=1
// inout i32 lock = np.zeros(1, int) -> np.zeros(1)
// inout i32 pair = np.zeros(2, int) -> np.array([2, 2])
// out i32 difference = np.zeros(1, int)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *lock, int *pair, int *difference) {
  bool isReader = blockIdx.x == 1;
  if (!isBroken || !isReader) {
    while (atomicCAS(lock, 0, 1) != 0)
      ;
    __threadfence();
  }
  if (isReader)
    *difference = pair[0] - pair[1]; // race
  else
    pair[0] = pair[1] = 2; // race
  if (!isBroken || !isReader) {
    __threadfence();
    atomicExch(lock, 0);
  }
}

KERNELS((int *lock, int *pair, int *difference), lock, pair, difference)
