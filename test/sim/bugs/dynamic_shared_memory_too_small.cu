// Bug: the launch gives an element for each thread, and the kernel uses one more.
// Report: out of bounds
// Launch: --grid=1 --block=64 --smem=256
// in i32 x = rng.integers(-99, 99, 64)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  extern __shared__ int tile[];
  int t = threadIdx.x;
  tile[isBroken ? t + 1 : t] = x[t]; // out of bounds
  __syncthreads();
  y[t] = tile[isBroken ? 64 - t : 63 - t]; // out of bounds
}

KERNELS((const int *x, int *y), x, y)
