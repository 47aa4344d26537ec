// Bug: each half of the warp names itself and the first thread of the other half, so that no two masks agree.
// Report: sync
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int slots[32];
  int lane = threadIdx.x;
  slots[lane] = x[lane];
  __syncwarp(!isBroken ? ~0u : lane < 16 ? 0x1ffffu : 0xffff0001u); // sync
  y[lane] = slots[31 - lane];
}

KERNELS((const int *x, int *y), x, y)
