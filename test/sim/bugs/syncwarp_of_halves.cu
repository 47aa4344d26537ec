// Bug: each half of the warp waits for itself, and reads what the other half has stored.
// Report: race
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int slots[32];
  int lane = threadIdx.x;
  slots[lane] = x[lane]; // race
  __syncwarp(!isBroken ? ~0u : lane < 16 ? 0xffffu : 0xffff0000u);
  y[lane] = slots[31 - lane]; // race
}

KERNELS((const int *x, int *y), x, y)
