// Bug: a scan that looks back stores its sum and then its flag, with nothing to order the two.
// Report: race
// Launch: --grid=8 --block=32
// in i32 x = rng.integers(-99, 99, (8, 32))
// inout i32 sums = np.zeros(8, int) -> x.sum(1).cumsum()
// inout u32 flags = np.zeros(8, int) -> np.ones(8)
// out i32 y = x.cumsum().reshape(8, 32)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *sums, unsigned *flags, int *y) {
  int lane = threadIdx.x, block = blockIdx.x, v = x[block * 32 + lane], before = 0;
  for (int distance = 1; distance < 32; distance *= 2) {
    int left = __shfl_up_sync(~0u, v, distance);
    v += lane >= distance ? left : 0;
  }
  if (lane == 31) {
    if (block) {
      while (((volatile unsigned *)flags)[block - 1] == 0)
        ;
      __threadfence();
      before = sums[block - 1]; // race
    }
    sums[block] = before + v; // race
    if (!isBroken)
      __threadfence();
    ((volatile unsigned *)flags)[block] = 1;
  }
  before = __shfl_sync(~0u, before, 31);
  y[block * 32 + lane] = before + v;
}

KERNELS((const int *x, int *sums, unsigned *flags, int *y), x, sums, flags, y)
