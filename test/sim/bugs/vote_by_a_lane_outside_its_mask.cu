// Bug: all lanes vote with the mask of the even ones.
// Report: sync
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(0, 2, 32)
// out i32 y = np.where(np.arange(32) % 2 == 0, (x[::2] << np.arange(0, 32, 2)).sum(), 0)
// scalar u32 even = 0x55555555
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, unsigned even) {
  int lane = threadIdx.x;
  unsigned votes = 0;
  if (isBroken || lane % 2 == 0)
    votes = __ballot_sync(even, x[lane]); // sync
  y[lane] = lane % 2 == 0 ? votes : 0;
}

KERNELS((const int *x, int *y, unsigned even), x, y, even)
