// Bug: the flag is loaded with relaxed and not with acquire.
// Report: race
// Launch: --grid=3 --block=1
// inout u32 data = np.zeros(1, int) -> np.array([42])
// inout u32 flag = np.zeros(1, int) -> np.ones(1)
// out u32 y = np.array([0, 42, 42])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(unsigned *data, unsigned *flag, unsigned *y) {
  if (blockIdx.x == 0) {
    *data = 42; // race
    STORE("release.gpu", flag, 1);
  } else {
    unsigned isThere = 0;
    while (!isThere)
      if (isBroken)
        LOAD("relaxed.gpu", isThere, flag);
      else
        LOAD("acquire.gpu", isThere, flag);
    y[blockIdx.x] = *data; // race
  }
}

KERNELS((unsigned *data, unsigned *flag, unsigned *y), data, flag, y)
