// Bug: the members are those below n + 1, and lane n waits for nobody's shuffle but its own branch.
// Report: sync
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = np.where(np.arange(32) < 20, x[:20].max(), 0)
// scalar i32 n = 20
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y, int n) {
  __shared__ int results[32];
  int lane = threadIdx.x, v = 0;
  unsigned members = __ballot_sync(~0u, lane < (isBroken ? n + 1 : n));
  if (lane < n)
    v = __reduce_max_sync(members, x[lane]); // sync
  results[lane] = v;
  __syncwarp(); // sync
  y[lane] = results[lane];
}

KERNELS((const int *x, int *y, int n), x, y, n)
