// Bug: the first element of a stencil has no left neighbour.
// Report: out of bounds
// Launch: --grid=2 --block=64
// in f32 x = rng.integers(-99, 99, 100)
// out f32 y = np.pad(x, (1, 0))[:-1] + x
// scalar i32 n = 100
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const float *x, float *y, int n) {
  int i = blockIdx.x * 64 + threadIdx.x;
  if (i >= n)
    return;
  float left = 0;
  if (isBroken || i > 0)
    left = x[i - 1]; // out of bounds
  y[i] = left + x[i];
}

KERNELS((const float *x, float *y, int n), x, y, n)
