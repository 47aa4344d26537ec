// Bug: a flag for the whole block is reset for the next round before all threads have read it.
// Report: race
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(0, 40, 64)
// out i32 rounds = np.full(64, 1 + x.max())
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *rounds) {
  __shared__ int isAnyLeft;
  int t = threadIdx.x, left = x[t], count = 0, more = 1;
  while (more) {
    if (t == 0)
      isAnyLeft = 0; // race
    __syncthreads();
    if (left > 0)
      atomicExch(&isAnyLeft, 1); // race
    --left;
    ++count;
    __syncthreads();
    more = isAnyLeft; // race
    if (!isBroken)
      __syncthreads();
  }
  rounds[t] = count;
}

KERNELS((const int *x, int *rounds), x, rounds)
