// Bug: an index that is counted in bytes leaves an array in local memory by far, where a store hits what nobody reads.
// Report: out of bounds
// Launch: --grid=1 --block=8
// in i32 k = np.arange(8)[::-1]
// out i32 y = k
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *k, int *y) {
  int inverse[64], t = threadIdx.x;
  for (int i = 0; i < 64; ++i)
    inverse[i] = 0;
  for (int i = 0; i < 8; ++i)
    inverse[k[i] * (isBroken ? 16 * sizeof(int) : 1)] = i; // out of bounds
  y[t] = inverse[isBroken ? 0 : t];
}

KERNELS((const int *k, int *y), k, y)
