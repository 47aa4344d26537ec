// Bug: both sides of a branch have a shuffle, of two kinds, and each names all lanes as members.
// Report: sync
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = np.where(np.arange(32) % 2 == 0, x[np.arange(32) ^ 2], x[(np.arange(32) + 4) % 32] + 1)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  int lane = threadIdx.x, v = x[lane];
  const unsigned even = 0x55555555;
  if (lane % 2 == 0) {
    v = __shfl_xor_sync(isBroken ? ~0u : even, v, 2); // sync
  } else {
    asm volatile("add.s32 %0, %0, 0;" : "+r"(v));
    v = __shfl_sync(isBroken ? ~0u : ~even, v, lane + 4) + 1; // sync
  }
  y[lane] = v;
}

KERNELS((const int *x, int *y), x, y)
