// Bug: a matrix instruction, which needs the whole warp, stands in a branch that a half of it takes.
// Report: sync
// Launch: --grid=1 --block=32
// in f64 a = rng.integers(-9, 9, (8, 4))
// in f64 b = rng.integers(-9, 9, (8, 4))
// out f64 c = a @ b.T
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const double *a, const double *b, double *c) {
  int lane = threadIdx.x;
  double first = 0, second = 0;
  if (!isBroken || lane < 16)
    asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};" : "+d"(first), "+d"(second) : "d"(a[lane]), "d"(b[lane])); // sync
  __syncwarp(); // sync
  c[2 * lane] = first;
  c[2 * lane + 1] = second;
}

KERNELS((const double *a, const double *b, double *c), a, b, c)
