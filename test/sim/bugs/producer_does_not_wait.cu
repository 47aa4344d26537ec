// Bug: the producer fills the tile again without waiting for the barrier at which the consumer says that it is empty.
// Report: race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (5, 32))
// out i32 y = x[:, ::-1]
// scalar i32 tiles = 5
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int tiles) {
  __shared__ int tile[32];
  int lane = threadIdx.x % 32;
  if (threadIdx.x < 32) {
    for (int i = 0; i < tiles; ++i) {
      tile[lane] = x[i * 32 + lane]; // race
      BAR_SYNC(1, 64);
      if (!isBroken)
        BAR_SYNC(2, 64);
    }
  } else {
    for (int i = 0; i < tiles; ++i) {
      BAR_SYNC(1, 64);
      y[i * 32 + lane] = tile[31 - lane]; // race
      if (!isBroken)
        BAR_ARRIVE(2, 64);
    }
  }
}

KERNELS((const int *x, int *y, int tiles), x, y, tiles)
