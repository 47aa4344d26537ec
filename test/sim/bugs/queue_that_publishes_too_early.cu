// Bug: a queue says that an item is there before it has stored it.
// Report: race
// Launch: --grid=2 --block=1
// in u32 x = rng.integers(0, 99, 8)
// inout u32 items = np.zeros(8, int) -> x
// inout u32 tail = np.zeros(1, int) -> np.array([8])
// out u32 y = x
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const unsigned *x, unsigned *items, unsigned *tail, unsigned *y) {
#pragma unroll 1
  for (unsigned i = 0; i < 8; ++i)
    if (blockIdx.x == 0) {
      if (isBroken)
        STORE("release.gpu", tail, i + 1);
      items[i] = x[i]; // race
      if (!isBroken)
        STORE("release.gpu", tail, i + 1);
    } else {
      unsigned there = 0;
      while (there <= i)
        LOAD("acquire.gpu", there, tail);
      y[i] = items[i]; // race
    }
}

KERNELS((const unsigned *x, unsigned *items, unsigned *tail, unsigned *y), x, items, tail, y)
