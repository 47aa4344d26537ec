// Bug: barriers are there for three slots, the buffer for two.
// Report: race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (7, 32))
// out i32 y = x[:, ::-1]
// scalar i32 tiles = 7
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int tiles) {
  constexpr int kSlots = isBroken ? 2 : 3;
  __shared__ MBarrier full[3], empty[3];
  __shared__ int slots[kSlots][32];
  int lane = threadIdx.x % 32;
  if (threadIdx.x < 3) {
    MBARRIER_INIT(&full[threadIdx.x], 32);
    MBARRIER_INIT(&empty[threadIdx.x], 32);
  }
  __syncthreads();
  for (int i = 0; i < tiles; ++i) {
    int stage = i % 3, parity = i / 3 % 2;
    if (threadIdx.x < 32) {
      MBARRIER_WAIT(&empty[stage], parity ^ 1);
      COPY4(&slots[i % kSlots][lane], x + i * 32 + lane); // race
      MBARRIER_ARRIVE_AFTER_COPIES(&full[stage]);
    } else {
      MBARRIER_WAIT(&full[stage], parity);
      y[i * 32 + lane] = slots[i % kSlots][31 - lane]; // race
      MBARRIER_ARRIVE(&empty[stage]);
    }
  }
}

KERNELS((const int *x, int *y, int tiles), x, y, tiles)
