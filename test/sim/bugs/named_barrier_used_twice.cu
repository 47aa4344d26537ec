// Bug: one named barrier says both that the tile is full and that it is empty, so the producer's second arrival counts for
// the first round.
// Report: race, sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (6, 32))
// out i32 y = x[:, ::-1]
// scalar i32 tiles = 6
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int tiles) {
  __shared__ int tile[32];
  int lane = threadIdx.x % 32;
  if (threadIdx.x < 32) {
    for (int i = 0; i < tiles; ++i) {
      if (!isBroken)
        BAR_SYNC(2, 64);
      tile[lane] = x[i * 32 + lane]; // race
      BAR_ARRIVE(1, 64); // sync
      if (isBroken)
        BAR_ARRIVE(1, 64); // sync
    }
  } else {
    for (int i = 0; i < tiles; ++i) {
      if (!isBroken)
        BAR_ARRIVE(2, 64);
      BAR_SYNC(1, 64); // sync
      y[i * 32 + lane] = tile[31 - lane]; // race
      if (isBroken)
        BAR_SYNC(1, 64); // sync
    }
  }
}

KERNELS((const int *x, int *y, int tiles), x, y, tiles)
