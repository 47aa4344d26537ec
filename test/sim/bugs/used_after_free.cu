// Bug: a thread gives its memory back and reads it once more.
// Report: out of bounds
// Launch: --grid=2 --block=32
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = 3 * x
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  int i = blockIdx.x * 32 + threadIdx.x;
  volatile int *mine = static_cast<int *>(malloc(16));
  mine[0] = x[i];
  mine[1] = 2 * x[i];
  int first = mine[0];
  if (isBroken)
    free((void *)mine);
  y[i] = first + mine[1]; // out of bounds
  if (!isBroken)
    free((void *)mine);
}

KERNELS((const int *x, int *y), x, y)
