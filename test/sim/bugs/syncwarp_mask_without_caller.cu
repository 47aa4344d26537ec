// Bug: the mask of __syncwarp leaves out lanes that execute it.
// Report: sync
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = x[::-1]
// scalar u32 members = 65535
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, unsigned members) {
  __shared__ int slots[32];
  int lane = threadIdx.x;
  slots[lane] = x[lane];
  __syncwarp(isBroken ? members : ~0u); // sync
  y[lane] = slots[31 - lane];
}

KERNELS((const int *x, int *y, unsigned members), x, y, members)
