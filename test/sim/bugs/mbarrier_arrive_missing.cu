// Bug: a lane without an element does not arrive, and the phase never ends.
// Report: deadlock
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 31)
// out i32 y = np.pad(x, (0, 1))[::-1]
// scalar i32 n = 31
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  __shared__ MBarrier full;
  __shared__ int tile[32];
  int lane = threadIdx.x % 32;
  if (threadIdx.x == 0)
    MBARRIER_INIT(&full, 32);
  __syncthreads();
  if (threadIdx.x < 32) {
    tile[lane] = lane < n ? x[lane] : 0;
    if (!isBroken || lane < n)
      MBARRIER_ARRIVE(&full);
  } else {
    MBARRIER_WAIT(&full, 0); // deadlock
    y[lane] = tile[31 - lane];
  }
}

KERNELS((const int *x, int *y, int n), x, y, n)
