// Bug: the last block writes a whole tile where a part is left.
// Report: out of bounds
// Launch: --grid=4 --block=64
// out i32 y = np.arange(250) ** 2
// scalar i32 n = 250
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *y, int n) {
  int i = blockIdx.x * 64 + threadIdx.x;
  if (isBroken || i < n)
    y[i] = i * i; // out of bounds
}

KERNELS((int *y, int n), y, n)
