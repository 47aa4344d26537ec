// Bug: a flag that another block waits for is stored like any number.
// Report: race
// Launch: --grid=2 --block=1
// inout u32 flag = np.zeros(1, int) -> np.ones(1)
// out i32 y = np.array([7])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(unsigned *flag, int *y) {
  if (blockIdx.x == 0) {
    if (isBroken)
      *flag = 1; // race
    else
      *(volatile unsigned *)flag = 1;
  } else {
    while (*(volatile unsigned *)flag == 0) // race
      ;
    *y = 7;
  }
}

KERNELS((unsigned *flag, int *y), flag, y)
