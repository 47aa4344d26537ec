// Bug: the last elements, less than a vector of them, are loaded as one.
// Report: out of bounds
// Launch: --grid=1 --block=32
// in f32 x = rng.integers(-99, 99, 102)
// out f32 y = np.pad(x, (0, 26)).reshape(32, 4).sum(1)
// scalar i32 n = 102
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const float *x, float *y, int n) {
  int t = threadIdx.x, i = 4 * t;
  float sum = 0;
  if (isBroken ? i < n : i + 4 <= n) {
    float4 v = *reinterpret_cast<const float4 *>(x + i); // out of bounds
    sum = v.x + v.y + v.z + v.w;
  } else {
    for (; i < n; ++i)
      sum += x[i];
  }
  y[t] = sum;
}

KERNELS((const float *x, float *y, int n), x, y, n)
