// Bug: a function writes one element past the end of an array that its caller keeps in local memory.
// Report: out of bounds
// Launch: --grid=1 --block=8
// in i32 k = np.arange(8)
// out i32 y = 2 * k
#include "ptx.h"

__device__ __noinline__ void put(int *values, int at, int value) {
  values[at] = value; // out of bounds
}

template <bool isBroken> __device__ void kernel(const int *k, int *y) {
  int values[8], t = threadIdx.x;
  for (int i = 0; i < 8; ++i)
    values[i] = i;
  put(values, isBroken ? k[t] + 1 : k[t], 2 * t);
  y[t] = values[isBroken ? t : k[t]];
}

KERNELS((const int *k, int *y), k, y)
