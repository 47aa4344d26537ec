// Bug: the reader sees the flag and reads the data with no fence between the two.
// Report: race
// Launch: --grid=2 --block=1
// inout i32 data = np.zeros(1, int) -> np.array([42])
// inout u32 flag = np.zeros(1, int) -> np.ones(1)
// out i32 y = np.array([42])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *data, unsigned *flag, int *y) {
  if (blockIdx.x == 0) {
    *data = 42; // race
    __threadfence();
    *(volatile unsigned *)flag = 1;
  } else {
    while (*(volatile unsigned *)flag == 0)
      ;
    if (!isBroken)
      __threadfence();
    *y = *data; // race
  }
}

KERNELS((int *data, unsigned *flag, int *y), data, flag, y)
