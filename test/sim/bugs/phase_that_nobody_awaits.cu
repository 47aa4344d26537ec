// Bug: the producer does not wait until the tile has been read, and goes on to the next phase of the mbarrier.
// Report: race, sync, deadlock
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (4, 32))
// out i32 y = x[:, ::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ MBarrier full, empty;
  __shared__ int tile[4][32];
  int lane = threadIdx.x % 32;
  if (threadIdx.x == 0) {
    MBARRIER_INIT(&full, 32); // sync
    MBARRIER_INIT(&empty, 32);
  }
  __syncthreads();
  for (int i = 0; i < 4; ++i)
    if (threadIdx.x < 32) {
      if (!isBroken)
        MBARRIER_WAIT(&empty, i % 2 ^ 1);
      tile[i][lane] = x[i * 32 + lane]; // race
      MBARRIER_ARRIVE(&full); // sync
    } else {
      MBARRIER_WAIT(&full, i % 2); // deadlock
      y[i * 32 + lane] = tile[i][31 - lane]; // race
      MBARRIER_ARRIVE(&empty);
    }
}

KERNELS((const int *x, int *y), x, y)
