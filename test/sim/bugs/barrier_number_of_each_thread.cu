// Bug: the number of a barrier, which a warp executes as a whole, comes from the thread and not from the warp.
// Report: sync
// Launch: --grid=1 --block=128
// in i32 x = rng.integers(-99, 99, 128)
// out i32 y = np.concatenate([x[:64][::-1], x[64:][::-1]])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[128];
  int t = threadIdx.x;
  tile[t] = x[t];
  BAR_SYNC(1 + (isBroken ? t / 16 % 2 : t / 64), 64); // sync
  y[t] = tile[t / 64 * 64 + 63 - t % 64];
}

KERNELS((const int *x, int *y), x, y)
