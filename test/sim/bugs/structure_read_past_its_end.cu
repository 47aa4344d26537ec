// Bug: a structure that is passed by value is read one element past its end.
// Report: out of bounds
// Launch: --grid=1 --block=8
// in i32 k = np.arange(8)
// out i32 y = 5 * k
#include "ptx.h"

struct Shape {
  int extents[8];
};

__device__ __noinline__ int extent(Shape shape, int at) {
  return shape.extents[at]; // out of bounds
}

template <bool isBroken> __device__ void kernel(const int *k, int *y) {
  Shape shape;
  for (int i = 0; i < 8; ++i)
    shape.extents[i] = 5 * k[i];
  y[threadIdx.x] = extent(shape, k[threadIdx.x] + isBroken);
}

KERNELS((const int *k, int *y), k, y)
