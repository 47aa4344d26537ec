// Bug: blocks wait for the block behind them, which may start only when they have ended.
// Report: deadlock
// Launch: --grid=6 --block=1 --resident=2
// inout u32 flags = np.zeros(6, int) -> np.ones(6)
// out i32 y = np.arange(6)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(unsigned *flags, int *y) {
  int block = isBroken ? gridDim.x - 1 - blockIdx.x : blockIdx.x;
  if (block) {
    unsigned isThere = 0;
    while (!isThere) // deadlock
      LOAD("acquire.gpu", isThere, flags + block - 1); // deadlock
  }
  y[block] = block;
  STORE("release.gpu", flags + block, 1);
}

KERNELS((unsigned *flags, int *y), flags, y)
