// Bug: the last block is moved back to fill its tile, and adds to what its neighbour adds to, too.
// Report: race
// Launch: --grid=4 --block=32
// in i32 x = rng.integers(-99, 99, 100)
// inout i32 y = np.arange(100) -> np.arange(100) + x
// scalar i32 n = 100
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  int first = blockIdx.x * 32;
  if (isBroken)
    first = min(first, n - 32);
  int i = first + threadIdx.x;
  if (i < n)
    y[i] += x[i]; // race
}

KERNELS((const int *x, int *y, int n), x, y, n)
