// Bug: memory is freed while a copy from it may be on its way.
// Report: race, out of bounds
// Launch: --grid=1 --block=32
// out i32 y = 7 * np.arange(32)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *y) {
  __shared__ int tile[32];
  int t = threadIdx.x, *value = static_cast<int *>(malloc(sizeof(int)));
  *value = 7 * t;
  COPY4(tile + t, value); // race, out of bounds
  COMMIT();
  if (!isBroken)
    WAIT_GROUP(0);
  free(value); // race
  if (isBroken)
    WAIT_GROUP(0); // out of bounds
  y[t] = tile[t];
}

KERNELS((int *y), y)
