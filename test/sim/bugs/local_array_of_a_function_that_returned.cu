// Bug: a function returns the address of its own array.
// Report: out of bounds
// Launch: --grid=1 --block=32
// out i32 y = np.arange(32) + 3
#include "ptx.h"

__device__ __noinline__ int *fill(int first, int *kept, bool isBroken) {
  int own[4];
  // Compilers do not see through it.
  int *volatile values = isBroken ? own : kept;
  for (int i = 0; i < 4; ++i)
    values[i] = first + i;
  return values;
}

template <bool isBroken> __device__ void kernel(int *y) {
  int kept[4];
  y[threadIdx.x] = fill(threadIdx.x, kept, isBroken)[3]; // out of bounds
}

KERNELS((int *y), y)
