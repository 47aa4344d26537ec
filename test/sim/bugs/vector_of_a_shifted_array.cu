// Bug: vectors are loaded from the second element on.
// Report: misaligned
// Launch: --grid=1 --block=8
// in f32 x = rng.integers(-99, 99, 33)
// out f32 y = x[1:].reshape(8, 4).sum(1)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const float *x, float *y) {
  const float *mine = x + 1 + 4 * threadIdx.x;
  if (isBroken) {
    float4 v = *reinterpret_cast<const float4 *>(mine); // misaligned
    y[threadIdx.x] = v.x + v.y + v.z + v.w;
  } else {
    y[threadIdx.x] = mine[0] + mine[1] + mine[2] + mine[3];
  }
}

KERNELS((const float *x, float *y), x, y)
