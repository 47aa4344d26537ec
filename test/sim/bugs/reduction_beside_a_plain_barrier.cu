// Bug: one warp counts at a barrier, and the other one, whose threads count too, only waits at it.
// Report: sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = np.full(64, np.count_nonzero(x > 0))
#include "ptx.h"

#define COUNT(result, holds)                                                                                           \
  asm volatile("{\n.reg .pred p;\nsetp.ne.u32 p, %1, 0;\nbarrier.red.popc.u32 %0, 1, 64, p;\n}" : "=r"(result) : "r"(holds) : "memory")

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  int t = threadIdx.x, count = 0, isPositive = x[t] > 0;
  if (t < 32 || !isBroken)
    COUNT(count, isPositive); // sync
  else
    asm volatile("barrier.sync 1, 64;" ::: "memory"); // sync
  y[t] = count;
}

KERNELS((const int *x, int *y), x, y)
