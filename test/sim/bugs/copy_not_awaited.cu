// Bug: a barrier of the block is no wait for the asynchronous copies of its threads.
// Report: race
// Launch: --grid=2 --block=64
// in i32 x = rng.integers(-99, 99, (2, 64))
// out i32 y = x[:, ::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int tile[64];
  int t = threadIdx.x, i = blockIdx.x * 64 + t;
  COPY4(&tile[t], x + i); // race
  COMMIT();
  if (!isBroken)
    WAIT_GROUP(0);
  __syncthreads();
  y[i] = tile[63 - t]; // race
}

KERNELS((const int *x, int *y), x, y)
