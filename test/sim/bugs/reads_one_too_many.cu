// Bug: the guard lets in the element behind the last.
// Report: out of bounds
// Launch: --grid=4 --block=32
// in f32 x = rng.integers(-99, 99, 100)
// out f32 y = np.array([x.sum()])
// scalar i32 n = 100
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const float *x, float *y, int n) {
  int i = blockIdx.x * 32 + threadIdx.x;
  float v = 0;
  if (isBroken ? i <= n : i < n)
    v = x[i]; // out of bounds
  atomicAdd(y, v);
}

KERNELS((const float *x, float *y, int n), x, y, n)
