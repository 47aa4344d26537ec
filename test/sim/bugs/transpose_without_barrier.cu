// Bug: a tile is stored transposed while other warps are still loading it.
// Report: race
// Launch: --grid=2,3 --block=16,16
// in f32 x = rng.integers(-99, 99, (48, 32))
// out f32 y = x.T
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const float *x, float *y) {
  __shared__ float tile[16][17];
  int column = blockIdx.x * 16, row = blockIdx.y * 16, s = threadIdx.x, t = threadIdx.y;
  tile[t][s] = x[(row + t) * 32 + column + s]; // race
  if (!isBroken)
    __syncthreads();
  y[(column + t) * 48 + row + s] = tile[s][t]; // race
}

KERNELS((const float *x, float *y), x, y)
