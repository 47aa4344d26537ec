// Bug: warps go around a loop with a barrier as often as each has work, so that they meet in different rounds.
// Report: race, sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (3, 64))
// out i32 y = np.concatenate([x[:2, ::-1][:, :32].sum(0), x[:, ::-1][:, 32:].sum(0)])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[64];
  int t = threadIdx.x, trips = t < 32 ? 2 : 3, sum = 0;
  for (int i = 0; i < (isBroken ? trips : 3); ++i) {
    tile[t] = x[i * 64 + t]; // race
    __syncthreads(); // sync
    if (i < trips)
      sum += tile[63 - t]; // race
    __syncthreads(); // sync
  }
  __syncthreads(); // sync
  tile[t] = sum; // race
  __syncthreads(); // sync
  y[t] = tile[t];
}

KERNELS((const int *x, int *y), x, y)
