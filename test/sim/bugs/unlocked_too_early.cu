// Bug: the lock is given back before the sum is stored.
// Report: race
// Launch: --grid=4 --block=1
// in i32 x = rng.integers(-99, 99, 4)
// inout i32 lock = np.zeros(1, int) -> np.zeros(1)
// inout i32 sum = np.zeros(1, int) -> x.sum(keepdims=True)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *lock, int *sum) {
  while (atomicCAS(lock, 0, 1) != 0)
    ;
  __threadfence();
  int v = *sum + x[blockIdx.x]; // race
  if (!isBroken)
    *sum = v;
  __threadfence();
  atomicExch(lock, 0);
  if (isBroken)
    *sum = v; // race
}

KERNELS((const int *x, int *lock, int *sum), x, lock, sum)
