// Bug: rows of 5 words in shared memory are read as pairs of words.
// Report: misaligned
// Launch: --grid=1 --block=16
// in i32 x = rng.integers(-99, 99, (16, 4))
// out i32 y = x[:, :2].sum(1)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  constexpr int kStride = isBroken ? 5 : 6;
  __shared__ __align__(8) int rows[16 * kStride];
  int t = threadIdx.x;
  for (int i = 0; i < 4; ++i)
    rows[t * kStride + i] = x[t * 4 + i];
  int2 v = *reinterpret_cast<const int2 *>(rows + t * kStride); // misaligned
  y[t] = v.x + v.y;
}

KERNELS((const int *x, int *y), x, y)
