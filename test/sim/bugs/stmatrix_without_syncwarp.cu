// Bug: lanes read rows that stmatrix has stored for others.
// Report: race
// Arch: sm_90
// Launch: --grid=1 --block=32
// in u32 x = rng.integers(0, 2**32, 32)
// out u32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const unsigned *x, unsigned *y) {
  __shared__ __align__(16) unsigned tile[32];
  int lane = threadIdx.x;
  unsigned row = SHARED(&tile[lane % 8 * 4]);
  asm volatile("stmatrix.sync.aligned.m8n8.x1.shared.b16 [%0], {%1};" ::"r"(row), "r"(x[lane]) : "memory"); // race
  if (!isBroken)
    __syncwarp();
  y[lane] = tile[31 - lane]; // race
}

KERNELS((const unsigned *x, unsigned *y), x, y)
