// Bug: products are added to an accumulator that was loaded from shared memory before anybody stored there.
// Report: uninitialised
// Launch: --grid=1 --block=32
// in f64 a = rng.integers(-9, 9, (8, 4))
// in f64 b = rng.integers(-9, 9, (8, 4))
// out f64 c = a @ b.T
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const double *a, const double *b, double *c) {
  __shared__ double tile[64];
  int lane = threadIdx.x;
  if (!isBroken)
    tile[2 * lane] = tile[2 * lane + 1] = 0;
  double first = tile[2 * lane], second = tile[2 * lane + 1]; // uninitialised
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};" : "+d"(first), "+d"(second) : "d"(a[lane]), "d"(b[lane]));
  c[2 * lane] = first; // uninitialised
  c[2 * lane + 1] = second; // uninitialised
}

KERNELS((const double *a, const double *b, double *c), a, b, c)
