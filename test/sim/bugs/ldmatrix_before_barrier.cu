// Bug: ldmatrix reads rows that lanes have stored a moment before.
// Report: race
// Launch: --grid=1 --block=32
// in u32 x = rng.integers(0, 2**32, 32)
// out u32 y = x
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const unsigned *x, unsigned *y) {
  __shared__ __align__(16) unsigned tile[32];
  int lane = threadIdx.x;
  tile[lane] = x[lane]; // race
  if (!isBroken)
    __syncwarp();
  unsigned v, row = SHARED(&tile[lane % 8 * 4]);
  asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];" : "=r"(v) : "r"(row) : "memory"); // race
  y[lane] = v;
}

KERNELS((const unsigned *x, unsigned *y), x, y)
