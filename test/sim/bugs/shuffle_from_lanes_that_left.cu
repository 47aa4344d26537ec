// Bug: a ragged last warp shuffles with all lanes as members, though those beyond the end have left.
// Report: uninitialised
// Launch: --grid=1 --block=64
// in i32 x = rng.integers(-99, 99, 50)
// out i32 y = np.array([x[:32].sum(), x[32:].sum()])
// scalar i32 n = 50
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  int t = threadIdx.x;
  if (isBroken && t >= n)
    return;
  int v = t < n ? x[t] : 0;
  for (int distance = 16; distance; distance /= 2)
    v += __shfl_down_sync(~0u, v, distance);
  if (t % 32 == 0)
    y[t / 32] = v; // uninitialised
}

KERNELS((const int *x, int *y, int n), x, y, n)
