// Bug: the tail is cleared by plain stores while a copy may still write there.
// Report: race
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = np.where(np.arange(32) < 20, x, 0)
// scalar i32 n = 20
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  __shared__ int tile[32];
  int lane = threadIdx.x;
  if (isBroken || lane < n)
    COPY4(&tile[lane], x + lane); // race
  COMMIT();
  if (lane >= n)
    tile[lane] = 0; // race
  WAIT_GROUP(0);
  y[lane] = tile[lane];
}

KERNELS((const int *x, int *y, int n), x, y, n)
