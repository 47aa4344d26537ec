// Bug: the first thread takes the block's ticket while the others' results may not be there yet.
// Report: race
// Launch: --grid=4 --block=64
// in i32 x = rng.integers(-99, 99, (4, 64))
// inout i32 squares = np.zeros((4, 64), int) -> x * x
// inout u32 tickets = np.zeros(1, int) -> np.array([4])
// out i32 y = (x * x).sum(0)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *squares, unsigned *tickets, int *y) {
  __shared__ int isLast;
  int t = threadIdx.x, v = x[blockIdx.x * 64 + t];
  squares[blockIdx.x * 64 + t] = v * v; // race
  __threadfence();
  if (!isBroken)
    __syncthreads();
  if (t == 0)
    isLast = atomicAdd(tickets, 1) == 3;
  __syncthreads();
  if (isLast) {
    __threadfence();
    int sum = 0;
    for (int i = 0; i < 4; ++i)
      sum += squares[i * 64 + t]; // race
    y[t] = sum;
  }
}

KERNELS((const int *x, int *squares, unsigned *tickets, int *y), x, squares, tickets, y)
