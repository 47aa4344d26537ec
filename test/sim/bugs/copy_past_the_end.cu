// Bug: an asynchronous copy of 16 bytes begins less than 16 bytes before the end.
// Report: out of bounds
// Launch: --grid=1 --block=32
// in f32 x = rng.integers(-99, 99, 126)
// out f32 y = np.pad(x, (0, 2)).reshape(32, 4).sum(1)
// scalar i32 n = 126
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const float *x, float *y, int n) {
  __shared__ float4 tile[32];
  int lane = threadIdx.x;
  if (isBroken || 4 * lane + 4 <= n)
    COPY16(&tile[lane], x + 4 * lane); // out of bounds
  else
    tile[lane] = make_float4(x[4 * lane], 4 * lane + 1 < n ? x[4 * lane + 1] : 0, 0, 0);
  WAIT_ALL(); // out of bounds
  float4 v = tile[lane];
  y[lane] = v.x + v.y + v.z + v.w;
}

KERNELS((const float *x, float *y, int n), x, y, n)
