// Bug: the consumer waits for parity 0 in every round, so that from the second on it does not wait.
// Report: race, deadlock
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (4, 32))
// out i32 y = x[:, ::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ MBarrier full;
  __shared__ int tiles[4][32];
  int lane = threadIdx.x % 32;
  if (threadIdx.x == 0)
    MBARRIER_INIT(&full, 32);
  __syncthreads();
  for (int i = 0; i < 4; ++i) {
    if (threadIdx.x < 32) {
      tiles[i][lane] = x[i * 32 + lane]; // race
      MBARRIER_ARRIVE(&full);
    } else {
      MBARRIER_WAIT(&full, isBroken ? 0 : i & 1); // deadlock
      y[i * 32 + lane] = tiles[i][31 - lane]; // race
    }
    __syncthreads(); // deadlock
  }
}

KERNELS((const int *x, int *y), x, y)
