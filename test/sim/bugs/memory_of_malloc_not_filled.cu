// Bug: of two elements that malloc gives only one is filled.
// Report: uninitialised
// Launch: --grid=1 --block=32
// out i32 y = 3 * np.arange(32)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *y) {
  int *values = static_cast<int *>(malloc(2 * sizeof(int)));
  values[0] = 3 * threadIdx.x;
  if (!isBroken)
    values[1] = 0;
  y[threadIdx.x] = values[0] + values[1]; // uninitialised
  free(values);
}

KERNELS((int *y), y)
