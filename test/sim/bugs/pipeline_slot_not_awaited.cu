// Bug: the producer of a pipeline of two slots fills them without waiting until they are empty.
// Report: race, deadlock, sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (7, 32))
// out i32 y = x[:, ::-1]
// scalar i32 tiles = 7
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int tiles) {
  __shared__ MBarrier full[2], empty[2];
  __shared__ int slots[2][32];
  int lane = threadIdx.x % 32;
  if (threadIdx.x < 2) {
    MBARRIER_INIT(&full[threadIdx.x], 32); // sync
    MBARRIER_INIT(&empty[threadIdx.x], 32);
  }
  __syncthreads();
  for (int i = 0; i < tiles; ++i) {
    int slot = i % 2, parity = i / 2 % 2;
    if (threadIdx.x < 32) {
      if (!isBroken)
        MBARRIER_WAIT(&empty[slot], parity ^ 1);
      slots[slot][lane] = x[i * 32 + lane]; // race
      MBARRIER_ARRIVE(&full[slot]); // sync
    } else {
      MBARRIER_WAIT(&full[slot], parity); // deadlock
      y[i * 32 + lane] = slots[slot][31 - lane]; // race
      MBARRIER_ARRIVE(&empty[slot]);
    }
  }
}

KERNELS((const int *x, int *y, int tiles), x, y, tiles)
