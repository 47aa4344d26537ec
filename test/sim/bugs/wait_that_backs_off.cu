// Bug: one thread does not count itself among those that have come, and all wait longer and longer for it.
// Report: deadlock
// Launch: --grid=1 --block=64 --max-steps=1000000000
// inout u32 here = np.zeros(1, int) -> np.array([64])
// out u32 y = np.full(64, 64)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(unsigned *here, unsigned *y) {
  unsigned count = 0;
  if (!isBroken || threadIdx.x != 37)
    ADD("acq_rel.gpu", count, here, 1);
  for (unsigned rounds = 0; count != 64; rounds++) { // deadlock
    LOAD("acquire.gpu", count, here);                // deadlock
    __nanosleep(rounds);                             // deadlock
  }
  y[threadIdx.x] = count;
}

KERNELS((unsigned *here, unsigned *y), here, y)
