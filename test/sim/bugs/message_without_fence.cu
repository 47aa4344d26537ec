// Bug: a block says that its data are there without a fence between the data and the flag.
// Report: race
// Launch: --grid=2 --block=32
// in i32 x = rng.integers(-99, 99, 32)
// inout i32 data = np.zeros(32, int) -> x
// inout u32 flag = np.zeros(1, int) -> np.ones(1)
// out i32 y = x[::-1]
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *data, unsigned *flag, int *y) {
  int lane = threadIdx.x;
  if (blockIdx.x == 0) {
    data[lane] = x[lane]; // race
    if (!isBroken)
      __threadfence();
    __syncwarp();
    if (lane == 0)
      *(volatile unsigned *)flag = 1;
  } else {
    if (lane == 0)
      while (*(volatile unsigned *)flag == 0)
        ;
    __syncwarp();
    __threadfence();
    y[lane] = data[31 - lane]; // race
  }
}

KERNELS((const int *x, int *data, unsigned *flag, int *y), x, data, flag, y)
