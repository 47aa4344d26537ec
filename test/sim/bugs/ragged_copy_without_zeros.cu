// Bug: lanes beyond the end copy nothing, and the sum takes what stands in their slots.
// Report: uninitialised
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, 27)
// out i32 y = x.sum(keepdims=True)
// scalar i32 n = 27
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  __shared__ int tile[32];
  int lane = threadIdx.x;
  if (lane < n)
    COPY4(&tile[lane], x + lane);
  else if (!isBroken)
    COPY4_PART(&tile[lane], x, 0);
  WAIT_ALL();
  __syncwarp();
  if (lane == 0) {
    int sum = 0;
    for (int i = 0; i < 32; ++i)
      sum += tile[i]; // uninitialised
    y[0] = sum; // uninitialised
  }
}

KERNELS((const int *x, int *y, int n), x, y, n)
