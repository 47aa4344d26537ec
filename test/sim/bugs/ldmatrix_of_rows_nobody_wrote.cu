// Bug: seven of eight rows of a matrix are filled.
// Report: uninitialised
// Launch: --grid=1 --block=32
// in u32 x = rng.integers(0, 2**32, 32)
// out u32 y = np.where(np.arange(32) < 28, x, 0)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const unsigned *x, unsigned *y) {
  __shared__ __align__(16) unsigned tile[32];
  int lane = threadIdx.x;
  if (lane < 28)
    tile[lane] = x[lane];
  else if (!isBroken)
    tile[lane] = 0;
  __syncwarp();
  unsigned v, row = SHARED(&tile[lane % 8 * 4]);
  asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];" : "=r"(v) : "r"(row) : "memory"); // uninitialised
  y[lane] = v; // uninitialised
}

KERNELS((const unsigned *x, unsigned *y), x, y)
