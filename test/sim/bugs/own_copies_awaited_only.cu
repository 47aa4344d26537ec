// Bug: each thread waits for its own copies, and reads what others have copied.
// Report: race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 256)
// out i32 y = x.reshape(64, 4)[np.arange(64) ^ 33].sum(1)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ __align__(16) int tile[64][4];
  int t = threadIdx.x;
  COPY16(tile[t], x + 4 * t); // race
  COMMIT();
  WAIT_GROUP(0);
  if (!isBroken)
    __syncthreads();
  const int *theirs = tile[t ^ 33];
  y[t] = theirs[0] + theirs[1] + theirs[2] + theirs[3]; // race
}

KERNELS((const int *x, int *y), x, y)
