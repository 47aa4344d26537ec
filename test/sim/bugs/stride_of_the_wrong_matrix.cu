// Bug: rows of the transposed matrix are found with the stride of the other one.
// Report: out of bounds
// Launch: --grid=2,1 --block=16,16
// in i32 x = rng.integers(-99, 99, (10, 20))
// out i32 y = x.T
// scalar i32 rows = 10
// scalar i32 columns = 20
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int rows, int columns) {
  int column = blockIdx.x * 16 + threadIdx.x, row = threadIdx.y;
  if (row < rows && column < columns)
    y[column * (isBroken ? columns : rows) + row] = x[row * columns + column]; // out of bounds
}

KERNELS((const int *x, int *y, int rows, int columns), x, y, rows, columns)
