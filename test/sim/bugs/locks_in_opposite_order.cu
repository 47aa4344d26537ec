// Bug: one block takes the locks in one order and the other one in the other.
// Report: deadlock
// Launch: --grid=2 --block=1
// inout u32 locks = np.zeros(2, int) -> np.zeros(2)
// inout i32 sums = np.zeros(2, int) -> np.array([200, -200])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(unsigned *locks, int *sums) {
  int first = isBroken ? blockIdx.x : 0;
  for (int i = 0; i < 100; ++i) {
    while (atomicCAS(&locks[first], 0, 1) != 0) // deadlock
      ;
    while (atomicCAS(&locks[1 - first], 0, 1) != 0) // deadlock
      ;
    __threadfence();
    sums[0]++, sums[1]--;
    __threadfence();
    atomicExch(&locks[1 - first], 0);
    atomicExch(&locks[first], 0);
  }
}

KERNELS((unsigned *locks, int *sums), locks, sums)
