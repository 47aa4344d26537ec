// Bug: blocks take a ticket without a fence behind their sums, so that the last block may miss some.
// Report: race
// Launch: --grid=6 --block=64
// in i32 x = rng.integers(-99, 99, (6, 64))
// inout i32 sums = np.zeros(6, int) -> x.sum(1)
// inout u32 tickets = np.zeros(1, int) -> np.array([6])
// out i32 y = np.array([x.sum()])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, volatile int *sums, unsigned *tickets, int *y) {
  __shared__ int sum, isLast;
  int t = threadIdx.x;
  if (t == 0)
    sum = 0;
  __syncthreads();
  atomicAdd(&sum, x[blockIdx.x * 64 + t]);
  __syncthreads();
  if (t == 0) {
    ((int *)sums)[blockIdx.x] = sum; // race
    if (!isBroken)
      __threadfence();
    isLast = atomicAdd(tickets, 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (isLast && t == 0) {
    __threadfence();
    int total = 0;
    for (int i = 0; i < gridDim.x; ++i)
      total += ((const int *)sums)[i]; // race
    *y = total;
  }
}

KERNELS((const int *x, int *sums, unsigned *tickets, int *y), x, sums, tickets, y)
