// Bug: the lower half of the warp loads a matrix that all of it has to load, and the upper half goes on to a shuffle.
// Report: sync
// Launch: --grid=1 --block=32
// in u32 x = rng.integers(0, 1 << 32, 32)
// out u32 y = x
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const unsigned *x, unsigned *y) {
  __shared__ __align__(16) unsigned rows[32];
  int lane = threadIdx.x;
  unsigned v = 0;
  rows[lane] = x[lane];
  __syncwarp();
  if (!isBroken || lane < 16)
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];" : "=r"(v) : "r"(SHARED(&rows[lane % 8 * 4])) : "memory"); // sync
  v = __shfl_sync(~0u, v, lane); // sync
  y[lane] = v;
}

KERNELS((const unsigned *x, unsigned *y), x, y)
