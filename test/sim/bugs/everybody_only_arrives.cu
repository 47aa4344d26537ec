// Bug: the consumer arrives at the barrier as the producer does, and does not wait.
// Report: sync, race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[32];
  int lane = threadIdx.x % 32;
  if (threadIdx.x < 32) {
    tile[lane] = x[lane]; // race
    BAR_ARRIVE(1, 64); // sync
  } else {
    if (isBroken)
      BAR_ARRIVE(1, 64); // sync
    else
      BAR_SYNC(1, 64);
    y[lane] = tile[31 - lane]; // race
  }
}

KERNELS((const int *x, int *y), x, y)
