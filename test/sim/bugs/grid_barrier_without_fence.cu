// Bug: a barrier of all blocks counts them and lets them go on, and orders no memory.
// Report: race
// Launch: --grid=4 --block=32
// in i32 x = rng.integers(-99, 99, (4, 32))
// inout i32 data = np.zeros((4, 32), int) -> 2 * x
// inout u32 arrived = np.zeros(1, int) -> np.array([4])
// out i32 y = 2 * np.roll(x, -1, 0)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *data, unsigned *arrived, int *y) {
  int i = blockIdx.x * 32 + threadIdx.x;
  data[i] = 2 * x[i]; // race
  __syncthreads();
  if (threadIdx.x == 0) {
    if (!isBroken)
      __threadfence();
    atomicAdd(arrived, 1);
    while (*(volatile unsigned *)arrived != gridDim.x)
      ;
    if (!isBroken)
      __threadfence();
  }
  __syncthreads();
  y[i] = data[(i + 32) % 128]; // race
}

KERNELS((const int *x, int *data, unsigned *arrived, int *y), x, data, arrived, y)
