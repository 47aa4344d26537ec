// Bug: the number of the round is taken for the parity of a phase.
// Report: sync
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, (4, 64))
// out i32 y = x[:, ::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ MBarrier full;
  __shared__ int tile[2][64];
  int t = threadIdx.x;
  if (t == 0)
    MBARRIER_INIT(&full, 64);
  __syncthreads();
  for (int i = 0; i < 4; ++i) {
    tile[i % 2][t] = x[i * 64 + t];
    MBARRIER_ARRIVE(&full);
    MBARRIER_WAIT(&full, isBroken ? i : i % 2); // sync
    y[i * 64 + t] = tile[i % 2][63 - t];
  }
}

KERNELS((const int *x, int *y), x, y)
