// Bug: the flag is stored with relaxed and not with release.
// Report: race
// Launch: --grid=2 --block=1
// inout u32 data = np.zeros(1, int) -> np.array([42])
// inout u32 flag = np.zeros(1, int) -> np.ones(1)
// out u32 y = np.array([42])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(unsigned *data, unsigned *flag, unsigned *y) {
  if (blockIdx.x == 0) {
    *data = 42; // race
    if (isBroken)
      STORE("relaxed.gpu", flag, 1);
    else
      STORE("release.gpu", flag, 1);
  } else {
    unsigned isThere = 0;
    while (!isThere)
      LOAD("acquire.gpu", isThere, flag);
    *y = *data; // race
  }
}

KERNELS((unsigned *data, unsigned *flag, unsigned *y), data, flag, y)
