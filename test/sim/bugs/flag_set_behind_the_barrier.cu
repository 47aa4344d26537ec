// Bug: one warp waits for a flag that another one sets behind a barrier, which waits for the first.
// Report: deadlock
// Launch: --grid=1 --block=64
// out i32 y = np.full(64, 5)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(int *y) {
  __shared__ volatile int flag;
  int t = threadIdx.x;
  if (t == 0)
    flag = 0;
  __syncthreads();
  if (!isBroken && t == 63)
    flag = 5;
  if (t < 32)
    while (flag == 0) // deadlock
      ;
  __syncthreads(); // deadlock
  if (isBroken && t == 63)
    flag = 5;
  __syncthreads();
  y[t] = flag;
}

KERNELS((int *y), y)
